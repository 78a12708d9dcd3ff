//! Fone Dynamics' answers (`contracts/fonedynamics.md`).
//!
//! Errors are in a `ResponseStatus`, with every field at fault.

pub mod field;
pub mod list;
pub mod resource;

use std::borrow::Cow;

use serde::Serialize;

use super::answer::{Answer, plain_status};
use crate::model::field::Subject;
use crate::problem::{Fault, FieldProblem, Problem};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Refusal {
    response_status: ResponseStatus,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ResponseStatus {
    error_code: &'static str,
    message: String,
    errors: Vec<FieldError>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct FieldError {
    error_code: &'static str,
    field_name: Cow<'static, str>,
    message: String,
}

/// Answers a request that succeeded.
#[must_use]
pub fn success(body: &impl Serialize) -> Answer {
    Answer::json(200, body)
}

/// Refuses to delete an address that still has linked numbers.
#[must_use]
pub fn address_in_use() -> Answer {
    let message = "Numbers are linked to this address.";
    refusal(403, "ADDRESS_CANNOT_BE_DELETED", message, Vec::new()).refusing("address_in_use")
}

/// Refuses a number that belongs to a different property of the account than the request names.
#[must_use]
pub fn other_property() -> Answer {
    let code = "NUMBER_BELONGS_TO_DIFFERENT_PROPERTY";
    let message = "The number belongs to another property than PropertySid.";
    refusal(403, code, message, Vec::new()).refusing("other_property")
}

/// Renders a problem.
#[must_use]
pub fn refuse(problem: Problem) -> Answer {
    let status = plain_status(&problem);
    let errors = field_errors(&problem);
    let (error_code, message) = match errors.first() {
        Some(first) => (first.error_code, first.message.clone()),
        None => error(&problem),
    };
    let mut answer = refusal(status, error_code, message, errors);
    if status == 401 {
        answer
            .headers
            .push(("www-authenticate", "Basic realm=\"Callbook\"".to_owned()));
    }
    answer.because(problem)
}

fn refusal(
    status: u16,
    error_code: &'static str,
    message: impl Into<String>,
    errors: Vec<FieldError>,
) -> Answer {
    let response_status = ResponseStatus {
        error_code,
        message: message.into(),
        errors,
    };
    Answer::json(status, &Refusal { response_status }).coded(error_code)
}

fn field_errors(problem: &Problem) -> Vec<FieldError> {
    let Problem::Invalid(faults) = problem else {
        return Vec::new();
    };
    faults
        .iter()
        .map(|fault| FieldError {
            error_code: fault.code_or("PARAMETER_INVALID"),
            field_name: fault.name(),
            message: message_of(fault),
        })
        .collect()
}

fn message_of(problem: &FieldProblem) -> String {
    let FieldProblem { subject, fault } = problem;
    let name = subject.name();
    match (fault, subject) {
        (Fault::Missing, Subject::Group(group)) => {
            format!("One of {} is required.", group.names(", "))
        }
        (Fault::Missing, Subject::Field(_)) => format!("{name} is required."),
        // Another account's resource is answered like one that does not exist.
        (Fault::NotFound, Subject::Field(field)) => {
            format!("{name}: {}.", field.codes.not_found_text)
        }
        (Fault::Unavailable, _) => format!("{name}: no numbers are offered there."),
        (
            Fault::Missing
            | Fault::NotFound
            | Fault::TooShort(_)
            | Fault::TooLong(_)
            | Fault::Invalid(_)
            | Fault::Unreadable,
            _,
        ) => format!("{name}: {fault}."),
    }
}

fn error(problem: &Problem) -> (&'static str, String) {
    let (code, message) = match problem {
        Problem::MalformedBody { detail, .. } => {
            return (
                "PARAMETER_INVALID",
                format!("The body cannot be read: {detail}."),
            );
        }
        Problem::MethodNotAllowed { allow } => {
            return ("METHOD_NOT_ALLOWED", format!("This path takes {allow}."));
        }
        Problem::MissingCredential(_)
        | Problem::UnknownCredential
        | Problem::CredentialDisabled
        | Problem::CredentialExpired => (
            "UNAUTHORIZED",
            "The account sid or the token is missing or wrong.",
        ),
        Problem::ProductNotAllowed
        | Problem::EndpointNotAllowed
        | Problem::AddressNotAllowed
        | Problem::AccountNotAllowed
        | Problem::ReadOnly => ("FORBIDDEN", "This token may not do that."),
        Problem::NotFound => ("NOT_FOUND", "There is nothing at this path."),
        Problem::IdempotencyKeyReused => ("CONFLICT", "The request conflicts with an earlier one."),
        Problem::BodyTooLarge => ("BODY_TOO_LARGE", "The body is too large."),
        Problem::UnsupportedCoding => (
            "UNSUPPORTED_MEDIA_TYPE",
            "Send the body without Content-Encoding, or as gzip or deflate.",
        ),
        Problem::UnsupportedMediaType => (
            "UNSUPPORTED_MEDIA_TYPE",
            "Send application/json, application/x-www-form-urlencoded or multipart/form-data.",
        ),
        Problem::RateLimited { .. } => {
            ("RATE_LIMIT_EXCEEDED", "Too many requests; see Retry-After.")
        }
        Problem::QuotaExceeded { .. } => (
            "QUOTA_EXCEEDED",
            "The month's quota is used up; see Retry-After.",
        ),
        Problem::Unavailable(_) | Problem::Contended(_) => (
            "SERVICE_UNAVAILABLE",
            "Temporary failure. Send the same request again.",
        ),
        Problem::Internal(_) | Problem::Invalid(_) => {
            ("INTERNAL_ERROR", "The request could not be served.")
        }
    };
    (code, message.to_owned())
}
