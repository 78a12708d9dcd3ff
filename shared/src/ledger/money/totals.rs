//! The sums of the identity, with which every list of costs ends.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ledger::money::adjustment::Adjustment;
use crate::ledger::money::cost::CostRow;
use crate::model::pair::entry::State;

/// How many entries and how much money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

    /// Returns the amount with exactly four decimals.
    #[must_use]
    pub fn four_places(&self) -> String {
        format!("{:.4}", self.amount)
    }
}

/// The sums of the identity: what was acknowledged is in force, superseded or void, and what is in force is
/// matched or not. Adjustments stand beside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The adjustments.
    pub adjusted: Sum,
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

    /// Adds an adjustment.
    pub fn adjust(&mut self, adjustment: &Adjustment) {
        self.adjusted.add(adjustment.decimal());
    }
}
