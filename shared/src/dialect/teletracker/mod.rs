//! TeleTracker's answers (`contracts/teletracker.md`). Each is JSON with `success` and `guid`.

pub mod call_rows;
pub mod field;
mod row;

use std::borrow::Cow;
use std::io;

use serde::Serialize;

use self::call_rows::{Finished, ReplyRows};
use super::answer::{Answer, JSON};
use super::body::{Body, EscapedText};
use crate::model::id::Guid;
use crate::model::token::TokenPair;
use crate::problem::{Fault, FieldProblem, Problem};

#[derive(Serialize)]
struct Success<'a, T> {
    success: bool,
    guid: String,
    #[serde(flatten)]
    rest: &'a T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Refusal {
    success: bool,
    guid: String,
    error_code: &'static str,
    error_detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing_input_vars: Vec<Cow<'static, str>>,
}

impl Refusal {
    fn new(guid: Guid, error_code: &'static str, error_detail: impl Into<String>) -> Self {
        Self {
            success: false,
            guid: guid.to_string(),
            error_code,
            error_detail: error_detail.into(),
            missing_input_vars: Vec::new(),
        }
    }

    /// Makes the answer, with the vendor's error code.
    fn answer(self, status: u16) -> Answer {
        Answer::json(status, &self).coded(self.error_code)
    }
}

/// Answers a request that succeeded, with `rest` next to `success` and `guid`.
#[must_use]
pub fn success(guid: Guid, rest: &impl Serialize) -> Answer {
    Answer::json(
        200,
        &Success {
            success: true,
            guid: guid.to_string(),
            rest,
        },
    )
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tokens {
    token: String,
    token_expiration: String,
    token_lifetime: u64,
    refresh_token: String,
    refresh_token_expiration: String,
}

/// Answers with a new pair of tokens. No other answer contains them.
#[must_use]
pub fn tokens(guid: Guid, pair: &TokenPair) -> Answer {
    let tokens = Tokens {
        token: pair.access.reveal(),
        token_expiration: pair.access_until.rfc3339_utc_millis(),
        token_lifetime: TokenPair::LIFETIME,
        refresh_token: pair.refresh.reveal(),
        refresh_token_expiration: pair.refresh_until.rfc3339_utc_millis(),
    };
    success(guid, &tokens)
}

/// Answers a report with its rows, in their format.
///
/// The answer in JSON is what [`success`] would make of it. It is put around the rows as text, because a report
/// has megabytes, and a serializer would validate, copy and escape all of them.
///
/// # Errors
/// Returns an error if the rows cannot be finished, which cannot happen in memory.
pub fn report(guid: Guid, rows: ReplyRows<'_>, next_token: Option<String>) -> io::Result<Answer> {
    let (content_type, body) = match rows.finish()? {
        Finished::Json(rows) => {
            let before = format!("{{\"success\":true,\"guid\":\"{guid}\",\"data\":");
            let after = match next_token {
                Some(token) => format!(",\"nextToken\":{}}}", serde_json::Value::String(token)),
                None => "}".to_owned(),
            };
            let parts = [&EscapedText::of(&before), &rows, &EscapedText::of(&after)];
            return Ok(Answer::new(200, JSON, Body::of(&parts)?));
        }
        Finished::Ndjson(rows) => ("application/x-ndjson", Body::of(&[&rows])?),
        Finished::Csv(rows) => ("text/csv; charset=utf-8", Body::Text(rows)),
    };
    let mut answer = Answer::new(200, content_type, body);
    answer
        .headers
        .extend(next_token.map(|token| ("x-next-token", token)));
    Ok(answer)
}

/// Refuses a callee that was queued less than an hour ago.
#[must_use]
pub fn duplicate_queue_entry(guid: Guid) -> Answer {
    let detail = "This callee was queued within the last hour.";
    let refusal = Refusal::new(guid, "DUPLICATE_QUEUE_ENTRY", detail);
    refusal.answer(409).refusing("duplicate_queue_entry")
}

/// Refuses a report with more rows than fit one answer, of which about `fits` would fit.
#[must_use]
pub fn result_too_large(guid: Guid, fits: usize) -> Answer {
    let detail = format!(
        "The range has more rows than one answer holds. About {fits} fit: send limit={fits} \
         or less, and nextToken of each answer as next_token of the next request."
    );
    let refusal = Refusal::new(guid, "RESULT_TOO_LARGE", detail);
    refusal.answer(422).refusing("result_too_large")
}

/// Renders a problem.
#[must_use]
pub fn refuse(problem: Problem, guid: Guid) -> Answer {
    let missing = missing(&problem);
    let (status, error_code, error_detail) = if missing.is_empty() {
        error(&problem)
    } else {
        (
            400,
            "MISSING_REQUIRED_PARAMS",
            format!("Required: {}.", missing.join(", ")),
        )
    };
    let refusal = Refusal {
        missing_input_vars: missing,
        ..Refusal::new(guid, error_code, error_detail)
    };
    let mut answer = refusal.answer(status);
    if status == 401 {
        answer
            .headers
            .push(("www-authenticate", "Basic realm=\"Callbook\"".to_owned()));
    }
    answer.because(problem)
}

/// Returns the missing parameters, sorted. They are reported before any other fault.
fn missing(problem: &Problem) -> Vec<Cow<'static, str>> {
    let Problem::Invalid(faults) = problem else {
        return Vec::new();
    };
    let mut missing: Vec<_> = faults
        .iter()
        .filter(|fault| fault.fault == Fault::Missing)
        .map(FieldProblem::name)
        .collect();
    missing.sort_unstable();
    missing
}

fn error(problem: &Problem) -> (u16, &'static str, String) {
    let (status, code, detail) = match problem {
        Problem::Invalid(faults) => {
            let first = faults.first();
            let code = first.map_or("INVALID_PARAMETER", |fault| {
                fault.code_or("INVALID_PARAMETER")
            });
            let details: Vec<_> = faults
                .iter()
                .map(|fault| format!("{}: {}", fault.name(), fault.fault))
                .collect();
            return (422, code, format!("{}.", details.join("; ")));
        }
        Problem::MalformedBody { detail, .. } => {
            return (
                400,
                "MALFORMED_BODY",
                format!("The body cannot be read: {detail}."),
            );
        }
        Problem::MethodNotAllowed { allow } => {
            return (
                405,
                "METHOD_NOT_ALLOWED",
                format!("This path takes {allow}."),
            );
        }
        Problem::MissingCredential(_)
        | Problem::UnknownCredential
        | Problem::CredentialDisabled
        | Problem::CredentialExpired => (
            401,
            "UNAUTHENTICATED",
            "The username, password or token is missing or wrong.",
        ),
        Problem::AccountNotAllowed => (
            403,
            "INVALID_ACCOUNT",
            "There is no such account for this sign-in.",
        ),
        Problem::ProductNotAllowed
        | Problem::EndpointNotAllowed
        | Problem::AddressNotAllowed
        | Problem::ReadOnly => (403, "FORBIDDEN", "This sign-in may not do that."),
        Problem::NotFound => (404, "NOT_FOUND", "There is nothing at this path."),
        Problem::IdempotencyKeyReused => (
            409,
            "IDEMPOTENCY_KEY_REUSED",
            "The key came before with other parameters.",
        ),
        Problem::BodyTooLarge => (413, "BODY_TOO_LARGE", "The body is too large."),
        Problem::UnsupportedCoding => (
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            "Send the body without Content-Encoding, or as gzip or deflate.",
        ),
        Problem::UnsupportedMediaType => (
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            "Send application/x-www-form-urlencoded, multipart/form-data or application/json.",
        ),
        Problem::RateLimited { .. } => (
            429,
            "RATE_LIMIT_EXCEEDED",
            "Too many requests; see Retry-After.",
        ),
        Problem::QuotaExceeded { .. } => (
            429,
            "QUOTA_EXCEEDED",
            "The month's quota is used up; see Retry-After.",
        ),
        Problem::Unavailable(_) | Problem::Contended(_) => (
            503,
            "SERVICE_UNAVAILABLE",
            "Temporary failure. Send the same request again.",
        ),
        Problem::Internal(_) => (500, "INTERNAL_ERROR", "The request could not be served."),
    };
    (status, code, detail.to_owned())
}
