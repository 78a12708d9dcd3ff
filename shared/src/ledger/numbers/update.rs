//! Changing what a client may set of a number; a change of its address moves the counts of both in the
//! same transaction.

use crate::ledger::numbers::purchase::{TRIES, status};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::legacy::{Transacted, stand_back};
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::address::Address;
use crate::model::number::{NumberChange, RegisteredNumber, Unroutable};

/// A change of a number.
#[derive(Clone, Copy, Debug)]
pub struct Changing<'a> {
    /// Whose number.
    pub account: &'a AccountId,
    /// What is to be different.
    pub change: &'a NumberChange,
}

/// How a change ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// The number is so.
    Done(Box<RegisteredNumber>),
    /// It would have a routing method that leads nowhere.
    Refused(Unroutable),
    /// The number is not the account's any more.
    NoNumber,
    /// The address is not there any more.
    NoAddress,
}

impl Ledger {
    /// The address that a change names; `None` as well where it names none.
    ///
    /// # Errors
    /// The store's.
    pub async fn new_address(
        &self,
        changing: &Changing<'_>,
    ) -> Result<Option<Address>, StoreError> {
        let named = changing.change.address.as_ref().and_then(Option::as_ref);
        self.named_address(changing.account, named).await
    }

    /// Changes a number, going by what was read of it.
    ///
    /// # Errors
    /// The store's.
    pub async fn change_number(
        &self,
        changing: &Changing<'_>,
        seen: RegisteredNumber,
        address: Option<Address>,
    ) -> Result<Changed, StoreError> {
        let (mut own, mut address) = (seen, address);
        let Changing { account, change } = *changing;
        let names_one = matches!(change.address, Some(Some(_)));
        for attempt in 0..TRIES {
            if names_one && address.is_none() {
                return Ok(Changed::NoAddress);
            }
            let mut new = match change.applied_to(&own) {
                Ok(new) => new,
                Err(unroutable) => return Ok(Changed::Refused(unroutable)),
            };
            if new.address_sid != own.address_sid {
                let required = self.requires_address(own.stock.as_ref()).await?;
                new.status = status(required, own.stock.as_ref(), address.as_ref());
            }
            if new == own {
                return Ok(Changed::Done(Box::new(own)));
            }
            new.revision += 1;
            let mut writes = vec![self.rewrite(account, &new, &own)?.write()?];
            if new.address_sid != own.address_sid {
                let (old, next) = (&own.address_sid, &new.address_sid);
                let unlink = old.as_ref().map(|old| self.unlink(account, old));
                let link = next.as_ref().map(|next| self.link(account, next));
                writes.extend(unlink.transpose()?);
                writes.extend(link.transpose()?);
            }
            if let Transacted::Done = self.transact(writes).await? {
                return Ok(Changed::Done(Box::new(new)));
            }
            stand_back(attempt).await;
            // Somebody was faster, or an earlier try got through and its answer was lost: then the number
            // is already what it is to be.
            match self.number(account, &own.number).await? {
                Some(now_there) => own = now_there,
                None => return Ok(Changed::NoNumber),
            }
            address = self.new_address(changing).await?;
        }
        Err(StoreError::Unavailable(
            "others kept changing the number".to_owned(),
        ))
    }
}
