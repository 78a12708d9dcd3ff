//! Scans the supported notations of a date. Whether the date exists is checked later.

use jiff::civil::{self, DateTime};

use super::order::DateOrder;

/// The fields of a date as they were written.
#[derive(Clone, Copy)]
pub(super) struct Written {
    date: (i16, i8, i8),
    /// `None` if only a day was written.
    time: Option<Time>,
    pub(super) offset_minutes: Option<i32>,
}

#[derive(Clone, Copy, Default)]
struct Time {
    hour: i8,
    minute: i8,
    second: i8,
    millis: i32,
}

impl Written {
    /// Whether only a day was written, without a time.
    pub(super) fn is_day(&self) -> bool {
        self.time.is_none()
    }

    /// Returns the civil date and time, or `None` if the calendar does not have it.
    pub(super) fn date_time(&self) -> Option<DateTime> {
        let (year, month, day) = self.date;
        let Time {
            hour,
            minute,
            second,
            millis,
        } = self.time.unwrap_or_default();
        // RFC 3339 allows a leap second. Clocks without one repeat the second before it.
        let second = second.min(59 + i8::from(second > 60));
        let date = civil::Date::new(year, month, day)
            .ok()
            .filter(|_| year > 0)?;
        let time = civil::Time::new(hour, minute, second, millis * 1_000_000).ok()?;
        Some(date.to_datetime(time))
    }
}

/// The rest of a text that is being scanned. After a method returns `None`, the rest is undefined.
#[derive(Clone, Copy)]
pub(super) struct Scan<'a>(pub(super) &'a str);

impl Scan<'_> {
    /// Scans `YYYY-MM-DD`, with an optional time and an optional offset.
    pub(super) fn iso(mut self) -> Option<Written> {
        let date = self.iso_date()?;
        let time = self.time_behind_date(2, true)?;
        self.written(date, time)
    }

    /// Scans `MM/DD/YYYY`, or `DD/MM/YYYY` by the order, with an optional time, an optional AM or PM, and an
    /// optional offset.
    pub(super) fn slashed(mut self, order: DateOrder) -> Option<Written> {
        let first = self.small(1, 2)?;
        self.eat(['/'])?;
        let second = self.small(1, 2)?;
        self.eat(['/'])?;
        let year = i16::try_from(self.digits(4, 4)?).ok()?;
        let mut time = self.time_behind_date(1, false)?;
        if let Some(time) = &mut time
            && let Some(hour) = self.twelve_hour(time.hour)
        {
            time.hour = hour?;
        }
        let (month, day) = match order {
            DateOrder::Mdy => (first, second),
            DateOrder::Dmy => (second, first),
        };
        self.written((year, month, day), time)
    }

    /// Scans the offset behind a date and an optional time, and the end of the text.
    fn written(mut self, date: (i16, i8, i8), time: Option<Time>) -> Option<Written> {
        let offset_minutes = match self.at_end() {
            true => None,
            false => Some(self.offset(time.is_some())?),
        };
        self.at_end().then_some(Written {
            date,
            time,
            offset_minutes,
        })
    }

    /// Scans `YYYY-MM-DD`.
    pub(super) fn iso_date(&mut self) -> Option<(i16, i8, i8)> {
        let year = i16::try_from(self.digits(4, 4)?).ok()?;
        self.eat(['-'])?;
        let month = self.small(2, 2)?;
        self.eat(['-'])?;
        Some((year, month, self.small(2, 2)?))
    }

    /// Whether the whole text has been scanned.
    pub(super) fn at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// Scans a time behind a date: `HH:MM[:SS[.fff]]`, with at least `hour_digits` digits for the hour. A
    /// space stands before it, or JavaScript's comma and a space, or a `T` if `or_t`. Returns `Some(None)` if
    /// no time follows.
    #[expect(clippy::option_option, reason = "no time follows, or an invalid one")]
    fn time_behind_date(&mut self, hour_digits: usize, or_t: bool) -> Option<Option<Time>> {
        let before = *self;
        let separated = match self.eat([',']) {
            Some(_) => self.eat([' ']),
            None if or_t => self.eat(['T', 't', ' ']),
            None => self.eat([' ']),
        };
        let follows = separated.is_some() && self.0.starts_with(|c: char| c.is_ascii_digit());
        if !follows {
            // What follows is an offset, or nothing that belongs to a date.
            *self = before;
            return Some(None);
        }
        let hour = self.small(hour_digits, 2)?;
        self.eat([':'])?;
        let minute = self.small(2, 2)?;
        let second = match self.eat([':']) {
            Some(_) => self.small(2, 2)?,
            None => 0,
        };
        let millis = self.fraction()?;
        Some(Some(Time {
            hour,
            minute,
            second,
            millis,
        }))
    }

    /// Scans a fraction of a second as milliseconds and drops finer digits. Returns 0 without a
    /// fraction.
    fn fraction(&mut self) -> Option<i32> {
        if self.eat(['.']).is_none() {
            return Some(0);
        }
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let millis = self.0.bytes().take(count).chain([b'0'; 3]).take(3);
        let millis = millis.fold(0, |millis, digit| millis * 10 + i32::from(digit - b'0'));
        self.0 = self.0.get(count..)?;
        (count > 0).then_some(millis)
    }

    /// Scans the whole text as an offset behind Unix seconds, whose value they do not depend on: `UTC`,
    /// `GMT`, `Z`, or a space and a signed offset.
    pub(super) fn is_designator(mut self) -> bool {
        let named = !self.0.starts_with(['+', '-']);
        named && self.offset(false).is_some() && self.at_end()
    }

    /// Scans `UTC`, `GMT`, `Z`, `+HH`, `+HHMM` or `+HH:MM`, optionally after a space, as minutes east of UTC.
    ///
    /// A query string may have turned the `+` into a space, which is read as the `+` if `or_space`.
    fn offset(&mut self, or_space: bool) -> Option<i32> {
        let space = self.eat([' ']).is_some();
        for name in ["UTC", "GMT", "Z"] {
            if let Some((head, rest)) = self.0.split_at_checked(name.len())
                && head.eq_ignore_ascii_case(name)
            {
                self.0 = rest;
                return Some(0);
            }
        }
        let sign = match self.eat(['+', '-']) {
            Some('-') => -1,
            Some(_) => 1,
            None if space && or_space => 1,
            None => return None,
        };
        let hours = self.digits(2, 2).filter(|hours| *hours <= 23)?;
        let colon = self.eat([':']).is_some();
        let minutes = match self.at_end() && !colon {
            true => 0,
            false => self.digits(2, 2).filter(|minutes| *minutes <= 59)?,
        };
        Some(sign * (hours * 60 + minutes))
    }

    /// Scans `AM` or `PM`, optionally after a space, and returns the hour of the day for `hour`. Returns
    /// `None` if neither follows, and `Some(None)` if the hour is none of a twelve-hour clock.
    #[expect(
        clippy::option_option,
        reason = "no AM or PM, or an hour that it cannot stand behind"
    )]
    fn twelve_hour(&mut self, hour: i8) -> Option<Option<i8>> {
        let text = self.0.strip_prefix(' ').unwrap_or(self.0);
        let (half, rest) = text.split_at_checked(2)?;
        let half = match half.to_ascii_uppercase().as_str() {
            "AM" => 0,
            "PM" => 12,
            _ => return None,
        };
        self.0 = rest;
        Some((1..=12).contains(&hour).then_some(hour % 12 + half))
    }

    fn small(&mut self, least: usize, most: usize) -> Option<i8> {
        i8::try_from(self.digits(least, most)?).ok()
    }

    fn digits(&mut self, least: usize, most: usize) -> Option<i32> {
        let count = self
            .0
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        if count >= least {
            digits.parse().ok()
        } else {
            None
        }
    }

    fn eat<const N: usize>(&mut self, allowed: [char; N]) -> Option<char> {
        let found = self.0.chars().next().filter(|c| allowed.contains(c))?;
        self.0 = self.0.strip_prefix(found)?;
        Some(found)
    }
}
