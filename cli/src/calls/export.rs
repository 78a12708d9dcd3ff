//! `callbook export calls`: writes the call report to a file, page by page.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use callbook::clock::Clock;
use callbook::dialect::teletracker::call_rows::{Format, Rows};
use callbook::ledger::Ledger;
use callbook::model::account::Account;
use callbook::model::report::CallFilter;
use callbook::model::time::{CLOCK_SKEW, Range};
use indicatif::ProgressBar;
use serde_json::json;

use crate::accounts::find_account;
use crate::args::{ExportArgs, ExportCommand, TableFormat};
use crate::{output, store};
use callbook_local::folder;

/// Runs the command.
///
/// # Errors
/// Returns an error if the account does not exist, the range is not valid, the file cannot be written, or
/// DynamoDB does not answer in time.
pub async fn run(command: ExportCommand) -> Result<()> {
    let ExportCommand::Calls(args) = command;
    let path = args.output.as_deref();
    let path = path.filter(|path| *path != Path::new("-"));
    ensure!(
        path.is_some() || !args.store.json || args.format == TableFormat::Ndjson,
        "--json only describes the file of --output; to write the rows as JSON, use --format ndjson"
    );
    let ledger = store::open(&args.store).await;
    let account = find_account(&ledger, &args.account).await?;
    let Some(path) = path else {
        let out = io::stdout().lock();
        return match write(&ledger, &account, &args, out).await {
            // The reader, such as `head`, has read enough: that is not a failure.
            Err(error) if is_broken_pipe(&error) => Ok(()),
            written => written.map(drop),
        };
    };
    // An incomplete file must never have the requested name.
    let part = with_suffix(path, ".part");
    folder::remove_file(&part).with_context(|| cannot_write(&part))?;
    let rows = write(&ledger, &account, &args, folder::open_append(&part)?).await?;
    fs::rename(&part, path).with_context(|| cannot_write(path))?;
    let summary = json!({"rows": rows, "file": path.display().to_string()});
    if args.store.json {
        output::json(&summary)
    } else {
        output::record(&summary, &["rows", "file"])
    }
}

async fn write(
    ledger: &Ledger,
    account: &Account,
    args: &ExportArgs,
    out: impl Write,
) -> Result<usize> {
    let range = Range::of_any_length(args.from, args.to, &account.zone)?;
    // No call is recorded further ahead than clocks may differ.
    let range = range.until(Clock::system().now().plus(CLOCK_SKEW));
    let format = match args.format {
        TableFormat::Csv => Format::Csv,
        TableFormat::Ndjson => Format::Ndjson,
    };
    let filter = CallFilter::default();
    let mut report = ledger.call_report(&account.id, account.shards, range, filter, None, None);
    let mut out = BufWriter::new(out);
    let mut rows = Rows::new(format, account);
    let progress = ProgressBar::new_spinner();
    while let Some(batch) = report.next().await? {
        for row in batch {
            rows.push(&row)?;
        }
        out.write_all(&rows.take()?)?;
        progress.set_message(format!("{} calls", rows.count()));
        progress.tick();
    }
    let count = rows.count();
    out.write_all(rows.finish()?.as_bytes())?;
    out.flush()?;
    progress.finish_and_clear();
    Ok(count)
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
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
