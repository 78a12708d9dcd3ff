//! The countries that the deployment sells numbers of (pattern 32).

use aws_sdk_dynamodb::types::AttributeValue;

use crate::ledger::keys;
use crate::ledger::outcome::Deletion;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{read, s};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::Transaction;
use crate::model::country::{Country, ServedCountry};

impl Ledger {
    /// Serves a country, or changes how it is served.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn serve_country(&self, served: ServedCountry) -> Result<(), StoreError> {
        let address = AttributeValue::Bool(served.requires_address);
        let attributes = [
            ("country", s(served.country.as_str())),
            ("requires_address", address.clone()),
        ];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), Some(value)));
        let different = "attribute_not_exists(pk) OR requires_address <> :address";
        let mut transaction = Transaction::new();
        transaction
            .upsert((), keys::country(served.country), "country", attributes)
            .only_if(different)
            .value(":address", address);
        // If it is refused, the country is served just so.
        self.commit(transaction).await.map(drop)
    }

    /// Stops serving a country. Its inventory stays, and cannot be found.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn remove_country(&self, country: Country) -> Result<Deletion, StoreError> {
        self.delete_if_present(keys::country(country)).await
    }

    /// How a country is served; `None` if it is not.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn country(&self, country: Country) -> Result<Option<ServedCountry>, StoreError> {
        let item = self.get(keys::country(country)).await?;
        item.map(read).transpose()
    }

    /// Every country that is served.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn countries(&self) -> Result<Vec<ServedCountry>, StoreError> {
        let items = self.query(keys::COUNTRIES).all().await?;
        items.into_iter().map(read).collect()
    }
}
