//! Update of what a client may set of a number. If its address changes, the link counts of both addresses
//! change in the same transaction.

use crate::ledger::numbers::linking::{relink, status};
use crate::ledger::numbers::owned::rewrite;
use crate::ledger::outcome::Update;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{Committed, Transaction};
use crate::model::account::AccountId;
use crate::model::address::Address;
use crate::model::number::{NumberChange, RegisteredNumber, Unroutable};

/// Why a number was not updated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberUpdateRefusal {
    /// There is no such address.
    AddressNotFound,
    /// Its calls could not be routed.
    Unroutable(Unroutable),
}

/// The writes of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Number,
    OldAddress,
    NewAddress,
}

impl Ledger {
    /// Updates a number, starting from `seen` and the address that `change` names, as they were read a
    /// moment ago.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn update_number(
        &self,
        account: &AccountId,
        change: &NumberChange,
        seen: RegisteredNumber,
        address: Option<Address>,
    ) -> Result<Update<RegisteredNumber, NumberUpdateRefusal>, StoreError> {
        let (mut own, mut address) = (seen, address);
        let named = change.named_address();
        let mut retry = Retry::planning("this number").within(self.patience);
        retry.next().await?;
        loop {
            if named.is_some() && address.is_none() {
                return Ok(Update::Refused(NumberUpdateRefusal::AddressNotFound));
            }
            let mut new = match change.applied_to(&own) {
                Ok(new) => new,
                Err(why) => return Ok(Update::Refused(NumberUpdateRefusal::Unroutable(why))),
            };
            if new.address_sid != own.address_sid {
                let inventory = own.inventory.as_ref();
                let required = self.requires_address(inventory).await?;
                new.status = status(required, inventory, address.as_ref());
            }
            if new == own {
                return Ok(Update::Updated(own));
            }
            new.revision += 1;
            let transaction = transaction_of(account, &own, &new)?;
            if let Committed::Done = self.commit_plan(transaction, &retry).await? {
                return Ok(Update::Updated(new));
            }
            retry.next().await?;
            // Somebody else was faster, or an earlier try of this update got through and its answer was
            // lost. In the latter case the number is as asked for already.
            match self.number(account, &own.number).await? {
                Some(found) => own = found,
                None => return Ok(Update::NotFound),
            }
            address = self.named_address(account, named).await?;
        }
    }
}

/// The transaction that turns `own` into `new`.
fn transaction_of(
    account: &AccountId,
    own: &RegisteredNumber,
    new: &RegisteredNumber,
) -> Result<Transaction<Tag>, StoreError> {
    let mut transaction = Transaction::new();
    rewrite(&mut transaction, Tag::Number, account, new, own)?;
    let tags = [Tag::OldAddress, Tag::NewAddress];
    let addresses = [&own.address_sid, &new.address_sid].map(Option::as_ref);
    relink(&mut transaction, tags, account, addresses);
    Ok(transaction)
}
