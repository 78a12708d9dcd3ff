//! Looks up credentials and accounts, in the process's cache and then in the ledger.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use futures_util::future;

use super::cache::{Cache, CacheKey, TokenHolder};
use super::presented::Claim;
use crate::ledger::{FoundCredential, Ledger, Seen};
use crate::model::account::{Account, AccountId};
use crate::model::credential::{Credential, Status};
use crate::model::id::CredentialId;
use crate::problem::{Cause, Problem};
use crate::request::Request;

/// The ledger, with the process's caches of credentials, accounts, tokens and limits.
#[derive(Debug)]
pub struct Access {
    pub(super) ledger: Ledger,
    credentials: Cache<CacheKey, Arc<Credential>>,
    accounts: Cache<AccountId, Arc<Account>>,
    /// Access tokens, by hash.
    pub(super) tokens: Cache<String, TokenHolder>,
    /// The windows of each credential's limits, as of their last count.
    pub(super) windows: Mutex<HashMap<CredentialId, Seen>>,
    /// The window of each credential's call starts and ends, as of its last count.
    pub(super) starts: Mutex<HashMap<CredentialId, Seen>>,
}

impl Access {
    /// Makes access to a ledger, with empty caches.
    #[must_use]
    pub fn new(ledger: Ledger) -> Self {
        Self {
            ledger,
            credentials: Cache::default(),
            accounts: Cache::default(),
            tokens: Cache::default(),
            windows: Mutex::default(),
            starts: Mutex::default(),
        }
    }

    /// Returns the claimed credential, at most 30 seconds old.
    ///
    /// # Errors
    /// Returns `UnknownCredential` for an unknown name, a wrong secret and a revoked credential alike,
    /// after the same requests to the store, the same decoding and the same comparison, or an error if
    /// DynamoDB does not answer in time.
    pub(super) async fn credential(
        &self,
        request: &Request,
        claim: &Claim,
    ) -> Result<Arc<Credential>, Problem> {
        let Claim { kind, name, secret } = claim;
        let key = CacheKey::new(*kind, name, secret);
        let now = request.received();
        if let Some(credential) = self.credentials.get(&key, now) {
            return not_revoked(credential, request);
        }
        if !is_a_name(name) {
            return Err(Problem::UnknownCredential);
        }
        let FoundCredential { credential, exists } =
            self.ledger.credential_or_decoy(*kind, name).await?;
        // The secret is compared before anything else is decided, also with a decoy's.
        let matches = credential.secret_sha256.matches(secret);
        if exists && !matches {
            request.log().named(&credential.id, &credential.account);
        }
        if !(exists && matches) {
            return Err(Problem::UnknownCredential);
        }
        let credential = Arc::new(credential);
        self.credentials.keep(key, Arc::clone(&credential), now);
        not_revoked(credential, request)
    }

    /// Returns the claimed user, or else the claimed integrator.
    ///
    /// Both are always looked up, so an unknown name and a wrong password cost the same requests.
    ///
    /// # Errors
    /// As [`Access::credential`].
    pub(super) async fn login(
        &self,
        request: &Request,
        user: &Claim,
        integrator: &Claim,
    ) -> Result<Arc<Credential>, Problem> {
        let (user, integrator) = future::join(
            self.credential(request, user),
            self.credential(request, integrator),
        )
        .await;
        match user {
            Err(Problem::UnknownCredential) => integrator,
            user => user,
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

/// Refuses a revoked credential as if it were unknown. The log still names it.
fn not_revoked(credential: Arc<Credential>, request: &Request) -> Result<Arc<Credential>, Problem> {
    request
        .log()
        .authenticated(&credential.id, &credential.account);
    match credential.status {
        Status::Revoked => Err(Problem::UnknownCredential),
        Status::Active | Status::Disabled => Ok(credential),
    }
}

/// Whether Callbook could have issued a credential of this name.
///
/// Its names are short and plain. A much longer one would not even fit a key of the table.
fn is_a_name(name: &str) -> bool {
    (1..=128).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
}
