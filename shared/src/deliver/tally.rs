//! What a deliverer has done.

use crate::model::account::AccountId;
use crate::model::time::Instant;
use crate::model::webhook::{EndpointId, OffReason};

/// An endpoint that was switched off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchedOff {
    /// Whose it is.
    pub account: AccountId,
    /// The endpoint.
    pub endpoint: EndpointId,
    /// Why.
    pub reason: OffReason,
}

/// What a deliverer has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many endpoints it had the lease of.
    pub endpoints: u32,
    /// How many deliveries were taken by their receivers.
    pub delivered: u32,
    /// How many are tried again later.
    pub postponed: u32,
    /// How many were given up.
    pub failed: u32,
    /// The endpoints that were switched off.
    pub switched_off: Vec<SwitchedOff>,
    /// Since when the delivery is due that waits longest, of endpoints that are enabled.
    pub oldest_due: Option<Instant>,
}

impl Tally {
    pub(super) fn add(&mut self, other: Self) {
        let Self {
            endpoints,
            delivered,
            postponed,
            failed,
            switched_off,
            oldest_due,
        } = other;
        self.endpoints += endpoints;
        self.delivered += delivered;
        self.postponed += postponed;
        self.failed += failed;
        self.switched_off.extend(switched_off);
        self.note_due(oldest_due);
    }

    pub(super) fn note_due(&mut self, due: Option<Instant>) {
        let known = self.oldest_due.into_iter().chain(due);
        self.oldest_due = known.min();
    }
}
