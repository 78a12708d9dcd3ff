//! Everything that can go wrong, independent of transport: one enum that every dialect renders.
//!
//! A variant says what happened; [`crate::dialect`] decides which status and text a vendor's client
//! sees. Only problems that any endpoint can have are variants. A refusal that only one dialect knows
//! is an answer of that dialect. A [`Cause`] holds what a client must not see, and dialects cannot read
//! it.

mod reason;

use std::borrow::Cow;
use std::fmt;

use crate::model::field::{Field, Subject};
use crate::model::text::InvalidText;

/// Reason why a request failed.
#[derive(Debug)]
pub enum Problem {
    /// The request has no credential, or only half of one.
    MissingCredential(Missing),
    /// The credential is unknown or revoked, or its secret is wrong. All three get one answer, so that
    /// nobody can find out which names exist.
    UnknownCredential,
    /// The credential was disabled by its owner.
    CredentialDisabled,
    /// The credential has expired.
    CredentialExpired,
    /// The credential is not valid for this product or version.
    ProductNotAllowed,
    /// The credential is not valid for this path.
    EndpointNotAllowed,
    /// The credential may not be used from this IP address.
    AddressNotAllowed,
    /// The credential has reached a rate limit.
    RateLimited {
        /// The window that is exhausted.
        window: Window,
        /// Seconds until the window ends.
        retry_after: u32,
    },
    /// The credential has used up the month's quota.
    QuotaExceeded {
        /// Seconds until the next month.
        retry_after: u32,
    },
    /// The body cannot be parsed in the encoding that it declares.
    MalformedBody {
        /// The declared encoding.
        encoding: Encoding,
        /// What is wrong and where: the parser's text about positions. It never quotes the body.
        detail: String,
    },
    /// The body is larger than any request that the contracts describe.
    BodyTooLarge,
    /// The body is in an encoding that the endpoint does not support.
    UnsupportedMediaType,
    /// The body's `Content-Encoding` is neither `gzip` nor `deflate`.
    UnsupportedCoding,
    /// Fields are missing or wrong. Lists every one, in the order of the contract, and is never empty.
    Invalid(Vec<FieldProblem>),
    /// The idempotency key was already used with other parameters.
    IdempotencyKeyReused,
    /// The account that the request names does not exist, or the credential may not act for it. Both
    /// get one answer, so that nobody can find out which accounts exist.
    AccountNotAllowed,
    /// The credential is read-only.
    ReadOnly,
    /// The path does not exist.
    NotFound,
    /// The path does not support this method.
    MethodNotAllowed {
        /// The methods that it supports, in the format of the `Allow` header.
        allow: &'static str,
    },
    /// DynamoDB did not answer in time, or the process cannot serve the request for now. Nothing was recorded,
    /// and the client may retry.
    Unavailable(Cause),
    /// Too many concurrent updates of the same items. Nothing was recorded, and the client may retry.
    Contended(Cause),
    /// A bug or a misconfigured deployment. The client cannot fix it.
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

/// A window over which a rate limit counts requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// One second.
    Second,
    /// One minute.
    Minute,
    /// One UTC day.
    Day,
}

/// The encoding that a body declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `application/json`
    Json,
    /// `multipart/form-data`
    Multipart,
    /// The gateway's own base64 encoding of any body.
    Transport,
}

/// A fault of one parameter, or of several together.
#[derive(Clone, Debug)]
pub struct FieldProblem {
    /// What is at fault.
    pub subject: Subject,
    /// What is wrong with it.
    pub fault: Fault,
}

impl FieldProblem {
    /// Returns the contract's name of the parameter or parameters at fault.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        self.subject.name()
    }

    /// Returns the dialect's error code for the fault, or its text if the dialect has no codes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code_or("unknown")
    }

    /// Returns the code as [`Self::code`] does, and `unknown` for a parameter that the request does not take.
    #[must_use]
    pub fn code_or(&self, unknown: &'static str) -> &'static str {
        let codes = match &self.subject {
            Subject::Field(field) => field.codes,
            Subject::Group(group) => return group.code,
            Subject::Unknown(_) => return unknown,
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

/// Kind of fault in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The field is absent or blank, or contains nothing that can be parsed.
    Missing,
    /// The value is shorter than the contract allows.
    TooShort(String),
    /// The value is longer than the contract allows.
    TooLong(String),
    /// The value is an object or an array where a text or a number is expected.
    Unreadable,
    /// The value breaks a rule. The text names the rule and never quotes the value.
    Invalid(String),
    /// The value names something that does not exist or belongs to another account. Both get one
    /// answer, so that nobody can find out what other accounts have.
    NotFound,
    /// The value names something that exists but is not offered, such as a country without numbers.
    Unavailable,
}

impl Fault {
    /// Makes the fault of a parameter that the request does not take.
    #[must_use]
    pub fn unknown() -> Self {
        Self::Invalid("this request has no such parameter".to_owned())
    }

    /// Makes an `Invalid` fault from a parser's error, whose text is the rule that is broken.
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

/// Internal cause of a failure, for the log line only. It has no `Display`, so no answer can contain
/// it.
#[derive(Debug)]
pub struct Cause(String);

impl Cause {
    /// Makes a cause from an error and its chain of sources, outermost first.
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

    /// Makes a cause from a text of our own.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text for the log line.
    pub(crate) fn for_the_log(&self) -> &str {
        &self.0
    }
}

impl Problem {
    /// Makes an `Invalid` with one fault, when the other fields are fine or have not been checked yet.
    #[must_use]
    pub fn of(subject: impl Into<Subject>, fault: Fault) -> Self {
        Self::Invalid(vec![FieldProblem {
            subject: subject.into(),
            fault,
        }])
    }

    /// Makes an `Invalid` for a field whose resource does not exist or belongs to another account.
    #[must_use]
    pub fn not_found(field: Field) -> Self {
        Self::of(field, Fault::NotFound)
    }

    /// Returns the names of the fields at fault, for the log.
    #[must_use]
    pub fn fields(&self) -> Vec<Cow<'static, str>> {
        match self {
            Self::Invalid(faults) => {
                let names = faults.iter().map(|fault| fault.subject.logged_name());
                names.collect()
            }
            _ => Vec::new(),
        }
    }

    /// Returns the internal cause, if there is one.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Unavailable(cause) | Self::Contended(cause) | Self::Internal(cause) => {
                Some(cause)
            }
            _ => None,
        }
    }

    /// Whether a known credential with the right secret may not be used for the request.
    ///
    /// A metric counts these, because they mean that somebody's client has stopped working.
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

    /// Returns the metric of its own that counts the problem, if an alarm watches for it.
    #[must_use]
    pub fn metric(&self) -> Option<&'static str> {
        match self {
            Self::Contended(_) => Some("contended"),
            Self::MalformedBody { .. } => Some("malformed_bodies"),
            Self::QuotaExceeded { .. }
            | Self::RateLimited {
                window: Window::Day,
                ..
            } => Some("quotas_used_up"),
            Self::RateLimited { .. } => Some("limits_reached"),
            _ if self.refuses_credential() => Some("refused_credentials"),
            _ => None,
        }
    }

    /// Whether the request does not have the form that the contract describes.
    #[must_use]
    pub fn is_of_form(&self) -> bool {
        matches!(
            self,
            Self::Invalid(_)
                | Self::MalformedBody { .. }
                | Self::UnsupportedMediaType
                | Self::UnsupportedCoding
        )
    }

    /// Returns a stable word for logs and metrics.
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
            Self::UnsupportedCoding => "unsupported_content_coding",
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
