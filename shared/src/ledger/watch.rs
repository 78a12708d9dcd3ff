//! What should have happened by now and did not: requests of credentials that are watched, and calls to callees
//! that wait (patterns 2, 4, 5 and 27).

use std::time::Duration;

use crate::ledger::table::error::StoreError;
use crate::ledger::table::store::Ledger;
use crate::model::account::{Account, AccountId};
use crate::model::credential::{Credential, Status};
use crate::model::id::CredentialId;
use crate::model::time::Instant;

/// For how long a callee may wait before that is counted.
const OLD: Duration = Duration::from_secs(900);

/// How many entries of a queue are looked at, the earliest first.
const ENTRIES: usize = 100;

/// What did not happen, in all accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// The credentials that fell silent.
    pub silent: Vec<SilentCredential>,
    /// The accounts whose callees wait too long.
    pub waiting: Vec<OldEntries>,
}

/// A credential that has sent nothing for longer than its operator allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SilentCredential {
    /// The credential.
    pub id: CredentialId,
    /// Its account.
    pub account: AccountId,
    /// Its name for people.
    pub label: String,
    /// The minute of its last request, or when it was created.
    pub since: Instant,
}

/// Callees of an account that nobody has taken for more than a quarter of an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldEntries {
    /// The account.
    pub account: AccountId,
    /// How many there are, among the earliest hundred that wait.
    pub count: usize,
    /// When the earliest was queued.
    pub since: Instant,
}

impl Ledger {
    /// Looks through all accounts for credentials that fell silent, and for callees that wait too long.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn watch(&self, now: Instant) -> Result<Watched, StoreError> {
        let mut found = Watched::default();
        for account in self.accounts().await? {
            self.watch_credentials(&account, now, &mut found.silent)
                .await?;
            // Nobody has to take from the queue for what nobody took in time to be told of.
            self.end_over(&account.id, now).await?;
            found.waiting.extend(self.old_entries(&account, now).await?);
        }
        Ok(found)
    }

    async fn watch_credentials(
        &self,
        account: &Account,
        now: Instant,
        silent: &mut Vec<SilentCredential>,
    ) -> Result<(), StoreError> {
        for credential in self.credentials(&account.id).await? {
            let Some(allowed) = allowed_silence(&credential, now) else {
                continue;
            };
            let last = self.last_counted(&account.id, &credential.id).await?;
            let since = last.map_or(credential.created_at, |last| {
                last.max(credential.created_at)
            });
            if since.plus(allowed) < now {
                silent.push(SilentCredential {
                    id: credential.id,
                    account: account.id.clone(),
                    label: credential.label,
                    since,
                });
            }
        }
        Ok(())
    }

    async fn old_entries(
        &self,
        account: &Account,
        now: Instant,
    ) -> Result<Option<OldEntries>, StoreError> {
        let page = self.queue_entries(&account.id, None, ENTRIES, now).await?;
        let mut old = page.entries.iter().filter(|entry| {
            let over = entry.lease_until.unwrap_or(entry.queued_at);
            !entry.is_leased(now) && over.plus(OLD) < now
        });
        let Some(first) = old.next() else {
            return Ok(None);
        };
        Ok(Some(OldEntries {
            account: account.id.clone(),
            count: old.count() + 1,
            since: first.queued_at,
        }))
    }
}

/// How long a credential may be silent, if it is watched and could be used.
fn allowed_silence(credential: &Credential, now: Instant) -> Option<Duration> {
    let works = credential.status == Status::Active
        && credential.expires.is_none_or(|expires| now < expires);
    let minutes = credential.silent_after.filter(|_| works)?;
    // The last request is known to the minute.
    Some(Duration::from_secs(60 * (u64::from(minutes) + 1)))
}
