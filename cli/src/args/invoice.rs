//! The arguments of `callbook invoice`.

use std::path::PathBuf;

use callbook::model::account::AccountId;
use callbook::model::cost_filter::CostOrder;
use callbook::model::invoice::amounts::DecimalMark;
use callbook::model::invoice::column::Column;
use callbook::model::invoice::compare::MOST_TOLERANCE;
use callbook::model::time::{InvalidRangeEnd, RangeEnd};
use callbook::model::vendor::VendorId;
use clap::{Args, Subcommand};

use super::store::StoreArgs;

/// `callbook invoice ...`
#[derive(Debug, Subcommand)]
pub enum InvoiceCommand {
    /// Compare a vendor's statement with the ledger, line by line and to the cent
    #[command(after_help = "\
The file is CSV with a header line, separated by commas, semicolons or tabs. A
line has an amount, and a call id or a date, a DID and a caller. Columns are
found by the names that vendors usually give them.

Without --from and --to, the costs of the calls of the statement's days are compared, however much later they
were billed. With them it is the costs that were billed in that time, or with --by call those of its calls.

Every line and every cost is counted once:
  agreed               the amounts are equal
  other_amount         the ledger counts another amount for the call
  not_in_ledger        the ledger counts nothing for the line
  not_on_statement     the statement asks for nothing; the ledger counts a cost
  twice_on_statement   another line is for the same call
  void_here            a person took the cost back

Exit codes: 0 all is agreed; 1 there are differences, which are written to a
file; 2 the statement was not compared.

Examples:
  callbook invoice check november.csv --account 12345678 --vendor acme
  callbook invoice check november.csv --account 12345678 --vendor acme \\
    --from 2026-11-01 --to 2026-11-30 --column date='Start Time' \\
    --column amount=Payout --tolerance 300s")]
    Check(Box<InvoiceArgs>),
}

/// `callbook invoice check`
#[derive(Debug, Args)]
pub struct InvoiceArgs {
    /// The statement; `-` is the standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The vendor that it is from
    #[arg(long, value_name = "VENDOR", value_parser = VendorId::parse)]
    pub vendor: VendorId,
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    /// The first day, YYYY-MM-DD in the account's time zone, or an RFC 3339 instant [default: the first day
    /// on the statement]
    #[arg(long, value_name = "DATE", value_parser = range_end)]
    pub from: Option<RangeEnd>,
    /// The last day, which is included, or an RFC 3339 instant, which is not [default: the last day on the
    /// statement]
    #[arg(long, value_name = "DATE", value_parser = range_end)]
    pub to: Option<RangeEnd>,
    /// By which time costs are compared: `call`, when their calls began, or `billed` [default: call; billed
    /// with --from or --to]
    #[arg(long, value_name = "TIME", value_parser = CostOrder::parse)]
    pub by: Option<CostOrder>,
    /// The statement's name of a column: date, time, did, caller, amount or `call_id`
    #[arg(long = "column", value_name = "COLUMN=NAME", value_parser = column)]
    pub columns: Vec<(Column, String)>,
    /// How far apart the times of a line and its cost may be, at most an hour
    #[arg(long, value_name = "SECONDS", default_value = "120s", value_parser = tolerance)]
    pub tolerance: u32,
    /// What stands before decimals, point or comma [default: what the amounts prove]
    #[arg(long, value_name = "MARK", value_parser = DecimalMark::parse)]
    pub decimal: Option<DecimalMark>,
    /// The file to write differences to [default: FILE with the ending .differences.csv]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace the file of differences if it exists
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}

fn range_end(text: &str) -> Result<RangeEnd, InvalidRangeEnd> {
    RangeEnd::parse(text)
}

fn column(text: &str) -> Result<(Column, String), &'static str> {
    let parts = text
        .split_once('=')
        .filter(|(_, name)| !name.trim().is_empty());
    let named = parts.and_then(|(column, name)| Some((Column::parse(column)?, name.to_owned())));
    named.ok_or("expected COLUMN=NAME, where COLUMN is date, time, did, caller, amount or call_id")
}

/// Parses `120`, `120s` or `2m`.
fn tolerance(text: &str) -> Result<u32, &'static str> {
    let (digits, unit) = match text.strip_suffix('m') {
        Some(minutes) => (minutes, 60),
        None => (text.strip_suffix('s').unwrap_or(text), 1),
    };
    let seconds = digits
        .parse::<u32>()
        .ok()
        .and_then(|count| count.checked_mul(unit));
    let seconds = seconds.filter(|seconds| *seconds <= MOST_TOLERANCE);
    seconds.ok_or("expected seconds from 0 to 3600, such as 120s")
}
