//! TLD's answers (`contracts/tld.md`).

pub mod field;

use serde::Serialize;

use super::answer::{Answer, JSON, plain_status};
use crate::problem::{Encoding, FieldProblem, Missing, Problem};

#[derive(Serialize)]
struct Refusal<'a> {
    error: &'a str,
}

/// Answers a recorded bill with its JSON `body`. Repeats get the same body.
#[must_use]
pub fn billed(body: String) -> Answer {
    Answer::new(200, JSON, body)
}

/// Answers a repeated bill with the body of the first answer.
#[must_use]
pub fn replayed(body: String) -> Answer {
    let mut answer = billed(body);
    answer
        .headers
        .push(("idempotent-replayed", "true".to_owned()));
    answer.replayed = true;
    answer
}

/// A feature that an account must have enabled to send bills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// The dialer.
    Dialer,
    /// The advanced call log.
    CallLog,
}

/// Refuses a bill because the account does not have a feature enabled.
#[must_use]
pub fn not_enabled(feature: Feature) -> Answer {
    let error = match feature {
        Feature::Dialer => "TLDialer Not Enabled",
        Feature::CallLog => "Advanced Call Log Not Enabled",
    };
    Answer::json(403, &Refusal { error }).refusing("switched_off")
}

/// Renders a problem.
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
        Problem::AccountNotAllowed => "Account Not Allowed",
        Problem::ReadOnly => "API Key Is Read Only",
        Problem::Invalid(faults) => {
            let texts: Vec<_> = faults.iter().map(FieldProblem::code).collect();
            return texts.join("; ");
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
        Problem::UnsupportedMediaType | Problem::UnsupportedCoding => "Unsupported Content Type",
        Problem::RateLimited { .. } => "Rate Limit Exceeded",
        Problem::QuotaExceeded { .. } => "Quota Exceeded",
        Problem::Unavailable(_) | Problem::Contended(_) => "TLDialer Connection Error",
        Problem::Internal(_) => "Internal Error",
    };
    text.to_owned()
}
