//! Folding the sums of days into the groups that a client asks for.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::{iter, mem};

use rust_decimal::Decimal;

use super::measures::{Measure, Measures};
use super::place::{Slot, SumKey};
use crate::model::assignment::NumberAssignments;
use crate::model::number::Attribution;
use crate::model::text::UnexpectedWord;
use crate::model::time::{CivilDay, Instant, Range, RangeEnd, UtcDay, Zone};
use crate::model::vendor::VendorId;

/// The maximum number of groups of one summary, in all of its groupings, so that the answer fits into a response.
pub const MOST_GROUPS: usize = 10_000;

/// The maximum number of groupings of one summary.
pub const MOST_GROUPINGS: usize = 6;

/// The maximum number of callers that one summary counts, each once an hour, DID and vendor, so that they fit
/// into a small function: some 50 MB.
pub const MOST_CALLERS: usize = 2_000_000;

/// A quarter of an hour, in milliseconds.
const QUARTER: i64 = 900_000;

/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

/// What calls and costs are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupBy {
    /// The vendor.
    Vendor,
    /// The number that was called.
    Did,
    /// The property that the number was assigned to.
    Property,
    /// The source in the number's attribution; likewise the next three.
    Source,
    /// See [`GroupBy::Source`].
    Medium,
    /// See [`GroupBy::Source`].
    Campaign,
    /// See [`GroupBy::Source`].
    Content,
    /// How the call ended.
    Disposition,
    /// The hour of the day, in the account's zone; likewise the next four.
    Hour,
    /// The day of the week.
    Weekday,
    /// The day.
    Day,
    /// The ISO week.
    Week,
    /// The month.
    Month,
}

impl GroupBy {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Vendor,
        Self::Did,
        Self::Property,
        Self::Source,
        Self::Medium,
        Self::Campaign,
        Self::Content,
        Self::Disposition,
        Self::Hour,
        Self::Weekday,
        Self::Day,
        Self::Week,
        Self::Month,
    ];

    /// Reads the word.
    ///
    /// # Errors
    /// Returns `UnexpectedWord` for any other word.
    pub fn parse(text: &str) -> Result<Self, UnexpectedWord> {
        let mut all = Self::ALL.into_iter();
        all.find(|by| by.as_str() == text).ok_or(UnexpectedWord {
            expected: "one or two of vendor, did, property, source, medium, campaign, content, \
                       disposition, hour, weekday, day, week, month",
        })
    }

    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vendor => "vendor",
            Self::Did => "did",
            Self::Property => "property",
            Self::Source => "source",
            Self::Medium => "medium",
            Self::Campaign => "campaign",
            Self::Content => "content",
            Self::Disposition => "disposition",
            Self::Hour => "hour",
            Self::Weekday => "weekday",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// Whether it is read off the number's attribution.
    #[must_use]
    pub fn is_attribution(self) -> bool {
        matches!(
            self,
            Self::Source | Self::Medium | Self::Campaign | Self::Content
        )
    }
}

/// What a summary is asked for.
#[derive(Clone, Debug)]
pub struct Question {
    /// The time, in whole hours of the account's zone.
    pub range: Range,
    /// The account's zone.
    pub zone: Zone,
    /// The groupings, each of one or two dimensions; none for the totals alone.
    pub by: Vec<Vec<GroupBy>>,
    /// Only the calls and costs of this vendor.
    pub vendor: Option<VendorId>,
    /// Only those of this number, in E.164.
    pub did: Option<String>,
    /// By how many days the keys of days, weeks and months are moved, so that the groups of an earlier
    /// period meet those that they are compared with.
    pub shift: i32,
    /// What was billed in hours that were over by then and is unmatched is told apart: a day before now.
    pub overdue: Instant,
}

impl Question {
    /// Whether the sums of a number and a vendor are asked for.
    #[must_use]
    pub fn wants(&self, did: &str, vendor: Option<&VendorId>) -> bool {
        self.did.as_deref().is_none_or(|wanted| wanted == did)
            && (self.vendor.is_none() || self.vendor.as_ref() == vendor)
    }
}

impl Question {
    /// Returns the same question about the period of the same length right before; `from` and `to` are the
    /// ends of the range as they were asked for.
    #[must_use]
    pub fn before(&self, from: RangeEnd, to: RangeEnd) -> Self {
        let (start, days) = match (from, to) {
            (RangeEnd::Day(from), RangeEnd::Day(to)) => {
                let days = to.days_since(from) + 1;
                (from.plus_days(-days).begins(&self.zone), days)
            }
            _ => {
                let length = self.range.to.millis() - self.range.from.millis();
                let days = i32::try_from(length / DAY).unwrap_or(i32::MAX);
                let start = self.range.from.millis().saturating_sub(length);
                (Instant::from_millis(start), days)
            }
        };
        Self {
            range: Range {
                from: start,
                to: self.range.from,
            },
            shift: days,
            ..self.clone()
        }
    }

    /// Returns the range, from the start of the period before on if there is one.
    #[must_use]
    pub fn range_with(&self, previous: Option<&Self>) -> Range {
        let from = previous.map_or(self.range.from, |previous| previous.range.from);
        Range { from, ..self.range }
    }
}

/// What is known of the account's numbers.
#[derive(Debug, Default)]
pub struct Numbers {
    /// Which property had which number when.
    pub assignments: NumberAssignments,
    /// Where the callers of a number come from, by number.
    pub attributions: HashMap<String, Attribution>,
}

/// One key of a group. Its order is that of what it stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKey {
    place: u8,
    /// The key as text; `None` for no vendor, no property, and so on.
    pub text: Option<String>,
}

/// One group.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Its sums.
    pub sums: Measures,
    /// The unmatched entries that were billed longer than a day ago, to the hour: their number and amount.
    pub overdue: (Decimal, Decimal),
    /// The callers that were read, until they are counted.
    callers: Vec<u64>,
    unique_callers: usize,
}

impl Group {
    fn add(&mut self, sums: &Measures, is_overdue: bool) {
        self.sums.merge(sums);
        if is_overdue {
            let (count, amount) = &mut self.overdue;
            *count += sums.get(Measure::UnmatchedCount);
            *amount += sums.get(Measure::Unmatched);
        }
    }

    /// Returns how many callers the group has, each counted once.
    #[must_use]
    pub fn unique_callers(&self) -> usize {
        self.unique_callers
    }

    /// Counts the callers, and gives them back, each once.
    fn count(&mut self) -> Vec<u64> {
        let mut callers = mem::take(&mut self.callers);
        callers.sort_unstable();
        callers.dedup();
        self.unique_callers = callers.len();
        callers
    }
}

/// A quarter of an hour as an account's clock shows it.
#[derive(Clone, Debug)]
struct Local {
    at: Instant,
    hour: u8,
    day: CivilDay,
}

/// The groups of one grouping, by their keys.
pub type GroupsByKeys = BTreeMap<Vec<GroupKey>, Group>;

/// The groups of a summary.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// Those of each grouping, in the order of the question.
    pub by: Vec<GroupsByKeys>,
    /// The group of everything.
    pub total: Group,
}

/// Sums by group, while they are being read.
pub struct Summary<'a> {
    question: &'a Question,
    numbers: &'a Numbers,
    days: HashMap<UtcDay, Vec<Option<Local>>>,
    /// The groups of each grouping.
    groups: Vec<GroupsByKeys>,
    count: usize,
    total: Group,
    /// How many callers the groups have, before any is counted once.
    callers: usize,
}

/// Reason why a summary is too large for one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SummaryTooLarge {
    /// There are more groups than an answer holds.
    #[error("there are more than {MOST_GROUPS} groups; shorten the range or group by less")]
    Groups,
    /// There are more callers than are counted at once.
    #[error(
        "there are more than {MOST_CALLERS} callers, counted each hour; shorten the range, or ask for one \
         vendor or did"
    )]
    Callers,
}

impl<'a> Summary<'a> {
    /// Makes an empty summary.
    #[must_use]
    pub fn new(question: &'a Question, numbers: &'a Numbers) -> Self {
        Self {
            question,
            numbers,
            days: HashMap::new(),
            groups: vec![BTreeMap::new(); question.by.len()],
            count: 0,
            total: Group::default(),
            callers: 0,
        }
    }

    /// Adds the sums of a place.
    ///
    /// # Errors
    /// Returns `SummaryTooLarge` if there are more than [`MOST_GROUPS`].
    pub fn add(
        &mut self,
        key: &SumKey,
        cells: impl IntoIterator<Item = (Slot, Measure, Decimal)>,
    ) -> Result<(), SummaryTooLarge> {
        if !self.question.wants(&key.did, key.vendor.as_ref()) {
            return Ok(());
        }
        let mut slots: BTreeMap<Slot, Measures> = BTreeMap::new();
        for (slot, measure, value) in cells {
            slots.entry(slot).or_default().add(measure, value);
        }
        for (slot, sums) in slots {
            let ends = key.day.begins().millis().saturating_add(slot.ends());
            let is_overdue = ends <= self.question.overdue.millis();
            let add = |group: &mut Group| group.add(&sums, is_overdue);
            if self.each_group(key, slot, add)? {
                self.total.add(&sums, is_overdue);
            }
        }
        Ok(())
    }

    /// Adds callers of a place, whose disposition is not known.
    ///
    /// # Errors
    /// Returns `SummaryTooLarge` if there are more than [`MOST_GROUPS`], or more than [`MOST_CALLERS`] callers.
    pub fn add_callers(
        &mut self,
        key: &SumKey,
        slot: Slot,
        callers: &[u64],
    ) -> Result<(), SummaryTooLarge> {
        if !self.question.wants(&key.did, key.vendor.as_ref()) {
            return Ok(());
        }
        let add = |group: &mut Group| group.callers.extend(callers);
        if self.each_group(key, slot, add)? {
            if self.groups.is_empty() {
                self.total.callers.extend(callers);
            }
            self.callers += callers.len() * self.groups.len().max(1);
        }
        match self.callers > MOST_CALLERS {
            true => Err(SummaryTooLarge::Callers),
            false => Ok(()),
        }
    }

    /// Returns the groups in the order of their keys, and the group of everything.
    #[must_use]
    pub fn finish(self) -> Groups {
        let (mut by, mut total) = (self.groups, self.total);
        // Each group's callers are freed once they are counted: the comparison with another period holds as
        // many again.
        for (place, groups) in by.iter_mut().enumerate() {
            if place == 0 {
                let callers = groups.values().map(|group| group.callers.len()).sum();
                total.callers.reserve_exact(callers);
            }
            for group in groups.values_mut() {
                let callers = group.count();
                if place == 0 {
                    total.callers.extend(callers);
                }
            }
        }
        total.count();
        Groups { by, total }
    }

    /// Changes the group of a place in each grouping. Returns whether the time is asked for.
    fn each_group(
        &mut self,
        key: &SumKey,
        slot: Slot,
        mut change: impl FnMut(&mut Group),
    ) -> Result<bool, SummaryTooLarge> {
        let (zone, range) = (&self.question.zone, self.question.range);
        let day = self
            .days
            .entry(key.day)
            .or_insert_with(|| quarters(key.day, range, zone));
        let Some(Some(local)) = day.get(usize::from(slot.quarter())) else {
            return Ok(false);
        };
        let question = self.question;
        for (by, groups) in question.by.iter().zip(&mut self.groups) {
            let keys = by.iter();
            let keys = keys.map(|by| group_key(*by, key, local, self.numbers, question.shift));
            let keys: Vec<_> = keys.collect();
            let known = self.count;
            match groups.entry(keys) {
                Entry::Occupied(mut group) => change(group.get_mut()),
                Entry::Vacant(_) if known >= MOST_GROUPS => return Err(SummaryTooLarge::Groups),
                Entry::Vacant(place) => {
                    change(place.insert(Group::default()));
                    self.count += 1;
                }
            }
        }
        Ok(true)
    }
}

/// The quarters of a UTC day that lie in a range.
fn quarters(day: UtcDay, range: Range, zone: &Zone) -> Vec<Option<Local>> {
    let begins = day.begins().millis();
    let starts = iter::successors(Some(begins), |at| Some(at + QUARTER)).take(96);
    let local = |at: i64| {
        let at = Instant::from_millis(at);
        (range.from <= at && at < range.to).then(|| Local {
            at,
            hour: at.local_hour(zone),
            day: CivilDay::of(at, zone),
        })
    };
    starts.map(local).collect()
}

fn group_key(by: GroupBy, key: &SumKey, local: &Local, numbers: &Numbers, shift: i32) -> GroupKey {
    let attribution = numbers.attributions.get(&key.did);
    let text = |text: Option<&crate::model::number::AttributionText>| {
        text.map(|text| text.as_str().to_owned())
    };
    let shown = || match shift {
        0 => local.day,
        _ => local.day.plus_days(shift),
    };
    let (place, text) = match by {
        GroupBy::Vendor => (
            0,
            key.vendor.as_ref().map(|vendor| vendor.as_str().to_owned()),
        ),
        GroupBy::Did => (0, Some(key.did.clone()).filter(|did| !did.is_empty())),
        GroupBy::Property => {
            let holder = numbers.assignments.holder(&key.did, local.at);
            (0, holder.map(|sid| sid.as_str().to_owned()))
        }
        GroupBy::Source => (0, text(attribution.and_then(|found| found.source.as_ref()))),
        GroupBy::Medium => (0, text(attribution.and_then(|found| found.medium.as_ref()))),
        GroupBy::Campaign => (
            0,
            text(attribution.and_then(|found| found.campaign.as_ref())),
        ),
        GroupBy::Content => (
            0,
            text(attribution.and_then(|found| found.content.as_ref())),
        ),
        GroupBy::Disposition => (
            0,
            Some(key.disposition.clone()).filter(|said| !said.is_empty()),
        ),
        GroupBy::Hour => (0, Some(format!("{:02}", local.hour))),
        GroupBy::Weekday => (
            local.day.weekday(),
            Some(weekday(local.day.weekday()).to_owned()),
        ),
        GroupBy::Day => (0, Some(shown().to_string())),
        GroupBy::Week => (0, Some(shown().iso_week())),
        GroupBy::Month => (0, Some(shown().month())),
    };
    GroupKey { place, text }
}

/// Returns the name of a day of the week, 1 for Monday to 7 for Sunday.
#[must_use]
pub fn weekday(number: u8) -> &'static str {
    match number {
        1 => "monday",
        2 => "tuesday",
        3 => "wednesday",
        4 => "thursday",
        5 => "friday",
        6 => "saturday",
        _ => "sunday",
    }
}
