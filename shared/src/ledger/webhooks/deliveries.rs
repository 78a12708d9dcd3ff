//! The log of deliveries to an endpoint (pattern 92).

use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::read;
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::time::Instant;
use crate::model::webhook::{Delivery, DeliveryId, EndpointId};

/// A page of deliveries, the latest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryPage {
    /// The deliveries.
    pub deliveries: Vec<Delivery>,
    /// The one that the next page begins behind, if there may be one.
    pub last: Option<DeliveryId>,
}

impl Ledger {
    /// One delivery, by its id, while it is kept.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn delivery(
        &self,
        account: &AccountId,
        id: &DeliveryId,
        now: Instant,
    ) -> Result<Option<Delivery>, StoreError> {
        let item = self.get(keys::delivery(account, id)).await?;
        let delivery: Option<Delivery> = item.map(read).transpose()?;
        Ok(delivery.filter(|delivery| delivery.is_kept(now)))
    }

    /// Lists the deliveries to an endpoint, the latest first, those before the delivery `before`.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn deliveries(
        &self,
        account: &AccountId,
        endpoint: &EndpointId,
        before: Option<&DeliveryId>,
        (most, now): (usize, Instant),
    ) -> Result<DeliveryPage, StoreError> {
        let place = before.map(DeliveryId::place);
        let (from, to) = keys::deliveries_until(place.as_deref());
        let query = self.query(keys::endpoint_partition(account, endpoint));
        // The one that the page begins behind is read again, and one more says whether the list goes on.
        let query = query.between(from, to).descending().limit(most + 2);
        let page = query.page().await?;
        let read = page.items.into_iter().map(read);
        let mut found: Vec<Delivery> = read.collect::<Result<_, _>>()?;
        found.retain(|delivery| Some(&delivery.id) != before);
        let more = found.len() > most || page.last.is_some();
        found.truncate(most);
        let last = found.last().map(|delivery| delivery.id.clone());
        found.retain(|delivery| delivery.is_kept(now));
        Ok(DeliveryPage {
            deliveries: found,
            last: last.filter(|_| more),
        })
    }
}
