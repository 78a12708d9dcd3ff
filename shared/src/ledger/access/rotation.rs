//! The rotation of a credential's secret: two secrets are good for a time, and then the former one is wrong
//! (`docs/decisions.md`, D-700).
//!
//! A key that is looked up by its secret has two names for that time, and is found by both. A name that is over
//! stays taken, by a copy that is revoked.

use crate::ledger::access::credentials::{
    Copy, Tag, by_former_name, by_name, copies, listed, write_over,
};
use crate::ledger::keys;
use crate::ledger::outcome::Update;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::read;
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, Transaction};
use crate::model::account::AccountId;
use crate::model::credential::{Credential, Status, StoredSecret};
use crate::model::id::CredentialId;
use crate::model::time::Instant;

/// The next secret of a credential.
#[derive(Clone, Debug)]
pub struct NextSecret {
    /// The name that the secret is looked up by, for the kinds whose names are made from their secrets.
    pub name: Option<String>,
    /// Its hash.
    pub secret: StoredSecret,
    /// Until when the secret of now stays good; `None` if it is wrong at once.
    pub until: Option<Instant>,
    /// When this is done.
    pub now: Instant,
}

/// Why a credential was not rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationRefusal {
    /// It was revoked, which is for good.
    Revoked,
    /// It has two secrets already; the former one is good until then.
    StillTwo(Instant),
    /// Another credential has or had the secret.
    NameTaken,
}

impl Ledger {
    /// Puts another secret of one of an account's credentials in force.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn rotate_credential(
        &self,
        account: &AccountId,
        id: &CredentialId,
        next: &NextSecret,
    ) -> Result<Update<Credential, RotationRefusal>, StoreError> {
        let mut retry = Retry::planning("this credential").within(self.patience);
        loop {
            retry.next().await?;
            let item = self.get(keys::account_credential(account, id)).await?;
            let Some(before) = item.map(read::<Credential>).transpose()? else {
                return Ok(Update::NotFound);
            };
            if is_same(&before.secret, &next.secret) {
                // An earlier try got through and its answer was lost.
                return Ok(Update::Updated(before));
            }
            if before.status == Status::Revoked {
                return Ok(Update::Refused(RotationRefusal::Revoked));
            }
            let running = before.former.as_ref().map(|former| former.until);
            if let Some(until) = running.filter(|until| next.now < *until) {
                return Ok(Update::Refused(RotationRefusal::StillTwo(until)));
            }
            let former = before.former.as_ref();
            if next.name.is_some() && former.is_some_and(|former| former.name == next.name) {
                return Ok(Update::Refused(RotationRefusal::NameTaken));
            }
            let mut changed = before.clone();
            let NextSecret {
                name,
                secret,
                until,
                now,
            } = next.clone();
            changed.rotate(name, secret, until, now);
            changed.revision = before.revision + 1;
            match self
                .commit_plan(rotation(&before, &changed)?, &retry)
                .await?
            {
                Committed::Done => return Ok(Update::Updated(changed)),
                Committed::Refused(refusals)
                    if changed.name != before.name && refusals.item(Tag::ByName).is_some() =>
                {
                    return Ok(Update::Refused(RotationRefusal::NameTaken));
                }
                Committed::Refused(_) => {}
            }
        }
    }

    /// Ends the overlap of a rotation now: the former secret is wrong, and the sessions of a user or an
    /// integrator end. A credential with one secret is left as it is.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn end_rotation(
        &self,
        account: &AccountId,
        id: &CredentialId,
        now: Instant,
    ) -> Result<Update<Credential>, StoreError> {
        let mut retry = Retry::planning("this credential").within(self.patience);
        loop {
            retry.next().await?;
            let item = self.get(keys::account_credential(account, id)).await?;
            let Some(before) = item.map(read::<Credential>).transpose()? else {
                return Ok(Update::NotFound);
            };
            if before.former.is_none() {
                return Ok(Update::Updated(before));
            }
            let mut changed = before.clone();
            changed.end_rotation(now);
            changed.revision = before.revision + 1;
            let transaction = rotation(&before, &changed)?;
            if let Committed::Done = self.commit_plan(transaction, &retry).await? {
                return Ok(Update::Updated(changed));
            }
        }
    }
}

/// Whether two hashes are of the same secret.
fn is_same(one: &StoredSecret, other: &StoredSecret) -> bool {
    match (one, other) {
        (StoredSecret::Fast(one), StoredSecret::Fast(other)) => one.matches(other),
        (StoredSecret::Slow(one), StoredSecret::Slow(other)) => one.matches(other),
        _ => false,
    }
}

/// The transaction that writes a credential whose secrets changed in place of `before`.
fn rotation(before: &Credential, changed: &Credential) -> Result<Transaction<Tag>, StoreError> {
    let mut transaction = Transaction::new();
    let mut over = |old: &Copy, (tag, kind, new): Copy| {
        write_over(&mut transaction, (tag, kind), (&old.2, new), before);
    };
    over(&listed(before)?, listed(changed)?);
    for old in copies(before)? {
        let name = match old.0 {
            Tag::ByName => Some(&before.name),
            Tag::ByFormerName => before
                .former
                .as_ref()
                .and_then(|former| former.name.as_ref()),
            _ => None,
        };
        if let Some(name) = name {
            over(&old, copy_under(name, before, changed)?);
        }
    }
    if changed.name != before.name {
        let (tag, _, item) = by_name(changed)?;
        transaction.put(tag, item, ABSENT);
    }
    Ok(transaction)
}

/// The copy that lies under a name of the credential from now on: the credential, if it is still found by this
/// name, or one that is revoked.
fn copy_under(name: &str, before: &Credential, changed: &Credential) -> Result<Copy, StoreError> {
    if name == changed.name {
        return by_name(changed);
    }
    let former = changed.former.as_ref();
    if former.is_some_and(|former| former.name.as_deref() == Some(name)) {
        return by_former_name(changed, name);
    }
    let mut over = before.clone();
    over.status = Status::Revoked;
    over.former = None;
    over.revision = changed.revision;
    by_former_name(&over, name)
}
