//! Answers: what a client is sent, and what the log line says about it.

use std::borrow::Cow;

use serde::Serialize;

use crate::problem::{Cause, Problem};

/// What a client is answered; only a dialect makes one.
#[derive(Debug)]
pub struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    /// Why the request was not done, for the log line.
    pub(crate) failure: Option<Failure>,
    /// The vendor's own code for that, if it has codes, for the log line.
    pub(crate) error_code: Option<&'static str>,
    /// Whether this is the answer to an earlier request, repeated.
    pub(crate) replayed: bool,
}

/// Why a request was not done.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something that any endpoint can meet.
    Problem(Problem),
    /// Something that one dialect alone can answer, as the stable word for it in logs and metrics.
    Refusal(&'static str),
}

impl Failure {
    /// A stable word for logs and metrics.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Problem(problem) => problem.code(),
            Self::Refusal(code) => code,
        }
    }

    /// The names of the fields at fault.
    pub(crate) fn fields(&self) -> Vec<Cow<'static, str>> {
        match self {
            Self::Problem(problem) => problem.fields(),
            Self::Refusal(_) => Vec::new(),
        }
    }

    /// What went wrong inside, if anything did.
    pub(crate) fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Problem(problem) => problem.cause(),
            Self::Refusal(_) => None,
        }
    }

    /// Whether concurrent updates of the same items stood in the way.
    pub(crate) fn is_contended(&self) -> bool {
        matches!(self, Self::Problem(Problem::Contended(_)))
    }

    /// See [`Problem::refuses_credential`].
    pub(crate) fn refuses_credential(&self) -> bool {
        match self {
            Self::Problem(problem) => problem.refuses_credential(),
            Self::Refusal(_) => false,
        }
    }
}

pub(super) const JSON: &str = "application/json";

impl Answer {
    pub(super) fn new(status: u16, content_type: &'static str, body: String) -> Self {
        Self {
            status,
            content_type,
            headers: Vec::new(),
            body,
            failure: None,
            error_code: None,
            replayed: false,
        }
    }

    pub(super) fn json(status: u16, body: &impl Serialize) -> Self {
        match serde_json::to_string(body) {
            Ok(body) => Self::new(status, JSON, body),
            // Text keys and plain values cannot fail; if they ever do, the log says so.
            Err(error) => Self::broken(Cause::of(&error)),
        }
    }

    /// What is answered if the answer itself cannot be written.
    pub(super) fn broken(cause: Cause) -> Self {
        let mut answer = Self::new(500, JSON, "{}".to_owned());
        answer.failure = Some(Failure::Problem(Problem::Internal(cause)));
        answer
    }

    /// The answer with the problem behind it: for the log line, and for the headers that every dialect
    /// gives such a problem.
    pub(super) fn because(mut self, problem: Problem) -> Self {
        self.headers.extend(header(&problem));
        self.failure.get_or_insert(Failure::Problem(problem));
        self
    }

    /// The answer as a refusal that only its dialect has, with the stable word for it in logs.
    pub(super) fn refusing(mut self, code: &'static str) -> Self {
        self.failure.get_or_insert(Failure::Refusal(code));
        self
    }

    /// The answer with the vendor's own code for what went wrong.
    pub(super) fn coded(mut self, code: &'static str) -> Self {
        self.error_code = Some(code);
        self
    }
}

/// The header that goes with a problem in every dialect.
fn header(problem: &Problem) -> Option<(&'static str, String)> {
    match problem {
        Problem::RateLimited { retry_after, .. } | Problem::QuotaExceeded { retry_after } => {
            Some(("retry-after", retry_after.to_string()))
        }
        Problem::Unavailable(_) | Problem::Contended(_) => Some(("retry-after", "1".to_owned())),
        Problem::MethodNotAllowed { allow } => Some(("allow", (*allow).to_owned())),
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

/// The statuses that more than one dialect uses for a problem that its vendor gives no status of its own.
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
        Problem::UnsupportedMediaType => 415,
        Problem::IdempotencyKeyReused => 409,
        Problem::NotFound => 404,
        Problem::MethodNotAllowed { .. } => 405,
        Problem::Unavailable(_) | Problem::Contended(_) => 503,
        Problem::Internal(_) => 500,
    }
}
