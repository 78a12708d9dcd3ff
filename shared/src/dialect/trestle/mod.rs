//! Trestle's answers (`contracts/trestle.md`).

pub mod field;

use serde::Serialize;

use super::answer::{Answer, plain_status};
use crate::problem::{Encoding, Fault, FieldProblem, Problem};

#[derive(Serialize)]
struct Success {
    status: &'static str,
    error: Option<()>,
}

/// A refusal by access control, with a code and a hint.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Denial {
    error_code: &'static str,
    message: &'static str,
    hint: String,
}

/// Any other refusal, with a word and a sentence.
#[derive(Serialize)]
struct Refusal {
    error: &'static str,
    message: String,
}

/// The body of a refusal.
enum Body {
    Denial(Denial),
    Refusal(Refusal),
}

/// Answers feedback that was recorded.
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

/// Renders a problem.
#[must_use]
pub fn refuse(problem: Problem) -> Answer {
    let answer = match body(&problem) {
        Body::Denial(denial) => {
            // Trestle has no 401. A missing or unknown key gets a 403 too.
            let status = match plain_status(&problem) {
                401 => 403,
                status => status,
            };
            Answer::json(status, &denial).coded(denial.error_code)
        }
        Body::Refusal(refusal) => {
            Answer::json(plain_status(&problem), &refusal).coded(refusal.error)
        }
    };
    answer.because(problem)
}

fn body(problem: &Problem) -> Body {
    match problem {
        Problem::MissingCredential(_) => denied(
            "MISSING_API_KEY",
            "No API key was provided in the request.",
            "Include your API key in the x-api-key header.",
        ),
        Problem::UnknownCredential => denied(
            "INVALID_API_KEY",
            "The API key provided is invalid or has been revoked.",
            "Verify your x-api-key header value or contact support.",
        ),
        Problem::CredentialDisabled => forbidden("disabled"),
        Problem::CredentialExpired => forbidden("expired"),
        Problem::EndpointNotAllowed => forbidden("not allowed on this path"),
        Problem::AddressNotAllowed => forbidden("not allowed from this address"),
        Problem::ProductNotAllowed => forbidden("no access to this product"),
        Problem::AccountNotAllowed => forbidden("no access to this account"),
        Problem::ReadOnly => forbidden("read only"),
        Problem::RateLimited { .. } => denied(
            "RATE_LIMIT_EXCEEDED",
            "You are sending requests too quickly.",
            "Implement exponential backoff and retry.",
        ),
        Problem::QuotaExceeded { .. } => denied(
            "QUOTA_EXCEEDED",
            "Your API quota for this billing period has been exhausted.",
            "Upgrade your plan or wait for the next billing cycle.",
        ),
        Problem::Invalid(faults) => refused("bad_request", every_fault(faults)),
        Problem::MalformedBody {
            encoding: Encoding::Json,
            detail,
        } => refused("bad_request", format!("Malformed JSON: {detail}")),
        Problem::MalformedBody { detail, .. } => {
            refused("bad_request", format!("Malformed body: {detail}"))
        }
        Problem::BodyTooLarge => refused("payload_too_large", "The request body is too large."),
        Problem::UnsupportedCoding => refused(
            "unsupported_media_type",
            "The body's Content-Encoding must be gzip or deflate.",
        ),
        Problem::UnsupportedMediaType => {
            refused("unsupported_media_type", "The body must be JSON.")
        }
        Problem::NotFound => refused("not_found", "There is nothing at this path."),
        Problem::MethodNotAllowed { allow } => refused(
            "method_not_allowed",
            format!("This path takes {allow} only."),
        ),
        Problem::Unavailable(_) | Problem::Contended(_) => refused(
            "service_unavailable",
            "The feedback could not be recorded. Please send it again.",
        ),
        Problem::IdempotencyKeyReused => refused(
            "conflict",
            "The idempotency key came before with other parameters.",
        ),
        Problem::Internal(_) => {
            refused("internal_server_error", "The request could not be served.")
        }
    }
}

fn denied(error_code: &'static str, message: &'static str, hint: &str) -> Body {
    Body::Denial(Denial {
        error_code,
        message,
        hint: hint.to_owned(),
    })
}

/// Denies a request whose key is valid, but not for this request.
fn forbidden(why: &str) -> Body {
    denied(
        "FORBIDDEN",
        "Access denied. Your API key may be disabled, expired, or not authorized for this product.",
        &format!("Contact support with your API key reference. ({why})"),
    )
}

fn refused(error: &'static str, message: impl Into<String>) -> Body {
    Body::Refusal(Refusal {
        error,
        message: message.into(),
    })
}

/// Describes every field at fault: first the missing ones in one sentence, then each broken rule.
fn every_fault(faults: &[FieldProblem]) -> String {
    let missing: Vec<_> = faults
        .iter()
        .filter(|problem| problem.fault == Fault::Missing)
        .map(|problem| problem.name())
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
        .map(|problem| format!("Invalid value for {}: {}", problem.name(), problem.fault));
    missing
        .into_iter()
        .chain(wrong)
        .collect::<Vec<_>>()
        .join("; ")
}
