//! The two sides of a comparison: lines of a statement, and entries of the ledger.

use rust_decimal::Decimal;

use crate::model::call::{CallSid, CallingParty, CostId};
use crate::model::cost::Cost;
use crate::model::expectation::Expectation;
use crate::model::pair::entry::State;
use crate::model::pair::external_id::ExternalId;
use crate::model::phone::PhoneNumber;
use crate::model::time::{CallDate, CivilDay, Instant, Zone};

/// A line of a vendor's statement. It has a call id, or a date, a DID and a caller, or all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct StatementLine {
    /// The line of the file, or the place among the rows, from 1.
    pub line: u64,
    /// When the call took place: a moment, or a day.
    pub date: Option<CallDate>,
    /// The number that was called.
    pub did: Option<PhoneNumber>,
    /// Who called.
    pub caller: Option<CallingParty>,
    /// What the vendor asks for. It is negative for a credit.
    pub amount: Decimal,
    /// The call's id at the vendor.
    pub call_id: Option<ExternalId>,
}

impl StatementLine {
    /// The DID and the caller, as text that equals that of an entry of the same pair.
    #[must_use]
    pub fn pair(&self) -> Option<(&str, &str)> {
        Some((self.did.as_ref()?.as_e164(), self.caller.as_ref()?.as_str()))
    }

    /// The moment of the call, unless the line says a day or nothing.
    #[must_use]
    pub fn moment(&self) -> Option<Instant> {
        match self.date {
            Some(CallDate::Moment(moment)) => Some(moment),
            _ => None,
        }
    }

    /// The day of the call in `zone`, if the line says a day and no moment.
    #[must_use]
    pub fn day(&self, zone: &Zone) -> Option<CivilDay> {
        match self.date {
            Some(CallDate::Day { begins, .. }) => Some(CivilDay::of(begins, zone)),
            _ => None,
        }
    }
}

/// A cost entry of the vendor, as far as a comparison needs it.
#[derive(Clone, Debug)]
pub struct LedgerEntry {
    /// Its id, which tells when it was billed.
    pub cost_id: CostId,
    /// The number that was called.
    pub did: PhoneNumber,
    /// Who called.
    pub caller: CallingParty,
    /// The amount.
    pub amount: Cost,
    /// Whether it counts.
    pub state: State,
    /// The call that it is matched to.
    pub call_sid: Option<CallSid>,
    /// The call's id at the vendor.
    pub call_id: Option<ExternalId>,
    /// The entry whose price it replaces.
    pub reprices: Option<CostId>,
    /// When the call took place, as its answer said.
    pub call_date: Instant,
    /// When it was received.
    pub received_at: Instant,
    /// What the terms of the vendor make of it, as far as the reader asked.
    pub expectation: Option<Expectation>,
    /// Whether it was billed in the range that is compared, or its call began in it, as the comparison goes.
    /// Others only explain lines.
    pub in_range: bool,
}

impl LedgerEntry {
    /// The DID and the caller.
    #[must_use]
    pub fn pair(&self) -> (&str, &str) {
        (self.did.as_e164(), self.caller.as_str())
    }

    /// When the call began, as far as the ledger knows.
    #[must_use]
    pub fn called_at(&self) -> Instant {
        let started = self.call_sid.as_ref().map(CallSid::started);
        started.unwrap_or(self.call_date)
    }

    /// Each moment that a statement may state for it: the start of the call, the date that the bill said,
    /// and when it was billed.
    #[must_use]
    pub fn moments(&self) -> [Instant; 3] {
        [self.called_at(), self.call_date, self.cost_id.billed()]
    }
}
