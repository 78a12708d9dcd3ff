//! Looks up credentials and accounts, in the process's cache and then in the ledger.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use futures_util::future;

use super::cache::{Admitted, Cache, CacheKey, TokenHolder};
use super::presented::{Claim, Claims, Presented};
use super::refused::Refusals;
use super::slow_hashes::SlowHashes;
use crate::ledger::{FoundCredential, Ledger, NoticeKind, Seen};
use crate::model::account::{Account, AccountId};
use crate::model::credential::{Accepted, Credential, Salt, StoredSecret};
use crate::model::id::CredentialId;
use crate::model::time::Instant;
use crate::problem::{Cause, Problem};
use crate::request::Request;
use crate::request::log_context::NotAdmitted;

/// The ledger, with the process's caches of credentials, accounts, tokens and limits.
#[derive(Debug)]
pub struct Access {
    pub(super) ledger: Ledger,
    credentials: Cache<CacheKey, Admitted>,
    accounts: Cache<AccountId, Arc<Account>>,
    /// The slow hashes of secrets that were presented.
    slow_hashes: SlowHashes,
    /// Access tokens, by hash.
    pub(super) tokens: Cache<String, TokenHolder>,
    /// The windows of each credential's limits, as of their last count.
    pub(super) windows: Mutex<HashMap<CredentialId, Seen>>,
    /// The window of each credential's call starts and ends, as of its last count.
    pub(super) starts: Mutex<HashMap<CredentialId, Seen>>,
    /// The hour of each credential's last notice of a kind.
    pub(super) noticed: Mutex<HashMap<(CredentialId, NoticeKind), i64>>,
    /// The refused requests that are not noted yet.
    pub(super) refusals: Refusals,
}

impl Access {
    /// Makes access to a ledger, with empty caches.
    #[must_use]
    pub fn new(ledger: Ledger) -> Self {
        Self {
            ledger,
            credentials: Cache::default(),
            accounts: Cache::default(),
            slow_hashes: SlowHashes::default(),
            tokens: Cache::default(),
            windows: Mutex::default(),
            starts: Mutex::default(),
            noticed: Mutex::default(),
            refusals: Refusals::default(),
        }
    }

    /// Returns the first claimed credential that there is, at most 30 seconds old.
    ///
    /// Every claim is looked up, so that an unknown name, a wrong secret and a revoked credential cost the same
    /// requests, and each of them costs one slow hash that it has not cost before.
    ///
    /// # Errors
    /// Returns `UnknownCredential` for an unknown name, a wrong secret and a revoked credential alike,
    /// after the same requests to the store, the same decoding and the same hashing. Returns `Unavailable` if
    /// DynamoDB does not answer in time, or if there were too many secrets to hash.
    pub(super) async fn credential(
        &self,
        request: &Request,
        claims: &[Claim],
    ) -> Result<Arc<Credential>, Problem> {
        let now = request.received();
        for claim in claims {
            let kept = self.credentials.get(&CacheKey::of(claim), now);
            // The secret of before a rotation is wrong from the end of the overlap on, not 30 seconds later.
            if let Some(kept) = kept.filter(|kept| kept.until.is_none_or(|until| now < until)) {
                let log = request.log();
                log.authenticated(&kept.credential.id, &kept.credential.account);
                return Ok(kept.credential);
            }
        }
        request.log().not_admitted(NotAdmitted::Unknown);
        if claims.iter().any(|claim| !is_a_name(&claim.name)) {
            return Err(Problem::UnknownCredential);
        }
        let read = |claim: &Claim| {
            let Claim { kind, name, .. } = claim;
            let (kind, name) = (*kind, name.clone());
            async move { self.ledger.credential_or_decoy(kind, &name).await }
        };
        let found = future::try_join_all(claims.iter().map(read)).await?;
        let mut candidates = Vec::new();
        for (claim, found) in claims.iter().zip(found) {
            // The secret is compared before anything else is decided, also with a decoy's.
            let fast = |stored: &StoredSecret| stored.is_fast(&claim.secret);
            let accepted = found.credential.accepts(now, fast);
            if let Some(accepted) = accepted
                && found.exists
                && !found.credential.is_over()
            {
                return Ok(self.admit(request, claim, found.credential, accepted));
            }
            candidates.push((claim, found, accepted.is_some()));
        }
        for (claim, found, matches) in candidates {
            let compared = self.compare(request, claim, found, matches).await?;
            if let Some((credential, accepted)) = compared {
                return Ok(self.admit(request, claim, credential, accepted));
            }
        }
        Err(Problem::UnknownCredential)
    }

    /// Returns the credential that a claim is for, if its secret was chosen and is right, and until when it is.
    /// `matches` says that the secret is right, and was generated.
    ///
    /// # Errors
    /// Returns `Unavailable` if DynamoDB does not answer in time, or if there were too many secrets to hash.
    async fn compare(
        &self,
        request: &Request,
        claim: &Claim,
        found: FoundCredential,
        matches: bool,
    ) -> Result<Option<(Credential, Accepted)>, Problem> {
        let by_secret = claim.kind.is_found_by_secret();
        let salt = match by_secret {
            true => Salt::of_lookup(claim.kind, &claim.shown),
            false => found.credential.salt(),
        };
        let hash = self.slow_hashes.of(request, claim, salt).await?;
        let found = if by_secret {
            let name = hash.to_hex();
            let slow = self.ledger.credential_or_decoy(claim.kind, &name).await?;
            // A revoked key costs this read as well.
            if matches { found } else { slow }
        } else {
            found
        };
        let FoundCredential { credential, exists } = found;
        let slow = |stored: &StoredSecret| matches!(stored, StoredSecret::Slow(stored) if stored.matches(&hash));
        let slowly = credential.accepts(request.received(), slow);
        if !exists {
            return Ok(None);
        }
        let log = request.log();
        if !(matches || slowly.is_some()) {
            log.named(&credential.id, &credential.account);
            log.not_admitted(match credential.is_over() {
                true => NotAdmitted::Revoked,
                false => NotAdmitted::WrongSecret,
            });
            return Ok(None);
        }
        // A revoked credential is refused as if it were unknown. The log still names it.
        log.authenticated(&credential.id, &credential.account);
        let accepted = slowly.filter(|_| !credential.is_over());
        if accepted.is_none() {
            log.not_admitted(NotAdmitted::Revoked);
        }
        Ok(accepted.map(|accepted| (credential, accepted)))
    }

    fn admit(
        &self,
        request: &Request,
        claim: &Claim,
        credential: Credential,
        Accepted { until }: Accepted,
    ) -> Arc<Credential> {
        let log = request.log();
        log.authenticated(&credential.id, &credential.account);
        let credential = Arc::new(credential);
        let (key, now) = (CacheKey::of(claim), request.received());
        let admitted = Admitted {
            credential: Arc::clone(&credential),
            until,
        };
        self.credentials.keep(key, admitted, now);
        credential
    }

    /// Returns the credential that is presented and the account that it acts for, if the process has them in its
    /// cache.
    pub(super) fn known(
        &self,
        presented: &Presented,
        now: Instant,
    ) -> Option<(Arc<Credential>, AccountId)> {
        match &presented.0 {
            Claims::Credential(claims) => claims.iter().find_map(|claim| {
                let kept = self.credentials.get(&CacheKey::of(claim), now)?;
                let good = kept.until.is_none_or(|until| now < until);
                let account = kept.credential.account.clone();
                good.then_some((kept.credential, account))
            }),
            Claims::Token(token) => {
                let holder = self.tokens.get(&token.hash().to_hex(), now)?;
                (now < holder.until).then_some((holder.credential, holder.account))
            }
        }
    }

    /// Returns an account, at most 30 seconds old.
    ///
    /// # Errors
    /// Returns `Internal` if the account does not exist, or an error if DynamoDB does not answer in
    /// time.
    pub(super) async fn account(
        &self,
        request: &Request,
        id: &AccountId,
    ) -> Result<Arc<Account>, Problem> {
        let now = request.received();
        if let Some(account) = self.accounts.get(id, now) {
            return Ok(account);
        }
        let account = self.ledger.account(id).await?;
        let account = account.map(Arc::new).ok_or_else(|| {
            Problem::Internal(Cause::text("the credential's account does not exist"))
        })?;
        self.accounts.keep(id.clone(), Arc::clone(&account), now);
        Ok(account)
    }
}

/// Whether Callbook could have issued a credential of this name.
///
/// Its names are short and plain. A much longer one would not even fit a key of the table.
fn is_a_name(name: &str) -> bool {
    (1..=128).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
}
