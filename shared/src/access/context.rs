//! The steps of access control, each with a type of its own.
//!
//! [`Unauthenticated`] → `authenticate` → [`Authenticated`] → `authorize` → [`Authorized`] →
//! `account` → [`Context`] → `throttle`.

use std::sync::Arc;

use super::lookup::Access;
use super::presented::{Claims, Presented};
use super::principal::Principal;
use super::rules::{self, AccessMode};
use crate::clock::Clock;
use crate::ledger::{Ledger, Remaining};
use crate::model::account::{Account, AccountId};
use crate::model::credential::{Credential, CredentialKind, Product};
use crate::model::id::Guid;
use crate::model::time::Instant;
use crate::problem::Problem;
use crate::request::Request;

/// A request whose sender is not known yet, with the parts of the application that answer it.
#[derive(Clone, Copy)]
pub struct Unauthenticated<'a> {
    pub(super) access: &'a Access,
    clock: &'a Clock,
    pub(super) request: &'a Request,
}

impl<'a> Unauthenticated<'a> {
    /// Makes the first step from a request that has just arrived.
    #[must_use]
    pub fn new(access: &'a Access, clock: &'a Clock, request: &'a Request) -> Self {
        Self {
            access,
            clock,
            request,
        }
    }

    /// Returns the request.
    #[must_use]
    pub fn request(&self) -> &'a Request {
        self.request
    }

    /// Finds out who sends the request.
    ///
    /// # Errors
    /// Returns `UnknownCredential` for an unknown name, a wrong secret and a revoked credential alike,
    /// after the same requests to the store and as many hashes. Returns `Unavailable` if DynamoDB does not
    /// answer in time, or if there were too many secrets to hash.
    pub async fn authenticate(self, presented: &Presented) -> Result<Authenticated<'a>, Problem> {
        let Self {
            access, request, ..
        } = self;
        let (credential, bound) = match &presented.0 {
            Claims::Credential(claims) => (access.credential(request, claims).await?, None),
            Claims::Token(token) => {
                let holder = access.token_holder(request, token).await?;
                (holder.credential, Some(holder.account))
            }
        };
        let account = bound.as_ref().unwrap_or(&credential.account);
        request.log().admitted(&credential, account);
        access.note_refusal(&credential, request).await;
        Ok(Authenticated {
            from: self,
            credential,
            bound,
        })
    }
}

impl Unauthenticated<'_> {
    /// Returns what was read of a request. If it could not be read, this says whose it is, as far as the process knows
    /// the credential already: it is refused without a request to the store.
    ///
    /// # Errors
    /// Returns the problem of reading it.
    pub fn read_from<T>(
        &self,
        presented: &Presented,
        read: Result<T, Problem>,
    ) -> Result<T, Problem> {
        read.inspect_err(|_| {
            let known = self.access.known(presented, self.request.received());
            if let Some((credential, account)) = known {
                self.request.log().admitted(&credential, &account);
            }
        })
    }
}

/// A request whose credential is known, but not yet checked for what it may do.
pub struct Authenticated<'a> {
    from: Unauthenticated<'a>,
    credential: Arc<Credential>,
    /// The one account that a token is bound to.
    bound: Option<AccountId>,
}

impl<'a> Authenticated<'a> {
    /// Returns the credential.
    pub(super) fn credential(&self) -> &Credential {
        &self.credential
    }

    /// Returns the credential's own account, whose settings may decide how a refusal is formatted.
    ///
    /// The account is cached, so [`Authorized::own_account`] does not read it again.
    ///
    /// # Errors
    /// Returns an error if DynamoDB does not answer in time.
    pub async fn account(&self) -> Result<Arc<Account>, Problem> {
        let Unauthenticated {
            access, request, ..
        } = self.from;
        access.account(request, &self.credential.account).await
    }

    /// Returns what is left of the credential's limits, as far as this process knows.
    #[must_use]
    pub fn remaining(&self) -> Remaining {
        let Unauthenticated {
            access, request, ..
        } = self.from;
        access.remaining(&self.credential, request.received())
    }

    /// Checks whether the credential may use `product`: status, expiry, address, path, product,
    /// read-only.
    ///
    /// # Errors
    /// Returns the first rule that is broken: `CredentialDisabled`, `CredentialExpired`,
    /// `AddressNotAllowed`, `EndpointNotAllowed`, `ProductNotAllowed` or `ReadOnly`.
    pub fn authorize(&self, product: Product) -> Result<Authorized<'a>, Problem> {
        self.authorize_to(product, AccessMode::of(self.from.request))
    }

    /// Checks the same for a request that only reads, whatever its method: a question that is too long for
    /// a query string is sent with `POST`.
    ///
    /// # Errors
    /// As [`Self::authorize`], without `ReadOnly`.
    pub fn authorize_to_read(&self, product: Product) -> Result<Authorized<'a>, Problem> {
        self.authorize_to(product, AccessMode::Read)
    }

    /// Checks the same for a request that writes, whatever its method: a dialect may write with `GET`.
    ///
    /// # Errors
    /// As [`Self::authorize`].
    pub fn authorize_to_write(&self, product: Product) -> Result<Authorized<'a>, Problem> {
        self.authorize_to(product, AccessMode::Write)
    }

    fn authorize_to(&self, product: Product, mode: AccessMode) -> Result<Authorized<'a>, Problem> {
        rules::permit_product(&self.credential, self.from.request, product, mode)?;
        Ok(self.authorized())
    }

    /// Checks whether the credential may sign in: status, expiry, address and path.
    ///
    /// Later requests of the session are authorized for their own product.
    ///
    /// # Errors
    /// Returns `CredentialDisabled`, `CredentialExpired`, `AddressNotAllowed` or `EndpointNotAllowed`.
    pub fn authorize_sign_in(&self) -> Result<Authorized<'a>, Problem> {
        rules::permit(&self.credential, self.from.request)?;
        Ok(self.authorized())
    }

    fn authorized(&self) -> Authorized<'a> {
        Authorized {
            from: self.from,
            credential: Arc::clone(&self.credential),
            bound: self.bound.clone(),
        }
    }
}

/// A request that is authorized, but whose account is not chosen yet.
pub struct Authorized<'a> {
    from: Unauthenticated<'a>,
    credential: Arc<Credential>,
    bound: Option<AccountId>,
}

impl<'a> Authorized<'a> {
    /// Whether the request must name its account, because an integrator has none of its own.
    #[must_use]
    pub fn must_name_account(&self) -> bool {
        self.credential.kind == CredentialKind::Integrator && self.bound.is_none()
    }

    /// Acts for the token's account, or without a token for the credential's own.
    ///
    /// # Errors
    /// Returns an error if DynamoDB does not answer in time.
    pub async fn own_account(self) -> Result<Context<'a>, Problem> {
        self.account(None).await
    }

    /// Acts for the same account as [`Authorized::own_account`], without reading its settings.
    ///
    /// This saves an instance's first request a request to the store.
    #[must_use]
    pub fn own_account_unread(self) -> AccountUnread<'a> {
        let account = self.own_id();
        let log = self.from.request.log();
        log.authenticated(&self.credential.id, &account);
        AccountUnread {
            from: self.from,
            credential: self.credential,
            account,
        }
    }

    fn own_id(&self) -> AccountId {
        let bound = self.bound.as_ref();
        bound.unwrap_or(&self.credential.account).clone()
    }

    /// Acts for the account that the request names, else the token's, else the credential's own.
    ///
    /// # Errors
    /// Returns `AccountNotAllowed` if the credential or the token may not act for the account, whether
    /// or not it exists, and if another account than its own is closed. Returns `UnknownCredential` if its own is
    /// closed, or an error if DynamoDB does not answer in time.
    pub async fn account(self, named: Option<&str>) -> Result<Context<'a>, Problem> {
        let id = match (named, &self.bound) {
            (None, _) => self.own_id(),
            (Some(named), bound) => {
                let named = AccountId::parse(named).map_err(|_| Problem::AccountNotAllowed)?;
                let may = match bound {
                    Some(bound) => *bound == named,
                    None => self.credential.acts_for(&named),
                };
                may.then_some(named).ok_or(Problem::AccountNotAllowed)?
            }
        };
        let Self {
            from, credential, ..
        } = self;
        let account = from.access.account(from.request, &id).await?;
        if account.is_closed() {
            return Err(match credential.account == id {
                true => Problem::UnknownCredential,
                false => Problem::AccountNotAllowed,
            });
        }
        let log = from.request.log();
        log.authenticated(&credential.id, &account.id);
        Ok(Context {
            from,
            principal: Principal {
                credential,
                account,
            },
        })
    }
}

/// An authorized request, for an account whose settings do not matter to it.
pub struct AccountUnread<'a> {
    from: Unauthenticated<'a>,
    credential: Arc<Credential>,
    account: AccountId,
}

impl<'a> AccountUnread<'a> {
    /// Returns when the request arrived, which is the current time for everything it does.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.from.request.received()
    }

    /// Returns the ledger.
    #[must_use]
    pub fn ledger(&self) -> &'a Ledger {
        &self.from.access.ledger
    }

    /// Returns the account.
    #[must_use]
    pub fn account_id(&self) -> &AccountId {
        &self.account
    }

    /// Returns the credential.
    #[must_use]
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// As [`Context::throttle`].
    ///
    /// # Errors
    /// As [`Context::throttle`].
    pub async fn throttle(&self) -> Result<Remaining, Problem> {
        let access = self.from.access;
        access.throttle(&self.credential, self.from.request()).await
    }
}

/// An authorized request, with its principal and the ledger.
pub struct Context<'a> {
    from: Unauthenticated<'a>,
    principal: Principal,
}

impl<'a> Context<'a> {
    /// Returns the request.
    #[must_use]
    pub fn request(&self) -> &'a Request {
        self.from.request
    }

    /// Returns the request's id.
    #[must_use]
    pub fn guid(&self) -> Guid {
        self.from.request.guid()
    }

    /// Returns when the request arrived, which is the current time for everything it does.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.from.request.received()
    }

    /// Returns the clock, for work that has a time limit.
    #[must_use]
    pub fn clock(&self) -> &'a Clock {
        self.from.clock
    }

    /// Returns the ledger.
    #[must_use]
    pub fn ledger(&self) -> &'a Ledger {
        &self.from.access.ledger
    }

    /// Returns who sends the request.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Returns the principal's account.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.principal.account
    }

    /// Returns the principal's credential.
    #[must_use]
    pub fn credential(&self) -> &Credential {
        &self.principal.credential
    }

    /// Counts the request against the credential's rate limits and quota, and returns what is left.
    ///
    /// # Errors
    /// Returns `RateLimited` or `QuotaExceeded` with the seconds until the window ends, or an error if
    /// DynamoDB does not answer in time.
    pub async fn throttle(&self) -> Result<Remaining, Problem> {
        let credential = &self.principal.credential;
        self.from.access.throttle(credential, self.request()).await
    }

    /// Counts the request against the credential's limit on call starts and ends.
    ///
    /// # Errors
    /// Returns `RateLimited` with the seconds until the minute ends, or an error if DynamoDB does not answer
    /// in time.
    pub async fn throttle_starts(&self) -> Result<(), Problem> {
        let credential = &self.principal.credential;
        let access = self.from.access;
        access.throttle_starts(credential, self.request()).await
    }
}
