//! Giving the rows that exist the ends of the present setting.
//!
//! Functions may write by the former setting for half a minute. So the rows are read until none is left that has to
//! change, and the account says that its setting is applied only when that time is over as well. What is kept as long
//! as anything of its pair gets its end last: until then, rows may be there for longer than the setting says.

use std::time::Duration;

use crate::ledger::erase::record::KindCounts;
use crate::ledger::outcome::Update;
use crate::ledger::retain::find::{Row, Shared, Wanted, nothing_recorded};
use crate::ledger::retain::record::{RetentionReceipt, Tag, count};
use crate::ledger::table::end::END;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::n;
use crate::ledger::table::retry::pause;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{Committed, Transaction};
use crate::model::account::{Account, AccountId};
use crate::model::credential::Credential;
use crate::model::retention::SEEN_AFTER;

/// How many rows a transaction changes, beside the record.
const BATCH: usize = 40;

/// How often everything is read again without anything having been written.
const ATTEMPTS: u32 = 8;

/// How long the functions' view of the setting is waited for, at a time.
const STEP: Duration = Duration::from_secs(1);

/// What applying the present setting would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RetentionPlan {
    /// The rows that would get another end, by type.
    pub ended: KindCounts,
    /// Those of them that would be gone at once.
    pub gone: KindCounts,
    /// The rows that would lose their end.
    pub lifted: KindCounts,
}

/// What a pass has done.
#[derive(Clone, Copy, Debug, Default)]
struct Pass {
    found: bool,
    written: bool,
}

impl Ledger {
    /// Finds what applying the setting would change, and writes nothing.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn plan_retention(
        &self,
        account: &Account,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<RetentionPlan, StoreError> {
        let now = self.clock.now();
        let wanted = Wanted {
            account,
            now,
            shared: self.shared(account).await?,
        };
        let mut plan = RetentionPlan::default();
        self.rows_to_end(wanted, progress, async |rows| {
            for row in rows {
                let counts = match row.end {
                    Some(end) => {
                        if end <= now.seconds() {
                            *plan.gone.entry(row.kind.clone()).or_default() += 1;
                        }
                        &mut plan.ended
                    }
                    None => &mut plan.lifted,
                };
                *counts.entry(row.kind).or_default() += 1;
            }
            Ok(())
        })
        .await?;
        Ok(plan)
    }

    /// Applies the setting of an account to its rows; `None` if there is no such account. A run that was interrupted
    /// goes on where it stopped.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time, and [`StoreError::Contended`] if
    /// others kept changing the rows. The same request goes on where it stopped.
    pub async fn apply_retention(
        &self,
        id: &AccountId,
        by: &str,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Option<RetentionReceipt>, StoreError> {
        let Some(account) = self.account(id).await? else {
            return Ok(None);
        };
        let account = &account;
        let shared = self.shared(account).await?;
        let running = self.retentions(id).await?.into_iter();
        let running = running.rev().find(|one| one.finished.is_none());
        let run = match running {
            Some(running) => running.id,
            None => self.begin_retention(account, by, self.clock.now()).await?,
        };
        let read = account.retention();
        let told = self.tell_credentials(account).await?;
        let told = (told > 0).then(|| self.clock.now());
        let seen = read.changed_at().max(told);
        let seen = seen.map(|changed| changed.plus(SEEN_AFTER));
        self.passes(account, &run, (Shared::Leave, Shared::Leave), progress)
            .await?;
        if let Some(seen) = seen {
            while self.clock.now() < seen {
                pause(STEP).await;
            }
            self.passes(account, &run, (Shared::Leave, Shared::Leave), progress)
                .await?;
        }
        let now = self.clock.now();
        let applied = self.update_account(id, |account| {
            account.retention_applied(&read, now);
            Ok::<_, StoreError>(())
        });
        let Update::Updated(account) = applied.await? else {
            return Ok(None);
        };
        self.passes(&account, &run, (shared, Shared::Mark), progress)
            .await?;
        let now = self.clock.now();
        self.finish_retention(id, &run, now).await.map(Some)
    }

    /// Says in the account's credentials how long it keeps feedback, which is recorded without a look at the account.
    /// Returns how many of them said something else.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn tell_credentials(&self, account: &Account) -> Result<usize, StoreError> {
        let kept = account.feedback_kept.lifetime();
        let mut told = 0;
        for credential in self.credentials(&account.id).await? {
            if credential.for_feedback() && credential.feedback_kept != kept {
                let tell = |credential: &mut Credential| credential.feedback_kept = kept;
                // One that is revoked meanwhile records nothing any more.
                self.update_credential(&account.id, &credential.id, tell)
                    .await?;
                told += 1;
            }
        }
        Ok(told)
    }

    /// What is to be done about rows that do not say when they were written last.
    async fn shared(&self, account: &Account) -> Result<Shared, StoreError> {
        let changed = account.retention().changed_at().is_some();
        let runs = self.retentions(&account.id).await?;
        // An earlier run may have been interrupted after it said that the setting is applied.
        let interrupted = runs.iter().any(|run| run.finished.is_none());
        Ok(match changed || interrupted {
            true => Shared::PutOff,
            false => Shared::Mark,
        })
    }

    /// Passes over the table until nothing is left to be changed. The first one has its own way with shared rows.
    async fn passes(
        &self,
        account: &Account,
        run: &str,
        (mut shared, then): (Shared, Shared),
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<(), StoreError> {
        let mut left = ATTEMPTS;
        while left > 0 {
            let wanted = Wanted {
                account,
                now: self.clock.now(),
                shared,
            };
            let pass = self.pass(wanted, run, progress).await?;
            if !pass.found {
                return Ok(());
            }
            if pass.written {
                left = ATTEMPTS;
            } else {
                left -= 1;
            }
            shared = then;
        }
        Err(StoreError::Contended("the rows of this account"))
    }

    async fn pass(
        &self,
        wanted: Wanted<'_>,
        run: &str,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Pass, StoreError> {
        let mut pass = Pass::default();
        let id = &wanted.account.id;
        self.rows_to_end(wanted, progress, async |rows| {
            pass.found = true;
            for batch in rows.chunks(BATCH) {
                if self.write_ends(id, run, batch).await? {
                    pass.written = true;
                    continue;
                }
                // One of them has changed. The others need not wait for the next pass.
                for row in batch {
                    pass.written |= self.write_ends(id, run, std::slice::from_ref(row)).await?;
                }
            }
            Ok(())
        })
        .await?;
        Ok(pass)
    }

    /// Writes the ends of rows in one transaction; whether they are written.
    async fn write_ends(
        &self,
        account: &AccountId,
        run: &str,
        rows: &[Row],
    ) -> Result<bool, StoreError> {
        let mut transaction = Transaction::new();
        count(&mut transaction, account, run, rows);
        for row in rows {
            // Whoever follows the stream takes what a call says is recorded for new.
            let call = row.kind == "pair_call";
            let recorded = if call { "recorded = :recorded" } else { "" };
            let expression = match (row.end, call) {
                (Some(_), true) => format!("SET {END} = :end, {recorded}"),
                (Some(_), false) => format!("SET {END} = :end"),
                (None, true) => format!("SET {recorded} REMOVE {END}"),
                (None, false) => format!("REMOVE {END}"),
            };
            let condition = match row.had {
                Some(_) => format!("{END} = :had"),
                None => format!("attribute_exists(pk) AND attribute_not_exists({END})"),
            };
            transaction
                .update(Tag::Row, row.key.clone(), expression, condition)
                .values(row.end.map(|end| (":end", n(end))))
                .values(row.had.map(|had| (":had", n(had))))
                .values(call.then(|| (":recorded", nothing_recorded())));
        }
        Ok(matches!(self.commit(transaction).await?, Committed::Done))
    }
}
