//! Keys of number assignments (patterns 30 and 33).
//!
//! An assignment that lasts is under `TENURE#` and its number, which begins with `+`. Its end moves it under
//! `TENURE#ENDED#`, and puts a copy where lists find it by its time. Versions before D-547 ended an assignment
//! where it was; they read all of `TENURE#`, and so everything that this version writes.

use std::time::Duration;

use super::key::Key;
use crate::model::account::AccountId;
use crate::model::number::CurrentAssignment;
use crate::model::phone::PhoneNumber;
use crate::model::property::NumberAssignment;
use crate::model::time::{Instant, Range};

/// Prefix of the sort keys of pattern 30: assignments that last, and those that an earlier version ended.
pub(in crate::ledger) const ASSIGNMENTS: &str = "TENURE#+";

/// The most days that an assignment of each class lasted, in pattern 33. Those of the last class lasted longer.
const CLASS_DAYS: [u64; 4] = [1, 8, 64, 512];

/// The highest instant that sorts as text of 14 digits.
const LAST: i64 = 99_999_999_999_999;

fn assignments_of(number: &PhoneNumber) -> String {
    format!("TENURE#{}#", number.as_e164())
}

fn ended_assignments_of(number: &PhoneNumber) -> String {
    format!("TENURE#ENDED#{}#", number.as_e164())
}

fn digits(at: Instant) -> String {
    format!("{:014}", at.millis().clamp(0, LAST))
}

/// The sort keys of pattern 30 of one number's assignments that began at a moment or before, both inclusive: of
/// those that last, and of those that have ended.
pub(in crate::ledger) fn assignments_until(
    number: &PhoneNumber,
    at: Instant,
) -> [(String, String); 2] {
    [assignments_of(number), ended_assignments_of(number)].map(|of_number| {
        // `~` sorts behind every character of a request's id.
        let last = format!("{of_number}{}#~", digits(at));
        (of_number, last)
    })
}

/// Pattern 30. The request is part of the key: a number may come back to a property within a millisecond.
pub(in crate::ledger) fn number_assignment(
    account: &AccountId,
    number: &PhoneNumber,
    assignment: &CurrentAssignment,
) -> Key {
    let sk = sort_key(&assignments_of(number), assignment);
    Key::new(format!("A#{account}"), sk)
}

/// Pattern 30: the assignment once it has ended.
pub(in crate::ledger) fn ended_assignment(
    account: &AccountId,
    number: &PhoneNumber,
    assignment: &CurrentAssignment,
) -> Key {
    let sk = sort_key(&ended_assignments_of(number), assignment);
    Key::new(format!("A#{account}"), sk)
}

fn sort_key(prefix: &str, assignment: &CurrentAssignment) -> String {
    let CurrentAssignment { since, guid, .. } = assignment;
    format!("{prefix}{}#{guid}", digits(*since))
}

/// Partition of pattern 33.
pub(in crate::ledger) fn past_partition(account: &AccountId) -> String {
    format!("A#{account}#ENDED")
}

/// Pattern 33. `guid` is the request that opened the assignment.
pub(in crate::ledger) fn past_assignment(
    account: &AccountId,
    ended: &NumberAssignment,
    guid: &str,
) -> Key {
    let until = ended.until.unwrap_or(ended.from);
    let lasted = until.millis().saturating_sub(ended.from.millis());
    let lasted = Duration::from_millis(u64::try_from(lasted).unwrap_or(0));
    let class = CLASS_DAYS.iter().filter(|most| lasted > days(**most));
    let (class, number) = (class.count(), ended.number.as_e164());
    let [until, from] = [until, ended.from].map(digits);
    Key::new(
        past_partition(account),
        format!("{class}#{until}#{number}#{from}#{guid}"),
    )
}

/// The sort keys of pattern 33, class by class, both inclusive, of assignments that may touch a range.
///
/// An assignment that began before the end of the range and lasted a day at most has ended a day after the range at
/// the latest.
pub(in crate::ledger) fn past_assignments_in(range: Range) -> Vec<(String, String)> {
    let most = CLASS_DAYS.map(Some).into_iter().chain([None]);
    let last = most.map(|most| most.map_or(LAST, |most| range.to.plus(days(most)).millis()));
    let (from, classes) = (digits(range.from), last.enumerate());
    classes
        .map(|(class, last)| {
            let last = digits(Instant::from_millis(last));
            (format!("{class}#{from}"), format!("{class}#{last}#~"))
        })
        .collect()
}

fn days(count: u64) -> Duration {
    Duration::from_secs(count * 86_400)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::property::PropertySid;

    /// Half a day, in milliseconds.
    const HALF: i64 = 43_200_000;

    fn sort_key(from: i64, until: i64) -> String {
        let ended = NumberAssignment {
            number: PhoneNumber::parse("8005550100").unwrap(),
            property_sid: PropertySid::parse(&"A".repeat(32)).unwrap(),
            from: Instant::from_millis(from),
            until: Some(Instant::from_millis(until)),
        };
        past_assignment(&AccountId::from_number(7), &ended, "0").sk
    }

    #[test]
    fn a_range_finds_every_assignment_that_touches_it_and_few_others() {
        let found = |key: &str, range: &[(String, String)]| {
            let mut in_range = range.iter().filter(|(from, to)| {
                let (from, to) = (from.as_str(), to.as_str());
                from <= key && key <= to
            });
            in_range.next().is_some()
        };
        let of = |from: i64, to: i64| {
            let [from, to] = [from, to].map(Instant::from_millis);
            past_assignments_in(Range { from, to })
        };
        for lasted in [
            0, 1, 2, 3, 15, 16, 17, 127, 128, 129, 1_023, 1_024, 1_025, 9_000,
        ] {
            // Some 50 years after 1970.
            for from in 36_000..36_010 {
                let (from, until) = (from * HALF, (from + lasted) * HALF);
                let key = sort_key(from, until);
                for (begin, end) in [
                    (from - 4 * HALF, from + 1),
                    (from, from + HALF),
                    (until, until + HALF),
                    (from + 1, until.max(from + 1)),
                    (0, i64::MAX),
                ] {
                    let touches = from <= end && begin <= until;
                    assert!(
                        !touches || found(&key, &of(begin, end)),
                        "{lasted} half days"
                    );
                }
                assert!(!found(&key, &of(until + 1, until + HALF)), "it had ended");
                if lasted <= 1_024 {
                    let years = 18 * 365 * HALF;
                    let past = of(from - years, from - years + HALF);
                    assert!(!found(&key, &past), "it began much later");
                }
            }
        }
    }
}
