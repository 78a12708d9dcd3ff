//! Taking entries from the dialer's queue (pattern 27), and extending a lease.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::ids;
use crate::ledger::contacts::queue_ends::MOST_ENDED;
use crate::ledger::contacts::waiting::{
    AT_ONCE, LAST, PAGE, TakenEntry, UNLEASED, WaitingEntry, earliest,
};
use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{at, n, read, s};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::update::Updated;
use crate::model::account::AccountId;
use crate::model::queue::CallProcessId;
use crate::model::time::Instant;

/// How many entries one request reads at most.
const MOST_READ: usize = 4_000;

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
}
