//! What `callbook import` and `callbook export` take.

use std::path::PathBuf;

use callbook::model::account::AccountId;
use callbook::model::time::{InvalidRangeEnd, RangeEnd};
use clap::{Args, Subcommand, ValueEnum};

use super::StoreArgs;

/// `callbook import ...`
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Record calls of the past, from CSV with a header line or from one JSON object a line
    #[command(after_help = "\
Columns, in any order; others are ignored:
  call_date    when the call started; without an offset in the account's time zone
  direction    inbound or outbound
  call_from    who called; digits that are no number, such as 000, where there was none
  call_to      who was called
and, where they are known:
  end_date, duration (seconds), disposition, cost, date_billed, notes,
  external_id  what the call is called where it comes from
  call_id      the same, in a file that `callbook export calls` wrote

An inbound call makes its caller's lead, and can be billed; one from digits that are no number makes
none. A word for a caller without a number, such as anonymous, is not taken. What has a cost and no
date_billed was billed when the call ended, or where that is not known, when it started.

Running an import again records nothing twice: a call is known by its start, direction, numbers and
external_id, or by its call_id where this account has it. Rows that cannot be read, and those of a
call that another row has recorded as something else, go to the rejects file with their line and all
that is wrong with them; mend them there and import that file. Where a quote is not closed, the rows
behind it are in its cell: mend FILE itself and import it again.

Examples:
  callbook import calls calls.csv --account 12345678
  zcat calls.ndjson.gz | callbook import calls - --format ndjson --account 12345678")]
    Calls(ImportArgs),
}

/// `callbook import calls`
#[derive(Debug, Args)]
pub struct ImportArgs {
    #[command(flatten)]
    pub file: FileArgs,
    /// Whose calls
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// A file of rows.
#[derive(Debug, Args)]
pub struct FileArgs {
    /// The file; `-` is the standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How the file is written [default: ndjson where its name ends in .ndjson or .jsonl, else csv]
    #[arg(long)]
    pub format: Option<TableFormat>,
    /// Where the rows go that cannot be taken, a file that is not there yet [default: FILE with the
    /// ending .rejects.csv or .rejects.ndjson, or .rejects.2.csv and so on]
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
}

/// `callbook export ...`
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// Write the rows of the call report, however many, of any range
    #[command(after_help = "\
Examples:
  callbook export calls --account 12345678 --from 2026-11-01 --to 2026-11-30 -o november.csv
  callbook export calls --account 12345678 --from 2026-11-21T00:00:00Z --to 2026-11-21T12:00:00Z \\
    --format ndjson
  callbook export calls --account 12345678 --from 2016-01-01 --to 2026-12-31 -o history.csv")]
    Calls(ExportArgs),
}

/// `callbook export calls`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Whose calls
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    /// The first day, YYYY-MM-DD in the account's time zone; or an RFC 3339 instant
    #[arg(long, value_name = "DATE", value_parser = end_of)]
    pub from: RangeEnd,
    /// The last day, with all its calls; or the RFC 3339 instant behind the last call
    #[arg(long, value_name = "DATE", value_parser = end_of)]
    pub to: RangeEnd,
    /// How to write them
    #[arg(long, default_value = "csv")]
    pub format: TableFormat,
    /// The file to write, readable by you alone; `-` is the standard output, as is no file
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// How rows are written in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// With a header line
    Csv,
    /// One JSON object a line
    Ndjson,
}

fn end_of(text: &str) -> Result<RangeEnd, InvalidRangeEnd> {
    RangeEnd::parse(text)
}
