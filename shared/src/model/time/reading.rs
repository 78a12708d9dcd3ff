//! Reads a date in any of the supported notations.

use jiff::tz::{Offset, TimeZone};

use super::instant::{Instant, InvalidInstant, Zone};
use super::order::DateOrder;
use super::plain::plain;
use super::scan::{Scan, Written};

impl Instant {
    /// Reads a date in the notations that call platforms use, with the month first between slashes.
    ///
    /// See [`Instant::parse_in`].
    ///
    /// # Errors
    /// Returns `InvalidInstant` if the text has another form, or the date or time does not exist.
    pub fn parse(text: &str, zone: &Zone) -> Result<Self, InvalidInstant> {
        Self::parse_in(text, zone, DateOrder::Mdy)
    }

    /// Reads a date in the notations that call platforms use.
    ///
    /// These are RFC 3339, `YYYY-MM-DD HH:MM[:SS[.fff]]` (or with `T`), `YYYY-MM-DD`,
    /// `MM/DD/YYYY[ HH:MM[:SS[.fff]][ AM|PM]]`, Unix seconds (10 to 12 digits, or 10 with a fraction) and
    /// milliseconds (13 digits). Each may end with `UTC`, `GMT`, `Z`, `+HH`, `+HHMM` or `+HH:MM`. White space
    /// is any, also in runs, a comma may stand before the time, and digits are those of any script. `order`
    /// says whether the month or the day comes first between slashes; a date that is impossible so is an
    /// error, and never read the other way.
    ///
    /// Text without an offset is read in `zone`. If a clock change skips or repeats the local time, it
    /// is resolved as RFC 5545 does: a skipped time moves forward by the gap, and a repeated time is
    /// the first of the two. A space in place of an offset's `+` behind a time is read as the `+` that it was
    /// in a query string.
    ///
    /// # Errors
    /// Returns `InvalidInstant` if the text has another form, or the date or time does not exist.
    pub fn parse_in(text: &str, zone: &Zone, order: DateOrder) -> Result<Self, InvalidInstant> {
        Ok(Reading::of(text, zone, order)?.instant)
    }
}

/// A date as it was read.
pub(super) struct Reading {
    /// The moment, or the first one of a day.
    pub(super) instant: Instant,
    /// The zone of the day, if only a day was written.
    pub(super) day_in: Option<Zone>,
}

impl Reading {
    /// Reads what [`Instant::parse_in`] documents.
    ///
    /// # Errors
    /// Returns `InvalidInstant` if the text has another form, or the date or time does not exist.
    pub(super) fn of(text: &str, zone: &Zone, order: DateOrder) -> Result<Self, InvalidInstant> {
        let text = plain(text);
        let text = text.as_ref();
        if text.is_empty() {
            return Err(InvalidInstant::Empty);
        }
        if let Some(digits) = unix(text) {
            return from_unix(digits).map(|instant| Self {
                instant,
                day_in: None,
            });
        }
        let written = Scan(text)
            .iso()
            .or_else(|| Scan(text).slashed(order))
            .ok_or(InvalidInstant::Form)?;
        Self::written(&written, zone)
    }

    fn written(written: &Written, zone: &Zone) -> Result<Self, InvalidInstant> {
        let local = written.date_time().ok_or(InvalidInstant::NotInCalendar)?;
        let missing = |_| InvalidInstant::NotInCalendar;
        let zone = match written.offset_minutes {
            Some(minutes) => {
                let offset = Offset::from_seconds(minutes * 60).map_err(missing)?;
                Zone(TimeZone::fixed(offset))
            }
            None => zone.clone(),
        };
        let zoned = zone.0.to_ambiguous_zoned(local).compatible();
        let millis = zoned.map_err(missing)?.timestamp().as_millisecond();
        Ok(Self {
            instant: Instant::in_range(millis)?,
            day_in: written.is_day().then_some(zone),
        })
    }
}

/// Returns the digits and the fraction of Unix time, if the text has no more than that and an offset.
fn unix(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.'));
    let (number, rest) = text.split_at_checked(end.unwrap_or(text.len()))?;
    let is_time = !number.is_empty() && (rest.is_empty() || Scan(rest).is_designator());
    is_time.then_some(number)
}

/// Reads Unix time: ten to twelve digits are seconds, thirteen are milliseconds. Ten digits may have a
/// fraction, of which milliseconds are kept.
///
/// Both therefore start in 2001, and a bare `20261121` is not read as an instant in 1970.
fn from_unix(text: &str) -> Result<Instant, InvalidInstant> {
    let millis = match text.split_once('.') {
        None if text.len() == 13 => text.to_owned(),
        None if (10..=12).contains(&text.len()) => format!("{text}000"),
        Some((seconds, fraction))
            if seconds.len() == 10
                && !fraction.is_empty()
                && fraction.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            let millis = fraction.chars().chain(std::iter::repeat('0')).take(3);
            seconds.chars().chain(millis).collect()
        }
        _ => return Err(InvalidInstant::Form),
    };
    Instant::in_range(millis.parse().map_err(|_| InvalidInstant::Form)?)
}
