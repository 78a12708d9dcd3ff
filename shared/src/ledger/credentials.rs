//! Credentials (patterns 3 and 4): one item to find them by, one to list them by, written together.

use super::item::{read, stored};
use super::transact::Transacted;
use super::{Ledger, Saved, StoreError, keys};
use crate::model::account::AccountId;
use crate::model::credential::{Credential, CredentialKind, Status};
use crate::model::id::CredentialId;

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
        self.write_credential(credential, "attribute_not_exists(pk)")
            .await
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
        let Some(item) = self.get(keys::account_credential(account, id)).await? else {
            return Ok(None);
        };
        let mut credential: Credential = read(item)?;
        if credential.status == Status::Revoked {
            return Ok(Some(if status == Status::Revoked {
                Saved::Done
            } else {
                Saved::Refused
            }));
        }
        credential.status = status;
        self.write_credential(&credential, "attribute_exists(pk)")
            .await
            .map(Some)
    }

    async fn write_credential(
        &self,
        credential: &Credential,
        condition: &str,
    ) -> Result<Saved, StoreError> {
        let found = keys::credential(credential.kind, &credential.name);
        let listed = keys::account_credential(&credential.account, &credential.id);
        let writes = vec![
            self.put(stored(found, "credential", credential)?, condition)
                .write()?,
            self.put(stored(listed, "account_credential", credential)?, condition)
                .write()?,
        ];
        Ok(match self.transact(writes).await? {
            Transacted::Done => Saved::Done,
            Transacted::Refused(_) => Saved::Refused,
        })
    }
}
