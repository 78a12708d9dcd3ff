//! The answers of the console: pages for people, and what functions of the API told it (`docs/console.md`).
//!
//! Every page comes with a policy that lets a browser load nothing from elsewhere and run no script of the page.

use serde::Deserialize;

use super::answer::{Answer, Failure, plain_status};
use crate::model::id::Guid;
use crate::problem::{Cause, Problem};

const HTML: &str = "text/html; charset=utf-8";

/// What a browser may do with a page.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; \
                      connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Answers with a page of HTML.
#[must_use]
pub fn page(html: String) -> Answer {
    guarded(Answer::new(200, HTML, html))
}

/// Answers with a page that says why the request could not be served.
#[must_use]
pub fn failed_page(problem: Problem, html: String) -> Answer {
    guarded(Answer::new(plain_status(&problem), HTML, html)).because(problem)
}

/// Answers with a page that says that a form was not sent by a page of the console.
#[must_use]
pub fn foreign_form(html: String) -> Answer {
    guarded(Answer::new(403, HTML, html)).refusing("foreign_form")
}

/// Answers with a page that says why a function of the API refused what was asked of it, with that function's status.
#[must_use]
pub fn refused_page(refusal: ApiRefusal, html: String) -> Answer {
    let mut answer = guarded(Answer::new(refusal.status, HTML, html));
    answer.failure = refusal.failure;
    answer
}

/// Sends the browser to another path of the console.
#[must_use]
pub fn see(path: &str) -> Answer {
    let mut answer = guarded(Answer::new(303, HTML, String::new()));
    answer.headers.push(("location", path.to_owned()));
    answer
}

/// Answers with a file that never changes under its name.
#[must_use]
pub fn asset(content_type: &'static str, text: &str) -> Answer {
    let mut answer = Answer::new(200, content_type, text.to_owned());
    let keep = "public, max-age=31536000, immutable";
    answer.headers.push(("cache-control", keep.to_owned()));
    answer
        .headers
        .push(("x-content-type-options", "nosniff".to_owned()));
    answer
}

/// Answers with a file of rows to keep. `name` has letters, digits and hyphens.
#[must_use]
pub fn csv(name: &str, rows: String) -> Answer {
    let mut answer = guarded(Answer::new(200, "text/csv; charset=utf-8", rows));
    let disposition = format!("attachment; filename=\"{name}.csv\"");
    answer.headers.push(("content-disposition", disposition));
    answer
}

/// Has the browser keep a cookie, given as the value of `Set-Cookie`.
#[must_use]
pub fn with_cookie(mut answer: Answer, cookie: String) -> Answer {
    answer.cookies.push(cookie);
    answer
}

/// Renders a problem without the console's layout: of a path that is no page, or of a handler that gave up.
#[must_use]
pub fn refuse(problem: Problem, guid: Guid) -> Answer {
    let (title, told) = told(&problem);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title} - Callbook</title>\n\
         <h1>{title}</h1>\n<p>{told}\n<p>Request <code>{guid}</code>\n\
         <p><a href=\"/console\">To the console</a>\n"
    );
    failed_page(problem, html)
}

/// Returns the title and the explanation of a problem, for people.
#[must_use]
pub fn told(problem: &Problem) -> (&'static str, &'static str) {
    match problem {
        Problem::NotFound => ("Not found", "There is no page here."),
        Problem::MethodNotAllowed { .. } => {
            ("Not possible", "This page does not take such a request.")
        }
        Problem::MissingCredential(_) | Problem::UnknownCredential => {
            ("Signed out", "The username or the password is wrong.")
        }
        Problem::CredentialDisabled => ("Disabled", "This user is disabled. Ask an admin."),
        Problem::CredentialExpired => ("Expired", "This user's time is over. Ask an admin."),
        Problem::ProductNotAllowed => (
            "Not allowed",
            "This user may not use Callbook's own API, which the console stands on. Ask an admin.",
        ),
        Problem::EndpointNotAllowed => (
            "Not allowed",
            "This user may not use the path of the API that the page needs. Ask an admin.",
        ),
        Problem::AddressNotAllowed => (
            "Not allowed",
            "This user may not sign in from this address. Ask an admin.",
        ),
        Problem::AccountNotAllowed => ("Not allowed", "There is no such account for this user."),
        Problem::ReadOnly => (
            "Not allowed",
            "This user is a viewer, who only reads. Ask an admin.",
        ),
        Problem::RateLimited { .. } => (
            "Too many requests",
            "This user has sent too many requests. Wait a moment, and load the page again.",
        ),
        Problem::QuotaExceeded { .. } => (
            "Too many requests",
            "This user's requests of the month are used up. Ask an admin.",
        ),
        Problem::MalformedBody { .. }
        | Problem::Invalid(_)
        | Problem::UnsupportedMediaType
        | Problem::UnsupportedCoding => (
            "Not readable",
            "The request cannot be read. Go back, and try again.",
        ),
        Problem::BodyTooLarge => ("Too large", "What was sent is too large."),
        Problem::IdempotencyKeyReused => (
            "Already done",
            "This form was sent before with other contents. Load the page again.",
        ),
        Problem::Unavailable(_) | Problem::Contended(_) => (
            "Not available",
            "The ledger did not answer in time. Nothing was changed. Load the page again.",
        ),
        Problem::Internal(_) => ("Internal error", "The page could not be made."),
    }
}

/// Adds the headers that every page has.
fn guarded(mut answer: Answer) -> Answer {
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        // With no-referrer, browsers would send forms with the origin `null`.
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        answer.headers.push((name, value.to_owned()));
    }
    answer
}

/// Why a function of the API refused what the console asked of it.
#[derive(Debug)]
pub struct ApiRefusal {
    status: u16,
    failure: Option<Failure>,
    /// The stable word for it, such as `cost_not_found`.
    pub code: &'static str,
    /// The explanation for people.
    pub detail: String,
    /// The fields at fault, each with a message.
    pub fields: Vec<(String, String)>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    detail: String,
    errors: Vec<FieldError>,
}

#[derive(Deserialize)]
struct FieldError {
    field: String,
    message: String,
}

/// Reads what a function answered: the body, or the refusal of it.
///
/// # Errors
/// Returns the function's problem if no page can be made because of it: nobody is signed in, the user may not or not
/// so often, or the function could not serve the request.
pub(crate) fn heard(answer: Answer) -> Result<Result<String, ApiRefusal>, Problem> {
    let broken = |error| Problem::Internal(Cause::of(&error));
    let body = answer.body.into_text();
    let Some(failure) = answer.failure else {
        return Ok(Ok(body.map_err(broken)?));
    };
    match failure {
        Failure::Problem(
            problem @ (Problem::MissingCredential(_)
            | Problem::UnknownCredential
            | Problem::CredentialDisabled
            | Problem::CredentialExpired
            | Problem::ProductNotAllowed
            | Problem::EndpointNotAllowed
            | Problem::AddressNotAllowed
            | Problem::AccountNotAllowed
            | Problem::RateLimited { .. }
            | Problem::QuotaExceeded { .. }
            | Problem::Unavailable(_)
            | Problem::Contended(_)
            | Problem::Internal(_)),
        ) => Err(problem),
        failure => {
            let details: Details = body
                .and_then(|body| serde_json::from_str(&body))
                .unwrap_or_default();
            let fields = details.errors.into_iter();
            Ok(Err(ApiRefusal {
                status: answer.status,
                code: failure.code(),
                failure: Some(failure),
                detail: details.detail,
                fields: fields.map(|error| (error.field, error.message)).collect(),
            }))
        }
    }
}

/// Returns the problem of an answer that the console cannot read, which is a bug.
#[must_use]
pub fn unreadable(error: &serde_json::Error) -> Problem {
    Problem::Internal(Cause::of(error))
}
