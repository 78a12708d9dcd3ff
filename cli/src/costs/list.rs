//! `callbook cost list`, and the reading that `callbook export costs` shares.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use callbook::clock::Clock;
use callbook::dialect::callbook::costs::{CostView, TotalsView};
use callbook::ledger::{CostRow, Ledger, Sum, Totals};
use callbook::model::account::Account;
use callbook::model::cost_filter::{CostFilter, CostFlag, CostOrder};
use callbook::model::pair::entry::State;
use callbook::model::time::{CivilDay, Instant, Range, RangeEnd};
use serde_json::{Value, json};

use super::rows::CostRows;
use super::sums;
use crate::accounts::find_account;
use crate::args::{CostListArgs, CostRangeArgs, TableFormat};
use crate::retention::note_cut;
use crate::{output, store};

/// How many characters of a vendor's id the table shows, so that it fits 80 columns.
const VENDOR: usize = 9;

/// Runs the command.
///
/// # Errors
/// Returns an error if the account does not exist, the range is not valid, the standard output cannot be
/// written, or DynamoDB does not answer in time.
pub async fn run(args: CostListArgs) -> Result<()> {
    let ledger = store::open(&args.store).await?;
    let account = find_account(&ledger, &args.range.account).await?;
    let mut expected = Expected::default();
    if args.csv {
        let mut rows = CostRows::new(TableFormat::Csv, output::rows_out())?;
        let each = |row: &CostRow| {
            expected.add(row);
            rows.push(row, &account)
        };
        let totals = read(&ledger, &account, &args.range, each).await?;
        rows.finish()?;
        // The standard output has rows only.
        for (name, sum) in sums(&totals, &account) {
            output::note(&format!("{name}: {sum}"));
        }
        for (name, sum) in expected.in_words(&account) {
            output::note(&format!("{name}: {sum}"));
        }
        return Ok(());
    }
    let mut rows = Vec::new();
    let each = |row: &CostRow| {
        expected.add(row);
        rows.push(match args.store.json {
            true => serde_json::to_value(CostView::of(row, &account))?,
            false => line(row, &account),
        });
        Ok(())
    };
    let totals = read(&ledger, &account, &args.range, each).await?;
    if args.store.json {
        let left_out = left_out(args.range.by);
        let totals = TotalsView::of(&totals, &account, true, left_out);
        return output::json(&json!({
            "costs": rows,
            "totals": serde_json::to_value(totals)?,
            "expectations": expected.to_json(),
        }));
    }
    let columns = ["cost_id", "billed", "caller", "vendor", "amount", "state"];
    output::rows(&rows, &columns, "There are no such costs.")?;
    output::print("")?;
    print_sums(&totals, &expected, &account, args.range.by)
}

/// The costs in force by what the terms of their vendors make of them.
#[derive(Default)]
struct Expected(BTreeMap<&'static str, Sum>);

impl Expected {
    fn add(&mut self, row: &CostRow) {
        if let (State::InForce, Some(expectation)) = (row.entry.state, row.expectation) {
            let sum = self.0.entry(expectation.as_str()).or_default();
            sum.add(row.amount().decimal());
        }
    }

    fn in_words(&self, account: &Account) -> Vec<(&'static str, String)> {
        let currency = account.currency.as_str();
        let sums = self.0.iter();
        sums.map(|(name, sum)| {
            let words = format!("{} {currency} in {}", sum.four_places(), sum.count);
            (*name, words)
        })
        .collect()
    }

    fn to_json(&self) -> Value {
        let sums = self.0.iter().map(|(name, sum)| {
            let sum = json!({"count": sum.count, "amount": sum.four_places()});
            ((*name).to_owned(), sum)
        });
        Value::Object(sums.collect())
    }
}

/// Prints the sums of the identity, those by expectation, and what the list leaves out.
fn print_sums(
    totals: &Totals,
    expected: &Expected,
    account: &Account,
    order: CostOrder,
) -> Result<()> {
    let mut sums = sums(totals, account);
    sums.extend(expected.in_words(account));
    let names: Vec<&str> = sums.iter().map(|(name, _)| *name).collect();
    let value: Value = sums
        .iter()
        .map(|(name, sum)| ((*name).to_owned(), json!(sum)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    output::record(&value, &names)?;
    if order == CostOrder::Call {
        output::note("Costs without a call are left out; list them with --by billed.");
    }
    Ok(())
}

fn left_out(order: CostOrder) -> &'static [&'static str] {
    match order {
        CostOrder::Billed => &[],
        CostOrder::Call => &["unmatched"],
    }
}

/// A line of the table. One word says both state and match.
fn line(row: &CostRow, account: &Account) -> Value {
    let state = match (row.entry.state, &row.call_sid) {
        (State::InForce, Some(_)) => "matched",
        (State::InForce, None) => "unmatched",
        (other, _) => other.as_str(),
    };
    let vendor = row.vendor_id.as_ref().map(|vendor| short(vendor.as_str()));
    json!({
        "cost_id": row.entry.cost_id.as_str(),
        "billed": CivilDay::of(row.entry.date_billed, &account.zone).to_string(),
        "caller": row.call_from,
        "vendor": vendor,
        "amount": row.amount().four_places(),
        "state": state,
    })
}

fn short(vendor: &str) -> String {
    match vendor.chars().count() <= VENDOR {
        true => vendor.to_owned(),
        false => vendor.chars().take(VENDOR - 1).chain(['…']).collect(),
    }
}

/// Hands each cost of the range to `each`, and returns the sums.
///
/// # Errors
/// Returns an error if the range is not valid, DynamoDB does not answer in time, and the errors of `each`.
pub async fn read(
    ledger: &Ledger,
    account: &Account,
    args: &CostRangeArgs,
    mut each: impl FnMut(&CostRow) -> Result<()>,
) -> Result<Totals> {
    ensure!(
        args.by == CostOrder::Billed || !args.unmatched,
        "a cost without a call has no time of a call; use --unmatched with --by billed"
    );
    let range = range(ledger, account, args).await?;
    let filter = args.filter();
    match args.by {
        CostOrder::Billed => note_cut("costs", &account.costs_kept, range.from, &account.id),
        CostOrder::Call => note_cut("calls", &account.calls_kept, range.from, &account.id),
    }
    let report = ledger.cost_report(account, range, args.by, None);
    let mut report = report.with_expectations(account);
    if args.flag == Some(CostFlag::TwoVendors) {
        report = report.with_two_vendors();
    }
    let mut totals = Totals::default();
    while let Some(rows) = report.next().await? {
        for row in rows.iter().filter(|row| row.passes(&filter)) {
            totals.add(row);
            each(row)?;
        }
    }
    add_adjustments(ledger, account, range, &filter, &mut totals).await?;
    Ok(totals)
}

/// The range to read: no more of what was asked for than days in which costs were billed.
async fn range(ledger: &Ledger, account: &Account, args: &CostRangeArgs) -> Result<Range> {
    let billed = match args.by {
        CostOrder::Billed => ledger.billed_days(account, Clock::system().now()).await?,
        // The calls of costs lie outside of these days as well.
        CostOrder::Call => None,
    };
    let of = |end: fn(Range) -> Instant| billed.map(|days| RangeEnd::At(end(days)));
    let from = args.from.or_else(|| of(|days| days.from));
    let to = args.to.or_else(|| of(|days| days.to));
    let (Some(from), Some(to)) = (from, to) else {
        bail!("say the range with --from and --to");
    };
    let asked = Range::of_any_length(from, to, &account.zone)?;
    Ok(match billed {
        Some(days) => Range {
            from: asked.from.clamp(days.from, days.to),
            to: asked.to.clamp(days.from, days.to),
        },
        None => asked,
    })
}

/// Adds the adjustments of a range to its sums.
///
/// # Errors
/// Returns an error if DynamoDB does not answer in time.
pub async fn add_adjustments(
    ledger: &Ledger,
    account: &Account,
    range: Range,
    filter: &CostFilter,
    totals: &mut Totals,
) -> Result<()> {
    let found = ledger.adjustments(&account.id, range, filter, None, usize::MAX);
    for adjustment in found.await?.adjustments {
        totals.adjust(&adjustment);
    }
    Ok(())
}
