//! Tokens of a sign-in: what a client holds instead of its password (contracts/teletracker.md).

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::account::AccountId;
use super::credential::{CredentialKind, SecretHash};
use super::time::Instant;

/// For how long a token works.
const TOKEN_LIFE: Duration = Duration::from_secs(3_600);

/// For how long a refresh token works.
const REFRESH_LIFE: Duration = Duration::from_secs(29 * 86_400);

/// A token or refresh token as its client holds it: a UUID, random but for the bits that make it one.
/// The ledger knows its hash alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Uuid);

impl Token {
    pub(crate) fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// Reads a token in any notation of a UUID.
    ///
    /// # Errors
    /// The text is no UUID.
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        Uuid::try_parse(text.trim())
            .map(Self)
            .map_err(|_| InvalidToken)
    }

    /// What the ledger finds it by.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.reveal())
    }

    /// The secret itself, for the client that it is issued to.
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

/// The text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a token: a UUID")]
pub struct InvalidToken;

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// To be shown with every request.
    Access,
    /// To be exchanged, once, for a new pair.
    Refresh,
}

/// Whom a token speaks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The session: all the pairs that came out of one sign-in.
    pub session_id: String,
    /// The one account that it is bound to.
    pub account_id: AccountId,
    /// The kind of the credential that signed in.
    pub credential_kind: CredentialKind,
    /// Its name.
    pub credential_name: String,
}

/// What a client is given when it signs in, and each time it renews.
#[derive(Clone, Debug)]
pub struct TokenPair {
    /// For requests.
    pub access: Token,
    /// The first moment at which it no longer works.
    pub access_until: Instant,
    /// For the next pair.
    pub refresh: Token,
    /// The first moment at which it no longer works.
    pub refresh_until: Instant,
}

impl TokenPair {
    /// Seconds for which the token for requests works.
    pub const LIFETIME: u64 = TOKEN_LIFE.as_secs();

    /// A pair that begins to work at `now`.
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
    fn a_token_is_found_by_the_same_hash_however_it_is_written() {
        let token = Token::parse("84e2b789-d5f4-4634-98fe-dacc9fe42ba3").unwrap();
        let shouted = Token::parse(" 84E2B789D5F4463498FEDACC9FE42BA3 ").unwrap();
        assert!(token.hash().matches(&shouted.hash()));
        assert!(Token::parse("84e2b789").is_err());
    }

    #[test]
    fn a_token_is_not_shown_by_accident() {
        let token = Token::parse("84e2b789-d5f4-4634-98fe-dacc9fe42ba3").unwrap();
        assert_eq!(format!("{token:?}"), "Token(..)");
    }
}
