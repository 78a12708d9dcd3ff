//! Deleting a closed account with everything of it, some time after it was closed (pattern 102; `docs/decisions.md`,
//! D-731).
//!
//! The account says from when on it may be deleted, and until it begins it can be opened again. Each transaction
//! deletes items and counts them in a record outside the account, so a deletion may be stopped at any moment: the
//! next run finds what is left. The account itself goes last.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::ledger::backup::export::owner_of;
use crate::ledger::erase::record::KindCounts;
use crate::ledger::keys::{self, Key};
use crate::ledger::outcome::Update;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, instant, known, n, number, s, text, version};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ALWAYS, PRESENT, Transaction};
use crate::model::account::{Account, AccountId};
use crate::model::time::Instant;

/// How many items a transaction deletes beside the record's. DynamoDB takes 100 writes.
const BATCH: usize = 60;

/// How often the table is read again without anything to delete, while others write items of the account.
const ATTEMPTS: u32 = 8;

/// The types that stay until everything else is gone. The record stays for good.
const LAST: [&str; 3] = ["account", "account_entry", "account_deletion"];

/// The beginning of the attributes that count items.
const DONE: &str = "done_";

/// What a deletion did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletionReceipt {
    /// The account that is gone.
    pub account: AccountId,
    /// Who asked for it.
    pub by: String,
    /// When it began.
    pub started: Instant,
    /// When it was done; `None` if it was interrupted and has to be run again.
    pub finished: Option<Instant>,
    /// How many items of each type are deleted.
    pub deleted: KindCounts,
}

/// Outcome of asking for a deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeletionOutcome {
    /// It may be deleted from then on; until then it can be opened again.
    Waits(Instant),
    /// It still has so many numbers, which go back into the inventory first.
    HasNumbers(usize),
    /// These credentials of it act for other accounts too.
    Shared(Vec<String>),
    /// It is deleted.
    Deleted(DeletionReceipt),
    /// There is no such account, and none was deleted.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Record,
    Item,
}

impl Ledger {
    /// Says from when on a closed account may be deleted, unless it says so already.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn schedule_deletion(
        &self,
        id: &AccountId,
        grace: Duration,
    ) -> Result<Update<Account>, StoreError> {
        let change = |account: &mut Account| {
            if let (Some(closed), None) = (account.closed_at, account.delete_after) {
                account.delete_after = Some(closed.plus(grace));
            }
            Ok::<_, StoreError>(())
        };
        self.update_account(id, change).await
    }

    /// Returns the record of a deletion, finished or not.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn deletion(&self, id: &AccountId) -> Result<Option<DeletionReceipt>, StoreError> {
        let record = self.get(keys::account_deletion(id)).await?;
        Ok(record.as_ref().and_then(receipt_of))
    }

    /// Counts what a deletion would delete, by type, and deletes nothing.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn plan_deletion(
        &self,
        id: &AccountId,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<KindCounts, StoreError> {
        let mut counts = KindCounts::new();
        let each = async |items: Vec<(String, Key)>| {
            for (kind, _) in items {
                *counts.entry(kind).or_default() += 1;
            }
            Ok(())
        };
        self.each_owned(id, progress, each).await?;
        Ok(counts)
    }

    /// Deletes a closed account whose time has come. One that was interrupted goes on where it stopped.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time, and [`StoreError::Contended`] if items
    /// of the account are written all the time. The same call goes on where it stopped.
    pub async fn delete_account(
        &self,
        id: &AccountId,
        by: &str,
        now: Instant,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<DeletionOutcome, StoreError> {
        let Some(account) = self.account(id).await? else {
            let receipt = self.deletion(id).await?;
            return Ok(receipt.map_or(DeletionOutcome::Unknown, DeletionOutcome::Deleted));
        };
        if !account.deleting {
            match account.delete_after.filter(|_| account.is_closed()) {
                Some(after) if after <= now => {}
                Some(after) => return Ok(DeletionOutcome::Waits(after)),
                None => return Ok(DeletionOutcome::Unknown),
            }
            let numbers = self.numbers(id).await?.len();
            if numbers > 0 {
                return Ok(DeletionOutcome::HasNumbers(numbers));
            }
            let shared = self.credentials(id).await?.into_iter();
            let shared = shared.filter(|credential| !credential.accounts.is_empty());
            let shared: Vec<_> = shared.map(|one| one.id.as_str().to_owned()).collect();
            if !shared.is_empty() {
                return Ok(DeletionOutcome::Shared(shared));
            }
            if !self.mark_deleting(id, now).await? {
                return Ok(DeletionOutcome::Unknown);
            }
        }
        self.record_deletion(id, by, now).await?;
        let mut left = ATTEMPTS;
        while left > 0 {
            left -= 1;
            let mut found = 0;
            let each = async |items: Vec<(String, Key)>| {
                found += items.len();
                for batch in items.chunks(BATCH) {
                    self.delete_items(id, batch).await?;
                }
                Ok(())
            };
            self.each_owned(id, progress, each).await?;
            if found == 0 {
                return self.end_deletion(id, now).await;
            }
        }
        Err(StoreError::Contended("the items of this account"))
    }

    /// Marks the account, which is never opened again; whether it is still closed.
    async fn mark_deleting(&self, id: &AccountId, now: Instant) -> Result<bool, StoreError> {
        let change = |account: &mut Account| {
            let due = account.delete_after.is_some_and(|after| after <= now);
            account.deleting |= account.is_closed() && due;
            Ok::<_, StoreError>(())
        };
        let marked = self.update_account(id, change).await?;
        Ok(matches!(marked, Update::Updated(account) if account.deleting))
    }

    /// Makes the record, unless an earlier run has made it.
    async fn record_deletion(
        &self,
        id: &AccountId,
        by: &str,
        now: Instant,
    ) -> Result<(), StoreError> {
        let set = "SET #type = :type, v = :v, account_id = :account, #by = if_not_exists(#by, :by), \
                   started_at = if_not_exists(started_at, :now)";
        let mut transaction = Transaction::new();
        transaction
            .update(Tag::Record, keys::account_deletion(id), set, ALWAYS)
            .name("#type", "type")
            .name("#by", "by")
            .value(":type", s("account_deletion"))
            .value(":v", version())
            .value(":account", s(id.as_str()))
            .value(":by", s(by))
            .value(":now", at(now));
        self.commit(transaction).await.map(drop)
    }

    /// Deletes items in one transaction, and counts them.
    async fn delete_items(
        &self,
        id: &AccountId,
        items: &[(String, Key)],
    ) -> Result<(), StoreError> {
        let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
        let mut transaction = Transaction::new();
        for (kind, key) in items {
            *counts.entry(kind).or_default() += 1;
            transaction.delete(Tag::Item, key.clone(), PRESENT);
        }
        let terms = (0..counts.len()).map(|at| format!("#c{at} :c{at}"));
        let expression = format!("ADD {}", terms.collect::<Vec<_>>().join(", "));
        let record = keys::account_deletion(id);
        let write = transaction.update(Tag::Record, record, expression, PRESENT);
        for (place, (kind, count)) in counts.into_iter().enumerate() {
            write.name(format!("#c{place}"), format!("{DONE}{kind}"));
            write.value(format!(":c{place}"), n(count));
        }
        // If an item is gone since it was read, nothing is deleted: the next pass finds what is left.
        self.commit(transaction).await.map(drop)
    }

    /// Deletes the account itself, and says in the record when that was.
    async fn end_deletion(
        &self,
        id: &AccountId,
        now: Instant,
    ) -> Result<DeletionOutcome, StoreError> {
        let mut transaction = Transaction::new();
        transaction.delete(Tag::Item, keys::account(id), ALWAYS);
        transaction.delete(Tag::Item, keys::account_directory(id), ALWAYS);
        transaction
            .update(
                Tag::Record,
                keys::account_deletion(id),
                "SET finished_at = if_not_exists(finished_at, :now)",
                PRESENT,
            )
            .value(":now", at(now));
        self.commit(transaction).await?;
        let receipt = self.deletion(id).await?;
        let broken = || StoreError::Broken("a deletion has no record".to_owned());
        receipt.map(DeletionOutcome::Deleted).ok_or_else(broken)
    }

    /// Reads the whole table, and hands the types and keys of an account's items to `each`, a page at a time.
    async fn each_owned(
        &self,
        id: &AccountId,
        progress: &(dyn Fn(u64) + Sync),
        mut each: impl AsyncFnMut(Vec<(String, Key)>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let owned = async |items: Vec<Item>| {
            let mut owned = Vec::new();
            for item in items {
                if owner_of(&item).as_ref() == Some(id) {
                    owned.extend(to_delete(&known(item)?));
                }
            }
            each(owned).await
        };
        self.scan().each(progress, owned).await
    }
}

/// The type and the key of an item, unless it stays until the end.
fn to_delete(item: &Item) -> Option<(String, Key)> {
    let kind = text(item, "type").unwrap_or("untyped");
    let key = Key::new(text(item, keys::PK)?, text(item, keys::SK)?);
    (!LAST.contains(&kind)).then(|| (kind.to_owned(), key))
}

fn receipt_of(record: &Item) -> Option<DeletionReceipt> {
    let deleted = record.keys().filter_map(|name| {
        let kind = name.strip_prefix(DONE)?;
        Some((kind.to_owned(), number(record, name)?))
    });
    Some(DeletionReceipt {
        account: AccountId::parse(text(record, "account_id")?).ok()?,
        by: text(record, "by")?.to_owned(),
        started: instant(record, "started_at")?,
        finished: instant(record, "finished_at"),
        deleted: deleted.collect(),
    })
}
