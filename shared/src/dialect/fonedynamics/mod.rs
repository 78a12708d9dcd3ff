//! Fone Dynamics' answers: `contracts/fonedynamics.md`. What goes wrong stands in a `ResponseStatus`, with
//! every field at fault.

pub mod field;
pub mod list;
pub mod resource;

use serde::Serialize;

use super::{Answer, plain_status};
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
    field_name: &'static str,
    message: String,
}

/// It was done.
#[must_use]
pub fn success(body: &impl Serialize) -> Answer {
    Answer::json(200, body)
}

/// It was done before, by a request with the same idempotency key, and this is what was answered.
#[must_use]
pub fn again(body: &impl Serialize) -> Answer {
    let mut answer = success(body);
    answer.replayed = true;
    answer
        .headers
        .push(("idempotent-replayed", "true".to_owned()));
    answer
}

/// Says why a request was not done.
#[must_use]
pub fn refuse(problem: Problem) -> Answer {
    let status = match problem {
        Problem::Invalid(_) | Problem::ResultTooLarge { .. } => 400,
        _ => plain_status(&problem),
    };
    let errors = field_errors(&problem);
    let (error_code, message) = match errors.first() {
        Some(first) => (first.error_code, first.message.clone()),
        None => error(&problem),
    };
    let response_status = ResponseStatus {
        error_code,
        message,
        errors,
    };
    let mut answer = Answer::json(status, &Refusal { response_status });
    if status == 401 {
        answer
            .headers
            .push(("www-authenticate", "Basic realm=\"Callbook\"".to_owned()));
    }
    answer.because(problem).coded(error_code)
}

fn field_errors(problem: &Problem) -> Vec<FieldError> {
    let Problem::Invalid(faults) = problem else {
        return Vec::new();
    };
    faults
        .iter()
        .map(|fault| FieldError {
            error_code: code_of(fault),
            field_name: fault.field,
            message: message_of(fault),
        })
        .collect()
}

fn code_of(fault: &FieldProblem) -> &'static str {
    match (&fault.fault, fault.field) {
        (
            Fault::Missing,
            field::ENDPOINT_NUMBER_OR_FLOW | field::DISPOSITION_OR_ENDED | field::ANY_SETTING,
        ) => "ONE_OF_SEVERAL_PARAMETERS_REQUIRED",
        (Fault::Missing, _) => "PARAMETER_REQUIRED",
        (Fault::TooShort(_), _) => "PARAMETER_TOO_SHORT",
        (Fault::TooLong(_), _) => "PARAMETER_TOO_LONG",
        (Fault::NotFound, field) => not_found(field),
        (Fault::Unavailable, field::COUNTRY_CODE) => "COUNTRY_UNAVAILABLE",
        (Fault::Invalid(_) | Fault::Unreadable, field) => unreadable(field),
        (Fault::Unavailable, _) => "PARAMETER_INVALID",
    }
}

fn not_found(field: &str) -> &'static str {
    match field {
        field::ACCOUNT_SID => "ACCOUNT_NOT_FOUND",
        field::PROPERTY_SID => "PROPERTY_NOT_FOUND",
        field::ADDRESS_SID => "ADDRESS_NOT_FOUND",
        field::CALL_SID => "CALL_NOT_FOUND",
        field::NUMBER => "NUMBER_NOT_FOUND",
        field::COUNTRY_CODE => "COUNTRY_NOT_FOUND",
        field::REGION | field::LOCALITY => "LOCATION_NOT_FOUND",
        _ => "PARAMETER_INVALID",
    }
}

fn unreadable(field: &str) -> &'static str {
    match field {
        field::NUMBER | field::ENDPOINT_NUMBER | field::ENDPOINT | field::FROM | field::TO => {
            "INVALID_PHONENUMBER_FORMAT"
        }
        field::COUNTRY_CODE => "INVALID_COUNTRYCODE_FORMAT",
        field::ROUTING_METHOD => "UNKNOWN_ROUTING_METHOD",
        field::RECORDING => "UNKNOWN_RECORDING_OPTION",
        field::CAPABILITIES => "UNKNOWN_CAPABILITY",
        field::DISPOSITION => "UNKNOWN_DISPOSITION",
        field::TYPE => "UNKNOWN_NUMBERTYPE",
        _ => "PARAMETER_INVALID",
    }
}

/// Another account's thing is told as one that never was.
fn nowhere(field: &str) -> &'static str {
    match field {
        field::ACCOUNT_SID => "this is not the token's account",
        field::PROPERTY_SID => "the account has no such property",
        field::ADDRESS_SID => "the account has no such address",
        field::CALL_SID => "the account has no such call",
        field::NUMBER => "the account has no such number, or none such can be bought",
        field::COUNTRY_CODE => "there is no such country",
        _ => "no numbers were ever offered there",
    }
}

fn message_of(fault: &FieldProblem) -> String {
    let name = fault.field;
    match &fault.fault {
        Fault::Missing if name.contains(',') => {
            format!("One of {} is required.", name.replace(',', ", "))
        }
        Fault::Missing => format!("{name} is required."),
        Fault::TooShort(rule) | Fault::TooLong(rule) | Fault::Invalid(rule) => {
            format!("{name}: {rule}.")
        }
        Fault::Unreadable => format!("{name}: {}.", fault.fault),
        Fault::NotFound => format!("{name}: {}.", nowhere(name)),
        Fault::Unavailable => format!("{name}: no numbers are offered there."),
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
        Problem::ResultTooLarge { fits } => {
            return (
                "PARAMETER_INVALID",
                format!("At most {fits} results fit one answer."),
            );
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
        | Problem::ReadOnly
        | Problem::SwitchedOff(_) => ("FORBIDDEN", "This token may not do that."),
        Problem::AddressInUse => (
            "ADDRESS_CANNOT_BE_DELETED",
            "Numbers are linked to this address.",
        ),
        Problem::OtherProperty => (
            "NUMBER_BELONGS_TO_DIFFERENT_PROPERTY",
            "The number belongs to another property than PropertySid.",
        ),
        Problem::NotFound => ("NOT_FOUND", "There is nothing at this path."),
        Problem::IdempotencyKeyReused | Problem::DuplicateQueueEntry | Problem::NoLiveCall => {
            ("CONFLICT", "The request conflicts with an earlier one.")
        }
        Problem::BodyTooLarge => ("BODY_TOO_LARGE", "The body is too large."),
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
            "Nothing was done; the same request may be sent again.",
        ),
        Problem::Internal(_) | Problem::Invalid(_) => {
            ("INTERNAL_ERROR", "The request could not be served.")
        }
    };
    (code, message.to_owned())
}
