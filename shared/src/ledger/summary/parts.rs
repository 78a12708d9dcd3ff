//! Parts of the callers of a day, DID and vendor (pattern 71), so that no item outgrows DynamoDB's 400 KB.
//!
//! The first part takes every caller until it is full. From then on a caller goes by the first hexadecimal
//! digit of its hash into one of 16 parts behind the first, by two digits where that one is full too, and so
//! on. A usual day is one item, and a busy one has as many as its callers need. Each hour of a part is filled
//! by itself. Nothing is ever moved, so a caller may be in more than one part of its path: readers take all
//! parts together.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::account::AccountId;
use crate::model::summary::place::{Slot, SumKey};

/// How many callers of one time a part takes before it counts as full.
///
/// A write adds at most as many more, so one time of a part has fewer than twice as many. An item of 96
/// quarters and 24 hours, of 9 bytes a caller, stays below 280 KB; one of hours below 56 KB.
pub(in crate::ledger) const MOST_CALLERS: usize = 128;

/// How many digits a hash has. The part of a whole hash has one caller, and is never full.
const DIGITS: usize = 16;

/// How many full parts a process remembers: some 5 MB.
const MOST_KNOWN: usize = 50_000;

/// One part: the hashes that begin with these hexadecimal digits. The first part has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::ledger) struct Part(String);

impl Part {
    /// Reads the digits.
    pub(in crate::ledger) fn parse(digits: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let fits = digits.len() <= DIGITS && digits.bytes().all(is_digit);
        fits.then(|| Self(digits.to_owned()))
    }

    /// The digits.
    pub(in crate::ledger) fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts that may have a hash, from the first one on.
    pub(in crate::ledger) fn path(hash: u64) -> impl Iterator<Item = Self> {
        let digits = format!("{hash:016x}");
        (0..=DIGITS).map(move |count| Self(digits.chars().take(count).collect()))
    }

    /// Whether it is of a whole hash.
    pub(in crate::ledger) fn is_last(&self) -> bool {
        self.0.len() == DIGITS
    }
}

/// One time of one part of the callers of a place.
pub(in crate::ledger) type PartTime = (Part, Slot);

/// The parts that were found to be full. A part stays full, so nothing of this is ever out of date; what is
/// forgotten is found again.
#[derive(Clone, Debug, Default)]
pub(in crate::ledger) struct FullParts(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    places: HashMap<(AccountId, SumKey), HashSet<PartTime>>,
    count: usize,
}

impl FullParts {
    /// The part that a caller goes to: the first of its path that is not known to be full.
    pub(in crate::ledger) fn part_for(
        &self,
        place: &(AccountId, SumKey),
        slot: Slot,
        hash: u64,
    ) -> Part {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = known.places.get(place);
        let is_full = |part: &Part| full.is_some_and(|full| full.contains(&(part.clone(), slot)));
        let mut path = Part::path(hash);
        path.find(|part| part.is_last() || !is_full(part))
            .unwrap_or_default()
    }

    /// Remembers that a part is full.
    pub(in crate::ledger) fn note(&self, place: &(AccountId, SumKey), full: PartTime) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.count >= MOST_KNOWN {
            *known = Known::default();
        }
        let is_new = known.places.entry(place.clone()).or_default().insert(full);
        known.count += usize::from(is_new);
    }
}

/// The callers of a place by part and time.
pub(in crate::ledger) type CallerSets = BTreeMap<Part, BTreeMap<Slot, BTreeSet<u64>>>;

/// The parts as they should be if the place has the callers `wanted`: who is not wanted is taken out, who is
/// missing is put in, and everybody else stays.
pub(in crate::ledger) fn corrected(
    kept: &CallerSets,
    wanted: &BTreeMap<Slot, BTreeSet<u64>>,
) -> CallerSets {
    let mut parts = kept.clone();
    for (part, slots) in &mut parts {
        for (slot, hashes) in slots {
            let belongs = |hash: &u64| {
                let wanted = wanted.get(slot).is_some_and(|all| all.contains(hash));
                wanted && Part::path(*hash).any(|of| of == *part)
            };
            hashes.retain(belongs);
        }
    }
    for (slot, hashes) in wanted {
        for hash in hashes {
            let of = |part: &Part| parts.get(part).and_then(|slots| slots.get(slot));
            let has = |part: Part| of(&part).is_some_and(|hashes| hashes.contains(hash));
            if Part::path(*hash).any(has) {
                continue;
            }
            let room = |part: &Part| {
                part.is_last() || of(part).is_none_or(|hashes| hashes.len() < MOST_CALLERS)
            };
            let part = Part::path(*hash).find(room).unwrap_or_default();
            let slots = parts.entry(part).or_default();
            slots.entry(*slot).or_default().insert(*hash);
        }
    }
    for slots in parts.values_mut() {
        slots.retain(|_, hashes| !hashes.is_empty());
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(hour: &str) -> Slot {
        Slot::parse(hour).unwrap()
    }

    /// Spreads small numbers over all hashes.
    fn hash(number: u64) -> u64 {
        number.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    fn all(parts: &CallerSets) -> BTreeMap<Slot, BTreeSet<u64>> {
        let mut all: BTreeMap<Slot, BTreeSet<u64>> = BTreeMap::new();
        for slots in parts.values() {
            for (slot, hashes) in slots {
                all.entry(*slot).or_default().extend(hashes);
            }
        }
        all
    }

    #[test]
    fn a_path_leads_from_everybody_to_one_hash() {
        let path: Vec<Part> = Part::path(0xA3F0_0000_0000_0001).collect();
        assert_eq!(path.len(), 17);
        let first = path.iter().take(3).map(Part::as_str);
        assert_eq!(first.collect::<Vec<_>>(), ["", "a", "a3"]);
        assert!(path.last().is_some_and(Part::is_last));
        for part in path {
            assert_eq!(Part::parse(part.as_str()), Some(part));
        }
        for digits in ["A", "g", "00000000000000000", "a b"] {
            assert_eq!(Part::parse(digits), None, "{digits}");
        }
    }

    #[test]
    fn a_caller_goes_to_the_first_part_of_its_path_that_is_not_full() {
        let full = FullParts::default();
        let place = (AccountId::parse("7").unwrap(), {
            let day = crate::model::time::UtcDay::parse("2026-11-21").unwrap();
            SumKey {
                day,
                did: "+18005550100".to_owned(),
                vendor: None,
                disposition: String::new(),
            }
        });
        let (ten, eleven) = (slot("10"), slot("11"));
        let hash = 0xA3F0_0000_0000_0001;
        for expected in ["", "a", "a3"] {
            let part = full.part_for(&place, ten, hash);
            assert_eq!(part.as_str(), expected);
            full.note(&place, (part, ten));
        }
        assert_eq!(
            full.part_for(&place, ten, 0xB000_0000_0000_0000).as_str(),
            "b"
        );
        assert_eq!(full.part_for(&place, eleven, hash).as_str(), "");
    }

    #[test]
    fn parts_are_corrected_and_never_more_than_full() {
        let wanted: BTreeMap<Slot, BTreeSet<u64>> = BTreeMap::from([
            (slot("10"), (0..50_000).map(hash).collect()),
            (slot("11"), (0..7).map(hash).collect()),
        ]);
        let parts = corrected(&CallerSets::new(), &wanted);
        assert_eq!(all(&parts), wanted);
        let sets = parts.values().flat_map(BTreeMap::values);
        assert!(sets.clone().all(|hashes| hashes.len() <= MOST_CALLERS));
        // What was right stays where it was, however it got there.
        assert_eq!(corrected(&parts, &wanted), parts);

        let mut damaged = parts.clone();
        let first = damaged.get_mut(&Part::default()).unwrap();
        first.get_mut(&slot("10")).unwrap().pop_first();
        first.entry(slot("12")).or_default().insert(hash(3));
        let stranger = damaged.entry(Part::parse("0").unwrap()).or_default();
        stranger.entry(slot("11")).or_default().insert(u64::MAX);
        let repaired = corrected(&damaged, &wanted);
        assert_eq!(all(&repaired), wanted);
    }

    #[test]
    fn a_part_of_an_earlier_version_keeps_what_it_has() {
        let many: BTreeSet<u64> = (0..40_000).map(hash).collect();
        let wanted = BTreeMap::from([(slot("10"), many)]);
        let kept = CallerSets::from([(Part::default(), wanted.clone())]);
        assert_eq!(corrected(&kept, &wanted), kept);
    }
}
