//! Every vendor's own answers: the only place that knows a status code or a vendor's text.

pub mod fonedynamics;
pub mod neutral;
pub mod teletracker;
pub mod tld;
pub mod trestle;
pub mod truecnam;

use serde::Serialize;

use crate::model::id::Guid;
use crate::problem::{Cause, Problem};

/// Whose language is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Trestle: `contracts/trestle.md`.
    Trestle,
    /// TLD: `contracts/tld.md`.
    Tld,
    /// TrueCNAM: `contracts/truecnam.md`.
    Truecnam,
    /// TeleTracker: `contracts/teletracker.md`.
    Teletracker,
    /// Fone Dynamics: `contracts/fonedynamics.md`.
    Fonedynamics,
    /// Nobody's: paths that belong to no vendor.
    Neutral,
}

impl Dialect {
    /// As logs spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trestle => "trestle",
            Self::Tld => "tld",
            Self::Truecnam => "truecnam",
            Self::Teletracker => "teletracker",
            Self::Fonedynamics => "fonedynamics",
            Self::Neutral => "neutral",
        }
    }

    /// Says why the request `guid` was not done; `sent` is what its query string says.
    #[must_use]
    pub fn refuse<'a>(
        self,
        problem: Problem,
        guid: Guid,
        sent: impl Fn(&str) -> Option<&'a str>,
    ) -> Answer {
        match self {
            Self::Trestle => trestle::refuse(problem),
            Self::Tld => tld::refuse(problem),
            Self::Truecnam => truecnam::refuse_unread(problem, sent),
            Self::Teletracker => teletracker::refuse(problem, guid),
            Self::Fonedynamics => fonedynamics::refuse(problem),
            Self::Neutral => neutral::refuse(problem),
        }
    }
}

/// What a client is answered; only a dialect makes one.
#[derive(Debug)]
pub struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    /// Why the request was not done, for the log line.
    pub(crate) problem: Option<Problem>,
    /// The vendor's own code for that, where it has codes, for the log line.
    pub(crate) error_code: Option<&'static str>,
    /// An answer given before, given again.
    pub(crate) replayed: bool,
}

const JSON: &str = "application/json";

impl Answer {
    fn new(status: u16, content_type: &'static str, body: String) -> Self {
        Self {
            status,
            content_type,
            headers: Vec::new(),
            body,
            problem: None,
            error_code: None,
            replayed: false,
        }
    }

    fn json(status: u16, body: &impl Serialize) -> Self {
        match serde_json::to_string(body) {
            Ok(body) => Self::new(status, JSON, body),
            // Text keys and plain values cannot fail; if they ever do, the log says so.
            Err(error) => {
                let mut answer = Self::new(500, JSON, "{}".to_owned());
                answer.problem = Some(Problem::Internal(Cause::of(&error)));
                answer
            }
        }
    }

    /// The answer with the problem behind it: for the log line, and for the headers that every dialect
    /// gives such a problem.
    fn because(mut self, problem: Problem) -> Self {
        match &problem {
            Problem::RateLimited { retry_after, .. } | Problem::QuotaExceeded { retry_after } => {
                self.headers.push(("retry-after", retry_after.to_string()));
            }
            Problem::Unavailable(_) | Problem::Contended(_) => {
                self.headers.push(("retry-after", "1".to_owned()))
            }
            Problem::MethodNotAllowed { allow } => {
                self.headers.push(("allow", (*allow).to_owned()));
            }
            _ => {}
        }
        self.problem.get_or_insert(problem);
        self
    }

    /// The answer with the vendor's own code for the problem.
    fn coded(mut self, code: &'static str) -> Self {
        self.error_code = Some(code);
        self
    }
}

/// The statuses that more than one dialect uses for a problem that its vendor gives no status of its own.
fn plain_status(problem: &Problem) -> u16 {
    match problem {
        Problem::MissingCredential(_)
        | Problem::UnknownCredential
        | Problem::CredentialDisabled
        | Problem::CredentialExpired => 401,
        Problem::ProductNotAllowed
        | Problem::EndpointNotAllowed
        | Problem::AddressNotAllowed
        | Problem::AccountNotAllowed
        | Problem::ReadOnly
        | Problem::AddressInUse
        | Problem::OtherProperty
        | Problem::SwitchedOff(_) => 403,
        Problem::RateLimited { .. } | Problem::QuotaExceeded { .. } => 429,
        Problem::MalformedBody { .. } | Problem::Invalid(_) => 400,
        Problem::BodyTooLarge => 413,
        Problem::UnsupportedMediaType => 415,
        Problem::IdempotencyKeyReused | Problem::DuplicateQueueEntry | Problem::NoLiveCall => 409,
        Problem::ResultTooLarge { .. } => 422,
        Problem::NotFound => 404,
        Problem::MethodNotAllowed { .. } => 405,
        Problem::Unavailable(_) | Problem::Contended(_) => 503,
        Problem::Internal(_) => 500,
    }
}
