//! TeleTracker's sign-in (contracts/teletracker.md): `Authorization: Basic` for a user, `Integrator` for a
//! partner, `Bearer` for either's token, and the choice of the account that a request is about.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future;

use super::{Access, Presented, Principal, permit, permit_product};
use crate::ids;
use crate::ledger::Ledger;
use crate::model::account::{Account, AccountId};
use crate::model::credential::{Credential, CredentialKind, Product};
use crate::model::token::{Grant, Token};
use crate::problem::{Cause, Missing, Problem};
use crate::request::Request;

/// Who has signed in; which account it is about is settled by [`Access::act`].
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub(super) credential: Arc<Credential>,
    /// The one account that a token is bound to.
    pub(super) bound: Option<AccountId>,
}

impl SignedIn {
    /// Whether the request has to name its account: an integrator has none of its own.
    #[must_use]
    pub fn must_name_account(&self) -> bool {
        self.credential.kind == CredentialKind::Integrator && self.bound.is_none()
    }

    /// A new session of this sign-in on one account.
    #[must_use]
    pub fn grant(&self, account: &Account) -> Grant {
        Grant {
            session_id: ids::guid().to_string(),
            account_id: account.id.clone(),
            credential_kind: self.credential.kind,
            credential_name: self.credential.name.clone(),
        }
    }

    /// The account that is meant: the one that is named, else the token's, else the user's default.
    ///
    /// # Errors
    /// It is not one that the sign-in may act for; whether it exists is not told.
    fn meant(&self, named: Option<&str>) -> Result<AccountId, Problem> {
        let Some(named) = named else {
            return Ok(self
                .bound
                .clone()
                .unwrap_or_else(|| self.credential.account.clone()));
        };
        let named = AccountId::parse(named).map_err(|_| Problem::AccountNotAllowed)?;
        let may = match &self.bound {
            Some(bound) => *bound == named,
            None => self.credential.acts_for(&named),
        };
        may.then_some(named).ok_or(Problem::AccountNotAllowed)
    }
}

impl Access {
    /// Who has signed in, by the request's `Authorization`.
    ///
    /// # Errors
    /// Nobody, or somebody who may not use `product`.
    pub async fn sign_in(
        &self,
        ledger: &Ledger,
        request: &Request,
        product: Product,
    ) -> Result<SignedIn, Problem> {
        let signed_in = match Authorization::of(request)? {
            Authorization::Pair { kind, name, secret } => {
                let shown = Presented::Pair {
                    name: &name,
                    secret: &secret,
                };
                SignedIn {
                    credential: self.identify(ledger, request, kind, &shown).await?,
                    bound: None,
                }
            }
            Authorization::Token(token) => self.bearer(ledger, request, &token).await?,
        };
        permit(&signed_in.credential, request)?;
        permit_product(&signed_in.credential, product)?;
        Ok(signed_in)
    }

    /// Who it is by a username and password in the request's parameters: a user, else an integrator. Both
    /// are asked for in either case, so that an unknown name and a wrong password take the same requests.
    ///
    /// # Errors
    /// Neither, or one that may not be used now, here or from there.
    pub async fn log_in(
        &self,
        ledger: &Ledger,
        request: &Request,
        name: &str,
        secret: &str,
    ) -> Result<SignedIn, Problem> {
        let shown = Presented::Pair { name, secret };
        let (user, integrator) = future::join(
            self.identify(ledger, request, CredentialKind::User, &shown),
            self.identify(ledger, request, CredentialKind::Integrator, &shown),
        )
        .await;
        let credential = match user {
            Err(Problem::UnknownCredential) => integrator?,
            user => user?,
        };
        permit(&credential, request)?;
        Ok(SignedIn {
            credential,
            bound: None,
        })
    }

    /// The caller for the account that the request names, or for the sign-in's own.
    ///
    /// # Errors
    /// The account is none that it may act for.
    pub async fn act(
        &self,
        ledger: &Ledger,
        request: &Request,
        signed_in: &SignedIn,
        named: Option<&str>,
    ) -> Result<Principal, Problem> {
        let id = signed_in.meant(named)?;
        let account = self.account(ledger, request, &id).await?;
        let credential = Arc::clone(&signed_in.credential);
        request.log().authenticated(&credential.id, &account.id);
        Ok(Principal {
            credential,
            account,
        })
    }

    /// An account, as it was at most 30 seconds ago.
    pub(super) async fn account(
        &self,
        ledger: &Ledger,
        request: &Request,
        id: &AccountId,
    ) -> Result<Arc<Account>, Problem> {
        let now = request.received();
        if let Some(account) = self.accounts.get(id, now) {
            return Ok(account);
        }
        let account =
            ledger.account(id).await?.map(Arc::new).ok_or_else(|| {
                Problem::Internal(Cause::text("a credential's account is not there"))
            })?;
        self.accounts.keep(id.clone(), Arc::clone(&account), now);
        Ok(account)
    }
}

/// What an `Authorization` header says.
enum Authorization {
    Pair {
        kind: CredentialKind,
        name: String,
        secret: String,
    },
    Token(Token),
}

impl Authorization {
    fn of(request: &Request) -> Result<Self, Problem> {
        let header = request
            .header("authorization")
            .ok_or(Problem::MissingCredential(Missing::Name))?;
        let (scheme, rest) = header.split_once(' ').ok_or(Problem::UnknownCredential)?;
        let kind = match scheme.to_ascii_lowercase().as_str() {
            "basic" => CredentialKind::User,
            "integrator" => CredentialKind::Integrator,
            // What no token of ours can be is not asked for.
            "bearer" => {
                return Token::parse(rest)
                    .map(Self::Token)
                    .map_err(|_| Problem::UnknownCredential);
            }
            _ => return Err(Problem::UnknownCredential),
        };
        let (name, secret) = pair(rest).ok_or(Problem::UnknownCredential)?;
        Ok(Self::Pair { kind, name, secret })
    }
}

/// Whether a request shows something to sign in with, in a form that somebody could have; what is in it
/// is for [`Access::sign_in`] to judge.
///
/// # Errors
/// It does not: no store needs to be asked to refuse it.
pub fn shows_sign_in(request: &Request) -> Result<(), Problem> {
    Authorization::of(request).map(drop)
}

/// Name and secret of `Authorization: Basic`.
///
/// # Errors
/// There is none, or none that somebody could have.
pub(super) fn basic(request: &Request) -> Result<(String, String), Problem> {
    let header = request
        .header("authorization")
        .ok_or(Problem::MissingCredential(Missing::Name))?;
    let (scheme, rest) = header.split_once(' ').ok_or(Problem::UnknownCredential)?;
    match scheme.eq_ignore_ascii_case("basic") {
        true => pair(rest).ok_or(Problem::UnknownCredential),
        false => Err(Problem::UnknownCredential),
    }
}

/// Name and secret out of their base64; the secret may have colons in it.
fn pair(encoded: &str) -> Option<(String, String)> {
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (name, secret) = decoded.split_once(':')?;
    (!name.is_empty() && !secret.is_empty()).then(|| (name.to_owned(), secret.to_owned()))
}
