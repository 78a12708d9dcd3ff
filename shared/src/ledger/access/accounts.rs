//! Accounts (patterns 1 and 2).

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use serde::Serialize;

use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{key, n, read, s, stored, text};
use crate::ledger::table::legacy::Transacted;
use crate::ledger::table::store::Ledger;
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

/// How often an account is read anew when others changed it meanwhile.
const TRIES: u32 = 8;

/// The place of the look at the account where a number is told.
const STILL: usize = 0;

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

    /// Changes an account's settings and tells its numbers about TrueCLID: the account as it is now, or
    /// `None` when there is no such one. Where somebody else was faster, `change` is asked again, of what
    /// they have left, so that no change undoes another.
    ///
    /// # Errors
    /// The store's, and what `change` refuses.
    pub async fn change_account<E: From<StoreError>>(
        &self,
        id: &AccountId,
        change: impl Fn(&mut Account) -> Result<(), E>,
    ) -> Result<Option<Account>, E> {
        for _ in 0..TRIES {
            let Some(mut account) = self.account(id).await? else {
                return Ok(None);
            };
            let before = account.revision;
            change(&mut account)?;
            account.revision = before + 1;
            if self.rewrite_account(&account, before).await? == Saved::Done {
                self.tell_numbers(&account).await?;
                return Ok(Some(account));
            }
        }
        let busy = "others kept changing the account".to_owned();
        Err(StoreError::Unavailable(busy).into())
    }

    /// Writes an account unless it was changed since its revision was `before`.
    async fn rewrite_account(&self, account: &Account, before: u32) -> Result<Saved, StoreError> {
        let item = stored(keys::account(&account.id), "account", account)?;
        let write = self
            .put(
                item,
                // An account that was last written by an earlier version has no revision.
                "attribute_exists(pk) AND (attribute_not_exists(revision) OR revision = :before)",
            )
            .value(":before", n(before))
            .write()?;
        Ok(match self.transact(vec![write]).await? {
            Transacted::Done => Saved::Done,
            Transacted::Refused(_) => Saved::Refused,
        })
    }

    /// A terminating query reads the owner of a number and not the account, so the owner knows. The account
    /// is written before: a number that comes to it from then on is told the new setting.
    async fn tell_numbers(&self, account: &Account) -> Result<(), StoreError> {
        for number in self.numbers(&account.id).await? {
            let own = self
                .update(
                    key(keys::number_owner(&number.number)),
                    "SET trueclid = :trueclid",
                    "account_id = :account",
                )
                .value(":trueclid", AttributeValue::Bool(account.trueclid))
                .value(":account", s(account.id.as_str()))
                .write()?;
            let writes = vec![self.still(&account.id, account.trueclid)?, own];
            if let Transacted::Refused(found) = self.transact(writes).await?
                && found.iter().any(|(index, _)| *index == STILL)
            {
                // Whoever has changed it since tells the numbers.
                break;
            }
        }
        Ok(())
    }

    /// The look that what a number's owner is told about TrueCLID is what the account says.
    pub(in crate::ledger) fn still(
        &self,
        account: &AccountId,
        trueclid: bool,
    ) -> Result<TransactWriteItem, StoreError> {
        self.check(key(keys::account(account)), "trueclid = :trueclid")
            .value(":trueclid", AttributeValue::Bool(trueclid))
            .write()
    }

    /// Whether an account opted into TrueCLID; one that is not there did not.
    pub(in crate::ledger) async fn opted_in(
        &self,
        account: &AccountId,
    ) -> Result<bool, StoreError> {
        let account = self.account(account).await?;
        Ok(account.is_some_and(|account| account.trueclid))
    }
}
