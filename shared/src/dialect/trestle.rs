//! Trestle's answers: `contracts/trestle.md`.

use serde::Serialize;

use super::{Answer, plain_status};
use crate::problem::{Encoding, Fault, FieldProblem, Problem};

#[derive(Serialize)]
struct Success {
    status: &'static str,
    error: Option<()>,
}

#[derive(Serialize)]
struct BadRequest<'a> {
    error: &'static str,
    message: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Refusal {
    error_code: &'static str,
    message: &'static str,
    hint: &'static str,
}

/// The feedback was received.
#[must_use]
pub fn received() -> Answer {
    Answer::json(
        200,
        &Success {
            status: "success",
            error: None,
        },
    )
}

/// Says why a request was not done.
#[must_use]
pub fn refuse(problem: Problem) -> Answer {
    let answer = match refusal(&problem) {
        Some((status, refusal)) => Answer::json(status, &refusal).coded(refusal.error_code),
        None => {
            let (error, message) = plain(&problem);
            Answer::json(
                plain_status(&problem),
                &BadRequest {
                    error,
                    message: &message,
                },
            )
            .coded(error)
        }
    };
    answer.because(problem)
}

const FORBIDDEN: &str =
    "Access denied. Your API key may be disabled, expired, or not authorized for this product.";

/// The refusals that have a code and a hint.
fn refusal(problem: &Problem) -> Option<(u16, Refusal)> {
    let refusal = |status, error_code, message, hint| {
        Some((
            status,
            Refusal {
                error_code,
                message,
                hint,
            },
        ))
    };
    match problem {
        Problem::MissingCredential(_) => refusal(
            403,
            "MISSING_API_KEY",
            "No API key was provided in the request.",
            "Include your API key in the x-api-key header.",
        ),
        Problem::UnknownCredential => refusal(
            403,
            "INVALID_API_KEY",
            "The API key provided is invalid or has been revoked.",
            "Verify your x-api-key header value or contact support.",
        ),
        Problem::CredentialDisabled => refusal(
            403,
            "FORBIDDEN",
            FORBIDDEN,
            "Contact support with your API key reference. (disabled)",
        ),
        Problem::CredentialExpired => refusal(
            403,
            "FORBIDDEN",
            FORBIDDEN,
            "Contact support with your API key reference. (expired)",
        ),
        Problem::EndpointNotAllowed => refusal(
            403,
            "FORBIDDEN",
            FORBIDDEN,
            "Contact support with your API key reference. (not allowed on this path)",
        ),
        Problem::AddressNotAllowed => refusal(
            403,
            "FORBIDDEN",
            FORBIDDEN,
            "Contact support with your API key reference. (not allowed from this address)",
        ),
        Problem::ProductNotAllowed
        | Problem::AccountNotAllowed
        | Problem::ReadOnly
        | Problem::AddressInUse
        | Problem::OtherProperty
        | Problem::SwitchedOff(_) => refusal(
            403,
            "FORBIDDEN",
            FORBIDDEN,
            "Contact support with your API key reference. (no access to this product)",
        ),
        Problem::RateLimited { .. } => refusal(
            429,
            "RATE_LIMIT_EXCEEDED",
            "You are sending requests too quickly.",
            "Implement exponential backoff and retry.",
        ),
        Problem::QuotaExceeded { .. } => refusal(
            429,
            "QUOTA_EXCEEDED",
            "Your API quota for this billing period has been exhausted.",
            "Upgrade your plan or wait for the next billing cycle.",
        ),
        _ => None,
    }
}

/// The refusals that have a word and a sentence.
fn plain(problem: &Problem) -> (&'static str, String) {
    match problem {
        Problem::Invalid(faults) => ("bad_request", every_fault(faults)),
        Problem::MalformedBody {
            encoding: Encoding::Json,
            detail,
        } => ("bad_request", format!("Malformed JSON: {detail}")),
        Problem::MalformedBody { detail, .. } => {
            ("bad_request", format!("Malformed body: {detail}"))
        }
        Problem::BodyTooLarge => (
            "payload_too_large",
            "The request body is too large.".to_owned(),
        ),
        Problem::UnsupportedMediaType => (
            "unsupported_media_type",
            "The body must be JSON.".to_owned(),
        ),
        Problem::NotFound => ("not_found", "There is nothing at this path.".to_owned()),
        Problem::MethodNotAllowed { allow } => (
            "method_not_allowed",
            format!("This path takes {allow} only."),
        ),
        Problem::Unavailable(_) | Problem::Contended(_) => (
            "service_unavailable",
            "The feedback could not be recorded. Please send it again.".to_owned(),
        ),
        _ => (
            "internal_server_error",
            "The request could not be served.".to_owned(),
        ),
    }
}

/// Every field at fault in one sentence or more: the missing ones together, then each rule broken.
fn every_fault(faults: &[FieldProblem]) -> String {
    let missing: Vec<_> = faults
        .iter()
        .filter(|problem| problem.fault == Fault::Missing)
        .map(|problem| problem.field)
        .collect();
    let label = if missing.len() == 1 {
        "field"
    } else {
        "fields"
    };
    let missing =
        (!missing.is_empty()).then(|| format!("Missing required {label}: {}", missing.join(", ")));
    let wrong = faults
        .iter()
        .filter(|problem| problem.fault != Fault::Missing)
        .map(|problem| format!("Invalid value for {}: {}", problem.field, problem.fault));
    missing
        .into_iter()
        .chain(wrong)
        .collect::<Vec<_>>()
        .join("; ")
}
