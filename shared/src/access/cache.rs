//! Credentials that a process has seen, for 30 seconds each.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Caller;
use crate::model::credential::{CredentialKind, SecretHash};
use crate::model::time::Instant;

/// How long a change of a credential or an account may go unseen.
const LIFE: Duration = Duration::from_secs(30);

/// More credentials than one process serves within [`LIFE`].
const MOST: usize = 1_000;

/// What a client showed: kind, name and the hash of the secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct CacheKey(CredentialKind, String, String);

impl CacheKey {
    pub(super) fn new(kind: CredentialKind, name: &str, secret: &SecretHash) -> Self {
        Self(kind, name.to_owned(), secret.to_hex())
    }
}

#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<HashMap<CacheKey, (Caller, Instant)>>);

impl Cache {
    pub(super) fn get(&self, key: &CacheKey, now: Instant) -> Option<Caller> {
        let cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cache
            .get(key)
            .filter(|(_, until)| *until > now)
            .map(|(caller, _)| caller.clone())
    }

    pub(super) fn keep(&self, key: CacheKey, caller: Caller, now: Instant) {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= MOST {
            cache.retain(|_, (_, until)| *until > now);
        }
        if cache.len() < MOST {
            cache.insert(key, (caller, now.plus(LIFE)));
        }
    }
}
