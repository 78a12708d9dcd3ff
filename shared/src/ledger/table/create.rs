//! Creating something under a new sid: once, however often DynamoDB is asked, and once for each idempotency
//! key that the client gives.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ledger::outcome::{Creation, ExistsDifferent};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::idempotency::IdempotentRequest;
use crate::ledger::table::item::{Item, read};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, Transaction};
use crate::model::account::AccountId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Item,
    IdempotencyRecord,
}

impl Ledger {
    /// Writes `item`, which stores `new` under a key that has a new sid in it.
    pub(in crate::ledger) async fn create<T: Serialize + DeserializeOwned + PartialEq>(
        &self,
        account: &AccountId,
        item: Item,
        new: T,
        request: Option<&IdempotentRequest>,
    ) -> Result<Creation<T, ExistsDifferent>, StoreError> {
        let mut transaction = Transaction::new();
        transaction.put(Tag::Item, item, ABSENT);
        if let Some(request) = request {
            let answer = serde_json::to_string(&new).map_err(|error| unreadable(&error))?;
            request.record(
                &mut transaction,
                Tag::IdempotencyRecord,
                account,
                answer,
                None,
            )?;
        }
        let Committed::Refused(mut refusals) = self.commit(transaction).await? else {
            return Ok(Creation::Created(new));
        };
        let (Some(request), Some(found)) = (request, refusals.take(Tag::IdempotencyRecord)) else {
            // An equal item is this request's own: an earlier try of it got through and its answer was lost.
            let found = refusals.take(Tag::Item).map(read::<T>).transpose()?;
            return Ok(match found {
                Some(found) if found != new => Creation::Refused(ExistsDifferent),
                _ => Creation::Created(new),
            });
        };
        Ok(match request.replay(found)? {
            Creation::Created(()) => Creation::Created(new),
            Creation::Exists(answer) => {
                Creation::Exists(serde_json::from_str(&answer).map_err(|error| unreadable(&error))?)
            }
            Creation::Refused(different) => Creation::Refused(different),
        })
    }
}

fn unreadable(error: &serde_json::Error) -> StoreError {
    StoreError::Broken(format!("the answer of an idempotency record: {error}"))
}
