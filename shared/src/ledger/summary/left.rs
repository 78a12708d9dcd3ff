//! Going on with what a request left: the entries of a pair that are decided in steps.
//!
//! A report moves 20 entries in the transaction that records it, and the request goes on in steps of its own.
//! If it stops half way, the head of the pair still names what is left. The stream shows that head, so whoever
//! follows the stream goes on.

use std::collections::BTreeMap;

use crate::ids;
use crate::ledger::keys;
use crate::ledger::summary::apply::RolledUp;
use crate::ledger::summary::event::StreamBatch;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::store::Ledger;
use crate::model::time::Instant;

impl Ledger {
    /// Adds what a batch changes to the sums, and then notes which bills came at another price than is agreed,
    /// and decides what the pairs of the batch have left.
    ///
    /// If that fails, the whole batch is named as failed. What was added to the sums is skipped when it comes
    /// again.
    pub async fn follow_batch(&self, batch: &StreamBatch) -> RolledUp {
        let mut rolled = self.roll_up(batch).await;
        if rolled.failed.is_none()
            && let Err(error) = self.go_on(batch, &rolled).await
        {
            let first = batch.records.first();
            rolled.failed = first.map(|record| (error, record.number.clone()));
        }
        rolled
    }

    async fn go_on(&self, batch: &StreamBatch, rolled: &RolledUp) -> Result<(), StoreError> {
        self.note_other_prices(&rolled.other_prices).await?;
        self.settle_left(batch).await
    }

    async fn settle_left(&self, batch: &StreamBatch) -> Result<(), StoreError> {
        let mut pairs: BTreeMap<&str, (bool, Instant)> = BTreeMap::new();
        for record in &batch.records {
            if let Some((partition, left)) = &record.pair {
                pairs.insert(partition, (*left, record.created));
            }
        }
        for (partition, (left, now)) in pairs {
            let Some((id, pair)) = keys::pair_of_partition(partition).filter(|_| left) else {
                continue;
            };
            if let Some(account) = self.account(&id).await? {
                self.settle(&account, &pair, ids::guid(), now).await?;
            }
        }
        Ok(())
    }
}
