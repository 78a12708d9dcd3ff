//! Access: who is it, may it, how fast. Limits are counted in the ledger, so that they hold across
//! instances; credentials are cached here, so that they cost nothing.

mod account_token;
mod cache;
mod sign_in;
mod tokens;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::ledger::{Ledger, LimitReached, Remaining, Seen, Throttle};
use crate::model::account::{Account, AccountId};
use crate::model::credential::{Credential, CredentialKind, Product, SecretHash, Status};
use crate::model::id::CredentialId;
use crate::model::time::Instant;
use crate::problem::{Problem, Window};
use crate::request::Request;

pub use account_token::{AccessMode, shows_account};
use cache::{Cache, CacheKey};
pub use sign_in::{SignedIn, shows_sign_in};
use tokens::Holder;

/// What a client shows.
pub enum Presented<'a> {
    /// A key that has no name.
    Key(&'a str),
    /// A name and a secret.
    Pair {
        /// The public half.
        name: &'a str,
        /// The secret half.
        secret: &'a str,
    },
}

/// Who is asking: a credential that may do what it asks, and its account.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The credential.
    pub credential: Arc<Credential>,
    /// The account it belongs to.
    pub account: Arc<Account>,
}

impl Principal {
    /// Whether it may: status, date, address, path and product.
    ///
    /// # Errors
    /// Why not.
    pub fn may(&self, request: &Request, product: Product) -> Result<(), Problem> {
        permit(&self.credential, request)?;
        permit_product(&self.credential, product)
    }
}

/// The credentials and windows that a process remembers.
#[derive(Debug, Default)]
pub struct Access {
    credentials: Cache<CacheKey, Arc<Credential>>,
    accounts: Cache<AccountId, Arc<Account>>,
    tokens: Cache<String, Holder>,
    seen: Mutex<HashMap<CredentialId, Seen>>,
}

impl Access {
    /// Who it is, and whether it may: identity first, then status, date, address, path and product.
    ///
    /// # Errors
    /// Why not. A revoked credential, an unknown name and a wrong secret are one answer, and cost the
    /// same request.
    pub async fn admit(
        &self,
        ledger: &Ledger,
        request: &Request,
        kind: CredentialKind,
        shown: &Presented<'_>,
        product: Product,
    ) -> Result<Principal, Problem> {
        let credential = self.identify(ledger, request, kind, shown).await?;
        permit(&credential, request)?;
        permit_product(&credential, product)?;
        let account = self.account(ledger, request, &credential.account).await?;
        Ok(Principal {
            credential,
            account,
        })
    }

    /// Who it is; whether it may is for [`Principal::may`] to say, once the caller's own settings are known
    /// that a refusal goes by.
    ///
    /// # Errors
    /// Nobody: a revoked credential, an unknown name and a wrong secret are one answer, and cost the same
    /// request.
    pub async fn recognize(
        &self,
        ledger: &Ledger,
        request: &Request,
        kind: CredentialKind,
        shown: &Presented<'_>,
    ) -> Result<Principal, Problem> {
        let credential = self.identify(ledger, request, kind, shown).await?;
        let account = self.account(ledger, request, &credential.account).await?;
        Ok(Principal {
            credential,
            account,
        })
    }

    /// The credential that is shown, as it was at most 30 seconds ago.
    async fn identify(
        &self,
        ledger: &Ledger,
        request: &Request,
        kind: CredentialKind,
        shown: &Presented<'_>,
    ) -> Result<Arc<Credential>, Problem> {
        let (name, hash) = match shown {
            Presented::Key(key) => {
                let hash = SecretHash::of(key);
                (hash.to_hex(), hash)
            }
            Presented::Pair { name, secret } if kind == CredentialKind::Fonedynamics => {
                let hash = SecretHash::of(secret);
                (CredentialKind::name_of_token(name, secret), hash)
            }
            Presented::Pair { name, secret } => ((*name).to_owned(), SecretHash::of(secret)),
        };
        // The secret is part of the cache's key: a wrong one is never found there, so it takes the same
        // way to the store as a name that nobody has.
        let key = CacheKey::new(kind, &name, &hash);
        let now = request.received();
        if let Some(credential) = self.credentials.get(&key, now) {
            return known(credential, request);
        }
        // What no credential of ours can be called is not asked for.
        let found = match is_a_name(&name) {
            true => ledger.credential(kind, &name).await?,
            false => None,
        };
        let credential = found.ok_or(Problem::UnknownCredential)?;
        if !credential.secret_sha256.matches(&hash) {
            request.log().named(&credential.id, &credential.account);
            return Err(Problem::UnknownCredential);
        }
        let credential = Arc::new(credential);
        self.credentials.keep(key, Arc::clone(&credential), now);
        known(credential, request)
    }

    /// What is left to a credential, as far as this process knows: by what it saw last, else its limits.
    #[must_use]
    pub fn remaining(&self, credential: &Credential, now: Instant) -> Remaining {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.get(&credential.id).copied().unwrap_or_default();
        seen.remaining(&credential.limits, now)
    }

    /// How fast: counts the request, or says which limit it would pass.
    ///
    /// # Errors
    /// The limit, with the seconds until its window ends; or the store's.
    pub async fn count(
        &self,
        ledger: &Ledger,
        caller: &Principal,
        now: Instant,
    ) -> Result<Remaining, Problem> {
        let credential = &caller.credential;
        if !credential.limits.any() {
            return Ok(Remaining::default());
        }
        let seen = || self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut last = seen().get(&credential.id).copied();
        let throttle = ledger
            // One item a credential, whichever of its accounts it acts for.
            .throttle(&credential.account, credential, now, &mut last)
            .await;
        if let Some(last) = last {
            seen().insert(credential.id.clone(), last);
        }
        match throttle? {
            Throttle::Within(remaining) => Ok(remaining),
            Throttle::Refused(LimitReached::Rate(window)) => {
                let retry_after = match window {
                    Window::Second => 1,
                    Window::Minute => now.seconds_to_next_minute(),
                    Window::Day => now.seconds_to_next_utc_day(),
                };
                Err(Problem::RateLimited {
                    window,
                    retry_after,
                })
            }
            Throttle::Refused(LimitReached::Quota) => Err(Problem::QuotaExceeded {
                retry_after: now.seconds_to_next_utc_month(),
            }),
        }
    }
}

/// A credential that was revoked is answered as one that never was, and logged as itself.
fn known(credential: Arc<Credential>, request: &Request) -> Result<Arc<Credential>, Problem> {
    request
        .log()
        .authenticated(&credential.id, &credential.account);
    match credential.status {
        Status::Revoked => Err(Problem::UnknownCredential),
        Status::Active | Status::Disabled => Ok(credential),
    }
}

fn permit(credential: &Credential, request: &Request) -> Result<(), Problem> {
    if credential.status == Status::Disabled {
        return Err(Problem::CredentialDisabled);
    }
    if credential
        .expires
        .is_some_and(|expires| expires <= request.received())
    {
        return Err(Problem::CredentialExpired);
    }
    let from_here = |source| {
        credential
            .addresses
            .iter()
            .any(|rule| rule.contains(source))
    };
    if !credential.addresses.is_empty() && !request.source().is_some_and(from_here) {
        return Err(Problem::AddressNotAllowed);
    }
    let endpoints = &credential.endpoints;
    if !endpoints.is_empty() && !endpoints.iter().any(|rule| rule.matches(request.path())) {
        return Err(Problem::EndpointNotAllowed);
    }
    Ok(())
}

fn permit_product(credential: &Credential, product: Product) -> Result<(), Problem> {
    match credential.products.contains(&product) {
        true => Ok(()),
        false => Err(Problem::ProductNotAllowed),
    }
}

/// Names that we make are short and plain; anything else would only make a key too long for the store.
fn is_a_name(name: &str) -> bool {
    (1..=128).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
}
