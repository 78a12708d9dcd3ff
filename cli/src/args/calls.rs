//! The arguments of `callbook import` and `callbook export`.

use std::path::PathBuf;

use callbook::model::account::{AccountId, DateOrder};
use callbook::model::time::{DateFormat, RangeEnd};
use clap::{Args, Subcommand, ValueEnum};
use encoding_rs::Encoding;

use super::backup::ExportAllArgs;
use super::cost::CostRangeArgs;
use super::range::range_end;
use super::store::StoreArgs;

/// The columns that every file of calls must have.
pub const REQUIRED_COLUMNS: [&str; 4] = ["call_date", "direction", "call_from", "call_to"];

/// The columns that a file of calls may omit.
pub const OPTIONAL_COLUMNS: [&str; 9] = [
    "end_date",
    "duration",
    "elapsed",
    "disposition",
    "cost",
    "date_billed",
    "notes",
    "external_id",
    "call_id",
];

/// `callbook import ...`
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Import past calls from the call records of a PBX or a call platform
    ///
    /// The file is CSV or has one JSON object a line. Its software is recognised by its columns: see `callbook
    /// import profiles`. Any other file is read with --column.
    #[command(after_help = "\
Columns, in any order; other columns are ignored:
  call_date    when the call started; without an offset, in the account's zone
  direction    inbound or outbound
  call_from    the caller's number, or the digits that were shown instead
  call_to      the called number
Optional columns:
  end_date     when the call ended
  duration     how long it took: seconds, H:MM:SS, M:SS or 3m19s; from the
               answer, if elapsed has the time from start to end
  elapsed, disposition, cost, date_billed, notes
  external_id  the call's ID in the system that it comes from
  call_id      the same, in a file written by `callbook export calls`

Dates may be written as in RFC 3339, YYYY-MM-DD HH:MM:SS, MM/DD/YYYY or
DD/MM/YYYY with or without a time, DD.MM.YYYY, or Unix seconds. One file has one
order of day and month: that which a row proves, else the account's. A file with
both is refused. Of an hour that comes twice, at the end of daylight saving, the
pass counts in which the call takes as long as its duration.

Amounts of other software are not read as costs unless --column cost=COLUMN says
so. An inbound call creates a lead for its caller and can be billed. If
call_from is not a phone number, no lead is created. A call with a cost but no
date_billed counts as billed when it ended or, if its end is not known, when it
started.

Importing a file again records no call twice. A call is identified by its start,
direction, numbers and external_id, or by its call_id if this account has that
call. A row is rejected if it cannot be read, or if the same call is already
recorded with different details. The rejects file has every rejected row, with
its line number and everything that is wrong with it. Correct the rows there and
import that file. If a quote is never closed, the rows after it become part of
its cell: correct FILE itself and import it again.

If most rows have a call of another source at one distance, the import says so:
the clock of the system that wrote the file was wrong, and each call is in the
log twice. Try a new source with --dry-run, and give --clock if its clock is
wrong. Rows that are imported with another --clock are other calls.

Examples:
  callbook import calls Master.csv --account 12345678 --dry-run
  callbook import calls calls.csv --account 12345678
  callbook import calls pbx.csv --account 12345678 --clock -120
  callbook import calls cdr.csv --account 12345678 \\
    --column call_from=src --column call_to=dst \\
    --column 'call_date=calldate,%d/%m/%Y %H:%M' --column direction==inbound
  zcat calls.ndjson.gz | callbook import calls - --format ndjson \\
    --account 12345678")]
    Calls(Box<ImportArgs>),
    /// List the software whose call records are recognised, or show one profile
    ///
    /// A profile is a file of TOML. Copy one, change it, and import with `--software FILE.toml`.
    #[command(after_help = "\
Examples:
  callbook import profiles
  callbook import profiles asterisk > mine.toml")]
    Profiles(ProfilesArgs),
}

/// `callbook import profiles`
#[derive(Debug, Args)]
pub struct ProfilesArgs {
    /// The profile to show
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Write JSON instead of a table
    #[arg(long, conflicts_with = "name")]
    pub json: bool,
}

/// `callbook import calls`
#[derive(Debug, Args)]
pub struct ImportArgs {
    #[command(flatten)]
    pub file: FileArgs,
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    #[command(flatten)]
    pub mapping: MappingArgs,
    /// Seconds to add to the start and the end of each call, because the clock of the system that wrote the file was
    /// behind; negative if it was ahead
    #[arg(long, value_name = "SECONDS", default_value_t = 0, allow_negative_numbers = true,
        value_parser = clap::value_parser!(i32).range(-86_400..=86_400))]
    pub clock: i32,
    /// Record nothing: show what the file is taken for, its first calls as they would be recorded, and the rows that
    /// would be rejected
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// What the columns of a file of call records are.
#[derive(Debug, Args)]
#[command(next_help_heading = "Columns")]
pub struct MappingArgs {
    /// The software that wrote the file, or a profile of your own in a file ending in .toml [default: recognised by
    /// the file's columns]
    #[arg(long, value_name = "NAME")]
    pub software: Option<String>,
    /// NAME=COLUMN: where the file has a column of the import, by its name or as #1, #2 and so on. NAME=A+B joins
    /// two columns, and NAME=COLUMN,FORMAT reads a date such as %d/%m/%Y %H:%M. NAME==VALUE is the value of rows
    /// that have none. May be repeated
    #[arg(long, value_name = "NAME=COLUMN", value_parser = ColumnArg::parse)]
    pub column: Vec<ColumnArg>,
    /// The order of day and month in dates such as 02/11/2026: mdy or dmy [default: what the rows prove, else the
    /// account's]
    #[arg(long, value_name = "ORDER", value_parser = DateOrder::parse)]
    pub date_order: Option<DateOrder>,
    /// The first line is a call and not the names of the columns; --column names them as #1, #2 and so on
    #[arg(long, conflicts_with = "software", requires = "column")]
    pub no_header: bool,
}

/// One `--column`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnArg {
    /// The column of the import.
    pub name: &'static str,
    /// The file's columns, which are joined by a blank.
    pub from: Vec<String>,
    /// The format of its dates.
    pub format: Option<DateFormat>,
    /// The value of rows that have none.
    pub constant: Option<String>,
}

impl ColumnArg {
    /// Reads `NAME=COLUMN`, `NAME=COLUMN+COLUMN`, `NAME=COLUMN,FORMAT` and `NAME==VALUE`.
    ///
    /// # Errors
    /// Returns an error if an import has no such column, or the format is not valid.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, rest) = text
            .split_once('=')
            .ok_or("expected NAME=COLUMN or NAME==VALUE")?;
        let names = [&REQUIRED_COLUMNS[..], &OPTIONAL_COLUMNS].concat();
        let mut known = names.iter().copied();
        let name = known
            .find(|known| known.eq_ignore_ascii_case(name.trim()))
            .ok_or_else(|| {
                format!(
                    "an import has no column {name}; it has {}",
                    names.join(", ")
                )
            })?;
        if let Some(constant) = rest.strip_prefix('=') {
            return Ok(Self {
                name,
                from: Vec::new(),
                format: None,
                constant: Some(constant.trim().to_owned()),
            });
        }
        let (columns, format) = match rest.split_once(",%") {
            Some((columns, format)) => (columns, Some(format!("%{format}"))),
            None => (rest, None),
        };
        let format = format.map(|format| DateFormat::parse(&format)).transpose();
        let from: Vec<_> = columns
            .split('+')
            .map(|column| column.trim().to_owned())
            .collect();
        if from.iter().any(String::is_empty) {
            return Err("expected the name of a column behind =".to_owned());
        }
        Ok(Self {
            name,
            from,
            format: format.map_err(|error| error.to_string())?,
            constant: None,
        })
    }
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
    /// What separates the cells of CSV: one character, or the word tab [default: recognised]
    #[arg(long, value_name = "CHARACTER", value_parser = parse_separator)]
    pub separator: Option<u8>,
    /// The file's encoding, such as windows-1252 [default: UTF-8, or UTF-16 if the file is]
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    pub encoding: Option<&'static Encoding>,
    /// The file to write rejected rows to, which must not exist [default: FILE with the ending
    /// .rejects.csv or .rejects.ndjson, or the first free one of .rejects.2.csv and so on]
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
}

/// Parses what separates cells.
///
/// # Errors
/// Returns an error unless the text is `tab` or one ASCII character that is no letter, digit or quote.
fn parse_separator(text: &str) -> Result<u8, &'static str> {
    match text.as_bytes() {
        _ if text.eq_ignore_ascii_case("tab") || text == "\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii_punctuation() && *byte != b'"' => Ok(*byte),
        [byte @ (b'\t' | b' ')] => Ok(*byte),
        _ => Err("expected one character such as ; or the word tab"),
    }
}

fn encoding(label: &str) -> Result<&'static Encoding, &'static str> {
    Encoding::for_label(label.as_bytes()).ok_or("expected a name such as windows-1252 or utf-16le")
}

/// `callbook export ...`
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    #[command(flatten)]
    Rows(ExportRowsCommand),
    /// Export every item of the ledger, or of one account, as files that `callbook restore` reads
    ///
    /// The table is read until each account's items were the same in two passes: they were so together at the moment
    /// between them. The manifest is written last; it has the number of items and the SHA-256 of each file.
    #[command(after_help = "\
The ledger may be written to meanwhile, but an account that is never quiet for
two passes is refused: close it, or export a table that was restored to a point
in time.

Examples:
  callbook export all -o backup-2026-11-21
  callbook export all --account 12345678 -o acme")]
    All(ExportAllArgs),
}

/// `callbook export calls` and `callbook export costs`
#[derive(Debug, Subcommand)]
pub enum ExportRowsCommand {
    /// Export the call report for a range of any length, with any number of rows
    #[command(after_help = "\
Examples:
  callbook export calls --account 12345678 --from 2026-11-01 --to 2026-11-30 \\
    -o november.csv
  callbook export calls --account 12345678 --from 2026-11-21T00:00:00Z \\
    --to 2026-11-21T12:00:00Z \\
    --format ndjson
  callbook export calls --account 12345678 --from 2016-01-01 --to 2026-12-31 \\
    -o history.csv")]
    Calls(ExportArgs),
    /// Export the costs of a range of any length, with what became of each
    #[command(after_help = "\
Examples:
  callbook export costs --account 12345678 --from 2026-11-01 --to 2026-11-30 \\
    -o costs.csv
  callbook export costs --account 12345678 --from 2026-11-01 --to 2026-11-30 \\
    --vendor acme --format ndjson")]
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
