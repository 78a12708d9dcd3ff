//! Page tokens: opaque, signed, and valid only for the request that they were issued for.
//!
//! A token is a version byte, a [`Cursor`] as text and an HMAC-SHA256 over the [`Scope`], the version
//! and the cursor, in URL-safe base64. Nothing is stored for it (`docs/decisions.md`, D-049). The scope
//! is signed but not contained, so a token reveals its cursor and nothing else.

mod cursor;
mod scope;

#[cfg(test)]
mod tests;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::model::account::AccountId;
use crate::model::field::Field;
use crate::model::rules::NormalPath;
use crate::problem::{Fault, Problem};

pub use cursor::{CountedRange, Cursor};
pub use scope::Scope;

/// The version of the token format.
///
/// Tokens of the earlier versions 1 and 2 are refused like foreign ones. A client reads its pages
/// within minutes, so after a new version it has to start at most one list again.
const VERSION: u8 = 3;

/// The length of the HMAC at the end of a token.
const MAC_BYTES: usize = 32;

/// The key that signs a deployment's page tokens.
#[derive(Clone)]
pub struct PageKey(Hmac<Sha256>);

impl fmt::Debug for PageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageKey")
    }
}

/// The secret has fewer than 32 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key for page tokens has at least 32 characters")]
pub struct WeakKey;

impl PageKey {
    /// Makes a key from a secret.
    ///
    /// # Errors
    /// Returns `WeakKey` if the secret has fewer than 32 bytes.
    pub fn new(secret: &str) -> Result<Self, WeakKey> {
        if secret.len() < 32 {
            return Err(WeakKey);
        }
        Hmac::new_from_slice(secret.as_bytes())
            .map(Self)
            .map_err(|_| WeakKey)
    }

    /// Returns a token for the page that begins at `cursor`.
    #[must_use]
    pub fn sign(&self, scope: &Scope, cursor: &Cursor) -> String {
        let mut token = vec![VERSION];
        token.extend_from_slice(cursor.to_text().as_bytes());
        let mac = self.mac(scope, &token).finalize().into_bytes();
        token.extend_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// Returns the cursor of a token, or `None` unless this key signed the token for this scope.
    #[must_use]
    pub fn open(&self, scope: &Scope, token: &str) -> Option<Cursor> {
        let token = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (signed, mac) = token.split_at_checked(token.len().checked_sub(MAC_BYTES)?)?;
        self.mac(scope, signed).verify_slice(mac).ok()?;
        match signed.split_first()? {
            (&VERSION, cursor) => Cursor::parse(std::str::from_utf8(cursor).ok()?),
            _ => None,
        }
    }

    /// Returns bytes that only the holder of the key can compute from `text`, others for each purpose.
    ///
    /// `purpose` is not JSON, which scopes are, so no page token has such a MAC.
    #[must_use]
    pub fn derive(&self, purpose: &'static str, text: &str) -> [u8; MAC_BYTES] {
        let mut mac = self.0.clone();
        mac.update(purpose.as_bytes());
        mac.update(b"\n");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }

    fn mac(&self, scope: &Scope, signed: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(scope.as_str().as_bytes());
        // A scope has no line break, so no other pair of scope and cursor produces the same text.
        mac.update(b"\n");
        mac.update(signed);
        mac
    }
}

/// Opens and signs the page tokens of one request.
pub struct Pager<'a> {
    key: &'a PageKey,
    scope: Scope,
}

impl<'a> Pager<'a> {
    /// Makes the pager of a request; see [`Scope::new`] for what its tokens are bound to.
    ///
    /// # Errors
    /// Returns `Internal` if the filter cannot be serialized.
    pub fn new(
        key: &'a PageKey,
        account: &AccountId,
        path: &NormalPath,
        filter: &impl serde::Serialize,
    ) -> Result<Self, Problem> {
        let scope = Scope::new(account, path, filter)?;
        Ok(Self { key, scope })
    }

    /// Opens the token that a client sent as `field`.
    ///
    /// # Errors
    /// Returns `Invalid` if the token was not issued for this request.
    pub fn open(&self, field: Field, token: &str) -> Result<Cursor, Fault> {
        self.key.open(&self.scope, token).ok_or_else(|| {
            Fault::invalid(format!(
                "the {} is not valid for this request; start again without it",
                field.name
            ))
        })
    }

    /// Returns the token for the page that begins at `cursor`.
    #[must_use]
    pub fn sign(&self, cursor: &Cursor) -> String {
        self.key.sign(&self.scope, cursor)
    }
}
