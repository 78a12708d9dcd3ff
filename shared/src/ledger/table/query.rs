//! Reads of many items: the one range query, and batches of keys.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::builders::KeysAndAttributesBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::ledger::keys::{self, Key};
use crate::ledger::table::end::{END, kept};
use crate::ledger::table::error::{StoreError, translate};
use crate::ledger::table::item::{self, Item, s};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::model::time::Instant;

/// The most items of a batch; DynamoDB's own limit.
const BATCH: usize = 100;

/// The most batches that are read at the same time.
const CONCURRENT_BATCHES: usize = 8;

/// A query for items of one partition, in the order of their sort keys, strongly consistent.
///
/// It finds the whole partition until [`prefix`](Self::prefix) or [`between`](Self::between) narrows it
/// down, and is run by [`all`](Self::all), [`each`](Self::each) or [`page`](Self::page). Rows that have ended
/// by then are not found.
pub(in crate::ledger) struct RangeQuery(QueryFluentBuilder, Instant);

/// One page of a query.
pub(in crate::ledger) struct Page {
    pub(in crate::ledger) items: Vec<Item>,
    /// The sort key up to which the query was answered, if items may follow.
    pub(in crate::ledger) last: Option<String>,
    /// How many items were read, including those that the filter left out.
    pub(in crate::ledger) scanned: usize,
}

impl Ledger {
    /// A query for the items of `partition`.
    pub(in crate::ledger) fn query(&self, partition: impl Into<String>) -> RangeQuery {
        RangeQuery(
            self.client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", s(partition))
                .consistent_read(true),
            self.clock.now(),
        )
    }

    /// Items by their keys, read strongly, 100 a request and several at a time, in no order; keys without an
    /// item are left out.
    ///
    /// # Errors
    /// As [`Ledger::batch`].
    pub(in crate::ledger) async fn items(&self, wanted: Vec<Key>) -> Result<Vec<Item>, StoreError> {
        self.batches(wanted, KeysAndAttributes::builder()).await
    }

    /// As [`Ledger::items`], with these attributes alone. `projection` is DynamoDB's.
    ///
    /// # Errors
    /// As [`Ledger::batch`].
    pub(in crate::ledger) async fn items_with(
        &self,
        wanted: Vec<Key>,
        projection: &str,
    ) -> Result<Vec<Item>, StoreError> {
        let ask = KeysAndAttributes::builder().projection_expression(with_version(projection));
        self.batches(wanted, ask).await
    }

    async fn batches(
        &self,
        wanted: Vec<Key>,
        ask: KeysAndAttributesBuilder,
    ) -> Result<Vec<Item>, StoreError> {
        let ask = ask.consistent_read(true);
        let batches: Vec<Vec<Key>> = wanted.chunks(BATCH).map(<[Key]>::to_vec).collect();
        let read = stream::iter(batches).map(|batch| self.read_batch(batch, ask.clone()));
        let read = read.buffer_unordered(CONCURRENT_BATCHES);
        let batches: Vec<Vec<Item>> = read.try_collect().await?;
        Ok(batches.into_iter().flatten().collect())
    }

    /// Up to 100 items by their keys, read eventually, in no order; keys without an item are left out.
    /// `projection` and `names` are DynamoDB's.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time or throttles the read again
    /// and again.
    pub(in crate::ledger) async fn batch(
        &self,
        wanted: impl IntoIterator<Item = Key>,
        projection: &str,
        names: &[(&str, &str)],
    ) -> Result<Vec<Item>, StoreError> {
        let names: HashMap<String, String> = names
            .iter()
            .map(|(name, attribute)| ((*name).to_owned(), (*attribute).to_owned()))
            .collect();
        let ask = KeysAndAttributes::builder()
            .projection_expression(with_version(projection))
            .set_expression_attribute_names(Some(names));
        self.read_batch(wanted, ask).await
    }

    async fn read_batch(
        &self,
        wanted: impl IntoIterator<Item = Key>,
        ask: KeysAndAttributesBuilder,
    ) -> Result<Vec<Item>, StoreError> {
        let mut wanted: Vec<Item> = wanted.into_iter().map(item::key).collect();
        let now = self.clock.now();
        let mut found = Vec::new();
        let mut retry = Retry::sending("these items").within(self.patience);
        while !wanted.is_empty() {
            // DynamoDB leaves out what it is too busy for: that is throttling, and no contention.
            let busy = |_| StoreError::Unavailable("part of a batch was throttled".to_owned());
            retry.next().await.map_err(busy)?;
            let ask = ask.clone().set_keys(Some(wanted)).build()?;
            let answer = self
                .client
                .batch_get_item()
                .request_items(&self.table, ask)
                .send()
                .await
                .map_err(translate)?;
            for item in answer.responses.unwrap_or_default().into_values().flatten() {
                found.extend(kept(item::known(item)?, now));
            }
            let left = answer.unprocessed_keys.unwrap_or_default().into_values();
            wanted = left.flat_map(|left| left.keys).collect();
        }
        Ok(found)
    }
}

/// A projection with what every read checks: the version, and the end.
fn with_version(projection: &str) -> String {
    format!("{projection}, v, {END}")
}

impl RangeQuery {
    /// Only items whose sort key begins with `prefix`.
    pub(in crate::ledger) fn prefix(self, prefix: impl Into<String>) -> Self {
        let prefix = prefix.into();
        // DynamoDB takes no empty text for a key.
        if prefix.is_empty() {
            return self;
        }
        Self(
            self.0
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":prefix", s(prefix)),
            self.1,
        )
    }

    /// Only items whose sort key lies between two, both inclusive.
    pub(in crate::ledger) fn between(self, from: impl Into<String>, to: impl Into<String>) -> Self {
        Self(
            self.0
                .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
                .expression_attribute_values(":from", s(from))
                .expression_attribute_values(":to", s(to)),
            self.1,
        )
    }

    /// From the last sort key to the first.
    pub(in crate::ledger) fn descending(self) -> Self {
        Self(self.0.scan_index_forward(false), self.1)
    }

    /// How many items a page reads at most, before the filter.
    pub(in crate::ledger) fn limit(self, items: usize) -> Self {
        Self(
            self.0.limit(i32::try_from(items).unwrap_or(i32::MAX)),
            self.1,
        )
    }

    /// Only items that a DynamoDB condition holds for. They are read, and paid for, all the same.
    pub(in crate::ledger) fn filter(self, expression: impl Into<String>) -> Self {
        Self(self.0.filter_expression(expression), self.1)
    }

    /// Only these attributes of each item.
    pub(in crate::ledger) fn projection(self, expression: impl Into<String>) -> Self {
        let expression: String = expression.into();
        Self(
            self.0.projection_expression(with_version(&expression)),
            self.1,
        )
    }

    /// A name that the filter or the projection uses for an attribute.
    pub(in crate::ledger) fn name(
        self,
        name: impl Into<String>,
        attribute: impl Into<String>,
    ) -> Self {
        Self(self.0.expression_attribute_names(name, attribute), self.1)
    }

    /// A value that the filter uses. `:pk`, `:prefix`, `:from` and `:to` are the query's own.
    pub(in crate::ledger) fn value(self, name: impl Into<String>, value: AttributeValue) -> Self {
        Self(self.0.expression_attribute_values(name, value), self.1)
    }

    /// Every item, however many pages it takes.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub(in crate::ledger) async fn all(self) -> Result<Vec<Item>, StoreError> {
        let mut found = Vec::new();
        self.each(|item| {
            found.push(item);
            Ok(())
        })
        .await?;
        Ok(found)
    }

    /// Hands every item to `take`, page by page, so that no more than a page lies in memory.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time, and the first error of
    /// `take`.
    pub(in crate::ledger) async fn each(
        self,
        mut take: impl FnMut(Item) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut items = self.0.into_paginator().items().send();
        while let Some(item) = items.try_next().await.map_err(translate)? {
            if let Some(item) = kept(item::known(item)?, self.1) {
                take(item)?;
            }
        }
        Ok(())
    }

    /// The first page: as many items as [`limit`](Self::limit) says, or 1 MB of them.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub(in crate::ledger) async fn page(self) -> Result<Page, StoreError> {
        let answer = self.0.send().await.map_err(translate)?;
        let last = answer.last_evaluated_key.as_ref();
        let known = answer
            .items
            .unwrap_or_default()
            .into_iter()
            .map(item::known);
        Ok(Page {
            last: last
                .and_then(|key| item::text(key, keys::SK))
                .map(str::to_owned),
            items: known
                .filter_map(|item| item.map(|item| kept(item, self.1)).transpose())
                .collect::<Result<_, _>>()?,
            scanned: usize::try_from(answer.scanned_count).unwrap_or(0),
        })
    }
}
