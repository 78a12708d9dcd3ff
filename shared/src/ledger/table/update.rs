//! A single update outside a transaction, at half the price of one.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};

use crate::ledger::keys::Key;
use crate::ledger::table::error::{StoreError, translate};
use crate::ledger::table::item::{self, Item};
use crate::ledger::table::store::Ledger;

/// An update of one item, to be sent.
pub(in crate::ledger) struct ItemUpdate(UpdateItemFluentBuilder);

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
        condition: impl Into<String>,
    ) -> ItemUpdate {
        ItemUpdate(
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(item::key(key)))
                .update_expression(expression)
                .condition_expression(condition)
                .return_values(ReturnValue::AllNew)
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                ),
        )
    }
}

impl ItemUpdate {
    /// A name that an expression uses for an attribute.
    pub(in crate::ledger) fn name(
        self,
        name: impl Into<String>,
        attribute: impl Into<String>,
    ) -> Self {
        Self(self.0.expression_attribute_names(name, attribute))
    }

    /// A value that an expression uses.
    pub(in crate::ledger) fn value(self, name: impl Into<String>, value: AttributeValue) -> Self {
        Self(self.0.expression_attribute_values(name, value))
    }

    /// Sends the update.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time, and
    /// [`StoreError::Contended`] if a transaction holds the item.
    pub(in crate::ledger) async fn send(self) -> Result<Updated, StoreError> {
        match self.0.send().await {
            Ok(answer) => Ok(Updated::Done(answer.attributes.unwrap_or_default())),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    Ok(Updated::Refused(refused.item().cloned()))
                }
                _ => Err(translate(error)),
            },
        }
    }
}
