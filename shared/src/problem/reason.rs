//! What a problem is in plain words, for the people of the account whose credential sent the request.

use super::{FieldProblem, Problem, Window};

impl Problem {
    /// Says why the request was refused, without a value that was sent.
    ///
    /// It says more than the answer: whoever reads it owns the account, where the sender may be anybody.
    #[must_use]
    pub fn reason(&self) -> String {
        let text = match self {
            Self::Invalid(faults) => {
                let told = |FieldProblem { subject, fault }: &FieldProblem| {
                    format!("{}: {fault}", subject.logged_name())
                };
                return faults.iter().map(told).collect::<Vec<_>>().join("; ");
            }
            Self::MalformedBody { detail, .. } => {
                return format!("the body cannot be read: {detail}");
            }
            Self::MethodNotAllowed { allow } => return format!("the path takes {allow}"),
            Self::MissingCredential(_) => "the request has no credential, or half of one",
            Self::UnknownCredential => {
                "the token or the credential is no longer valid: sign in again, or use the current key"
            }
            Self::CredentialDisabled => "the credential is disabled",
            Self::CredentialExpired => "the credential has expired",
            Self::ProductNotAllowed => "the credential is not for this product",
            Self::EndpointNotAllowed => "the credential may not use this path",
            Self::AddressNotAllowed => "the credential may not be used from this IP address",
            Self::RateLimited { window, .. } => match window {
                Window::Second => "the credential reached its limit of requests a second",
                Window::Minute => "the credential reached its limit of requests a minute",
                Window::Day => "the credential reached its limit of requests a day",
            },
            Self::QuotaExceeded { .. } => "the credential has used up its quota of the month",
            Self::BodyTooLarge => "the body is too large",
            Self::UnsupportedMediaType => "the Content-Type is not one that the endpoint reads",
            Self::UnsupportedCoding => {
                "the Content-Encoding is not one that the endpoint reads: gzip or deflate, or none"
            }
            Self::IdempotencyKeyReused => {
                "the idempotency key came before with another request: each request needs its own"
            }
            Self::AccountNotAllowed => "the credential may not act for the account that was named",
            Self::ReadOnly => "the credential only reads, and the request writes",
            Self::NotFound => "there is nothing at the path",
            Self::Unavailable(_) | Self::Contended(_) => {
                "a temporary failure: the request may be sent again"
            }
            Self::Internal(_) => "the request could not be served",
        };
        text.to_owned()
    }
}
