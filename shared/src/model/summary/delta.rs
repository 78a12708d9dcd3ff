//! What rows count for, and what a change of a row changes.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::measures::{Measure, Measures};
use super::place::{Slot, SumKey, folded, is_answered};
use crate::model::pair::entry::State;
use crate::model::time::{Instant, UtcDay, Zone};
use crate::model::vendor::VendorId;

/// The entries in force of one vendor on a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallCost {
    /// The vendor; `None` for entries of no vendor.
    pub vendor: Option<VendorId>,
    /// How many entries.
    pub count: u32,
    /// What they amount to.
    pub amount: Decimal,
}

/// What a summary needs of the row of an inbound call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFact {
    /// When the call started.
    pub started: Instant,
    /// The number that was called, in E.164.
    pub did: String,
    /// Who called, as the row spells it.
    pub caller: String,
    /// The vendor of the number at the call's start.
    pub vendor: Option<VendorId>,
    /// How the call ended.
    pub disposition: Option<String>,
    /// How long it was, in seconds.
    pub seconds: i64,
    /// Its entries in force, one for each vendor.
    pub costs: Vec<CallCost>,
    /// Whether two billers have entries in force on it.
    pub two_vendors: bool,
}

/// What a summary needs of the row of a cost entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostFact {
    /// When it was billed.
    pub billed: Instant,
    /// The number that was called, in E.164.
    pub did: String,
    /// The vendor whose cost it is.
    pub vendor: Option<VendorId>,
    /// The amount.
    pub amount: Decimal,
    /// Whether it counts.
    pub state: State,
    /// Whether it is matched to a call.
    pub matched: bool,
    /// Whether a repeat of its bill may have been for a second call.
    pub maybe_second: bool,
    /// Whether its credential had sent its call id for another pair.
    pub id_reused: bool,
    /// Whether it came at another price than was agreed.
    pub other_price: bool,
}

/// What a summary needs of the row of an adjustment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdjustmentFact {
    /// When it was made.
    pub made: Instant,
    /// The number that was called, in E.164; `None` for a vendor's month.
    pub did: Option<String>,
    /// The vendor that it is about.
    pub vendor: Option<VendorId>,
    /// The signed amount.
    pub amount: Decimal,
}

/// What a summary needs of the row of a bill that was refused for its DID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedFact {
    /// When it was refused.
    pub refused: Instant,
    /// The number that it was for, in E.164.
    pub did: String,
    /// The vendor of its credential.
    pub vendor: Option<VendorId>,
    /// What it asked for.
    pub amount: Decimal,
}

/// A row of the ledger that summaries count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A call.
    Call(CallFact),
    /// A cost entry.
    Cost(CostFact),
    /// An adjustment.
    Adjustment(AdjustmentFact),
    /// A bill that was refused for its DID.
    Refused(RefusedFact),
}

/// Sums by place.
pub type Cells = BTreeMap<(SumKey, Slot), Measures>;

impl Fact {
    /// Adds what the row counts for.
    ///
    /// A call counts when it started, with its vendor's calls, and its entries in force count there too,
    /// each with the vendor that billed it. Every other entry counts when it was billed. An entry in force
    /// that is matched therefore counts with its call, and not by its own row. An adjustment counts when it was
    /// made.
    pub fn count(&self, zone: &Zone, cells: &mut Cells) {
        match self {
            Self::Call(call) => call.count(zone, cells),
            Self::Cost(cost) => cost.count(zone, cells),
            Self::Adjustment(adjustment) => adjustment.count(zone, cells),
            Self::Refused(bill) => bill.count(zone, cells),
        }
    }
}

impl CallFact {
    fn key(&self, vendor: Option<&VendorId>) -> SumKey {
        SumKey {
            day: UtcDay::of(self.started),
            did: self.did.clone(),
            vendor: vendor.cloned(),
            disposition: folded(self.disposition.as_deref().unwrap_or_default()),
        }
    }

    fn count(&self, zone: &Zone, cells: &mut Cells) {
        let slot = Slot::of(self.started, zone);
        let key = self.key(self.vendor.as_ref());
        let answered = is_answered(&key.disposition);
        let sums = cells.entry((key, slot)).or_default();
        sums.add(Measure::Calls, 1);
        sums.add(Measure::Answered, i64::from(answered));
        sums.add(Measure::Seconds, self.seconds);
        sums.add(Measure::BilledCalls, i64::from(!self.costs.is_empty()));
        sums.add(Measure::TwoVendors, i64::from(self.two_vendors));
        for cost in &self.costs {
            let key = self.key(cost.vendor.as_ref());
            let sums = cells.entry((key, slot)).or_default();
            sums.add(Measure::MatchedCount, cost.count);
            sums.add(Measure::Matched, cost.amount);
            if self.two_vendors {
                sums.add(Measure::TwoVendorsCosts, cost.count);
            }
        }
    }
}

impl CostFact {
    fn count(&self, zone: &Zone, cells: &mut Cells) {
        let measures = match (self.state, self.matched) {
            (State::InForce, true) => None,
            (State::InForce, false) => Some((Measure::UnmatchedCount, Measure::Unmatched)),
            (State::Superseded, _) => Some((Measure::SupersededCount, Measure::Superseded)),
            (State::Void, _) => Some((Measure::VoidCount, Measure::Void)),
        };
        let key = SumKey {
            day: UtcDay::of(self.billed),
            did: self.did.clone(),
            vendor: self.vendor.clone(),
            disposition: String::new(),
        };
        let sums = cells.entry((key, Slot::of(self.billed, zone))).or_default();
        if let Some((count, amount)) = measures {
            sums.add(count, 1);
            sums.add(amount, self.amount);
        }
        sums.add(Measure::MaybeSecond, i64::from(self.maybe_second));
        sums.add(Measure::IdReused, i64::from(self.id_reused));
        sums.add(Measure::OtherPrice, i64::from(self.other_price));
    }
}

impl AdjustmentFact {
    fn count(&self, zone: &Zone, cells: &mut Cells) {
        let key = SumKey {
            day: UtcDay::of(self.made),
            did: self.did.clone().unwrap_or_default(),
            vendor: self.vendor.clone(),
            disposition: String::new(),
        };
        let sums = cells.entry((key, Slot::of(self.made, zone))).or_default();
        sums.add(Measure::AdjustedCount, 1);
        sums.add(Measure::Adjusted, self.amount);
    }
}

impl RefusedFact {
    fn count(&self, zone: &Zone, cells: &mut Cells) {
        let key = SumKey {
            day: UtcDay::of(self.refused),
            did: self.did.clone(),
            vendor: self.vendor.clone(),
            disposition: String::new(),
        };
        let slot = Slot::of(self.refused, zone);
        let sums = cells.entry((key, slot)).or_default();
        sums.add(Measure::RefusedCount, 1);
        sums.add(Measure::Refused, self.amount);
    }
}

/// By how much sums change: what new rows count for, less what old ones did.
///
/// Deltas may be applied in any order and in any batches: the sums are the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta(Cells);

impl Delta {
    /// Adds the change of one row, in the account's zone.
    pub fn change(&mut self, old: Option<&Fact>, new: Option<&Fact>, zone: &Zone) {
        let (mut minus, mut plus) = (Cells::new(), Cells::new());
        if let Some(old) = old {
            old.count(zone, &mut minus);
        }
        if let Some(new) = new {
            new.count(zone, &mut plus);
        }
        for (place, sums) in &minus {
            self.0.entry(place.clone()).or_default().subtract(sums);
        }
        for (place, sums) in &plus {
            self.0.entry(place.clone()).or_default().merge(sums);
        }
        for place in minus.keys().chain(plus.keys()) {
            if self.0.get(place).is_some_and(Measures::is_zero) {
                self.0.remove(place);
            }
        }
    }

    /// Returns the changes that are not zero, by place.
    #[must_use]
    pub fn cells(&self) -> &Cells {
        &self.0
    }
}
