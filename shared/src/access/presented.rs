//! What a client presents to say who it is. Secrets are hashed on the way in and not kept.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::credential::{CredentialKind, SecretHash};
use crate::model::token::Token;
use crate::problem::{Missing, Problem};
use crate::request::Request;

/// What a client presents to say who it is.
pub struct Presented(pub(super) Claims);

/// The credentials that may be meant.
pub(super) enum Claims {
    /// One credential.
    Credential(Claim),
    /// A user's, or else an integrator's.
    Login { user: Claim, integrator: Claim },
    /// The one behind an access token.
    Token(Token),
}

/// One credential that a client says it holds.
pub(super) struct Claim {
    pub(super) kind: CredentialKind,
    /// The name under which the ledger keeps it.
    pub(super) name: String,
    pub(super) secret: SecretHash,
}

impl Claim {
    fn pair(kind: CredentialKind, name: &str, secret: &str) -> Self {
        Self {
            kind,
            name: match kind {
                CredentialKind::Fonedynamics => CredentialKind::name_of_token(name, secret),
                _ => name.to_owned(),
            },
            secret: SecretHash::of(secret),
        }
    }
}

impl Presented {
    /// A key that has no name.
    #[must_use]
    pub fn key(kind: CredentialKind, key: &str) -> Self {
        let secret = SecretHash::of(key);
        Self(Claims::Credential(Claim {
            kind,
            name: secret.to_hex(),
            secret,
        }))
    }

    /// A name and a secret.
    #[must_use]
    pub fn pair(kind: CredentialKind, name: &str, secret: &str) -> Self {
        Self(Claims::Credential(Claim::pair(kind, name, secret)))
    }

    /// The username and password of a login: a user's, or else an integrator's.
    #[must_use]
    pub fn login(name: &str, password: &str) -> Self {
        let claim = |kind| Claim::pair(kind, name, password);
        Self(Claims::Login {
            user: claim(CredentialKind::User),
            integrator: claim(CredentialKind::Integrator),
        })
    }

    /// Fone Dynamics (contracts/fonedynamics.md): `Authorization: Basic` of an account's sid and a token.
    ///
    /// # Errors
    /// Returns `MissingCredential` without the header, and `UnknownCredential` if it cannot be anybody's,
    /// so that the store need not be asked.
    pub fn account_token(request: &Request) -> Result<Self, Problem> {
        let (scheme, rest) = authorization(request)?;
        match scheme.eq_ignore_ascii_case("basic") {
            true => Self::encoded(CredentialKind::Fonedynamics, rest),
            false => Err(Problem::UnknownCredential),
        }
    }

    /// TeleTracker (contracts/teletracker.md): `Authorization: Basic` of a user, `Integrator` of a partner,
    /// or `Bearer` with an access token of either.
    ///
    /// # Errors
    /// Returns `MissingCredential` without the header, and `UnknownCredential` if it cannot be anybody's,
    /// so that the store need not be asked.
    pub fn sign_in(request: &Request) -> Result<Self, Problem> {
        let (scheme, rest) = authorization(request)?;
        match scheme.to_ascii_lowercase().as_str() {
            "basic" => Self::encoded(CredentialKind::User, rest),
            "integrator" => Self::encoded(CredentialKind::Integrator, rest),
            "bearer" => Token::parse(rest)
                .map(|token| Self(Claims::Token(token)))
                .map_err(|_| Problem::UnknownCredential),
            _ => Err(Problem::UnknownCredential),
        }
    }

    /// A name and a secret in Base64; the secret may have colons in it.
    fn encoded(kind: CredentialKind, encoded: &str) -> Result<Self, Problem> {
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

/// Scheme and value of the `Authorization` header.
fn authorization(request: &Request) -> Result<(&str, &str), Problem> {
    let header = request
        .header("authorization")
        .ok_or(Problem::MissingCredential(Missing::Name))?;
    header.split_once(' ').ok_or(Problem::UnknownCredential)
}
