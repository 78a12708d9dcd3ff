//! Applying a batch of the stream to the sums, exactly once.
//!
//! A batch is applied in transactions. Each adds what a few records change, and moves the checkpoint of the
//! shard to the last of them, on condition that it still is where it was read. A batch that comes again, in
//! whole or in part, is skipped up to the checkpoint, and of two that apply the same records one is refused.
//!
//! A part of callers that is full refuses a transaction too. It is remembered as full, and the transaction is
//! made anew with the part behind it, so each such attempt finds at least one more and none is made twice.

use std::collections::{BTreeSet, HashMap};
use std::mem;

use crate::ledger::keys;
use crate::ledger::summary::callers::caller_of;
use crate::ledger::summary::checkpoint::Checkpoint;
use crate::ledger::summary::event::{StreamBatch, StreamRecord};
use crate::ledger::summary::flagged::{Flagged, Vendors, is_other_price};
use crate::ledger::summary::parts::Part;
use crate::ledger::summary::step::{Effect, Step, Tag};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::Committed;
use crate::model::account::AccountId;
use crate::model::summary::delta::Delta;
use crate::model::time::Zone;

/// What became of a batch.
#[derive(Debug)]
pub struct RolledUp {
    /// How many records were applied.
    pub applied: usize,
    /// How many had been applied before.
    pub skipped: usize,
    /// What went wrong with money, as the records that were applied tell.
    pub flagged: Flagged,
    /// The rows of bills in the batch, applied or not, that came at another price than is agreed.
    pub(in crate::ledger) other_prices: Vec<keys::Key>,
    /// What went wrong, and the sequence number of the first record that is left.
    pub failed: Option<(StoreError, String)>,
}

impl Ledger {
    /// Adds what a batch changes to the sums.
    ///
    /// Everything before the record that is named as failed is applied.
    pub async fn roll_up(&self, batch: &StreamBatch) -> RolledUp {
        let mut rolled = RolledUp {
            applied: 0,
            skipped: 0,
            flagged: Flagged::default(),
            other_prices: Vec::new(),
            failed: None,
        };
        let mut retry = Retry::planning("the sums of this shard").within(self.patience);
        if let Err(error) = self.roll_up_all(batch, &mut rolled, &mut retry).await {
            let done = rolled.applied + rolled.skipped;
            let left = batch.records.get(done).or(batch.records.last());
            rolled.failed = left.map(|record| (error, record.number.clone()));
        }
        rolled
    }

    async fn roll_up_all(
        &self,
        batch: &StreamBatch,
        rolled: &mut RolledUp,
        retry: &mut Retry,
    ) -> Result<(), StoreError> {
        let zones = self.zones_of(batch).await?;
        let vendors = self.vendors_of_bills(batch).await?;
        let other_prices = batch.records.iter().filter_map(|record| {
            let (account, bill) = (record.account.as_ref()?, record.bill.as_ref()?);
            let differs = is_other_price(account, bill, zones.get(account)?, &vendors);
            differs.then(|| keys::cost(account, &bill.cost_id))
        });
        rolled.other_prices = other_prices.collect();
        let mut found_full = false;
        'again: loop {
            if !mem::take(&mut found_full) {
                retry.next().await?;
            }
            let mut checkpoint = self.checkpoint(&batch.shard).await?;
            let passed = |record: &&StreamRecord| {
                let reached = checkpoint.as_ref();
                reached.is_some_and(|reached| record.sequence() <= reached.sequence)
            };
            let passed = batch.records.iter().take_while(passed).count();
            rolled.skipped = passed.saturating_sub(rolled.applied);
            let mut left = batch.records.iter().skip(passed).peekable();
            while left.peek().is_some() {
                let step = self
                    .next_step(&batch.shard, &mut left, &zones, &vendors)
                    .await?;
                let (records, flagged) = (step.records, step.flagged);
                let reached = step.reached.clone();
                let (transaction, filled) = step.transaction(checkpoint.as_ref())?;
                match self.commit(transaction).await? {
                    Committed::Done => {
                        rolled.applied += records;
                        rolled.flagged.add(flagged);
                        checkpoint = reached;
                    }
                    // Another invocation has applied these records, or this one has and lost the answer.
                    Committed::Refused(refusals) => {
                        let found = filled.note(&refusals, &self.full);
                        found_full = found && !refusals.contains(Tag::Checkpoint);
                        continue 'again;
                    }
                }
            }
            return Ok(());
        }
    }

    /// The zone of every account that the batch is about.
    async fn zones_of(&self, batch: &StreamBatch) -> Result<HashMap<AccountId, Zone>, StoreError> {
        let accounts = batch.records.iter();
        let accounts = accounts.filter_map(|record| record.account.clone());
        let mut zones = HashMap::new();
        for account in accounts.collect::<BTreeSet<_>>() {
            let found = self.account(&account).await?;
            zones.insert(account, found.map_or_else(Zone::utc, |found| found.zone));
        }
        Ok(zones)
    }

    /// Takes as many records as fit into one transaction.
    async fn next_step<'a>(
        &self,
        shard: &str,
        left: &mut std::iter::Peekable<impl Iterator<Item = &'a StreamRecord>>,
        zones: &HashMap<AccountId, Zone>,
        vendors: &Vendors,
    ) -> Result<Step, StoreError> {
        let utc = Zone::utc();
        let mut step = Step::default();
        while let Some(record) = left.peek() {
            // Lambda delivers it again, until a version that knows it takes over.
            if let Some((kind, found)) = record.later.clone() {
                if step.records > 0 {
                    break;
                }
                return Err(StoreError::Later { kind, found });
            }
            if let Some(account) = &record.account {
                let zone = zones.get(account).unwrap_or(&utc);
                let effect = self.effect(account, record, zone).await?;
                if step.records > 0 && !step.has_room(account, record, &effect) {
                    break;
                }
                step.add(account, record, &effect);
                step.flagged
                    .add(Flagged::of(account, record, zone, vendors));
            }
            step.records += 1;
            step.reached = Some(Checkpoint::new(shard, record.sequence(), record.created));
            left.next();
        }
        Ok(step)
    }

    async fn effect(
        &self,
        account: &AccountId,
        record: &StreamRecord,
        zone: &Zone,
    ) -> Result<Effect, StoreError> {
        let mut delta = Delta::default();
        let (old, new) = (record.old.as_ref(), record.new.as_ref());
        delta.change(old, new, zone);
        let mut comes = caller_of(account, new, zone);
        let mut goes = caller_of(account, old, zone);
        if comes == goes {
            (comes, goes) = (None, None);
        }
        let goes = match goes {
            Some(place) if !self.calls_there(account, &place, zone).await? => {
                let parts = self.parts_with(account, &place).await?;
                Some((place, parts))
            }
            _ => None,
        };
        let comes = comes.map(|place| {
            let of = (account.clone(), place.key.clone());
            let part = self.full.part_for(&of, place.slot, place.hash);
            // One update cannot put into a set and take out of it. This happens where a number was erased.
            let left = goes
                .as_ref()
                .filter(|(other, _)| other.key == place.key && other.slot == place.slot);
            let left = left.map_or(&[][..], |(_, parts)| parts.as_slice());
            let part = match left.contains(&part) {
                true => Part::path(place.hash).find(|part| !left.contains(part)),
                false => Some(part),
            };
            (place, part.unwrap_or_default())
        });
        Ok(Effect { delta, comes, goes })
    }
}
