//! What can go wrong between the product and its table, and the one translation of the SDK's errors.

use std::error::Error;
use std::fmt;

use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};

use crate::ledger::table::condition::VERSION;
use crate::problem::{Cause, Problem};

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// DynamoDB did not answer in time, or throttled the request. The same request may succeed later.
    #[error("the store did not answer: {0}")]
    Unavailable(String),
    /// Others changed the same items each time that the request was tried. The store is well; the same
    /// request may succeed at once. Names what was contended, never a value.
    #[error("too many concurrent updates of {0}; retry")]
    Contended(&'static str),
    /// A later version wrote an item that the request needs. It is neither read nor written, because this version
    /// would misread it, or lose what it does not know. Names its type, never a value.
    #[error(
        "a later version of Callbook wrote this {kind} (item version {found}; this one knows up to {VERSION}); update this one"
    )]
    Later {
        /// The item's type, in words.
        kind: String,
        /// The item's version.
        found: String,
    },
    /// DynamoDB refused the request for good, or an item is not what was written.
    #[error("the store could not serve: {0}")]
    Broken(String),
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            // A client that sends the request again reaches the later version in the end.
            StoreError::Unavailable(_) | StoreError::Later { .. } => {
                Self::Unavailable(Cause::of(&error))
            }
            StoreError::Contended(_) => Self::Contended(Cause::of(&error)),
            StoreError::Broken(_) => Self::Internal(Cause::of(&error)),
        }
    }
}

/// A request that lacks a part, which is a bug of the ledger's.
impl From<BuildError> for StoreError {
    fn from(error: BuildError) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Whether a write may have been done although an error came in place of its answer: it was cut off, came too
/// late, could not be read, or the store failed while it worked.
pub(in crate::ledger) fn may_be_done<E, R>(error: &SdkError<E, R>) -> bool
where
    E: ProvideErrorMetadata,
{
    match error {
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) | SdkError::DispatchFailure(_) => {
            true
        }
        // An answer of status 200 whose body cannot be read is a service error without a code, too.
        SdkError::ServiceError(service) => matches!(
            service.err().code(),
            None | Some("InternalServerError" | "InternalFailure" | "ServiceUnavailable")
        ),
        _ => false,
    }
}

/// The innermost source of an error; the ones around it may quote the whole request.
fn root(error: &(dyn Error + 'static)) -> String {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root.to_string()
}

/// Translates an SDK error. Callers that expect a certain service error match it before they call this.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it consumes the error, as `map_err` expects"
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
            // A message may quote keys, and keys hold phone numbers, so only the code is kept. The four
            // codes whose message is kept as well are about the caller or the table, never about an item.
            let code = service.err().code().unwrap_or("no code").to_owned();
            match code.as_str() {
                "ThrottlingException"
                | "ProvisionedThroughputExceededException"
                | "RequestLimitExceeded"
                | "InternalServerError"
                | "InternalFailure"
                | "ServiceUnavailable"
                | "LimitExceededException" => StoreError::Unavailable(code),
                "TransactionInProgressException"
                | "TransactionConflictException"
                | "ReplicatedWriteConflictException" => StoreError::Contended("this item"),
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
