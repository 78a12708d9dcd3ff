//! The log of deliveries to an endpoint (pattern 92), and deliveries that are sent again.

use crate::ledger::keys;
use crate::ledger::outcome::Update;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{n, read, s};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, Transaction};
use crate::ledger::webhooks::hand_out::{DeliveryPointer, delivery_item};
use crate::model::account::AccountId;
use crate::model::time::Instant;
use crate::model::webhook::{Delivery, DeliveryId, DeliveryState, EndpointId};

/// A page of deliveries, the latest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryPage {
    /// The deliveries.
    pub deliveries: Vec<Delivery>,
    /// The one that the next page begins behind, if there may be one.
    pub last: Option<DeliveryId>,
}

/// The writes of a delivery that is queued again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Delivery,
    Pointer,
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

    /// Queues a delivery again that is over. One that is pending stays as it is.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn resend_delivery(
        &self,
        account: &AccountId,
        id: &DeliveryId,
        now: Instant,
    ) -> Result<Update<Delivery>, StoreError> {
        let mut retry = Retry::planning("this delivery").within(self.patience);
        loop {
            retry.next().await?;
            let Some(before) = self.delivery(account, id, now).await? else {
                return Ok(Update::NotFound);
            };
            if before.state == DeliveryState::Pending {
                return Ok(Update::Updated(before));
            }
            let after = before.queued_again(now);
            let pointer = DeliveryPointer::of(&after, now);
            let (old, new) = (
                delivery_item(account, &before)?,
                delivery_item(account, &after)?,
            );
            let mut transaction = Transaction::new();
            transaction
                .rewrite(
                    Tag::Delivery,
                    "delivery",
                    &old,
                    new,
                    "attempts = :attempts AND #status = :before",
                )
                .name("#status", "status")
                .value(":attempts", n(before.attempts))
                .value(":before", s(before.state.as_str()));
            transaction.put(Tag::Pointer, pointer.line_item(account)?, ABSENT);
            transaction.put(Tag::Pointer, pointer.due_item(account)?, ABSENT);
            if let Committed::Done = self.commit_plan(transaction, &retry).await? {
                return Ok(Update::Updated(after));
            }
        }
    }
}
