//! The deliveries of one line, one after the other.

use super::attempt::{Meaning, attempt};
use super::circuit::Circuit;
use super::tally::Tally;
use crate::clock::Clock;
use crate::ids;
use crate::ledger::{DeliveryPointer, Ledger, StoreError};
use crate::model::account::AccountId;
use crate::model::time::Instant;
use crate::model::webhook::{Attempt, Delivery, DeliveryState, Endpoint, SigningSecrets, schedule};
use crate::outbound::Outbound;

/// How many deliveries of a line are read at once.
const READ: usize = 20;

/// What the lines of an endpoint share.
pub(super) struct Work<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) outbound: &'a Outbound,
    pub(super) clock: &'a Clock,
    pub(super) account: &'a AccountId,
    pub(super) endpoint: &'a Endpoint,
    pub(super) secrets: &'a SigningSecrets,
    pub(super) circuit: &'a Circuit,
    /// After this moment no delivery is begun.
    pub(super) until: Instant,
}

impl Work<'_> {
    /// Whether another delivery may be begun.
    fn goes_on(&self) -> bool {
        let now = self.clock.now();
        now < self.until && self.circuit.lets_through(now)
    }

    /// Sends the first deliveries of a line, until one has to wait. `most` of them at most. `due` are those of the
    /// line that were found due.
    pub(super) async fn deliver(
        &self,
        due: &[DeliveryPointer],
        most: usize,
    ) -> Result<Tally, StoreError> {
        let mut tally = Tally::default();
        let (ledger, account) = (self.ledger, self.account);
        let Some(first) = due.first() else {
            return Ok(tally);
        };
        let pending = ledger.line_deliveries(account, &self.endpoint.id, &first.line, READ);
        let pending = pending.await?;
        if pending.is_empty() {
            // Nothing is in the line, so nothing of it can be due.
            for pointer in due {
                ledger.forget_pending(account, pointer).await?;
            }
        }
        // Those further behind in the line than was read wait as well.
        let further = match pending.len() < READ {
            true => &[],
            false => due,
        };
        let mut left = pending.iter();
        let mut sent = 0;
        while let Some(pointer) = left.next() {
            if pointer.due > self.clock.now() {
                self.wait_for(pointer.due, [left.as_slice(), further])
                    .await?;
                return Ok(tally);
            }
            if sent >= most || !self.goes_on() {
                return Ok(tally);
            }
            let found = ledger.delivery(account, &pointer.id, self.clock.now());
            let found = found
                .await?
                .filter(|found| found.state == DeliveryState::Pending);
            let Some(delivery) = found else {
                ledger.forget_pending(account, pointer).await?;
                continue;
            };
            sent += 1;
            if let Some(due) = self.send(pointer, &delivery, &mut tally).await? {
                self.wait_for(due, [left.as_slice(), further]).await?;
                return Ok(tally);
            }
        }
        Ok(tally)
    }

    /// Sends a delivery and writes what became of it. Returns when it is due again, if it is.
    async fn send(
        &self,
        pointer: &DeliveryPointer,
        delivery: &Delivery,
        tally: &mut Tally,
    ) -> Result<Option<Instant>, StoreError> {
        let sending = (delivery, self.secrets);
        let outcome = attempt(self.outbound, self.clock, self.endpoint, sending).await;
        let now = self.clock.now();
        let asked = match outcome.meaning {
            Meaning::Taken => {
                self.circuit.succeeded();
                tally.delivered += 1;
                let after = delivery.after(outcome.attempt, DeliveryState::Delivered, None);
                return self.record(pointer, delivery, after).await;
            }
            Meaning::Gone => {
                self.circuit.gone();
                None
            }
            Meaning::NotTaken(asked) => {
                self.circuit.failed(now);
                asked
            }
        };
        let jitter = u32::try_from(ids::below(100)).unwrap_or(0);
        let pause = schedule::pause(delivery.round + 1, asked, jitter);
        let after = self.not_taken(
            delivery,
            outcome.attempt,
            pause.map(|pause| now.plus(pause)),
        );
        match after.state {
            DeliveryState::Failed => tally.failed += 1,
            DeliveryState::Pending | DeliveryState::Delivered => tally.postponed += 1,
        }
        self.record(pointer, delivery, after).await
    }

    fn not_taken(&self, delivery: &Delivery, attempt: Attempt, due: Option<Instant>) -> Delivery {
        match due {
            Some(due) => delivery.after(attempt, DeliveryState::Pending, Some(due)),
            None => delivery.after(attempt, DeliveryState::Failed, None),
        }
    }

    async fn record(
        &self,
        pointer: &DeliveryPointer,
        before: &Delivery,
        after: Delivery,
    ) -> Result<Option<Instant>, StoreError> {
        let recorded = self
            .ledger
            .record_attempt(self.account, pointer, (before, &after));
        recorded.await?;
        Ok(after.due)
    }

    /// Lets deliveries wait for the one before them.
    async fn wait_for(
        &self,
        due: Instant,
        behind: [&[DeliveryPointer]; 2],
    ) -> Result<(), StoreError> {
        for pointer in behind.into_iter().flatten() {
            self.ledger
                .let_delivery_wait(self.account, pointer, due)
                .await?;
        }
        Ok(())
    }
}
