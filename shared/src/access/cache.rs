//! Caches credentials, accounts and tokens in the process, for 30 seconds each.
//!
//! See `docs/decisions.md`: D-011 for the time, D-014 for the secret in the key.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::presented::Claim;
use crate::model::account::AccountId;
use crate::model::credential::{Credential, CredentialKind};
use crate::model::time::Instant;

/// How long a change of a credential or an account may go unnoticed.
const LIFE: Duration = Duration::from_secs(30);

/// The maximum number of entries: more than one process serves within [`LIFE`].
const MOST: usize = 1_000;

/// A cache key: the credential's kind, its name and the hash of the secret that was presented.
///
/// Because the secret is part of the key, a wrong secret always misses the cache. It costs the same
/// request as an unknown name (`docs/decisions.md`, D-014).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct CacheKey(CredentialKind, String, String);

impl CacheKey {
    pub(super) fn of(claim: &Claim) -> Self {
        let Claim {
            kind, name, secret, ..
        } = claim;
        Self(*kind, name.clone(), secret.to_hex())
    }
}

/// A credential that was presented with a right secret.
#[derive(Clone, Debug)]
pub(super) struct Admitted {
    pub(super) credential: Arc<Credential>,
    /// The moment from which the secret is wrong, if it is that of before a rotation.
    pub(super) until: Option<Instant>,
}

/// The holder of an access token.
#[derive(Clone, Debug)]
pub(super) struct TokenHolder {
    pub(super) credential: Arc<Credential>,
    /// The one account that the token is bound to.
    pub(super) account: AccountId,
    /// The moment at which the token expires.
    pub(super) until: Instant,
}

/// A map whose entries live for [`LIFE`].
#[derive(Debug)]
pub(super) struct Cache<K, V>(Mutex<HashMap<K, (V, Instant)>>);

impl<K, V> Default for Cache<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    pub(super) fn get(&self, key: &K, now: Instant) -> Option<V> {
        let cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cache
            .get(key)
            .filter(|(_, until)| *until > now)
            .map(|(value, _)| value.clone())
    }

    pub(super) fn forget(&self, key: &K) {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cache.remove(key);
    }

    pub(super) fn keep(&self, key: K, value: V, now: Instant) {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= MOST {
            cache.retain(|_, (_, until)| *until > now);
        }
        if cache.len() < MOST {
            cache.insert(key, (value, now.plus(LIFE)));
        }
    }
}
