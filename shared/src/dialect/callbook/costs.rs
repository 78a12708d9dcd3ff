//! How cost entries, adjustments and their sums are shown. The command shows them the same way.

use serde::Serialize;

use crate::ledger::{Adjustment, CostEvent, CostRow, RefusedBill, Sum, Totals};
use crate::model::account::Account;
use crate::model::expectation::Expectation;
use crate::model::pair::external_id::ExternalId;
use crate::model::text::Notes;
use crate::model::time::Instant;

/// A cost entry as clients see it.
#[derive(Serialize)]
pub struct CostView<'a> {
    cost_id: &'a str,
    vendor_id: Option<&'a str>,
    credential_id: Option<&'a str>,
    label: Option<&'a str>,
    did: &'a str,
    cid: &'a str,
    amount: String,
    currency: &'a str,
    call_date: String,
    date_billed: String,
    received_at: String,
    external_call_id: Option<&'a str>,
    notes: Option<&'a str>,
    state: &'static str,
    r#match: &'static str,
    pinned: bool,
    call_sid: Option<&'a str>,
    /// What the vendor's terms make of it.
    expectation: Option<&'static str>,
    guid: &'a str,
}

impl<'a> CostView<'a> {
    /// The names of the fields, in order.
    pub const FIELDS: [&'static str; 19] = [
        "cost_id",
        "vendor_id",
        "credential_id",
        "label",
        "did",
        "cid",
        "amount",
        "currency",
        "call_date",
        "date_billed",
        "received_at",
        "external_call_id",
        "notes",
        "state",
        "match",
        "pinned",
        "call_sid",
        "expectation",
        "guid",
    ];

    /// Shows an entry to its account.
    #[must_use]
    pub fn of(row: &'a CostRow, account: &'a Account) -> Self {
        let when = |instant: Instant| instant.rfc3339(&account.zone);
        // The label of an imported entry names the row that it came from.
        let label = row.label.as_deref().filter(|_| row.credential_id.is_some());
        Self {
            cost_id: row.entry.cost_id.as_str(),
            vendor_id: row.vendor_id.as_ref().map(|vendor| vendor.as_str()),
            credential_id: row.credential_id.as_deref(),
            label,
            did: row.call_to.as_e164(),
            cid: &row.call_from,
            amount: row.amount().four_places(),
            currency: account.currency.as_str(),
            call_date: when(row.call_date),
            date_billed: when(row.entry.date_billed),
            received_at: when(row.entry.received_at),
            external_call_id: row.entry.call_id.as_ref().map(ExternalId::as_str),
            notes: row.notes.as_ref().map(Notes::as_str),
            state: row.entry.state.as_str(),
            r#match: match row.call_sid {
                Some(_) => "matched",
                None => "unmatched",
            },
            pinned: row.is_pinned(),
            call_sid: row.call_sid.as_ref().map(|sid| sid.as_str()),
            expectation: row.expectation.map(Expectation::as_str),
            guid: &row.guid,
        }
    }
}

/// One line of the history of an entry.
#[derive(Serialize)]
pub struct CostEventView<'a> {
    at: String,
    what: &'a str,
    by: &'a str,
    reason: Option<&'a str>,
    state: Option<&'static str>,
    call_sid: Option<&'a str>,
    guid: &'a str,
}

impl<'a> CostEventView<'a> {
    /// Shows the history of an entry, from its receipt on.
    #[must_use]
    pub fn all(row: &'a CostRow, account: &Account) -> Vec<Self> {
        let received = Self {
            at: row.entry.received_at.rfc3339(&account.zone),
            what: match row.credential_id {
                Some(_) => "bill",
                None => "import",
            },
            by: row.credential_id.as_deref().unwrap_or("import"),
            reason: None,
            // What became of it at once is not kept apart from what it is now.
            state: None,
            call_sid: None,
            guid: &row.guid,
        };
        let later = row.history.iter().map(|event| Self::of(event, account));
        std::iter::once(received).chain(later).collect()
    }

    fn of(event: &'a CostEvent, account: &Account) -> Self {
        Self {
            at: event.at.rfc3339(&account.zone),
            what: &event.what,
            by: &event.by,
            reason: event.reason.as_deref(),
            state: Some(event.state.as_str()),
            call_sid: event.call_sid.as_ref().map(|sid| sid.as_str()),
            guid: &event.guid,
        }
    }
}

/// How many entries, and what they amount to.
#[derive(Serialize)]
pub struct SumView {
    count: u64,
    amount: String,
}

impl From<Sum> for SumView {
    fn from(sum: Sum) -> Self {
        Self {
            count: sum.count,
            amount: sum.four_places(),
        }
    }
}

/// The sums of the identity as clients see them.
#[derive(Serialize)]
pub struct TotalsView<'a> {
    acknowledged: SumView,
    in_force: SumView,
    superseded: SumView,
    void: SumView,
    matched: SumView,
    unmatched: SumView,
    adjusted: SumView,
    currency: &'a str,
    /// Whether the whole range was counted.
    complete: bool,
    /// Sums that the list has no entries of.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    left_out: &'a [&'static str],
}

impl<'a> TotalsView<'a> {
    /// Shows sums to their account. `left_out` names those that the list has no entries of.
    #[must_use]
    pub fn of(
        totals: &Totals,
        account: &'a Account,
        complete: bool,
        left_out: &'a [&'static str],
    ) -> Self {
        Self {
            acknowledged: totals.acknowledged.into(),
            in_force: totals.in_force.into(),
            superseded: totals.superseded.into(),
            void: totals.void.into(),
            matched: totals.matched.into(),
            unmatched: totals.unmatched.into(),
            adjusted: totals.adjusted.into(),
            currency: account.currency.as_str(),
            complete,
            left_out,
        }
    }
}

/// An adjustment as clients see it.
#[derive(Serialize)]
pub struct AdjustmentView<'a> {
    adjustment_id: &'a str,
    cost_id: Option<&'a str>,
    call_sid: Option<&'a str>,
    vendor_id: Option<&'a str>,
    month: Option<String>,
    did: Option<&'a str>,
    cid: Option<&'a str>,
    amount: String,
    currency: &'a str,
    reason: &'a str,
    by: &'a str,
    made_at: String,
    guid: &'a str,
}

impl<'a> AdjustmentView<'a> {
    /// Shows an adjustment to its account.
    #[must_use]
    pub fn of(adjustment: &'a Adjustment, account: &'a Account) -> Self {
        Self {
            adjustment_id: adjustment.adjustment_id.as_str(),
            cost_id: adjustment.cost_id.as_ref().map(|id| id.as_str()),
            call_sid: adjustment.call_sid.as_ref().map(|sid| sid.as_str()),
            vendor_id: adjustment.vendor_id.as_ref().map(|id| id.as_str()),
            month: adjustment.month.map(|month| month.to_string()),
            did: adjustment.call_to.as_ref().map(|did| did.as_e164()),
            cid: adjustment.call_from.as_deref(),
            amount: adjustment.amount.four_places(),
            currency: account.currency.as_str(),
            reason: adjustment.reason.as_str(),
            by: &adjustment.by,
            made_at: adjustment.made_at.rfc3339(&account.zone),
            guid: &adjustment.guid,
        }
    }
}

/// A bill that was refused for its DID, as clients see it. It is no cost.
#[derive(Serialize)]
pub struct RefusedView<'a> {
    refused_at: String,
    did: &'a str,
    cid: &'a str,
    amount: String,
    currency: &'a str,
    vendor_id: Option<&'a str>,
    credential_id: &'a str,
    reason: &'a str,
    guid: &'a str,
}

impl<'a> RefusedView<'a> {
    /// Shows a refused bill to its account.
    #[must_use]
    pub fn of(bill: &'a RefusedBill, account: &'a Account) -> Self {
        Self {
            refused_at: bill.refused_at.rfc3339(&account.zone),
            did: bill.call_to.as_e164(),
            cid: &bill.call_from,
            amount: bill.amount.four_places(),
            currency: account.currency.as_str(),
            vendor_id: bill.vendor_id.as_ref().map(|id| id.as_str()),
            credential_id: &bill.credential_id,
            reason: &bill.reason,
            guid: &bill.guid,
        }
    }
}
