//! The secrets that sign deliveries, by the Standard Webhooks specification.
//!
//! A secret that signs has to be stored as it is: a hash of it could not sign (`docs/decisions.md`, D-671).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::model::time::Instant;

/// A secret that signs deliveries: 32 random bytes, shown as `whsec_` and base64.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SigningSecret(Vec<u8>);

impl SigningSecret {
    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes.to_vec())
    }

    /// Reads a secret.
    ///
    /// # Errors
    /// Returns `InvalidSecret` if the text is not `whsec_` and base64 of 24 to 64 bytes.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let encoded = text.trim().strip_prefix("whsec_").ok_or(InvalidSecret)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| InvalidSecret)?;
        match (24..=64).contains(&bytes.len()) {
            true => Ok(Self(bytes)),
            false => Err(InvalidSecret),
        }
    }

    /// Returns the text that is shown once.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("whsec_{}", STANDARD.encode(&self.0))
    }

    /// Signs a delivery: the base64 of the HMAC-SHA256 of its id, its time and its body.
    fn sign(&self, id: &str, seconds: i64, body: &str) -> String {
        // HMAC takes keys of every length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return String::new();
        };
        for part in [id, ".", &seconds.to_string(), ".", body] {
            mac.update(part.as_bytes());
        }
        STANDARD.encode(mac.finalize().into_bytes())
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(..)")
    }
}

impl TryFrom<String> for SigningSecret {
    type Error = InvalidSecret;
    fn try_from(text: String) -> Result<Self, InvalidSecret> {
        Self::parse(&text)
    }
}

impl From<SigningSecret> for String {
    fn from(secret: SigningSecret) -> Self {
        secret.reveal()
    }
}

/// The text is not a signing secret. It is not quoted: it may be one with a typing mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a signing secret: whsec_ and base64")]
pub struct InvalidSecret;

/// A secret, and until when it signs; without an end for the newest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Dated {
    secret: SigningSecret,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Instant>,
}

/// The secrets of an endpoint: the newest, and those that still sign while receivers change over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SigningSecrets(Vec<Dated>);

impl SigningSecrets {
    /// How many sign at the same time at most.
    pub const MOST: usize = 5;

    /// The secrets of a new endpoint.
    #[must_use]
    pub fn new(secret: SigningSecret) -> Self {
        Self(vec![Dated {
            secret,
            until: None,
        }])
    }

    /// Returns the secrets with a newer one. Those that sign now go on until `until`, or their own end if that is
    /// earlier.
    #[must_use]
    pub fn rotated(&self, newer: SigningSecret, until: Instant, now: Instant) -> Self {
        let kept = self.0.iter().filter_map(|old| {
            let until = old.until.map_or(until, |own| own.min(until));
            (until > now).then(|| Dated {
                secret: old.secret.clone(),
                until: Some(until),
            })
        });
        let newest = Dated {
            secret: newer,
            until: None,
        };
        Self(
            std::iter::once(newest)
                .chain(kept)
                .take(Self::MOST)
                .collect(),
        )
    }

    /// Whether a secret is the newest one.
    #[must_use]
    pub fn is_newest(&self, secret: &SigningSecret) -> bool {
        self.0.first().is_some_and(|first| first.secret == *secret)
    }

    /// Returns the header `webhook-signature`: a signature of each secret, the newest first.
    #[must_use]
    pub fn signature(&self, id: &str, now: Instant, body: &str) -> String {
        let signing = self
            .0
            .iter()
            .filter(|one| one.until.is_none_or(|until| now < until));
        let signatures =
            signing.map(|one| format!("v1,{}", one.secret.sign(id, now.seconds(), body)));
        signatures.collect::<Vec<_>>().join(" ")
    }

    /// Returns until when an older secret signs, the latest of them.
    #[must_use]
    pub fn older_until(&self, now: Instant) -> Option<Instant> {
        let ends = self.0.iter().filter_map(|one| one.until);
        ends.filter(|until| now < *until).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference libraries.
    #[test]
    fn a_signature_is_that_of_the_reference_libraries() {
        let secret = SigningSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = secret.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            "{\"test\": 2432232314}",
        );
        assert_eq!(signed, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn older_secrets_sign_until_their_end() {
        let secret = |byte| SigningSecret::from_bytes([byte; 32]);
        let at = |seconds: i64| Instant::from_millis(seconds * 1_000);
        let mut secrets = SigningSecrets::new(secret(0));
        let count = |secrets: &SigningSecrets, now| {
            secrets.signature("id", at(now), "body").split(' ').count()
        };
        assert_eq!((count(&secrets, 0), secrets.older_until(at(0))), (1, None));
        secrets = secrets.rotated(secret(1), at(100), at(0));
        assert_eq!((count(&secrets, 99), count(&secrets, 100)), (2, 1));
        assert_eq!(secrets.older_until(at(0)), Some(at(100)));
        secrets = secrets.rotated(secret(2), at(60), at(50));
        assert_eq!((count(&secrets, 59), count(&secrets, 60)), (3, 1));
        for byte in 3..20 {
            secrets = secrets.rotated(secret(byte), at(1_000), at(60));
        }
        assert_eq!(count(&secrets, 60), SigningSecrets::MOST);
        let newest = secret(19).sign("id", 60, "body");
        assert!(
            secrets
                .signature("id", at(60), "body")
                .starts_with(&format!("v1,{newest}"))
        );
    }

    #[test]
    fn a_secret_is_read_back_and_never_shown_by_accident() {
        let secret = SigningSecret::from_bytes([9; 32]);
        assert_eq!(SigningSecret::parse(&secret.reveal()), Ok(secret.clone()));
        let shown = format!("{secret:?} {:?}", SigningSecrets::new(secret.clone()));
        assert!(!shown.contains("CQkJ"), "{shown}");
        for bad in [
            "",
            "whsec_",
            "whsec_AAAA",
            "whsec_*",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ] {
            assert!(SigningSecret::parse(bad).is_err(), "{bad}");
        }
    }
}
