//! Closing an account and opening it again (`docs/decisions.md`, D-703).
//!
//! A closed account says so itself, and so does each credential that acts for no other account: a request that does
//! not read the account is refused too. The account is written first, so a credential that is created meanwhile is
//! refused, and an interruption is finished by doing it again.

use crate::ledger::outcome::Update;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::store::Ledger;
use crate::model::account::{Account, AccountId};
use crate::model::credential::{Credential, Status};
use crate::model::time::Instant;

/// An account that was closed or opened again.
#[derive(Clone, Debug)]
pub struct ClosureOutcome {
    /// The account.
    pub account: Account,
    /// How many of its credentials are refused from now on, or are not any more.
    pub credentials: usize,
    /// The users and integrators of the account that act for other accounts too, and go on doing so.
    pub shared: Vec<Credential>,
}

impl Ledger {
    /// Closes an account. One that is closed already keeps the time of its closing.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn close_account(
        &self,
        id: &AccountId,
        now: Instant,
    ) -> Result<Update<ClosureOutcome>, StoreError> {
        self.set_closed(id, Some(now)).await
    }

    /// Opens a closed account again.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn reopen_account(
        &self,
        id: &AccountId,
    ) -> Result<Update<ClosureOutcome>, StoreError> {
        self.set_closed(id, None).await
    }

    async fn set_closed(
        &self,
        id: &AccountId,
        closed: Option<Instant>,
    ) -> Result<Update<ClosureOutcome>, StoreError> {
        let change = |account: &mut Account| {
            if account.deleting {
                return Ok(());
            }
            account.closed_at = closed.map(|now| account.closed_at.unwrap_or(now));
            account.delete_after = account.delete_after.filter(|_| closed.is_some());
            Ok::<_, StoreError>(())
        };
        let Update::Updated(account) = self.update_account(id, change).await? else {
            return Ok(Update::NotFound);
        };
        if account.deleting && closed.is_none() {
            // It cannot be opened again.
            return Ok(Update::NotFound);
        }
        let (mut credentials, mut shared) = (0, Vec::new());
        for credential in self.credentials(id).await? {
            if credential.status == Status::Revoked {
                continue;
            }
            if !credential.accounts.is_empty() {
                shared.push(credential);
                continue;
            }
            let mark = |credential: &mut Credential| credential.account_closed = closed.is_some();
            // A credential that is revoked meanwhile is refused anyway.
            self.update_credential(id, &credential.id, mark).await?;
            credentials += 1;
        }
        Ok(Update::Updated(ClosureOutcome {
            account,
            credentials,
            shared,
        }))
    }
}
