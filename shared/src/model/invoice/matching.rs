//! Matches lines of a statement with entries: each with at most one, in an order that does not depend on
//! that of the lines.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use rust_decimal::Decimal;

use super::line::{LedgerEntry, StatementLine};
use crate::model::pair::external_id::ExternalId;
use crate::model::time::{CivilDay, Zone};

/// A line with its rank among all lines, which decides between candidates that are equally good.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub rank: usize,
    pub line: &'a StatementLine,
    /// The call id, unless the ids of the statement are of another kind than the ledger's.
    pub call_id: Option<&'a ExternalId>,
}

/// An entry that lines may be matched to, with the earlier prices of its call.
pub(super) struct Subject<'a> {
    pub rank: usize,
    pub entry: &'a LedgerEntry,
    pub earlier: Vec<&'a LedgerEntry>,
}

impl<'a> Subject<'a> {
    fn entries(&self) -> impl Iterator<Item = &'a LedgerEntry> + '_ {
        self.earlier.iter().copied().chain([self.entry])
    }

    /// Moments in milliseconds, each once.
    fn moments(&self) -> BTreeSet<i64> {
        let moments = self.entries().flat_map(LedgerEntry::moments);
        moments.map(|moment| moment.millis()).collect()
    }

    fn ids(&self) -> BTreeSet<&'a ExternalId> {
        self.entries()
            .filter_map(|entry| entry.call_id.as_ref())
            .collect()
    }

    fn has_amount(&self, amount: Decimal) -> bool {
        self.entry.amount.decimal() == amount
    }

    /// Whether the line may be for it although their call ids are not equal: one of them has none.
    fn accepts(&self, line: &Line<'_>) -> bool {
        line.call_id.is_none() || self.entries().all(|entry| entry.call_id.is_none())
    }
}

/// What is matched so far: each line to the subject of a rank.
pub(super) struct Matches<'a> {
    zone: &'a Zone,
    /// Milliseconds.
    tolerance: i64,
    of_line: BTreeMap<usize, usize>,
    taken: BTreeSet<usize>,
}

type Pair<'a> = (&'a str, &'a str);

impl<'a> Matches<'a> {
    pub(super) fn new(zone: &'a Zone, tolerance: i64) -> Self {
        Self {
            zone,
            tolerance,
            of_line: BTreeMap::new(),
            taken: BTreeSet::new(),
        }
    }

    /// The rank of the subject that a line is matched to.
    pub(super) fn of(&self, line: &Line<'_>) -> Option<usize> {
        self.of_line.get(&line.rank).copied()
    }

    pub(super) fn has(&self, subject: &Subject<'_>) -> bool {
        self.taken.contains(&subject.rank)
    }

    fn take(&mut self, line: usize, subject: usize) {
        self.of_line.insert(line, subject);
        self.taken.insert(subject);
    }

    fn is_open(&self, line: usize, subject: usize) -> bool {
        !self.of_line.contains_key(&line) && !self.taken.contains(&subject)
    }

    fn open<'l>(&self, lines: &'l [Line<'a>]) -> impl Iterator<Item = &'l Line<'a>> {
        lines
            .iter()
            .filter(|line| !self.of_line.contains_key(&line.rank))
    }

    /// Matches lines by their call ids: the same pair first, then the nearest in time, then the same amount.
    pub(super) fn by_id(&mut self, lines: &[Line<'a>], subjects: &[Subject<'a>]) {
        let mut of_id: BTreeMap<&ExternalId, Vec<&Subject<'_>>> = BTreeMap::new();
        for subject in subjects {
            for id in subject.ids() {
                of_id.entry(id).or_default().push(subject);
            }
        }
        let mut candidates = Vec::new();
        for line in self.open(lines) {
            let found = line.call_id.and_then(|id| of_id.get(id));
            for subject in found.into_iter().flatten() {
                let other_pair = line
                    .line
                    .pair()
                    .is_some_and(|pair| pair != subject.entry.pair());
                let other_amount = !subject.has_amount(line.line.amount);
                let apart = self.apart(line, subject);
                candidates.push((other_pair, apart, other_amount, line.rank, subject.rank));
            }
        }
        candidates.sort_unstable();
        for (.., line, subject) in candidates {
            if self.is_open(line, subject) {
                self.take(line, subject);
            }
        }
    }

    /// How far apart a line and a subject are, in milliseconds; the same day and no date count as nothing.
    fn apart(&self, line: &Line<'_>, subject: &Subject<'_>) -> u64 {
        let of = |moment: i64| {
            subject
                .moments()
                .into_iter()
                .map(|other| other.abs_diff(moment))
                .min()
                .unwrap_or(0)
        };
        match (line.line.moment(), line.line.day(self.zone)) {
            (Some(moment), _) => of(moment.millis()),
            (None, Some(day)) => {
                let days = subject
                    .entry
                    .moments()
                    .map(|moment| CivilDay::of(moment, self.zone));
                match days.contains(&day) {
                    true => 0,
                    false => of(day.begins(self.zone).millis()),
                }
            }
            (None, None) => 0,
        }
    }

    /// Matches the rest by pair: lines that say a moment to the nearest within the tolerance, then lines
    /// that say a day to entries of that day.
    pub(super) fn by_pair(&mut self, lines: &[Line<'a>], subjects: &[Subject<'a>]) {
        let mut of_pair: BTreeMap<Pair<'_>, (Vec<&Line<'a>>, Vec<&Subject<'a>>)> = BTreeMap::new();
        for subject in subjects.iter().filter(|subject| !self.has(subject)) {
            of_pair
                .entry(subject.entry.pair())
                .or_default()
                .1
                .push(subject);
        }
        for line in self.open(lines) {
            let pair = line.line.pair().and_then(|pair| of_pair.get_mut(&pair));
            if let Some((lines, _)) = pair {
                lines.push(line);
            }
        }
        for (lines, subjects) in of_pair.values() {
            self.by_moment(lines, subjects);
            self.by_day(lines, subjects);
        }
    }

    /// Takes the nearest line and subject of a pair, again and again; of equally near ones those with the
    /// same amount.
    ///
    /// Only the best candidate of each line is kept at a time: withheld callers make pairs with thousands of
    /// entries.
    fn by_moment(&mut self, lines: &[&Line<'a>], subjects: &[&Subject<'a>]) {
        let by_rank: BTreeMap<usize, &Subject<'_>> = subjects
            .iter()
            .map(|subject| (subject.rank, *subject))
            .collect();
        let mut points: Vec<(i64, usize)> = Vec::new();
        for subject in subjects {
            points.extend(subject.moments().into_iter().map(|at| (at, subject.rank)));
        }
        points.sort_unstable();
        let mut searches: BTreeMap<usize, Search<'_, 'a>> = BTreeMap::new();
        for line in lines {
            if let Some(moment) = line.line.moment() {
                let search = Search::new(line, moment.millis(), &points);
                searches.insert(line.rank, search);
            }
        }
        let mut best = BinaryHeap::new();
        for (rank, search) in &mut searches {
            best.extend(
                search
                    .next(self, &by_rank)
                    .map(|found| Reverse((found, *rank))),
            );
        }
        while let Some(Reverse(((_, _, subject), line))) = best.pop() {
            if self.is_open(line, subject) {
                self.take(line, subject);
            } else if let Some(search) = searches.get_mut(&line) {
                best.extend(
                    search
                        .next(self, &by_rank)
                        .map(|found| Reverse((found, line))),
                );
            }
        }
    }

    /// Matches lines that say a day: first by the day of the call, then by that of billing; within a day
    /// equal amounts first.
    fn by_day(&mut self, lines: &[&Line<'a>], subjects: &[&Subject<'a>]) {
        let called = |entry: &LedgerEntry| entry.called_at();
        let said = |entry: &LedgerEntry| entry.call_date;
        let billed = |entry: &LedgerEntry| entry.cost_id.billed();
        let moments: [&dyn Fn(&LedgerEntry) -> _; 3] = [&called, &said, &billed];
        for moment in moments {
            let mut of_day: BTreeMap<CivilDay, Vec<&Subject<'_>>> = BTreeMap::new();
            for subject in subjects.iter().filter(|subject| !self.has(subject)) {
                let day = CivilDay::of(moment(subject.entry), self.zone);
                of_day.entry(day).or_default().push(subject);
            }
            for same_amount in [true, false] {
                for line in lines {
                    let day = line.line.day(self.zone);
                    let found = day.and_then(|day| of_day.get(&day));
                    let mut found = found.into_iter().flatten().filter(|subject| {
                        self.is_open(line.rank, subject.rank)
                            && subject.accepts(line)
                            && (!same_amount || subject.has_amount(line.line.amount))
                    });
                    if let Some(subject) = found.next() {
                        self.take(line.rank, subject.rank);
                    }
                }
            }
        }
    }
}

/// How far apart, whether the amounts differ, and the rank of the subject.
type Found = (u64, bool, usize);

/// The candidates of a line, from the nearest to the farthest.
struct Search<'p, 'a> {
    line: &'p Line<'a>,
    moment: i64,
    /// The moments before the line's, the nearest last, and the others, the nearest first.
    before: &'p [(i64, usize)],
    after: &'p [(i64, usize)],
    /// Equally near ones, the best last.
    group: Vec<Found>,
}

impl<'p, 'a> Search<'p, 'a> {
    fn new(line: &'p Line<'a>, moment: i64, points: &'p [(i64, usize)]) -> Self {
        let (before, after) = points.split_at(points.partition_point(|(at, _)| *at < moment));
        Self {
            line,
            moment,
            before,
            after,
            group: Vec::new(),
        }
    }

    /// The next candidate that is free and within the tolerance.
    fn next(
        &mut self,
        matches: &Matches<'_>,
        subjects: &BTreeMap<usize, &Subject<'_>>,
    ) -> Option<Found> {
        loop {
            while let Some(found) = self.group.pop() {
                if !matches.taken.contains(&found.2) {
                    return Some(found);
                }
            }
            let nearest = [self.before.last(), self.after.first()];
            let apart = nearest
                .into_iter()
                .flatten()
                .map(|(at, _)| at.abs_diff(self.moment))
                .min()?;
            if i64::try_from(apart).is_ok_and(|apart| apart > matches.tolerance) {
                return None;
            }
            let mut near = BTreeSet::new();
            while let Some(((at, rank), rest)) = self.before.split_last()
                && at.abs_diff(self.moment) == apart
            {
                near.insert(*rank);
                self.before = rest;
            }
            while let Some(((at, rank), rest)) = self.after.split_first()
                && at.abs_diff(self.moment) == apart
            {
                near.insert(*rank);
                self.after = rest;
            }
            let near = near.into_iter().filter_map(|rank| subjects.get(&rank));
            let near = near
                .filter(|subject| subject.accepts(self.line))
                .map(|subject| {
                    (
                        apart,
                        !subject.has_amount(self.line.line.amount),
                        subject.rank,
                    )
                });
            self.group = near.collect();
            self.group.sort_unstable_by(|one, other| other.cmp(one));
        }
    }
}
