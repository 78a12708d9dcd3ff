//! Which call a cost entry belongs to (contracts/money-rules.md 9 to 13).
//!
//! An entry ranks each call by itself, so the best call of a set stays the best when worse ones are added
//! or taken away.

use std::cmp::Reverse;

use super::call::PairCall;
use super::entry::{CostEntry, Dating};
use crate::model::time::Instant;

/// How long after the moment of an entry its call may start, in milliseconds: bills overtake their calls,
/// and clocks differ.
pub const EARLY_BILL: i64 = 5 * 60_000;

/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

/// How well a call fits an entry; the greatest fits best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit<'a> {
    /// It starts after the moment: the sooner, the better.
    After(Reverse<Instant>, &'a str),
    /// It starts so many milliseconds from the moment, and the earlier of two at the same distance.
    Near(Reverse<i64>, Reverse<Instant>, &'a str),
    /// It began by the moment, and lasted then if the entry says a date: the later, the better.
    Began(Instant, &'a str),
    /// It has the entry's call id: the later, the better.
    SameId(Instant, &'a str),
}

/// The earliest start of a call that the entry may be for.
#[must_use]
pub fn earliest(entry: &CostEntry) -> Instant {
    let window = i64::from(entry.window_days).saturating_mul(DAY);
    Instant::from_millis(entry.moment.millis().saturating_sub(window))
}

/// The latest start of a call that the entry may be for.
#[must_use]
pub fn latest(entry: &CostEntry) -> Instant {
    Instant::from_millis(entry.moment.millis().saturating_add(EARLY_BILL))
}

/// How well a call fits an entry by id and time; `None` if it does not.
#[must_use]
pub fn fit<'a>(entry: &CostEntry, call: &'a PairCall) -> Option<Fit<'a>> {
    let (start, label) = (call.start(), call.label());
    if start < earliest(entry) || start > latest(entry) {
        return None;
    }
    if entry.call_id.as_ref().is_some_and(|id| call.has_id(id)) {
        return Some(Fit::SameId(start, label));
    }
    let moment = entry.moment;
    Some(match entry.dating {
        Dating::None | Dating::Day if start <= moment => Fit::Began(start, label),
        Dating::None | Dating::Day => Fit::After(Reverse(start), label),
        Dating::Moment => {
            let lasted = start <= moment && call.ended().is_some_and(|ended| ended >= moment);
            let distance = (moment.millis() - start.millis()).abs();
            match lasted {
                true => Fit::Began(start, label),
                false => Fit::Near(Reverse(distance), Reverse(start), label),
            }
        }
    })
}

/// The call of `calls` that fits an entry best.
#[must_use]
pub fn best<'a>(
    entry: &CostEntry,
    calls: impl IntoIterator<Item = &'a PairCall>,
) -> Option<&'a PairCall> {
    calls
        .into_iter()
        .filter_map(|call| Some((fit(entry, call)?, call)))
        .max_by_key(|(fit, _)| *fit)
        .map(|(_, call)| call)
}
