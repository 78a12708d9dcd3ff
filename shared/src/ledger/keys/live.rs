//! The keys of live calls and of the latest starts from a number (patterns 11 to 13).

use super::key::Key;
use crate::model::account::AccountId;
use crate::model::id::CredentialId;
use crate::model::phone::PhoneNumber;

/// How many counters an account's live calls have at most.
const COUNTERS: u8 = 16;

/// How many leading or trailing digits a mangled number shares with the full number at least.
pub(in crate::ledger) const SHARED_DIGITS: usize = 7;

/// Partition of pattern 11.
pub(in crate::ledger) fn live_call_partition(called: &PhoneNumber) -> String {
    format!("LIVE#{}", called.as_e164())
}

/// Patterns 11 and 12.
pub(in crate::ledger) fn live_call(
    account: &AccountId,
    calling: &PhoneNumber,
    called: &PhoneNumber,
) -> Key {
    Key::new(
        live_call_partition(called),
        format!("{}#{account}", calling.as_e164()),
    )
}

/// The sort keys of pattern 11 of the live calls from one number, both inclusive.
pub(in crate::ledger) fn live_calls_from(calling: &PhoneNumber) -> (String, String) {
    // `~` sorts behind every digit of an account's id.
    let calling = calling.as_e164();
    (format!("{calling}#"), format!("{calling}#~"))
}

/// The sort keys of pattern 11 of the live calls from numbers that begin as `received` does, or with all of
/// it, both inclusive.
pub(in crate::ledger) fn live_calls_beginning(received: &str) -> (String, String) {
    let beginning: String = received.chars().take(SHARED_DIGITS).collect();
    (format!("+{beginning}"), format!("+{received}~"))
}

/// Partition of the copies of pattern 11 that are sorted by the reversed number.
pub(in crate::ledger) fn reversed_live_call_partition(called: &PhoneNumber) -> String {
    format!("LIVEREV#{}", called.as_e164())
}

/// The copy of pattern 11 that is sorted by the reversed number.
pub(in crate::ledger) fn reversed_live_call(
    account: &AccountId,
    calling: &PhoneNumber,
    called: &PhoneNumber,
) -> Key {
    Key::new(
        reversed_live_call_partition(called),
        format!("{}#{account}", reversed(calling.digits())),
    )
}

/// The sort keys of the copies of pattern 11 from numbers that end as `received` does, or with all of it, both
/// inclusive.
pub(in crate::ledger) fn live_calls_ending(received: &str) -> (String, String) {
    let received = reversed(received);
    let ending: String = received.chars().take(SHARED_DIGITS).collect();
    (ending, format!("{received}~"))
}

fn reversed(digits: &str) -> String {
    digits.chars().rev().collect()
}

/// Partition of the counters of an account's live calls.
pub(in crate::ledger) fn live_count_partition(account: &AccountId) -> String {
    format!("A#{account}#LIVE")
}

/// Pattern 12: how many of an account's calls of this shard are live.
pub(in crate::ledger) fn live_count(account: &AccountId, shard: u8) -> Key {
    let counter = shard % COUNTERS;
    Key::new(live_count_partition(account), format!("COUNT#{counter}"))
}

/// The counters of the live calls of an account with so many shards.
pub(in crate::ledger) fn live_counts(account: &AccountId, shards: u8) -> Vec<Key> {
    let counters = 0..shards.clamp(1, COUNTERS);
    counters.map(|shard| live_count(account, shard)).collect()
}

/// Pattern 12: how many live calls to a number one credential has started.
pub(in crate::ledger) fn live_count_to(
    account: &AccountId,
    called: &PhoneNumber,
    credential: &CredentialId,
) -> Key {
    Key::new(
        format!("A#{account}#LIVE#{}", called.as_e164()),
        format!("KEY#{credential}"),
    )
}

/// Partition of pattern 13.
pub(in crate::ledger) fn number_partition(number: &PhoneNumber) -> String {
    format!("NUM#{}", number.as_e164())
}

/// Pattern 13: the owner of a number.
pub(in crate::ledger) fn number_owner(number: &PhoneNumber) -> Key {
    Key::new(number_partition(number), "OWNER")
}

/// Pattern 13: the recent starts of an account's calls from a number.
pub(in crate::ledger) fn number_starts(number: &PhoneNumber, account: &AccountId) -> Key {
    Key::new(number_partition(number), format!("START#{account}"))
}

/// Pattern 13: the recent starts of carriers' calls from a number.
pub(in crate::ledger) fn carrier_starts(number: &PhoneNumber) -> Key {
    Key::new(number_partition(number), "CARRIERS")
}

/// The slot of pattern 13 that keeps the last start to a called number.
pub(in crate::ledger) fn start_slot(called: &PhoneNumber) -> u32 {
    called.digits().bytes().fold(0_u32, |sum, digit| {
        sum.wrapping_mul(31).wrapping_add(u32::from(digit))
    }) % 16
}
