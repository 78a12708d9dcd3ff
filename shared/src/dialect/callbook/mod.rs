//! The answers of Callbook's own API (`contracts/callbook.md`).
//!
//! Errors are problem details as RFC 9457 defines them, with every field at fault.

pub mod calls;
pub mod costs;
pub mod field;
pub mod invoice;
pub mod invoice_field;
pub mod requests;
pub mod resource;

use serde::Serialize;

use super::answer::{Answer, plain_status};
use crate::model::id::Guid;
use crate::problem::{FieldProblem, Problem};

/// The media type of RFC 9457.
const PROBLEM: &str = "application/problem+json";

/// The beginning of a problem's `type`; the log's word for the problem follows.
const TYPE: &str = "urn:callbook:problem:";

/// Problem details.
#[derive(Serialize)]
struct Details {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: String,
    guid: String,
    errors: Vec<FieldError>,
}

#[derive(Serialize)]
struct FieldError {
    field: String,
    message: String,
}

/// Answers a request that succeeded.
#[must_use]
pub fn success(body: &impl Serialize) -> Answer {
    Answer::json(200, body)
}

/// Answers a request that created something.
#[must_use]
pub fn created(body: &impl Serialize) -> Answer {
    Answer::json(201, body)
}

/// Marks an answer as that of an earlier request with the same idempotency key.
#[must_use]
pub fn replayed(mut answer: Answer) -> Answer {
    answer.replayed = true;
    answer
        .headers
        .push(("idempotent-replayed", "true".to_owned()));
    answer
}

/// Refuses a request about a vendor that the account does not have.
#[must_use]
pub fn vendor_not_found(guid: Guid) -> Answer {
    refusal(
        404,
        "vendor_not_found",
        "Not found",
        "The account has no such vendor.",
        guid,
    )
}

/// Refuses a request about a cost that the account does not have.
#[must_use]
pub fn cost_not_found(guid: Guid) -> Answer {
    let detail = "The account has no such cost.";
    refusal(404, "cost_not_found", "Not found", detail, guid)
}

/// Refuses a request about a call that the account does not have.
#[must_use]
pub fn call_not_found(guid: Guid) -> Answer {
    let detail = "The account has no such call.";
    refusal(404, "call_not_found", "Not found", detail, guid)
}

/// Refuses a request about a queue entry that the account does not have.
#[must_use]
pub fn queue_entry_not_found(guid: Guid) -> Answer {
    let detail = "The account has no such entry in its queue.";
    refusal(404, "queue_entry_not_found", "Not found", detail, guid)
}

/// Refuses a request about a queue entry that is not the taker's.
#[must_use]
pub fn lease_lost(guid: Guid) -> Answer {
    let detail = "The entry is not yours: nobody has taken it, its lease has run out, another taker has it, or \
                  it is over. Take an entry again.";
    refusal(409, "lease_lost", "Conflict", detail, guid)
}

/// Refuses a request about a webhook that the account does not have.
#[must_use]
pub fn webhook_not_found(guid: Guid) -> Answer {
    let detail = "The account has no such webhook.";
    refusal(404, "webhook_not_found", "Not found", detail, guid)
}

/// Refuses a request about a delivery that the account does not have, or no longer.
#[must_use]
pub fn delivery_not_found(guid: Guid) -> Answer {
    let detail = "The account has no such delivery. Deliveries are kept for 30 days.";
    refusal(404, "delivery_not_found", "Not found", detail, guid)
}

/// Refuses to send something to a webhook that is disabled.
#[must_use]
pub fn webhook_disabled(guid: Guid) -> Answer {
    let detail = "The webhook is disabled. Enable it with PATCH first.";
    refusal(409, "webhook_disabled", "Conflict", detail, guid)
}

/// Refuses to create a webhook for an account that has as many as it can have.
#[must_use]
pub fn too_many_webhooks(guid: Guid, most: usize) -> Answer {
    let detail = format!(
        "The account has {most} webhooks, the most that an account can have. Change or delete one of them."
    );
    refusal(409, "too_many_webhooks", "Conflict", detail, guid)
}

/// Refuses a request about calls and costs of which earlier versions wrote some in another layout.
#[must_use]
pub fn not_migrated(guid: Guid) -> Answer {
    let detail = "An earlier version wrote calls and costs of the account. They are not converted yet, so \
                  lists and sums would leave some out. Run `callbook migrate`.";
    refusal(409, "account_not_migrated", "Conflict", detail, guid)
}

/// Refuses to create a vendor whose id another vendor of the account has.
#[must_use]
pub fn vendor_exists(guid: Guid) -> Answer {
    let detail = "The account has another vendor of this vendor_id. Change that one with PATCH, or choose \
                  another id.";
    refusal(409, "vendor_exists", "Conflict", detail, guid)
}

/// Refuses terms of a vendor that has as many as it can have.
#[must_use]
pub fn too_many_terms(guid: Guid, most: usize) -> Answer {
    let detail = format!(
        "The vendor has {most} terms, the most that a vendor can have. Change the terms of a day that has some."
    );
    refusal(409, "too_many_terms", "Conflict", detail, guid)
}

/// The answer to a decision about a cost that its call has left out for later bills.
#[must_use]
pub fn cost_archived(guid: Guid) -> Answer {
    let detail =
        "more than 40 later bills of its call replaced the cost, which therefore stays superseded";
    refusal(409, "cost_archived", "Conflict", detail, guid)
}

/// The answer to a decision about a cost whose call is kept no longer.
#[must_use]
pub fn call_gone(guid: Guid) -> Answer {
    let detail = "The account keeps the cost for longer than its call, and the call has ended. Make an adjustment of the \
                  cost instead.";
    refusal(409, "call_gone", "Conflict", detail, guid)
}

/// Makes a refusal that only this dialect has.
fn refusal(
    status: u16,
    code: &'static str,
    title: &'static str,
    detail: impl Into<String>,
    guid: Guid,
) -> Answer {
    let details = Details {
        r#type: format!("{TYPE}{code}"),
        title,
        status,
        detail: detail.into(),
        guid: guid.to_string(),
        errors: Vec::new(),
    };
    problem(status, &details).refusing(code)
}

/// Renders a problem.
#[must_use]
pub fn refuse(found: Problem, guid: Guid) -> Answer {
    let status = plain_status(&found);
    let (title, detail) = told(&found);
    let details = Details {
        r#type: format!("{TYPE}{}", found.code()),
        title,
        status,
        detail,
        guid: guid.to_string(),
        errors: errors(&found),
    };
    let mut answer = problem(status, &details);
    if status == 401 {
        let challenge = "Basic realm=\"Callbook\", Bearer realm=\"Callbook\"";
        answer
            .headers
            .push(("www-authenticate", challenge.to_owned()));
    }
    answer.because(found)
}

fn problem(status: u16, details: &Details) -> Answer {
    let mut answer = Answer::json(status, details);
    answer.content_type = PROBLEM;
    answer
}

fn errors(problem: &Problem) -> Vec<FieldError> {
    let Problem::Invalid(faults) = problem else {
        return Vec::new();
    };
    let error = |FieldProblem { subject, fault }: &FieldProblem| FieldError {
        field: subject.name().into_owned(),
        message: fault.to_string(),
    };
    faults.iter().map(error).collect()
}

/// Returns the title and the detail of a problem.
fn told(problem: &Problem) -> (&'static str, String) {
    let (title, detail) = match problem {
        Problem::Invalid(faults) => {
            let faults: Vec<_> = faults
                .iter()
                .map(|fault| format!("{}: {}", fault.subject.name(), fault.fault))
                .collect();
            return ("Invalid parameters", format!("{}.", faults.join("; ")));
        }
        Problem::MalformedBody { detail, .. } => {
            return (
                "Malformed body",
                format!("The body cannot be read: {detail}."),
            );
        }
        Problem::MethodNotAllowed { allow } => {
            return ("Method not allowed", format!("This path takes {allow}."));
        }
        Problem::MissingCredential(_)
        | Problem::UnknownCredential
        | Problem::CredentialDisabled
        | Problem::CredentialExpired => (
            "Unauthenticated",
            "The username, password or token is missing or wrong.",
        ),
        Problem::ProductNotAllowed => (
            "Forbidden",
            "This sign-in is not for Callbook's API. Sign in as a user who may use it.",
        ),
        Problem::ReadOnly => (
            "Forbidden",
            "This user is a viewer, who only reads. Ask an admin.",
        ),
        Problem::EndpointNotAllowed => ("Forbidden", "This user may not use this path."),
        Problem::AddressNotAllowed => ("Forbidden", "This user may not sign in from this address."),
        Problem::AccountNotAllowed => ("Forbidden", "There is no such account for this user."),
        Problem::NotFound => ("Not found", "There is nothing at this path."),
        Problem::IdempotencyKeyReused => (
            "Conflict",
            "The Idempotency-Key came before with another request. Send a new key.",
        ),
        Problem::BodyTooLarge => ("Body too large", "The body is too large."),
        Problem::UnsupportedMediaType => ("Unsupported media type", "Send application/json."),
        Problem::UnsupportedCoding => (
            "Unsupported content coding",
            "Send the body without Content-Encoding, or as gzip or deflate.",
        ),
        Problem::RateLimited { .. } => ("Too many requests", "Too many requests; see Retry-After."),
        Problem::QuotaExceeded { .. } => (
            "Too many requests",
            "The month's quota is used up; see Retry-After.",
        ),
        Problem::Unavailable(_) | Problem::Contended(_) => (
            "Unavailable",
            "Temporary failure. Send the same request again.",
        ),
        Problem::Internal(_) => ("Internal error", "The request could not be served."),
    };
    (title, detail.to_owned())
}
