//! How a comparison of a statement with the ledger is shown.

use rust_decimal::Decimal;
use serde::Serialize;

use super::resource;
use crate::model::account::Account;
use crate::model::cost_filter::CostOrder;
use crate::model::expectation::Expectation;
use crate::model::invoice::line::{LedgerEntry, StatementLine};
use crate::model::invoice::result::{Bucket, ComparedRow, Comparison, Kind, Side};
use crate::model::time::{CallDate, CivilDay, Instant, Range, Zone};
use crate::model::vendor::VendorId;

/// A comparison as clients see it.
#[derive(Serialize)]
pub struct InvoiceView<'a> {
    vendor_id: &'a str,
    from: String,
    to: String,
    /// By which time entries are of the range.
    by: &'static str,
    tolerance_seconds: u32,
    call_ids: &'static str,
    currency: &'a str,
    statement: SideView,
    ledger: SideView,
    difference: String,
    agreed: BucketView<'a>,
    other_amount: BucketView<'a>,
    not_in_ledger: BucketView<'a>,
    not_on_statement: BucketView<'a>,
    twice_on_statement: BucketView<'a>,
    void_here: BucketView<'a>,
    /// From when on the ledger keeps costs, where the range begins earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_since: Option<String>,
}

/// How many, and how much money.
#[derive(Serialize)]
pub struct SideView {
    count: u64,
    amount: String,
}

/// The rows of one kind and their sums. The sums count rows that are left out as well.
#[derive(Serialize)]
pub struct BucketView<'a> {
    statement: SideView,
    ledger: SideView,
    difference: String,
    rows: Vec<RowView<'a>>,
    left_out: usize,
}

/// A line of the statement, an entry of the ledger, or both.
#[derive(Serialize)]
pub struct RowView<'a> {
    /// The line of the statement.
    pub line: Option<u64>,
    /// When the call took place: a moment, or a day.
    pub date: Option<String>,
    /// The number that was called.
    pub did: Option<&'a str>,
    /// Who called: a number, digits, or `withheld`.
    pub caller: Option<&'a str>,
    /// The call's id at the vendor.
    pub call_id: Option<&'a str>,
    /// What the statement asks for.
    pub amount: Option<String>,
    /// The entry.
    pub cost_id: Option<&'a str>,
    /// The entry's amount.
    pub ledger_amount: Option<String>,
    /// The entry's state.
    pub state: Option<&'static str>,
    /// When the entry was billed.
    pub billed_at: Option<String>,
    /// What the vendor's terms make of the entry.
    pub expectation: Option<&'static str>,
    /// What the statement asks for beyond what the ledger counts.
    pub difference: String,
    /// Why the row is here.
    pub note: Option<&'static str>,
    /// The line that is for the same call.
    pub repeats_line: Option<u64>,
}

impl<'a> InvoiceView<'a> {
    /// Shows a comparison to its account, with at most `most` rows of each kind.
    #[must_use]
    pub fn of(
        comparison: &Comparison<'a>,
        (account, vendor): (&'a Account, &'a VendorId),
        (range, by, now): (Range, CostOrder, Instant),
        tolerance_seconds: u32,
        most: usize,
    ) -> Self {
        let zone = &account.zone;
        let bucket = |kind: Kind| {
            let found = comparison.buckets.iter().find(|bucket| bucket.kind == kind);
            BucketView::of(found, zone, most)
        };
        Self {
            vendor_id: vendor.as_str(),
            from: range.from.rfc3339(zone),
            to: range.to.rfc3339(zone),
            by: by.as_str(),
            tolerance_seconds,
            call_ids: comparison.call_ids.as_str(),
            currency: account.currency.as_str(),
            statement: SideView::of(comparison.statement),
            ledger: SideView::of(comparison.ledger),
            difference: four_places(comparison.difference()),
            agreed: bucket(Kind::Agreed),
            other_amount: bucket(Kind::OtherAmount),
            not_in_ledger: bucket(Kind::NotInLedger),
            not_on_statement: bucket(Kind::NotOnStatement),
            twice_on_statement: bucket(Kind::TwiceOnStatement),
            void_here: bucket(Kind::VoidHere),
            kept_since: resource::kept_since(&account.costs_kept, range, account, now),
        }
    }
}

impl SideView {
    fn of(side: Side) -> Self {
        Self {
            count: side.count,
            amount: four_places(side.amount),
        }
    }
}

impl<'a> BucketView<'a> {
    fn of(bucket: Option<&Bucket<'a>>, zone: &Zone, most: usize) -> Self {
        let side = |of: fn(&Bucket<'a>) -> Side| SideView::of(bucket.map(of).unwrap_or_default());
        let rows = bucket
            .map(|bucket| bucket.rows.as_slice())
            .unwrap_or_default();
        Self {
            statement: side(|bucket| bucket.statement),
            ledger: side(|bucket| bucket.ledger),
            difference: four_places(bucket.map(Bucket::difference).unwrap_or_default()),
            rows: rows
                .iter()
                .take(most)
                .map(|row| RowView::of(row, zone))
                .collect(),
            left_out: rows.len().saturating_sub(most),
        }
    }
}

impl<'a> RowView<'a> {
    /// Shows a row, with its times in `zone`. What the statement does not say is the ledger's.
    #[must_use]
    pub fn of(row: &ComparedRow<'a>, zone: &Zone) -> Self {
        let ComparedRow { line, entry, note } = *row;
        let said = |line: &StatementLine| match line.date? {
            CallDate::Moment(moment) => Some(moment.rfc3339(zone)),
            CallDate::Day { begins, .. } => Some(CivilDay::of(begins, zone).to_string()),
        };
        let called = |entry: &LedgerEntry| entry.called_at().rfc3339(zone);
        let id = line.and_then(|line| line.call_id.as_ref());
        let id = id.or_else(|| entry.and_then(|entry| entry.call_id.as_ref()));
        let did = line
            .and_then(|line| line.did.as_ref())
            .or(entry.map(|entry| &entry.did));
        let caller = line.and_then(|line| line.caller.as_ref());
        let caller = caller.or(entry.map(|entry| &entry.caller));
        Self {
            line: line.map(|line| line.line),
            date: line.and_then(said).or_else(|| entry.map(called)),
            did: did.map(|did| did.as_e164()),
            caller: caller.map(|caller| caller.as_str()),
            call_id: id.map(|id| id.as_str()),
            amount: line.map(|line| four_places(line.amount)),
            cost_id: entry.map(|entry| entry.cost_id.as_str()),
            ledger_amount: entry.map(|entry| entry.amount.four_places()),
            state: entry.map(|entry| entry.state.as_str()),
            billed_at: entry.map(|entry| entry.cost_id.billed().rfc3339(zone)),
            expectation: entry.and_then(|entry| entry.expectation.map(Expectation::as_str)),
            difference: four_places(row.difference()),
            note: note.map(|note| note.as_str()),
            repeats_line: note.and_then(|note| note.line()),
        }
    }
}

fn four_places(amount: Decimal) -> String {
    format!("{amount:.4}")
}
