//! How much of the feedback about a number is bad, by UTC day: cells in the latest feedback (pattern 14).
//!
//! The cells are a ring of 128 days, of which the 91 until the day of the latest feedback count. A write adds to
//! its own day's cell, takes out what it replaces, and empties the 37 cells that are next in the ring. It need
//! not read them first, unless nobody has sent feedback about the number for longer than that.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::ledger::table::item::{Item, instant, n, number, text};
use crate::model::feedback::Reputation;
use crate::model::text::PhoneStatus;
use crate::model::time::Instant;

/// How many cells there are.
const CELLS: i64 = 128;

/// How many days before the latest one count.
const DAYS: i64 = Reputation::DAYS as i64;

/// How many days may lie between two pieces of feedback if the second is counted without a look at the cells.
const GAP: i64 = CELLS - DAYS - 1;

/// A piece of feedback as the sums count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ledger) struct Counted {
    day: i64,
    bad: bool,
}

impl Counted {
    pub(in crate::ledger) fn new(status: PhoneStatus, right_party: bool, at: Instant) -> Self {
        Self {
            day: day_of(at),
            bad: status == PhoneStatus::Disconnected || !right_party,
        }
    }

    /// A stored piece of feedback.
    pub(in crate::ledger) fn of(feedback: &Item) -> Option<Self> {
        let right_party = feedback.get("right_party")?.as_bool().ok()?;
        let disconnected =
            text(feedback, "phone_status") == Some(PhoneStatus::Disconnected.as_str());
        Some(Self {
            day: day_of(instant(feedback, "received_at")?),
            bad: disconnected || !right_party,
        })
    }
}

/// What a write does with the cells.
#[derive(Default)]
pub(in crate::ledger) struct CellChanges {
    pub(in crate::ledger) sets: Vec<String>,
    pub(in crate::ledger) adds: Vec<String>,
    pub(in crate::ledger) removes: Vec<String>,
    pub(in crate::ledger) values: Vec<(String, AttributeValue)>,
}

impl CellChanges {
    /// For feedback that is the latest, or of the day before the latest: adds `new` in place of `old`.
    pub(in crate::ledger) fn adding(new: Counted, old: Option<Counted>, newest: bool) -> Self {
        let mut changes = Self::default();
        changes.add(new, old, new.day);
        if newest {
            changes.empty(new.day - CELLS + 1..=new.day - DAYS - 1);
        }
        changes
    }

    /// For feedback that follows the latest one by more than [`GAP`] days: begins the cell of `new`.
    pub(in crate::ledger) fn restarting(new: Counted, old: Option<Counted>, last: i64) -> Self {
        let mut changes = Self::default();
        let stale = (last - DAYS..=last).filter(|day| *day < new.day - DAYS);
        changes.empty(stale.filter(|day| cell(*day) != cell(new.day)));
        changes.set(new.day, (1, i64::from(new.bad)));
        if let Some(old) = old.filter(|old| old.day >= new.day - DAYS) {
            changes.change(old.day, (-1, -i64::from(old.bad)));
        }
        changes
    }

    /// For a number whose feedback was recorded by a version without sums: counts `all` of it.
    pub(in crate::ledger) fn counting(all: impl IntoIterator<Item = Counted>, last: i64) -> Self {
        let mut days: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
        for one in all {
            if one.day >= last - DAYS {
                let (all, bad) = days.entry(one.day).or_default();
                *all += 1;
                *bad += i64::from(one.bad);
            }
        }
        let mut changes = Self::default();
        for (day, counts) in days {
            changes.set(day, counts);
        }
        changes
    }

    fn add(&mut self, new: Counted, old: Option<Counted>, last: i64) {
        let (all, bad) = (1, i64::from(new.bad));
        match old.filter(|old| old.day >= last - DAYS) {
            Some(old) if old.day == new.day => {
                self.change(new.day, (0, bad - i64::from(old.bad)));
            }
            old => {
                self.change(new.day, (all, bad));
                if let Some(old) = old {
                    self.change(old.day, (-1, -i64::from(old.bad)));
                }
            }
        }
    }

    fn change(&mut self, day: i64, (all, bad): (i64, i64)) {
        for (name, by) in [("all", all), ("bad", bad)] {
            if by != 0 {
                let name = named(name, day);
                self.adds.push(format!("{name} :{name}"));
                self.values.push((format!(":{name}"), n(by)));
            }
        }
    }

    fn set(&mut self, day: i64, (all, bad): (i64, i64)) {
        for (name, count) in [("all", all), ("bad", bad)] {
            let name = named(name, day);
            self.sets.push(format!("{name} = :{name}"));
            self.values.push((format!(":{name}"), n(count)));
        }
    }

    fn empty(&mut self, days: impl Iterator<Item = i64>) {
        for day in days {
            self.removes
                .extend(["all", "bad"].map(|name| named(name, day)));
        }
    }
}

/// Whether the cells of the latest feedback count all feedback about its number.
pub(in crate::ledger) fn is_summed(latest: &Item) -> bool {
    latest.contains_key("summed")
}

/// The earliest moment of a latest feedback whose cells need not be looked at before feedback of `now` is
/// counted.
pub(in crate::ledger) fn gap_before(now: Instant) -> Instant {
    Instant::from_millis((day_of(now) - GAP) * 86_400_000)
}

/// The feedback of the 90 days before today and of today: how much there is, and how much of it is bad.
pub(in crate::ledger) fn recent(latest: &Item, now: Instant) -> (u32, u32) {
    let Some(last) = instant(latest, "received_at").map(day_of) else {
        return (0, 0);
    };
    let days = (last - DAYS).max(day_of(now) - DAYS)..=last;
    days.fold((0, 0), |(all, bad), day| {
        let count = |name| number::<i64>(latest, &named(name, day)).unwrap_or(0);
        let count = |name| u32::try_from(count(name)).unwrap_or(0);
        (all + count("all"), bad + count("bad"))
    })
}

/// The feedback of the same days among stored pieces of it.
pub(in crate::ledger) fn recent_of(feedback: &[Item], now: Instant) -> (u32, u32) {
    let counted = feedback.iter().filter_map(Counted::of);
    let recent = counted.filter(|one| one.day >= day_of(now) - DAYS);
    recent.fold((0, 0), |(all, bad), one| {
        (all + 1, bad + u32::from(one.bad))
    })
}

/// The UTC day, counted since 1970.
pub(in crate::ledger) fn day_of(at: Instant) -> i64 {
    at.seconds().div_euclid(86_400)
}

fn cell(day: i64) -> i64 {
    day.rem_euclid(CELLS)
}

fn named(name: &str, day: i64) -> String {
    format!("{name}_{}", cell(day))
}
