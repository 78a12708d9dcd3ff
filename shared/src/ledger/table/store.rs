//! The table: reads by key and by range, and the one translation of the SDK's errors.

use std::error::Error;
use std::fmt;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;

use super::item::{self, Item};
use crate::ledger::keys;
use crate::problem::{Cause, Problem};

/// The ledger on one table.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(in crate::ledger) client: Client,
    pub(in crate::ledger) table: String,
}

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It did not answer in time, or is too busy: the same request may succeed later.
    #[error("the store did not answer: {0}")]
    Unavailable(String),
    /// It refused the request for good, or what it holds is not what was written.
    #[error("the store could not serve: {0}")]
    Broken(String),
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Unavailable(_) => Self::Unavailable(Cause::of(&error)),
            StoreError::Broken(_) => Self::Internal(Cause::of(&error)),
        }
    }
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

    /// Opens the connection before the first request needs it: one read of an item that is not there.
    /// What goes wrong here is left for the first request to find.
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
}

/// What an error came from in the end; what lies between may quote the whole request.
fn root(error: &(dyn Error + 'static)) -> String {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root.to_string()
}

/// The only translation of the SDK's errors; a call that expects one of them looks before it comes here.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it ends the error's life, and fits `map_err`"
)]
pub(in crate::ledger) fn translate<E, R>(error: SdkError<E, R>) -> StoreError
where
    E: ProvideErrorMetadata + Error + 'static,
    R: fmt::Debug + 'static,
{
    match &error {
        SdkError::TimeoutError(_) => StoreError::Unavailable("timed out".to_owned()),
        SdkError::DispatchFailure(failure) => {
            let kind = if failure.is_timeout() {
                "connection timed out"
            } else if failure.is_io() {
                "no connection"
            } else {
                "the request could not be sent"
            };
            StoreError::Unavailable(format!("{kind}: {}", root(&error)))
        }
        SdkError::ResponseError(_) => StoreError::Unavailable("unreadable answer".to_owned()),
        SdkError::ServiceError(service) => {
            // The message may quote keys, and keys hold numbers: only the code goes on, and what is said about
            // the caller and the table, where nothing was looked at yet.
            let code = service.err().code().unwrap_or("no code").to_owned();
            match code.as_str() {
                "ThrottlingException"
                | "ProvisionedThroughputExceededException"
                | "RequestLimitExceeded"
                | "InternalServerError"
                | "InternalFailure"
                | "ServiceUnavailable"
                | "LimitExceededException"
                | "TransactionInProgressException"
                | "TransactionConflictException"
                | "ReplicatedWriteConflictException" => StoreError::Unavailable(code),
                // A 5xx of something between here and the store comes without a code.
                "no code" => StoreError::Unavailable(code),
                "AccessDeniedException"
                | "ResourceNotFoundException"
                | "UnrecognizedClientException"
                | "ExpiredTokenException" => {
                    let said = service.err().message().unwrap_or_default();
                    StoreError::Broken(format!("{code}: {said}"))
                }
                _ => StoreError::Broken(code),
            }
        }
        _ => StoreError::Broken(format!("the request could not be built: {}", root(&error))),
    }
}
