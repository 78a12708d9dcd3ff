//! Ids of Callbook's own, which no vendor defines.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The alphabet of sids.
pub(crate) const LETTERS: &[u8; 26] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The id of one request, a UUID: in the `X-Request-Guid` header and in the log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Guid(Uuid);

impl Guid {
    pub(crate) fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// Makes the guid of bytes that nobody else computes.
    #[must_use]
    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = bytes;
        let bytes = [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p];
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// Reads a guid, in any notation of a UUID.
    ///
    /// # Errors
    /// Returns `InvalidGuid` if the text is not a UUID.
    pub fn parse(text: &str) -> Result<Self, InvalidGuid> {
        Uuid::try_parse(text.trim())
            .map(Self)
            .map_err(|_| InvalidGuid)
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// The text is not a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a UUID such as 84e2b789-d5f4-4634-98fe-dacc9fe42ba3")]
pub struct InvalidGuid;

/// The id of a credential in logs and support: `cred_` and 16 hex digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CredentialId(String);

impl CredentialId {
    pub(crate) fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(format!("cred_{}", hex::encode(bytes)))
    }

    /// Reads a credential id.
    ///
    /// # Errors
    /// Returns `InvalidCredentialId` if the text is not `cred_` and 16 hex digits.
    pub fn parse(text: &str) -> Result<Self, InvalidCredentialId> {
        let text = text.trim().to_ascii_lowercase();
        match text.strip_prefix("cred_") {
            Some(digits) if digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_hexdigit()) => {
                Ok(Self(text))
            }
            _ => Err(InvalidCredentialId),
        }
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for CredentialId {
    type Error = InvalidCredentialId;
    fn try_from(text: String) -> Result<Self, InvalidCredentialId> {
        Self::parse(&text)
    }
}

impl From<CredentialId> for String {
    fn from(id: CredentialId) -> Self {
        id.0
    }
}

/// The text is not a credential id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a credential id: cred_ and 16 hex digits")]
pub struct InvalidCredentialId;
