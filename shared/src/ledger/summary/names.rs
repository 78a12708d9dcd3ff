//! Keys and attribute names of the kept sums (patterns 70 to 74 of [`keys`](crate::ledger::keys)).

use std::time::Duration;

use crate::ledger::keys::{Key, pair_calls_from};
use crate::ledger::summary::parts::Part;
use crate::model::account::AccountId;
use crate::model::summary::measures::Measure;
use crate::model::summary::place::{Slot, SumKey};
use crate::model::time::UtcDay;
use crate::model::vendor::VendorId;

/// The account that a partition belongs to.
pub(in crate::ledger) fn account_of(pk: &str) -> Option<AccountId> {
    let id = pk.strip_prefix("A#")?.split('#').next()?;
    AccountId::parse(id).ok()
}

/// The partition of the pair of an inbound call, from its row.
pub(in crate::ledger) fn inbound_pair(account: &AccountId, did: &str, caller: &str) -> String {
    format!("A#{account}#PAIR#in#{did}#{caller}")
}

/// The sort keys of a pair's calls that may show a start on a day: a call's sid is of its first report, up to
/// an hour from the start that it shows.
pub(in crate::ledger) fn pair_calls_of_day(day: UtcDay) -> (String, String) {
    let (hour, begins) = (Duration::from_secs(3_600), day.begins());
    (
        pair_calls_from(begins.minus(hour)),
        pair_calls_from(begins.plus(hour * 25)),
    )
}

/// Partition of patterns 70 and 71.
pub(in crate::ledger) fn sums_partition(account: &AccountId, day: UtcDay) -> String {
    format!("A#{account}#SUM#{day}")
}

/// Prefix of the sort keys of pattern 70.
pub(in crate::ledger) const SUMS: &str = "SUM#";

/// Prefix of the sort keys of pattern 70 of one number.
pub(in crate::ledger) fn sums_of(did: &str) -> String {
    format!("{SUMS}{did}#")
}

/// Prefix of the sort keys of pattern 71.
pub(in crate::ledger) const CALLERS: &str = "CALLERS#";

/// Stands for no vendor in the sort keys of patterns 70 and 71. It is no vendor's id.
const NO_VENDOR: &str = "*";

/// Pattern 70. An equals sign precedes the disposition, which may be empty.
pub(in crate::ledger) fn sums(account: &AccountId, key: &SumKey) -> Key {
    let SumKey { did, vendor, .. } = key;
    let vendor = vendor.as_ref().map_or(NO_VENDOR, VendorId::as_str);
    Key::new(
        sums_partition(account, key.day),
        format!("{SUMS}{did}#{vendor}#={}", key.disposition),
    )
}

/// Pattern 71. The first part has no digits behind it.
pub(in crate::ledger) fn callers(account: &AccountId, key: &SumKey, part: &Part) -> Key {
    let SumKey { did, vendor, .. } = key;
    let vendor = vendor.as_ref().map_or(NO_VENDOR, VendorId::as_str);
    let digits = match part.as_str() {
        "" => String::new(),
        digits => format!("#{digits}"),
    };
    Key::new(
        sums_partition(account, key.day),
        format!("{CALLERS}{did}#{vendor}{digits}"),
    )
}

/// What a sort key of pattern 70 stands for.
pub(in crate::ledger) fn sum_key(day: UtcDay, sk: &str) -> Option<SumKey> {
    let mut parts = sk.strip_prefix(SUMS)?.splitn(3, '#');
    Some(SumKey {
        day,
        did: parts.next()?.to_owned(),
        vendor: VendorId::parse(parts.next()?).ok(),
        disposition: parts.next()?.strip_prefix('=')?.to_owned(),
    })
}

/// What a sort key of pattern 71 stands for, and which part of it.
pub(in crate::ledger) fn callers_key(day: UtcDay, sk: &str) -> Option<(SumKey, Part)> {
    let mut texts = sk.strip_prefix(CALLERS)?.splitn(3, '#');
    let key = SumKey {
        day,
        did: texts.next()?.to_owned(),
        vendor: VendorId::parse(texts.next()?).ok(),
        disposition: String::new(),
    };
    Some((key, Part::parse(texts.next().unwrap_or_default())?))
}

/// The attribute of pattern 70 that holds one number: `h_05c`.
pub(in crate::ledger) fn sum_name(slot: Slot, measure: Measure) -> String {
    format!("h_{slot}{}", measure.letter())
}

/// What an attribute of pattern 70 holds; `None` for one that holds no sum.
pub(in crate::ledger) fn read_sum_name(name: &str) -> Option<(Slot, Measure)> {
    let name = name.strip_prefix("h_")?;
    let letter = name.chars().next_back()?;
    let slot = name.strip_suffix(letter)?;
    Some((Slot::parse(slot)?, Measure::of_letter(letter)?))
}

/// The attribute of pattern 71 that holds the callers of a time: `h_05`.
pub(in crate::ledger) fn callers_name(slot: Slot) -> String {
    format!("h_{slot}")
}

/// The time whose callers an attribute of pattern 71 holds; `None` for one that holds none.
pub(in crate::ledger) fn read_callers_name(name: &str) -> Option<Slot> {
    Slot::parse(name.strip_prefix("h_")?)
}

/// Partition of pattern 72.
pub(in crate::ledger) const ROLLUP: &str = "ROLLUP";

/// Pattern 72.
pub(in crate::ledger) fn rollup_checkpoint(shard: &str) -> Key {
    Key::new(ROLLUP, format!("SHARD#{shard}"))
}

/// Pattern 73.
pub(in crate::ledger) fn settling(account: &AccountId) -> Key {
    Key::new(format!("A#{account}#SUM"), "SETTLING")
}

/// Pattern 74.
pub(in crate::ledger) fn pulse(number: u8) -> Key {
    Key::new(format!("PULSE#{number}"), "PULSE")
}
