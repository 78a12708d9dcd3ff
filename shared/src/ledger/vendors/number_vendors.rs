//! Which vendor a number was whose, and when (pattern 61).
//!
//! The periods of a number are one item of at most 50 periods, apart from the number's own item: what the
//! number was while the account had it is known after its release, too.

use std::fmt::Debug;

use serde::{Deserialize, Serialize};

use crate::ledger::keys;
use crate::ledger::numbers::owned::rewrite;
use crate::ledger::outcome::Update;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{n, read, stored};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, PRESENT, Transaction};
use crate::model::account::AccountId;
use crate::model::number::RegisteredNumber;
use crate::model::phone::PhoneNumber;
use crate::model::time::Instant;
use crate::model::vendor::VendorId;
use crate::model::vendor_periods::VendorPeriods;

/// The periods of one number with vendors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberVendors {
    /// The number.
    pub number: PhoneNumber,
    /// Its periods.
    pub periods: VendorPeriods,
    /// How many times they were changed.
    #[serde(default)]
    pub(in crate::ledger) revision: u32,
}

/// Why a number was not assigned to a vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignmentRefusal {
    /// The account has no such vendor.
    VendorNotFound,
    /// The number has as many periods as it can have.
    TooManyPeriods,
}

/// A change of the vendor that a number is whose.
#[derive(Clone, Copy, Debug)]
pub struct VendorAssignment<'a> {
    /// The number.
    pub number: &'a PhoneNumber,
    /// The vendor, or none.
    pub vendor: Option<&'a VendorId>,
    /// The start, inclusive.
    pub from: Instant,
    /// The end, exclusive. `None` while no end is known.
    pub until: Option<Instant>,
}

/// The writes of an assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Periods,
    Number,
    Vendor,
}

impl Ledger {
    /// The periods of an account's number with vendors, or `None` if it never had any.
    ///
    /// They are known after the release of the number, too.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn number_vendor(
        &self,
        account: &AccountId,
        number: &PhoneNumber,
    ) -> Result<Option<VendorPeriods>, StoreError> {
        let found = self.number_vendors_of(account, number).await?;
        Ok(found.map(|found| found.periods))
    }

    /// The numbers of an account that are or were a vendor's, with their periods.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn number_vendors(
        &self,
        account: &AccountId,
    ) -> Result<Vec<NumberVendors>, StoreError> {
        let query = self.query(keys::account_partition(account));
        let items = query.prefix(keys::NUMBER_VENDORS).all().await?;
        items.into_iter().map(read).collect()
    }

    /// Assigns a number to a vendor, or to none, from a moment on or for a time. What it was in that time
    /// before is replaced.
    ///
    /// `NotFound` means that the account has no such number.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn assign_number_vendor(
        &self,
        account: &AccountId,
        assignment: &VendorAssignment<'_>,
    ) -> Result<Update<VendorPeriods, AssignmentRefusal>, StoreError> {
        let VendorAssignment {
            number,
            vendor,
            from,
            until,
        } = *assignment;
        let mut retry = Retry::planning("this number").within(self.patience);
        loop {
            retry.next().await?;
            let Some(own) = self.number(account, number).await? else {
                return Ok(Update::NotFound);
            };
            let found = self.number_vendors_of(account, number).await?;
            let before = found.as_ref().map(|found| found.periods.clone());
            let before = before.unwrap_or_default();
            let Ok(periods) = before.assigned(vendor, from, until) else {
                return Ok(Update::Refused(AssignmentRefusal::TooManyPeriods));
            };
            if periods == before {
                return Ok(Update::Updated(periods));
            }
            let mut transaction = Transaction::new();
            put_periods(
                &mut transaction,
                Tag::Periods,
                account,
                (number, &periods),
                found.as_ref(),
            )?;
            mark(&mut transaction, account, &own)?;
            if let Some(vendor) = vendor {
                transaction.check(Tag::Vendor, keys::vendor(account, vendor), PRESENT);
            }
            match self.commit_plan(transaction, &retry).await? {
                Committed::Done => return Ok(Update::Updated(periods)),
                Committed::Refused(refusals) if refusals.contains(Tag::Vendor) => {
                    return Ok(Update::Refused(AssignmentRefusal::VendorNotFound));
                }
                Committed::Refused(_) => {}
            }
        }
    }

    /// The item of [`Ledger::number_vendor`].
    pub(in crate::ledger) async fn number_vendors_of(
        &self,
        account: &AccountId,
        number: &PhoneNumber,
    ) -> Result<Option<NumberVendors>, StoreError> {
        let item = self.get(keys::number_vendors(account, number)).await?;
        item.map(read).transpose()
    }
}

/// Adds the write of a number's periods in place of `before`; refused if they were changed since.
pub(in crate::ledger) fn put_periods<Tag: Copy + Eq + Debug>(
    transaction: &mut Transaction<Tag>,
    tag: Tag,
    account: &AccountId,
    (number, periods): (&PhoneNumber, &VendorPeriods),
    before: Option<&NumberVendors>,
) -> Result<(), StoreError> {
    let new = NumberVendors {
        number: number.clone(),
        periods: periods.clone(),
        revision: before.map_or(0, |before| before.revision + 1),
    };
    let stored = |periods: &NumberVendors| {
        stored(
            keys::number_vendors(account, number),
            "number_vendors",
            periods,
        )
    };
    let item = stored(&new)?;
    match before {
        None => {
            transaction.put(tag, item, ABSENT);
        }
        Some(before) => {
            let old = stored(before)?;
            transaction
                .rewrite(tag, "number_vendors", &old, item, "revision = :before")
                .value(":before", n(before.revision));
        }
    }
    Ok(())
}

/// Adds the write that marks a number as one with vendors, or the check that it is still the account's.
fn mark(
    transaction: &mut Transaction<Tag>,
    account: &AccountId,
    own: &RegisteredNumber,
) -> Result<(), StoreError> {
    if own.has_vendors {
        let key = keys::account_number(account, &own.number);
        transaction.check(Tag::Number, key, PRESENT);
        return Ok(());
    }
    let marked = RegisteredNumber {
        has_vendors: true,
        revision: own.revision + 1,
        ..own.clone()
    };
    rewrite(transaction, Tag::Number, account, &marked, own)
}
