//! Lists of cost entries by the day of billing (pattern 34), with the sums of the identity.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::ledger::keys;
use crate::ledger::money::cost::CostRow;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::read;
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::call::CostId;
use crate::model::pair::entry::State;
use crate::model::time::{Instant, Range, UtcDay};

/// How many entries and how much money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many entries.
    pub count: u64,
    /// What they amount to.
    pub amount: Decimal,
}

impl Sum {
    /// Adds an amount.
    pub fn add(&mut self, amount: Decimal) {
        self.count += 1;
        self.amount = self.amount.saturating_add(amount);
    }
}

/// The sums of the identity: what was acknowledged is in force, superseded or void, and what is in force is
/// matched or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Every entry.
    pub acknowledged: Sum,
    /// Those that count.
    pub in_force: Sum,
    /// Those that a later bill replaced.
    pub superseded: Sum,
    /// Those that a person took back.
    pub void: Sum,
    /// Those in force that are matched to a call.
    pub matched: Sum,
    /// Those in force that are not.
    pub unmatched: Sum,
}

impl Totals {
    /// Adds an entry.
    pub fn add(&mut self, row: &CostRow) {
        let amount = row.amount().decimal();
        self.acknowledged.add(amount);
        match row.entry.state {
            State::InForce => {
                self.in_force.add(amount);
                match row.call_sid {
                    Some(_) => self.matched.add(amount),
                    None => self.unmatched.add(amount),
                }
            }
            State::Superseded => self.superseded.add(amount),
            State::Void => self.void.add(amount),
        }
    }
}

/// Reads the cost entries of a range, day by day.
pub struct CostReport {
    ledger: Ledger,
    account: AccountId,
    shards: u8,
    next: Option<Instant>,
    to: Instant,
    after: Option<CostId>,
}

impl Ledger {
    /// The cost entries that were billed in `range`, behind `after` where there is one, in the order of
    /// their ids: that of billing.
    #[must_use]
    pub fn cost_report(
        &self,
        account: &AccountId,
        shards: u8,
        range: Range,
        after: Option<CostId>,
    ) -> CostReport {
        let start = range.from.max(Instant::from_millis(0));
        let start = after.as_ref().map_or(start, |id| id.billed().max(start));
        CostReport {
            ledger: self.clone(),
            account: account.clone(),
            shards: shards.max(1),
            next: (start < range.to).then_some(start),
            to: range.to,
            after,
        }
    }
}

impl CostReport {
    /// The entries of the next day that has any, in order; `None` behind the last.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn next(&mut self) -> Result<Option<Vec<CostRow>>, StoreError> {
        while let Some(from) = self.next.take() {
            let day = UtcDay::of(from);
            let end = day
                .next()
                .map_or(self.to, |next| next.begins().min(self.to));
            self.next = (end < self.to).then_some(end);
            let rows = self.day(day, from, end).await?;
            if !rows.is_empty() {
                return Ok(Some(rows));
            }
        }
        Ok(None)
    }

    async fn day(
        &self,
        day: UtcDay,
        from: Instant,
        end: Instant,
    ) -> Result<Vec<CostRow>, StoreError> {
        let mut rows: BTreeMap<String, CostRow> = BTreeMap::new();
        for shard in 0..self.shards {
            let partition = keys::billed_partition(&self.account, day, shard);
            let (first, last) = keys::costs_between(from, end, self.after.as_ref());
            let items = self
                .ledger
                .query(partition)
                .between(first, last)
                .all()
                .await?;
            for item in items {
                let row: CostRow = read(item)?;
                if self.after.as_ref() != Some(&row.entry.cost_id) {
                    rows.insert(keys::cost_key(&row.entry.cost_id), row);
                }
            }
        }
        Ok(rows.into_values().collect())
    }
}
