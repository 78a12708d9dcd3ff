//! Rate limits and quotas, counted in the ledger with one update for each request.

use std::sync::PoisonError;

use super::lookup::Access;
use crate::ledger::{LimitReached, Remaining, StoreError, Throttle};
use crate::model::credential::Credential;
use crate::model::time::Instant;
use crate::problem::{Problem, Window};
use crate::request::Request;

impl Access {
    /// Returns what is left of a credential's limits, as far as this process knows.
    pub(super) fn remaining(&self, credential: &Credential, now: Instant) -> Remaining {
        let windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = windows.get(&credential.id).copied().unwrap_or_default();
        seen.remaining(&credential.limits, now)
    }

    /// Counts a request, unless a limit is reached. Requests of credentials without limits are only counted to
    /// notice when they stop.
    ///
    /// # Errors
    /// Returns `RateLimited` or `QuotaExceeded` with the seconds until the window ends, or an error if
    /// DynamoDB does not answer in time.
    pub(super) async fn throttle(
        &self,
        credential: &Credential,
        request: &Request,
    ) -> Result<Remaining, Problem> {
        if !credential.is_counted() {
            return Ok(Remaining::default());
        }
        let (guid, now) = (request.guid(), request.received());
        let windows = || self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let mut seen = windows().get(&credential.id).copied();
        let throttle = self
            .ledger
            // A credential has one item, whichever of its accounts it acts for.
            .throttle(&credential.account, credential, (guid, now), &mut seen)
            .await;
        if let Some(seen) = seen {
            windows().insert(credential.id.clone(), seen);
        }
        let outcome = outcome(throttle, now);
        self.note_limit(credential, &outcome, now).await;
        outcome
    }

    /// Counts a call start or end, unless the limit on these is reached.
    ///
    /// # Errors
    /// Returns `RateLimited` with the seconds until the minute ends, or an error if DynamoDB does not answer
    /// in time.
    pub(super) async fn throttle_starts(
        &self,
        credential: &Credential,
        request: &Request,
    ) -> Result<(), Problem> {
        let Some(most) = credential.counted_starts() else {
            return Ok(());
        };
        let (guid, now) = (request.guid(), request.received());
        let starts = || self.starts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut seen = starts().get(&credential.id).copied();
        let throttle = self
            .ledger
            .throttle_starts(credential, most, (guid, now), &mut seen)
            .await;
        if let Some(seen) = seen {
            starts().insert(credential.id.clone(), seen);
        }
        let outcome = outcome(throttle, now);
        self.note_limit(credential, &outcome, now).await;
        outcome.map(drop)
    }
}

fn outcome(throttle: Result<Throttle, StoreError>, now: Instant) -> Result<Remaining, Problem> {
    match throttle? {
        Throttle::Within(remaining) => Ok(remaining),
        Throttle::Refused(LimitReached::Rate(window)) => {
            let retry_after = match window {
                Window::Second => 1,
                Window::Minute => now.seconds_to_next_minute(),
                Window::Day => now.seconds_to_next_utc_day(),
            };
            Err(Problem::RateLimited {
                window,
                retry_after,
            })
        }
        Throttle::Refused(LimitReached::Quota) => Err(Problem::QuotaExceeded {
            retry_after: now.seconds_to_next_utc_month(),
        }),
    }
}
