//! Reads a table over the wire. It only reads.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::table::{Item, text};

/// The highest version of an item that the auditor knows.
const VERSION: u32 = 1;

/// How many items DynamoDB reads in a batch.
const BATCH: usize = 100;

/// How many requests run at once.
pub(crate) const AT_ONCE: usize = 16;

/// How often a batch is asked again for what DynamoDB left out of it.
const ATTEMPTS: u32 = 10;

/// Why the table could not be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the table {table}: {cause}")]
pub struct ReadError {
    table: String,
    cause: String,
}

/// The key of an item: partition and sort key.
pub(crate) type Key = (String, String);

/// A table, as an auditor reads it.
#[derive(Clone, Debug)]
pub struct WireTable {
    client: Client,
    table: String,
}

/// One part of a table that is read from its beginning to its end, in the order of DynamoDB.
pub(crate) struct Part<'a> {
    /// The beginning of the partition keys.
    pub(crate) prefix: &'a str,
    /// Which of how many parts, counted from 0.
    pub(crate) number: (i32, i32),
    /// Whether to see everything that was written before.
    pub(crate) consistent: bool,
    /// The attributes to read; words that DynamoDB reserves are not among them.
    pub(crate) attributes: &'a str,
}

impl WireTable {
    /// A table behind a client.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    fn failed(&self, cause: impl Into<String>) -> ReadError {
        ReadError {
            table: self.table.clone(),
            cause: cause.into(),
        }
    }

    /// Checks that no item has a version that this auditor does not know.
    ///
    /// # Errors
    /// Returns `ReadError` for the first that has.
    fn check_versions(&self, items: &[Item]) -> Result<(), ReadError> {
        let later = |item: &&Item| {
            let version = item.get("v").and_then(|v| v.as_n().ok());
            version.is_some_and(|v| !v.parse::<u32>().is_ok_and(|v| v <= VERSION))
        };
        match items.iter().find(later) {
            Some(item) => Err(self.failed(format!(
                "a later version of Callbook wrote a {} in it; audit it with that version",
                text(item, "type").unwrap_or("item").replace('_', " ")
            ))),
            None => Ok(()),
        }
    }

    /// Hands every item of a partition whose sort key begins with `prefix` to `each`, a page at a time.
    ///
    /// # Errors
    /// Returns `ReadError` if DynamoDB does not answer in time or refuses.
    pub(crate) async fn partition(
        &self,
        pk: &str,
        prefix: &str,
        mut each: impl FnMut(Vec<Item>),
    ) -> Result<(), ReadError> {
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()));
        query = if prefix.is_empty() {
            query.key_condition_expression("pk = :pk")
        } else {
            query
                .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
                .expression_attribute_values(":sk", AttributeValue::S(prefix.to_owned()))
        };
        let mut pages = query.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.failed(DisplayErrorContext(error).to_string()))?;
            let items = page.items.unwrap_or_default();
            self.check_versions(&items)?;
            each(items);
        }
        Ok(())
    }

    /// Hands every item of a part of the table to `each`, a page at a time.
    ///
    /// # Errors
    /// Returns `ReadError` if DynamoDB does not answer in time or refuses.
    pub(crate) async fn part(
        &self,
        part: &Part<'_>,
        mut each: impl FnMut(Vec<Item>),
    ) -> Result<(), ReadError> {
        let (number, parts) = part.number;
        let scan = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(part.consistent)
            .segment(number)
            .total_segments(parts)
            .filter_expression("begins_with(pk, :prefix)")
            .expression_attribute_values(":prefix", AttributeValue::S(part.prefix.to_owned()))
            .projection_expression(part.attributes);
        let mut pages = scan.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.failed(DisplayErrorContext(error).to_string()))?;
            each(page.items.unwrap_or_default());
        }
        Ok(())
    }

    /// The items at these keys, in any order, without those that do not exist.
    ///
    /// # Errors
    /// Returns `ReadError` if DynamoDB does not answer in time or refuses.
    pub(crate) async fn items(&self, mut keys: Vec<Key>) -> Result<Vec<Item>, ReadError> {
        keys.sort_unstable();
        keys.dedup();
        let batches = keys.chunks(BATCH).map(|batch| self.batch(batch));
        let found: Vec<Vec<Item>> = stream::iter(batches)
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn batch(&self, keys: &[Key]) -> Result<Vec<Item>, ReadError> {
        let mut found = Vec::new();
        let key = |(pk, sk): &Key| {
            HashMap::from([
                ("pk".to_owned(), AttributeValue::S(pk.clone())),
                ("sk".to_owned(), AttributeValue::S(sk.clone())),
            ])
        };
        let mut left: Vec<HashMap<_, _>> = keys.iter().map(key).collect();
        for attempt in 0..ATTEMPTS {
            let asked = KeysAndAttributes::builder()
                .consistent_read(true)
                .set_keys(Some(left))
                .build()
                .map_err(|error| self.failed(error.to_string()))?;
            let asking = self
                .client
                .batch_get_item()
                .request_items(&self.table, asked);
            let read = asking.send().await;
            let read = read.map_err(|error| self.failed(DisplayErrorContext(error).to_string()))?;
            let mut tables = read.responses.unwrap_or_default();
            let items = tables.remove(&self.table).unwrap_or_default();
            self.check_versions(&items)?;
            found.extend(items);
            let mut rest = read.unprocessed_keys.unwrap_or_default();
            left = rest
                .remove(&self.table)
                .map(|rest| rest.keys)
                .unwrap_or_default();
            if left.is_empty() {
                return Ok(found);
            }
            tokio::time::sleep(Duration::from_millis(25 << attempt)).await;
        }
        Err(self.failed("DynamoDB left out the same items again and again"))
    }
}
