//! How far each shard of the stream is published (pattern 81).
//!
//! It only spares repeats: a record that is published twice makes the same events.

use std::time::Duration;

use crate::ledger::events::change::ChangeBatch;
use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{n, s, text, version};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::stream;
use crate::model::time::Instant;

/// For how long a checkpoint is kept: longer than the stream keeps its records.
const KEPT: Duration = Duration::from_secs(3 * 86_400);

impl Ledger {
    /// Returns the sequence number up to which a shard is published, in 40 digits.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn published_up_to(&self, shard: &str) -> Result<Option<String>, StoreError> {
        let found = self.get(keys::published_shard(shard)).await?;
        Ok(found.and_then(|item| text(&item, "sequence").map(str::to_owned)))
    }

    /// Notes that the shard of a batch is published up to a record. An earlier record than is noted changes
    /// nothing.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn note_published(
        &self,
        batch: &ChangeBatch,
        number: &str,
        now: Instant,
    ) -> Result<(), StoreError> {
        let set = "SET #type = :type, v = :v, shard_id = :shard, #sequence = :sequence, expires_at = :expires";
        let earlier = "attribute_not_exists(pk) OR #sequence < :sequence";
        self.update_item(keys::published_shard(&batch.shard), set, earlier)
            .name("#type", "type")
            .name("#sequence", "sequence")
            .value(":type", s("published_shard"))
            .value(":v", version())
            .value(":shard", s(batch.shard.as_str()))
            .value(":sequence", s(stream::sequence(number)))
            .value(":expires", n(now.plus(KEPT).seconds()))
            .send()
            .await
            .map(drop)
    }
}

impl ChangeBatch {
    /// The shard that its records are of.
    #[must_use]
    pub fn shard(&self) -> &str {
        &self.shard
    }
}
