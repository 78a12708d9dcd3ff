//! Accounts (patterns 1 and 2).

use serde::Serialize;

use super::item::{key, read, s, stored, text};
use super::transact::Transacted;
use super::{Ledger, StoreError, keys};
use crate::model::account::{Account, AccountId};

/// How a write that may find somebody else's work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is written.
    Done,
    /// It is not: what should not be there is, or what should be there is not.
    Refused,
}

#[derive(Serialize)]
struct DirectoryItem<'a> {
    account_id: &'a AccountId,
}

impl Ledger {
    /// An account and its settings.
    ///
    /// # Errors
    /// The store's.
    pub async fn account(&self, id: &AccountId) -> Result<Option<Account>, StoreError> {
        self.get(keys::account(id)).await?.map(read).transpose()
    }

    /// Every account of the deployment; for operators.
    ///
    /// # Errors
    /// The store's.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let mut accounts = Vec::new();
        for entry in self.partition(keys::ACCOUNTS.to_owned()).await? {
            let id = text(&entry, "account_id").and_then(|id| AccountId::parse(id).ok());
            if let Some(id) = id
                && let Some(account) = self.account(&id).await?
            {
                accounts.push(account);
            }
        }
        Ok(accounts)
    }

    /// Makes an account; [`Saved::Refused`] when its id is taken.
    ///
    /// # Errors
    /// The store's.
    pub async fn create_account(&self, account: &Account) -> Result<Saved, StoreError> {
        let entry = DirectoryItem {
            account_id: &account.id,
        };
        let directory = stored(
            keys::account_directory(&account.id),
            "account_entry",
            &entry,
        )?;
        let account = stored(keys::account(&account.id), "account", account)?;
        let writes = vec![
            self.put(account, "attribute_not_exists(pk)").write()?,
            self.put(directory, "attribute_not_exists(pk)").write()?,
        ];
        Ok(match self.transact(writes).await? {
            Transacted::Done => Saved::Done,
            Transacted::Refused(_) => Saved::Refused,
        })
    }

    /// Writes an account's settings and tells its numbers about TrueCLID; [`Saved::Refused`] when there
    /// is no such account, or when it would have fewer shards than before.
    ///
    /// # Errors
    /// The store's.
    pub async fn save_account(&self, account: &Account) -> Result<Saved, StoreError> {
        let item = stored(keys::account(&account.id), "account", account)?;
        let write = self
            .put(item, "attribute_exists(pk) AND shards <= :shards")
            .value(":shards", super::item::n(account.shards))
            .write()?;
        if let Transacted::Refused(_) = self.transact(vec![write]).await? {
            return Ok(Saved::Refused);
        }
        // A terminating query reads the owner of a number and not the account, so the owner knows.
        for number in self.numbers(&account.id).await? {
            let own = self
                .update(
                    key(keys::number_owner(&number.number)),
                    "SET trueclid = :trueclid",
                    "account_id = :account",
                )
                .value(
                    ":trueclid",
                    aws_sdk_dynamodb::types::AttributeValue::Bool(account.trueclid),
                )
                .value(":account", s(account.id.as_str()))
                .write()?;
            self.transact(vec![own]).await?;
        }
        Ok(Saved::Done)
    }
}
