//! Argon2id hashes of secrets that people or other systems chose (`docs/decisions.md`, D-530).

use std::fmt;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::credential_kind::CredentialKind;

/// The salt of a slow hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Salt([u8; Self::BYTES]);

impl Salt {
    /// How many bytes a salt has.
    pub const BYTES: usize = 15;

    /// The salt for names that do not exist, and for credentials with a fast hash.
    pub const DECOY: Self = Self(*b"callbook: decoy");

    pub(crate) fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// Returns the salt of credentials that are looked up by their slow hash, so that it has to be the same
    /// each time. `shown` is the public half, which a Trestle key does not have.
    #[must_use]
    pub fn of_lookup(kind: CredentialKind, shown: &str) -> Self {
        let shown = match kind {
            CredentialKind::Trestle => "",
            _ => shown,
        };
        let digest = Sha256::digest(format!("callbook lookup {}:{shown}", kind.as_str()));
        let mut salt = [0; Self::BYTES];
        for (to, from) in salt.iter_mut().zip(digest) {
            *to = from;
        }
        Self(salt)
    }
}

/// The argon2id hash of a secret, with its salt.
///
/// It is stored as 48 bytes in Base64: the number of the parameters, the salt, and the hash.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SlowHash {
    salt: Salt,
    hash: [u8; 32],
}

impl SlowHash {
    /// How much memory a hash takes while it is made, in KiB. OWASP's first choice together with two passes.
    pub const MEMORY_KIB: u32 = 19 * 1_024;

    /// How often that memory is passed over.
    pub const PASSES: u32 = 2;

    /// The number of these parameters, with one lane.
    const PARAMETERS: u8 = 1;

    /// Hashes a secret: 19 MiB of memory, and some 20 ms of a core.
    ///
    /// # Errors
    /// Returns `NotHashed` if there is not enough memory.
    pub fn of(secret: &str, salt: Salt) -> Result<Self, NotHashed> {
        let mut hash = [0; 32];
        let parameters = Params::new(Self::MEMORY_KIB, Self::PASSES, 1, Some(hash.len()))
            .map_err(|_| NotHashed)?;
        let blocks = parameters.block_count();
        let mut memory = Vec::new();
        memory.try_reserve_exact(blocks).map_err(|_| NotHashed)?;
        memory.resize(blocks, Block::new());
        Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
            .hash_password_into_with_memory(secret.as_bytes(), &salt.0, &mut hash, &mut memory)
            .map_err(|_| NotHashed)?;
        Ok(Self { salt, hash })
    }

    /// Returns its salt.
    #[must_use]
    pub fn salt(&self) -> Salt {
        self.salt
    }

    /// Compares two hashes in constant time.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.salt == other.salt && self.hash.ct_eq(&other.hash).into()
    }

    /// Returns 64 hex digits, by which a key without a name is looked up.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.hash)
    }
}

impl fmt::Debug for SlowHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SlowHash(..)")
    }
}

/// There was not enough memory to hash a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret cannot be hashed: 19 MiB of memory are needed")]
pub struct NotHashed;

/// The text is not a slow hash that this version reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an argon2id hash of this version")]
pub struct InvalidSlowHash;

impl TryFrom<String> for SlowHash {
    type Error = InvalidSlowHash;
    fn try_from(text: String) -> Result<Self, InvalidSlowHash> {
        let bytes = STANDARD.decode(text).map_err(|_| InvalidSlowHash)?;
        let (parameters, rest) = bytes.split_first().ok_or(InvalidSlowHash)?;
        let (salt, hash) = rest
            .split_at_checked(Salt::BYTES)
            .filter(|_| *parameters == Self::PARAMETERS)
            .ok_or(InvalidSlowHash)?;
        Ok(Self {
            salt: Salt(salt.try_into().map_err(|_| InvalidSlowHash)?),
            hash: hash.try_into().map_err(|_| InvalidSlowHash)?,
        })
    }
}

impl From<SlowHash> for String {
    fn from(SlowHash { salt, hash }: SlowHash) -> Self {
        let parameters = [SlowHash::PARAMETERS];
        STANDARD.encode([&parameters[..], &salt.0, &hash].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::secret::SecretHash;
    use CredentialKind::{Fonedynamics, Trestle};

    /// The same secret, salt and parameters as `argon2 -id -k 19456 -t 2 -p 1 -l 32` takes.
    #[test]
    fn a_slow_hash_is_that_of_other_implementations() {
        let salt = Salt::from_bytes(*b"saltsaltsaltsal");
        let hash = SlowHash::of("APIpassword", salt).unwrap();
        assert_eq!(hash.to_hex(), KNOWN);
    }

    /// What the reference implementation makes of it.
    const KNOWN: &str = "762bf68cad7c5c6b2645c325f19794e4fc0275f7577a92f3dc80bcbd3f557965";

    #[test]
    fn a_slow_hash_is_stored_in_as_many_characters_as_a_fast_one_and_read_back() {
        let hash = SlowHash::of("APIpassword", Salt::DECOY).unwrap();
        let stored = String::from(hash.clone());
        assert_eq!(stored.len(), SecretHash::of("APIpassword").to_hex().len());
        let read = SlowHash::try_from(stored.clone()).unwrap();
        assert!(read.matches(&hash) && read.salt() == Salt::DECOY);
        let other = SlowHash::of("APIpasswore", Salt::DECOY).unwrap();
        assert!(!read.matches(&other));
        let salted = SlowHash::of("APIpassword", Salt::of_lookup(Trestle, "")).unwrap();
        assert!(!read.matches(&salted));
        // Parameters of a later version, and texts of another length.
        let mut bytes = STANDARD.decode(&stored).unwrap();
        bytes[0] = 2;
        assert!(SlowHash::try_from(STANDARD.encode(&bytes)).is_err());
        bytes[0] = 1;
        bytes.pop();
        for bad in [STANDARD.encode(&bytes), String::new(), "x".to_owned()] {
            assert!(SlowHash::try_from(bad).is_err());
        }
        assert_eq!(format!("{hash:?}"), "SlowHash(..)");
    }

    #[test]
    fn a_salt_for_look_ups_belongs_to_a_kind_and_a_name() {
        let salts = [
            Salt::of_lookup(Trestle, ""),
            Salt::of_lookup(Fonedynamics, ""),
            Salt::of_lookup(Fonedynamics, "A"),
            Salt::DECOY,
        ];
        for (at, salt) in salts.iter().enumerate() {
            assert!(!salts[..at].contains(salt));
        }
        assert_eq!(salts[2], Salt::of_lookup(Fonedynamics, "A"));
    }
}
