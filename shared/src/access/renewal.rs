//! Exchanges a refresh token for a new pair (contracts/teletracker.md).

use super::context::Unauthenticated;
use super::rules;
use crate::ledger::{SessionRevoked, Update};
use crate::model::time::Instant;
use crate::model::token::{Grant, Token, TokenKind, TokenPair};
use crate::problem::Problem;

/// A refresh token that may be exchanged.
pub struct Renewal<'a> {
    from: Unauthenticated<'a>,
    token: Token,
    grant: Grant,
    /// The moment before which the session may not have been opened.
    sessions_from: Option<Instant>,
}

impl<'a> Unauthenticated<'a> {
    /// Authenticates, authorizes and throttles a request by its refresh token.
    ///
    /// Only [`Renewal::exchange`] finds out whether the token was used before. If anything else
    /// prevents the exchange, this method still checks for that, because a refresh token that is used
    /// twice always ends its session.
    ///
    /// # Errors
    /// Returns `UnknownCredential` if the token is unknown, expired or used before, or if its
    /// credential is revoked or no longer acts for the account. Returns `CredentialDisabled`,
    /// `CredentialExpired`, `AddressNotAllowed`, `EndpointNotAllowed`, `RateLimited` or
    /// `QuotaExceeded`, or an error if DynamoDB does not answer in time.
    pub async fn renewal(self, token: Token) -> Result<Renewal<'a>, Problem> {
        let (ledger, now) = (&self.access.ledger, self.request.received());
        let found = ledger.token(&token, TokenKind::Refresh, now).await?;
        let (grant, _until) = found.ok_or(Problem::UnknownCredential)?;
        let problem = match self.may_renew(&grant).await {
            Ok(sessions_from) => {
                return Ok(Renewal {
                    from: self,
                    token,
                    grant,
                    sessions_from,
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

    /// Returns the moment before which the session may not have been opened.
    async fn may_renew(self, grant: &Grant) -> Result<Option<Instant>, Problem> {
        let Self {
            access, request, ..
        } = self;
        let (credential, account) = access.behind(request, grant).await?;
        let credential = credential.ok_or(Problem::UnknownCredential)?;
        request.log().authenticated(&credential.id, &account.id);
        rules::permit(&credential, request)?;
        access.throttle(&credential, request).await?;
        Ok(credential.sessions_from)
    }
}

impl Renewal<'_> {
    /// Replaces the session's tokens by `pair`.
    ///
    /// # Errors
    /// Returns `UnknownCredential` if the refresh token was used before or the session is over. In that
    /// case nothing is issued, and the session ends. Returns an error if DynamoDB does not answer in
    /// time.
    pub async fn exchange(&self, pair: &TokenPair) -> Result<(), Problem> {
        let Unauthenticated {
            access, request, ..
        } = self.from;
        let (guid, now) = (request.guid(), request.received());
        let ledger = &access.ledger;
        match ledger
            .renew_session(
                (&self.grant, self.sessions_from),
                &self.token,
                pair,
                guid,
                now,
            )
            .await?
        {
            Update::Updated(()) => Ok(()),
            Update::NotFound | Update::Refused(SessionRevoked) => Err(Problem::UnknownCredential),
        }
    }
}
