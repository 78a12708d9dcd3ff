//! Making something new under a sid of its own: written once, however often the store is asked, and once
//! for each idempotency key that the client gives.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ledger::table::error::StoreError;
use crate::ledger::table::idempotency::{Before, before};
use crate::ledger::table::item::Item;
use crate::ledger::table::legacy::Transacted;
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::credential::Credential;
use crate::model::id::Guid;
use crate::model::idempotency::IdempotencyRecord;
use crate::model::text::IdempotencyKey;
use crate::model::time::Instant;

/// A request that must act once for its idempotency key.
#[derive(Clone, Debug)]
pub struct Once {
    key: IdempotencyRecord,
    guid: Guid,
    now: Instant,
}

impl Once {
    /// The request `guid`, which came `now` with an idempotency key to make one of `kind`; `said` is what
    /// it says of it, which tells it from one that says something else.
    #[must_use]
    pub fn of_making(
        kind: &str,
        said: &[&str],
        credential: &Credential,
        key: &IdempotencyKey,
        guid: Guid,
        now: Instant,
    ) -> Self {
        let key = IdempotencyRecord::of_making(credential, kind, key, said, now);
        Self { key, guid, now }
    }
}

/// How making something ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made<T> {
    /// It is there.
    New,
    /// It was made before, by a request with the same key, as this.
    Before(T),
    /// The key came before with other parameters.
    Otherwise,
}

/// The places of the writes in the transaction.
const CLAIM: usize = 1;

impl Ledger {
    /// Writes `item`, which is `made`, under a key that has a new sid in it.
    pub(in crate::ledger) async fn make<T: Serialize + DeserializeOwned>(
        &self,
        account: &AccountId,
        item: Item,
        made: &T,
        once: Option<&Once>,
    ) -> Result<Made<T>, StoreError> {
        let mut writes = vec![self.put(item, "attribute_not_exists(pk)").write()?];
        if let Some(once) = once {
            let answer = serde_json::to_string(made)
                .map_err(|error| StoreError::Broken(format!("once: {error}")))?;
            let claim = self.claim(account, &once.key, &answer, once.guid, once.now)?;
            writes.push(claim.write()?);
        }
        let Transacted::Refused(found) = self.transact(writes).await? else {
            return Ok(Made::New);
        };
        let claimed = found
            .into_iter()
            .find_map(|(index, item)| item.filter(|_| index == CLAIM));
        let (Some(once), Some(claimed)) = (once, claimed) else {
            // The sid is this request's own: an earlier try of it got through and its answer was lost.
            return Ok(Made::New);
        };
        Ok(match before(claimed, &once.key, once.guid)? {
            Before::Ours => Made::New,
            Before::Answered(answer) => {
                let made = serde_json::from_str(&answer)
                    .map_err(|error| StoreError::Broken(format!("once: {error}")))?;
                Made::Before(made)
            }
            Before::Otherwise => Made::Otherwise,
        })
    }
}
