//! The comparison of a statement with the ledger.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::line::{LedgerEntry, StatementLine};
use super::matching::{Line, Matches, Subject};
use super::result::{Bucket, CallIds, ComparedRow, Comparison, Kind, Note, Side};
use crate::model::call::CostId;
use crate::model::pair::entry::State;
use crate::model::pair::external_id::ExternalId;
use crate::model::time::{CallDate, Zone};

/// How far apart a line and its entry may be if nobody says otherwise, in seconds.
pub const TOLERANCE: u32 = 120;

/// The largest tolerance, in seconds.
pub const MOST_TOLERANCE: u32 = 3_600;

/// The maximum number of lines of a statement.
pub const MOST_LINES: usize = 10_000;

/// Compares a vendor's statement with its entries: those of a range, and others around it that may explain a
/// line.
///
/// Days are days in `zone`; `tolerance` is in seconds. The result does not depend on the order of the lines
/// or of the entries.
#[must_use]
pub fn compare<'a>(
    lines: &'a [StatementLine],
    entries: &'a [LedgerEntry],
    zone: &Zone,
    tolerance: u32,
) -> Comparison<'a> {
    let call_ids = call_ids(lines, entries);
    let lines = ranked(lines, call_ids == CallIds::Used);
    let subjects = subjects(entries);
    let askable: Vec<_> = lines
        .iter()
        .copied()
        .filter(|line| line.line.amount >= Decimal::ZERO)
        .collect();
    let mut matches = Matches::new(zone, i64::from(tolerance) * 1_000);
    matches.by_id(&askable, &subjects.in_force);
    let (inside, outside): (Vec<_>, Vec<_>) = subjects
        .in_force
        .into_iter()
        .partition(|subject| subject.entry.in_range);
    matches.by_pair(&askable, &inside);
    matches.by_pair(&askable, &outside);
    for rest in [&subjects.void, &subjects.replaced] {
        matches.by_id(&askable, rest);
        matches.by_pair(&askable, rest);
    }
    let all = [&inside, &outside, &subjects.void, &subjects.replaced];
    let by_rank: BTreeMap<usize, &Subject<'_>> = all
        .into_iter()
        .flatten()
        .map(|subject| (subject.rank, subject))
        .collect();
    let mut found = Found::new(entries, zone, i64::from(tolerance) * 1_000);
    for line in &lines {
        if let Some(subject) = matches.of(line).and_then(|rank| by_rank.get(&rank)) {
            found.matched(line, subject);
        }
    }
    for line in lines.iter().filter(|line| matches.of(line).is_none()) {
        found.left_over(line);
    }
    for subject in inside.iter().filter(|subject| !matches.has(subject)) {
        found.add(Kind::NotOnStatement, None, Some(subject.entry), None);
    }
    let mut comparison = Comparison {
        statement: Side::default(),
        ledger: Side::default(),
        call_ids,
        buckets: found.buckets(),
    };
    for line in &lines {
        comparison.statement.add(line.line.amount);
    }
    for entry in entries
        .iter()
        .filter(|entry| entry.in_range && entry.state == State::InForce)
    {
        comparison.ledger.add(entry.amount.decimal());
    }
    comparison
}

fn call_ids(lines: &[StatementLine], entries: &[LedgerEntry]) -> CallIds {
    let known: BTreeSet<&ExternalId> = entries
        .iter()
        .filter_map(|entry| entry.call_id.as_ref())
        .collect();
    let stated: Vec<&ExternalId> = lines
        .iter()
        .filter_map(|line| line.call_id.as_ref())
        .collect();
    if stated.is_empty() {
        CallIds::None
    } else if stated.into_iter().any(|id| known.contains(id)) {
        CallIds::Used
    } else {
        CallIds::Unknown
    }
}

/// The lines in an order that depends on what they say, and on their places only where they say the same.
fn ranked(lines: &[StatementLine], with_ids: bool) -> Vec<Line<'_>> {
    let mut sorted: Vec<&StatementLine> = lines.iter().collect();
    let date = |line: &StatementLine| match line.date {
        Some(CallDate::Moment(moment)) => (0, moment.millis()),
        Some(CallDate::Day { begins, .. }) => (1, begins.millis()),
        None => (2, 0),
    };
    sorted.sort_by(|one, other| {
        let key = |line: &StatementLine| (date(line), line.amount, line.line);
        let told =
            (date(one), one.pair(), &one.call_id).cmp(&(date(other), other.pair(), &other.call_id));
        told.then_with(|| key(one).cmp(&key(other)))
    });
    let lines = sorted.into_iter().enumerate().map(|(rank, line)| Line {
        rank,
        line,
        call_id: line.call_id.as_ref().filter(|_| with_ids),
    });
    lines.collect()
}

/// What lines may be matched to.
struct Subjects<'a> {
    in_force: Vec<Subject<'a>>,
    void: Vec<Subject<'a>>,
    /// Entries that were replaced by one that is not among those in force.
    replaced: Vec<Subject<'a>>,
}

fn subjects(entries: &[LedgerEntry]) -> Subjects<'_> {
    let mut sorted: Vec<&LedgerEntry> = entries.iter().collect();
    sorted.sort_by_key(|entry| (entry.received_at, entry.cost_id.billed(), &entry.cost_id));
    let replacements = Replacements::of(&sorted);
    let mut earlier: BTreeMap<&CostId, Vec<&LedgerEntry>> = BTreeMap::new();
    let (mut in_force, mut void, mut replaced) = (Vec::new(), Vec::new(), Vec::new());
    for (rank, entry) in sorted.into_iter().enumerate() {
        let subject = Subject {
            rank,
            entry,
            earlier: Vec::new(),
        };
        match entry.state {
            State::InForce => in_force.push(subject),
            State::Void => void.push(subject),
            State::Superseded => match replacements.for_entry(entry) {
                Some(by) => earlier.entry(&by.cost_id).or_default().push(entry),
                None => replaced.push(subject),
            },
        }
    }
    for subject in &mut in_force {
        subject.earlier = earlier.remove(&subject.entry.cost_id).unwrap_or_default();
    }
    Subjects {
        in_force,
        void,
        replaced,
    }
}

/// The entries in force that took the place of others.
struct Replacements<'a> {
    of_call: BTreeMap<&'a str, Vec<&'a LedgerEntry>>,
    of_id: BTreeMap<(&'a ExternalId, (&'a str, &'a str)), Vec<&'a LedgerEntry>>,
}

impl<'a> Replacements<'a> {
    fn of(sorted: &[&'a LedgerEntry]) -> Self {
        let mut found = Self {
            of_call: BTreeMap::new(),
            of_id: BTreeMap::new(),
        };
        for entry in sorted.iter().filter(|entry| entry.state == State::InForce) {
            if let Some(sid) = &entry.call_sid {
                found.of_call.entry(sid.as_str()).or_default().push(entry);
            }
            if let Some(id) = &entry.call_id {
                found
                    .of_id
                    .entry((id, entry.pair()))
                    .or_default()
                    .push(entry);
            }
        }
        found
    }

    /// The first later entry in force of the same call id, else of the same call.
    fn for_entry(&self, entry: &LedgerEntry) -> Option<&'a LedgerEntry> {
        let later = |found: &&&LedgerEntry| found.received_at >= entry.received_at;
        let of_id = entry
            .call_id
            .as_ref()
            .and_then(|id| self.of_id.get(&(id, entry.pair())));
        let of_call = entry
            .call_sid
            .as_ref()
            .and_then(|sid| self.of_call.get(sid.as_str()));
        let mut found = [of_id, of_call].into_iter().flatten();
        found.find_map(|found| found.iter().find(later).copied())
    }
}

/// The buckets while they are filled.
struct Found<'a, 'z> {
    zone: &'z Zone,
    tolerance: i64,
    buckets: BTreeMap<Kind, Bucket<'a>>,
    /// Amounts of void entries by the call that they are on.
    void: BTreeMap<&'a str, Vec<Decimal>>,
    /// The lines that another line may repeat, by pair and by call id.
    of_pair: BTreeMap<(&'a str, &'a str), Vec<Line<'a>>>,
    of_id: BTreeMap<&'a ExternalId, Line<'a>>,
}

impl<'a, 'z> Found<'a, 'z> {
    fn new(entries: &'a [LedgerEntry], zone: &'z Zone, tolerance: i64) -> Self {
        let mut void: BTreeMap<&str, Vec<Decimal>> = BTreeMap::new();
        for entry in entries.iter().filter(|entry| entry.state == State::Void) {
            if let Some(sid) = &entry.call_sid {
                void.entry(sid.as_str())
                    .or_default()
                    .push(entry.amount.decimal());
            }
        }
        Self {
            zone,
            tolerance,
            buckets: Kind::ALL.map(|kind| (kind, Bucket::new(kind))).into(),
            void,
            of_pair: BTreeMap::new(),
            of_id: BTreeMap::new(),
        }
    }

    fn add(
        &mut self,
        kind: Kind,
        line: Option<&'a StatementLine>,
        entry: Option<&'a LedgerEntry>,
        note: Option<Note>,
    ) {
        let bucket = self
            .buckets
            .entry(kind)
            .or_insert_with(|| Bucket::new(kind));
        bucket.add(ComparedRow { line, entry, note });
    }

    /// A line that is matched to an entry.
    fn matched(&mut self, line: &Line<'a>, subject: &Subject<'a>) {
        let (amount, entry) = (line.line.amount, subject.entry);
        let (kind, note) = match entry.state {
            State::Void => (Kind::VoidHere, None),
            State::Superseded => (Kind::NotInLedger, Some(Note::Replaced)),
            State::InForce if !entry.in_range => (Kind::NotInLedger, Some(Note::OutsideRange)),
            State::InForce if entry.amount.decimal() == amount => (Kind::Agreed, None),
            State::InForce => (Kind::OtherAmount, self.price(amount, subject)),
        };
        self.remember(line);
        self.add(kind, Some(line.line), Some(entry), note);
    }

    /// Which price of the call an amount is, if it is not the one in force.
    fn price(&self, amount: Decimal, subject: &Subject<'_>) -> Option<Note> {
        if subject
            .earlier
            .iter()
            .any(|entry| entry.amount.decimal() == amount)
        {
            return Some(Note::EarlierPrice);
        }
        let sid = subject.entry.call_sid.as_ref();
        let void = sid.and_then(|sid| self.void.get(sid.as_str()));
        void.is_some_and(|void| void.contains(&amount))
            .then_some(Note::VoidPrice)
    }

    /// A line without an entry.
    fn left_over(&mut self, line: &Line<'a>) {
        let (kind, note) = if line.line.amount.is_zero() {
            (Kind::Agreed, Some(Note::NoCharge))
        } else if line.line.amount < Decimal::ZERO {
            (Kind::NotInLedger, Some(Note::Credit))
        } else if let Some(first) = self.same_call(line) {
            (Kind::TwiceOnStatement, Some(Note::SameCallAs(first)))
        } else {
            self.remember(line);
            (Kind::NotInLedger, None)
        };
        self.add(kind, Some(line.line), None, note);
    }

    fn remember(&mut self, line: &Line<'a>) {
        if let Some(pair) = line.line.pair() {
            self.of_pair.entry(pair).or_default().push(*line);
        }
        if let Some(id) = line.line.call_id.as_ref() {
            self.of_id.entry(id).or_insert(*line);
        }
    }

    /// The line that is for the same call: of the same call id, else of the same pair, where not both have
    /// ids, and within the tolerance, or of the same day and amount.
    fn same_call(&self, line: &Line<'a>) -> Option<u64> {
        let own_id = line.line.call_id.as_ref();
        if let Some(first) = own_id.and_then(|id| self.of_id.get(id)) {
            return Some(first.line.line);
        }
        let of_pair = self.of_pair.get(&line.line.pair()?)?;
        let mut same = of_pair.iter().filter(|other| {
            let told_apart = own_id.is_some() && other.line.call_id.is_some();
            !told_apart && self.is_close(line.line, other.line)
        });
        same.next().map(|other| other.line.line)
    }

    fn is_close(&self, line: &StatementLine, other: &StatementLine) -> bool {
        match (line.moment(), other.moment()) {
            (Some(one), Some(other)) => (one.millis() - other.millis()).abs() <= self.tolerance,
            (None, None) => {
                line.day(self.zone) == other.day(self.zone) && line.amount == other.amount
            }
            _ => false,
        }
    }

    /// The buckets, each in the order of the statement, or else of billing.
    fn buckets(self) -> Vec<Bucket<'a>> {
        let mut buckets: Vec<Bucket<'a>> = self.buckets.into_values().collect();
        for bucket in &mut buckets {
            bucket.rows.sort_by_key(|row| {
                let billed = row
                    .entry
                    .map(|entry| (entry.cost_id.billed(), &entry.cost_id));
                (row.line.map(|line| line.line), billed)
            });
        }
        buckets
    }
}
