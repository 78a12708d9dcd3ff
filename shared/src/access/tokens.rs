//! Looks up the holders of session tokens (contracts/teletracker.md).

use std::sync::Arc;

use futures_util::try_join;

use super::cache::TokenHolder;
use super::lookup::Access;
use crate::model::account::Account;
use crate::model::credential::Credential;
use crate::model::token::{Grant, Token, TokenKind};
use crate::problem::Problem;
use crate::request::Request;

impl Access {
    /// Returns the holder of an access token, at most 30 seconds old.
    ///
    /// # Errors
    /// Returns `UnknownCredential` if the token is unknown or expired, its session or its credential is
    /// revoked, or the credential no longer acts for the account. Returns an error if DynamoDB does not
    /// answer in time.
    pub(super) async fn token_holder(
        &self,
        request: &Request,
        token: &Token,
    ) -> Result<TokenHolder, Problem> {
        let now = request.received();
        let key = token.hash().to_hex();
        if let Some(holder) = self.tokens.get(&key, now) {
            record(request, &holder);
            return match now < holder.until {
                true => Ok(holder),
                false => Err(Problem::UnknownCredential),
            };
        }
        let found = self.ledger.token(token, TokenKind::Access, now).await?;
        let (grant, until) = found.ok_or(Problem::UnknownCredential)?;
        let (opened, (credential, _account)) = try_join!(
            async { Ok(self.ledger.session_opened(&grant).await?) },
            self.behind(request, &grant),
        )?;
        let lives = |credential: &Credential| opened.is_some_and(|at| credential.lets_live(at));
        let credential = credential.filter(lives);
        let holder = TokenHolder {
            credential: Arc::new(credential.ok_or(Problem::UnknownCredential)?),
            account: grant.account_id,
            until,
        };
        record(request, &holder);
        self.tokens.keep(key, holder.clone(), now);
        Ok(holder)
    }

    /// Returns the credential and the account of a grant.
    ///
    /// The credential is read again. The result is `None` if it was revoked or no longer acts for the
    /// account, or if the account is closed.
    ///
    /// # Errors
    /// As [`Access::account`].
    pub(super) async fn behind(
        &self,
        request: &Request,
        grant: &Grant,
    ) -> Result<(Option<Credential>, Arc<Account>), Problem> {
        let (found, account) = try_join!(
            async {
                Ok(self
                    .ledger
                    .credential(grant.credential_kind, &grant.credential_name)
                    .await?)
            },
            self.account(request, &grant.account_id),
        )?;
        let in_force = found
            .filter(|credential| !credential.is_over() && credential.acts_for(&grant.account_id));
        Ok((in_force.filter(|_| !account.is_closed()), account))
    }
}

fn record(request: &Request, holder: &TokenHolder) {
    request
        .log()
        .authenticated(&holder.credential.id, &holder.account);
}
