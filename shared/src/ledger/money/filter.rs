//! Which cost entries pass a filter.

use crate::ledger::money::cost::CostRow;
use crate::ledger::report::filter::Conditions;
use crate::ledger::table::query::RangeQuery;
use crate::model::call::CallingParty;
use crate::model::cost_filter::{CostFilter, CostFlag, OfVendor};
use crate::model::pair::entry::State;

/// Has DynamoDB leave out rows that [`CostRow::passes`] refuses, so that they are neither sent nor decoded. It lets
/// every other row pass: amounts, dispositions and what only a list knows are left to the row.
pub(in crate::ledger) fn narrowed(query: RangeQuery, filter: &CostFilter) -> RangeQuery {
    let mut conditions = Conditions::default();
    let mut query = query;
    match &filter.vendor {
        Some(OfVendor::Vendor(id)) => conditions.equal("vendor_id", ":vendor", id.as_str()),
        Some(OfVendor::Nobody) => conditions.push("attribute_not_exists(vendor_id)"),
        None => {}
    }
    if let Some(did) = &filter.did {
        conditions.equal("call_to", ":did", did.as_e164());
    }
    let callers: Vec<&str> = filter.callers.iter().map(CallingParty::as_str).collect();
    if let Some(list) = conditions.list("cid", &callers) {
        conditions.push(format!("call_from IN {list}"));
    }
    if let Some(state) = filter.state {
        query = query.name("#state", "state");
        conditions.equal("#state", ":state", state.as_str());
    }
    match filter.matched {
        Some(true) => conditions.push("attribute_exists(call_sid)"),
        Some(false) => conditions.push("attribute_not_exists(call_sid)"),
        None => {}
    }
    match filter.flag {
        Some(CostFlag::TwoVendors) => conditions.push("attribute_exists(call_sid)"),
        Some(CostFlag::MaybeSecond) => conditions.push("attribute_exists(maybe_second)"),
        Some(CostFlag::IdReused) => conditions.push("attribute_exists(id_reused)"),
        Some(CostFlag::OtherPrice) => conditions.push("attribute_exists(other_price)"),
        Some(CostFlag::Crowded) => conditions.push("attribute_exists(crowded)"),
        None => {}
    }
    if let Some(credential) = &filter.credential {
        conditions.equal("credential_id", ":credential", credential);
    }
    conditions.apply(query)
}

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
