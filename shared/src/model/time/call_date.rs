//! When a call took place, as its bill says.

use std::time::Duration;

use super::instant::{Instant, InvalidInstant, Zone};
use super::order::DateOrder;
use super::reading::Reading;

/// When a call took place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallDate {
    /// At this moment.
    Moment(Instant),
    /// On a day.
    Day {
        /// The first moment of the day.
        begins: Instant,
        /// The last millisecond of the day.
        ends: Instant,
    },
}

impl CallDate {
    /// Reads what [`Instant::parse_in`] reads, and tells a day without a time from its midnight.
    ///
    /// # Errors
    /// Returns `InvalidInstant` if the text has another form, or the date or time does not exist.
    pub fn parse(text: &str, zone: &Zone, order: DateOrder) -> Result<Self, InvalidInstant> {
        let Reading { instant, day_in } = Reading::of(text, zone, order)?;
        let (begins, Some(zone)) = (instant, day_in) else {
            return Ok(Self::Moment(instant));
        };
        // The day after is found from its middle: a day with a clock change has 23 to 25 hours.
        let tomorrow = begins.plus(Duration::from_secs(36 * 3_600)).local(&zone);
        let date = tomorrow.get(..10).unwrap_or_default();
        let next = Instant::parse(date, &zone)?;
        Ok(Self::Day {
            begins,
            ends: next.minus(Duration::from_millis(1)),
        })
    }

    /// The moment that answers show: a day's first.
    #[must_use]
    pub fn shown(self) -> Instant {
        match self {
            Self::Moment(moment) => moment,
            Self::Day { begins, .. } => begins,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_without_a_time_is_a_day_and_not_its_midnight() {
        let zone = Zone::parse("America/New_York").unwrap();
        for (text, hours) in [
            ("2026-11-21", 24),
            ("11/21/2026", 24),
            ("2026-11-01", 25),
            ("11/1/2026 -04:00", 24),
        ] {
            let Ok(CallDate::Day { begins, ends }) = CallDate::parse(text, &zone, DateOrder::Mdy)
            else {
                panic!("{text} is a day");
            };
            assert_eq!(
                ends.millis() - begins.millis(),
                hours * 3_600_000 - 1,
                "{text}"
            );
            assert!(begins.local(&zone).ends_with("00:00:00"), "{text}");
        }
        // An offset behind a day is the day's zone.
        let elsewhere = CallDate::parse("2026-11-21+05:30", &zone, DateOrder::Mdy);
        let Ok(CallDate::Day { begins, .. }) = elsewhere else {
            panic!("a day");
        };
        assert_eq!(begins.rfc3339_utc_millis(), "2026-11-20T18:30:00.000Z");
        for text in [
            "2026-11-21 00:00",
            "2026-11-21T00:00:00Z",
            "11/21/2026 12:00 AM",
            "1795262400",
        ] {
            let date = CallDate::parse(text, &zone, DateOrder::Mdy);
            assert!(matches!(date, Ok(CallDate::Moment(_))), "{text}");
        }
    }
}
