//! What can go wrong, free of transport: one enum that every dialect renders exhaustively.
//!
//! A variant says what happened; which status and text a vendor's client sees is decided in
//! [`crate::dialect`]. What a client must not see stands in a [`Cause`], which no dialect can read.

use std::fmt;

/// Why a request was not done.
#[derive(Debug)]
pub enum Problem {
    /// The request shows no credential, or only half of one.
    MissingCredential(Missing),
    /// No such credential, the wrong secret, or one that was revoked: indistinguishable on purpose.
    UnknownCredential,
    /// Switched off by its owner.
    CredentialDisabled,
    /// Past its date.
    CredentialExpired,
    /// Not good for this product or version.
    ProductNotAllowed,
    /// Not good for this path.
    EndpointNotAllowed,
    /// Not good from this address.
    AddressNotAllowed,
    /// The account has not got what the request needs.
    SwitchedOff(Switch),
    /// The credential is used too fast; `retry_after` in seconds.
    RateLimited {
        /// Which window is full.
        window: Window,
        /// Seconds until it ends.
        retry_after: u32,
    },
    /// The month's quota is used up; `retry_after` in seconds.
    QuotaExceeded {
        /// Seconds until the next month.
        retry_after: u32,
    },
    /// The body cannot be read as what it says it is.
    MalformedBody {
        /// What it says it is.
        encoding: Encoding,
        /// What is wrong and where; written by a parser about positions, never quoting the body.
        detail: String,
    },
    /// The body is larger than any request of the contract.
    BodyTooLarge,
    /// A body in an encoding that the endpoint does not read.
    UnsupportedMediaType,
    /// Every field at fault, in the order of the contract; never empty.
    Invalid(Vec<FieldProblem>),
    /// The idempotency key came before with other parameters.
    IdempotencyKeyReused,
    /// The account that is named does not exist, or not for this sign-in: indistinguishable on purpose.
    AccountNotAllowed,
    /// The callee was queued less than an hour ago.
    DuplicateQueueEntry,
    /// The credential may read, and no more.
    ReadOnly,
    /// Numbers are linked to the address that was to be deleted.
    AddressInUse,
    /// The number belongs to another property than the one that is named.
    OtherProperty,
    /// More rows than one answer holds.
    ResultTooLarge {
        /// About how many would fit.
        fits: usize,
    },
    /// No live call for the pair that was said to be over.
    NoLiveCall,
    /// No such path.
    NotFound,
    /// The path is there, the method is not.
    MethodNotAllowed {
        /// What is allowed, as `Allow` spells it.
        allow: &'static str,
    },
    /// The store did not answer in time; nothing was recorded, and the same request may be sent again.
    Unavailable(Cause),
    /// Too many concurrent updates of the same items; nothing was recorded, and the same request may be sent
    /// again. A client sees what it sees of [`Self::Unavailable`].
    Contended(Cause),
    /// Ours to mend.
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

/// What an account can have switched off or not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// The dialer.
    Dialer,
    /// The advanced call log.
    CallLog,
    /// Carrier service.
    Carrier,
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

/// One field at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field, as the contract names it.
    pub field: &'static str,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Absent, empty, or nothing of its kind at all.
    Missing,
    /// Shorter than the contract allows.
    TooShort(String),
    /// Longer than the contract allows.
    TooLong(String),
    /// Present, but as an object or an array where a text or a number belongs.
    Unreadable,
    /// Present and wrong; the text says which rule it breaks, and never quotes the value.
    Invalid(String),
    /// It names something that is not there, or not for this account: indistinguishable on purpose.
    NotFound,
    /// It names something that is there, and not to be had.
    Unavailable,
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
    /// One field is at fault, and the others are not or are not looked at yet.
    #[must_use]
    pub fn of(field: &'static str, fault: Fault) -> Self {
        Self::Invalid(vec![FieldProblem { field, fault }])
    }

    /// What a field names is not there, or not this account's.
    #[must_use]
    pub fn not_found(field: &'static str) -> Self {
        Self::of(field, Fault::NotFound)
    }

    /// The fields at fault, by their names alone.
    #[must_use]
    pub fn fields(&self) -> Vec<&'static str> {
        match self {
            Self::Invalid(faults) => faults.iter().map(|fault| fault.field).collect(),
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
            Self::SwitchedOff(_) => "switched_off",
            Self::RateLimited { .. } => "rate_limited",
            Self::QuotaExceeded { .. } => "quota_exceeded",
            Self::MalformedBody { .. } => "malformed_body",
            Self::BodyTooLarge => "body_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::Invalid(_) => "invalid_fields",
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::AccountNotAllowed => "account_not_allowed",
            Self::DuplicateQueueEntry => "duplicate_queue_entry",
            Self::ReadOnly => "read_only",
            Self::AddressInUse => "address_in_use",
            Self::OtherProperty => "other_property",
            Self::ResultTooLarge { .. } => "result_too_large",
            Self::NoLiveCall => "no_live_call",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::Unavailable(_) => "store_unavailable",
            Self::Contended(_) => "store_contended",
            Self::Internal(_) => "internal_error",
        }
    }
}
