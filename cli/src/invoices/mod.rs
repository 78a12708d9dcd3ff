//! `callbook invoice`: compares vendors' statements with the ledger.

mod summary;

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use callbook::clock::Clock;
use callbook::dialect::callbook::invoice::{InvoiceView, RowView};
use callbook::model::account::Account;
use callbook::model::cell::defused;
use callbook::model::cost_filter::CostOrder;
use callbook::model::invoice::columns::Mapping;
use callbook::model::invoice::compare::compare;
use callbook::model::invoice::fault::StatementFault;
use callbook::model::invoice::line::StatementLine;
use callbook::model::invoice::read::read_lines;
use callbook::model::invoice::result::{Comparison, Kind};
use callbook::model::invoice::table::read_table;
use callbook::model::time::{CallDate, CivilDay, Range, RangeEnd};
use callbook_local::folder;
use serde_json::json;

use crate::accounts::find_account;
use crate::args::{InvoiceArgs, InvoiceCommand};
use crate::retention::note_cut;
use crate::{output, store};

/// How many faults of a statement are told.
const MOST_FAULTS: usize = 20;

/// Runs the command: 0 if all is agreed, 1 if there are differences.
///
/// # Errors
/// Returns an error if the statement cannot be read, the account or the vendor does not exist, the file of
/// differences exists or cannot be written, or DynamoDB does not answer in time.
pub async fn run(command: InvoiceCommand) -> Result<ExitCode> {
    let InvoiceCommand::Check(args) = command;
    let path = differences_path(&args);
    ensure!(
        args.force || path.symlink_metadata().is_err(),
        "the file {} exists already; name another one with --output, or replace it with --force",
        path.display()
    );
    let text = read(&args.file)?;
    let ledger = store::open(&args.store).await?;
    let account = find_account(&ledger, &args.account).await?;
    ledger.vendor(&account.id, &args.vendor).await?.with_context(|| {
        let (account, vendor) = (&account.id, &args.vendor);
        format!("account {account} has no vendor {vendor}; `callbook vendor list --account {account}` lists its vendors")
    })?;
    let mapping: Mapping = args.columns.iter().cloned().collect();
    let lines = read_table(&text, &mapping)
        .and_then(|raw| read_lines(&raw, args.decimal, &account))
        .map_err(|faults| unreadable(&args.file, &faults))?;
    let range = range(&args, &lines, &account)?;
    note_cut("costs", &account.costs_kept, range.from, &account.id);
    // A statement lists calls, and its days are theirs. A range of the user's is one of billing.
    let by = match (&args.from, &args.to) {
        (None, None) => CostOrder::Call,
        _ => CostOrder::Billed,
    };
    let by = args.by.unwrap_or(by);
    let entries = ledger
        .entries_to_compare(&account, &args.vendor, range, by)
        .await?;
    let comparison = compare(&lines, &entries, &account.zone, args.tolerance);
    let written = match comparison.is_agreed() {
        true => None,
        false => {
            write(&path, args.force, &comparison, &account)?;
            Some(path)
        }
    };
    if args.store.json {
        let of = (&account, &args.vendor);
        let view = InvoiceView::of(
            &comparison,
            of,
            (range, by, Clock::system().now()),
            args.tolerance,
            usize::MAX,
        );
        let mut view = serde_json::to_value(view)?;
        if let Some(fields) = view.as_object_mut() {
            let file = written.as_ref().map(|path| path.display().to_string());
            fields.insert("file".to_owned(), json!(file));
        }
        output::json(&view)?;
    } else {
        let text = summary::text(&comparison, (&account, &args.vendor), (range, by));
        output::print(&text)?;
        if let Some(path) = &written {
            output::note(&format!("The differences are in {}.", path.display()));
        }
    }
    Ok(match written {
        None => ExitCode::SUCCESS,
        Some(_) => ExitCode::FAILURE,
    })
}

fn differences_path(args: &InvoiceArgs) -> PathBuf {
    match &args.output {
        Some(path) => path.clone(),
        None if args.file == Path::new("-") => PathBuf::from("statement.differences.csv"),
        None => args.file.with_extension("differences.csv"),
    }
}

fn read(path: &Path) -> Result<String> {
    let cannot_read = || format!("cannot read the file {}", path.display());
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin()
            .read_to_end(&mut bytes)
            .with_context(cannot_read)?;
    } else {
        bytes = fs::read(path).with_context(cannot_read)?;
    }
    String::from_utf8(bytes).map_err(|_| {
        anyhow::anyhow!(
            "the file {} is not UTF-8; save it as CSV UTF-8",
            path.display()
        )
    })
}

fn unreadable(path: &Path, faults: &[StatementFault]) -> anyhow::Error {
    let mut text = format!("cannot compare {}; nothing was compared:", path.display());
    for fault in faults.iter().take(MOST_FAULTS) {
        text.push_str(&format!("\n  {fault}"));
    }
    if let Some(more) = faults
        .len()
        .checked_sub(MOST_FAULTS)
        .filter(|more| *more > 0)
    {
        text.push_str(&format!("\n  and {more} more"));
    }
    text.push_str(
        "\n--column COLUMN=NAME maps a column, --decimal point or comma says what amounts mean",
    );
    anyhow::Error::msg(text)
}

/// The range of the arguments, or else from the first to the last day on the statement.
fn range(args: &InvoiceArgs, lines: &[StatementLine], account: &Account) -> Result<Range> {
    let days = || {
        let moments = lines
            .iter()
            .filter_map(|line| line.date)
            .map(CallDate::shown);
        moments.map(|moment| CivilDay::of(moment, &account.zone))
    };
    let from = args.from.or_else(|| days().min().map(RangeEnd::Day));
    let to = args.to.or_else(|| days().max().map(RangeEnd::Day));
    let (Some(from), Some(to)) = (from, to) else {
        bail!("the statement has no dates: say its range with --from and --to");
    };
    Ok(Range::of_any_length(from, to, &account.zone)?)
}

/// Writes every row that is not agreed.
fn write(path: &Path, force: bool, comparison: &Comparison<'_>, account: &Account) -> Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "kind",
        "line",
        "date",
        "did",
        "caller",
        "call_id",
        "amount",
        "ledger_amount",
        "difference",
        "cost_id",
        "state",
        "billed_at",
        "expectation",
        "note",
        "repeats_line",
    ])?;
    for bucket in comparison
        .buckets
        .iter()
        .filter(|bucket| bucket.kind != Kind::Agreed)
    {
        for row in &bucket.rows {
            let view = RowView::of(row, &account.zone);
            let number =
                |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
            let (line, repeats) = (number(view.line), number(view.repeats_line));
            writer.write_record([
                bucket.kind.as_str(),
                line.as_str(),
                view.date.as_deref().unwrap_or_default(),
                view.did.unwrap_or_default(),
                view.caller.unwrap_or_default(),
                &defused(view.call_id.unwrap_or_default()),
                view.amount.as_deref().unwrap_or_default(),
                view.ledger_amount.as_deref().unwrap_or_default(),
                view.difference.as_str(),
                view.cost_id.unwrap_or_default(),
                view.state.unwrap_or_default(),
                view.billed_at.as_deref().unwrap_or_default(),
                view.expectation.unwrap_or_default(),
                view.note.unwrap_or_default(),
                repeats.as_str(),
            ])?;
        }
    }
    let contents = writer.into_inner()?;
    let cannot_write = || format!("cannot write the file {}", path.display());
    if force {
        return folder::replace(path, &contents).with_context(cannot_write);
    }
    let mut file = folder::create_file(path).with_context(cannot_write)?;
    io::Write::write_all(&mut file, &contents).with_context(cannot_write)
}
