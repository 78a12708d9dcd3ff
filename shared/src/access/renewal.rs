//! Exchanges a refresh token for a new pair (contracts/teletracker.md).

use std::time::Duration;

use super::context::Unauthenticated;
use super::rules;
use crate::ledger::{SessionRevoked, Update};
use crate::model::id::Guid;
use crate::model::time::Instant;
use crate::model::token::{Grant, Token, TokenKind, TokenPair};
use crate::problem::Problem;
use crate::request::page_token::PageKey;

/// For how long requests that were sent together may exchange the same refresh token.
const TOGETHER: Duration = Duration::from_secs(60);

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
        self.exchange_as(pair, self.from.request.guid()).await
    }

    /// Replaces the session's tokens by a pair that is computed from the refresh token, so that requests that
    /// exchange it at the same time get the same pair (`docs/decisions.md`, D-763).
    ///
    /// # Errors
    /// As [`Self::exchange`], from a minute after the first exchange on.
    pub async fn exchange_together(&self, key: &PageKey) -> Result<TokenPair, Problem> {
        let Unauthenticated {
            access, request, ..
        } = self.from;
        let now = request.received();
        let old = self.token.reveal();
        let derived = |purpose| Token::from_bytes(key.derive(purpose, &old));
        let pair = TokenPair::issued(derived("access token"), derived("refresh token"), now);
        let ledger = &access.ledger;
        match ledger.token(&pair.refresh, TokenKind::Refresh, now).await? {
            Some((_, until)) if TokenPair::issued_at(until).plus(TOGETHER) <= now => {
                self.exchange(&pair).await?;
            }
            Some(_) => {}
            None => {
                // A request that comes second takes the first one's exchange for its own.
                let guid = Guid::from_bytes(key.derive("guid of the renewal", &old));
                self.exchange_as(&pair, guid).await?;
            }
        }
        Ok(pair)
    }

    async fn exchange_as(&self, pair: &TokenPair, guid: Guid) -> Result<(), Problem> {
        let Unauthenticated {
            access, request, ..
        } = self.from;
        let session = (&self.grant, self.sessions_from);
        let (old, now) = (&self.token, request.received());
        match access
            .ledger
            .renew_session(session, old, pair, guid, now)
            .await?
        {
            Update::Updated(()) => Ok(()),
            Update::NotFound | Update::Refused(SessionRevoked) => Err(Problem::UnknownCredential),
        }
    }
}

impl Unauthenticated<'_> {
    /// Ends the session of a pair of tokens, if it is not over. Another process may let the access token pass for
    /// 30 seconds more.
    ///
    /// # Errors
    /// Returns an error if DynamoDB does not answer in time.
    pub async fn sign_out(self, held: &Token, refresh: &Token) -> Result<(), Problem> {
        let Self {
            access, request, ..
        } = self;
        let (ledger, now) = (&access.ledger, request.received());
        access.tokens.forget(&held.hash().to_hex());
        let found = ledger.token(refresh, TokenKind::Refresh, now).await?;
        if let Some((grant, _until)) = found {
            ledger.end_session(&grant, now).await?;
        }
        Ok(())
    }
}
