//! Applying a batch of the stream to the sums, exactly once.
//!
//! A batch is applied in transactions. Each adds what a few records change, and moves the checkpoint of the
//! shard to the last of them, on condition that it still is where it was read. A batch that comes again, in
//! whole or in part, is skipped up to the checkpoint, and of two that apply the same records one is refused.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use rust_decimal::Decimal;

use crate::ledger::keys;
use crate::ledger::summary::callers::{CallerPlace, caller_of, hashes};
use crate::ledger::summary::checkpoint::Checkpoint;
use crate::ledger::summary::event::{StreamBatch, StreamRecord};
use crate::ledger::summary::flagged::{Flagged, Vendors};
use crate::ledger::summary::names;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{money, n, s, stored, version};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, ALWAYS, Committed, Transaction};
use crate::model::account::AccountId;
use crate::model::summary::delta::Delta;
use crate::model::summary::measures::Measures;
use crate::model::summary::place::{Slot, SumKey};
use crate::model::time::Zone;

/// How many items a transaction adds to; DynamoDB takes 100, and one is the checkpoint.
const MOST_ITEMS: usize = 99;

/// How many numbers of one item a transaction adds to, so that the expression stays within DynamoDB's 4 KB.
const MOST_NUMBERS: usize = 150;

/// The writes of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Checkpoint,
    Sums,
}

/// What became of a batch.
#[derive(Debug)]
pub struct RolledUp {
    /// How many records were applied.
    pub applied: usize,
    /// How many had been applied before.
    pub skipped: usize,
    /// What went wrong with money, as the records that were applied tell.
    pub flagged: Flagged,
    /// What went wrong, and the sequence number of the first record that is left.
    pub failed: Option<(StoreError, String)>,
}

/// The sums of one account and day, number, vendor and disposition.
type Sums = BTreeMap<(AccountId, SumKey), BTreeMap<Slot, Measures>>;

/// The callers that come and go, by slot.
type Callers = BTreeMap<(AccountId, SumKey), BTreeMap<Slot, (BTreeSet<u64>, BTreeSet<u64>)>>;

/// What a few records change.
#[derive(Default)]
struct Step {
    sums: Sums,
    callers: Callers,
    settling: BTreeMap<AccountId, i64>,
    flagged: Flagged,
    records: usize,
    /// The checkpoint behind them.
    reached: Option<Checkpoint>,
}

/// What one record changes.
struct Effect {
    delta: Delta,
    comes: Option<CallerPlace>,
    goes: Option<CallerPlace>,
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
        'again: loop {
            retry.next().await?;
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
                let transaction = step.transaction(checkpoint.as_ref())?;
                match self.commit(transaction).await? {
                    Committed::Done => {
                        rolled.applied += records;
                        rolled.flagged.add(flagged);
                        checkpoint = reached;
                    }
                    // Another invocation has applied these records, or this one has and lost the answer.
                    Committed::Refused(_) => continue 'again,
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
        if let Some(place) = &goes
            && self.calls_there(account, place, zone).await?
        {
            goes = None;
        }
        Ok(Effect { delta, comes, goes })
    }
}

impl Step {
    /// Whether one more record fits.
    fn has_room(&self, account: &AccountId, record: &StreamRecord, effect: &Effect) -> bool {
        let keys: BTreeSet<_> = effect.delta.cells().keys().map(|(key, _)| key).collect();
        let crowded = |key: &&SumKey| {
            let sums = self.sums.get(&(account.clone(), (*key).clone()));
            let numbers = sums.map(|slots| slots.values().map(|sums| sums.values().count()).sum());
            numbers.is_some_and(|numbers: usize| numbers > MOST_NUMBERS)
        };
        let contrary = |place: &CallerPlace, comes: bool| {
            let slots = self.callers.get(&(account.clone(), place.key.clone()));
            let sets = slots.and_then(|slots| slots.get(&place.slot));
            sets.is_some_and(|(add, remove)| match comes {
                true => !remove.is_empty(),
                false => !add.is_empty(),
            })
        };
        let comes = effect.comes.as_ref();
        let goes = effect.goes.as_ref();
        // At most as many items as the record could add to.
        let more = keys.len() + 2 + usize::from(record.settling != 0);
        let items = self.sums.len() + self.callers.len() + self.settling.len();
        items + more <= MOST_ITEMS
            && !keys.iter().any(crowded)
            && !comes.is_some_and(|place| contrary(place, true))
            && !goes.is_some_and(|place| contrary(place, false))
    }

    fn add(&mut self, account: &AccountId, record: &StreamRecord, effect: &Effect) {
        for ((key, slot), change) in effect.delta.cells() {
            let slots = self.sums.entry((account.clone(), key.clone())).or_default();
            slots.entry(*slot).or_default().merge(change);
        }
        for (place, comes) in [(&effect.comes, true), (&effect.goes, false)] {
            let Some(place) = place else { continue };
            let key = (account.clone(), place.key.clone());
            let slots = self.callers.entry(key).or_default();
            let (add, remove) = slots.entry(place.slot).or_default();
            match comes {
                true => add.insert(place.hash),
                false => remove.insert(place.hash),
            };
        }
        if record.settling != 0 {
            *self.settling.entry(account.clone()).or_default() += record.settling;
        }
    }

    fn transaction(self, seen: Option<&Checkpoint>) -> Result<Transaction<Tag>, StoreError> {
        let mut transaction = Transaction::new();
        if let Some(reached) = &self.reached {
            let key = names::rollup_checkpoint(&reached.shard);
            let item = stored(key.clone(), "rollup_shard", reached)?;
            match seen {
                None => {
                    transaction.put(Tag::Checkpoint, item, ABSENT);
                }
                Some(seen) => {
                    let old = stored(key, "rollup_shard", seen)?;
                    let same = "#sequence = :seen";
                    transaction
                        .rewrite(Tag::Checkpoint, "rollup_shard", &old, item, same)
                        .name("#sequence", "sequence")
                        .value(":seen", s(seen.sequence.as_str()));
                }
            }
        }
        for ((account, key), slots) in &self.sums {
            let numbers = slots.iter().flat_map(|(slot, sums)| {
                let values = sums.values();
                values.map(move |(measure, value)| (names::sum_name(*slot, measure), value))
            });
            let numbers: Vec<(String, Decimal)> = numbers.collect();
            if !numbers.is_empty() {
                let numbers = numbers.into_iter();
                let numbers = numbers.map(|(name, value)| (name, money(value)));
                add(
                    &mut transaction,
                    names::sums(account, key),
                    "sums",
                    numbers.collect(),
                    Vec::new(),
                );
            }
        }
        for ((account, key), slots) in &self.callers {
            let (mut comes, mut goes) = (Vec::new(), Vec::new());
            for (slot, (add, remove)) in slots {
                let name = names::callers_name(*slot);
                if !add.is_empty() {
                    comes.push((name.clone(), hashes(add.iter().copied())));
                }
                if !remove.is_empty() {
                    goes.push((name, hashes(remove.iter().copied())));
                }
            }
            add(
                &mut transaction,
                names::callers(account, key),
                "callers",
                comes,
                goes,
            );
        }
        for (account, pairs) in self.settling {
            let pairs = vec![("pairs".to_owned(), n(pairs))];
            add(
                &mut transaction,
                names::settling(&account),
                "settling",
                pairs,
                Vec::new(),
            );
        }
        Ok(transaction)
    }
}

/// Adds to numbers and sets of an item, takes out of sets, and counts the change.
fn add(
    transaction: &mut Transaction<Tag>,
    key: keys::Key,
    kind: &'static str,
    added: Vec<(String, AttributeValue)>,
    deleted: Vec<(String, AttributeValue)>,
) {
    let mut added = added;
    added.push(("changes".to_owned(), n(1)));
    let part = |verb: &str, letter: char, count: usize| match count {
        0 => String::new(),
        _ => {
            let parts: Vec<_> = (0..count)
                .map(|at| format!("#{letter}{at} :{letter}{at}"))
                .collect();
            format!(" {verb} {}", parts.join(","))
        }
    };
    let expression = format!(
        "SET #type = :type, v = :v{}{}",
        part("ADD", 'a', added.len()),
        part("DELETE", 'd', deleted.len())
    );
    let write = transaction.update(Tag::Sums, key, expression, ALWAYS);
    write
        .name("#type", "type")
        .value(":type", s(kind))
        .value(":v", version());
    for (letter, values) in [('a', added), ('d', deleted)] {
        for (at, (name, value)) in values.into_iter().enumerate() {
            write
                .name(format!("#{letter}{at}"), name)
                .value(format!(":{letter}{at}"), value);
        }
    }
}
