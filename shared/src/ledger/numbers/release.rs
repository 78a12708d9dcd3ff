//! Release of a number: out of the account, and back into the inventory if it came from there.

use crate::ledger::keys;
use crate::ledger::numbers::assignments::end_assignment;
use crate::ledger::numbers::inventory::put_in_inventory;
use crate::ledger::numbers::linking::unlink;
use crate::ledger::numbers::owned::unchanged;
use crate::ledger::outcome::Deletion;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{n, s};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{Committed, Transaction};
use crate::ledger::vendors::number_vendors::put_periods;
use crate::model::account::AccountId;
use crate::model::id::Guid;
use crate::model::number::RegisteredNumber;
use crate::model::phone::PhoneNumber;
use crate::model::time::Instant;

/// The writes of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Owner,
    Number,
    Assignment,
    Inventory,
    Address,
    Vendors,
}

impl Ledger {
    /// Releases a number, whatever it is assigned to.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn remove_number(
        &self,
        account: &AccountId,
        number: &PhoneNumber,
        guid: Guid,
        now: Instant,
    ) -> Result<Deletion, StoreError> {
        match self.number(account, number).await? {
            Some(own) => self.release_number(account, own, guid, now).await,
            None => Ok(Deletion::NotFound),
        }
    }

    /// Releases a number, starting from `seen`, as it was read a moment ago.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn release_number(
        &self,
        account: &AccountId,
        seen: RegisteredNumber,
        guid: Guid,
        now: Instant,
    ) -> Result<Deletion, StoreError> {
        let mut own = seen;
        let mut retry = Retry::planning("this number").within(self.patience);
        retry.next().await?;
        loop {
            let mut transaction = transaction_of(account, &own, guid, now)?;
            if own.has_vendors {
                self.end_periods(&mut transaction, account, &own.number, now)
                    .await?;
            }
            if let Committed::Done = self.commit_plan(transaction, &retry).await? {
                return Ok(Deletion::Deleted);
            }
            let number = &own.number;
            if let Some(assignment) = &own.assignment
                && self
                    .ended_assignment(account, number, assignment, guid)
                    .await?
            {
                return Ok(Deletion::Deleted);
            }
            retry.next().await?;
            match self.number(account, number).await? {
                // Released by another request, and purchased again: this request is not about that.
                Some(found) if own.assignment.is_some() && found.assignment != own.assignment => {
                    return Ok(Deletion::NotFound);
                }
                Some(found) => own = found,
                None if own.assignment.is_some() => return Ok(Deletion::NotFound),
                // A registration leaves no trace by which a retry could know its own work. It was there,
                // and it is gone.
                None => return Ok(Deletion::Deleted),
            }
        }
    }

    /// Adds the write that ends the number's periods with vendors.
    async fn end_periods(
        &self,
        transaction: &mut Transaction<Tag>,
        account: &AccountId,
        number: &PhoneNumber,
        now: Instant,
    ) -> Result<(), StoreError> {
        let Some(found) = self.number_vendors_of(account, number).await? else {
            return Ok(());
        };
        let ended = (number, &found.periods.ended(now));
        put_periods(transaction, Tag::Vendors, account, ended, Some(&found))
    }
}

fn transaction_of(
    account: &AccountId,
    own: &RegisteredNumber,
    guid: Guid,
    now: Instant,
) -> Result<Transaction<Tag>, StoreError> {
    let number = &own.number;
    let mut transaction = Transaction::new();
    let key = keys::number_owner(number);
    transaction
        .delete(Tag::Owner, key, "account_id = :account")
        .value(":account", s(account.as_str()));
    let key = keys::account_number(account, number);
    transaction
        .delete(Tag::Number, key, unchanged(own))
        .value(":revision", n(own.revision));
    if let Some(assignment) = &own.assignment {
        let (tag, end) = (Tag::Assignment, (guid, now));
        end_assignment(&mut transaction, tag, account, number, assignment, end)?;
    }
    if let Some(inventory) = &own.inventory {
        put_in_inventory(&mut transaction, [Tag::Inventory; 2], inventory, guid)?;
    }
    if let Some(address) = &own.address_sid {
        unlink(&mut transaction, Tag::Address, account, address);
    }
    Ok(transaction)
}
