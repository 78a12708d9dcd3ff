//! A vendor's cost entries of a range, for a comparison with its statement (pattern 34).

use std::time::Duration;

use crate::ledger::money::cost::CostRow;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::store::Ledger;
use crate::model::account::Account;
use crate::model::cost_filter::CostOrder;
use crate::model::invoice::line::LedgerEntry;
use crate::model::time::Range;
use crate::model::vendor::VendorId;

/// How far around the range entries are read that may explain a line: a call before midnight is billed
/// after it.
const AROUND: Duration = Duration::from_secs(86_400);

/// A day of the billing window.
const DAY: Duration = Duration::from_secs(86_400);

/// How many entries are told what the terms of the vendor make of them, which takes a query for each of
/// their callers. A statement has no more lines.
const MOST_EXPECTED: usize = 10_000;

impl Ledger {
    /// The entries of a vendor that were billed in `range`, or whose calls began in it, and those of the day
    /// before and after it, which are not [`LedgerEntry::in_range`].
    ///
    /// A bill may come as many days after its call as the account's billing window has, so by calls it reads
    /// the days of that window behind the range as well.
    ///
    /// It reads every entry of these days: no partition has the entries of one vendor.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn entries_to_compare(
        &self,
        account: &Account,
        vendor: &VendorId,
        range: Range,
        by: CostOrder,
    ) -> Result<Vec<LedgerEntry>, StoreError> {
        let behind = match by {
            CostOrder::Billed => AROUND,
            CostOrder::Call => AROUND + DAY.saturating_mul(account.billing_window_days),
        };
        let wide = Range {
            from: range.from.minus(AROUND),
            to: range.to.plus(behind),
        };
        let mut report = self.cost_report(account, wide, CostOrder::Billed, None);
        let mut entries = Vec::new();
        while let Some(rows) = report.next().await? {
            let rows = rows.into_iter();
            let own = rows.filter(|row| row.vendor_id.as_ref() == Some(vendor));
            let mut own: Vec<_> = own.collect();
            if entries.len() + own.len() <= MOST_EXPECTED {
                self.expect(account, &mut own).await?;
            }
            entries.extend(own.into_iter().map(|row| to_compare(row, range, by)));
        }
        Ok(entries)
    }
}

fn to_compare(row: CostRow, range: Range, by: CostOrder) -> LedgerEntry {
    let pair = row.pair();
    let CostRow {
        entry,
        call_sid,
        call_date,
        expectation,
        ..
    } = row;
    let billed = entry.date_billed;
    let mut compared = LedgerEntry {
        cost_id: entry.cost_id,
        did: pair.to,
        caller: pair.from,
        amount: entry.amount,
        state: entry.state,
        call_sid,
        call_id: entry.call_id,
        reprices: entry.reprices,
        call_date,
        received_at: entry.received_at,
        expectation,
        in_range: false,
    };
    let at = match by {
        CostOrder::Billed => billed,
        CostOrder::Call => compared.called_at(),
    };
    compared.in_range = range.from <= at && at < range.to;
    compared
}
