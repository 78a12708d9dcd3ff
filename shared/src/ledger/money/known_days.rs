//! What a process knows of the days of billing of accounts (pattern 41).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::account::AccountId;
use crate::model::time::UtcDay;

/// How many accounts a process remembers the span of.
const MOST_KNOWN: usize = 10_000;

/// The first and the last days that this process has noted, or found to be noted. A span only grows, so what is
/// known may be too small, but never too large.
#[derive(Clone, Debug, Default)]
pub(in crate::ledger) struct KnownSpans(Arc<Mutex<HashMap<AccountId, KnownDays>>>);

#[derive(Debug, Default)]
struct KnownDays {
    first: Option<UtcDay>,
    last: Option<UtcDay>,
}

/// On which side of the usual days a day of billing lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ledger) enum Side {
    /// Before the account was made.
    Before,
    /// Behind today.
    Behind,
}

impl KnownSpans {
    /// Whether a day is known to be within the span.
    pub(in crate::ledger) fn has(&self, account: &AccountId, day: UtcDay, side: Side) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(account).is_some_and(|known| match side {
            Side::Before => known.first.is_some_and(|first| first <= day),
            Side::Behind => known.last.is_some_and(|last| last >= day),
        })
    }

    /// Remembers that the span reaches to a day.
    pub(in crate::ledger) fn widen(&self, account: &AccountId, day: UtcDay, side: Side) {
        let mut spans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if spans.len() >= MOST_KNOWN {
            spans.clear();
        }
        let known = spans.entry(account.clone()).or_default();
        match side {
            Side::Before => known.first = Some(known.first.map_or(day, |first| first.min(day))),
            Side::Behind => known.last = Some(known.last.map_or(day, |last| last.max(day))),
        }
    }
}
