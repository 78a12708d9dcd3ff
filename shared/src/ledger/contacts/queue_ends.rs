//! The ends of queue entries (pattern 27): as their taker says, or because nobody took them in time or often enough.

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::ledger::contacts::waiting::{
    AT_ONCE, LAST, PAGE, TakenEntry, UNLEASED, WaitingEntry, earliest,
};
use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, n, number, read, s, text};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{Committed, PRESENT, Transaction};
use crate::model::account::AccountId;
use crate::model::queue::{QueueResult, QueueStatus};
use crate::model::time::Instant;

/// How many entries that are over one request ends; later requests end the others.
pub(super) const MOST_ENDED: usize = 25;

/// Outcome of finishing an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishOutcome {
    /// It is finished.
    Finished {
        /// The attempt that finished it.
        attempt: u32,
    },
    /// It was finished before, with the same result.
    Repeated {
        /// The attempt that finished it.
        attempt: u32,
    },
    /// Nobody has taken it, or it is over or another taker's.
    Lost,
    /// The account has no such entry.
    NotFound,
}

/// The writes of an entry that ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Waiting,
    Entry,
}

/// An entry is ended by whoever has the attempt.
const BY_ATTEMPT: &str = "attempts = :attempts";

impl Ledger {
    /// Finishes an entry as its taker says, once. A taker whose lease ran out may still do so while nobody else
    /// has been given the entry.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn finish_entry(
        &self,
        taken: &TakenEntry<'_>,
        result: QueueResult,
        now: Instant,
    ) -> Result<FinishOutcome, StoreError> {
        let status = QueueStatus::of(result);
        let mut retry = Retry::planning("this queue entry").within(self.patience);
        loop {
            retry.next().await?;
            let Some(item) = self.get(keys::waiting(taken.account, taken.id)).await? else {
                let Some(entry) = self.ended_entry(taken).await? else {
                    return Ok(FinishOutcome::NotFound);
                };
                let attempt = number(&entry, "attempts").unwrap_or(0);
                let same = text(&entry, "callqueue_status") == Some(status.as_str())
                    && taken.attempt.is_none_or(|own| own == attempt);
                return Ok(match same {
                    true => FinishOutcome::Repeated { attempt },
                    false => FinishOutcome::Lost,
                });
            };
            let entry: WaitingEntry = read(item)?;
            let attempt = entry.attempts;
            if attempt == 0 || taken.attempt.is_some_and(|own| own != attempt) {
                return Ok(FinishOutcome::Lost);
            }
            let transaction = ending(taken.account, &entry, status, (now, BY_ATTEMPT));
            if let Committed::Done = self.commit_plan(transaction, &retry).await? {
                return Ok(FinishOutcome::Finished { attempt });
            }
        }
    }

    /// The entry that a taker names, if it is over.
    pub(super) async fn ended_entry(
        &self,
        taken: &TakenEntry<'_>,
    ) -> Result<Option<Item>, StoreError> {
        let day = taken.id.queued_at().utc_day();
        let key = keys::queue_entry(taken.account, day, taken.id);
        let open = QueueStatus::Processing.as_str();
        let entry = self.get(key).await?;
        // Nobody takes what an earlier version queued, and what nobody ended in a week.
        Ok(entry.filter(|entry| text(entry, "callqueue_status") != Some(open)))
    }

    /// Ends entries that were not called in time or as often as they are given: some of them, the earliest first.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub(in crate::ledger) async fn end_over(
        &self,
        account: &AccountId,
        now: Instant,
    ) -> Result<(), StoreError> {
        self.end_expired(account, now).await?;
        let (entries, _) = self.waiting(account, (earliest(now), LAST), PAGE).await?;
        self.end_those_over(account, entries, now).await
    }

    /// Ends some of the entries that were not called within the time they are offered.
    pub(super) async fn end_expired(
        &self,
        account: &AccountId,
        now: Instant,
    ) -> Result<(), StoreError> {
        let past = (1, earliest(now));
        let (entries, _) = self.waiting(account, past, MOST_ENDED).await?;
        self.end_those_over(account, entries, now).await
    }

    async fn end_those_over(
        &self,
        account: &AccountId,
        entries: Vec<WaitingEntry>,
        now: Instant,
    ) -> Result<(), StoreError> {
        let over = entries.into_iter().filter_map(|entry| {
            let status = entry.ended(now)?;
            Some((entry, status))
        });
        let ended = stream::iter(over.take(MOST_ENDED)).map(|(entry, status)| async move {
            self.end_unleased(account, &entry, status, now).await
        });
        ended
            .buffer_unordered(AT_ONCE)
            .try_collect::<Vec<_>>()
            .await?;
        Ok(())
    }

    /// Ends an entry that nobody has, unless somebody else does so or takes it meanwhile.
    pub(super) async fn end_unleased(
        &self,
        account: &AccountId,
        entry: &WaitingEntry,
        status: QueueStatus,
        now: Instant,
    ) -> Result<(), StoreError> {
        let mut retry = Retry::planning("this queue entry").within(self.patience);
        retry.next().await?;
        let transaction = ending(account, entry, status, (now, UNLEASED));
        match self.commit_plan(transaction, &retry).await {
            // Whoever holds it now has the entry, or ends it.
            Err(StoreError::Contended(_)) => Ok(()),
            done => done.map(drop),
        }
    }
}

/// The end of an entry, if it is as `condition` says.
fn ending(
    account: &AccountId,
    entry: &WaitingEntry,
    status: QueueStatus,
    (now, condition): (Instant, &str),
) -> Transaction<Tag> {
    let mut transaction = Transaction::new();
    let key = keys::queue_entry(account, entry.queued_at.utc_day(), entry.id);
    let set = "SET callqueue_status = :status, attempts = :attempts, ended_at = :now";
    transaction
        .update(Tag::Entry, key, set, PRESENT)
        .value(":status", s(status.as_str()))
        .value(":attempts", n(entry.attempts))
        .value(":now", at(now));
    let key = keys::waiting(account, entry.id);
    let delete = transaction.delete(Tag::Waiting, key, condition);
    delete.value(":attempts", n(entry.attempts));
    // DynamoDB refuses a value that no expression uses.
    if condition == UNLEASED {
        delete.value(":now", at(now));
    }
    transaction
}
