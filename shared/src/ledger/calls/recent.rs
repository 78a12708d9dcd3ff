//! The recent calls of a pair (pattern 33): those that another switch reported within a minute without
//! their start. A report that comes again is matched against them.

use std::fmt::Debug;

use serde::{Deserialize, Serialize};

use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::idempotency::EXPIRED;
use crate::ledger::table::item::{Item, at, read, s, stored};
use crate::ledger::table::transaction::Transaction;
use crate::model::account::AccountId;
use crate::model::call::CallSid;
use crate::model::idempotency::IdempotencyRecord;
use crate::model::time::Instant;

/// How many calls are kept: no pair ends more of them within the minute.
const KEPT: usize = 8;

#[derive(Serialize, Deserialize)]
struct RecentCallsItem {
    /// From the earliest to the latest.
    calls: Vec<CallSid>,
    latest: CallSid,
    until: Instant,
    /// `until` in seconds, for the table's own clean-up.
    expires_at: i64,
}

/// The recent calls of a pair, to which a new one is added.
pub(in crate::ledger) struct RecentCalls {
    record: IdempotencyRecord,
    now: Instant,
    /// The calls before the new one, as far as they are known, from the earliest to the latest.
    earlier: Vec<CallSid>,
}

impl RecentCalls {
    /// None, as far as is known.
    pub(in crate::ledger) fn new(record: IdempotencyRecord, now: Instant) -> Self {
        Self {
            record,
            now,
            earlier: Vec::new(),
        }
    }

    /// The same pair's, which were found to be these.
    pub(in crate::ledger) fn found(self, earlier: Vec<CallSid>) -> Self {
        Self { earlier, ..self }
    }

    /// Adds the write that puts `sid` behind the known ones. It is refused if there are others.
    pub(in crate::ledger) fn add<Tag: Copy + Eq + Debug>(
        &self,
        transaction: &mut Transaction<Tag>,
        tag: Tag,
        account: &AccountId,
        sid: &CallSid,
    ) -> Result<(), StoreError> {
        let Self {
            record,
            now,
            earlier,
        } = self;
        let dropped = (earlier.len() + 1).saturating_sub(KEPT);
        let kept = earlier.iter().skip(dropped).cloned();
        let item = RecentCallsItem {
            calls: kept.chain([sid.clone()]).collect(),
            latest: sid.clone(),
            until: record.until,
            expires_at: record.until.seconds() + 1,
        };
        let key = keys::idempotency_record(account, &record.name);
        let item = stored(key, "recent_calls", &item)?;
        let write = match earlier.last() {
            None => transaction.put(tag, item, EXPIRED),
            Some(latest) => transaction
                .put(tag, item, format!("{EXPIRED} OR latest = :latest"))
                .value(":latest", s(latest.as_str())),
        };
        write.name("#until", "until").value(":now", at(*now));
        Ok(())
    }
}

/// The calls in the item that refused another one, from the earliest to the latest.
pub(in crate::ledger) fn recent_calls(found: Item) -> Result<Vec<CallSid>, StoreError> {
    read::<RecentCallsItem>(found).map(|item| item.calls)
}
