//! TeleTracker's sign-in (contracts/teletracker.md): `Authorization: Basic` for a user, `Integrator` for a
//! partner, and the choice of the account that a request is about.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Access, Caller, Shown, permit};
use crate::edge::Request;
use crate::ledger::Ledger;
use crate::model::account::{Account, AccountId};
use crate::model::credential::{Credential, CredentialKind, Product};
use crate::problem::{Cause, Missing, Problem};

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
        let header = request
            .header("authorization")
            .ok_or(Problem::MissingCredential(Missing::Name))?;
        let (scheme, rest) = header.split_once(' ').ok_or(Problem::UnknownCredential)?;
        let kind = match scheme.to_ascii_lowercase().as_str() {
            "basic" => CredentialKind::User,
            "integrator" => CredentialKind::Integrator,
            _ => return Err(Problem::UnknownCredential),
        };
        let (name, secret) = pair(rest).ok_or(Problem::UnknownCredential)?;
        let shown = Shown::Pair {
            name: &name,
            secret: &secret,
        };
        let caller = self.identify(ledger, request, kind, &shown).await?;
        permit(&caller.credential, request, product)?;
        Ok(SignedIn {
            credential: caller.credential,
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
    ) -> Result<Caller, Problem> {
        let id = signed_in.meant(named)?;
        let account = self.account(ledger, request, &id).await?;
        let credential = Arc::clone(&signed_in.credential);
        request.trail().caller(&credential.id, &account.id);
        Ok(Caller {
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

/// Name and secret out of their base64; the secret may have colons in it.
fn pair(encoded: &str) -> Option<(String, String)> {
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (name, secret) = decoded.split_once(':')?;
    (!name.is_empty() && !secret.is_empty()).then(|| (name.to_owned(), secret.to_owned()))
}
