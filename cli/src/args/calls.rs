//! The arguments of `callbook import` and `callbook export`.

use std::path::PathBuf;

use callbook::model::account::AccountId;
use callbook::model::time::RangeEnd;
use clap::{Args, Subcommand, ValueEnum};

use super::cost::CostRangeArgs;
use super::range::range_end;
use super::store::StoreArgs;

/// `callbook import ...`
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Import past calls from CSV with a header line, or from one JSON object a line
    #[command(after_help = "\
Columns, in any order; other columns are ignored:
  call_date    when the call started; without an offset, in the account's time zone
  direction    inbound or outbound
  call_from    the caller's number, or the digits that were shown instead of a number, such as 000
  call_to      the called number
Optional columns:
  end_date, duration (seconds), disposition, cost, date_billed, notes,
  external_id  the call's ID in the system that it comes from
  call_id      the same, in a file written by `callbook export calls`

An inbound call creates a lead for its caller and can be billed. If call_from is not a phone number, no
lead is created. A word such as anonymous is rejected. A call with a cost but no date_billed counts as
billed when it ended or, if its end is not known, when it started.

Importing a file again records no call twice. A call is identified by its start, direction, numbers and
external_id, or by its call_id if this account has that call. A row is rejected if it cannot be read, or
if the same call is already recorded with different details. The rejects file has every rejected row, with
its line number and everything that is wrong with it. Correct the rows there and import that file. If a
quote is never closed, the rows after it become part of its cell: correct FILE itself and import it again.

If most rows have a call of another source at one distance, the import says so: the clock of the system
that wrote the file was wrong, and each call is in the log twice. Try the first rows of a new source on
their own, and give --clock if its clock is wrong. Rows that are imported with another --clock are other
calls.

Examples:
  callbook import calls calls.csv --account 12345678
  callbook import calls pbx.csv --account 12345678 --clock -120
  zcat calls.ndjson.gz | callbook import calls - --format ndjson --account 12345678")]
    Calls(ImportArgs),
}

/// `callbook import calls`
#[derive(Debug, Args)]
pub struct ImportArgs {
    #[command(flatten)]
    pub file: FileArgs,
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    /// Seconds to add to the start and the end of each call, because the clock of the system that wrote the file was
    /// behind; negative if it was ahead
    #[arg(long, value_name = "SECONDS", default_value_t = 0, allow_negative_numbers = true,
        value_parser = clap::value_parser!(i32).range(-86_400..=86_400))]
    pub clock: i32,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// A file of rows.
#[derive(Debug, Args)]
pub struct FileArgs {
    /// The file to read; `-` is the standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The file's format [default: ndjson if its name ends in .ndjson or .jsonl, else csv]
    #[arg(long)]
    pub format: Option<TableFormat>,
    /// The file to write rejected rows to, which must not exist [default: FILE with the ending
    /// .rejects.csv or .rejects.ndjson, or the first free one of .rejects.2.csv and so on]
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
}

/// `callbook export ...`
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// Export the call report for a range of any length, with any number of rows
    #[command(after_help = "\
Examples:
  callbook export calls --account 12345678 --from 2026-11-01 --to 2026-11-30 -o november.csv
  callbook export calls --account 12345678 --from 2026-11-21T00:00:00Z --to 2026-11-21T12:00:00Z \\
    --format ndjson
  callbook export calls --account 12345678 --from 2016-01-01 --to 2026-12-31 -o history.csv")]
    Calls(ExportArgs),
    /// Export the costs of a range of any length, with what became of each
    #[command(after_help = "\
Examples:
  callbook export costs --account 12345678 --from 2026-11-01 --to 2026-11-30 -o costs.csv
  callbook export costs --account 12345678 --from 2026-11-01 --to 2026-11-30 --vendor acme \
    --format ndjson")]
    Costs(ExportCostsArgs),
}

/// `callbook export calls`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    /// The first day, YYYY-MM-DD in the account's time zone; or an RFC 3339 instant
    #[arg(long, value_name = "DATE", value_parser = range_end)]
    pub from: RangeEnd,
    /// The last day, inclusive, YYYY-MM-DD; or an RFC 3339 instant, exclusive
    #[arg(long, value_name = "DATE", value_parser = range_end)]
    pub to: RangeEnd,
    /// The output format
    #[arg(long, default_value = "csv")]
    pub format: TableFormat,
    /// The file to write, readable only by you [default: `-`, the standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace the file of --output if it exists
    #[arg(long, requires = "output")]
    pub force: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `callbook export costs`
#[derive(Debug, Args)]
pub struct ExportCostsArgs {
    #[command(flatten)]
    pub range: CostRangeArgs,
    /// The output format
    #[arg(long, default_value = "csv")]
    pub format: TableFormat,
    /// The file to write, readable only by you [default: `-`, the standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace the file of --output if it exists
    #[arg(long, requires = "output")]
    pub force: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// The format of a file of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// With a header line
    Csv,
    /// One JSON object a line
    Ndjson,
}
