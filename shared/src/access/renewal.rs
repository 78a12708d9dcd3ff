//! The exchange of a refresh token for a new pair (contracts/teletracker.md).

use super::context::Unauthenticated;
use super::rules;
use crate::ledger::{SessionRevoked, Update};
use crate::model::token::{Grant, Token, TokenKind, TokenPair};
use crate::problem::Problem;

/// A refresh token that may be exchanged.
pub struct Renewal<'a> {
    from: Unauthenticated<'a>,
    token: Token,
    grant: Grant,
}

impl<'a> Unauthenticated<'a> {
    /// Authenticates, authorizes and throttles a request by its refresh token.
    ///
    /// Whether the token was used before is found out by [`Renewal::exchange`]. If something else stands in
    /// the way of the exchange, it is looked up here, because a token that is used twice ends its session
    /// in any case.
    ///
    /// # Errors
    /// Returns `UnknownCredential` if the token is unknown, expired or used before, its credential is revoked
    /// or no longer acts for the account; `CredentialDisabled`, `CredentialExpired`, `AddressNotAllowed` or
    /// `EndpointNotAllowed`; `RateLimited` or `QuotaExceeded`; or an error if DynamoDB does not answer in
    /// time.
    pub async fn renewal(self, token: Token) -> Result<Renewal<'a>, Problem> {
        let (ledger, now) = (&self.access.ledger, self.request.received());
        let found = ledger.token(&token, TokenKind::Refresh, now).await?;
        let (grant, _until) = found.ok_or(Problem::UnknownCredential)?;
        let problem = match self.may_renew(&grant).await {
            Ok(()) => {
                return Ok(Renewal {
                    from: self,
                    token,
                    grant,
                });
            }
            Err(problem) if problem.cause().is_some() => return Err(problem),
            Err(problem) => problem,
        };
        match ledger.refresh_in_force(&grant, &token, now).await? {
            true => Err(problem),
            false => Err(Problem::UnknownCredential),
        }
    }

    async fn may_renew(self, grant: &Grant) -> Result<(), Problem> {
        let Self {
            access, request, ..
        } = self;
        let (credential, account) = access.behind(request, grant).await?;
        let credential = credential.ok_or(Problem::UnknownCredential)?;
        request.log().authenticated(&credential.id, &account.id);
        rules::permit(&credential, request)?;
        access.throttle(&credential, request.received()).await?;
        Ok(())
    }
}

impl Renewal<'_> {
    /// Puts `pair` in force in place of the session's tokens.
    ///
    /// # Errors
    /// Returns `UnknownCredential` if the refresh token was used before or the session is over: nothing is
    /// issued then, and the session ends. Returns an error if DynamoDB does not answer in time.
    pub async fn exchange(&self, pair: &TokenPair) -> Result<(), Problem> {
        let Unauthenticated {
            access, request, ..
        } = self.from;
        let (guid, now) = (request.guid(), request.received());
        let ledger = &access.ledger;
        match ledger
            .renew_session(&self.grant, &self.token, pair, guid, now)
            .await?
        {
            Update::Updated(()) => Ok(()),
            Update::NotFound | Update::Refused(SessionRevoked) => Err(Problem::UnknownCredential),
        }
    }
}
