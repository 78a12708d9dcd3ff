//! Accounts (patterns 1 and 2).

use std::fmt::Debug;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use crate::ledger::keys;
use crate::ledger::outcome::{Creation, ExistsDifferent, Update};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, n, read, s, stored, text};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, Transaction};
use crate::model::account::{Account, AccountId, LAYOUT};

#[derive(Serialize)]
struct DirectoryItem<'a> {
    account_id: &'a AccountId,
}

/// The writes of accounts and of what copies their settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Account,
    Directory,
    NumberOwner,
}

impl Ledger {
    /// An account and its settings.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn account(&self, id: &AccountId) -> Result<Option<Account>, StoreError> {
        self.get(keys::account(id))
            .await?
            .map(account_of)
            .transpose()
    }

    /// Every account of the deployment; for operators.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let mut accounts = Vec::new();
        for entry in self.query(keys::ACCOUNTS).all().await? {
            let id = text(&entry, "account_id").and_then(|id| AccountId::parse(id).ok());
            if let Some(id) = id
                && let Some(account) = self.account(&id).await?
            {
                self.finish_trueclid(&account).await?;
                accounts.push(account);
            }
        }
        Ok(accounts)
    }

    /// Creates an account.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn create_account(
        &self,
        account: &Account,
    ) -> Result<Creation<(), ExistsDifferent>, StoreError> {
        let entry = DirectoryItem {
            account_id: &account.id,
        };
        let entry_key = keys::account_directory(&account.id);
        let entry = stored(entry_key, "account_entry", &entry)?;
        let item = stored(keys::account(&account.id), "account", account)?;
        let mut transaction = Transaction::new();
        transaction.put(Tag::Account, item, ABSENT);
        transaction.put(Tag::Directory, entry, ABSENT);
        let Committed::Refused(mut refusals) = self.commit(transaction).await? else {
            return Ok(Creation::Created(()));
        };
        let found = refusals.take(Tag::Account).map(read::<Account>);
        // The account sid is random, so an equal account is this request's own, whose answer was lost.
        Ok(match found.transpose()?.as_ref() == Some(account) {
            true => Creation::Created(()),
            false => Creation::Refused(ExistsDifferent),
        })
    }

    /// Updates an account's settings, and the copies of its TrueCLID setting with its numbers. If somebody
    /// else was faster, `change` is applied again, to what they have left, so that no change undoes
    /// another.
    ///
    /// An update that is cut off before all copies are written leaves a mark in the account, by which the
    /// next update, purchase, registration or list of accounts finishes it.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again, and the
    /// error of `change`.
    pub async fn update_account<E: From<StoreError>>(
        &self,
        id: &AccountId,
        change: impl Fn(&mut Account) -> Result<(), E>,
    ) -> Result<Update<Account>, E> {
        let mut retry = Retry::planning("this account").within(self.patience);
        loop {
            retry.next().await?;
            let Some(mut account) = self.account(id).await? else {
                return Ok(Update::NotFound);
            };
            let before = account.clone();
            change(&mut account)?;
            account.revision = before.revision + 1;
            account.trueclid_pending |= account.trueclid != before.trueclid;
            if self.rewrite_account(&account, &before, &retry).await? {
                self.copy_trueclid(&mut account).await?;
                return Ok(Update::Updated(account));
            }
        }
    }

    /// Writes an account in place of `before`, if it was not changed since; whether it is written.
    async fn rewrite_account(
        &self,
        account: &Account,
        before: &Account,
        retry: &Retry,
    ) -> Result<bool, StoreError> {
        let key = || keys::account(&account.id);
        let (old, new) = (
            stored(key(), "account", before)?,
            stored(key(), "account", account)?,
        );
        // An account that was last written by an earlier version has no revision.
        let unchanged =
            "attribute_exists(pk) AND (attribute_not_exists(revision) OR revision = :before)";
        let mut transaction = Transaction::new();
        transaction
            .rewrite(Tag::Account, "account", &old, new, unchanged)
            .value(":before", n(before.revision));
        let committed = self.commit_plan(transaction, retry).await?;
        Ok(matches!(committed, Committed::Done))
    }

    /// Finishes an update of `account` that was cut off before the TrueCLID setting was copied everywhere.
    pub(in crate::ledger) async fn finish_trueclid(
        &self,
        account: &Account,
    ) -> Result<(), StoreError> {
        if !account.trueclid_pending {
            return Ok(());
        }
        // The account may have been read a while ago.
        match self.account(&account.id).await? {
            Some(mut account) if account.trueclid_pending => self.copy_trueclid(&mut account).await,
            _ => Ok(()),
        }
    }

    /// Copies an account's TrueCLID setting to the owner items of its numbers, because a terminating query
    /// reads those and not the account. The account was written before: a number that is added from then on
    /// copies the new setting.
    async fn copy_trueclid(&self, account: &mut Account) -> Result<(), StoreError> {
        for number in self.numbers(&account.id).await? {
            let owner = keys::number_owner(&number.number);
            let set = "SET trueclid = :trueclid";
            let mut transaction = Transaction::new();
            check_trueclid(
                &mut transaction,
                Tag::Account,
                &account.id,
                account.trueclid,
            );
            transaction
                .update(Tag::NumberOwner, owner, set, "account_id = :account")
                .value(":trueclid", AttributeValue::Bool(account.trueclid))
                .value(":account", s(account.id.as_str()));
            if let Committed::Refused(refusals) = self.commit(transaction).await?
                && refusals.contains(Tag::Account)
            {
                // Whoever has changed the setting since then copies it, and removes the mark.
                return Ok(());
            }
        }
        if account.trueclid_pending {
            let mut transaction = Transaction::new();
            transaction
                .update(
                    Tag::Account,
                    keys::account(&account.id),
                    "REMOVE trueclid_pending",
                    "revision = :revision",
                )
                .value(":revision", n(account.revision));
            // If it is refused, whoever has changed the account since then removes the mark.
            self.commit(transaction).await?;
            account.trueclid_pending = false;
        }
        Ok(())
    }

    /// Whether an account opted into TrueCLID; `false` if there is no such account.
    pub(in crate::ledger) async fn opted_in(
        &self,
        account: &AccountId,
    ) -> Result<bool, StoreError> {
        let account = self.account(account).await?;
        Ok(account.is_some_and(|account| account.trueclid))
    }
}

/// Reads an account. Its layout is that of other items, so a later one than this version's is refused as a later
/// version of an item is.
fn account_of(item: Item) -> Result<Account, StoreError> {
    let account: Account = read(item)?;
    match account.layout > LAYOUT {
        true => Err(StoreError::Later {
            kind: "account".to_owned(),
            found: format!("1, layout {}", account.layout),
        }),
        false => Ok(account),
    }
}

/// Adds the check that an account's TrueCLID setting is still the one that is about to be copied.
pub(in crate::ledger) fn check_trueclid<Tag: Copy + Eq + Debug>(
    transaction: &mut Transaction<Tag>,
    tag: Tag,
    account: &AccountId,
    trueclid: bool,
) {
    transaction
        .check(tag, keys::account(account), "trueclid = :trueclid")
        .value(":trueclid", AttributeValue::Bool(trueclid));
}
