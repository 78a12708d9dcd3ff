//! A single update outside a transaction, at half the price of one.

use std::time::Duration;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};

use crate::ledger::keys::Key;
use crate::ledger::table::condition::{GUARD_NAME, GUARD_VALUE, guarded};
use crate::ledger::table::error::{StoreError, may_be_done, translate};
use crate::ledger::table::item::{self, Item};
use crate::ledger::table::retry::{Retry, UNCERTAIN_SENDS};
use crate::ledger::table::store::Ledger;

/// An update of one item, to be sent.
pub(in crate::ledger) struct ItemUpdate {
    request: UpdateItemFluentBuilder,
    patience: Duration,
}

/// Outcome of an update of one item.
pub(in crate::ledger) enum Updated {
    /// The item as it is now.
    Done(Item),
    /// The condition did not hold; the item as it was found, if there is one.
    Refused(Option<Item>),
}

impl Ledger {
    /// An update of the item under `key`, on condition.
    pub(in crate::ledger) fn update_item(
        &self,
        key: Key,
        expression: impl Into<String>,
        condition: impl AsRef<str>,
    ) -> ItemUpdate {
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(item::key(key)))
            .update_expression(expression)
            .condition_expression(guarded(condition.as_ref()))
            .expression_attribute_names(GUARD_NAME, "v")
            .expression_attribute_values(GUARD_VALUE, item::version())
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        ItemUpdate {
            request,
            patience: self.patience,
        }
    }
}

impl ItemUpdate {
    /// A name that an expression uses for an attribute.
    pub(in crate::ledger) fn name(
        self,
        name: impl Into<String>,
        attribute: impl Into<String>,
    ) -> Self {
        let request = self.request.expression_attribute_names(name, attribute);
        Self { request, ..self }
    }

    /// A value that an expression uses.
    pub(in crate::ledger) fn value(self, name: impl Into<String>, value: AttributeValue) -> Self {
        let request = self.request.expression_attribute_values(name, value);
        Self { request, ..self }
    }

    /// Sends the update, and sends it again if it may have been done and its answer was lost. An update that
    /// must act once has a mark of its request in it and in its condition.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time, [`StoreError::Contended`] if a
    /// transaction holds the item, and [`StoreError::Later`] if a later version wrote it.
    pub(in crate::ledger) async fn send(self) -> Result<Updated, StoreError> {
        let mut retry = Retry::sending("this item").within(self.patience);
        let mut failure = None;
        loop {
            let contended = retry.next().await;
            contended.map_err(|contended| failure.take().unwrap_or(contended))?;
            let error = match self.request.clone().send().await {
                Ok(answer) => return Ok(Updated::Done(answer.attributes.unwrap_or_default())),
                Err(error) => error,
            };
            if let Some(UpdateItemError::ConditionalCheckFailedException(refused)) =
                error.as_service_error()
            {
                return match refused.item().and_then(item::later) {
                    Some(later) => Err(later),
                    None => Ok(Updated::Refused(refused.item().cloned())),
                };
            }
            if !may_be_done(&error) || retry.made() >= UNCERTAIN_SENDS {
                return Err(translate(error));
            }
            failure = Some(translate(error));
        }
    }
}
