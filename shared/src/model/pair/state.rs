//! Which entries of a call count (contracts/money-rules.md 15 to 19).

use super::entry::{CostEntry, Dating, State};

/// For how long a bill that says neither date nor call id replaces an earlier one, in milliseconds.
const LAST_WORD: i64 = 86_400_000;

/// Decides again which of the entries of one call count.
pub fn decide(entries: &mut [CostEntry]) {
    let states: Vec<State> = entries
        .iter()
        .map(|entry| {
            if entry.void {
                State::Void
            } else if entry.repriced || entries.iter().any(|later| replaces(later, entry)) {
                State::Superseded
            } else {
                State::InForce
            }
        })
        .collect();
    for (entry, state) in entries.iter_mut().zip(states) {
        entry.state = state;
    }
}

/// The state of an entry that no call has: nothing but its own bill's newer price replaces it.
#[must_use]
pub fn of_unmatched(entry: &CostEntry) -> State {
    match (entry.void, entry.repriced) {
        (true, _) => State::Void,
        (false, true) => State::Superseded,
        (false, false) => State::InForce,
    }
}

/// Whether `later` is its biller's last word in place of `entry`, both being on one call.
fn replaces(later: &CostEntry, entry: &CostEntry) -> bool {
    let other_call_id = match (&later.call_id, &entry.call_id) {
        (Some(later), Some(entry)) => later != entry,
        _ => false,
    };
    let says_either = later.dating != Dating::None || later.call_id.is_some();
    let apart = later.received_at.millis() - entry.received_at.millis();
    later.receipt() > entry.receipt()
        && !later.void
        && !later.adds
        && later.biller == entry.biller
        && !other_call_id
        && (says_either || apart <= LAST_WORD)
}
