//! The dialer's queue (pattern 27): callees that wait, each given to one taker at a time.
//!
//! A taker gets an entry for some time, its lease, and says what became of it. When a lease runs out, the entry is
//! offered again, until it was given [`MOST_ATTEMPTS`] times. The number of the attempt proves who has the entry:
//! once it was given again, an earlier attempt can neither extend nor finish it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::read;
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::phone::PhoneNumber;
use crate::model::queue::{CallProcessId, QueueId, QueueStatus};
use crate::model::time::Instant;

/// How often an entry is given to takers before it has failed.
pub const MOST_ATTEMPTS: u32 = 5;

/// For how long an entry is offered. Nobody wants to be called back a day later.
pub(in crate::ledger) const OFFERED: Duration = Duration::from_secs(24 * 3_600);

/// For how long an entry that nobody ends is kept among those that wait.
pub(in crate::ledger) const KEPT: Duration = Duration::from_secs(7 * 24 * 3_600);

/// How many entries a page has.
pub(super) const PAGE: usize = 100;

/// How many entries are written at the same time.
pub(super) const AT_ONCE: usize = 8;

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
    pub(super) fn ended(&self, now: Instant) -> Option<QueueStatus> {
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

/// Entries that wait, from the earliest to the latest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuePage {
    /// The entries.
    pub entries: Vec<WaitingEntry>,
    /// The entry that the next page begins behind, if there may be one.
    pub last: Option<QueueId>,
}

/// An entry is ended because nobody has it.
pub(super) const UNLEASED: &str = "attempts = :attempts AND \
                        (attribute_not_exists(lease_until) OR lease_until <= :now)";

impl Ledger {
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
    pub(super) async fn waiting(
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
pub(super) const LAST: u64 = 9_999_999_999_999_999;

/// The first id of the entries that are still offered.
pub(super) fn earliest(now: Instant) -> u64 {
    QueueId::first_at(now.minus(OFFERED))
}
