//! The dialer's queue (pattern 27): callees that wait, each given to one taker at a time.
//!
//! A taker gets an entry for some time, its lease, and says what became of it. When a lease runs out, the entry is
//! offered again, until it was given [`MOST_ATTEMPTS`] times. The number of the attempt proves who has the entry:
//! once it was given again, an earlier attempt can neither extend nor finish it.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use crate::ids;
use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, n, number, read, s, text};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{Committed, PRESENT, Transaction};
use crate::ledger::table::update::Updated;
use crate::model::account::AccountId;
use crate::model::phone::PhoneNumber;
use crate::model::queue::{CallProcessId, QueueId, QueueResult, QueueStatus};
use crate::model::time::Instant;

/// How often an entry is given to takers before it has failed.
pub const MOST_ATTEMPTS: u32 = 5;

/// For how long an entry is offered. Nobody wants to be called back a day later.
pub(in crate::ledger) const OFFERED: Duration = Duration::from_secs(24 * 3_600);

/// For how long an entry that nobody ends is kept among those that wait.
pub(in crate::ledger) const KEPT: Duration = Duration::from_secs(7 * 24 * 3_600);

/// How many entries a page has.
const PAGE: usize = 100;

/// How many entries one request reads at most.
const MOST_READ: usize = 4_000;

/// How many entries that are over one request ends; later requests end the others.
const MOST_ENDED: usize = 25;

/// How many entries are written at the same time.
const AT_ONCE: usize = 8;

/// A callee who waits for a dialer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingEntry {
    /// Its id, the `callqueue_id` of the answer to the rapid response.
    #[serde(rename = "callqueue_id")]
    pub id: QueueId,
    /// The call process that places the call.
    #[serde(rename = "callprocess_id")]
    pub process: CallProcessId,
    /// The number to call.
    #[serde(rename = "lead_numtocall")]
    pub callee: PhoneNumber,
    /// The text that the agent hears.
    pub whisper_text: String,
    /// When it was queued.
    #[serde(rename = "created_at")]
    pub queued_at: Instant,
    /// How often it was given to a taker.
    pub attempts: u32,
    /// Until when a taker has it; `None` before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<Instant>,
    /// The request that took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_by: Option<String>,
    /// When the table removes it, in seconds, if nobody ends it.
    pub(in crate::ledger) expires_at: i64,
}

impl WaitingEntry {
    /// Whether a taker has it.
    #[must_use]
    pub fn is_leased(&self, now: Instant) -> bool {
        self.lease_until.is_some_and(|until| now < until)
    }

    /// What became of it without a taker's word, if it is over.
    fn ended(&self, now: Instant) -> Option<QueueStatus> {
        if self.is_leased(now) {
            None
        } else if self.attempts >= MOST_ATTEMPTS {
            Some(QueueStatus::Failed)
        } else if now >= self.queued_at.plus(OFFERED) {
            Some(QueueStatus::Expired)
        } else {
            None
        }
    }
}

/// What a taker asks for.
#[derive(Clone, Copy, Debug)]
pub struct TakeRequest<'a> {
    /// Whose queue.
    pub account: &'a AccountId,
    /// Only entries of this call process.
    pub process: Option<CallProcessId>,
    /// The maximum number of entries.
    pub limit: usize,
    /// For how long they are given.
    pub lease: Duration,
    /// What its entries are marked with: the id of the request, or what its idempotency key makes
    /// ([`IdempotencyRecord::name_of_take`](crate::model::idempotency::IdempotencyRecord::name_of_take)).
    pub by: &'a str,
    /// When it came.
    pub now: Instant,
}

/// An entry that a taker names.
#[derive(Clone, Copy, Debug)]
pub struct TakenEntry<'a> {
    /// Whose queue.
    pub account: &'a AccountId,
    /// The entry.
    pub id: QueueId,
    /// The attempt by which it was given; `None` means whichever is the last.
    pub attempt: Option<u32>,
}

/// Outcome of extending the lease of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseOutcome {
    /// The entry with its new lease.
    Extended(WaitingEntry),
    /// The lease has run out, or the entry is over or another taker's.
    Lost,
    /// The account has no such entry.
    NotFound,
}

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

/// Entries that wait, from the earliest to the latest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuePage {
    /// The entries.
    pub entries: Vec<WaitingEntry>,
    /// The entry that the next page begins behind, if there may be one.
    pub last: Option<QueueId>,
}

/// The writes of an entry that ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Waiting,
    Entry,
}

/// An entry is ended by whoever has the attempt.
const BY_ATTEMPT: &str = "attempts = :attempts";

/// An entry is ended because nobody has it.
const UNLEASED: &str = "attempts = :attempts AND \
                        (attribute_not_exists(lease_until) OR lease_until <= :now)";

impl Ledger {
    /// Takes entries, the earliest first. No two takers get the same one at the same time.
    ///
    /// Of takers that meet, one gets the entry. The others go on at random places, so that they do not meet at
    /// every entry.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time. What was taken by then is offered
    /// again when its lease runs out.
    pub async fn take_from_queue(
        &self,
        request: &TakeRequest<'_>,
    ) -> Result<Vec<WaitingEntry>, StoreError> {
        self.end_expired(request.account, request.now).await?;
        let (mut taken, mut seen, mut ended) = (Vec::new(), 0, 0);
        let mut from = Some(earliest(request.now));
        while let Some(start) = from.filter(|_| taken.len() < request.limit && seen < MOST_READ) {
            let (entries, next) = self.waiting(request.account, (start, LAST), PAGE).await?;
            from = next;
            seen += entries.len();
            let mut open = Vec::new();
            for entry in entries {
                if let Some(status) = entry.ended(request.now) {
                    if ended < MOST_ENDED {
                        ended += 1;
                        let (account, now) = (request.account, request.now);
                        self.end_unleased(account, &entry, status, now).await?;
                    }
                } else if !entry.is_leased(request.now)
                    && request
                        .process
                        .is_none_or(|process| process == entry.process)
                {
                    open.push(entry);
                }
            }
            let mut place = 0;
            while taken.len() < request.limit && !open.is_empty() {
                let wanted = open.len().min(request.limit - taken.len());
                let place_now = open.len().saturating_sub(wanted).min(place);
                let batch: Vec<_> = open.drain(place_now..place_now + wanted).collect();
                let leases = stream::iter(batch).map(|entry| self.lease(request, entry));
                let leased: Vec<_> = leases.buffered(AT_ONCE).try_collect().await?;
                if leased.iter().any(Option::is_none) {
                    place = ids::below(open.len());
                }
                taken.extend(leased.into_iter().flatten());
            }
        }
        taken.sort_unstable_by_key(|entry: &WaitingEntry| u64::from(entry.id));
        Ok(taken)
    }

    /// Returns the entries that an earlier request with the same mark took and still has.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn taken_before(
        &self,
        account: &AccountId,
        by: &str,
        now: Instant,
    ) -> Result<Vec<WaitingEntry>, StoreError> {
        let (mut taken, mut seen, mut from) = (Vec::new(), 0, Some(earliest(now)));
        while let Some(start) = from.filter(|_| seen < MOST_READ) {
            let (entries, next) = self.waiting(account, (start, LAST), PAGE).await?;
            from = next;
            seen += entries.len();
            let own = |entry: &WaitingEntry| {
                entry.taken_by.as_deref() == Some(by) && entry.is_leased(now)
            };
            taken.extend(entries.into_iter().filter(own));
        }
        Ok(taken)
    }

    /// Gives an entry to a taker, if nobody else was faster.
    async fn lease(
        &self,
        request: &TakeRequest<'_>,
        entry: WaitingEntry,
    ) -> Result<Option<WaitingEntry>, StoreError> {
        let attempt = entry.attempts + 1;
        let set = "SET lease_until = :until, taken_by = :by, attempts = :attempt";
        let updated = self
            .update_item(keys::waiting(request.account, entry.id), set, UNLEASED)
            .value(":until", at(request.now.plus(request.lease)))
            .value(":by", s(request.by))
            .value(":attempt", n(attempt))
            .value(":attempts", n(entry.attempts))
            .value(":now", at(request.now))
            .send()
            .await;
        let found = match updated {
            Ok(Updated::Done(item)) => Some(item),
            // An earlier send may have got through without its answer.
            Ok(Updated::Refused(found)) => found,
            // A transaction is ending the entry.
            Err(StoreError::Contended(_)) => None,
            Err(error) => return Err(error),
        };
        let found = found.map(read::<WaitingEntry>).transpose()?;
        let own = |found: &WaitingEntry| {
            found.taken_by.as_deref() == Some(request.by) && found.attempts == attempt
        };
        Ok(found.filter(own))
    }

    /// Gives a taker more time for an entry, from now on.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn extend_lease(
        &self,
        taken: &TakenEntry<'_>,
        lease: Duration,
        now: Instant,
    ) -> Result<LeaseOutcome, StoreError> {
        let key = keys::waiting(taken.account, taken.id);
        let (own, attempt) = match taken.attempt {
            Some(attempt) => ("lease_until > :now AND attempts = :attempt", attempt),
            None => ("lease_until > :now AND attempts >= :attempt", 1),
        };
        let updated = self
            .update_item(key, "SET lease_until = :until", own)
            .value(":until", at(now.plus(lease)))
            .value(":attempt", n(attempt))
            .value(":now", at(now))
            .send()
            .await?;
        Ok(match updated {
            Updated::Done(item) => LeaseOutcome::Extended(read(item)?),
            Updated::Refused(Some(_)) => LeaseOutcome::Lost,
            Updated::Refused(None) => match self.ended_entry(taken).await? {
                Some(_) => LeaseOutcome::Lost,
                None => LeaseOutcome::NotFound,
            },
        })
    }

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
    async fn ended_entry(&self, taken: &TakenEntry<'_>) -> Result<Option<Item>, StoreError> {
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
    async fn end_expired(&self, account: &AccountId, now: Instant) -> Result<(), StoreError> {
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
    async fn end_unleased(
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

    /// Lists the entries that are offered or that a taker has, those behind the entry `after`.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn queue_entries(
        &self,
        account: &AccountId,
        after: Option<QueueId>,
        most: usize,
        now: Instant,
    ) -> Result<QueuePage, StoreError> {
        let from = after.map_or(1, |after| u64::from(after) + 1);
        let (mut entries, next) = self.waiting(account, (from, LAST), most).await?;
        let last = entries
            .last()
            .map(|entry| entry.id)
            .filter(|_| next.is_some());
        entries.retain(|entry| entry.ended(now).is_none());
        Ok(QueuePage { entries, last })
    }

    /// A page of the entries that wait, and the id that the next one begins at.
    async fn waiting(
        &self,
        account: &AccountId,
        (from, to): (u64, u64),
        most: usize,
    ) -> Result<(Vec<WaitingEntry>, Option<u64>), StoreError> {
        let (first, last) = keys::waiting_between(from, to);
        let query = self.query(keys::waiting_partition(account));
        let page = query.between(first, last).limit(most).page().await?;
        let entries = page.items.into_iter().map(read::<WaitingEntry>);
        let entries: Vec<_> = entries.collect::<Result<_, _>>()?;
        let next = entries.last().map(|entry| u64::from(entry.id) + 1);
        Ok((entries, next.filter(|_| page.last.is_some())))
    }
}

/// Above every id.
const LAST: u64 = 9_999_999_999_999_999;

/// The first id of the entries that are still offered.
fn earliest(now: Instant) -> u64 {
    QueueId::first_at(now.minus(OFFERED))
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
