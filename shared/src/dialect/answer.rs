//! Answers: what a client receives, and what the log line says about it.

use std::borrow::Cow;

use serde::Serialize;

use super::body::Body;
use crate::problem::{Cause, Problem};

/// An answer to a client. Only a dialect makes one.
#[derive(Debug)]
pub struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// Cookies that a browser shall keep, each as the value of `Set-Cookie`.
    pub(crate) cookies: Vec<String>,
    pub(crate) body: Body,
    /// The reason why the request failed, for the log line.
    pub(crate) failure: Option<Failure>,
    /// The vendor's error code, if its dialect has codes, for the log line.
    pub(crate) error_code: Option<&'static str>,
    /// Whether this repeats the answer to an earlier request.
    pub(crate) replayed: bool,
}

/// Reason why a request failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A problem that any endpoint can have.
    Problem(Problem),
    /// A refusal that only one dialect has, as a stable word for logs and metrics.
    Refusal(&'static str),
}

impl Failure {
    /// Returns a stable word for logs and metrics.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Problem(problem) => problem.code(),
            Self::Refusal(code) => code,
        }
    }

    /// Returns the names of the fields at fault.
    pub(crate) fn fields(&self) -> Vec<Cow<'static, str>> {
        match self {
            Self::Problem(problem) => problem.fields(),
            Self::Refusal(_) => Vec::new(),
        }
    }

    /// Returns the internal cause, if there is one.
    pub(crate) fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Problem(problem) => problem.cause(),
            Self::Refusal(_) => None,
        }
    }

    /// See [`Problem::metric`].
    pub(crate) fn metric(&self) -> Option<&'static str> {
        match self {
            Self::Problem(problem) => problem.metric(),
            Self::Refusal(_) => None,
        }
    }

    /// Whether no credential was admitted.
    pub(crate) fn is_unknown_credential(&self) -> bool {
        matches!(self, Self::Problem(Problem::UnknownCredential))
    }

    /// See [`Problem::is_of_form`].
    pub(crate) fn is_of_form(&self) -> bool {
        matches!(self, Self::Problem(problem) if problem.is_of_form())
    }
}

pub(super) const JSON: &str = "application/json";

impl Answer {
    pub(super) fn new(status: u16, content_type: &'static str, body: impl Into<Body>) -> Self {
        Self {
            status,
            content_type,
            headers: Vec::new(),
            cookies: Vec::new(),
            body: body.into(),
            failure: None,
            error_code: None,
            replayed: false,
        }
    }

    pub(super) fn json(status: u16, body: &impl Serialize) -> Self {
        match serde_json::to_string(body) {
            Ok(body) => Self::new(status, JSON, body),
            // Text keys and plain values cannot fail to serialize. If they ever do, the log shows it.
            Err(error) => Self::broken(Cause::of(&error)),
        }
    }

    /// Makes the answer for an answer that could not be written.
    pub(super) fn broken(cause: Cause) -> Self {
        let mut answer = Self::new(500, JSON, "{}".to_owned());
        answer.failure = Some(Failure::Problem(Problem::Internal(cause)));
        answer
    }

    /// Adds the problem behind the answer, for the log line and for the headers that all dialects
    /// share.
    pub(super) fn because(mut self, problem: Problem) -> Self {
        self.headers.extend(header(&problem));
        self.failure.get_or_insert(Failure::Problem(problem));
        self
    }

    /// Marks the answer as a refusal that only its dialect has, with a stable word for logs.
    pub(super) fn refusing(mut self, code: &'static str) -> Self {
        self.failure.get_or_insert(Failure::Refusal(code));
        self
    }

    /// Adds the vendor's error code.
    pub(super) fn coded(mut self, code: &'static str) -> Self {
        self.error_code = Some(code);
        self
    }
}

/// Returns the header that a problem has in every dialect.
fn header(problem: &Problem) -> Option<(&'static str, String)> {
    match problem {
        Problem::RateLimited { retry_after, .. } | Problem::QuotaExceeded { retry_after } => {
            Some(("retry-after", retry_after.to_string()))
        }
        Problem::Unavailable(_) | Problem::Contended(_) => Some(("retry-after", "1".to_owned())),
        Problem::MethodNotAllowed { allow } => Some(("allow", (*allow).to_owned())),
        Problem::UnsupportedCoding => Some(("accept-encoding", "gzip, deflate".to_owned())),
        Problem::MissingCredential(_)
        | Problem::UnknownCredential
        | Problem::CredentialDisabled
        | Problem::CredentialExpired
        | Problem::ProductNotAllowed
        | Problem::EndpointNotAllowed
        | Problem::AddressNotAllowed
        | Problem::AccountNotAllowed
        | Problem::ReadOnly
        | Problem::MalformedBody { .. }
        | Problem::BodyTooLarge
        | Problem::UnsupportedMediaType
        | Problem::Invalid(_)
        | Problem::IdempotencyKeyReused
        | Problem::NotFound
        | Problem::Internal(_) => None,
    }
}

/// Returns the status that dialects share for a problem, where their vendors define none of their own.
pub(super) fn plain_status(problem: &Problem) -> u16 {
    match problem {
        Problem::MissingCredential(_)
        | Problem::UnknownCredential
        | Problem::CredentialDisabled
        | Problem::CredentialExpired => 401,
        Problem::ProductNotAllowed
        | Problem::EndpointNotAllowed
        | Problem::AddressNotAllowed
        | Problem::AccountNotAllowed
        | Problem::ReadOnly => 403,
        Problem::RateLimited { .. } | Problem::QuotaExceeded { .. } => 429,
        Problem::MalformedBody { .. } | Problem::Invalid(_) => 400,
        Problem::BodyTooLarge => 413,
        Problem::UnsupportedMediaType | Problem::UnsupportedCoding => 415,
        Problem::IdempotencyKeyReused => 409,
        Problem::NotFound => 404,
        Problem::MethodNotAllowed { .. } => 405,
        Problem::Unavailable(_) | Problem::Contended(_) => 503,
        Problem::Internal(_) => 500,
    }
}
