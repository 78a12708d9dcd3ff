//! Signs a user of several accounts in, in two steps: the password first, and then the account
//! (`docs/decisions.md`, D-767).
//!
//! Between both, the browser holds a proof that the password was right a short while ago. Only the deployment can make
//! one, and it is good for one name.

use std::time::Duration;

use subtle::ConstantTimeEq;

use super::context::Unauthenticated;
use super::presented::Presented;
use super::principal::Principal;
use super::rules::{self, AccessMode};
use crate::ids;
use crate::ledger::Ledger;
use crate::model::account::AccountId;
use crate::model::credential::{Credential, CredentialKind, Product};
use crate::model::time::Instant;
use crate::model::token::TokenPair;
use crate::problem::{Cause, Problem};
use crate::request::page_token::PageKey;

/// For how long an account can be chosen after the password was right.
const TIME: Duration = Duration::from_secs(300);

/// What MACs of proofs are for.
const PURPOSE: &str = "proof of a password";

/// A user whose password was right.
#[derive(Clone, Debug)]
pub struct KnownUser {
    /// The name.
    pub name: String,
    /// The accounts that it may act for and that are not closed, its own first.
    pub accounts: Vec<OfferedAccount>,
    /// The proof that the password was right.
    pub proof: String,
}

/// An account that a user may choose.
#[derive(Clone, Debug)]
pub struct OfferedAccount {
    /// Its id.
    pub id: AccountId,
    /// Its name for people.
    pub name: String,
}

impl Unauthenticated<'_> {
    /// Finds out whether a name and a password are a user's who may use Callbook's own API, and for which accounts.
    ///
    /// # Errors
    /// Returns `UnknownCredential` for an unknown name, a wrong password and a revoked user alike, as
    /// [`Unauthenticated::authenticate`] does, and for a user all of whose accounts are closed. Returns the refusals of
    /// [`Authenticated::authorize`](super::Authenticated::authorize), or an error if DynamoDB does not answer in time.
    pub async fn known_user(
        self,
        name: &str,
        password: &str,
        key: &PageKey,
    ) -> Result<KnownUser, Problem> {
        let presented = Presented::login(name, password);
        let authenticated = self.authenticate(&presented).await?;
        authenticated.authorize_to_read(Product::Callbook)?;
        let credential = authenticated.credential();
        let mut accounts: Vec<OfferedAccount> = Vec::new();
        for id in std::iter::once(&credential.account).chain(&credential.accounts) {
            let account = self.access.account(self.request, id).await?;
            if !account.is_closed() && accounts.iter().all(|known| known.id != *id) {
                accounts.push(OfferedAccount {
                    id: id.clone(),
                    name: account.name.clone(),
                });
            }
        }
        if accounts.is_empty() {
            return Err(Problem::UnknownCredential);
        }
        Ok(KnownUser {
            name: credential.name.clone(),
            accounts,
            proof: proof(&credential.name, self.request.received(), key),
        })
    }

    /// Opens the session of a user who has proven the password, for one of its accounts.
    ///
    /// # Errors
    /// Returns `UnknownCredential` if the proof is not of this deployment, is of another name, is older than five minutes, or
    /// is of before the password was changed; `AccountNotAllowed` for an account that the user may not act for; the
    /// refusals of access control; or an error if DynamoDB does not answer in time.
    pub async fn session_for(
        self,
        (name, proof): (&str, &str),
        account: &str,
        key: &PageKey,
    ) -> Result<TokenPair, Problem> {
        let Self {
            access, request, ..
        } = self;
        let (ledger, now) = (&access.ledger, request.received());
        let proven = proven(name, proof, now, key).ok_or(Problem::UnknownCredential)?;
        let credential = user(ledger, name, proven).await?;
        request
            .log()
            .authenticated(&credential.id, &credential.account);
        rules::permit_product(&credential, request, Product::Callbook, AccessMode::Read)?;
        let id = AccountId::parse(account).map_err(|_| Problem::AccountNotAllowed)?;
        if !credential.acts_for(&id) {
            return Err(Problem::AccountNotAllowed);
        }
        let account = access.account(request, &id).await?;
        if account.is_closed() {
            return Err(Problem::AccountNotAllowed);
        }
        request.log().authenticated(&credential.id, &account.id);
        access.throttle(&credential, request).await?;
        let pair = ids::token_pair(now);
        let pair = pair.ok_or_else(|| {
            Problem::Internal(Cause::text("the system has no entropy for a token"))
        })?;
        let principal = Principal {
            credential: credential.into(),
            account,
        };
        let session = principal.new_session();
        ledger
            .open_session(&session, &pair, request.guid(), now)
            .await?;
        Ok(pair)
    }
}

/// Reads a user again, whose password was right at a moment.
async fn user(ledger: &Ledger, name: &str, proven: Instant) -> Result<Credential, Problem> {
    let found = ledger.credential(CredentialKind::User, name).await?;
    let good = found.filter(|user| !user.is_over() && user.lets_live(proven));
    good.ok_or(Problem::UnknownCredential)
}

/// Makes the proof that the password of a name was right at a moment.
fn proof(name: &str, at: Instant, key: &PageKey) -> String {
    let millis = at.millis();
    format!("{millis}.{}", mac(name, millis, key))
}

/// Reads a proof, and returns when the password was right.
fn proven(name: &str, proof: &str, now: Instant, key: &PageKey) -> Option<Instant> {
    let (millis, sent) = proof.split_once('.')?;
    let millis: i64 = millis.parse().ok()?;
    let expected = mac(name, millis, key);
    let at = Instant::from_millis(millis);
    let right = bool::from(expected.as_bytes().ct_eq(sent.as_bytes()));
    (right && at <= now && now < at.plus(TIME)).then_some(at)
}

fn mac(name: &str, millis: i64, key: &PageKey) -> String {
    hex::encode(key.derive(PURPOSE, &format!("{millis} {name}")))
}
