//! Where a summary counts something: a day, a DID, a vendor, a disposition and a time of day.

use std::fmt;

use crate::model::time::{Instant, UtcDay, Zone};
use crate::model::vendor::VendorId;

/// The maximum number of characters of a disposition that dispositions are told apart by.
const DISPOSITION: usize = 64;

/// A time of day in UTC: an hour, or a quarter of one where the account's hours do not begin with UTC's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// The first quarter of an hour, 0 to 95.
    quarter: u8,
    /// Whether it is that quarter alone.
    alone: bool,
}

impl Slot {
    /// Returns the slot of an instant for an account in `zone`.
    #[must_use]
    pub fn of(at: Instant, zone: &Zone) -> Self {
        let quarter = at.utc_quarter();
        match at.is_on_utc_hours(zone) {
            true => Self {
                quarter: quarter - quarter % 4,
                alone: false,
            },
            false => Self {
                quarter,
                alone: true,
            },
        }
    }

    /// Reads what the slot's `Display` writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (hour, part) = match text.split_once('q') {
            Some((hour, part)) => (hour, Some(part)),
            None => (text, None),
        };
        let hour: u8 = hour.parse().ok().filter(|hour| *hour < 24)?;
        let part = part.map(str::parse::<u8>).transpose().ok()?;
        let quarter = part.unwrap_or(0);
        (quarter < 4).then(|| Self {
            quarter: hour * 4 + quarter,
            alone: part.is_some(),
        })
    }

    /// Returns its first quarter of an hour of the UTC day, 0 to 95.
    #[must_use]
    pub fn quarter(self) -> u8 {
        self.quarter
    }

    /// Returns when the slot begins on the UTC day of an instant.
    #[must_use]
    pub fn begins(self, at: Instant) -> Instant {
        let day = UtcDay::of(at).begins().millis();
        Instant::from_millis(day.saturating_add(i64::from(self.quarter) * 900_000))
    }

    /// Returns how many milliseconds after the beginning of the UTC day it ends.
    #[must_use]
    pub fn ends(self) -> i64 {
        let quarters = if self.alone { 1 } else { 4 };
        (i64::from(self.quarter) + quarters) * 900_000
    }
}

/// `05` for an hour, `05q1` for the second quarter of one.
impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, quarter) = (self.quarter / 4, self.quarter % 4);
        match self.alone {
            true => write!(f, "{hour:02}q{quarter}"),
            false => write!(f, "{hour:02}"),
        }
    }
}

/// The sums of one day that are kept together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SumKey {
    /// The day, in UTC.
    pub day: UtcDay,
    /// The number that was called, in E.164; empty for what is about a vendor's month.
    pub did: String,
    /// The vendor; `None` for calls and costs of no vendor.
    pub vendor: Option<VendorId>,
    /// How the calls ended, in lower case; empty for calls without a disposition, costs without a call and
    /// adjustments.
    pub disposition: String,
}

/// A disposition as summaries tell it from others: in lower case, without white space around it.
#[must_use]
pub fn folded(disposition: &str) -> String {
    let lower = disposition.trim().to_lowercase();
    lower.chars().take(DISPOSITION).collect()
}

/// Whether a folded disposition says that somebody answered.
#[must_use]
pub fn is_answered(folded: &str) -> bool {
    folded == "answered"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_an_hour_or_a_quarter_as_the_zone_needs_it() {
        let at = Instant::parse("2026-11-21T05:20:00Z", &Zone::utc()).unwrap();
        for (zone, slot, quarter) in [
            ("UTC", "05", 20),
            ("America/New_York", "05", 20),
            ("Asia/Kolkata", "05q1", 21),
            ("Asia/Kathmandu", "05q1", 21),
        ] {
            let found = Slot::of(at, &Zone::parse(zone).unwrap());
            assert_eq!(
                (found.to_string().as_str(), found.quarter()),
                (slot, quarter)
            );
            assert_eq!(Slot::parse(slot), Some(found));
        }
        for text in ["", "24", "5q4", "xx", "05q", "q1"] {
            assert_eq!(Slot::parse(text), None, "{text}");
        }
    }

    #[test]
    fn dispositions_differ_by_letters_alone() {
        assert_eq!(folded("  ANSWERED "), "answered");
        assert!(is_answered(&folded("Answered")) && !is_answered(&folded("No Answer")));
    }
}
