//! The secret that a credential had before it was rotated, and which of two secrets was presented
//! (`docs/decisions.md`, D-700).

use serde::{Deserialize, Serialize};

use super::secret::StoredSecret;
use super::slow_hash::Salt;
use super::time::Instant;

/// The secret before the last rotation. It is good until the overlap ends.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FormerSecret {
    /// The name that the credential was looked up by, for the kinds whose names are made from their secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The hash of the secret.
    #[serde(flatten)]
    pub secret: StoredSecret,
    /// The moment from which it is refused as any wrong secret.
    pub until: Instant,
}

/// A secret that was presented and is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The moment from which it is wrong; `None` for the secret in force.
    pub until: Option<Instant>,
}

/// Decides whether one of two secrets was presented. Both are compared whatever the first says.
#[must_use]
pub fn accepted(
    secret: &StoredSecret,
    former: Option<&FormerSecret>,
    now: Instant,
    presented: impl Fn(&StoredSecret) -> bool,
) -> Option<Accepted> {
    let current = presented(secret);
    let former = former.filter(|former| presented(&former.secret) && now < former.until);
    match (current, former) {
        (true, _) => Some(Accepted { until: None }),
        (false, Some(former)) => Some(Accepted {
            until: Some(former.until),
        }),
        (false, None) => None,
    }
}

/// Returns the salt with which a presented secret is hashed, so that one hash tells of both secrets: a secret that
/// is brought along for a rotation takes the salt of the one before it.
#[must_use]
pub fn salt_of(secret: &StoredSecret, former: Option<&FormerSecret>) -> Salt {
    let slow = |stored: &StoredSecret| match stored {
        StoredSecret::Slow(hash) => Some(hash.salt()),
        StoredSecret::Fast(_) => None,
    };
    let former = || former.and_then(|former| slow(&former.secret));
    slow(secret).or_else(former).unwrap_or(Salt::DECOY)
}
