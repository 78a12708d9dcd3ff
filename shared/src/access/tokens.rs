//! Tokens: who shows one, and the exchange of a refresh token (contracts/teletracker.md).

use std::sync::Arc;

use futures_util::try_join;

use super::{Access, Principal, SignedIn, permit};
use crate::ledger::Ledger;
use crate::model::credential::{Credential, Status};
use crate::model::time::Instant;
use crate::model::token::{Grant, Token, TokenKind};
use crate::problem::Problem;
use crate::request::Request;

/// Who holds a token that was good when the process looked last.
#[derive(Clone, Debug)]
pub(super) struct Holder {
    signed_in: SignedIn,
    until: Instant,
}

impl Access {
    /// Who holds a token for requests.
    ///
    /// # Errors
    /// Nobody: it is unknown or expired, its session or its credential is over, or the credential no longer
    /// acts for the account.
    pub(super) async fn bearer(
        &self,
        ledger: &Ledger,
        request: &Request,
        token: &Token,
    ) -> Result<SignedIn, Problem> {
        let now = request.received();
        let key = token.hash().to_hex();
        if let Some(Holder { signed_in, until }) = self.tokens.get(&key, now) {
            leave(request, &signed_in);
            return match now < until {
                true => Ok(signed_in),
                false => Err(Problem::UnknownCredential),
            };
        }
        let found = ledger.token(token, TokenKind::Access, now).await?;
        let (grant, until) = found.ok_or(Problem::UnknownCredential)?;
        let (lives, credential, _warmed) = try_join!(
            async { Ok(ledger.session_lives(&grant).await?) },
            async {
                Ok(ledger
                    .credential(grant.credential_kind, &grant.credential_name)
                    .await?)
            },
            self.account(ledger, request, &grant.account_id),
        )?;
        let credential = in_force(credential, &grant).filter(|_| lives);
        let signed_in = SignedIn {
            credential: Arc::new(credential.ok_or(Problem::UnknownCredential)?),
            bound: Some(grant.account_id),
        };
        leave(request, &signed_in);
        let holder = Holder {
            signed_in: signed_in.clone(),
            until,
        };
        self.tokens.keep(key, holder, now);
        Ok(signed_in)
    }

    /// Whose refresh token it is, where it may be exchanged now; the request is counted. Whether it was used
    /// before is found out by the exchange itself, and looked up where there is to be none: whatever
    /// stands in its way, a token that comes again ends its session.
    ///
    /// # Errors
    /// As for a token for requests; or its credential may not be used now, here, from there or so often.
    pub async fn renewal(
        &self,
        ledger: &Ledger,
        request: &Request,
        token: &Token,
    ) -> Result<Grant, Problem> {
        let now = request.received();
        let found = ledger.token(token, TokenKind::Refresh, now).await?;
        let (grant, _until) = found.ok_or(Problem::UnknownCredential)?;
        match self.may_renew(ledger, request, &grant).await {
            Ok(()) => Ok(grant),
            Err(problem) if problem.cause().is_some() => Err(problem),
            Err(problem) => match ledger.refresh_in_force(&grant, token, now).await? {
                true => Err(problem),
                false => Err(Problem::UnknownCredential),
            },
        }
    }

    async fn may_renew(
        &self,
        ledger: &Ledger,
        request: &Request,
        grant: &Grant,
    ) -> Result<(), Problem> {
        let (credential, account) = try_join!(
            async {
                Ok(ledger
                    .credential(grant.credential_kind, &grant.credential_name)
                    .await?)
            },
            self.account(ledger, request, &grant.account_id),
        )?;
        let credential = in_force(credential, grant).ok_or(Problem::UnknownCredential)?;
        request.log().authenticated(&credential.id, &account.id);
        permit(&credential, request)?;
        let credential = Arc::new(credential);
        let caller = Principal {
            credential,
            account,
        };
        self.count(ledger, &caller, request.received()).await?;
        Ok(())
    }
}

/// The credential behind a grant, unless it was revoked or no longer acts for the account.
fn in_force(found: Option<Credential>, grant: &Grant) -> Option<Credential> {
    found.filter(|credential| {
        credential.status != Status::Revoked && credential.acts_for(&grant.account_id)
    })
}

fn leave(request: &Request, signed_in: &SignedIn) {
    let credential = &signed_in.credential;
    let account = signed_in.bound.as_ref().unwrap_or(&credential.account);
    request.log().authenticated(&credential.id, account);
}
