//! The record of an erasure (pattern 100): what goes on with it while it runs, and its receipt when it is done.

use std::collections::BTreeMap;

use crate::ids;
use crate::ledger::keys::{self, Key};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, instant, n, number, s, text, version};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, PRESENT, Transaction};
use crate::model::account::AccountId;
use crate::model::phone::PhoneNumber;
use crate::model::time::Instant;

/// How many items of each type.
pub type KindCounts = BTreeMap<String, u64>;

/// What an erasure has done, without the number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureReceipt {
    /// Its id.
    pub id: String,
    /// What stands in place of the number.
    pub pseudonym: PhoneNumber,
    /// Who asked for it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When it began.
    pub started: Instant,
    /// When it was done; `None` if it was interrupted and has to be run again.
    pub finished: Option<Instant>,
    /// The items that were found when it began.
    pub found: KindCounts,
    /// The items that were written again, moved or deleted.
    pub changed: KindCounts,
}

/// The beginnings of the attributes that count items.
const FOUND: &str = "found_";
/// See [`FOUND`].
const DONE: &str = "done_";

/// The writes of an erasure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Record,
    Item,
}

/// An erasure that runs.
#[derive(Clone, Debug)]
pub(super) struct Running {
    pub(super) id: String,
    pub(super) pseudonym: PhoneNumber,
}

impl Running {
    pub(super) fn key(&self, account: &AccountId) -> Key {
        keys::erasure(account, &self.id)
    }

    /// Adds the count of the items that a transaction changes.
    pub(super) fn count(
        &self,
        transaction: &mut Transaction<Tag>,
        account: &AccountId,
        changed: &KindCounts,
    ) {
        let names: Vec<_> = changed.keys().collect();
        let terms = (0..names.len()).map(|at| format!("#c{at} :c{at}"));
        let terms: Vec<_> = terms.collect();
        let expression = format!("ADD {}", terms.join(", "));
        let write = transaction.update(Tag::Record, self.key(account), expression, PRESENT);
        for (place, (kind, count)) in changed.iter().enumerate() {
            write.name(format!("#c{place}"), format!("{DONE}{kind}"));
            write.value(
                format!(":c{place}"),
                n(i64::try_from(*count).unwrap_or(i64::MAX)),
            );
        }
    }
}

fn counts_of(item: &Item, prefix: &str) -> KindCounts {
    let counts = item.keys().filter_map(|name| {
        let kind = name.strip_prefix(prefix)?;
        Some((kind.to_owned(), number(item, name)?))
    });
    counts.collect()
}

fn receipt_of(item: &Item) -> Option<ErasureReceipt> {
    let said = |name| text(item, name).map(str::to_owned);
    Some(ErasureReceipt {
        id: said("erasure_id")?,
        pseudonym: PhoneNumber::from_stored(text(item, "pseudonym")?).ok()?,
        by: said("by")?,
        reason: said("reason")?,
        started: instant(item, "started_at")?,
        finished: instant(item, "finished_at"),
        found: counts_of(item, FOUND),
        changed: counts_of(item, DONE),
    })
}

impl Ledger {
    /// The receipts of an account's erasures, in no order.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn erasures(&self, account: &AccountId) -> Result<Vec<ErasureReceipt>, StoreError> {
        let query = self.query(keys::account_partition(account));
        let items = query.prefix(keys::ERASURES).all().await?;
        Ok(items.iter().filter_map(receipt_of).collect())
    }

    /// The erasure of a number that was interrupted.
    pub(super) async fn running_erasure(
        &self,
        account: &AccountId,
        number: &PhoneNumber,
    ) -> Result<Option<Running>, StoreError> {
        let query = self.query(keys::account_partition(account));
        let items = query.prefix(keys::ERASURES).all().await?;
        let mut running = items.iter().filter_map(|item| {
            let same = text(item, "number") == Some(number.as_e164());
            let receipt = receipt_of(item).filter(|_| same)?;
            Some(Running {
                id: receipt.id,
                pseudonym: receipt.pseudonym,
            })
        });
        Ok(running.next())
    }

    /// Writes the record of an erasure that begins. It has the number until it is done.
    pub(super) async fn begin_erasure(
        &self,
        (account, number, pseudonym): (&AccountId, &PhoneNumber, PhoneNumber),
        (by, reason): (&str, &str),
        found: &KindCounts,
        now: Instant,
    ) -> Result<Running, StoreError> {
        let running = Running {
            id: ids::guid().to_string(),
            pseudonym,
        };
        let key = running.key(account);
        let texts = [
            ("type", "erasure"),
            (keys::PK, key.pk.as_str()),
            (keys::SK, key.sk.as_str()),
            ("erasure_id", running.id.as_str()),
            ("number", number.as_e164()),
            ("pseudonym", running.pseudonym.as_e164()),
            ("by", by),
            ("reason", reason),
        ];
        let texts = texts.map(|(name, value)| (name.to_owned(), s(value)));
        let found = found.iter().map(|(kind, count)| {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            (format!("{FOUND}{kind}"), n(count))
        });
        let more = [
            ("v".to_owned(), version()),
            ("started_at".to_owned(), at(now)),
        ];
        let item: Item = texts.into_iter().chain(found).chain(more).collect();
        let mut transaction = Transaction::new();
        transaction.put(Tag::Record, item, ABSENT);
        self.commit(transaction).await?;
        Ok(running)
    }

    /// Takes the number out of the record, which is a receipt from then on.
    pub(super) async fn finish_erasure(
        &self,
        account: &AccountId,
        running: &Running,
        now: Instant,
    ) -> Result<ErasureReceipt, StoreError> {
        let mut transaction = Transaction::new();
        transaction
            .update(
                Tag::Record,
                running.key(account),
                "SET finished_at = if_not_exists(finished_at, :now) REMOVE #number",
                PRESENT,
            )
            .name("#number", "number")
            .value(":now", at(now));
        self.commit(transaction).await?;
        let item = self.get(running.key(account)).await?;
        let receipt = item.as_ref().and_then(receipt_of);
        receipt.ok_or_else(|| StoreError::Broken("an erasure has no record".to_owned()))
    }
}
