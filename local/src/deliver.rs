//! The `deliver` function on the engine's table: what the bus and the schedule of the template do.

use std::time::Duration;

use anyhow::Result;
use callbook::clock::Clock;
use callbook::deliver::Deliverer;
use callbook::edge::log::Sink;
use callbook::edge::{DeliverApp, deliver};
use callbook::ledger::Ledger;
use callbook::outbound::{Addresses, Outbound};

/// How often the table is looked at.
const INTERVAL: Duration = Duration::from_millis(500);

/// The event of the template's schedule.
const DUE: &[u8] = br#"{"task":"deliver"}"#;

/// Delivers the webhooks of an engine's table. What is due is in the table, so another run continues there.
pub struct Deliveries(DeliverApp);

impl Deliveries {
    /// Makes the one deliverer of an engine.
    ///
    /// # Errors
    /// Returns an error if TLS cannot be set up.
    pub fn new(ledger: Ledger, addresses: Addresses) -> Result<Self> {
        Ok(Self(DeliverApp {
            deliverer: Deliverer {
                ledger,
                outbound: Outbound::new(addresses)?,
                clock: Clock::system(),
                name: Some("local"),
            },
            sink: Sink::each(|_| {}),
            stack: None,
        }))
    }

    /// Delivers until the task is dropped. What fails is tried again.
    pub async fn run(self) {
        let mut looks = tokio::time::interval(INTERVAL);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            drop(deliver(&self.0, &::deliver::FUNCTION, DUE).await);
        }
    }
}
