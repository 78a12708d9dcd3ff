//! Slow hashes of the secrets that clients present, and what bounds their cost (`docs/decisions.md`, D-531).
//!
//! A hash takes 19 MiB and some 20 ms of a core, or ten times as long in a function of 128 MB. So a process
//! remembers the hashes that it made, makes one at a time, and makes few of secrets that it has not seen.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;

use super::cache::CacheKey;
use super::presented::Claim;
use crate::model::credential::{NotHashed, Salt, SlowHash};
use crate::model::time::Instant;
use crate::problem::{Cause, Problem};
use crate::request::Request;

/// How many secrets a process hashes at once, if it has hashed none for a while.
const BURST: i64 = 32;

/// How long it takes until a process may hash one secret more, in milliseconds: a tenth of its time at most,
/// in a function of 128 MB.
const INTERVAL: i64 = 5_000;

/// How many hashes a generation of [`Made`] has.
const GENERATION: usize = 512;

/// The slow hashes that a process made, and how many more it may make.
#[derive(Debug)]
pub(super) struct SlowHashes {
    made: Arc<Mutex<Made>>,
    budget: Mutex<Budget>,
    /// Hashes are made one at a time, so that they take the memory of one.
    turn: Arc<Semaphore>,
}

impl Default for SlowHashes {
    fn default() -> Self {
        Self {
            made: Arc::default(),
            budget: Mutex::default(),
            turn: Arc::new(Semaphore::new(1)),
        }
    }
}

impl SlowHashes {
    /// Returns the hash of the secret of a claim. It is made once for each name, secret and salt, so that the
    /// first time costs the same for every name, and so does each later time.
    ///
    /// # Errors
    /// Returns `Unavailable` if the process has hashed too many secrets.
    pub(super) async fn of(
        &self,
        request: &Request,
        claim: &Claim,
        salt: Salt,
    ) -> Result<SlowHash, Problem> {
        let key = (CacheKey::of(claim), salt);
        if let Some(hash) = self.made().get(&key) {
            return Ok(hash);
        }
        let turn = Arc::clone(&self.turn).acquire_owned().await;
        // Who waited may find what was made meanwhile.
        if let Some(hash) = self.made().get(&key) {
            return Ok(hash);
        }
        if !self.may_hash(request.received()) {
            return Err(Problem::Unavailable(Cause::text(
                "too many secrets that were not presented before",
            )));
        }
        request.log().hashed_slowly();
        let secret = claim.reveal().to_owned();
        let made = Arc::clone(&self.made);
        let hash = tokio::task::spawn_blocking(move || {
            let hash = SlowHash::of(&secret, salt)?;
            let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
            made.keep(key, hash.clone());
            // Not before it is kept, also where the request was given up: the next in turn looks for it.
            drop(turn);
            Ok::<_, NotHashed>(hash)
        });
        hash.await
            .map_err(|error| Problem::Internal(Cause::of(&error)))?
            .map_err(|error| Problem::Unavailable(Cause::of(&error)))
    }

    /// Takes a hash out of the budget, if there is one left.
    fn may_hash(&self, now: Instant) -> bool {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        budget.take(now)
    }

    fn made(&self) -> MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Key = (CacheKey, Salt);

/// The hashes that were used last, in two generations: a full one takes the place of the one before it.
#[derive(Debug, Default)]
struct Made {
    young: HashMap<Key, SlowHash>,
    old: HashMap<Key, SlowHash>,
}

impl Made {
    fn get(&mut self, key: &Key) -> Option<SlowHash> {
        if let Some(hash) = self.young.get(key) {
            return Some(hash.clone());
        }
        let (key, hash) = self.old.remove_entry(key)?;
        self.keep(key, hash.clone());
        Some(hash)
    }

    fn keep(&mut self, key: Key, hash: SlowHash) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, hash);
    }
}

/// How many hashes may be made: [`BURST`] at once, and one more every [`INTERVAL`].
#[derive(Debug, Default)]
struct Budget {
    /// When all of the burst may be made again, in milliseconds.
    full_at: i64,
}

impl Budget {
    fn take(&mut self, now: Instant) -> bool {
        let now = now.millis();
        let longest = BURST * INTERVAL;
        // A clock that jumped back must not hold anybody back.
        let behind = (self.full_at - now).max(0);
        let behind = if behind > longest { 0 } else { behind };
        let allowed = behind + INTERVAL <= longest;
        if allowed {
            self.full_at = now + behind + INTERVAL;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::presented::{Claims, Presented};
    use crate::model::credential::CredentialKind;

    fn claim(name: &str) -> Claim {
        let Claims::Credential(mut claims) = Presented::pair(CredentialKind::Tld, name, "secret").0
        else {
            panic!("a credential");
        };
        claims.remove(0)
    }

    #[test]
    fn a_process_hashes_a_burst_and_then_one_secret_every_five_seconds() {
        let mut budget = Budget::default();
        let at = |millis: i64| Instant::from_millis(1_795_262_400_000 + millis);
        let taken = (0..100).filter(|_| budget.take(at(0))).count();
        assert_eq!(taken, 32);
        assert!(!budget.take(at(4_999)));
        assert!(budget.take(at(5_000)) && !budget.take(at(5_000)));
        let hour = (0..3_600).filter(|second| budget.take(at(5_000 + second * 1_000)));
        assert_eq!(hour.count(), 719, "one every five seconds");
        let taken = (0..100).filter(|_| budget.take(at(9_000_000))).count();
        assert_eq!(taken, 32, "the burst is there again");
        // A clock that is an hour ahead and comes back.
        assert!(budget.take(at(3_600_000 + 9_000_000)));
        assert!(budget.take(at(9_000_000)));
    }

    #[test]
    fn a_hash_that_is_used_is_remembered_however_many_others_are_made() {
        let mut made = Made::default();
        let hash = SlowHash::of("secret", Salt::DECOY).unwrap();
        let key = |name: &str| (CacheKey::of(&claim(name)), Salt::DECOY);
        made.keep(key("good"), hash.clone());
        for at in 0..2_000 {
            made.keep(key(&at.to_string()), hash.clone());
            if at % 100 == 0 {
                assert!(made.get(&key("good")).is_some(), "{at}");
            }
            assert!(made.young.len() + made.old.len() <= 2 * GENERATION);
        }
        assert!(made.get(&key("0")).is_none());
    }
}
