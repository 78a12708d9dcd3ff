//! Time ranges of reports, as clients write them and as instants.

use std::fmt;

use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::instant::{Instant, InvalidInstant, UtcDay, Zone};
use super::plain::plain;
use super::scan::Scan;

/// One end of a range: a whole day, or an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum RangeEnd {
    /// `YYYY-MM-DD`: the whole day, in the zone that the range is read in.
    Day(CivilDay),
    /// An RFC 3339 instant.
    At(Instant),
}

/// A calendar day without a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CivilDay(Date);

impl CivilDay {
    /// Reads `YYYY-MM-DD`.
    ///
    /// # Errors
    /// Returns `InvalidDay` if the text has another form, or the day does not exist.
    pub fn parse(text: &str) -> Result<Self, InvalidDay> {
        match UtcDay::parse(text) {
            Ok(UtcDay(date)) => Ok(Self(date)),
            Err(InvalidInstant::NotInCalendar) => Err(InvalidDay::NotInCalendar),
            Err(InvalidInstant::Empty | InvalidInstant::Form) => Err(InvalidDay::Form),
        }
    }

    /// Returns the day of an instant in `zone`.
    #[must_use]
    pub fn of(instant: Instant, zone: &Zone) -> Self {
        Self(zone.0.to_datetime(instant.timestamp()).date())
    }

    /// Returns the day's first instant in `zone`.
    #[must_use]
    pub fn begins(self, zone: &Zone) -> Instant {
        first_moment(Some(self.0), zone)
    }

    /// Returns the day of the week, 1 for Monday to 7 for Sunday.
    #[must_use]
    pub fn weekday(self) -> u8 {
        self.0.weekday().to_monday_one_offset().unsigned_abs()
    }

    /// Returns the ISO week: `2026-W47`.
    #[must_use]
    pub fn iso_week(self) -> String {
        let week = self.0.iso_week_date();
        format!("{:04}-W{:02}", week.year(), week.week())
    }

    /// Returns the month: `2026-11`.
    #[must_use]
    pub fn month(self) -> String {
        format!("{:04}-{:02}", self.0.year(), self.0.month())
    }

    /// Returns the day `days` later, or earlier if negative; the day itself at the ends of the calendar.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        self.0
            .checked_add(Span::new().days(days.clamp(-400_000, 400_000)))
            .map_or(self, Self)
    }

    /// Returns how many days `self` is after `other`.
    #[must_use]
    pub fn days_since(self, other: Self) -> i32 {
        (self.0 - other.0).get_days()
    }
}

impl fmt::Display for CivilDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for CivilDay {
    type Error = InvalidDay;
    fn try_from(text: String) -> Result<Self, InvalidDay> {
        Self::parse(&text)
    }
}

impl From<CivilDay> for String {
    fn from(day: CivilDay) -> Self {
        day.to_string()
    }
}

/// Reason why a text is not a day. No message repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDay {
    /// Not `YYYY-MM-DD`.
    #[error("expected a day such as 2026-11-21")]
    Form,
    /// The form is right, but the day does not exist.
    #[error("there is no such day in the calendar")]
    NotInCalendar,
}

impl RangeEnd {
    /// Reads `YYYY-MM-DD`, or RFC 3339 with its offset.
    ///
    /// # Errors
    /// Returns `InvalidRangeEnd` if the text has another form, or the day or time does not exist.
    pub fn parse(text: &str) -> Result<Self, InvalidRangeEnd> {
        let text = &plain(text);
        let mut scan = Scan(text);
        if scan.iso_date().is_some() && scan.at_end() {
            let UtcDay(date) = UtcDay::parse(text).map_err(InvalidRangeEnd::from)?;
            return Ok(Self::Day(CivilDay(date)));
        }
        let written = Scan(text).iso().filter(|written| !written.is_day());
        let offset = written.and_then(|written| written.offset_minutes);
        offset.ok_or(InvalidRangeEnd::Form)?;
        Ok(Self::At(Instant::parse(text, &Zone::utc())?))
    }

    /// The whole of a day.
    #[must_use]
    pub fn day(day: CivilDay) -> Self {
        Self::Day(day)
    }

    /// Reads what [`Self::parse`] does, and Unix seconds.
    ///
    /// # Errors
    /// Returns `InvalidRangeEnd` if the text has another form, or the day or time does not exist.
    pub fn parse_or_unix(text: &str) -> Result<Self, InvalidRangeEnd> {
        let text = &plain(text);
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::parse(text);
        }
        // [`Instant::parse`] needs 10 digits or more. Here, fewer digits are seconds too.
        match (text.len(), text.parse::<i64>()) {
            (..10, seconds) => {
                let seconds = seconds.map_err(|_| InvalidRangeEnd::Form)?;
                Ok(Self::At(Instant::from_millis(seconds * 1_000)))
            }
            _ => Ok(Self::At(Instant::parse(text, &Zone::utc())?)),
        }
    }

    /// Whether this is a whole day, whose first instant depends on the zone.
    #[must_use]
    pub fn is_day(&self) -> bool {
        matches!(self, Self::Day(_))
    }

    /// Returns the instant itself, or the day's first instant in `zone`.
    #[must_use]
    pub fn moment(&self, zone: &Zone) -> Instant {
        match self {
            Self::Day(CivilDay(day)) => first_moment(Some(*day), zone),
            Self::At(at) => *at,
        }
    }
}

/// Reason why a text is not an end of a range. No message repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRangeEnd {
    /// Neither a day nor an instant.
    #[error("expected YYYY-MM-DD, or RFC 3339 with an offset such as 2026-11-21T09:30:00-05:00")]
    Form,
    /// The form is right, but the day or time does not exist.
    #[error("there is no such date or time in the calendar")]
    NotInCalendar,
}

impl From<InvalidInstant> for InvalidRangeEnd {
    fn from(error: InvalidInstant) -> Self {
        match error {
            InvalidInstant::NotInCalendar => Self::NotInCalendar,
            InvalidInstant::Empty | InvalidInstant::Form => Self::Form,
        }
    }
}

/// A half-open time range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Range {
    /// The start, inclusive.
    pub from: Instant,
    /// The end, exclusive.
    pub to: Instant,
}

impl Range {
    /// The maximum number of days in a range that a client requests.
    pub const DAYS: i32 = 366;

    /// Makes a range from two ends in `zone`. If the end is a day, the range includes that whole day.
    ///
    /// A day on which the clocks change has 23 or 25 hours.
    ///
    /// # Errors
    /// Returns `InvalidRange` if the start is after the end, or the range is longer than [`Self::DAYS`]
    /// days.
    pub fn new(start: RangeEnd, end: RangeEnd, zone: &Zone) -> Result<Self, InvalidRange> {
        let Self { from, to } = Self::of_any_length(start, end, zone)?;
        Self::between(from, to, zone)
    }

    /// Makes a range as [`Self::new`] does, but of any length, for a reader that no client waits for.
    ///
    /// # Errors
    /// Returns `InvalidRange` if the start is after the end.
    pub fn of_any_length(
        start: RangeEnd,
        end: RangeEnd,
        zone: &Zone,
    ) -> Result<Self, InvalidRange> {
        if let (RangeEnd::Day(start), RangeEnd::Day(end)) = (start, end)
            && start > end
        {
            return Err(InvalidRange::Backwards);
        }
        let to = match end {
            RangeEnd::Day(CivilDay(day)) => first_moment(day.tomorrow().ok(), zone),
            RangeEnd::At(at) => at,
        };
        Self::forwards(start.moment(zone), to)
    }

    /// Makes the range from one instant to another, exclusive.
    ///
    /// # Errors
    /// Returns `InvalidRange` as [`Self::new`] does, counting days in `zone`.
    pub fn between(from: Instant, to: Instant, zone: &Zone) -> Result<Self, InvalidRange> {
        let range = Self::forwards(from, to)?;
        let last = from
            .timestamp()
            .to_zoned(zone.0.clone())
            .checked_add(Span::new().days(Self::DAYS));
        if last.is_ok_and(|last| last.timestamp() < to.timestamp()) {
            return Err(InvalidRange::TooLong);
        }
        Ok(range)
    }

    fn forwards(from: Instant, to: Instant) -> Result<Self, InvalidRange> {
        if from > to {
            return Err(InvalidRange::Backwards);
        }
        Ok(Self { from, to })
    }

    /// Returns the range, cut off at `moment`.
    #[must_use]
    pub fn until(self, moment: Instant) -> Self {
        Self {
            from: self.from.min(moment),
            to: self.to.min(moment),
        }
    }
}

/// Returns the day's first instant in a zone, or the end of time if the calendar has no such day.
fn first_moment(day: Option<Date>, zone: &Zone) -> Instant {
    let begins = day.and_then(|day| day.to_zoned(zone.0.clone()).ok());
    Instant::from_millis(begins.map_or(Instant::MAX, |zoned| zoned.timestamp().as_millisecond()))
}

/// Reason why two ends do not make a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRange {
    /// The start is after the end.
    #[error("the start is after the end")]
    Backwards,
    /// Longer than a year.
    #[error("a range has at most 366 days")]
    TooLong,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: &str, end: &str, zone: &str) -> Result<Range, InvalidRange> {
        let end_of = |text| RangeEnd::parse(text).unwrap();
        Range::new(end_of(start), end_of(end), &Zone::parse(zone).unwrap())
    }

    fn hours(start: &str, end: &str, zone: &str) -> i64 {
        let range = range(start, end, zone).unwrap();
        (range.to.millis() - range.from.millis()) / 3_600_000
    }

    #[test]
    fn a_day_is_as_long_as_it_is_in_its_zone() {
        for (day, zone, long) in [
            ("2026-11-21", "UTC", 24),
            ("2026-03-08", "America/New_York", 23),
            ("2026-11-01", "America/New_York", 25),
            ("2026-03-29", "Europe/Berlin", 23),
            ("2026-10-25", "Europe/Berlin", 25),
            ("2026-04-05", "Australia/Lord_Howe", 24),
            ("2011-12-30", "Pacific/Apia", 0),
        ] {
            assert_eq!(hours(day, day, zone), long, "{day} {zone}");
        }
    }

    #[test]
    fn a_range_has_at_most_366_days_whatever_the_clocks_do() {
        for zone in ["UTC", "America/New_York", "Europe/Berlin"] {
            assert!(range("2026-01-01", "2027-01-01", zone).is_ok(), "{zone}");
            assert_eq!(
                range("2026-01-01", "2027-01-02", zone),
                Err(InvalidRange::TooLong),
                "{zone}"
            );
        }
        let instants = |end| range("2026-01-01T00:00:00Z", end, "UTC");
        assert!(instants("2027-01-02T00:00:00Z").is_ok());
        assert_eq!(
            instants("2027-01-02T00:00:00.001Z"),
            Err(InvalidRange::TooLong)
        );
    }

    #[test]
    fn a_range_of_any_length_has_the_same_ends() {
        let zone = Zone::parse("America/New_York").unwrap();
        let end_of = |text| RangeEnd::parse(text).unwrap();
        let long = |start, end| Range::of_any_length(end_of(start), end_of(end), &zone);
        let found = long("2020-01-01", "2026-12-31").unwrap();
        let ends = ["2020-01-01T05:00:00Z", "2027-01-01T05:00:00Z"];
        assert_eq!(
            [found.from, found.to],
            ends.map(|text| Instant::parse(text, &zone).unwrap())
        );
        let year = ("2026-01-01", "2026-12-31");
        assert_eq!(long(year.0, year.1), range(year.0, year.1, zone.name()));
        assert_eq!(
            long("2026-01-01", "2020-01-01"),
            Err(InvalidRange::Backwards)
        );
    }

    #[test]
    fn a_range_that_ends_before_it_starts_is_refused() {
        let backwards = Err(InvalidRange::Backwards);
        assert_eq!(range("2026-11-22", "2026-11-21", "UTC"), backwards);
        let (a, b) = ("2026-11-21T10:00:00Z", "2026-11-21T10:00:01Z");
        assert_eq!(range(b, a, "UTC"), backwards);
        assert!(range(a, a, "UTC").is_ok_and(|range| range.from == range.to));
    }

    #[test]
    fn an_end_can_be_unix_seconds_if_the_dialect_allows_them() {
        let at = |text| RangeEnd::parse_or_unix(text).map(|end| end.moment(&Zone::utc()).millis());
        assert_eq!(at("1795262400"), Ok(1_795_262_400_000));
        assert_eq!(at("2026-11-21"), Ok(1_795_219_200_000));
        assert_eq!(at("2026-11-21T12:00:00Z"), Ok(1_795_262_400_000));
        assert_eq!(at("905299200"), Ok(905_299_200_000));
        assert_eq!(at("0"), Ok(0));
        for text in ["", "-1795262400", "1795262400.5"] {
            assert!(at(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_end_is_a_day_or_an_instant_and_nothing_else() {
        for text in [
            "2026-11-21",
            "2026-11-21T10:00:00Z",
            "2026-11-21T10:00:00.5 05:00",
        ] {
            assert!(RangeEnd::parse(text).is_ok(), "{text}");
        }
        for (text, why) in [
            ("2026-11-31", InvalidRangeEnd::NotInCalendar),
            ("2026-11-21T25:00:00Z", InvalidRangeEnd::NotInCalendar),
            ("2026-11-21T10:00:00", InvalidRangeEnd::Form),
            ("11/21/2026", InvalidRangeEnd::Form),
            ("1795262400", InvalidRangeEnd::Form),
            ("yesterday", InvalidRangeEnd::Form),
        ] {
            assert_eq!(RangeEnd::parse(text), Err(why), "{text}");
        }
    }
}
