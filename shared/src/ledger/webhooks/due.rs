//! What a deliverer reads and writes of pending deliveries (patterns 92 and 93).

use std::fmt::Debug;

use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{at, n, read, s};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, ALWAYS, Committed, Transaction};
use crate::ledger::webhooks::hand_out::{DeliveryPointer, delivery_item};
use crate::model::account::AccountId;
use crate::model::time::Instant;
use crate::model::webhook::{Delivery, EndpointId};

/// The writes of a delivery that was attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Delivery,
    Due,
    Line,
}

/// Nobody else has attempted it or brought it forward meanwhile.
const UNCHANGED: &str = "attempts = :attempts AND #status = :pending AND due = :due";

impl Ledger {
    /// The deliveries to an endpoint that are due, the earliest first, `most` at most.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn due_deliveries(
        &self,
        account: &AccountId,
        endpoint: &EndpointId,
        now: Instant,
        most: usize,
    ) -> Result<Vec<DeliveryPointer>, StoreError> {
        let (from, to) = keys::due_until(now);
        let query = self.query(keys::endpoint_partition(account, endpoint));
        let page = query.between(from, to).limit(most).page().await?;
        page.items.into_iter().map(read).collect()
    }

    /// The first pending deliveries of a line, in their order, `most` at most.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn line_deliveries(
        &self,
        account: &AccountId,
        endpoint: &EndpointId,
        line: &str,
        most: usize,
    ) -> Result<Vec<DeliveryPointer>, StoreError> {
        let query = self.query(keys::endpoint_partition(account, endpoint));
        let page = query
            .prefix(keys::line_prefix(line))
            .limit(most)
            .page()
            .await?;
        page.items.into_iter().map(read).collect()
    }

    /// Writes what an attempt made of a delivery: it is over, or due again at `after.due`. Returns whether it was
    /// as `before` until now; otherwise somebody else attempted it.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn record_attempt(
        &self,
        account: &AccountId,
        pointer: &DeliveryPointer,
        (before, after): (&Delivery, &Delivery),
    ) -> Result<bool, StoreError> {
        let mut transaction = Transaction::new();
        let (old, new) = (
            delivery_item(account, before)?,
            delivery_item(account, after)?,
        );
        transaction
            .rewrite(Tag::Delivery, "delivery", &old, new, UNCHANGED)
            .name("#status", "status")
            .value(":attempts", n(before.attempts))
            .value(":pending", s(before.state.as_str()))
            .value(":due", at(before.due.unwrap_or(pointer.due)));
        match after.due {
            Some(due) => {
                move_to(
                    &mut transaction,
                    account,
                    pointer,
                    due,
                    (Tag::Line, Tag::Due),
                )?;
            }
            None => forget(&mut transaction, account, pointer),
        }
        Ok(matches!(self.commit(transaction).await?, Committed::Done))
    }

    /// Lets a delivery wait until `due`, without an attempt: one before it in its line waits until then.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn let_delivery_wait(
        &self,
        account: &AccountId,
        pointer: &DeliveryPointer,
        due: Instant,
    ) -> Result<(), StoreError> {
        if pointer.due >= due {
            return Ok(());
        }
        let mut transaction = Transaction::new();
        move_to(
            &mut transaction,
            account,
            pointer,
            due,
            (Tag::Line, Tag::Due),
        )?;
        match self.commit(transaction).await? {
            Committed::Done | Committed::Refused(_) => Ok(()),
        }
    }

    /// Forgets that a delivery is pending, because it is over or no longer kept.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn forget_pending(
        &self,
        account: &AccountId,
        pointer: &DeliveryPointer,
    ) -> Result<(), StoreError> {
        let mut transaction = Transaction::new();
        forget(&mut transaction, account, pointer);
        match self.commit(transaction).await? {
            Committed::Done | Committed::Refused(_) => Ok(()),
        }
    }
}

/// Adds the writes by which a pending delivery is due at another time. They are refused if it was moved meanwhile, so
/// that nothing is left under a time that nobody knows.
pub(in crate::ledger) fn move_to<T>(
    transaction: &mut Transaction<T>,
    account: &AccountId,
    pointer: &DeliveryPointer,
    due: Instant,
    (line, moved_to): (T, T),
) -> Result<(), StoreError>
where
    T: Copy + Eq + Debug,
{
    let moved = DeliveryPointer {
        due,
        ..pointer.clone()
    };
    transaction
        .update(
            line,
            pointer.line_key(account),
            "SET due = :due",
            "due = :was",
        )
        .value(":due", at(due))
        .value(":was", at(pointer.due));
    if moved.due != pointer.due {
        transaction.delete(moved_to, pointer.due_key(account), ALWAYS);
        transaction.put(moved_to, moved.due_item(account)?, ABSENT);
    }
    Ok(())
}

/// Adds the writes by which a delivery is pending no more.
fn forget(transaction: &mut Transaction<Tag>, account: &AccountId, pointer: &DeliveryPointer) {
    transaction.delete(Tag::Line, pointer.line_key(account), ALWAYS);
    transaction.delete(Tag::Due, pointer.due_key(account), ALWAYS);
}
