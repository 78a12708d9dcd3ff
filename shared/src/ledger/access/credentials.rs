//! Credentials (patterns 3 and 4): two copies that are written together, one to authenticate by, and one in
//! the account's list.

use crate::ledger::keys;
use crate::ledger::outcome::{Creation, ExistsDifferent, Update};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, read, s, stored};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, Transaction};
use crate::model::account::AccountId;
use crate::model::credential::{Credential, CredentialKind, Status};
use crate::model::id::CredentialId;

/// Refusal: the credential was revoked, which is for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialRevoked;

/// The two copies of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    ByName,
    Listed,
}

impl Ledger {
    /// The credential of a kind by its name, which is the secret's hash for a key without a name.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
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
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn credentials(&self, account: &AccountId) -> Result<Vec<Credential>, StoreError> {
        let query = self.query(keys::account_partition(account));
        let items = query.prefix(keys::ACCOUNT_CREDENTIALS).all().await?;
        items.into_iter().map(read).collect()
    }

    /// Creates a credential. The refusal means that its name is taken.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn create_credential(
        &self,
        credential: &Credential,
    ) -> Result<Creation<(), ExistsDifferent>, StoreError> {
        let mut transaction = Transaction::new();
        for (tag, item) in copies(credential)? {
            transaction.put(tag, item, ABSENT);
        }
        let Committed::Refused(mut refusals) = self.commit(transaction).await? else {
            return Ok(Creation::Created(()));
        };
        let found = refusals.take(Tag::ByName).map(read::<Credential>);
        // The id is random, so a credential with it is this request's own, whose answer was lost.
        let ours = found
            .transpose()?
            .is_some_and(|found| found.id == credential.id);
        Ok(match ours {
            true => Creation::Created(()),
            false => Creation::Refused(ExistsDifferent),
        })
    }

    /// Updates the status of one of an account's credentials.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn set_credential_status(
        &self,
        account: &AccountId,
        id: &CredentialId,
        status: Status,
    ) -> Result<Update<(), CredentialRevoked>, StoreError> {
        let mut retry = Retry::planning("this credential").within(self.patience);
        loop {
            retry.next().await?;
            let listed = self.get(keys::account_credential(account, id)).await?;
            let Some(credential) = listed.map(read::<Credential>).transpose()? else {
                return Ok(Update::NotFound);
            };
            let before = credential.status;
            if before == status {
                return Ok(Update::Updated(()));
            }
            if before == Status::Revoked {
                return Ok(Update::Refused(CredentialRevoked));
            }
            let changed = Credential {
                status,
                ..credential
            };
            let mut transaction = Transaction::new();
            for (tag, item) in copies(&changed)? {
                transaction
                    .put(tag, item, "#status = :before")
                    .name("#status", "status")
                    .value(":before", s(before.as_str()));
            }
            if let Committed::Done = self.commit_plan(transaction, &retry).await? {
                return Ok(Update::Updated(()));
            }
        }
    }
}

/// The two copies of a credential, as items.
fn copies(credential: &Credential) -> Result<[(Tag, Item); 2], StoreError> {
    let by_name = keys::credential(credential.kind, &credential.name);
    let listed = keys::account_credential(&credential.account, &credential.id);
    Ok([
        (Tag::ByName, stored(by_name, "credential", credential)?),
        (
            Tag::Listed,
            stored(listed, "account_credential", credential)?,
        ),
    ])
}
