//! The secrets that sign an endpoint's deliveries (pattern 91), in an item that only two functions read.

use serde::{Deserialize, Serialize};

use crate::ledger::keys;
use crate::ledger::outcome::Update;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, n, read, stored};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{Committed, Transaction};
use crate::model::account::AccountId;
use crate::model::time::Instant;
use crate::model::webhook::{EndpointId, SigningSecret, SigningSecrets};

const KIND: &str = "webhook_secrets";

#[derive(Serialize, Deserialize)]
struct SecretsItem {
    secrets: SigningSecrets,
    revision: u32,
}

/// The item of a new endpoint's secret.
pub(in crate::ledger) fn new_secrets(
    account: &AccountId,
    id: &EndpointId,
    secret: SigningSecret,
) -> Result<Item, StoreError> {
    let item = SecretsItem {
        secrets: SigningSecrets::new(secret),
        revision: 0,
    };
    stored(keys::signing_secrets(account, id), KIND, &item)
}

impl Ledger {
    /// The secrets of an endpoint.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn signing_secrets(
        &self,
        account: &AccountId,
        id: &EndpointId,
    ) -> Result<Option<SigningSecrets>, StoreError> {
        let item = self.get(keys::signing_secrets(account, id)).await?;
        let item: Option<SecretsItem> = item.map(read).transpose()?;
        Ok(item.map(|item| item.secrets))
    }

    /// Gives an endpoint a newer secret. Those that sign now go on until `until`.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn rotate_secret(
        &self,
        account: &AccountId,
        id: &EndpointId,
        newer: &SigningSecret,
        (until, now): (Instant, Instant),
    ) -> Result<Update<SigningSecrets>, StoreError> {
        let mut retry = Retry::planning("this webhook's secrets").within(self.patience);
        loop {
            retry.next().await?;
            let key = keys::signing_secrets(account, id);
            let Some(item) = self.get(key.clone()).await? else {
                return Ok(Update::NotFound);
            };
            let before: SecretsItem = read(item)?;
            if before.secrets.is_newest(newer) {
                // An earlier try got through, and its answer was lost.
                return Ok(Update::Updated(before.secrets));
            }
            let old = stored(key.clone(), KIND, &before)?;
            let after = SecretsItem {
                secrets: before.secrets.rotated(newer.clone(), until, now),
                revision: before.revision + 1,
            };
            let mut transaction = Transaction::new();
            transaction
                .rewrite(
                    (),
                    KIND,
                    &old,
                    stored(key, KIND, &after)?,
                    "revision = :before",
                )
                .value(":before", n(before.revision));
            if let Committed::Done = self.commit_plan(transaction, &retry).await? {
                return Ok(Update::Updated(after.secrets));
            }
        }
    }
}
