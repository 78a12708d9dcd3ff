//! How far the sums have followed each shard of the table's stream (pattern 72), and pulses (74).
//!
//! A shard without writes says nothing, so its checkpoint would grow old although nothing is left to be
//! applied. Pulses are writes whose only purpose is that every shard has a record now and then.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ledger::summary::names;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{at, n, read, text};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::Transaction;
use crate::model::account::AccountId;
use crate::model::time::Instant;

/// How many pulses there are. They are spread over the table's partitions by their keys.
const PULSES: u8 = 16;

/// How much older than the newest a checkpoint may be and still be of a shard that is open.
///
/// DynamoDB replaces a shard by another every few hours and never says that the old one is at its end. An
/// open shard has a pulse every minute.
const OPEN: Duration = Duration::from_secs(600);

/// For how long a checkpoint is kept: longer than the stream keeps its records.
const KEPT: Duration = Duration::from_secs(3 * 86_400);

/// How far one shard was followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::ledger) struct Checkpoint {
    #[serde(rename = "shard_id")]
    pub(in crate::ledger) shard: String,
    /// The sequence number of the last record that was applied, in 40 digits.
    pub(in crate::ledger) sequence: String,
    /// When that record's change was made.
    pub(in crate::ledger) applied_at: Instant,
    /// In seconds, for the table's TTL.
    pub(in crate::ledger) expires_at: i64,
}

impl Checkpoint {
    pub(in crate::ledger) fn new(shard: &str, sequence: String, applied_at: Instant) -> Self {
        Self {
            shard: shard.to_owned(),
            sequence,
            applied_at,
            expires_at: applied_at.plus(KEPT).seconds(),
        }
    }
}

/// How current the sums of an account are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SummaryState {
    /// Everything that was written until then is in the sums; `None` if no record was ever applied.
    pub as_of: Option<Instant>,
    /// Whether entries are being decided in steps.
    pub settling: bool,
}

impl Ledger {
    /// Writes the pulses.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn pulse(&self, now: Instant) -> Result<(), StoreError> {
        let mut transaction = Transaction::new();
        for number in 0..PULSES {
            let attributes = [("place", n(number)), ("at", at(now))];
            let attributes = attributes.map(|(name, value)| (name.to_owned(), Some(value)));
            transaction.upsert((), names::pulse(number), "pulse", attributes);
        }
        self.commit(transaction).await.map(drop)
    }

    /// Returns the sequence number up to which a shard was applied, without leading zeros.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn rolled_up_to(&self, shard: &str) -> Result<Option<String>, StoreError> {
        let found = self.checkpoint(shard).await?;
        Ok(found.map(|found| found.sequence.trim_start_matches('0').to_owned()))
    }

    pub(in crate::ledger) async fn checkpoint(
        &self,
        shard: &str,
    ) -> Result<Option<Checkpoint>, StoreError> {
        let item = self.get(names::rollup_checkpoint(shard)).await?;
        item.map(read).transpose()
    }

    /// Returns how current the sums of an account are. Read it before the sums: they may be newer.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn summary_state(&self, account: &AccountId) -> Result<SummaryState, StoreError> {
        let checkpoints = self.query(names::ROLLUP).all();
        let settling = self.is_settling(account);
        let (checkpoints, settling) = futures_util::try_join!(checkpoints, settling)?;
        let checkpoints: Vec<Checkpoint> = checkpoints
            .into_iter()
            .filter(|item| text(item, "type") == Some("rollup_shard"))
            .map(read)
            .collect::<Result<_, _>>()?;
        let times = checkpoints.iter().map(|found| found.applied_at);
        let newest = times.clone().max();
        let open = newest.map(|newest| newest.minus(OPEN));
        Ok(SummaryState {
            as_of: times.filter(|at| Some(*at) >= open).min(),
            settling,
        })
    }

    /// Returns whether entries of an account are being decided in steps (pattern 73), some seconds late.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn is_settling(&self, account: &AccountId) -> Result<bool, StoreError> {
        let item = self.get(names::settling(account)).await?;
        let pairs = item.and_then(|item| item.get("pairs")?.as_n().ok()?.parse::<i64>().ok());
        Ok(pairs.is_some_and(|pairs| pairs > 0))
    }
}
