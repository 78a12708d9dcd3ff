//! The ledger on its table, and reads by key.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::ledger::keys;
use crate::ledger::table::error::{StoreError, translate};
use crate::ledger::table::item::{self, Item};

/// The ledger on one table.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(in crate::ledger) client: Client,
    pub(in crate::ledger) table: String,
}

impl Ledger {
    /// The ledger that `client` reaches in `table`.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self {
            client,
            table: table.into(),
        }
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

    /// One item, strongly consistent.
    pub(in crate::ledger) async fn get(&self, key: keys::Key) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(item::key(key)))
            .consistent_read(true)
            .send()
            .await
            .map_err(translate)?;
        Ok(answer.item)
    }
}
