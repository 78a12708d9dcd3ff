//! Handing events out to the endpoints that want them (patterns 92 and 93).

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use crate::ledger::keys::{self, Key};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, stored};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, Transaction};
use crate::model::account::AccountId;
use crate::model::event::{Event, LineKey};
use crate::model::time::Instant;
use crate::model::webhook::{Delivery, DeliveryId, Endpoint, EndpointId};

/// How many lines are handed out at the same time.
const AT_ONCE: usize = 10;

/// A pending delivery, by its time or in its line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryPointer {
    /// The delivery.
    #[serde(rename = "delivery_id")]
    pub id: DeliveryId,
    /// Its line.
    pub line: String,
    /// Its place in its line.
    pub place: String,
    /// When it is due.
    pub due: Instant,
    /// When the table removes it, in seconds.
    pub(in crate::ledger) expires_at: i64,
}

impl DeliveryPointer {
    /// The pointer of a delivery that is due at a moment.
    pub(in crate::ledger) fn of(delivery: &Delivery, due: Instant) -> Self {
        Self {
            id: delivery.id.clone(),
            line: delivery.line.clone(),
            place: delivery.place.clone(),
            due,
            expires_at: delivery.expires_at,
        }
    }

    pub(in crate::ledger) fn due_key(&self, account: &AccountId) -> Key {
        keys::due_delivery(account, &self.id, self.due, &self.place)
    }

    pub(in crate::ledger) fn line_key(&self, account: &AccountId) -> Key {
        keys::line_delivery(account, &self.id, &self.line, &self.place)
    }

    pub(in crate::ledger) fn due_item(&self, account: &AccountId) -> Result<Item, StoreError> {
        stored(self.due_key(account), "delivery_due", self)
    }

    pub(in crate::ledger) fn line_item(&self, account: &AccountId) -> Result<Item, StoreError> {
        stored(self.line_key(account), "delivery_line", self)
    }
}

/// The item of a delivery.
pub(in crate::ledger) fn delivery_item(
    account: &AccountId,
    delivery: &Delivery,
) -> Result<Item, StoreError> {
    stored(keys::delivery(account, &delivery.id), "delivery", delivery)
}

impl Ledger {
    /// Hands events out: each to every endpoint of its account that is enabled and wants it. The order of each line
    /// is kept. An event that was handed out before is not handed out again.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again. What was handed
    /// out by then stays so.
    pub async fn hand_out(&self, events: &[Event], now: Instant) -> Result<(), StoreError> {
        let mut endpoints: BTreeMap<&str, Vec<Endpoint>> = BTreeMap::new();
        let mut lines: BTreeMap<&LineKey, Vec<&Event>> = BTreeMap::new();
        for event in events {
            let account = event.account.as_str();
            if !endpoints.contains_key(account) {
                endpoints.insert(account, self.webhooks(&event.account).await?);
            }
            lines.entry(&event.line).or_default().push(event);
        }
        let lines = lines.into_values();
        let lines: Vec<BoxFuture<'_, Result<(), StoreError>>> = lines
            .map(|line| self.hand_out_line(line, &endpoints, now).boxed())
            .collect();
        let mut lines = stream::iter(lines).buffer_unordered(AT_ONCE);
        while lines.try_next().await?.is_some() {}
        Ok(())
    }

    async fn hand_out_line(
        &self,
        line: Vec<&Event>,
        endpoints: &BTreeMap<&str, Vec<Endpoint>>,
        now: Instant,
    ) -> Result<(), StoreError> {
        for event in line {
            for endpoint in endpoints.get(event.account.as_str()).into_iter().flatten() {
                if endpoint.wants(event.kind) {
                    let delivery = Delivery::of(event, &endpoint.id, now);
                    self.queue_delivery(&event.account, &delivery).await?;
                }
            }
        }
        Ok(())
    }

    /// Queues the delivery of an event that tests an endpoint.
    ///
    /// # Errors
    /// As [`Ledger::hand_out`].
    pub async fn queue_test(
        &self,
        account: &AccountId,
        endpoint: &EndpointId,
        guid: &str,
        now: Instant,
    ) -> Result<Delivery, StoreError> {
        let delivery = Delivery::test(account, endpoint, guid, now);
        self.queue_delivery(account, &delivery).await?;
        Ok(delivery)
    }

    /// Writes a new delivery, unless it is there.
    async fn queue_delivery(
        &self,
        account: &AccountId,
        delivery: &Delivery,
    ) -> Result<(), StoreError> {
        let pointer = DeliveryPointer::of(delivery, delivery.queued_at);
        let mut transaction = Transaction::new();
        transaction.put((), delivery_item(account, delivery)?, ABSENT);
        transaction.put((), pointer.line_item(account)?, ABSENT);
        transaction.put((), pointer.due_item(account)?, ABSENT);
        match self.commit(transaction).await? {
            Committed::Done | Committed::Refused(_) => Ok(()),
        }
    }
}
