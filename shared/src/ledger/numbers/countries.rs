//! The countries that the deployment has numbers in (pattern 32).

use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem};

use crate::ledger::access::accounts::Saved;
use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{key, read, stored};
use crate::ledger::table::legacy::Transacted;
use crate::ledger::table::store::Ledger;
use crate::model::country::{Country, ServedCountry};

impl Ledger {
    /// Serves a country, or changes how; [`Saved::Refused`] when it is served just so.
    ///
    /// # Errors
    /// The store's.
    pub async fn serve_country(&self, served: ServedCountry) -> Result<Saved, StoreError> {
        let item = stored(keys::country(served.country), "country", &served)?;
        let write = self
            .put(
                item,
                "attribute_not_exists(pk) OR requires_address <> :address",
            )
            .value(":address", AttributeValue::Bool(served.requires_address))
            .write()?;
        self.countries_saved(write).await
    }

    /// Serves a country no more; what is in stock there stays. [`Saved::Refused`] when it is not served.
    ///
    /// # Errors
    /// The store's.
    pub async fn drop_country(&self, country: Country) -> Result<Saved, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key(keys::country(country))))
            .condition_expression("attribute_exists(pk)")
            .build()
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        self.countries_saved(TransactWriteItem::builder().delete(delete).build())
            .await
    }

    /// How a country is served; `None` when it is not.
    ///
    /// # Errors
    /// The store's.
    pub async fn country(&self, country: Country) -> Result<Option<ServedCountry>, StoreError> {
        let item = self.get(keys::country(country)).await?;
        item.map(read).transpose()
    }

    /// Every country that is served.
    ///
    /// # Errors
    /// The store's.
    pub async fn countries(&self) -> Result<Vec<ServedCountry>, StoreError> {
        let items = self.partition(keys::COUNTRIES.to_owned()).await?;
        items.into_iter().map(read).collect()
    }

    async fn countries_saved(&self, write: TransactWriteItem) -> Result<Saved, StoreError> {
        Ok(match self.transact(vec![write]).await? {
            Transacted::Done => Saved::Done,
            Transacted::Refused(_) => Saved::Refused,
        })
    }
}
