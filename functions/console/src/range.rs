//! The range of days that a page is about.

use callbook::model::time::{CivilDay, Instant, Zone};

use crate::form::Pairs;

/// The ranges that a page offers: its word in the URL, and its name.
pub const PRESETS: [(&str, &str); 5] = [
    ("today", "Today"),
    ("yesterday", "Yesterday"),
    ("7d", "7 days"),
    ("30d", "30 days"),
    ("month", "This month"),
];

/// The days that a page is about, in the account's zone, both inclusive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first day.
    pub from: CivilDay,
    /// The last day.
    pub to: CivilDay,
    /// The word of the range that was chosen; `None` for days that were chosen freely.
    pub preset: Option<&'static str>,
}

impl Days {
    /// Reads the days of a query: `from` and `to`, or the word of a range, or else that of `default`.
    pub fn read(query: &Pairs, default: &str, now: Instant, zone: &Zone) -> Self {
        let today = CivilDay::of(now, zone);
        let day = |name| query.get(name).and_then(|text| CivilDay::parse(text).ok());
        if let (Some(from), Some(to)) = (day("from"), day("to"))
            && from <= to
        {
            let preset = None;
            return Self { from, to, preset };
        }
        let word = query.get("range").unwrap_or(default);
        let known = PRESETS.iter().find(|(preset, _)| *preset == word);
        let preset = known.map_or("today", |(preset, _)| *preset);
        let (from, to) = match preset {
            "yesterday" => (today.plus_days(-1), today.plus_days(-1)),
            "7d" => (today.plus_days(-6), today),
            "30d" => (today.plus_days(-29), today),
            "month" => (first_of_month(today), today),
            _ => (today, today),
        };
        Self {
            from,
            to,
            preset: Some(preset),
        }
    }

    /// Returns pairs that are narrowed to the days.
    pub fn narrow(&self, pairs: &Pairs) -> Pairs {
        let (from, to) = (self.from.to_string(), self.to.to_string());
        pairs.with(&[("from", &from), ("to", &to)])
    }

    /// Returns pairs that say the days as their page does: by the word of a range, or by both ends.
    pub fn as_chosen(&self) -> Pairs {
        match self.preset {
            Some(word) => Pairs::of(&[("range", word)]),
            None => self.narrow(&Pairs::default()),
        }
    }

    /// Returns those of the days that `is` says, which lie side by side. `None` if there are none.
    pub fn those(&self, is: impl Fn(CivilDay) -> bool) -> Option<Self> {
        let mut found = self.each().filter(|day| is(*day));
        let from = found.next()?;
        let to = found.last().unwrap_or(from);
        let preset = None;
        Some(Self { from, to, preset })
    }

    /// How many days they are.
    pub fn count(&self) -> i32 {
        self.to.days_since(self.from) + 1
    }

    /// Iterates over the days.
    pub fn each(&self) -> impl Iterator<Item = CivilDay> {
        let from = self.from;
        (0..self.count()).map(move |day| from.plus_days(day))
    }
}

fn first_of_month(day: CivilDay) -> CivilDay {
    CivilDay::parse(&format!("{}-01", day.month())).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_the_url_says_them() {
        // 2026-11-21T03:00:00Z, still the evening before in New York.
        let (now, zone) = (Instant::from_millis(1_795_230_000_000), "America/New_York");
        let zone = Zone::parse(zone).unwrap();
        let read = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter();
            let pairs = pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let Days { from, to, .. } = Days::read(&Pairs::new(pairs), "7d", now, &zone);
            format!("{from} {to}")
        };
        for (pairs, expected) in [
            (&[("range", "today")][..], "2026-11-20 2026-11-20"),
            (&[("range", "yesterday")], "2026-11-19 2026-11-19"),
            (&[("range", "month")], "2026-11-01 2026-11-20"),
            (&[("range", "30d")], "2026-10-22 2026-11-20"),
            (&[], "2026-11-14 2026-11-20"),
            (&[("range", "<script>")], "2026-11-20 2026-11-20"),
            (
                &[("from", "2026-11-02"), ("to", "2026-11-03")],
                "2026-11-02 2026-11-03",
            ),
            (
                &[("from", "2026-11-03"), ("to", "2026-11-02")],
                "2026-11-14 2026-11-20",
            ),
            (&[("from", "x"), ("to", "y")], "2026-11-14 2026-11-20"),
        ] {
            assert_eq!(read(pairs), expected, "{pairs:?}");
        }
    }
}
