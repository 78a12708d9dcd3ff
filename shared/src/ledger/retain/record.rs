//! The record of a retention that is applied (pattern 103): how far it is, and its receipt when it is done.

use crate::ids;
use crate::ledger::erase::record::KindCounts;
use crate::ledger::keys::{self, Key};
use crate::ledger::retain::find::Row;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, instant, n, number, s, text, version};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, PRESENT, Transaction};
use crate::model::account::{Account, AccountId};
use crate::model::retention::Lifetime;
use crate::model::time::Instant;

/// What was done to the rows that existed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetentionReceipt {
    /// Its id.
    pub id: String,
    /// Who did it.
    pub by: String,
    /// How long calls were kept from then on.
    pub calls: Lifetime,
    /// How long costs were kept from then on.
    pub costs: Lifetime,
    /// How long leads and first contacts were kept from then on.
    pub contacts: Lifetime,
    /// How long feedback was kept from then on.
    pub feedback: Lifetime,
    /// How long queue entries were kept from then on.
    pub queue: Lifetime,
    /// When it began.
    pub started: Instant,
    /// When it was done; `None` if it was interrupted and has to be run again.
    pub finished: Option<Instant>,
    /// The rows that got another end, by type.
    pub ended: KindCounts,
    /// The rows that lost their end, by type.
    pub lifted: KindCounts,
}

/// The beginnings of the attributes that count rows.
const ENDED: &str = "ended_";
/// See [`ENDED`].
const LIFTED: &str = "lifted_";

/// The writes of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Record,
    Row,
}

fn key_of(account: &AccountId, id: &str) -> Key {
    keys::retention(account, id)
}

/// The attribute that counts a row.
fn counter(row: &Row) -> String {
    match row.end {
        Some(_) => format!("{ENDED}{}", row.kind),
        None => format!("{LIFTED}{}", row.kind),
    }
}

/// Adds the count of the rows that a transaction changes.
pub(super) fn count(
    transaction: &mut Transaction<Tag>,
    account: &AccountId,
    id: &str,
    rows: &[Row],
) {
    let mut counts = KindCounts::new();
    for row in rows {
        *counts.entry(counter(row)).or_default() += 1;
    }
    let terms: Vec<_> = (0..counts.len())
        .map(|at| format!("#c{at} :c{at}"))
        .collect();
    let expression = format!("ADD {}", terms.join(", "));
    let write = transaction.update(Tag::Record, key_of(account, id), expression, PRESENT);
    for (place, (name, count)) in counts.into_iter().enumerate() {
        write.name(format!("#c{place}"), name);
        write.value(
            format!(":c{place}"),
            n(i64::try_from(count).unwrap_or(i64::MAX)),
        );
    }
}

fn counts_of(item: &Item, prefix: &str) -> KindCounts {
    let counts = item.keys().filter_map(|name| {
        let kind = name.strip_prefix(prefix)?;
        Some((kind.to_owned(), number(item, name)?))
    });
    counts.collect()
}

fn receipt_of(item: &Item) -> Option<RetentionReceipt> {
    let said = |name| text(item, name).map(str::to_owned);
    let lifetime = |name| Lifetime::parse(text(item, name)?).ok();
    // What an earlier version did not know, it kept.
    let kept = |name| lifetime(name).unwrap_or(Lifetime::FOREVER);
    Some(RetentionReceipt {
        id: said("retention_id")?,
        by: said("by")?,
        calls: lifetime("calls")?,
        costs: lifetime("costs")?,
        contacts: kept("contacts"),
        feedback: kept("feedback"),
        queue: kept("queue"),
        started: instant(item, "started_at")?,
        finished: instant(item, "finished_at"),
        ended: counts_of(item, ENDED),
        lifted: counts_of(item, LIFTED),
    })
}

impl Ledger {
    /// The receipts of the retentions that were applied to an account, the earliest first.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn retentions(
        &self,
        account: &AccountId,
    ) -> Result<Vec<RetentionReceipt>, StoreError> {
        let query = self.query(keys::account_partition(account));
        let items = query.prefix(keys::RETENTIONS).all().await?;
        let mut receipts: Vec<_> = items.iter().filter_map(receipt_of).collect();
        receipts.sort_by(|a, b| (a.started, &a.id).cmp(&(b.started, &b.id)));
        Ok(receipts)
    }

    /// Writes the record of a run that begins, and returns its id.
    pub(super) async fn begin_retention(
        &self,
        account: &Account,
        by: &str,
        now: Instant,
    ) -> Result<String, StoreError> {
        let id = ids::guid().to_string();
        let key = key_of(&account.id, &id);
        let words = |lifetime: Lifetime| match lifetime.as_days() {
            Some(days) => days.get().to_string(),
            None => "forever".to_owned(),
        };
        let kept = account.retention().all().map(|kept| words(kept.lifetime()));
        let [calls, costs, contacts, feedback, queue] = kept.each_ref().map(String::as_str);
        let texts = [
            ("type", "retention"),
            (keys::PK, key.pk.as_str()),
            (keys::SK, key.sk.as_str()),
            ("retention_id", id.as_str()),
            ("by", by),
            ("calls", calls),
            ("costs", costs),
            ("contacts", contacts),
            ("feedback", feedback),
            ("queue", queue),
        ];
        let texts = texts.map(|(name, value)| (name.to_owned(), s(value)));
        let more = [
            ("v".to_owned(), version()),
            ("started_at".to_owned(), at(now)),
        ];
        let item: Item = texts.into_iter().chain(more).collect();
        let mut transaction = Transaction::new();
        transaction.put(Tag::Record, item, ABSENT);
        self.commit(transaction).await?;
        Ok(id)
    }

    /// Says in the record that the run is done, and returns the receipt.
    pub(super) async fn finish_retention(
        &self,
        account: &AccountId,
        id: &str,
        now: Instant,
    ) -> Result<RetentionReceipt, StoreError> {
        let mut transaction = Transaction::new();
        transaction
            .update(
                Tag::Record,
                key_of(account, id),
                "SET finished_at = if_not_exists(finished_at, :now)",
                PRESENT,
            )
            .value(":now", at(now));
        self.commit(transaction).await?;
        let item = self.get(key_of(account, id)).await?;
        let receipt = item.as_ref().and_then(receipt_of);
        receipt.ok_or_else(|| StoreError::Broken("an applied retention has no record".to_owned()))
    }
}
