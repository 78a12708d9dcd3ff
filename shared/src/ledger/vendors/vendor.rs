//! Vendors of an account (pattern 60).

use crate::ledger::keys;
use crate::ledger::outcome::{Creation, ExistsDifferent, Update};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::idempotency::IdempotentRequest;
use crate::ledger::table::item::{n, read, stored};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, Transaction};
use crate::model::account::AccountId;
use crate::model::vendor::{Vendor, VendorChange, VendorId};

/// Why a vendor was not created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VendorRefusal {
    /// The idempotency key was used for another vendor.
    KeyReused,
    /// The account has a vendor of this id, and it is different.
    IdTaken,
}

/// Why a vendor was not updated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VendorUpdateRefusal {
    /// The idempotency key was used for another change.
    KeyReused,
    /// The vendor has as many terms as it can have.
    TooManyTerms,
}

/// A vendor after an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdatedVendor {
    /// The vendor, as the request or the earlier one with its idempotency key left it.
    pub vendor: Vendor,
    /// Whether an earlier request with the same idempotency key made the change.
    pub replayed: bool,
}

/// One page of a list of vendors.
#[derive(Clone, Debug)]
pub struct VendorPage {
    /// The vendors, by id.
    pub vendors: Vec<Vendor>,
    /// The id of the last of them, if more may follow.
    pub last: Option<VendorId>,
}

/// The writes of creating and updating a vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Vendor,
    IdempotencyRecord,
}

impl Ledger {
    /// Creates a vendor.
    ///
    /// A vendor of the same id, name and status exists already. So does what the same idempotency key
    /// created, even if it was changed since.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn create_vendor(
        &self,
        account: &AccountId,
        vendor: Vendor,
        request: Option<&IdempotentRequest>,
    ) -> Result<Creation<Vendor, VendorRefusal>, StoreError> {
        let key = keys::vendor(account, &vendor.id);
        let mut transaction = Transaction::new();
        transaction.put(Tag::Vendor, stored(key, "vendor", &vendor)?, ABSENT);
        record(&mut transaction, account, &vendor, request)?;
        let Committed::Refused(mut refusals) = self.commit(transaction).await? else {
            return Ok(Creation::Created(vendor));
        };
        if let (Some(request), Some(found)) = (request, refusals.take(Tag::IdempotencyRecord)) {
            return Ok(match request.replay(found)? {
                Creation::Created(()) => Creation::Created(vendor),
                Creation::Exists(answer) => Creation::Exists(read_answer(&answer)?),
                Creation::Refused(ExistsDifferent) => Creation::Refused(VendorRefusal::KeyReused),
            });
        }
        let found = refusals.take(Tag::Vendor).map(read::<Vendor>).transpose()?;
        Ok(match found {
            // An earlier try of this request got through, and its answer was lost.
            Some(found) if found == vendor => Creation::Created(vendor),
            Some(found) if found.is_as_created(&vendor) => Creation::Exists(found),
            _ => Creation::Refused(VendorRefusal::IdTaken),
        })
    }

    /// One vendor of an account.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn vendor(
        &self,
        account: &AccountId,
        id: &VendorId,
    ) -> Result<Option<Vendor>, StoreError> {
        let item = self.get(keys::vendor(account, id)).await?;
        item.map(read).transpose()
    }

    /// At most `most` vendors of an account, by id, those after the id `after`.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn vendors(
        &self,
        account: &AccountId,
        after: Option<&VendorId>,
        most: usize,
    ) -> Result<VendorPage, StoreError> {
        let (from, to) = keys::vendors_after(after);
        let query = self.query(keys::account_partition(account));
        // One more than asked for says whether the list goes on.
        let page = query.between(from, to).limit(most + 1).page().await?;
        let more = page.items.len() > most;
        let vendors = page.items.into_iter().take(most).map(read);
        let vendors: Vec<Vendor> = vendors.collect::<Result<_, _>>()?;
        let last = vendors.last().map(|vendor| vendor.id.clone());
        Ok(VendorPage {
            last: last.filter(|_| more || page.last.is_some()),
            vendors,
        })
    }

    /// Changes a vendor. If somebody else was faster, the change is applied to what they left.
    ///
    /// A vendor that is as asked for already is not written, unless there is an idempotency key to record.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn update_vendor(
        &self,
        account: &AccountId,
        id: &VendorId,
        change: &VendorChange,
        request: Option<&IdempotentRequest>,
    ) -> Result<Update<UpdatedVendor, VendorUpdateRefusal>, StoreError> {
        let mut retry = Retry::planning("this vendor").within(self.patience);
        loop {
            retry.next().await?;
            let Some(vendor) = self.vendor(account, id).await? else {
                return Ok(Update::NotFound);
            };
            let Ok(mut new) = change.applied_to(&vendor) else {
                return Ok(Update::Refused(VendorUpdateRefusal::TooManyTerms));
            };
            if new != vendor {
                new.revision += 1;
            } else if request.is_none() {
                return Ok(updated(new, false));
            }
            let transaction = rewritten(account, &vendor, &new, request)?;
            let Committed::Refused(mut refusals) = self.commit_plan(transaction, &retry).await?
            else {
                return Ok(updated(new, false));
            };
            if let (Some(request), Some(found)) = (request, refusals.take(Tag::IdempotencyRecord)) {
                return Ok(match request.replay(found)? {
                    Creation::Created(()) => updated(new, false),
                    Creation::Exists(answer) => updated(read_answer(&answer)?, true),
                    Creation::Refused(ExistsDifferent) => {
                        Update::Refused(VendorUpdateRefusal::KeyReused)
                    }
                });
            }
        }
    }
}

fn updated(vendor: Vendor, replayed: bool) -> Update<UpdatedVendor, VendorUpdateRefusal> {
    Update::Updated(UpdatedVendor { vendor, replayed })
}

/// The transaction that writes `new` in place of `before`, with the request's idempotency record.
fn rewritten(
    account: &AccountId,
    before: &Vendor,
    new: &Vendor,
    request: Option<&IdempotentRequest>,
) -> Result<Transaction<Tag>, StoreError> {
    let item = |vendor: &Vendor| stored(keys::vendor(account, &vendor.id), "vendor", vendor);
    let (old, item) = (item(before)?, item(new)?);
    let mut transaction = Transaction::new();
    transaction
        .rewrite(Tag::Vendor, "vendor", &old, item, "revision = :before")
        .value(":before", n(before.revision));
    record(&mut transaction, account, new, request)?;
    Ok(transaction)
}

/// Adds the idempotency record of a request that is answered with a vendor, if it has a key.
fn record(
    transaction: &mut Transaction<Tag>,
    account: &AccountId,
    vendor: &Vendor,
    request: Option<&IdempotentRequest>,
) -> Result<(), StoreError> {
    let Some(request) = request else {
        return Ok(());
    };
    let answer = serde_json::to_string(vendor).map_err(|error| unreadable(&error))?;
    request.record(transaction, Tag::IdempotencyRecord, account, answer, None)
}

/// Reads what [`record`] wrote.
fn read_answer(answer: &str) -> Result<Vendor, StoreError> {
    serde_json::from_str(answer).map_err(|error| unreadable(&error))
}

fn unreadable(error: &serde_json::Error) -> StoreError {
    StoreError::Broken(format!("the answer of an idempotency record: {error}"))
}
