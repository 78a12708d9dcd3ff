//! Addresses (pattern 23), each with the count of the numbers that are linked to it: the count moves in
//! the transaction that links or unlinks, and deletion is conditional on there being none.

use aws_sdk_dynamodb::types::{Delete, ReturnValuesOnConditionCheckFailure, TransactWriteItem};

use crate::ledger::keys;
use crate::ledger::outcome::{Creation, ExistsDifferent};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::idempotency::IdempotentRequest;
use crate::ledger::table::item::{key, n, read, stored};
use crate::ledger::table::legacy::Transacted;
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::address::{Address, AddressSid};

/// How the deletion of an address ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// It is gone; it was deleted now, or by somebody else meanwhile.
    Done,
    /// Numbers are linked to it.
    Linked,
}

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
    /// The store's.
    pub async fn address(
        &self,
        account: &AccountId,
        sid: &AddressSid,
    ) -> Result<Option<Address>, StoreError> {
        let item = self.get(keys::address(account, sid)).await?;
        item.map(read).transpose()
    }

    /// An account's addresses, by sid.
    ///
    /// # Errors
    /// The store's.
    pub async fn addresses(&self, account: &AccountId) -> Result<Vec<Address>, StoreError> {
        let partition = keys::account_partition(account);
        let items = self.prefixed(partition, keys::ADDRESSES).await?;
        items.into_iter().map(read).collect()
    }

    /// Deletes an address that was there, unless a number is linked to it.
    ///
    /// # Errors
    /// The store's.
    pub async fn delete_address(
        &self,
        account: &AccountId,
        sid: &AddressSid,
    ) -> Result<Deleted, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key(keys::address(account, sid))))
            .condition_expression("links = :none")
            .expression_attribute_values(":none", n(0))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        let write = TransactWriteItem::builder().delete(delete).build();
        Ok(match self.transact(vec![write]).await? {
            Transacted::Done => Deleted::Done,
            Transacted::Refused(found) => match found.into_iter().any(|(_, item)| item.is_some()) {
                true => Deleted::Linked,
                // A lost answer of this very deletion, or somebody else's.
                false => Deleted::Done,
            },
        })
    }

    /// The write that counts one more number on an address; refused when the address is not there.
    pub(in crate::ledger) fn link(
        &self,
        account: &AccountId,
        sid: &AddressSid,
    ) -> Result<TransactWriteItem, StoreError> {
        self.update(
            key(keys::address(account, sid)),
            "SET links = links + :one",
            "attribute_exists(pk)",
        )
        .value(":one", n(1))
        .write()
    }

    /// The write that counts one number less on an address.
    pub(in crate::ledger) fn unlink(
        &self,
        account: &AccountId,
        sid: &AddressSid,
    ) -> Result<TransactWriteItem, StoreError> {
        self.update(
            key(keys::address(account, sid)),
            "SET links = links - :one",
            "links >= :one",
        )
        .value(":one", n(1))
        .write()
    }
}
