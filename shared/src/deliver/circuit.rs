//! The circuit of an endpoint: closed while deliveries succeed now and then, open after many failures in a row.

use std::sync::{Mutex, PoisonError};

use crate::ledger::EndpointProgress;
use crate::model::time::Instant;
use crate::model::webhook::OffReason;
use crate::model::webhook::schedule::{OPENS_AFTER, SWITCHED_OFF_AFTER, open_until};

/// The circuit, which the lines of an endpoint share.
pub(super) struct Circuit(Mutex<State>);

#[derive(Clone)]
struct State {
    failures: u32,
    failing_since: Option<Instant>,
    open_until: Option<Instant>,
    /// Why the endpoint is to be switched off.
    off: Option<OffReason>,
}

impl Circuit {
    pub(super) fn of(progress: &EndpointProgress) -> Self {
        Self(Mutex::new(State {
            failures: progress.failures,
            failing_since: progress.failing_since,
            open_until: progress.open_until,
            off: None,
        }))
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether a delivery may be sent now.
    pub(super) fn lets_through(&self, now: Instant) -> bool {
        self.with(|state| state.off.is_none() && state.open_until.is_none_or(|until| until <= now))
    }

    /// Whether the next delivery is a probe: no other is sent beside it.
    pub(super) fn probes(&self) -> bool {
        self.with(|state| state.failures >= OPENS_AFTER)
    }

    /// Notes a delivery that was taken.
    pub(super) fn succeeded(&self) {
        self.with(|state| {
            state.failures = 0;
            state.failing_since = None;
            state.open_until = None;
        });
    }

    /// Notes a delivery that was not taken.
    pub(super) fn failed(&self, now: Instant) {
        self.with(|state| {
            // One that was under way when the circuit opened says nothing new.
            if state.open_until.is_some_and(|until| now < until) {
                return;
            }
            state.failures = state.failures.saturating_add(1);
            let since = *state.failing_since.get_or_insert(now);
            state.open_until = open_until(state.failures, now);
            let opened = state.failures >= OPENS_AFTER;
            if opened && since.plus(SWITCHED_OFF_AFTER) <= now {
                state.off = Some(OffReason::Failing);
            }
        });
    }

    /// Notes that the receiver is gone.
    pub(super) fn gone(&self) {
        self.with(|state| state.off = Some(OffReason::Gone));
    }

    /// Why the endpoint is to be switched off, if it is.
    pub(super) fn off(&self) -> Option<OffReason> {
        self.with(|state| state.off)
    }

    /// Writes the state into the progress of the endpoint.
    pub(super) fn write_to(&self, progress: &mut EndpointProgress) {
        self.with(|state| {
            progress.failures = state.failures;
            progress.failing_since = state.failing_since;
            progress.open_until = state.open_until;
        });
    }
}
