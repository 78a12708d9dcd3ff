//! How long an account keeps one kind of thing, and what is gone of it already.

use serde::{Deserialize, Serialize};

use super::lifetime::Lifetime;
use crate::model::time::Instant;

/// How long an account keeps one kind of thing, and what is gone already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// How long what is recorded now is kept.
    #[serde(default, rename = "days", skip_serializing_if = "Lifetime::is_forever")]
    lifetime: Lifetime,
    /// The shortest time by which rows may be marked, from before the setting was changed last.
    #[serde(default, skip_serializing_if = "Lifetime::is_forever")]
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
        self.lifetime.end(recorded)
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::time::UtcDay;

    fn at(day: &str, hour: u64) -> Instant {
        let day = UtcDay::parse(day).expect("a day");
        day.begins().plus(Duration::from_secs(hour * 3_600))
    }

    fn days(days: u32) -> Lifetime {
        Lifetime::parse(&days.to_string()).expect("a lifetime")
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
    fn the_stored_form_has_only_what_was_said() {
        assert_eq!(serde_json::to_string(&Kept::default()).unwrap(), "{}");
        let mut kept = Kept::default();
        kept.set(days(90), Instant::from_millis(1));
        let stored = serde_json::to_string(&kept).unwrap();
        assert_eq!(stored, r#"{"days":90,"changed_at":1}"#);
        assert_eq!(serde_json::from_str::<Kept>(&stored).unwrap(), kept);
    }
}
