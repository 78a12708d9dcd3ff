//! Secrets, and the hashes that are stored of them (`docs/decisions.md`, D-530).
//!
//! A generated secret has 256 random bits, which nobody can guess: its SHA-256 is stored. A secret that a person
//! or another system chose may be guessable, so guessing it from a copy of the table has to be slow: its
//! argon2id hash is stored.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::credential_kind::CredentialKind;
use super::slow_hash::SlowHash;

/// The SHA-256 of a secret. The secret itself is never stored.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// Hashes a secret that a client presents.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// Compares two hashes in constant time.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// Returns 64 hex digits, by which a key without a name is looked up.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(..)")
    }
}

impl TryFrom<String> for SecretHash {
    type Error = hex::FromHexError;
    fn try_from(text: String) -> Result<Self, hex::FromHexError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)?;
        Ok(Self(bytes))
    }
}

impl From<SecretHash> for String {
    fn from(hash: SecretHash) -> Self {
        hash.to_hex()
    }
}

/// The hash that a credential's item has.
///
/// Both have names of 13 letters and 64 characters, so that items of either kind are equally long.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum StoredSecret {
    /// Of a generated secret.
    #[serde(rename = "secret_sha256")]
    Fast(SecretHash),
    /// Of a secret that was chosen.
    #[serde(rename = "secret_argon2")]
    Slow(SlowHash),
}

impl StoredSecret {
    /// Whether it is the fast hash of the secret that `presented` is the hash of.
    #[must_use]
    pub fn is_fast(&self, presented: &SecretHash) -> bool {
        matches!(self, Self::Fast(stored) if stored.matches(presented))
    }
}

impl CredentialKind {
    /// Returns the lookup name of a credential with a generated secret, if the secret is part of it.
    /// `shown` is the public half, which a Trestle key does not have.
    #[must_use]
    pub fn fast_name(self, shown: &str, secret: &str) -> Option<String> {
        match self {
            Self::Trestle => Some(SecretHash::of(secret).to_hex()),
            Self::Fonedynamics => Some(SecretHash::of(&format!("{shown}:{secret}")).to_hex()),
            Self::Tld | Self::Truecnam | Self::User | Self::Integrator => None,
        }
    }
}
