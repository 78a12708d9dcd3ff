//! The ledger on its table, and reads by key.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::clock::Clock;
use crate::ledger::keys;
use crate::ledger::money::known_days::KnownSpans;
use crate::ledger::summary::parts::FullParts;
use crate::ledger::table::end::kept;
use crate::ledger::table::error::{StoreError, translate};
use crate::ledger::table::item::{self, Item};

/// The ledger on one table.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(in crate::ledger) client: Client,
    pub(in crate::ledger) table: String,
    /// How long one piece of work may take; see [`Retry`](crate::ledger::table::retry::Retry).
    pub(in crate::ledger) patience: Duration,
    /// Tells which rows have ended.
    pub(in crate::ledger) clock: Clock,
    /// The parts of callers that are known to be full.
    pub(in crate::ledger) full: FullParts,
    /// The days of billing that are known to be noted.
    pub(in crate::ledger) spans: KnownSpans,
}

/// A command or a local deployment works on until it is done: nobody gives it up after seconds, and the machine
/// may be busy.
const COMMAND_PATIENCE: Duration = Duration::MAX;

impl Ledger {
    /// The ledger that `client` reaches in `table`, for a command or a local deployment.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self {
            client,
            table: table.into(),
            patience: COMMAND_PATIENCE,
            clock: Clock::system(),
            full: FullParts::default(),
            spans: KnownSpans::default(),
        }
    }

    /// The same ledger by another clock, by which rows end (D-734).
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The same ledger, with other patience.
    pub(in crate::ledger) fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Opens the connection before the first request needs it, by one read of an item that does not exist.
    /// Errors are ignored: the first request meets them again.
    pub async fn warm(&self) {
        let _outcome = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(keys::PK, AttributeValue::S("WARM".to_owned()))
            .key(keys::SK, AttributeValue::S("WARM".to_owned()))
            .send()
            .await;
    }

    /// One item, strongly consistent. One whose time is over is not there.
    ///
    /// # Errors
    /// Returns [`StoreError::Later`] if a later version wrote it, as every read does, and
    /// [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub(in crate::ledger) async fn get(&self, key: keys::Key) -> Result<Option<Item>, StoreError> {
        let item = self.get_even_ended(key).await?;
        Ok(item.and_then(|item| kept(item, self.clock.now())))
    }

    /// The same for whoever writes over it: one whose time is over is there until DynamoDB has deleted it.
    ///
    /// # Errors
    /// Those of [`Self::get`].
    pub(in crate::ledger) async fn get_even_ended(
        &self,
        key: keys::Key,
    ) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(item::key(key)))
            .consistent_read(true)
            .send()
            .await
            .map_err(translate)?;
        answer.item.map(item::known).transpose()
    }
}
