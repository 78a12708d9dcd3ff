//! Which cost entries pass a filter.

use crate::ledger::money::cost::CostRow;
use crate::model::cost_filter::{CostFilter, CostFlag};
use crate::model::pair::entry::State;

impl CostRow {
    /// Whether a filter selects the entry. Of two vendors on one call, and of its vendor's terms, the row knows only
    /// if its list looked (`CostRow::two_vendors`, `CostRow::expectation`).
    #[must_use]
    pub fn passes(&self, filter: &CostFilter) -> bool {
        let CostFilter {
            vendor,
            did,
            callers,
            state,
            matched,
            flag,
            expectation,
            min,
            max,
            credential,
        } = filter;
        let amount = self.amount().decimal();
        let vendor = vendor.as_ref();
        vendor.is_none_or(|vendor| vendor.is(self.vendor_id.as_ref()))
            && did.as_ref().is_none_or(|did| *did == self.call_to)
            && (callers.is_empty() || callers.iter().any(|one| one.as_str() == self.call_from))
            && state.is_none_or(|state| state == self.entry.state)
            && matched.is_none_or(|matched| matched == self.call_sid.is_some())
            && flag.is_none_or(|flag| self.flags().contains(&flag))
            && (expectation.is_none() || *expectation == self.expectation)
            && min.is_none_or(|min| amount >= min.decimal())
            && max.is_none_or(|max| amount <= max.decimal())
            && (credential.is_none() || *credential == self.credential_id)
    }

    /// What a person should look at.
    #[must_use]
    pub fn flags(&self) -> Vec<CostFlag> {
        let two_vendors = self.two_vendors && self.entry.state == State::InForce;
        let flags = [
            (CostFlag::TwoVendors, two_vendors),
            (CostFlag::MaybeSecond, self.maybe_second),
            (CostFlag::IdReused, self.id_reused),
            (CostFlag::OtherPrice, self.other_price),
            (CostFlag::Crowded, self.crowded),
        ];
        let raised = flags.into_iter().filter(|(_, raised)| *raised);
        raised.map(|(flag, _)| flag).collect()
    }
}
