//! Credentials (patterns 3 and 4): one item to find them by, one to list them by, written together.

use crate::ledger::access::accounts::Saved;
use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, read, s, stored};
use crate::ledger::table::legacy::{PutWrite, Transacted};
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::credential::{Credential, CredentialKind, Status};
use crate::model::id::CredentialId;

/// How often a credential is read anew when others changed it meanwhile.
const TRIES: u32 = 8;

impl Ledger {
    /// The credential of a kind that is found by `name` (for a key without a name: by its hash).
    ///
    /// # Errors
    /// The store's.
    pub async fn credential(
        &self,
        kind: CredentialKind,
        name: &str,
    ) -> Result<Option<Credential>, StoreError> {
        self.get(keys::credential(kind, name))
            .await?
            .map(read)
            .transpose()
    }

    /// An account's credentials.
    ///
    /// # Errors
    /// The store's.
    pub async fn credentials(&self, account: &AccountId) -> Result<Vec<Credential>, StoreError> {
        let partition = keys::account_partition(account);
        let items = self.prefixed(partition, keys::ACCOUNT_CREDENTIALS).await?;
        items.into_iter().map(read).collect()
    }

    /// Keeps a new credential; [`Saved::Refused`] when its name is taken.
    ///
    /// # Errors
    /// The store's.
    pub async fn create_credential(&self, credential: &Credential) -> Result<Saved, StoreError> {
        let new = |item| self.put(item, "attribute_not_exists(pk)");
        self.write_credential(credential, new).await
    }

    /// Gives an account's credential another status; `None` when the account has no such credential,
    /// [`Saved::Refused`] when it was revoked, which is for good.
    ///
    /// # Errors
    /// The store's.
    pub async fn set_credential_status(
        &self,
        account: &AccountId,
        id: &CredentialId,
        status: Status,
    ) -> Result<Option<Saved>, StoreError> {
        for _ in 0..TRIES {
            let listed = self.get(keys::account_credential(account, id)).await?;
            let Some(credential) = listed.map(read::<Credential>).transpose()? else {
                return Ok(None);
            };
            let before = credential.status;
            if before == status {
                return Ok(Some(Saved::Done));
            }
            if before == Status::Revoked {
                return Ok(Some(Saved::Refused));
            }
            let unchanged = |item| {
                self.put(item, "#status = :before")
                    .name("#status", "status")
                    .value(":before", s(before.as_str()))
            };
            let changed = Credential {
                status,
                ..credential
            };
            if self.write_credential(&changed, unchanged).await? == Saved::Done {
                return Ok(Some(Saved::Done));
            }
        }
        Err(StoreError::Unavailable(
            "others kept changing the credential".to_owned(),
        ))
    }

    /// Writes a credential both ways, or neither where `put` refuses one of them.
    async fn write_credential(
        &self,
        credential: &Credential,
        put: impl Fn(Item) -> PutWrite,
    ) -> Result<Saved, StoreError> {
        let found = keys::credential(credential.kind, &credential.name);
        let listed = keys::account_credential(&credential.account, &credential.id);
        let writes = vec![
            put(stored(found, "credential", credential)?).write()?,
            put(stored(listed, "account_credential", credential)?).write()?,
        ];
        Ok(match self.transact(writes).await? {
            Transacted::Done => Saved::Done,
            Transacted::Refused(_) => Saved::Refused,
        })
    }
}
