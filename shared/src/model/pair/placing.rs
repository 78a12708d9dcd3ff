//! Where the entries of a slice are, and moving them.

use super::call::PairCall;
use super::entry::{CostEntry, Pin, State};
use super::matching::{best, fit};
use super::settle::{MOST_ENTRIES, Place, Slice};
use super::state;
use crate::model::call::{CallSid, CostId};

impl Slice {
    /// Every call, of this pair and of others.
    pub(super) fn every_call(&self) -> impl Iterator<Item = &PairCall> {
        let others = self.others.iter().flat_map(|part| &part.calls);
        self.calls.iter().chain(others)
    }

    fn every_call_mut(&mut self) -> impl Iterator<Item = &mut PairCall> {
        let others = self.others.iter_mut().flat_map(|part| &mut part.calls);
        self.calls.iter_mut().chain(others)
    }

    /// Every unmatched entry, of this pair and of others.
    pub(super) fn every_unmatched(&self) -> impl Iterator<Item = &CostEntry> {
        let others = self.others.iter().flat_map(|part| &part.unmatched);
        self.unmatched.iter().chain(others)
    }

    /// Every entry, of this pair and of others.
    pub(super) fn every_entry(&self) -> impl Iterator<Item = &CostEntry> {
        let matched = self.every_call().flat_map(|call| &call.entries);
        matched.chain(self.every_unmatched())
    }

    pub(super) fn entry_mut(&mut self, id: &CostId) -> Option<&mut CostEntry> {
        let Self {
            calls,
            unmatched,
            others,
            ..
        } = self;
        let own = calls.iter_mut().flat_map(|call| &mut call.entries);
        let others = others.iter_mut().flat_map(|part| {
            let matched = part.calls.iter_mut().flat_map(|call| &mut call.entries);
            matched.chain(&mut part.unmatched)
        });
        own.chain(unmatched)
            .chain(others)
            .find(|entry| entry.cost_id == *id)
    }

    pub(super) fn place_of(&self, id: &CostId) -> Option<Place> {
        self.entry(id).map(|(_, call)| match call {
            Some(call) => Place::Call(call.sid.clone()),
            None => Place::Unmatched,
        })
    }

    /// Where an entry belongs. With `changed`, an entry that is matched to an unchanged call is compared
    /// with these alone: it fits every other call of the pair worse.
    pub(super) fn decided(&self, entry: &CostEntry, changed: Option<&[CallSid]>) -> Place {
        let here = self.place_of(&entry.cost_id).unwrap_or(Place::Unmatched);
        match &entry.pin {
            Some(Pin::None) => return Place::Unmatched,
            Some(Pin::Call(sid)) => {
                let call = self.call(sid).map(|call| Place::Call(call.sid.clone()));
                return call.unwrap_or(here);
            }
            None => {}
        }
        if let Some(earlier) = entry.follows() {
            return self.place_of(earlier).unwrap_or(here);
        }
        // The rules know no call of another pair; only its own pair takes the entry back from there.
        if entry.other_pair && changed.is_some() {
            return here;
        }
        let unchanged = |call: &&PairCall| match (changed, &here) {
            (Some(changed), Place::Call(sid)) if !changed.contains(sid) => {
                call.sid == *sid || changed.contains(&call.sid)
            }
            _ => true,
        };
        match best(entry, self.calls.iter().filter(unchanged)) {
            Some(call) => Place::Call(call.sid.clone()),
            None => Place::Unmatched,
        }
    }

    /// Moves at most `most` entries to where they belong now that these calls are new or other than before.
    /// Returns whether some are left.
    pub(super) fn rematch(&mut self, changed: &[CallSid], most: usize) -> bool {
        let mut ids: Vec<_> = self
            .calls
            .iter()
            .flat_map(|call| &call.entries)
            .chain(&self.unmatched)
            .map(|entry| (entry.received_at, entry.turn, entry.cost_id.clone()))
            .collect();
        ids.sort();
        let mut moved = 0;
        let mut more = false;
        for (_, _, id) in ids {
            let (Some((entry, _)), Some(here)) = (self.entry(&id), self.place_of(&id)) else {
                continue;
            };
            let place = self.decided(entry, Some(changed));
            if place == here || !self.has_room(&place) {
                continue;
            }
            if moved == most {
                more = true;
                break;
            }
            moved += 1;
            self.move_to(&id, &place);
        }
        self.decide_states();
        more
    }

    fn has_room(&self, place: &Place) -> bool {
        match place {
            Place::Call(sid) => self.call(sid).is_some_and(|call| {
                call.entries.len() < MOST_ENTRIES
                    || call
                        .entries
                        .iter()
                        .any(|entry| entry.state != State::InForce)
            }),
            Place::Unmatched => true,
        }
    }

    /// Moves an entry, and those that follow it.
    pub(super) fn move_to(&mut self, id: &CostId, place: &Place) {
        let mut ids = vec![id.clone()];
        while let Some(id) = ids.pop() {
            let stays = |entry: &CostEntry| entry.other_pair && !self.has_room(place);
            if self.entry(&id).is_some_and(|(entry, _)| stays(entry)) {
                continue;
            }
            let Some(entry) = self.take(&id) else {
                continue;
            };
            self.put(entry, place);
            let followers = self
                .every_entry()
                .filter(|other| other.follows() == Some(&id));
            ids.extend(followers.map(|entry| entry.cost_id.clone()));
        }
    }

    /// Takes an entry out. One that comes from another pair comes home, unless it is put into one again.
    fn take(&mut self, id: &CostId) -> Option<CostEntry> {
        let lists = self.calls.iter_mut().map(|call| &mut call.entries);
        for list in lists.chain([&mut self.unmatched]) {
            if let Some(at) = list.iter().position(|entry| entry.cost_id == *id) {
                return Some(list.remove(at));
            }
        }
        let calls = self.others.iter_mut().flat_map(|part| &mut part.calls);
        for list in calls.map(|call| &mut call.entries) {
            if let Some(at) = list.iter().position(|entry| entry.cost_id == *id) {
                let mut entry = list.remove(at);
                entry.other_pair = false;
                return Some(entry);
            }
        }
        None
    }

    pub(super) fn put(&mut self, mut entry: CostEntry, place: &Place) {
        let sid = match place {
            Place::Call(sid) if self.has_room(place) => sid,
            _ => return self.unmatched.push(entry),
        };
        entry.other_pair |= self.other_pair_of(sid).is_some();
        let Some(call) = self.every_call_mut().find(|call| call.sid == *sid) else {
            return self.unmatched.push(entry);
        };
        if call.entries.len() >= MOST_ENTRIES {
            let mut over = call.entries.iter();
            let over = over.position(|entry| entry.state != State::InForce);
            if let Some(over) = over {
                call.entries.remove(over);
            }
        }
        call.entries.push(entry);
    }

    pub(super) fn decide_states(&mut self) {
        for call in self.every_call_mut() {
            call.entries.sort_by(|a, b| a.receipt().cmp(&b.receipt()));
            state::decide(&mut call.entries);
        }
        let others = self.others.iter_mut().flat_map(|part| &mut part.unmatched);
        for entry in self.unmatched.iter_mut().chain(others) {
            entry.state = state::of_unmatched(entry);
        }
    }

    /// Whether an entry found a call, and that call has no room for it.
    #[must_use]
    pub fn is_crowded_out(&self, entry: &CostEntry) -> bool {
        let unmatched = self.unmatched.iter().any(|e| e.cost_id == entry.cost_id);
        unmatched && entry.pin.is_none() && self.calls.iter().any(|call| fit(entry, call).is_some())
    }
}
