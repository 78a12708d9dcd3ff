//! Dates in files that other systems wrote: the order of day and month, formats that are named, and local times
//! that came twice.

use std::borrow::Cow;

use jiff::civil::DateTime;
use jiff::fmt::strtime::{BrokenDownTime, format};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use super::instant::{Instant, InvalidInstant, Zone};
use super::order::DateOrder;

/// A date of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileDate(Written);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    /// The text says its offset.
    Moment(Instant),
    /// The time of a clock somewhere.
    Local(DateTime),
}

/// What a date may mean: one instant, or two if the clock showed this time twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readings {
    /// The only reading, or the first pass of an hour that came twice.
    pub first: Instant,
    /// The second pass.
    pub second: Option<Instant>,
}

/// What a date says about the order of day and month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderProof {
    /// The order does not matter: `2026-11-02`, `5/5/2026`, or no date at all.
    Indifferent,
    /// Both orders are possible: `2/11/2026`.
    Open,
    /// Only this order is possible: `25/10/2026`.
    Proves(DateOrder),
}

impl FileDate {
    /// Reads what [`Instant::parse`] reads, and also `D/M/YYYY` by `order`, `D-M-YYYY` by `order`, `D.M.YYYY`
    /// and `YYYY/MM/DD`, each with the same times behind it.
    ///
    /// # Errors
    /// Returns `InvalidInstant` if the text has another form, or the date or time does not exist.
    pub fn parse(text: &str, order: DateOrder) -> Result<Self, InvalidInstant> {
        let text = text.trim();
        let text = match Numeric::of(text) {
            Some(numeric) => Cow::Owned(numeric.month_first(order)),
            None => Cow::Borrowed(text),
        };
        let utc = Instant::parse(&text, &Zone::utc())?;
        // A text that says its offset is the same instant wherever it is read.
        let east = Zone(TimeZone::fixed(Offset::constant(1)));
        Ok(Self(match Instant::parse(&text, &east)? == utc {
            true => Written::Moment(utc),
            false => Written::Local(Offset::UTC.to_datetime(utc.timestamp())),
        }))
    }

    /// Reads a date in one format.
    ///
    /// # Errors
    /// Returns `InvalidInstant` if the text has another form, or the date or time does not exist.
    pub fn parse_as(text: &str, format: &DateFormat) -> Result<Self, InvalidInstant> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidInstant::Empty);
        }
        let read = BrokenDownTime::parse(&format.0, text).map_err(|_| InvalidInstant::Form)?;
        if let Ok(timestamp) = read.to_timestamp() {
            return Instant::in_range(timestamp.as_millisecond())
                .map(|instant| Self(Written::Moment(instant)));
        }
        let local = match read.hour() {
            Some(_) => read.to_datetime(),
            None => read.to_date().map(DateTime::from),
        };
        let local = local.map_err(|_| InvalidInstant::NotInCalendar)?;
        match local.year() {
            1..=9999 => Ok(Self(Written::Local(local))),
            _ => Err(InvalidInstant::NotInCalendar),
        }
    }

    /// Returns whether the text said its offset from UTC.
    #[must_use]
    pub fn has_offset(&self) -> bool {
        matches!(self.0, Written::Moment(_))
    }

    /// Returns the instants that the date may mean in `zone`.
    ///
    /// A local time that a clock change skips moves forward by the gap, as RFC 5545 has it.
    ///
    /// # Errors
    /// Returns `NotInCalendar` if the instant is outside the years 1 to 9999.
    pub fn in_zone(&self, zone: &Zone) -> Result<Readings, InvalidInstant> {
        let local = match self.0 {
            Written::Moment(first) => {
                return Ok(Readings {
                    first,
                    second: None,
                });
            }
            Written::Local(local) => local,
        };
        let ambiguous = zone.0.to_ambiguous_zoned(local);
        let second = match ambiguous.offset() {
            AmbiguousOffset::Fold { after, .. } => after.to_timestamp(local).ok(),
            _ => None,
        };
        let first = ambiguous
            .compatible()
            .map_err(|_| InvalidInstant::NotInCalendar)?;
        Ok(Readings {
            first: Instant::in_range(first.timestamp().as_millisecond())?,
            second: second.and_then(|at| Instant::in_range(at.as_millisecond()).ok()),
        })
    }

    /// Returns the date in a notation that does not depend on the order of day and month; with `zone`, a local
    /// time is one of that zone.
    ///
    /// # Errors
    /// Returns `NotInCalendar` if the instant is outside the years 1 to 9999.
    pub fn canonical(&self, zone: Option<&Zone>) -> Result<String, InvalidInstant> {
        match (self.0, zone) {
            (Written::Local(local), None) => Ok(local.to_string()),
            (Written::Moment(instant), _) => Ok(instant.rfc3339_utc_millis()),
            (Written::Local(_), Some(zone)) => Ok(self.in_zone(zone)?.first.rfc3339_utc_millis()),
        }
    }

    /// Returns what a text says about the order of day and month.
    #[must_use]
    pub fn order_proof(text: &str) -> OrderProof {
        match Numeric::of(text.trim()) {
            Some(numeric) => numeric.proof(),
            None => OrderProof::Indifferent,
        }
    }
}

/// A format of dates in the notation of `strptime`, such as `%d/%m/%Y %H:%M`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateFormat(String);

impl DateFormat {
    /// Checks a format: it must at least name year, month and day, or Unix seconds.
    ///
    /// # Errors
    /// Returns `InvalidFormat` if a directive is unknown, or the format does not make a date.
    pub fn parse(text: &str) -> Result<Self, InvalidFormat> {
        let format_text = text.trim();
        let sample = DateTime::constant(2026, 10, 25, 13, 14, 15, 0);
        let sample = Offset::UTC
            .to_timestamp(sample)
            .map(|timestamp| timestamp.to_zoned(TimeZone::UTC))
            .map_err(|_| InvalidFormat)?;
        let written = format(format_text, &sample).map_err(|_| InvalidFormat)?;
        let format = Self(format_text.to_owned());
        match FileDate::parse_as(&written, &format) {
            Ok(_) => Ok(format),
            Err(_) => Err(InvalidFormat),
        }
    }

    /// Returns the format as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is not a format of dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a format of dates such as %Y-%m-%d %H:%M:%S or %d/%m/%Y %I:%M %p")]
pub struct InvalidFormat;

/// A date whose day and month are numbers with one separator.
struct Numeric<'a> {
    parts: [&'a str; 3],
    separator: char,
    /// The time and what else is behind the date, with the blank before it.
    rest: &'a str,
}

impl<'a> Numeric<'a> {
    /// Recognises `A/B/YYYY`, `A-B-YYYY`, `A.B.YYYY` and `YYYY/MM/DD`.
    fn of(text: &'a str) -> Option<Self> {
        let end = text
            .find(|c: char| c.is_whitespace() || c == ',' || c == 'T')
            .unwrap_or(text.len());
        let (date, rest) = text.split_at_checked(end)?;
        let separator = date.chars().find(|c| !c.is_ascii_digit())?;
        let mut parts = date.split(separator);
        let parts = [
            parts.next()?,
            parts.next()?,
            parts.next().filter(|_| parts.next().is_none())?,
        ];
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let lengths = parts.map(str::len);
        let known = match separator {
            '/' => matches!(lengths, [1..=2, 1..=2, 4] | [4, 1..=2, 1..=2]),
            '-' | '.' => matches!(lengths, [1..=2, 1..=2, 4]),
            _ => false,
        };
        (known && parts.iter().all(|part| digits(part))).then_some(Self {
            parts,
            separator,
            rest,
        })
    }

    fn year_first(&self) -> bool {
        matches!(self.parts.map(str::len), [4, _, _])
    }

    /// Rewrites the date in a form that [`Instant::parse`] reads.
    fn month_first(&self, order: DateOrder) -> String {
        let [a, b, c] = self.parts;
        // What JavaScript writes between date and time.
        let rest = self.rest.strip_prefix(',').unwrap_or(self.rest);
        if self.year_first() {
            return format!("{a}-{b:0>2}-{c:0>2}{rest}");
        }
        let (month, day) = match (self.separator, order) {
            // Nobody writes the month first between dots.
            ('.', _) | (_, DateOrder::Dmy) => (b, a),
            (_, DateOrder::Mdy) => (a, b),
        };
        let rest = rest
            .strip_prefix('T')
            .map_or(Cow::Borrowed(rest), |time| Cow::Owned(format!(" {time}")));
        format!("{month}/{day}/{c}{rest}")
    }

    fn proof(&self) -> OrderProof {
        let [a, b, _] = self.parts.map(|part| part.parse::<u32>().unwrap_or(0));
        if self.year_first() || self.separator == '.' || a == b {
            return OrderProof::Indifferent;
        }
        match (a, b) {
            (13..=31, 1..=12) => OrderProof::Proves(DateOrder::Dmy),
            (1..=12, 13..=31) => OrderProof::Proves(DateOrder::Mdy),
            (1..=12, 1..=12) => OrderProof::Open,
            // It exists in no order, which is a fault of its own row.
            _ => OrderProof::Indifferent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str, order: DateOrder, zone: &str) -> Result<String, InvalidInstant> {
        let zone = Zone::parse(zone).unwrap();
        let readings = FileDate::parse(text, order)?.in_zone(&zone)?;
        Ok(readings.first.rfc3339_utc_millis())
    }

    #[test]
    fn dates_are_read_in_the_order_of_their_file() {
        use DateOrder::{Dmy, Mdy};
        for (text, order, expected) in [
            ("2/11/2026 10:15", Dmy, "2026-11-02T10:15:00.000Z"),
            ("2/11/2026 10:15", Mdy, "2026-02-11T10:15:00.000Z"),
            ("25/10/2026 10:15:03 PM", Dmy, "2026-10-25T22:15:03.000Z"),
            ("2-11-2026 10:15", Dmy, "2026-11-02T10:15:00.000Z"),
            ("2.11.2026 10:15", Mdy, "2026-11-02T10:15:00.000Z"),
            ("02.11.2026", Dmy, "2026-11-02T00:00:00.000Z"),
            ("2026/11/02 10:15:03", Dmy, "2026-11-02T10:15:03.000Z"),
            ("2026/1/2", Mdy, "2026-01-02T00:00:00.000Z"),
            ("2/11/2026, 10:15:03 AM", Dmy, "2026-11-02T10:15:03.000Z"),
            ("2026-11-02T10:15:03-05:00", Dmy, "2026-11-02T15:15:03.000Z"),
            ("1793632503", Dmy, "2026-11-02T15:15:03.000Z"),
        ] {
            assert_eq!(utc(text, order, "UTC").as_deref(), Ok(expected), "{text}");
        }
        for (text, order) in [
            ("25/10/2026", Mdy),
            ("10/25/2026", Dmy),
            ("31/2/2026", Dmy),
            ("1/2/26", Dmy),
            ("1/2-2026", Dmy),
            ("", Mdy),
        ] {
            assert!(utc(text, order, "UTC").is_err(), "{text}");
        }
    }

    #[test]
    fn a_date_proves_an_order_if_no_other_is_possible() {
        use OrderProof::{Indifferent, Open, Proves};
        for (text, expected) in [
            ("25/10/2026 10:15", Proves(DateOrder::Dmy)),
            ("10/25/2026", Proves(DateOrder::Mdy)),
            ("13-11-2026", Proves(DateOrder::Dmy)),
            ("2/11/2026", Open),
            ("2-11-2026 10:15", Open),
            ("5/5/2026", Indifferent),
            ("2.11.2026", Indifferent),
            ("2026/11/02", Indifferent),
            ("2026-11-02", Indifferent),
            ("32/13/2026", Indifferent),
            ("tomorrow", Indifferent),
        ] {
            assert_eq!(FileDate::order_proof(text), expected, "{text}");
        }
    }

    #[test]
    fn a_local_time_that_came_twice_has_two_readings() {
        for (zone, text, first, second) in [
            (
                "America/New_York",
                "2026-11-01 01:30:00",
                "2026-11-01T05:30:00.000Z",
                Some("2026-11-01T06:30:00.000Z"),
            ),
            (
                "Europe/London",
                "25/10/2026 01:30",
                "2026-10-25T00:30:00.000Z",
                Some("2026-10-25T01:30:00.000Z"),
            ),
            (
                "Australia/Lord_Howe",
                "2026-04-05 01:45",
                "2026-04-04T14:45:00.000Z",
                Some("2026-04-04T15:15:00.000Z"),
            ),
            (
                "America/New_York",
                "2026-11-01T01:30:00-05:00",
                "2026-11-01T06:30:00.000Z",
                None,
            ),
            (
                "America/New_York",
                "2026-03-08 02:30:00",
                "2026-03-08T07:30:00.000Z",
                None,
            ),
            (
                "UTC",
                "2026-11-01 01:30:00",
                "2026-11-01T01:30:00.000Z",
                None,
            ),
        ] {
            let zone = Zone::parse(zone).unwrap();
            let date = FileDate::parse(text, DateOrder::Dmy).unwrap();
            let readings = date.in_zone(&zone).unwrap();
            assert_eq!(readings.first.rfc3339_utc_millis(), first, "{text}");
            let found = readings.second.map(|second| second.rfc3339_utc_millis());
            assert_eq!(found.as_deref(), second, "{text}");
        }
    }

    #[test]
    fn a_named_format_is_read_and_nothing_else() {
        let new_york = Zone::parse("America/New_York").unwrap();
        for (format, text, expected) in [
            (
                "%Y-%m-%d %H:%M:%S",
                "2026-11-02 10:15:03",
                "2026-11-02T15:15:03.000Z",
            ),
            (
                "%a %m/%d/%Y %I:%M %p",
                "Mon 11/02/2026 9:05 AM",
                "2026-11-02T14:05:00.000Z",
            ),
            (
                "%d/%m/%y %H:%M",
                "2/11/26 10:15",
                "2026-11-02T15:15:00.000Z",
            ),
            ("%d %b %Y", "2 Nov 2026", "2026-11-02T05:00:00.000Z"),
            ("%Y%m%d%H%M%S", "20261102101503", "2026-11-02T15:15:03.000Z"),
            (
                "%a, %d %b %Y %H:%M:%S %z",
                "Mon, 02 Nov 2026 10:15:03 +0000",
                "2026-11-02T10:15:03.000Z",
            ),
            ("%s", "1793632503", "2026-11-02T15:15:03.000Z"),
        ] {
            let format = DateFormat::parse(format).unwrap();
            let date = FileDate::parse_as(text, &format).unwrap();
            let instant = date.in_zone(&new_york).unwrap().first;
            assert_eq!(instant.rfc3339_utc_millis(), expected, "{text}");
            let canonical = date.canonical(None).unwrap();
            let again = FileDate::parse(&canonical, DateOrder::Dmy).unwrap();
            assert_eq!(
                again.in_zone(&new_york).unwrap().first,
                instant,
                "{canonical}"
            );
            assert_eq!(
                FileDate::parse_as("nonsense", &format),
                Err(InvalidInstant::Form)
            );
        }
        for text in ["", "%H:%M", "%Y-%m", "%Q", "plain", "%Y-%m-%d %"] {
            assert_eq!(DateFormat::parse(text), Err(InvalidFormat), "{text}");
        }
    }

    #[test]
    fn a_local_time_becomes_one_of_a_zone() {
        let date = FileDate::parse("2026-07-01 10:00:00", DateOrder::Mdy).unwrap();
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        assert_eq!(
            date.canonical(Some(&berlin)).unwrap(),
            "2026-07-01T08:00:00.000Z"
        );
        assert!(!date.has_offset());
        let moment = FileDate::parse("2026-07-01T10:00:00Z", DateOrder::Mdy).unwrap();
        assert!(moment.has_offset());
        assert_eq!(
            moment.canonical(Some(&berlin)).unwrap(),
            "2026-07-01T10:00:00.000Z"
        );
    }
}
