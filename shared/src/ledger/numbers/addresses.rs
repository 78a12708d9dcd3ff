//! Addresses (pattern 23). Each counts the numbers that are linked to it, in the transactions that link and
//! unlink them; only an address without links can be deleted.

use crate::ledger::keys;
use crate::ledger::outcome::{Creation, Deletion, ExistsDifferent};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::idempotency::IdempotentRequest;
use crate::ledger::table::item::{n, read, stored};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{Committed, Transaction};
use crate::model::account::AccountId;
use crate::model::address::{Address, AddressSid};

/// Refusal: numbers are linked to the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressLinked;

impl Ledger {
    /// Creates an address, once for each idempotency key.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn create_address(
        &self,
        account: &AccountId,
        address: Address,
        request: Option<&IdempotentRequest>,
    ) -> Result<Creation<Address, ExistsDifferent>, StoreError> {
        let item = stored(keys::address(account, &address.sid), "address", &address)?;
        self.create(account, item, address, request).await
    }

    /// One address.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn address(
        &self,
        account: &AccountId,
        sid: &AddressSid,
    ) -> Result<Option<Address>, StoreError> {
        let item = self.get(keys::address(account, sid)).await?;
        item.map(read).transpose()
    }

    /// The address that a request names; `None` as well if it names none.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn named_address(
        &self,
        account: &AccountId,
        named: Option<&AddressSid>,
    ) -> Result<Option<Address>, StoreError> {
        match named {
            Some(sid) => self.address(account, sid).await,
            None => Ok(None),
        }
    }

    /// An account's addresses, by sid.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn addresses(&self, account: &AccountId) -> Result<Vec<Address>, StoreError> {
        let query = self.query(keys::account_partition(account));
        let items = query.prefix(keys::ADDRESSES).all().await?;
        items.into_iter().map(read).collect()
    }

    /// Deletes an address, unless a number is linked to it.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn delete_address(
        &self,
        account: &AccountId,
        sid: &AddressSid,
    ) -> Result<Deletion<AddressLinked>, StoreError> {
        let mut transaction = Transaction::new();
        transaction
            .delete((), keys::address(account, sid), "links = :none")
            .value(":none", n(0));
        Ok(match self.commit(transaction).await? {
            Committed::Done => Deletion::Deleted,
            Committed::Refused(refusals) => match refusals.item(()) {
                Some(_) => Deletion::Refused(AddressLinked),
                None => Deletion::NotFound,
            },
        })
    }
}
