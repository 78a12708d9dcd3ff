//! What can go wrong, free of transport: one enum that every dialect renders variant by variant.
//!
//! A variant says what happened; [`crate::dialect`] decides which status and text a vendor's client sees.
//! Only what any endpoint can meet is a variant: what one dialect alone can answer is an answer of that
//! dialect. A [`Cause`] holds what a client must not see, and no dialect can read it.

use std::borrow::Cow;
use std::fmt;

use crate::model::field::{Field, Subject};
use crate::model::text::InvalidText;

/// Why a request was not done.
#[derive(Debug)]
pub enum Problem {
    /// The request has no credential, or only half of one.
    MissingCredential(Missing),
    /// The credential is unknown or revoked, or its secret is wrong. One answer for all three, so that nobody
    /// can find out which names exist.
    UnknownCredential,
    /// The credential was disabled by its owner.
    CredentialDisabled,
    /// The credential has expired.
    CredentialExpired,
    /// The credential is not for this product or version.
    ProductNotAllowed,
    /// The credential is not for this path.
    EndpointNotAllowed,
    /// The credential is not for requests from this IP address.
    AddressNotAllowed,
    /// The credential has reached a rate limit.
    RateLimited {
        /// The window that is full.
        window: Window,
        /// Seconds until the window ends.
        retry_after: u32,
    },
    /// The credential has used up the month's quota.
    QuotaExceeded {
        /// Seconds until the next month.
        retry_after: u32,
    },
    /// The body cannot be read in the encoding that it claims.
    MalformedBody {
        /// The encoding that it claims.
        encoding: Encoding,
        /// What is wrong and where: a parser's text about positions, which never quotes the body.
        detail: String,
    },
    /// The body is larger than any request of the contract.
    BodyTooLarge,
    /// The body is in an encoding that the endpoint does not read.
    UnsupportedMediaType,
    /// Fields are missing or wrong: all of them, in the order of the contract; never empty.
    Invalid(Vec<FieldProblem>),
    /// The idempotency key was used before, with other parameters.
    IdempotencyKeyReused,
    /// The account that the request names does not exist, or the credential may not act for it. One answer for
    /// both, so that nobody can find out which accounts exist.
    AccountNotAllowed,
    /// The credential may only read.
    ReadOnly,
    /// There is no such path.
    NotFound,
    /// The path does not take this method.
    MethodNotAllowed {
        /// The methods that it takes, as the header `Allow` has them.
        allow: &'static str,
    },
    /// The store did not answer in time. Nothing was recorded; the same request may be sent again.
    Unavailable(Cause),
    /// Other requests kept changing the same items. Nothing was recorded; the same request may be sent again.
    Contended(Cause),
    /// A bug or a broken deployment, which the client cannot help.
    Internal(Cause),
}

/// Which half of a credential is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The public half: API id, username.
    Name,
    /// The secret half: API key, password.
    Secret,
}

/// A window that a rate limit counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// One second.
    Second,
    /// One minute.
    Minute,
    /// One UTC day.
    Day,
}

/// How a body says it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `application/json`
    Json,
    /// `multipart/form-data`
    Multipart,
    /// The gateway's own base64 around any body.
    Transport,
}

/// One parameter at fault, or several that are at fault together.
#[derive(Clone, Debug)]
pub struct FieldProblem {
    /// What is at fault.
    pub subject: Subject,
    /// What is wrong with it.
    pub fault: Fault,
}

impl FieldProblem {
    /// The name that the contract gives what is at fault.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        self.subject.name()
    }

    /// The error code of the dialect for the fault, or its text where it has no codes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        let codes = match &self.subject {
            Subject::Field(field) => field.codes,
            Subject::Group(group) => return group.code,
        };
        match self.fault {
            Fault::Missing => codes.missing,
            Fault::TooShort(_) => codes.too_short,
            Fault::TooLong(_) => codes.too_long,
            Fault::Unreadable => codes.unreadable,
            Fault::Invalid(_) => codes.invalid,
            Fault::NotFound => codes.not_found,
            Fault::Unavailable => codes.unavailable,
        }
    }
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is absent or blank, or has nothing in it that could be read.
    Missing,
    /// It is shorter than the contract allows.
    TooShort(String),
    /// It is longer than the contract allows.
    TooLong(String),
    /// It is an object or an array where a text or a number belongs.
    Unreadable,
    /// It breaks a rule: the text says which, and never quotes the value.
    Invalid(String),
    /// It names something that does not exist or belongs to another account. One answer for both, so that
    /// nobody can find out what other accounts have.
    NotFound,
    /// It names something that exists and is not offered.
    Unavailable,
}

impl Fault {
    /// A parser's error as a fault: its text is the rule that is broken.
    pub fn invalid(rule: impl fmt::Display) -> Self {
        Self::Invalid(rule.to_string())
    }
}

impl From<InvalidText> for Fault {
    fn from(error: InvalidText) -> Self {
        match error {
            InvalidText::Empty => Self::TooShort("at least 1 character is needed".to_owned()),
            InvalidText::TooLong { .. } => Self::TooLong(error.to_string()),
            InvalidText::ControlCharacter | InvalidText::Undecodable => Self::invalid(error),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("missing"),
            Self::TooShort(rule) | Self::TooLong(rule) | Self::Invalid(rule) => f.write_str(rule),
            Self::Unreadable => f.write_str("expected a text or a number"),
            Self::NotFound => f.write_str("not found"),
            Self::Unavailable => f.write_str("not available"),
        }
    }
}

/// What went wrong inside, for the log line alone: it has no `Display`, so no answer can carry it.
#[derive(Debug)]
pub struct Cause(String);

impl Cause {
    /// An error and all that it came from, outermost first.
    #[must_use]
    pub fn of(error: &dyn std::error::Error) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(inner) = source {
            text.push_str(": ");
            text.push_str(&inner.to_string());
            source = inner.source();
        }
        Self(text)
    }

    /// A cause in our own words.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// For the log line.
    pub(crate) fn for_the_log(&self) -> &str {
        &self.0
    }
}

impl Problem {
    /// One field is at fault, and the others are not or were not checked yet.
    #[must_use]
    pub fn of(subject: impl Into<Subject>, fault: Fault) -> Self {
        Self::Invalid(vec![FieldProblem {
            subject: subject.into(),
            fault,
        }])
    }

    /// What a field names does not exist, or belongs to another account.
    #[must_use]
    pub fn not_found(field: Field) -> Self {
        Self::of(field, Fault::NotFound)
    }

    /// The fields at fault, by their names alone.
    #[must_use]
    pub fn fields(&self) -> Vec<Cow<'static, str>> {
        match self {
            Self::Invalid(faults) => faults.iter().map(FieldProblem::name).collect(),
            _ => Vec::new(),
        }
    }

    /// What went wrong inside, where anything did.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Unavailable(cause) | Self::Contended(cause) | Self::Internal(cause) => {
                Some(cause)
            }
            _ => None,
        }
    }

    /// Whether a credential that is known, and was shown with its secret, is not good for the request: whoever
    /// sent it is somebody's client that has stopped working.
    #[must_use]
    pub fn refuses_credential(&self) -> bool {
        matches!(
            self,
            Self::CredentialDisabled
                | Self::CredentialExpired
                | Self::ProductNotAllowed
                | Self::EndpointNotAllowed
                | Self::AddressNotAllowed
        )
    }

    /// A stable word for logs and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::MissingCredential(_) => "missing_credential",
            Self::UnknownCredential => "unknown_credential",
            Self::CredentialDisabled => "credential_disabled",
            Self::CredentialExpired => "credential_expired",
            Self::ProductNotAllowed => "product_not_allowed",
            Self::EndpointNotAllowed => "endpoint_not_allowed",
            Self::AddressNotAllowed => "address_not_allowed",
            Self::RateLimited { .. } => "rate_limited",
            Self::QuotaExceeded { .. } => "quota_exceeded",
            Self::MalformedBody { .. } => "malformed_body",
            Self::BodyTooLarge => "body_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::Invalid(_) => "invalid_fields",
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::AccountNotAllowed => "account_not_allowed",
            Self::ReadOnly => "read_only",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::Unavailable(_) => "store_unavailable",
            Self::Contended(_) => "store_contended",
            Self::Internal(_) => "internal_error",
        }
    }
}
