//! The calls that the rest of the ledger made before [`transaction`](super::transaction),
//! [`query`](super::query) and [`retry`](super::retry); it goes when the last of them is converted.

use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Put, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update,
};

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;

use crate::ids;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::error::translate;
use crate::ledger::table::item::Item;
use crate::ledger::table::store::Ledger;

/// How often a transaction is sent while others hold its items: with the pauses below, some 2 seconds.
const ATTEMPTS: u32 = 12;

/// How a transaction ended.
pub(in crate::ledger) enum Transacted {
    /// All of it is written.
    Done,
    /// None of it is: the conditions of these writes did not hold, each with the item found, if any.
    Refused(Vec<(usize, Option<Item>)>),
}

impl Ledger {
    /// Writes all of `writes` or none of them.
    ///
    /// A transaction that meets another on the same item is refused by the store; nothing is wrong with
    /// it, so it is ours to send again.
    pub(in crate::ledger) async fn transact(
        &self,
        writes: Vec<TransactWriteItem>,
    ) -> Result<Transacted, StoreError> {
        for attempt in 0..ATTEMPTS {
            let sent = self
                .client
                .transact_write_items()
                .set_transact_items(Some(writes.clone()))
                .send()
                .await;
            let error = match sent {
                Ok(_) => return Ok(Transacted::Done),
                Err(error) => error,
            };
            match canceled(error.as_service_error()) {
                Some(Canceled::Refused(found)) => return Ok(Transacted::Refused(found)),
                Some(Canceled::Contended) => stand_back(attempt).await,
                None => return Err(translate(error)),
            }
        }
        Err(StoreError::Unavailable(
            "other transactions kept the items busy".to_owned(),
        ))
    }

    /// All items of one partition whose sort key lies between two, both inclusive.
    pub(in crate::ledger) async fn range(
        &self,
        pk: String,
        from: String,
        to: String,
    ) -> Result<Vec<Item>, StoreError> {
        let query = self.client.query();
        let query = query
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .expression_attribute_values(":from", AttributeValue::S(from))
            .expression_attribute_values(":to", AttributeValue::S(to));
        self.every(query).await
    }

    /// All items that a query finds, however many pages they take, as they are at this moment.
    pub(in crate::ledger) async fn every(
        &self,
        query: QueryFluentBuilder,
    ) -> Result<Vec<Item>, StoreError> {
        query
            .table_name(&self.table)
            .consistent_read(true)
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await
            .map_err(translate)
    }

    /// All items of one partition.
    pub(in crate::ledger) async fn partition(&self, pk: String) -> Result<Vec<Item>, StoreError> {
        self.range(pk, "!".to_owned(), "~".to_owned()).await
    }

    /// All items of one partition whose sort key begins with `prefix`.
    pub(in crate::ledger) async fn prefixed(
        &self,
        pk: String,
        prefix: &str,
    ) -> Result<Vec<Item>, StoreError> {
        self.range(pk, prefix.to_owned(), format!("{prefix}~"))
            .await
    }

    /// A put that says what it found when its condition does not hold.
    pub(in crate::ledger) fn put(&self, item: Item, condition: &str) -> PutWrite {
        PutWrite(
            Put::builder()
                .table_name(&self.table)
                .set_item(Some(item))
                .condition_expression(condition)
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                ),
        )
    }

    /// A look at an item that is not changed: the transaction is done only while `condition` holds.
    pub(in crate::ledger) fn check(&self, key: Item, condition: &str) -> CheckWrite {
        CheckWrite(
            ConditionCheck::builder()
                .table_name(&self.table)
                .set_key(Some(key))
                .condition_expression(condition),
        )
    }

    /// An update that says what it found when its condition does not hold.
    pub(in crate::ledger) fn update(
        &self,
        key: Item,
        expression: &str,
        condition: &str,
    ) -> UpdateWrite {
        UpdateWrite(
            Update::builder()
                .table_name(&self.table)
                .set_key(Some(key))
                .update_expression(expression)
                .condition_expression(condition)
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                ),
        )
    }
}

/// Lets others with the same items go first: the longer, the more often they were met.
pub(in crate::ledger) async fn stand_back(attempt: u32) {
    let most = 25_u64 << attempt.min(4);
    let pause = most / 2 + ids::jitter_millis(most / 2);
    tokio::time::sleep(Duration::from_millis(pause)).await;
}

/// A put on its way into a transaction.
pub(in crate::ledger) struct PutWrite(aws_sdk_dynamodb::types::builders::PutBuilder);

/// An update on its way into a transaction.
pub(in crate::ledger) struct UpdateWrite(aws_sdk_dynamodb::types::builders::UpdateBuilder);

/// A look on its way into a transaction.
pub(in crate::ledger) struct CheckWrite(aws_sdk_dynamodb::types::builders::ConditionCheckBuilder);

impl CheckWrite {
    pub(in crate::ledger) fn value(self, name: &str, value: AttributeValue) -> Self {
        Self(self.0.expression_attribute_values(name, value))
    }

    pub(in crate::ledger) fn write(self) -> Result<TransactWriteItem, StoreError> {
        let check = self
            .0
            .build()
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }
}

impl PutWrite {
    pub(in crate::ledger) fn name(self, name: &str, attribute: &str) -> Self {
        Self(self.0.expression_attribute_names(name, attribute))
    }

    pub(in crate::ledger) fn value(self, name: &str, value: AttributeValue) -> Self {
        Self(self.0.expression_attribute_values(name, value))
    }

    pub(in crate::ledger) fn write(self) -> Result<TransactWriteItem, StoreError> {
        let put = self
            .0
            .build()
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

impl UpdateWrite {
    pub(in crate::ledger) fn name(self, name: &str, attribute: &str) -> Self {
        Self(self.0.expression_attribute_names(name, attribute))
    }

    pub(in crate::ledger) fn value(self, name: &str, value: AttributeValue) -> Self {
        Self(self.0.expression_attribute_values(name, value))
    }

    pub(in crate::ledger) fn write(self) -> Result<TransactWriteItem, StoreError> {
        let update = self
            .0
            .build()
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

enum Canceled {
    Refused(Vec<(usize, Option<Item>)>),
    Contended,
}

fn canceled(error: Option<&TransactWriteItemsError>) -> Option<Canceled> {
    let canceled = match error? {
        TransactWriteItemsError::TransactionCanceledException(canceled) => canceled,
        TransactWriteItemsError::TransactionInProgressException(_) => {
            return Some(Canceled::Contended);
        }
        _ => return None,
    };
    let reasons = canceled.cancellation_reasons();
    let code = |reason: &CancellationReason, code: &str| reason.code() == Some(code);
    let refused: Vec<_> = reasons
        .iter()
        .enumerate()
        .filter(|(_, reason)| code(reason, "ConditionalCheckFailed"))
        .map(|(index, reason)| (index, reason.item().cloned()))
        .collect();
    if !refused.is_empty() {
        return Some(Canceled::Refused(refused));
    }
    let busy = [
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
    ];
    let contended = reasons
        .iter()
        .any(|reason| busy.iter().any(|busy| code(reason, busy)))
        || canceled
            .message()
            .is_some_and(|text| text.contains("TransactionConflict"));
    contended.then_some(Canceled::Contended)
}
