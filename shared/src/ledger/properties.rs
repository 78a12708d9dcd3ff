//! Properties and tenures (patterns 20 and 30).

use super::item::read;
use super::{Ledger, StoreError, keys};
use crate::model::account::AccountId;
use crate::model::property::{Property, PropertySid, Tenure};

impl Ledger {
    /// One property.
    ///
    /// # Errors
    /// The store's.
    pub async fn property(
        &self,
        account: &AccountId,
        sid: &PropertySid,
    ) -> Result<Option<Property>, StoreError> {
        let item = self.get(keys::property(account, sid)).await?;
        item.map(read).transpose()
    }

    /// Which numbers which property held, and when.
    ///
    /// # Errors
    /// The store's.
    pub async fn tenures(&self, account: &AccountId) -> Result<Vec<Tenure>, StoreError> {
        let partition = keys::account_partition(account);
        let items = self.prefixed(partition, keys::TENURES).await?;
        items.into_iter().map(read).collect()
    }
}
