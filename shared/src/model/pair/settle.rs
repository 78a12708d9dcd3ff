//! Applying one fact to the part of a pair that it may change.
//!
//! A [`Slice`] holds that part: the calls around a moment with their reports and entries, and the unmatched
//! entries that may find their call there. Each method applies one fact and decides again what depends on
//! it; the difference to the slice before is what the ledger writes.

use super::Pair;
use super::call::PairCall;
use super::entry::{CostEntry, Pin, State};
use super::grouping::calls_of;
use super::matching::best;
use super::source_report::{Source, SourceReport};
use crate::model::call::{CallSid, CostId};

/// How many reports may lie so close together that they are grouped as one set. Another one becomes a call
/// of its own, and here alone the order of reports decides.
pub const MOST_REPORTS: usize = 40;

/// How many entries a call holds, so that no write of it grows without bound. For another one, the oldest
/// that does not count any more is left out; if all of them count, the new one stays unmatched.
pub const MOST_ENTRIES: usize = 40;

/// How far apart two reports may be that the rules join whatever the account's setting, in milliseconds.
const LOOKUP_REACH: i64 = 10_000;

/// The part of a pair that a fact may change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slice {
    /// Whether the callers withhold their numbers.
    pub withheld: bool,
    /// The calls, in no order.
    pub calls: Vec<PairCall>,
    /// The unmatched entries.
    pub unmatched: Vec<CostEntry>,
    /// Parts of other pairs, whose calls a person matched entries of this pair to. No entry finds its call
    /// there by the rules.
    pub others: Vec<OtherPart>,
}

/// The part of another pair that a decision about this one may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherPart {
    /// The pair.
    pub pair: Pair,
    /// Some of its calls.
    pub calls: Vec<PairCall>,
    /// Some of its unmatched entries.
    pub unmatched: Vec<CostEntry>,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled<T> {
    /// What was asked for.
    pub answer: T,
    /// Whether entries are left that belong elsewhere, because a step moves only so many.
    pub more: bool,
}

/// Where an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// On the call with this sid.
    Call(CallSid),
    /// On no call.
    Unmatched,
}

impl Slice {
    /// The call with this sid, or with a report that has it, whichever pair it is of.
    #[must_use]
    pub fn call(&self, sid: &CallSid) -> Option<&PairCall> {
        let exact = self.every_call().find(|call| call.sid == *sid);
        exact.or_else(|| self.every_call().find(|call| call.has_report(sid)))
    }

    /// An entry, and the call that it is matched to.
    #[must_use]
    pub fn entry(&self, id: &CostId) -> Option<(&CostEntry, Option<&PairCall>)> {
        let matched = self.every_call().find_map(|call| {
            let entry = call.entries.iter().find(|entry| entry.cost_id == *id)?;
            Some((entry, Some(call)))
        });
        let unmatched = || self.every_unmatched().find(|entry| entry.cost_id == *id);
        matched.or_else(|| unmatched().map(|entry| (entry, None)))
    }

    /// The other pair that a call is of; `None` for a call of this pair.
    #[must_use]
    pub fn other_pair_of(&self, sid: &CallSid) -> Option<&Pair> {
        let has = |part: &&OtherPart| part.calls.iter().any(|call| call.sid == *sid);
        self.others.iter().find(has).map(|part| &part.pair)
    }

    /// Adds a report, and moves at most `most` entries. Answers with the sid of the call that the report is
    /// in.
    pub fn add_report(&mut self, report: SourceReport, most: usize) -> Settled<CallSid> {
        let sid = report.sid.clone();
        let cluster = self.cluster(&report);
        let reports: usize = cluster.iter().map(|call| call.reports.len()).sum();
        let entries: usize = cluster.iter().map(|call| call.entries.len()).sum();
        let mut changed = Vec::new();
        if reports >= MOST_REPORTS || entries > MOST_ENTRIES {
            self.calls.extend(cluster);
            if let Some(mut call) = PairCall::of(vec![report]) {
                call.crowded = true;
                changed.push(call.sid.clone());
                self.calls.push(call);
            }
        } else {
            changed = self.regroup(cluster, report);
        }
        let more = self.rematch(&changed, most);
        let call = self.call(&sid).map(|call| call.sid.clone());
        Settled {
            answer: call.unwrap_or(sid),
            more,
        }
    }

    /// Moves at most `most` of the entries that belong elsewhere since the call with this sid changed. Returns
    /// whether some are left.
    pub fn settle_around(&mut self, sid: &CallSid, most: usize) -> bool {
        let changed: Vec<CallSid> = self
            .call(sid)
            .map(|call| call.sid.clone())
            .into_iter()
            .collect();
        self.rematch(&changed, most)
    }

    /// Takes out the calls whose reports lie close enough to `report`, or to each other, to be grouped anew.
    fn cluster(&mut self, report: &SourceReport) -> Vec<PairCall> {
        let mut found: Vec<PairCall> = Vec::new();
        loop {
            let near = self.calls.iter().position(|call| {
                let known = found.iter().flat_map(|call| &call.reports).chain([report]);
                let mut known = known;
                !call.crowded
                    && known.any(|known| call.reports.iter().any(|other| reach(known, other)))
            });
            match near {
                Some(near) => found.push(self.calls.swap_remove(near)),
                None => return found,
            }
        }
    }

    /// Groups the reports of these calls and a new one, and returns the sids of the calls that they make.
    /// A call keeps the sid of the earliest of the calls that it is made of. Each entry goes to the call with
    /// the report that its call was named after.
    fn regroup(&mut self, cluster: Vec<PairCall>, report: SourceReport) -> Vec<CallSid> {
        let mut reports = vec![report];
        let mut entries = Vec::new();
        for call in cluster {
            reports.extend(call.reports);
            entries.push((call.sid, call.entries));
        }
        let groups = calls_of(reports, self.withheld).into_iter();
        let mut calls: Vec<PairCall> = groups.filter_map(PairCall::of).collect();
        for call in &mut calls {
            let known = call.reports.iter();
            let known = known.filter(|report| entries.iter().any(|(sid, _)| *sid == report.sid));
            let named = known.min_by(|a, b| (a.recorded_at, &a.sid).cmp(&(b.recorded_at, &b.sid)));
            if let Some(named) = named {
                call.sid = named.sid.clone();
            }
        }
        for (sid, entries) in entries {
            if let Some(call) = calls.iter_mut().find(|call| call.has_report(&sid)) {
                call.entries.extend(entries);
            }
        }
        let sids = calls.iter().map(|call| call.sid.clone()).collect();
        self.calls.extend(calls);
        sids
    }

    /// Adds an entry and finds its call. Answers with the call's sid.
    ///
    /// The slice holds the earlier prices of its bill, if there are any.
    pub fn add_entry(&mut self, entry: CostEntry) -> Option<CallSid> {
        if let Some(earlier) = &entry.reprices
            && let Some(earlier) = self.entry_mut(earlier)
        {
            earlier.next_price = Some(entry.cost_id.clone());
        }
        let place = match entry.follows() {
            Some(earlier) => self.place_of(earlier),
            None => None,
        };
        let place = place.unwrap_or_else(|| match best(&entry, &self.calls) {
            Some(call) => Place::Call(call.sid.clone()),
            None => Place::Unmatched,
        });
        let id = entry.cost_id.clone();
        self.put(entry, &place);
        self.carry_back(&id);
        self.decide_states();
        self.entry(&id)
            .and_then(|(_, call)| Some(call?.sid.clone()))
    }

    /// Takes entries back, or takes back that. Answers with the entries that count again.
    pub fn set_void(&mut self, ids: &[CostId], void: bool) -> Vec<CostId> {
        let counted: Vec<CostId> = self.counting().collect();
        for id in ids {
            if let Some(entry) = self.entry_mut(id) {
                entry.void = void;
            }
            self.carry_back(id);
        }
        self.decide_states();
        self.counting().filter(|id| !counted.contains(id)).collect()
    }

    /// Pins an entry, or with `None` leaves it to the rules again. Its bill's later prices that say no date
    /// follow it. The slice holds the call that it is pinned to.
    pub fn set_pin(&mut self, id: &CostId, pin: Option<Pin>) {
        if let Some(entry) = self.entry_mut(id) {
            entry.pin = pin;
        }
        let Some((entry, _)) = self.entry(id) else {
            return;
        };
        let place = self.decided(entry, None);
        self.move_to(id, &place);
        self.decide_states();
    }

    /// The next prices of entries that moved since `before` which are not in the slice: they may have to
    /// move with them.
    #[must_use]
    pub fn missing_prices(&self, before: &Self) -> Vec<CostId> {
        let moved = self.every_entry().filter(|entry| {
            before.entry(&entry.cost_id).is_some()
                && before.place_of(&entry.cost_id) != self.place_of(&entry.cost_id)
        });
        let next = moved.filter_map(|entry| entry.next_price.clone());
        next.filter(|next| self.entry(next).is_none()).collect()
    }

    fn counting(&self) -> impl Iterator<Item = CostId> {
        self.every_entry()
            .filter(|entry| entry.state == State::InForce)
            .map(|entry| entry.cost_id.clone())
    }

    /// Tells the earlier prices of a bill whether a later one counts in their place.
    fn carry_back(&mut self, id: &CostId) {
        let mut id = id.clone();
        while let Some((entry, _)) = self.entry(&id) {
            let replaced = entry.repriced || !entry.void;
            let Some(earlier) = entry.reprices.clone() else {
                return;
            };
            if !self.set_repriced(&earlier, replaced) {
                return;
            }
            id = earlier;
        }
    }

    /// Returns whether that changed anything.
    fn set_repriced(&mut self, id: &CostId, repriced: bool) -> bool {
        match self.entry_mut(id) {
            Some(entry) if entry.repriced != repriced => {
                entry.repriced = repriced;
                true
            }
            _ => false,
        }
    }
}

/// Whether the rules may join two reports.
fn reach(a: &SourceReport, b: &SourceReport) -> bool {
    let lookups = a.source == Source::Lookup && b.source == Source::Lookup;
    let most = match lookups {
        true => a.reach(b).max(LOOKUP_REACH),
        false => a.reach(b),
    };
    a.gap(b) <= most
}
