//! Retention: for how many days an account keeps its calls and its costs.
//!
//! What is kept for some days ends at midnight UTC, when that many whole days have passed since the day on which it
//! was recorded. So all rows of a day end at once, and a row that is written again on the same day keeps its end.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::time::Instant;

const DAY: Duration = Duration::from_secs(86_400);

/// The least number of days for which calls and costs are kept: a vendor's call id names the same bill for 30.
const LEAST: u32 = 32;

/// How many days more than a call can be billed after its start it is kept at least.
const BEYOND_BILLING: u32 = 2;

/// How long after a change of the setting functions may still write by the former one. They see it within 30 seconds.
pub const SEEN_AFTER: Duration = Duration::from_secs(35);

/// A number of days: 1 to 36,500.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct KeptDays(u32);

impl KeptDays {
    /// Makes a number of days.
    ///
    /// # Errors
    /// Returns `InvalidLifetime` if it is not between 1 and 36,500.
    pub fn new(days: u32) -> Result<Self, InvalidLifetime> {
        match days {
            1..=36_500 => Ok(Self(days)),
            _ => Err(InvalidLifetime),
        }
    }

    /// Returns the number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for KeptDays {
    type Error = InvalidLifetime;
    fn try_from(days: u32) -> Result<Self, InvalidLifetime> {
        Self::new(days)
    }
}

impl From<KeptDays> for u32 {
    fn from(days: KeptDays) -> Self {
        days.0
    }
}

/// How long something is kept. The order is that of time, with `Forever` last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lifetime(Option<KeptDays>);

impl Lifetime {
    /// Without an end.
    pub const FOREVER: Self = Self(None);

    /// So many days.
    #[must_use]
    pub fn days(days: KeptDays) -> Self {
        Self(Some(days))
    }

    /// Reads a number of days, or `forever`.
    ///
    /// # Errors
    /// Returns `InvalidLifetime` for anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidLifetime> {
        match text {
            "forever" => Ok(Self::FOREVER),
            text => KeptDays::new(text.parse().map_err(|_| InvalidLifetime)?).map(Self::days),
        }
    }

    /// Returns the number of days; `None` for `forever`.
    #[must_use]
    pub fn as_days(self) -> Option<KeptDays> {
        self.0
    }

    /// The first moment of which something is still kept at `now`.
    fn since(self, now: Instant) -> Option<Instant> {
        let days = self.0?;
        Some(now.utc_day().begins().minus(DAY * days.0))
    }

    /// When what was recorded at `recorded` ends.
    fn end(self, recorded: Instant) -> Option<Instant> {
        let days = self.0?;
        Some(recorded.utc_day().begins().plus(DAY * (days.0 + 1)))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_forever(lifetime: &Lifetime) -> bool {
    *lifetime == Lifetime::FOREVER
}

impl PartialOrd for Lifetime {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Lifetime {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let days = |one: &Self| one.0.map_or(u32::MAX, KeptDays::get);
        days(self).cmp(&days(other))
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(KeptDays(1)) => f.pad("1 day"),
            Some(KeptDays(days)) => f.pad(&format!("{days} days")),
            None => f.pad("forever"),
        }
    }
}

/// The text is no lifetime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a number of days, 1 to 36500, or forever")]
pub struct InvalidLifetime;

/// How long an account keeps one kind of thing, and what is gone already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// How long what is recorded now is kept.
    #[serde(default, rename = "days", skip_serializing_if = "is_forever")]
    lifetime: Lifetime,
    /// The shortest time by which rows may be marked, from before the setting was changed last.
    #[serde(default, skip_serializing_if = "is_forever")]
    shortest: Lifetime,
    /// When the setting was changed, until rows from before are marked by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changed_at: Option<Instant>,
    /// What was recorded before this moment may be gone, whatever the setting says now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gone_before: Option<Instant>,
}

impl Kept {
    /// How long what is recorded now is kept.
    #[must_use]
    pub fn lifetime(&self) -> Lifetime {
        self.lifetime
    }

    /// When the setting was changed, if rows from before are not marked by it yet.
    #[must_use]
    pub fn changed_at(&self) -> Option<Instant> {
        self.changed_at
    }

    /// Whether nothing was ever said.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        *self == Self::default()
    }

    /// From when on everything that was recorded is there at `now`; `None` if nothing is gone.
    #[must_use]
    pub fn since(&self, now: Instant) -> Option<Instant> {
        let shortest = self.lifetime.min(self.shortest);
        self.gone_before.max(shortest.since(now))
    }

    /// The same, if the time from `from` on begins earlier: what a list or a sum of it may lack.
    #[must_use]
    pub fn cut(&self, from: Instant, now: Instant) -> Option<Instant> {
        self.since(now).filter(|since| from < *since)
    }

    /// When what was recorded at `recorded` ends, in seconds; `None` if it does not.
    #[must_use]
    pub fn end(&self, recorded: Instant) -> Option<i64> {
        self.lifetime.end(recorded).map(|end| end.seconds())
    }

    /// Changes the setting. Rows from before keep their ends until [`Self::apply`].
    pub fn set(&mut self, lifetime: Lifetime, now: Instant) {
        if lifetime == self.lifetime {
            return;
        }
        self.gone_before = self.since(now);
        self.shortest = self.shortest.min(self.lifetime);
        self.lifetime = lifetime;
        self.changed_at = Some(now);
    }

    /// Says that all rows are marked by the setting that was made at `changed_at`, unless it was changed again.
    pub fn apply(&mut self, changed_at: Option<Instant>, now: Instant) {
        if self.changed_at == changed_at {
            self.gone_before = self.since(now);
            self.shortest = Lifetime::FOREVER;
            self.changed_at = None;
        }
    }
}

/// What an account keeps for a time of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Calls with their reports.
    pub calls: Kept,
    /// Costs with their history, adjustments and refused bills.
    pub costs: Kept,
}

/// Why calls or costs are not kept for so short a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooShort {
    /// What requests promise would not hold.
    #[error(
        "{what} must be kept for at least {least} days: a bill finds its call for {window} days \
         (`--billing-window-days`), and a vendor's call id names the same bill for 30"
    )]
    Promised {
        /// `calls` or `costs`.
        what: &'static str,
        /// The least number of days.
        least: u32,
        /// The account's billing window.
        window: u32,
    },
    /// A call would lose its costs.
    #[error(
        "costs must be kept for at least as long as calls ({calls}), because a call shows what it cost"
    )]
    CostsBeforeCalls {
        /// How long calls are kept.
        calls: Lifetime,
    },
}

impl Retention {
    /// The least number of days for which calls and costs are kept with this billing window.
    #[must_use]
    pub fn least(billing_window_days: u32) -> u32 {
        billing_window_days
            .saturating_add(BEYOND_BILLING)
            .max(LEAST)
    }

    /// Checks what is kept against what requests promise, with a billing window.
    ///
    /// # Errors
    /// Returns every reason why it is too short.
    pub fn check(&self, billing_window_days: u32) -> Result<(), Vec<TooShort>> {
        let least = Self::least(billing_window_days);
        let short = |lifetime: Lifetime| lifetime.as_days().is_some_and(|days| days.get() < least);
        let promised = [("calls", self.calls), ("costs", self.costs)]
            .into_iter()
            .filter(|(_, kept)| short(kept.lifetime));
        let mut reasons: Vec<TooShort> = promised
            .map(|(what, _)| TooShort::Promised {
                what,
                least,
                window: billing_window_days,
            })
            .collect();
        let calls = self.calls.lifetime;
        if self.costs.lifetime < calls {
            reasons.push(TooShort::CostsBeforeCalls { calls });
        }
        match reasons.is_empty() {
            true => Ok(()),
            false => Err(reasons),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: &str, hour: u64) -> Instant {
        let day = super::super::time::UtcDay::parse(day).expect("a day");
        day.begins().plus(Duration::from_secs(hour * 3_600))
    }

    fn days(days: u32) -> Lifetime {
        Lifetime::parse(&days.to_string()).expect("a lifetime")
    }

    #[test]
    fn a_lifetime_is_a_number_of_days_or_forever() {
        assert_eq!(Lifetime::parse("forever"), Ok(Lifetime::FOREVER));
        assert_eq!(days(90).as_days().map(KeptDays::get), Some(90));
        assert_eq!(days(90).to_string(), "90 days");
        for bad in [
            "",
            "0",
            "-1",
            "36501",
            "90 days",
            "1.5",
            "Forever",
            "99999999999",
        ] {
            assert_eq!(Lifetime::parse(bad), Err(InvalidLifetime), "{bad:?}");
        }
        assert!(days(90) < Lifetime::FOREVER && days(30) < days(90));
    }

    #[test]
    fn a_row_is_there_exactly_as_long_as_its_day_is_kept() {
        let mut kept = Kept::default();
        kept.set(days(40), at("2026-01-01", 0));
        kept.apply(kept.changed_at(), at("2026-01-01", 1));
        let recorded = at("2026-03-01", 23);
        let end = kept.end(recorded).expect("an end");
        assert_eq!(end, at("2026-04-11", 0).seconds());
        for (now, there) in [(at("2026-04-10", 23), true), (at("2026-04-11", 0), false)] {
            assert_eq!(end > now.seconds(), there);
            assert_eq!(kept.since(now).expect("a day") <= recorded, there);
        }
    }

    #[test]
    fn a_longer_setting_brings_nothing_back() {
        let mut kept = Kept::default();
        assert!(kept.is_untouched());
        assert_eq!(kept.since(at("2026-06-01", 0)), None);
        kept.set(days(40), at("2026-01-01", 0));
        kept.apply(kept.changed_at(), at("2026-01-01", 1));
        kept.set(days(400), at("2026-06-10", 12));
        // Until the change is applied, rows go on ending by the former setting.
        assert_eq!(kept.since(at("2026-06-20", 0)), Some(at("2026-05-11", 0)));
        kept.apply(kept.changed_at(), at("2026-06-20", 0));
        assert_eq!(kept.since(at("2026-08-20", 0)), Some(at("2026-05-11", 0)));
        assert_eq!(kept.since(at("2027-08-20", 0)), Some(at("2026-07-16", 0)));
        kept.set(Lifetime::FOREVER, at("2026-08-20", 0));
        kept.apply(kept.changed_at(), at("2026-08-20", 0));
        assert_eq!(kept.since(at("2030-01-01", 0)), Some(at("2026-05-11", 0)));
    }

    #[test]
    fn a_change_that_came_meanwhile_is_not_applied_by_an_earlier_one() {
        let mut kept = Kept::default();
        kept.set(days(90), at("2026-01-01", 0));
        let first = kept.changed_at();
        kept.set(days(60), at("2026-01-01", 1));
        kept.apply(first, at("2026-01-01", 2));
        assert_eq!(kept.changed_at(), Some(at("2026-01-01", 1)));
    }

    #[test]
    fn every_reason_why_a_time_is_too_short_is_said() {
        let of = |calls, costs| {
            let mut retention = Retention {
                calls: Kept::default(),
                costs: Kept::default(),
            };
            retention.calls.set(calls, at("2026-01-01", 0));
            retention.costs.set(costs, at("2026-01-01", 0));
            retention
        };
        assert_eq!(of(Lifetime::FOREVER, Lifetime::FOREVER).check(30), Ok(()));
        assert_eq!(of(days(32), days(32)).check(30), Ok(()));
        assert_eq!(of(days(90), Lifetime::FOREVER).check(30), Ok(()));
        assert_eq!(of(days(90), days(60)).check(30).unwrap_err().len(), 1);
        assert_eq!(of(days(30), days(20)).check(30).unwrap_err().len(), 3);
        let wide = of(days(90), days(90)).check(100).unwrap_err();
        assert!(
            wide[0].to_string().contains("at least 102 days"),
            "{}",
            wide[0]
        );
        assert_eq!(
            of(Lifetime::FOREVER, days(90)).check(30).unwrap_err().len(),
            1
        );
    }

    #[test]
    fn the_stored_form_has_only_what_was_said() {
        assert_eq!(serde_json::to_string(&Kept::default()).unwrap(), "{}");
        let mut kept = Kept::default();
        kept.set(days(90), Instant::from_millis(1));
        let stored = serde_json::to_string(&kept).unwrap();
        assert_eq!(stored, r#"{"days":90,"changed_at":1}"#);
        assert_eq!(serde_json::from_str::<Kept>(&stored).unwrap(), kept);
    }
}
