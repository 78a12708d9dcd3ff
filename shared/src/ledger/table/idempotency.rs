//! Once-records (pattern 18): what was answered to a request that must act once.

use serde::{Deserialize, Serialize};

use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, read, stored};
use crate::ledger::table::legacy::PutWrite;
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::id::Guid;
use crate::model::idempotency::IdempotencyRecord;
use crate::model::time::Instant;

#[derive(Serialize, Deserialize)]
struct IdempotencyItem {
    payload: String,
    answer: String,
    guid: String,
    until: Instant,
    /// `until` in seconds, for the table's own clean-up.
    expires_at: i64,
}

/// What a record that is already there says about the request.
pub(in crate::ledger) enum Before {
    /// The record is this request's own: an earlier try got through and its answer was lost.
    Ours,
    /// The same was asked before, and this was the answer.
    Answered(String),
    /// Something else was asked before under the same key.
    Otherwise,
}

impl Ledger {
    /// The write that claims `key` for this request and keeps its answer; its condition fails while an
    /// earlier claim counts.
    pub(in crate::ledger) fn claim(
        &self,
        account: &AccountId,
        key: &IdempotencyRecord,
        answer: &str,
        guid: Guid,
        now: Instant,
    ) -> Result<PutWrite, StoreError> {
        let item = IdempotencyItem {
            payload: key.payload.clone(),
            answer: answer.to_owned(),
            guid: guid.to_string(),
            until: key.until,
            expires_at: key.until.seconds() + 1,
        };
        let item = stored(keys::once(account, &key.name), "once", &item)?;
        Ok(self
            .put(item, "attribute_not_exists(pk) OR #until <= :now")
            .name("#until", "until")
            .value(":now", at(now)))
    }
}

/// Reads the record that refused a claim.
pub(in crate::ledger) fn before(
    found: Item,
    key: &IdempotencyRecord,
    guid: Guid,
) -> Result<Before, StoreError> {
    let record: IdempotencyItem = read(found)?;
    Ok(if record.guid == guid.to_string() {
        Before::Ours
    } else if record.payload == key.payload {
        Before::Answered(record.answer)
    } else {
        Before::Otherwise
    })
}
