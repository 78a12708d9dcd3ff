//! Credentials (patterns 3 and 4): two copies that are written together, one to authenticate by, and one in
//! the account's list. A key that was rotated has a third one, to authenticate by with its former secret.

use crate::ledger::access::decoy::{self, FoundCredential};
use crate::ledger::keys;
use crate::ledger::outcome::{Creation, Update};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, n, read, s, stored};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, PRESENT, Transaction};
use crate::model::account::AccountId;
use crate::model::credential::{Credential, CredentialKind, Status};
use crate::model::id::CredentialId;
use crate::model::retention::Lifetime;

/// Why a credential was not created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialRefusal {
    /// Its name is taken.
    NameTaken,
    /// The account has no vendor as its own.
    VendorNotFound,
    /// The account is closed.
    AccountClosed,
}

/// Refusal: the credential was revoked, which is for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialRevoked;

/// Why a credential was not updated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialUpdateRefusal {
    /// The credential was revoked, which is for good.
    Revoked,
    /// The account has no vendor as its own.
    VendorNotFound,
}

/// The copies of a credential, its account, and the vendor that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    ByName,
    ByFormerName,
    Listed,
    Account,
    Vendor,
}

impl Ledger {
    /// The credential of a kind by its name, which is the secret's hash for a key without a name.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn credential(
        &self,
        kind: CredentialKind,
        name: &str,
    ) -> Result<Option<Credential>, StoreError> {
        self.get(keys::credential(kind, name))
            .await?
            .map(read)
            .transpose()
    }

    /// The credential of a kind by its name, for who presents a secret: an unknown name gets a decoy, so that
    /// it takes as long as a known one.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn credential_or_decoy(
        &self,
        kind: CredentialKind,
        name: &str,
    ) -> Result<FoundCredential, StoreError> {
        decoy::decoded(kind, self.get(keys::credential(kind, name)).await?)
    }

    /// An account's credentials.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn credentials(&self, account: &AccountId) -> Result<Vec<Credential>, StoreError> {
        let query = self.query(keys::account_partition(account));
        let items = query.prefix(keys::ACCOUNT_CREDENTIALS).all().await?;
        items.into_iter().map(read).collect()
    }

    /// Creates a credential.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn create_credential(
        &self,
        credential: &Credential,
    ) -> Result<Creation<(), CredentialRefusal>, StoreError> {
        if !credential.for_feedback() {
            return self.put_credential(credential).await;
        }
        let kept = self.feedback_kept(&credential.account).await?;
        let told = Credential {
            feedback_kept: kept,
            ..credential.clone()
        };
        let created = self.put_credential(&told).await?;
        // Whoever changes the retention meanwhile may have read the credentials before this one was there.
        let now = self.feedback_kept(&credential.account).await?;
        if matches!(created, Creation::Created(())) && now != kept {
            let tell = |credential: &mut Credential| credential.feedback_kept = now;
            self.update_credential(&credential.account, &credential.id, tell)
                .await?;
        }
        Ok(created)
    }

    /// How long an account keeps feedback.
    async fn feedback_kept(&self, account: &AccountId) -> Result<Lifetime, StoreError> {
        let account = self.account(account).await?;
        Ok(account.map_or(Lifetime::FOREVER, |account| {
            account.feedback_kept.lifetime()
        }))
    }

    async fn put_credential(
        &self,
        credential: &Credential,
    ) -> Result<Creation<(), CredentialRefusal>, StoreError> {
        let mut transaction = Transaction::new();
        for (tag, _, item) in copies(credential)? {
            transaction.put(tag, item, ABSENT);
        }
        check_vendor(&mut transaction, credential);
        let account = keys::account(&credential.account);
        transaction.check(Tag::Account, account, "attribute_not_exists(closed_at)");
        let Committed::Refused(mut refusals) = self.commit(transaction).await? else {
            return Ok(Creation::Created(()));
        };
        let found = refusals.take(Tag::ByName).map(read::<Credential>);
        // The id is random, so a credential with it is this request's own, whose answer was lost.
        Ok(match found.transpose()? {
            Some(found) if found.id == credential.id => Creation::Created(()),
            Some(_) => Creation::Refused(CredentialRefusal::NameTaken),
            None if refusals.contains(Tag::Account) => {
                Creation::Refused(CredentialRefusal::AccountClosed)
            }
            None => Creation::Refused(CredentialRefusal::VendorNotFound),
        })
    }

    /// Updates the status of one of an account's credentials.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn set_credential_status(
        &self,
        account: &AccountId,
        id: &CredentialId,
        status: Status,
    ) -> Result<Update<(), CredentialRevoked>, StoreError> {
        let change = |credential: &mut Credential| credential.status = status;
        Ok(match self.update_credential(account, id, change).await? {
            Update::Updated(_) => Update::Updated(()),
            Update::NotFound => Update::NotFound,
            // A change of the status checks no vendor.
            Update::Refused(_) => Update::Refused(CredentialRevoked),
        })
    }

    /// Updates one of an account's credentials. If somebody else was faster, `change` is applied again, to
    /// what they have left, so that no change undoes another.
    ///
    /// A credential that is as asked for already is not written, and a revoked one is not changed.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn update_credential(
        &self,
        account: &AccountId,
        id: &CredentialId,
        change: impl Fn(&mut Credential),
    ) -> Result<Update<Credential, CredentialUpdateRefusal>, StoreError> {
        let mut retry = Retry::planning("this credential").within(self.patience);
        loop {
            retry.next().await?;
            let listed = self.get(keys::account_credential(account, id)).await?;
            let Some(before) = listed.map(read::<Credential>).transpose()? else {
                return Ok(Update::NotFound);
            };
            let mut changed = before.clone();
            change(&mut changed);
            let transaction = rewritten(&before, &mut changed)?;
            let Some(transaction) = transaction else {
                return Ok(Update::Updated(before));
            };
            if before.status == Status::Revoked {
                return Ok(Update::Refused(CredentialUpdateRefusal::Revoked));
            }
            match self.commit_plan(transaction, &retry).await? {
                Committed::Done => return Ok(Update::Updated(changed)),
                Committed::Refused(refusals) if refusals.contains(Tag::Vendor) => {
                    return Ok(Update::Refused(CredentialUpdateRefusal::VendorNotFound));
                }
                Committed::Refused(_) => {}
            }
        }
    }
}

/// The transaction that writes `changed` in place of `before`, or `None` if they are the same. Both have the same
/// secrets.
fn rewritten(
    before: &Credential,
    changed: &mut Credential,
) -> Result<Option<Transaction<Tag>>, StoreError> {
    let old = copies(before)?;
    if old == copies(changed)? {
        return Ok(None);
    }
    changed.revision = before.revision + 1;
    let mut transaction = Transaction::new();
    for ((tag, kind, new), (_, _, old)) in copies(changed)?.into_iter().zip(&old) {
        write_over(&mut transaction, (tag, kind), (old, new), before);
    }
    if changed.vendor != before.vendor {
        check_vendor(&mut transaction, changed);
    }
    Ok(Some(transaction))
}

/// Adds the write of one copy of a credential over the one that was read, if nobody changed the credential since.
pub(super) fn write_over(
    transaction: &mut Transaction<Tag>,
    (tag, kind): (Tag, &'static str),
    (old, new): (&Item, Item),
    before: &Credential,
) {
    // A credential that was last written by an earlier version has no revision.
    let unchanged =
        "#status = :status AND (attribute_not_exists(revision) OR revision = :revision)";
    transaction
        .rewrite(tag, kind, old, new, unchanged)
        .name("#status", "status")
        .value(":status", s(before.status.as_str()))
        .value(":revision", n(before.revision));
}

/// Adds the check that the vendor of a credential exists.
fn check_vendor(transaction: &mut Transaction<Tag>, credential: &Credential) {
    if let Some(vendor) = &credential.vendor {
        let key = keys::vendor(&credential.account, vendor);
        transaction.check(Tag::Vendor, key, PRESENT);
    }
}

/// The copies of a credential, as items with their types: by its name, in its account's list, and by its former
/// name if it has one.
pub(super) fn copies(credential: &Credential) -> Result<Vec<Copy>, StoreError> {
    let mut copies = vec![by_name(credential)?, listed(credential)?];
    let former = credential.former.as_ref();
    if let Some(name) = former.and_then(|former| former.name.as_ref()) {
        copies.push(by_former_name(credential, name)?);
    }
    Ok(copies)
}

/// A copy of a credential: what it is in a transaction, its type, and its item.
pub(super) type Copy = (Tag, &'static str, Item);

/// The copy that a credential is found by.
pub(super) fn by_name(credential: &Credential) -> Result<Copy, StoreError> {
    let key = keys::credential(credential.kind, &credential.name);
    let item = stored(key, "credential", credential)?;
    Ok((Tag::ByName, "credential", item))
}

/// The copy in the account's list.
pub(super) fn listed(credential: &Credential) -> Result<Copy, StoreError> {
    let key = keys::account_credential(&credential.account, &credential.id);
    let item = stored(key, "account_credential", credential)?;
    Ok((Tag::Listed, "account_credential", item))
}

/// The copy that a credential is found by with its former secret.
pub(super) fn by_former_name(credential: &Credential, name: &str) -> Result<Copy, StoreError> {
    let key = keys::credential(credential.kind, name);
    let item = stored(key, "former_credential", credential)?;
    Ok((Tag::ByFormerName, "former_credential", item))
}
