//! Properties (pattern 20).

use crate::ledger::keys;
use crate::ledger::outcome::{Creation, ExistsDifferent};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::idempotency::IdempotentRequest;
use crate::ledger::table::item::{read, stored};
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::property::{Property, PropertySid};

impl Ledger {
    /// Creates a property, once for each idempotency key.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn create_property(
        &self,
        account: &AccountId,
        property: Property,
        request: Option<&IdempotentRequest>,
    ) -> Result<Creation<Property, ExistsDifferent>, StoreError> {
        let item = stored(
            keys::property(account, &property.sid),
            "property",
            &property,
        )?;
        self.create(account, item, property, request).await
    }

    /// One property.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn property(
        &self,
        account: &AccountId,
        sid: &PropertySid,
    ) -> Result<Option<Property>, StoreError> {
        let item = self.get(keys::property(account, sid)).await?;
        item.map(read).transpose()
    }

    /// An account's properties, by sid.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn properties(&self, account: &AccountId) -> Result<Vec<Property>, StoreError> {
        let query = self.query(keys::account_partition(account));
        let items = query.prefix(keys::PROPERTIES).all().await?;
        items.into_iter().map(read).collect()
    }
}
