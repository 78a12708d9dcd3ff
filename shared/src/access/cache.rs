//! What a process remembers of credentials, accounts and tokens, for 30 seconds each.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::model::account::AccountId;
use crate::model::credential::{Credential, CredentialKind, SecretHash};
use crate::model::time::Instant;

/// How long a change of a credential or an account may go unseen.
const LIFE: Duration = Duration::from_secs(30);

/// More entries than one process serves within [`LIFE`].
const MOST: usize = 1_000;

/// What a client presented: kind, name and the hash of the secret. Because the secret is part of the key,
/// a wrong one is never found, and costs the same request as a name that nobody has.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct CacheKey(CredentialKind, String, String);

impl CacheKey {
    pub(super) fn new(kind: CredentialKind, name: &str, secret: &SecretHash) -> Self {
        Self(kind, name.to_owned(), secret.to_hex())
    }
}

/// Who holds an access token.
#[derive(Clone, Debug)]
pub(super) struct TokenHolder {
    pub(super) credential: Arc<Credential>,
    /// The one account that the token is bound to.
    pub(super) account: AccountId,
    /// The first moment at which the token no longer works.
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
