//! The calls of a pair that another switch told of within a minute (pattern 33): a call that is told of
//! again without its start is known by them.

use serde::{Deserialize, Serialize};

use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, read, s, stored};
use crate::ledger::table::legacy::PutWrite;
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::call::CallSid;
use crate::model::idempotency::IdempotencyRecord;
use crate::model::time::Instant;

/// How many calls are kept: more do not end within the minute.
const KEPT: usize = 8;

#[derive(Serialize, Deserialize)]
struct RecentItem {
    /// The earliest first.
    calls: Vec<CallSid>,
    latest: CallSid,
    until: Instant,
    /// `until` in seconds, for the table's own clean-up.
    expires_at: i64,
}

/// A call's place among the recent ones of its pair.
pub(in crate::ledger) struct Recent {
    key: IdempotencyRecord,
    now: Instant,
    /// Those that it is none of, the earliest first.
    others: Vec<CallSid>,
}

impl Recent {
    /// The place of a call behind which no other is known.
    pub(in crate::ledger) fn new(key: IdempotencyRecord, now: Instant) -> Self {
        let others = Vec::new();
        Self { key, now, others }
    }

    /// The place behind these.
    pub(in crate::ledger) fn behind(self, others: Vec<CallSid>) -> Self {
        Self { others, ..self }
    }
}

impl Ledger {
    /// The write that puts a call behind the others; its condition fails where there are more of them.
    pub(in crate::ledger) fn note_recent(
        &self,
        account: &AccountId,
        recent: &Recent,
        sid: &CallSid,
    ) -> Result<PutWrite, StoreError> {
        let Recent { key, now, others } = recent;
        let dropped = (others.len() + 1).saturating_sub(KEPT);
        let kept = others.iter().skip(dropped).cloned();
        let item = RecentItem {
            calls: kept.chain([sid.clone()]).collect(),
            latest: sid.clone(),
            until: key.until,
            expires_at: key.until.seconds() + 1,
        };
        let item = stored(keys::once(account, &key.name), "recent_calls", &item)?;
        let free = "attribute_not_exists(pk) OR #until <= :now";
        let write = match others.last() {
            None => self.put(item, free),
            Some(latest) => self
                .put(item, &format!("{free} OR latest = :latest"))
                .value(":latest", s(latest.as_str())),
        };
        Ok(write.name("#until", "until").value(":now", at(*now)))
    }
}

/// The calls that the record in the way of another one names, the earliest first.
pub(in crate::ledger) fn recent_calls(found: Item) -> Result<Vec<CallSid>, StoreError> {
    read::<RecentItem>(found).map(|item| item.calls)
}
