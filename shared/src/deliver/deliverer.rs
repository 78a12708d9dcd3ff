//! The deliverer: all endpoints, those of an account, and one endpoint under its lease.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};

use super::circuit::Circuit;
use super::line::Work;
use super::tally::{SwitchedOff, Tally};
use crate::clock::Clock;
use crate::ids;
use crate::ledger::{DeliveryPointer, EndpointLease, Ledger, Released, StoreError};
use crate::model::account::AccountId;
use crate::model::time::Instant;
use crate::model::webhook::{Endpoint, EndpointId, EndpointState};
use crate::outbound::Outbound;

/// How long a run begins deliveries. One that began last takes 15 s at most.
const RUN: Duration = Duration::from_secs(40);

/// How long a lease holds without being extended: longer than a run and its last delivery.
const LEASE: Duration = Duration::from_secs(90);

/// How many endpoints are worked on at the same time.
const ENDPOINTS_AT_ONCE: usize = 8;

/// How many due deliveries are read at once.
const PAGE: usize = 100;

/// Delivers webhooks.
#[derive(Clone, Debug)]
pub struct Deliverer {
    /// The ledger.
    pub ledger: Ledger,
    /// The client that sends.
    pub outbound: Outbound,
    /// The clock.
    pub clock: Clock,
    /// The name by which it takes leases, if it is the only one: after a crash it goes on at once. Otherwise each run
    /// has a name of its own.
    pub name: Option<&'static str>,
}

/// What there was to do for an endpoint at one look.
enum Look {
    /// Something was done: look again.
    Again,
    /// Nothing more can be done now.
    Over,
    /// There is nothing that is due.
    Empty,
}

impl Deliverer {
    /// Delivers what is due for the endpoints of all accounts.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time. What was not delivered stays due.
    pub async fn deliver_all(&self) -> Result<Tally, StoreError> {
        let mut endpoints = self.ledger.all_webhooks().await?;
        // If there is not time for all of them, it is not always the same ones that wait.
        let first = ids::below(endpoints.len());
        endpoints.rotate_left(first);
        let found = endpoints
            .into_iter()
            .map(|found| (found.account, found.endpoint));
        self.deliver_to(found.collect()).await
    }

    /// Delivers what is due for the endpoints of some accounts.
    ///
    /// # Errors
    /// As [`Deliverer::deliver_all`].
    pub async fn deliver_for(
        &self,
        accounts: impl IntoIterator<Item = &AccountId>,
    ) -> Result<Tally, StoreError> {
        let accounts = accounts.into_iter();
        let reads: Vec<_> = accounts
            .map(|account| self.enabled(account).boxed())
            .collect();
        let found = stream::iter(reads).buffered(ENDPOINTS_AT_ONCE);
        let found: Vec<Vec<_>> = found.try_collect().await?;
        self.deliver_to(found.into_iter().flatten().collect()).await
    }

    async fn enabled(
        &self,
        account: &AccountId,
    ) -> Result<Vec<(AccountId, EndpointId)>, StoreError> {
        let endpoints = self.ledger.webhooks(account).await?.into_iter();
        let enabled = endpoints.filter(|found| found.status == EndpointState::Enabled);
        Ok(enabled.map(|found| (account.clone(), found.id)).collect())
    }

    async fn deliver_to(&self, found: Vec<(AccountId, EndpointId)>) -> Result<Tally, StoreError> {
        let until = self.clock.now().plus(RUN);
        let found = found.iter();
        let runs: Vec<_> = found
            .map(|(account, endpoint)| self.run(account, endpoint, until).boxed())
            .collect();
        let mut tally = Tally::default();
        let mut runs = stream::iter(runs).buffer_unordered(ENDPOINTS_AT_ONCE);
        let mut failed = None;
        // One endpoint that cannot be worked on keeps no other from its deliveries.
        while let Some(done) = runs.next().await {
            match done {
                Ok(done) => tally.add(done),
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) => Err(error),
            None => Ok(tally),
        }
    }

    /// Works on an endpoint, unless another deliverer does.
    async fn run(
        &self,
        account: &AccountId,
        id: &EndpointId,
        until: Instant,
    ) -> Result<Tally, StoreError> {
        let mut tally = Tally::default();
        let begun = self.clock.now();
        // Most endpoints have nothing to do most of the time: that is found out without a lease.
        let due = self.ledger.due_deliveries(account, id, begun, 1).await?;
        let Some(first) = due.first() else {
            return Ok(tally);
        };
        let by = self
            .name
            .map_or_else(|| ids::guid().to_string(), str::to_owned);
        let lease = (begun, begun.plus(LEASE));
        let Some(mut lease) = self.ledger.lease_webhook(account, id, &by, lease).await? else {
            tally.note_due(Some(first.due));
            return Ok(tally);
        };
        tally.endpoints = 1;
        let worked = self
            .work(account, id, &mut lease, (until, &mut tally))
            .await;
        if worked.is_err() {
            // The lease ends by itself, but sooner is better.
            drop(self.ledger.release_webhook(&lease, true).await);
        }
        worked.map(|()| tally)
    }

    async fn work(
        &self,
        account: &AccountId,
        id: &EndpointId,
        lease: &mut EndpointLease,
        (until, tally): (Instant, &mut Tally),
    ) -> Result<(), StoreError> {
        loop {
            match self.look(account, id, lease, (until, &mut *tally)).await? {
                Look::Again => {}
                Look::Over => {
                    self.ledger.release_webhook(lease, true).await?;
                    return Ok(());
                }
                Look::Empty => {
                    if self.ledger.release_webhook(lease, false).await? == Released::Done {
                        return Ok(());
                    }
                    let now = self.clock.now();
                    let again = (now, now.plus(LEASE));
                    let taken = self
                        .ledger
                        .lease_webhook(account, id, lease.by(), again)
                        .await?;
                    match taken {
                        Some(taken) => *lease = taken,
                        None => return Ok(()),
                    }
                }
            }
        }
    }

    /// Delivers one page of what is due.
    async fn look(
        &self,
        account: &AccountId,
        id: &EndpointId,
        lease: &mut EndpointLease,
        (until, tally): (Instant, &mut Tally),
    ) -> Result<Look, StoreError> {
        let now = self.clock.now();
        let endpoint = self.ledger.webhook(account, id).await?;
        let Some(endpoint) = endpoint.filter(|found| found.status == EndpointState::Enabled) else {
            return Ok(Look::Over);
        };
        let due = self.ledger.due_deliveries(account, id, now, PAGE).await?;
        let Some(first) = due.first() else {
            return Ok(Look::Empty);
        };
        let circuit = Circuit::of(&lease.progress);
        let secrets = self.ledger.signing_secrets(account, id).await?;
        let Some(secrets) = secrets.filter(|_| now < until && circuit.lets_through(now)) else {
            tally.note_due(Some(first.due));
            return Ok(Look::Over);
        };
        let lines = by_line(&due);
        let work = Work {
            ledger: &self.ledger,
            outbound: &self.outbound,
            clock: &self.clock,
            account,
            endpoint: &endpoint,
            secrets: &secrets,
            circuit: &circuit,
            until,
        };
        self.deliver_lines(&work, lines, tally).await?;
        circuit.write_to(&mut lease.progress);
        let held = self.clock.now().plus(LEASE);
        if !self.ledger.extend_webhook_lease(lease, held).await? {
            return Ok(Look::Over);
        }
        if let Some(reason) = circuit.off() {
            let switched = self
                .ledger
                .switch_off_webhook(account, &endpoint, reason, now);
            if switched.await? {
                tally.switched_off.push(SwitchedOff {
                    account: account.clone(),
                    endpoint: id.clone(),
                    reason,
                });
            }
        }
        Ok(Look::Again)
    }

    /// Delivers lines side by side; a probe is one delivery alone.
    async fn deliver_lines(
        &self,
        work: &Work<'_>,
        lines: Vec<Vec<DeliveryPointer>>,
        tally: &mut Tally,
    ) -> Result<(), StoreError> {
        let (lines, most, at_once) = match work.circuit.probes() {
            true => (lines.into_iter().take(1).collect(), 1, 1),
            false => (lines, usize::MAX, at_once(work.endpoint)),
        };
        let lines: Vec<Vec<DeliveryPointer>> = lines;
        let done = lines.iter().map(|line| work.deliver(line, most).boxed());
        let done: Vec<_> = done.collect();
        let done = stream::iter(done).buffer_unordered(at_once);
        let done: Vec<Tally> = done.try_collect().await?;
        done.into_iter().for_each(|done| tally.add(done));
        Ok(())
    }
}

/// Groups what is due by its line, in the order of the first of each.
fn by_line(due: &[DeliveryPointer]) -> Vec<Vec<DeliveryPointer>> {
    let mut lines: Vec<Vec<DeliveryPointer>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for pointer in due {
        let place = *places.entry(&pointer.line).or_insert(lines.len());
        match lines.get_mut(place) {
            Some(line) => line.push(pointer.clone()),
            None => lines.push(vec![pointer.clone()]),
        }
    }
    lines
}

fn at_once(endpoint: &Endpoint) -> usize {
    usize::try_from(u32::from(endpoint.concurrency)).unwrap_or(1)
}
