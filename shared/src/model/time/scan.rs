//! Scans the supported notations of a date. Whether the date exists is checked later.

use jiff::civil::{self, DateTime};

/// The fields of a date as they were written.
#[derive(Clone, Copy)]
pub(super) struct Written {
    date: (i16, i8, i8),
    time: Time,
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
    /// Returns the civil date and time, or `None` if the calendar does not have it.
    pub(super) fn date_time(&self) -> Option<DateTime> {
        let (year, month, day) = self.date;
        let Time {
            hour,
            minute,
            second,
            millis,
        } = self.time;
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
        let mut written = Written {
            date,
            time: Time::default(),
            offset_minutes: None,
        };
        if !self.at_end() {
            self.eat(['T', 't', ' '])?;
            written.time = self.time(2)?;
            written.time.millis = self.fraction()?;
            if !self.at_end() {
                written.offset_minutes = Some(self.offset()?);
            }
        }
        self.at_end().then_some(written)
    }

    /// Scans `MM/DD/YYYY`, with an optional time and an optional AM or PM.
    pub(super) fn american(mut self) -> Option<Written> {
        let month = self.small(1, 2)?;
        self.eat(['/'])?;
        let day = self.small(1, 2)?;
        self.eat(['/'])?;
        let year = self.digits(4, 4)?;
        let mut time = Time::default();
        if !self.at_end() {
            self.eat([' '])?;
            time = self.time(1)?;
            if !self.at_end() {
                time.hour = self.twelve_hour(time.hour)?;
            }
        }
        let date = (i16::try_from(year).ok()?, month, day);
        self.at_end().then_some(Written {
            date,
            time,
            offset_minutes: None,
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

    /// Scans `HH:MM[:SS]`, with at least `hour_digits` digits for the hour.
    fn time(&mut self, hour_digits: usize) -> Option<Time> {
        let hour = self.small(hour_digits, 2)?;
        self.eat([':'])?;
        let minute = self.small(2, 2)?;
        let second = match self.eat([':']) {
            Some(_) => self.small(2, 2)?,
            None => 0,
        };
        Some(Time {
            hour,
            minute,
            second,
            millis: 0,
        })
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

    /// Scans `Z`, `+HH:MM` or `+HHMM`, optionally after a space, as minutes east of UTC.
    ///
    /// A query string may have turned the `+` into a space.
    fn offset(&mut self) -> Option<i32> {
        let space = self.eat([' ']).is_some();
        if self.eat(['Z', 'z']).is_some() {
            return Some(0);
        }
        let sign = match self.eat(['+', '-']) {
            Some('-') => -1,
            Some(_) => 1,
            None if space => 1,
            None => return None,
        };
        let hours = self.digits(2, 2).filter(|hours| *hours <= 23)?;
        self.eat([':']);
        let minutes = self.digits(2, 2).filter(|minutes| *minutes <= 59)?;
        Some(sign * (hours * 60 + minutes))
    }

    /// Scans `AM` or `PM` and returns the hour of the day for `hour`.
    fn twelve_hour(&mut self, hour: i8) -> Option<i8> {
        self.eat([' ']);
        let half = match self.eat(['A', 'a', 'P', 'p'])? {
            'A' | 'a' => 0,
            _ => 12,
        };
        self.eat(['M', 'm'])?;
        (1..=12).contains(&hour).then_some(hour % 12 + half)
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
