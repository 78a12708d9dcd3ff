//! A batch of records of the table's stream, as Lambda delivers it.
//!
//! Lambda names the shard of a batch only if the event source mapping has a tumbling window, so it has one.
//! The shard is what a checkpoint is of.

use crate::ledger::keys;
use crate::ledger::summary::facts::fact_of;
use crate::ledger::summary::names;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, instant, later, text};
use crate::ledger::table::stream::{self, Record, UnreadableBatch};
use crate::model::account::AccountId;
use crate::model::call::{CallSid, CostId};
use crate::model::cost::Cost;
use crate::model::summary::delta::Fact;
use crate::model::time::Instant;
use crate::model::vendor::VendorId;

/// The types of the items whose changes the sums follow. The event source mapping filters by them.
pub const FOLLOWED: [&str; 7] = [
    "call",
    "joined_call",
    "cost",
    "adjustment",
    "refused_bill",
    "pair",
    "pulse",
];

/// A batch of records of one shard, in their order.
#[derive(Debug)]
pub struct StreamBatch {
    pub(in crate::ledger) shard: String,
    pub(in crate::ledger) records: Vec<StreamRecord>,
}

/// One record: the change of one item.
#[derive(Debug)]
pub(in crate::ledger) struct StreamRecord {
    /// The sequence number, as Lambda wants it back.
    pub(in crate::ledger) number: String,
    /// When the change was made, to the second.
    pub(in crate::ledger) created: Instant,
    /// Whether a later version wrote the item: its type, in words, and its version.
    pub(in crate::ledger) later: Option<(String, String)>,
    /// The account whose item it is; none for a pulse.
    pub(in crate::ledger) account: Option<AccountId>,
    /// What the row counted for before.
    pub(in crate::ledger) old: Option<Fact>,
    /// What it counts for since.
    pub(in crate::ledger) new: Option<Fact>,
    /// The bill that the row is of, if it is a new one of a vendor's.
    pub(in crate::ledger) bill: Option<NewBill>,
    /// 1 if entries of the pair are left to be decided since then, -1 if they were until then.
    pub(in crate::ledger) settling: i64,
    /// The partition of the pair, if it is a pair's head, and whether entries are left since then.
    pub(in crate::ledger) pair: Option<(String, bool)>,
}

/// A cost entry that was just recorded, as far as the terms of its vendor concern it.
#[derive(Debug)]
pub(in crate::ledger) struct NewBill {
    pub(in crate::ledger) cost_id: CostId,
    pub(in crate::ledger) vendor: VendorId,
    pub(in crate::ledger) amount: Cost,
    /// When its call was, as far as that was known at once.
    pub(in crate::ledger) at: Instant,
}

impl NewBill {
    fn of(old: &Item, new: &Item) -> Option<Self> {
        let inbound = text(new, "direction") != Some("outbound");
        if !inbound || text(old, "type").is_some() || text(new, "type") != Some("cost") {
            return None;
        }
        let call = text(new, "call_sid").and_then(|sid| CallSid::parse(sid).ok());
        Some(Self {
            cost_id: CostId::parse(text(new, "cost_id")?).ok()?,
            vendor: VendorId::parse(text(new, "vendor_id")?).ok()?,
            amount: Cost::parse(text(new, "amount")?).ok()?,
            at: call.map_or_else(|| instant(new, "call_date"), |call| Some(call.started()))?,
        })
    }
}

impl StreamBatch {
    /// Reads a batch.
    ///
    /// # Errors
    /// Returns `UnreadableBatch` if it is no event of a table's stream with its shard.
    pub fn read(event: &[u8]) -> Result<Self, UnreadableBatch> {
        let (shard, records) = stream::read(event)?;
        Ok(Self {
            shard,
            records: records.into_iter().map(StreamRecord::of).collect(),
        })
    }

    /// Returns the number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are no records.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Returns when the last change was made.
    #[must_use]
    pub fn newest(&self) -> Option<Instant> {
        self.records.last().map(|record| record.created)
    }

    /// Returns the sequence number of the first record.
    #[must_use]
    pub fn first(&self) -> Option<&str> {
        self.records.first().map(|record| record.number.as_str())
    }
}

impl StreamRecord {
    fn of(record: Record) -> Self {
        let Record {
            number,
            created,
            keys,
            old,
            new,
        } = record;
        Self {
            number,
            created,
            later: later_of(&old).or_else(|| later_of(&new)),
            account: text(&keys, keys::PK).and_then(names::account_of),
            settling: i64::from(is_unsettled(&new)) - i64::from(is_unsettled(&old)),
            pair: (text(&new, "type") == Some("pair"))
                .then(|| Some((text(&keys, keys::PK)?.to_owned(), is_unsettled(&new))))
                .flatten(),
            bill: NewBill::of(&old, &new),
            // What is deleted after its time was counted, and stays counted (D-732).
            old: (!new.is_empty()).then(|| fact_of(&old)).flatten(),
            new: fact_of(&new),
        }
    }

    /// The sequence number in the form in which texts sort as numbers do.
    pub(in crate::ledger) fn sequence(&self) -> String {
        stream::sequence(&self.number)
    }
}

fn later_of(item: &Item) -> Option<(String, String)> {
    match later(item)? {
        StoreError::Later { kind, found } => Some((kind, found)),
        _ => None,
    }
}

/// Whether an item is the head of a pair with entries left to be decided.
fn is_unsettled(item: &Item) -> bool {
    let left = item.get("unsettled").and_then(|calls| calls.as_l().ok());
    text(item, "type") == Some("pair") && left.is_some_and(|calls| !calls.is_empty())
}
