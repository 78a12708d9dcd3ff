//! Session tokens, which a client holds instead of its password (contracts/teletracker.md).

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::account::AccountId;
use super::credential::{CredentialKind, SecretHash};
use super::time::Instant;

/// How long an access token is valid.
const TOKEN_LIFE: Duration = Duration::from_secs(3_600);

/// How long a refresh token is valid.
const REFRESH_LIFE: Duration = Duration::from_secs(29 * 86_400);

/// An access or refresh token as the client holds it: a random UUID. The ledger only stores its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Uuid);

impl Token {
    pub(crate) fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// Makes a token of bytes that nobody can guess. Of the first 16, six bits are those of every UUID.
    #[must_use]
    pub fn from_bytes(secret: [u8; 32]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = secret;
        let bytes = [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p];
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// Reads a token in any notation of a UUID.
    ///
    /// # Errors
    /// Returns `InvalidToken` if the text is not a UUID.
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        Uuid::try_parse(text.trim())
            .map(Self)
            .map_err(|_| InvalidToken)
    }

    /// Returns the hash that the ledger looks the token up by.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.reveal())
    }

    /// Returns the secret itself, for the client that the token is issued to.
    #[must_use]
    pub fn reveal(&self) -> String {
        self.0.hyphenated().to_string()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// The text is not a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a token: a UUID")]
pub struct InvalidToken;

/// The use of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// Sent with every request.
    Access,
    /// Exchanged, once, for a new pair.
    Refresh,
}

/// The rights that a token carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The session: all the pairs that come from one sign-in.
    pub session_id: String,
    /// The one account that the token is bound to.
    pub account_id: AccountId,
    /// The kind of the credential that signed in.
    pub credential_kind: CredentialKind,
    /// The name of that credential.
    pub credential_name: String,
}

/// A pair of tokens, issued at sign-in and at each renewal.
#[derive(Clone, Debug)]
pub struct TokenPair {
    /// The access token, for requests.
    pub access: Token,
    /// The moment at which the access token expires.
    pub access_until: Instant,
    /// The refresh token, for the next pair.
    pub refresh: Token,
    /// The moment at which the refresh token expires.
    pub refresh_until: Instant,
}

impl TokenPair {
    /// How long an access token is valid, in seconds.
    pub const LIFETIME: u64 = TOKEN_LIFE.as_secs();

    /// When a pair was issued whose refresh token expires at `until`.
    #[must_use]
    pub fn issued_at(until: Instant) -> Instant {
        until.minus(REFRESH_LIFE)
    }

    /// Makes a pair that is valid from `now`.
    #[must_use]
    pub fn issued(access: Token, refresh: Token, now: Instant) -> Self {
        Self {
            access,
            access_until: now.plus(TOKEN_LIFE),
            refresh,
            refresh_until: now.plus(REFRESH_LIFE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_the_same_hash_in_every_notation() {
        let token = Token::parse("84e2b789-d5f4-4634-98fe-dacc9fe42ba3").unwrap();
        let shouted = Token::parse(" 84E2B789D5F4463498FEDACC9FE42BA3 ").unwrap();
        assert!(token.hash().matches(&shouted.hash()));
        assert!(Token::parse("84e2b789").is_err());
    }

    #[test]
    fn debug_output_does_not_contain_the_token() {
        let token = Token::parse("84e2b789-d5f4-4634-98fe-dacc9fe42ba3").unwrap();
        assert_eq!(format!("{token:?}"), "Token(..)");
    }
}
