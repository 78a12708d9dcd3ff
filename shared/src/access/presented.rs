//! Credentials as a client presents them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::credential::{CredentialKind, SecretHash};
use crate::model::token::Token;
use crate::problem::{Missing, Problem};
use crate::request::Request;

/// The credential that a client presents.
pub struct Presented(pub(super) Claims);

/// The credentials that a client may mean.
pub(super) enum Claims {
    /// The first of these credentials that there is: one, or a user and else an integrator.
    Credential(Vec<Claim>),
    /// The credential behind an access token.
    Token(Token),
}

/// A credential that a client claims to hold.
pub(super) struct Claim {
    pub(super) kind: CredentialKind,
    /// The public half; empty for a key without a name.
    pub(super) shown: String,
    /// The name that the ledger looks it up by, if its secret was generated.
    pub(super) name: String,
    pub(super) secret: SecretHash,
    /// The secret itself, for the slow hash.
    text: String,
}

impl Claim {
    fn pair(kind: CredentialKind, name: &str, secret: &str) -> Self {
        Self {
            kind,
            shown: name.to_owned(),
            name: kind
                .fast_name(name, secret)
                .unwrap_or_else(|| name.to_owned()),
            secret: SecretHash::of(secret),
            text: secret.to_owned(),
        }
    }

    /// Returns the secret itself.
    pub(super) fn reveal(&self) -> &str {
        &self.text
    }
}

impl Presented {
    /// Makes a claim from a key without a name.
    #[must_use]
    pub fn key(kind: CredentialKind, key: &str) -> Self {
        Self::pair(kind, "", key)
    }

    /// Makes a claim from a name and a secret.
    #[must_use]
    pub fn pair(kind: CredentialKind, name: &str, secret: &str) -> Self {
        Self(Claims::Credential(vec![Claim::pair(kind, name, secret)]))
    }

    /// Makes a claim from a username and password, of a user or else of an integrator.
    #[must_use]
    pub fn login(name: &str, password: &str) -> Self {
        let claim = |kind| Claim::pair(kind, name, password);
        Self(Claims::Credential(vec![
            claim(CredentialKind::User),
            claim(CredentialKind::Integrator),
        ]))
    }

    /// Reads Fone Dynamics' header `Authorization: Basic`, with an account's sid and a token.
    ///
    /// See contracts/fonedynamics.md.
    ///
    /// # Errors
    /// Returns `MissingCredential` without the header, and `UnknownCredential` if it cannot be a
    /// credential, so that the store need not be asked.
    pub fn account_token(request: &Request) -> Result<Self, Problem> {
        let (scheme, rest) = authorization(request)?;
        match scheme.eq_ignore_ascii_case("basic") {
            true => Self::encoded(request, CredentialKind::Fonedynamics, rest),
            false => Err(Problem::UnknownCredential),
        }
    }

    /// Reads TeleTracker's header `Authorization` (contracts/teletracker.md).
    ///
    /// `Basic` has the credential of a user, `Integrator` that of a partner, and `Bearer` an access
    /// token of either.
    ///
    /// # Errors
    /// Returns `MissingCredential` without the header, and `UnknownCredential` if it cannot be a
    /// credential, so that the store need not be asked.
    pub fn sign_in(request: &Request) -> Result<Self, Problem> {
        let (scheme, rest) = authorization(request)?;
        match scheme.to_ascii_lowercase().as_str() {
            "basic" => Self::encoded(request, CredentialKind::User, rest),
            "integrator" => Self::encoded(request, CredentialKind::Integrator, rest),
            "bearer" => Token::parse(rest)
                .map(|token| Self(Claims::Token(token)))
                .map_err(|_| Problem::UnknownCredential),
            _ => Err(Problem::UnknownCredential),
        }
    }

    /// Reads the header `Authorization` of Callbook's own API (contracts/callbook.md).
    ///
    /// `Basic` has the credential of a user, and `Bearer` an access token.
    ///
    /// # Errors
    /// Returns `MissingCredential` without the header, and `UnknownCredential` if it cannot be a
    /// credential, so that the store need not be asked.
    pub fn user(request: &Request) -> Result<Self, Problem> {
        let (scheme, _) = authorization(request)?;
        match scheme.eq_ignore_ascii_case("integrator") {
            true => Err(Problem::UnknownCredential),
            false => Self::sign_in(request),
        }
    }

    /// Reads a name and a secret in Base64. The secret may contain colons.
    ///
    /// What a browser sends for a page of another site is no credential: a browser repeats a password that was
    /// typed once, also for the forms of other sites.
    fn encoded(request: &Request, kind: CredentialKind, encoded: &str) -> Result<Self, Problem> {
        if is_for_another_site(request) {
            return Err(Problem::UnknownCredential);
        }
        let decoded = STANDARD.decode(encoded.trim()).ok();
        let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        match decoded.as_deref().and_then(|text| text.split_once(':')) {
            Some((name, secret)) if !name.is_empty() && !secret.is_empty() => {
                Ok(Self::pair(kind, name, secret))
            }
            _ => Err(Problem::UnknownCredential),
        }
    }
}

/// Returns scheme and value of the `Authorization` header.
fn authorization(request: &Request) -> Result<(&str, &str), Problem> {
    let header = request
        .header_once("authorization")
        .ok_or(Problem::MissingCredential(Missing::Name))?;
    header.split_once(' ').ok_or(Problem::UnknownCredential)
}

/// Whether a browser sends the request for a page of another site. Other clients send neither header.
fn is_for_another_site(request: &Request) -> bool {
    if let Some(site) = request.header("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    let origin = request.header("origin");
    origin.is_some_and(|origin| {
        let host = origin.split_once("://").map(|(_, host)| host);
        host.is_none() || host != request.header("host")
    })
}
