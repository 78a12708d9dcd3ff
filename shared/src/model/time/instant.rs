//! Instants, time zones and days, stored in UTC to the millisecond, and read and shown in a zone.

use std::fmt;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};

use super::scan::Scan;

/// How far a client's clock may be ahead of ours.
pub const CLOCK_SKEW: Duration = Duration::from_secs(300);

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// A moment, in milliseconds since 1970-01-01T00:00:00Z, in the years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "i64", into = "i64")]
pub struct Instant(pub(super) i64);

impl Instant {
    /// 0001-01-01T00:00:00Z.
    const MIN: i64 = -62_135_596_800_000;
    /// 9999-12-30T22:00:00Z, where every zone still has a year of four digits.
    pub(super) const MAX: i64 = 253_402_207_200_000;

    /// Returns the instant `millis` milliseconds after 1970-01-01T00:00:00Z.
    ///
    /// Values outside the years 1 to 9999 become the first or last instant of that span.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(Self::MIN, Self::MAX))
    }

    /// Reads a date in the notations that call platforms use.
    ///
    /// These are RFC 3339, `YYYY-MM-DD HH:MM[:SS[.fff]]` (or with `T`), `YYYY-MM-DD`,
    /// `MM/DD/YYYY[ HH:MM[:SS][ AM|PM]]`, Unix seconds (10 to 12 digits, or 10 with a fraction) and
    /// milliseconds (13 digits).
    ///
    /// Text without an offset is read in `zone`. If a clock change skips or repeats the local time, it
    /// is resolved as RFC 5545 does: a skipped time moves forward by the gap, and a repeated time is
    /// the first of the two. A space in place of an offset's `+` is read as the `+` that it was in a
    /// query string.
    ///
    /// # Errors
    /// Returns `InvalidInstant` if the text has another form, or the date or time does not exist.
    pub fn parse(text: &str, zone: &Zone) -> Result<Self, InvalidInstant> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidInstant::Empty);
        }
        if text.bytes().all(|b| b.is_ascii_digit()) {
            return from_unix(text);
        }
        if let Some(millis) = unix_millis(text) {
            return from_unix(&millis);
        }
        let written = Scan(text)
            .iso()
            .or_else(|| Scan(text).american())
            .ok_or(InvalidInstant::Form)?;
        let local = written.date_time().ok_or(InvalidInstant::NotInCalendar)?;
        let timestamp = match written.offset_minutes {
            Some(minutes) => Offset::from_seconds(minutes * 60).and_then(|o| o.to_timestamp(local)),
            None => zone
                .0
                .to_ambiguous_zoned(local)
                .compatible()
                .map(|zoned| zoned.timestamp()),
        };
        let timestamp = timestamp.map_err(|_| InvalidInstant::NotInCalendar)?;
        Self::in_range(timestamp.as_millisecond())
    }

    /// Returns milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn millis(&self) -> i64 {
        self.0
    }

    /// Returns whole seconds since 1970-01-01T00:00:00Z, rounded down.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Returns the instant `span` later, at most the end of the year 9999.
    #[must_use]
    pub fn plus(&self, span: Duration) -> Self {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// Returns the instant `span` earlier, at least the start of the year 1.
    #[must_use]
    pub fn minus(&self, span: Duration) -> Self {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Self::from_millis(self.0.saturating_sub(millis))
    }

    /// Formats the instant as `YYYY-MM-DD HH:MM:SS` in `zone`.
    #[must_use]
    pub fn local(&self, zone: &Zone) -> String {
        let at = zone.0.to_datetime(self.timestamp());
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }

    /// Formats the instant as RFC 3339 in `zone`: `2026-11-21T10:00:00-05:00`.
    ///
    /// A fraction is included if there is one. RFC 3339 cannot express offsets with seconds, which some
    /// zones had until 1972. Such an instant is shown in UTC with `Z`.
    #[must_use]
    pub fn rfc3339(&self, zone: &Zone) -> String {
        let timestamp = self.timestamp();
        let offset = zone.0.to_offset(timestamp);
        match offset.seconds() % 60 {
            0 => timestamp.display_with_offset(offset).to_string(),
            _ => timestamp.to_string(),
        }
    }

    /// Formats the instant as RFC 3339 in UTC with three decimals: `2026-11-21T15:00:00.000Z`.
    #[must_use]
    pub fn rfc3339_utc_millis(&self) -> String {
        format!("{:.3}", self.timestamp())
    }

    /// Returns the UTC day.
    #[must_use]
    pub fn utc_day(&self) -> UtcDay {
        UtcDay::of(*self)
    }

    /// Returns the quarter of an hour of the UTC day, 0 to 95.
    #[must_use]
    pub fn utc_quarter(&self) -> u8 {
        let minutes = self.0.rem_euclid(DAY) / (15 * MINUTE);
        u8::try_from(minutes).unwrap_or(0)
    }

    /// Returns the hour in `zone`, 0 to 23.
    #[must_use]
    pub fn local_hour(&self, zone: &Zone) -> u8 {
        zone.0.to_datetime(self.timestamp()).hour().unsigned_abs()
    }

    /// Whether the hours of `zone` begin with those of UTC at this time.
    #[must_use]
    pub fn is_on_utc_hours(&self, zone: &Zone) -> bool {
        zone.0.to_offset(self.timestamp()).seconds() % 3_600 == 0
    }

    /// Returns the UTC year and month as one number: 202611.
    #[must_use]
    pub fn utc_year_month(&self) -> u32 {
        let date = self.utc_date();
        let positive = |number: i16| u32::from(number.unsigned_abs());
        positive(date.year()) * 100 + positive(date.month().into())
    }

    /// Returns the UTC day of the month, 1 to 31.
    #[must_use]
    pub fn utc_day_of_month(&self) -> u8 {
        self.utc_date().day().unsigned_abs()
    }

    /// Returns the seconds until the next minute starts, rounded up: 1 to 60.
    #[must_use]
    pub fn seconds_to_next_minute(&self) -> u32 {
        self.seconds_to_next(MINUTE)
    }

    /// Returns the seconds until the next UTC day starts, rounded up: 1 to 86,400.
    #[must_use]
    pub fn seconds_to_next_utc_day(&self) -> u32 {
        self.seconds_to_next(DAY)
    }

    /// Returns the seconds until the next UTC month starts, rounded up.
    #[must_use]
    pub fn seconds_to_next_utc_month(&self) -> u32 {
        let date = self.utc_date();
        let days = u32::from(date.days_in_month().abs_diff(date.day()));
        days * 86_400 + self.seconds_to_next_utc_day()
    }

    fn seconds_to_next(self, period: i64) -> u32 {
        let left = (period - self.0.rem_euclid(period))
            .unsigned_abs()
            .div_ceil(1000);
        u32::try_from(left).unwrap_or(u32::MAX)
    }

    fn utc_date(self) -> Date {
        Offset::UTC.to_datetime(self.timestamp()).date()
    }

    pub(super) fn timestamp(self) -> Timestamp {
        // Every `Instant` is within the library's range.
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    pub(super) fn in_range(millis: i64) -> Result<Self, InvalidInstant> {
        let instant = Self::from_millis(millis);
        if instant.0 == millis {
            Ok(instant)
        } else {
            Err(InvalidInstant::NotInCalendar)
        }
    }
}

impl From<i64> for Instant {
    fn from(millis: i64) -> Self {
        Self::from_millis(millis)
    }
}

impl From<Instant> for i64 {
    fn from(instant: Instant) -> Self {
        instant.0
    }
}

/// Reason why a text is not a date. No message repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidInstant {
    /// Only white space.
    #[error("the value is empty; expected a date")]
    Empty,
    /// None of the supported forms.
    #[error(
        "expected RFC 3339, YYYY-MM-DD HH:MM:SS, YYYY-MM-DD, MM/DD/YYYY HH:MM:SS AM or Unix seconds"
    )]
    Form,
    /// The form is right, but the day or time does not exist between the years 1 and 9999.
    #[error("there is no such date or time in the calendar")]
    NotInCalendar,
}

/// An IANA time zone. The database is built into the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(pub(super) TimeZone);

impl Zone {
    /// Reads an IANA name such as `America/New_York`, in upper or lower case.
    ///
    /// # Errors
    /// Returns `UnknownZone` if the database has no zone of that name.
    pub fn parse(name: &str) -> Result<Self, UnknownZone> {
        match TimeZone::get(name.trim()) {
            Ok(zone) if zone.iana_name().is_some() => Ok(Self(zone)),
            _ => Err(UnknownZone),
        }
    }

    /// Returns the zone UTC.
    #[must_use]
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// Returns the name as the database spells it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

impl TryFrom<String> for Zone {
    type Error = UnknownZone;
    fn try_from(name: String) -> Result<Self, UnknownZone> {
        Self::parse(&name)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name().to_owned()
    }
}

/// The name is not in the IANA database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected the IANA name of a time zone, such as America/New_York or UTC")]
pub struct UnknownZone;

/// A calendar day in UTC. Its text form, `2026-11-21`, sorts by date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UtcDay(pub(super) Date);

impl UtcDay {
    /// Returns the day that contains `instant`.
    #[must_use]
    pub fn of(instant: Instant) -> Self {
        Self(instant.utc_date())
    }

    /// Reads `YYYY-MM-DD`.
    ///
    /// # Errors
    /// Returns `InvalidInstant` if the text has another form, or the day does not exist.
    pub fn parse(text: &str) -> Result<Self, InvalidInstant> {
        let mut scan = Scan(text);
        let (year, month, day) = scan
            .iso_date()
            .filter(|_| scan.at_end())
            .ok_or(InvalidInstant::Form)?;
        match Date::new(year, month, day) {
            Ok(date) if year > 0 => Ok(Self(date)),
            _ => Err(InvalidInstant::NotInCalendar),
        }
    }
}

impl UtcDay {
    /// Returns the day's first instant.
    #[must_use]
    pub fn begins(self) -> Instant {
        let begins = Offset::UTC.to_timestamp(self.0.to_datetime(civil::Time::midnight()));
        Instant::from_millis(begins.map_or(Instant::MAX, |begins| begins.as_millisecond()))
    }

    /// Returns the next day, or `None` at the end of the calendar.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        self.0.tomorrow().ok().map(Self)
    }
}

impl fmt::Display for UtcDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Reads Unix time: ten to twelve digits are seconds, thirteen are milliseconds.
///
/// Both therefore start in 2001, and a bare `20261121` is not read as an instant in 1970.
fn from_unix(digits: &str) -> Result<Instant, InvalidInstant> {
    let number: i64 = match digits.len() {
        10..=13 => digits.parse().map_err(|_| InvalidInstant::Form)?,
        _ => return Err(InvalidInstant::Form),
    };
    Instant::in_range(if digits.len() == 13 {
        number
    } else {
        number * 1000
    })
}

/// Turns ten digits of Unix seconds with a fraction into thirteen digits of milliseconds, rounded down.
fn unix_millis(text: &str) -> Option<String> {
    let (seconds, fraction) = text.split_once('.')?;
    let mut digits = seconds.bytes().chain(fraction.bytes());
    if seconds.len() != 10 || fraction.is_empty() || !digits.all(|b| b.is_ascii_digit()) {
        return None;
    }
    let millis = fraction.chars().chain(std::iter::repeat('0')).take(3);
    Some(seconds.chars().chain(millis).collect())
}
