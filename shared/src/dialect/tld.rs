//! TLD's answers: `contracts/tld.md`.

use serde::Serialize;

use super::{Answer, JSON, plain_status};
use crate::problem::{Encoding, Fault, FieldProblem, Missing, Problem, Switch};

/// The fields of a bill, as faults name them.
pub mod field {
    /// The number that was called.
    pub const DID: &str = "did";
    /// The caller.
    pub const CID: &str = "cid";
    /// How much.
    pub const COST: &str = "cost";
    /// When it was billed.
    pub const DATE_BILLED: &str = "date_billed";
    /// When the call took place.
    pub const CALL_DATE: &str = "call_date";
    /// Anything else.
    pub const NOTES: &str = "notes";
}

#[derive(Serialize)]
struct Refusal<'a> {
    error: &'a str,
}

/// A bill was recorded; `body` is its JSON, which a repeat is answered with again.
#[must_use]
pub fn billed(body: String) -> Answer {
    Answer::new(200, JSON, body)
}

/// A bill was recorded before, and this was the answer.
#[must_use]
pub fn replayed(body: String) -> Answer {
    let mut answer = billed(body);
    answer
        .headers
        .push(("idempotent-replayed", "true".to_owned()));
    answer.replayed = true;
    answer
}

/// Says why a request was not done.
#[must_use]
pub fn refuse(problem: Problem) -> Answer {
    let text = text(&problem);
    Answer::json(plain_status(&problem), &Refusal { error: &text }).because(problem)
}

fn text(problem: &Problem) -> String {
    let text = match problem {
        Problem::MissingCredential(Missing::Name) => "No API ID Provided",
        Problem::MissingCredential(Missing::Secret) => "No API Key Provided",
        Problem::UnknownCredential => "Invalid API ID or API Key",
        Problem::CredentialExpired => "API Key Expired",
        Problem::CredentialDisabled => "API Key Disabled",
        Problem::AddressNotAllowed => "IP Address Not Allowed",
        Problem::EndpointNotAllowed => "Endpoint Not Allowed",
        Problem::ProductNotAllowed => "Product Not Allowed",
        Problem::SwitchedOff(Switch::Dialer | Switch::Carrier) => "TLDialer Not Enabled",
        Problem::SwitchedOff(Switch::CallLog) => "Advanced Call Log Not Enabled",
        Problem::Invalid(faults) => {
            return faults.iter().map(fault).collect::<Vec<_>>().join("; ");
        }
        Problem::MalformedBody {
            encoding: Encoding::Json,
            detail,
        } => {
            return format!("Malformed JSON: {detail}");
        }
        Problem::MalformedBody { detail, .. } => return format!("Malformed Body: {detail}"),
        Problem::NotFound => "Not Found",
        Problem::MethodNotAllowed { .. } => "Method Not Allowed",
        Problem::IdempotencyKeyReused => "Idempotency Key Reused With Different Parameters",
        Problem::BodyTooLarge => "Request Body Too Large",
        Problem::UnsupportedMediaType => "Unsupported Content Type",
        Problem::RateLimited { .. } => "Rate Limit Exceeded",
        Problem::QuotaExceeded { .. } => "Quota Exceeded",
        Problem::Unavailable(_) | Problem::Contended(_) => "TLDialer Connection Error",
        Problem::AccountNotAllowed
        | Problem::ReadOnly
        | Problem::AddressInUse
        | Problem::OtherProperty => "Endpoint Not Allowed",
        Problem::NoLiveCall
        | Problem::DuplicateQueueEntry
        | Problem::ResultTooLarge { .. }
        | Problem::Internal(_) => "Internal Error",
    };
    text.to_owned()
}

fn fault(problem: &FieldProblem) -> &'static str {
    match (problem.field, &problem.fault) {
        (field::DID, Fault::Missing | Fault::Unreadable) => "Missing or Invalid DID",
        (field::CID, Fault::Missing | Fault::Unreadable) => "Missing or Invalid CID",
        (field::DID, _) => "Invalid DID",
        (field::CID, _) => "Invalid CID",
        (field::COST, _) => "Missing or Invalid Cost",
        (field::DATE_BILLED, _) => "Invalid date_billed",
        (field::CALL_DATE, _) => "Invalid call_date",
        (field::NOTES, Fault::TooLong(_)) => "Notes Too Long",
        (field::NOTES, _) => "Invalid notes",
        _ => "Invalid Idempotency-Key",
    }
}
