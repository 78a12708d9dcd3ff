//! `callbook export calls` and `callbook export costs`: write a report to a file, page by page.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use callbook::clock::Clock;
use callbook::dialect::teletracker::call_rows::{Format, Rows};
use callbook::ledger::{CostRow, Ledger, Sum, Totals};
use callbook::model::account::Account;
use callbook::model::cost_filter::{CostFilter, CostOrder};
use callbook::model::report::CallFilter;
use callbook::model::time::{CLOCK_SKEW, Range};
use indicatif::ProgressBar;
use serde_json::{Map, Value, json};

use super::import::INTERRUPTED;
use crate::accounts::find_account;
use crate::args::{ExportArgs, ExportCostsArgs, ExportRowsCommand, TableFormat};
use crate::costs::list;
use crate::costs::rows::CostRows;
use crate::retention::note_cut;
use crate::{output, store};
use callbook_local::folder;

/// The closing lines of an export, in order.
const SUMMARY: [&str; 8] = [
    "rows",
    "billed",
    "sum",
    "unmatched",
    "superseded",
    "void",
    "adjusted",
    "file",
];

/// What an export wrote.
struct Exported {
    rows: usize,
    /// The rows with money, and what they sum up to.
    sum: Sum,
    /// The sums of the costs that were billed in the range.
    totals: Totals,
}

/// Runs the command.
///
/// # Errors
/// Returns an error if the account does not exist, the range is not valid, the file cannot be written, or
/// DynamoDB does not answer in time.
pub async fn run(command: ExportRowsCommand) -> Result<ExitCode> {
    let (store, account, format, file) = match &command {
        ExportRowsCommand::Calls(args) => (&args.store, &args.account, args.format, &args.output),
        ExportRowsCommand::Costs(args) => {
            (&args.store, &args.range.account, args.format, &args.output)
        }
    };
    let path = file.as_deref().filter(|path| *path != Path::new("-"));
    ensure!(
        path.is_some() || !store.json || format == TableFormat::Ndjson,
        "--json only describes the file of --output; to write the rows as JSON, use --format ndjson"
    );
    let ledger = store::open(store).await?;
    let account = find_account(&ledger, account).await?;
    let interrupted = interrupt()?;
    let Some(path) = path else {
        let out = output::rows_out();
        let written = tokio::select! {
            written = write(&ledger, &account, &command, out) => written,
            () = interrupted => {
                output::note("Stopped before the last row. Run the same command again.");
                return Ok(ExitCode::from(INTERRUPTED));
            }
        };
        match written {
            // The reader, such as `head`, has read enough: that is not a failure.
            Err(error) if is_broken_pipe(&error) => {}
            written => {
                let summary = summary(&written?, &account, None);
                output::note(&in_one_line(&summary));
            }
        }
        return Ok(ExitCode::SUCCESS);
    };
    let (ExportRowsCommand::Calls(ExportArgs { force, .. })
    | ExportRowsCommand::Costs(ExportCostsArgs { force, .. })) = &command;
    let may_write = || {
        ensure!(
            *force || path.symlink_metadata().is_err(),
            "the file {} exists already; name another one with --output, or replace it with --force",
            path.display()
        );
        Ok(())
    };
    may_write()?;
    // An incomplete file must never have the requested name.
    let part = with_suffix(path, ".part");
    folder::remove_file(&part).with_context(|| cannot_write(&part))?;
    let file = folder::open_append(&part)?;
    let written = tokio::select! {
        written = write(&ledger, &account, &command, file) => written?,
        () = interrupted => {
            folder::remove_file(&part).with_context(|| cannot_write(&part))?;
            output::note(&format!(
                "Stopped: {} is not written, and nothing else is changed. Run the same\ncommand again to write it.",
                path.display()
            ));
            return Ok(ExitCode::from(INTERRUPTED));
        }
    };
    may_write()?;
    fs::rename(&part, path).with_context(|| cannot_write(path))?;
    let summary = summary(&written, &account, Some(path));
    if store.json {
        output::json(&summary)?;
    } else {
        output::record(&summary, &SUMMARY)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns a future that completes on Ctrl-C. From here on Ctrl-C does nothing else, so that a file that is begun
/// is also removed.
fn interrupt() -> Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    Ok(async move {
        #[cfg(unix)]
        signal.recv().await;
        #[cfg(not(unix))]
        drop(tokio::signal::ctrl_c().await);
    })
}

async fn write(
    ledger: &Ledger,
    account: &Account,
    command: &ExportRowsCommand,
    out: impl Write,
) -> Result<Exported> {
    match command {
        ExportRowsCommand::Calls(args) => write_calls(ledger, account, args, out).await,
        ExportRowsCommand::Costs(args) => write_costs(ledger, account, args, out).await,
    }
}

/// The closing lines: what was written, and which money of the range is in no row that counts.
fn summary(written: &Exported, account: &Account, path: Option<&Path>) -> Value {
    let Exported { rows, sum, totals } = written;
    let currency = account.currency.as_str();
    let in_words = |sum: &Sum| format!("{} {currency} in {}", sum.four_places(), sum.count);
    let mut summary = Map::new();
    summary.insert("rows".to_owned(), json!(rows));
    summary.insert("billed".to_owned(), json!(sum.count));
    let total = format!("{} {currency}", sum.four_places());
    summary.insert("sum".to_owned(), json!(total));
    for (name, sum) in [
        ("unmatched", &totals.unmatched),
        ("superseded", &totals.superseded),
        ("void", &totals.void),
        ("adjusted", &totals.adjusted),
    ] {
        summary.insert(name.to_owned(), json!(in_words(sum)));
    }
    if let Some(path) = path {
        summary.insert("file".to_owned(), json!(path.display().to_string()));
    }
    Value::Object(summary)
}

fn in_one_line(summary: &Value) -> String {
    let parts = SUMMARY.iter().filter_map(|name| {
        let value = summary.get(name)?;
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        Some(format!("{name}: {text}"))
    });
    parts.collect::<Vec<_>>().join("; ")
}

async fn write_calls(
    ledger: &Ledger,
    account: &Account,
    args: &ExportArgs,
    out: impl Write,
) -> Result<Exported> {
    let range = Range::of_any_length(args.from, args.to, &account.zone)?;
    note_cut("calls", &account.calls_kept, range.from, &account.id);
    // No call is recorded further ahead than clocks may differ.
    let until_now = range.until(Clock::system().now().plus(CLOCK_SKEW));
    let format = match args.format {
        TableFormat::Csv => Format::Csv,
        TableFormat::Ndjson => Format::Ndjson,
    };
    let filter = CallFilter::default();
    let mut report = ledger.call_report(&account.id, account.shards, until_now, filter, None, None);
    let mut out = BufWriter::new(out);
    let mut rows = Rows::new(format, account);
    let mut sum = Sum::default();
    let progress = ProgressBar::new_spinner();
    while let Some(batch) = report.next().await? {
        for row in batch {
            rows.push(&row)?;
            if let Some(cost) = row.cost.as_deref().and_then(|cost| cost.parse().ok()) {
                sum.add(cost);
            }
        }
        out.write_all(&rows.take()?)?;
        progress.set_message(output::counted(rows.count(), "call"));
        progress.tick();
    }
    let count = rows.count();
    out.write_all(rows.finish()?.as_bytes())?;
    out.flush()?;
    progress.finish_and_clear();
    let mut totals = Totals::default();
    let mut report = ledger.cost_report(account, range, CostOrder::Billed, None);
    while let Some(costs) = report.next().await? {
        costs.iter().for_each(|cost| totals.add(cost));
    }
    let filter = CostFilter::default();
    list::add_adjustments(ledger, account, range, &filter, &mut totals).await?;
    Ok(Exported {
        rows: count,
        sum,
        totals,
    })
}

async fn write_costs(
    ledger: &Ledger,
    account: &Account,
    args: &ExportCostsArgs,
    out: impl Write,
) -> Result<Exported> {
    let mut rows = CostRows::new(args.format, BufWriter::new(out))?;
    let progress = ProgressBar::new_spinner();
    let mut count = 0;
    let each = |row: &CostRow| {
        count += 1;
        if count % 1_000 == 0 {
            progress.set_message(output::counted(count, "cost"));
            progress.tick();
        }
        rows.push(row, account)
    };
    let totals = list::read(ledger, account, &args.range, each).await?;
    rows.finish()?;
    progress.finish_and_clear();
    Ok(Exported {
        rows: count,
        sum: totals.in_force,
        totals,
    })
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write the file {}", path.display())
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<io::Error>().map(io::Error::kind);
    let csv = error.downcast_ref::<csv::Error>().map(csv::Error::kind);
    match (io, csv) {
        (Some(kind), _) => kind == io::ErrorKind::BrokenPipe,
        (None, Some(csv::ErrorKind::Io(error))) => error.kind() == io::ErrorKind::BrokenPipe,
        _ => false,
    }
}
