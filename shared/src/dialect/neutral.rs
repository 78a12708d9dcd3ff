//! Answers for paths that belong to no vendor: `{"error":CODE,"message":TEXT}`.

use serde::Serialize;

use super::answer::{Answer, plain_status};
use crate::problem::Problem;

#[derive(Serialize)]
struct Refusal {
    error: &'static str,
    message: &'static str,
}

/// Renders a problem.
#[must_use]
pub fn refuse(problem: Problem) -> Answer {
    let message = match problem {
        Problem::NotFound => "There is nothing at this path.",
        Problem::MethodNotAllowed { .. } => "This path does not take this method.",
        Problem::BodyTooLarge => "The request body is too large.",
        Problem::MalformedBody { .. } => "The request cannot be read.",
        Problem::Unavailable(_) | Problem::Contended(_) => "Try again in a moment.",
        Problem::MissingCredential(_)
        | Problem::UnknownCredential
        | Problem::CredentialDisabled
        | Problem::CredentialExpired
        | Problem::ProductNotAllowed
        | Problem::EndpointNotAllowed
        | Problem::AddressNotAllowed
        | Problem::AccountNotAllowed
        | Problem::ReadOnly
        | Problem::RateLimited { .. }
        | Problem::QuotaExceeded { .. }
        | Problem::UnsupportedMediaType
        | Problem::UnsupportedCoding
        | Problem::Invalid(_)
        | Problem::IdempotencyKeyReused
        | Problem::Internal(_) => "The request could not be served.",
    };
    Answer::json(
        plain_status(&problem),
        &Refusal {
            error: match &problem {
                // The reason for a retry does not matter to a client.
                Problem::Contended(_) => "store_unavailable",
                problem => problem.code(),
            },
            message,
        },
    )
    .because(problem)
}
