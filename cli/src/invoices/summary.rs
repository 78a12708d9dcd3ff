//! The comparison of a statement in 80 columns: what agrees, what differs, and why the sums differ.

use callbook::model::account::Account;
use callbook::model::cost_filter::CostOrder;
use callbook::model::invoice::result::{CallIds, Comparison, Kind, Side};
use callbook::model::time::Range;
use callbook::model::vendor::VendorId;
use rust_decimal::Decimal;

/// Returns the comparison as text.
pub fn text(
    comparison: &Comparison<'_>,
    (account, vendor): (&Account, &VendorId),
    (range, by): (Range, CostOrder),
) -> String {
    let zone = &account.zone;
    let mut lines = vec![
        format!("vendor    {vendor}"),
        format!("from      {}", range.from.rfc3339(zone)),
        format!("until     {}", range.to.rfc3339(zone)),
        format!("costs     {}", of_range(by)),
        format!("currency  {}", account.currency.as_str()),
        String::new(),
        row(
            "",
            ["LINES", "STATEMENT", "COSTS", "LEDGER", "DIFFERENCE"].map(str::to_owned),
        ),
    ];
    for bucket in &comparison.buckets {
        lines.push(sums(bucket.kind.as_str(), bucket.statement, bucket.ledger));
    }
    lines.push(sums("total", comparison.statement, comparison.ledger));
    lines.push(String::new());
    lines.extend(explanation(comparison));
    if comparison.call_ids == CallIds::Unknown {
        lines.push(
            "The ledger knows none of the statement's call ids, so they were not used.".to_owned(),
        );
    }
    lines.join("\n")
}

/// Which costs are of the range.
fn of_range(by: CostOrder) -> &'static str {
    match by {
        CostOrder::Billed => "those billed in this time (--by call: those of its calls)",
        CostOrder::Call => "those of calls of this time, whenever they were billed",
    }
}

fn row(name: &str, [lines, statement, costs, ledger, difference]: [String; 5]) -> String {
    let row =
        format!("{name:<18} {lines:>6} {statement:>14} {costs:>6} {ledger:>14} {difference:>14}");
    row.trim_end().to_owned()
}

fn sums(name: &str, statement: Side, ledger: Side) -> String {
    let cells = [
        statement.count.to_string(),
        money(statement.amount),
        ledger.count.to_string(),
        money(ledger.amount),
        money(statement.amount - ledger.amount),
    ];
    row(name, cells)
}

/// An amount with two decimals, or with four where it has them.
fn money(amount: Decimal) -> String {
    let cents = amount.round_dp(2);
    if cents == amount {
        format!("{cents:.2}")
    } else {
        format!("{amount:.4}")
    }
}

/// Says what makes the difference.
fn explanation(comparison: &Comparison<'_>) -> Vec<String> {
    if comparison.is_agreed() {
        return vec!["The statement and the ledger agree.".to_owned()];
    }
    let difference = comparison.difference();
    let more = match difference.cmp(&Decimal::ZERO) {
        std::cmp::Ordering::Greater => format!("{} more than", money(difference)),
        std::cmp::Ordering::Less => format!("{} less than", money(-difference)),
        std::cmp::Ordering::Equal => "as much as".to_owned(),
    };
    let mut lines = vec![format!("The statement asks for {more} the ledger counts:")];
    for bucket in &comparison.buckets {
        let count = bucket.rows.len();
        let (one, many) = reason(bucket.kind);
        if count > 0 && bucket.kind != Kind::Agreed {
            let reason = if count == 1 { one } else { many };
            lines.push(format!(
                "{:>14}  {count} {reason}",
                signed(bucket.difference())
            ));
        }
    }
    lines
}

fn signed(amount: Decimal) -> String {
    match amount > Decimal::ZERO {
        true => format!("+{}", money(amount)),
        false => money(amount),
    }
}

fn reason(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Agreed => ("line agrees", "lines agree"),
        Kind::OtherAmount => (
            "line has another amount than the ledger",
            "lines have other amounts than the ledger",
        ),
        Kind::NotInLedger => ("line is not in the ledger", "lines are not in the ledger"),
        Kind::NotOnStatement => (
            "cost is not on the statement",
            "costs are not on the statement",
        ),
        Kind::TwiceOnStatement => (
            "line is for a call that another line is for",
            "lines are for calls that other lines are for",
        ),
        Kind::VoidHere => (
            "line is for a cost that was taken back",
            "lines are for costs that were taken back",
        ),
    }
}
