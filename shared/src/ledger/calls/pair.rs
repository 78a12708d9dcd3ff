//! Reading a pair (patterns 10 and 16): its head, and the calls and unmatched entries around a moment.
//!
//! Every write of a pair counts its head up, on condition that it still has the version that was read. The
//! head is read first, so whoever writes has seen everything that was written up to that version.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ledger::keys;
use crate::ledger::table::end::end_of;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, read, text};
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::call::{CallSid, CostId};
use crate::model::pair::Pair;
use crate::model::pair::call::PairCall;
use crate::model::pair::entry::CostEntry;
use crate::model::pair::matching::{self, EARLY_BILL};
use crate::model::pair::settle::Slice;
use crate::model::pair::source_report::SourceReport;
use crate::model::time::Instant;

/// How many of a pair's latest calls are read at once.
const LATEST: usize = 16;

/// How many calls before a moment are enough to decide what belongs to it. An entry whose date lies in a
/// call that began before more calls than this is matched to the nearest instead.
const BEFORE: usize = 4;

/// How many calls around and behind an earlier moment are read.
const AROUND: usize = 48;

/// How many unmatched entries are read at once.
const UNMATCHED: usize = 40;

/// How far the sid of a call may be from the start that it shows, and its reports from each other.
const MARGIN: Duration = Duration::from_secs(45 * 60);

/// The head of a pair.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::ledger) struct Head {
    /// How many writes the pair has had.
    pub(in crate::ledger) version: u64,
    /// The request that wrote last.
    #[serde(default)]
    pub(in crate::ledger) guid: String,
    /// How many unmatched entries it has.
    #[serde(default)]
    pub(in crate::ledger) unmatched: u64,
    /// The calls around which entries are left to be moved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::ledger) unsettled: Vec<CallSid>,
    /// Whether the pair is being moved, because a number of it is erased.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::ledger) moving: bool,
}

impl Head {
    /// Returns the head of a pair that may be written to.
    ///
    /// # Errors
    /// Returns [`StoreError::Contended`] while the pair is being moved.
    pub(in crate::ledger) fn free(self) -> Result<Self, StoreError> {
        match self.moving {
            true => Err(StoreError::Contended("a pair whose number is being erased")),
            false => Ok(self),
        }
    }
}

/// The part of a pair that was read.
#[derive(Clone, Debug, Default)]
pub(in crate::ledger) struct PairState {
    pub(in crate::ledger) head: Head,
    pub(in crate::ledger) slice: Slice,
    /// The heads of the slice's other pairs, in the order of these.
    pub(in crate::ledger) other_heads: Vec<Head>,
    /// The ends of the calls that have one, in seconds.
    pub(in crate::ledger) ends: BTreeMap<CallSid, i64>,
}

/// A call as its pair keeps it.
#[derive(Serialize, Deserialize)]
pub(in crate::ledger) struct PairCallItem {
    pub(in crate::ledger) call_sid: CallSid,
    pub(in crate::ledger) reports: Vec<SourceReport>,
    #[serde(default)]
    pub(in crate::ledger) entries: Vec<CostEntry>,
    /// The entries whose bills have notes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::ledger) noted: Vec<CostId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::ledger) crowded: bool,
}

/// The attribute of an unmatched entry that says that its bill has notes.
pub(in crate::ledger) const NOTED: &str = "noted";

/// Reads an unmatched entry (pattern 16).
pub(in crate::ledger) fn pair_bill(item: Item) -> Result<CostEntry, StoreError> {
    let noted = item.contains_key(NOTED);
    let mut entry: CostEntry = read(item)?;
    entry.noted |= noted;
    Ok(entry)
}

impl From<PairCallItem> for PairCall {
    fn from(item: PairCallItem) -> Self {
        let mut entries = item.entries;
        for entry in &mut entries {
            entry.noted |= item.noted.contains(&entry.cost_id);
        }
        Self {
            sid: item.call_sid,
            reports: item.reports,
            entries,
            crowded: item.crowded,
        }
    }
}

impl PairState {
    /// Reads a call of the pair, or of another one, and notes its end.
    pub(in crate::ledger) fn read_call(&mut self, item: Item) -> Result<PairCall, StoreError> {
        let end = end_of(&item);
        let call = PairCall::from(read::<PairCallItem>(item)?);
        if let Some(end) = end {
            self.ends.insert(call.sid.clone(), end);
        }
        Ok(call)
    }

    /// Takes the calls of items, each once.
    fn take(&mut self, items: Vec<Item>) -> Result<(), StoreError> {
        for item in items {
            match text(&item, "type") {
                Some("pair") => self.head = read::<Head>(item)?.free()?,
                Some("pair_call") => {
                    let call = self.read_call(item)?;
                    if self.slice.call(&call.sid).is_none() {
                        self.slice.calls.push(call);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether enough is known before `moment`.
    fn reaches(&self, moment: Instant) -> bool {
        let before = self.slice.calls.iter();
        before.filter(|call| call.start() < moment).count() >= BEFORE
    }
}

impl Ledger {
    /// The calls of a pair that a bill with this entry may be for.
    pub(in crate::ledger) async fn pair_of_entry(
        &self,
        account: &AccountId,
        pair: &Pair,
        entry: &CostEntry,
    ) -> Result<PairState, StoreError> {
        let (from, to) = (matching::earliest(entry), matching::latest(entry));
        let (mut state, all) = self.latest(account, pair).await?;
        let oldest = state.slice.calls.iter().map(PairCall::start).min();
        let enough = all
            || oldest.is_some_and(|oldest| oldest.plus(MARGIN) < from)
            || state.reaches(entry.moment);
        if !enough {
            let (from, to) = (
                keys::pair_calls_from(from.minus(MARGIN)),
                keys::pair_calls_from(to.plus(MARGIN)),
            );
            let query = self.query(keys::pair_partition(account, pair));
            let query = query.between(from, to).descending();
            state.take(query.limit(LATEST).page().await?.items)?;
        }
        Ok(state)
    }

    /// What a call that started at `start`, and was over at `end` if that is known, may change in its pair.
    pub(in crate::ledger) async fn pair_around(
        &self,
        account: &AccountId,
        pair: &Pair,
        start: Instant,
        end: Option<Instant>,
    ) -> Result<PairState, StoreError> {
        let (mut state, all) = self.latest(account, pair).await?;
        let from = start.minus(MARGIN);
        if !all && !state.reaches(from) {
            let from = keys::pair_calls_from(from);
            let behind = self
                .query(keys::pair_partition(account, pair))
                .between(&from, keys::LAST_PAIR_CALL)
                .limit(AROUND);
            let before = self
                .query(keys::pair_partition(account, pair))
                .between(keys::FIRST_PAIR_CALL, &from)
                .descending()
                .limit(BEFORE);
            let (behind, before) = futures_util::try_join!(behind.page(), before.page())?;
            // The latest calls are dropped: between them and these may be others.
            state.slice.calls.clear();
            state.take(behind.items)?;
            state.take(before.items)?;
        }
        if state.head.unmatched > 0 {
            self.read_unmatched(account, pair, &mut state, start, end)
                .await?;
        }
        Ok(state)
    }

    /// The head and the latest calls of a pair; also whether these are all of its calls.
    async fn latest(
        &self,
        account: &AccountId,
        pair: &Pair,
    ) -> Result<(PairState, bool), StoreError> {
        let page = self
            .query(keys::pair_partition(account, pair))
            .between(keys::FIRST_PAIR_CALL, keys::PAIR_HEAD)
            .descending()
            .limit(LATEST + 1)
            .page()
            .await?;
        let mut state = PairState::default();
        state.slice.withheld = pair.is_withheld();
        state.take(page.items)?;
        Ok((state, page.last.is_none()))
    }

    /// Reads the unmatched entries that a call from `start` to `end` may be the call of.
    async fn read_unmatched(
        &self,
        account: &AccountId,
        pair: &Pair,
        state: &mut PairState,
        start: Instant,
        end: Option<Instant>,
    ) -> Result<(), StoreError> {
        // An entry behind the next call has that one, or fits it better.
        let behind = end.unwrap_or(start).max(start);
        let calls = state.slice.calls.iter().map(PairCall::start);
        let next = calls.filter(|other| *other > behind.plus(MARGIN)).min();
        let to = next.unwrap_or(Instant::from_millis(i64::MAX));
        let from =
            start.minus(Duration::from_millis(EARLY_BILL.unsigned_abs()).saturating_add(MARGIN));
        let (from, to) = keys::pair_bills_between(from, to);
        let page = self
            .query(keys::pair_partition(account, pair))
            .between(from, to)
            .limit(UNMATCHED)
            .page()
            .await?;
        for item in page.items {
            let entry = pair_bill(item)?;
            if state.slice.entry(&entry.cost_id).is_none() {
                state.slice.unmatched.push(entry);
            }
        }
        Ok(())
    }
}
