//! Idempotency records (pattern 18): the answer to a request that must act once, kept for its repeats.

use std::fmt::Debug;

use serde::{Deserialize, Serialize};

use crate::ledger::keys::{self, Key};
use crate::ledger::outcome::{Creation, ExistsDifferent};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, instant, read, stored};
use crate::ledger::table::transaction::Transaction;
use crate::model::account::AccountId;
use crate::model::credential::Credential;
use crate::model::id::Guid;
use crate::model::idempotency::IdempotencyRecord;
use crate::model::text::IdempotencyKey;
use crate::model::time::Instant;

/// The condition that no item is there, or only one whose `until` has passed: `#until` is that name, and
/// `:now` the present.
pub(in crate::ledger) const EXPIRED: &str = "attribute_not_exists(pk) OR #until <= :now";

/// A request that must act once: its idempotency record, and the request itself.
#[derive(Clone, Debug)]
pub struct IdempotentRequest {
    record: IdempotencyRecord,
    guid: Guid,
    now: Instant,
}

#[derive(Serialize, Deserialize)]
struct IdempotencyItem {
    payload: String,
    answer: String,
    /// The id of what the request made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    made: Option<String>,
    guid: String,
    until: Instant,
    /// When the answer may be cleaned up, in seconds: at `until` or later.
    expires_at: i64,
}

impl IdempotentRequest {
    /// The request `guid`, received `now`, whose record is `record`.
    #[must_use]
    pub fn new(record: IdempotencyRecord, guid: Guid, now: Instant) -> Self {
        Self { record, guid, now }
    }

    /// A request to create something of `kind` from `parameters`, under an idempotency key of the client's.
    #[must_use]
    pub fn to_create(
        kind: &str,
        parameters: &[&str],
        credential: &Credential,
        key: &IdempotencyKey,
        guid: Guid,
        now: Instant,
    ) -> Self {
        let record = IdempotencyRecord::of_creation(credential, kind, key, parameters, now);
        Self::new(record, guid, now)
    }

    /// The key of its record.
    pub(in crate::ledger) fn key(&self, account: &AccountId) -> Key {
        keys::idempotency_record(account, &self.record.name)
    }

    /// Whether a record that was found still counts.
    pub(in crate::ledger) fn counts(&self, found: &Item) -> bool {
        instant(found, "until").is_some_and(|until| until > self.now)
    }

    /// Adds the write of the record with what the request is answered. It is refused as long as an earlier
    /// record counts.
    pub(in crate::ledger) fn record<Tag: Copy + Eq + Debug>(
        &self,
        transaction: &mut Transaction<Tag>,
        tag: Tag,
        account: &AccountId,
        answer: String,
        made: Option<&str>,
    ) -> Result<(), StoreError> {
        let Self { record, guid, now } = self;
        let item = IdempotencyItem {
            payload: record.payload.clone(),
            answer,
            made: made.map(str::to_owned),
            guid: guid.to_string(),
            until: record.until,
            expires_at: record.kept.seconds() + 1,
        };
        let item = stored(self.key(account), "once", &item)?;
        transaction
            .put(tag, item, EXPIRED)
            .name("#until", "until")
            .value(":now", at(*now));
        Ok(())
    }

    /// What the record that was found in place of this request's says: the request's own work, the answer
    /// to an earlier one that asked for the same, or that an earlier one asked for something else.
    pub(in crate::ledger) fn replay(
        &self,
        found: Item,
    ) -> Result<Creation<(), ExistsDifferent, String>, StoreError> {
        let record: IdempotencyItem = read(found)?;
        Ok(if record.guid == self.guid.to_string() {
            Creation::Created(())
        } else if record.payload == self.record.payload {
            Creation::Exists(record.answer)
        } else {
            Creation::Refused(ExistsDifferent)
        })
    }
}
