//! Deliveries that somebody wants sent again (patterns 92 and 93).

use crate::ledger::outcome::Update;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{n, read, s};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, Transaction};
use crate::ledger::webhooks::due::move_to;
use crate::ledger::webhooks::hand_out::{DeliveryPointer, delivery_item};
use crate::model::account::AccountId;
use crate::model::time::Instant;
use crate::model::webhook::{Delivery, DeliveryId, DeliveryState};

/// The writes of a delivery that is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ledger) enum Tag {
    Delivery,
    Due,
    Line,
}

impl Ledger {
    /// Sends a delivery again: one that is over is queued anew, and one that waits for its next attempt is due now.
    /// The latter keeps its place in its line, so it still waits for those before it.
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
            let (after, pointer) = match before.state {
                DeliveryState::Pending => {
                    let waits = self.waiting_pointer(account, &before, now).await?;
                    if waits.is_none() {
                        return Ok(Update::Updated(before));
                    }
                    (before.brought_forward(now), waits)
                }
                DeliveryState::Delivered | DeliveryState::Failed => {
                    (before.queued_again(now), None)
                }
            };
            let mut transaction = Transaction::new();
            let (old, new) = (
                delivery_item(account, &before)?,
                delivery_item(account, &after)?,
            );
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
            match pointer {
                Some(waits) => {
                    move_to(
                        &mut transaction,
                        account,
                        &waits,
                        now,
                        (Tag::Line, Tag::Due),
                    )?;
                }
                None => {
                    let pointer = DeliveryPointer::of(&after, now);
                    transaction.put(Tag::Line, pointer.line_item(account)?, ABSENT);
                    transaction.put(Tag::Due, pointer.due_item(account)?, ABSENT);
                }
            }
            if let Committed::Done = self.commit_plan(transaction, &retry).await? {
                return Ok(Update::Updated(after));
            }
        }
    }

    /// The pointer of a pending delivery, if it is due later than now.
    async fn waiting_pointer(
        &self,
        account: &AccountId,
        delivery: &Delivery,
        now: Instant,
    ) -> Result<Option<DeliveryPointer>, StoreError> {
        let key = DeliveryPointer::of(delivery, now).line_key(account);
        let pointer: Option<DeliveryPointer> = self.get(key).await?.map(read).transpose()?;
        Ok(pointer.filter(|pointer| pointer.due > now))
    }
}
