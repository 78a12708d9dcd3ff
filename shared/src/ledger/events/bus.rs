//! The bus: `EventBridge`, from where rules take events to queues, functions, warehouses and other accounts.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::retry::RetryConfig;
use aws_sdk_eventbridge::config::timeout::TimeoutConfig;
use aws_sdk_eventbridge::config::{
    BehaviorVersion, Credentials, Region, StalledStreamProtectionConfig,
};
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;

use crate::config::{self, BusConfig, Config};
use crate::ledger::table::http;
use crate::ledger::table::retry::Retry;
use crate::ledger::table::trust::Trust;
use crate::model::event::{Event, LineKey};

/// The most events of one request; `EventBridge`'s own limit.
pub const BUS_BATCH: usize = 10;

/// The most bytes of one request; `EventBridge`'s limit is 256 KB, with a few for each attribute.
const MOST_BYTES: usize = 240 * 1_024;

/// What every event of the product says of where it comes from.
pub const BUS_SOURCE: &str = "callbook";

/// How often an event is put that the bus refused or did not confirm.
const ATTEMPTS: u32 = 5;

/// How long it may take until a batch is on the bus.
const PATIENCE: Duration = Duration::from_secs(20);

/// The event bus of a deployment.
#[derive(Clone, Debug)]
pub struct Bus {
    client: Client,
    name: String,
}

/// Why events are not on the bus. It names no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the event bus did not take {left} of {all} events: {code}")]
pub struct BusError {
    /// How many events are left.
    pub left: usize,
    /// How many events there were.
    pub all: usize,
    /// The code of the last error.
    pub code: String,
}

impl Bus {
    /// The bus that a function's environment names.
    #[must_use]
    pub fn connect(config: &Config, bus: &BusConfig) -> Self {
        let trust = Trust::new(config::names_authorities());
        let mut builder = aws_sdk_eventbridge::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(config.region.clone()))
            .credentials_provider(Credentials::new(
                config.access_key_id.clone(),
                config.secret_access_key.clone(),
                config.session_token.clone(),
                None,
                "environment",
            ))
            .http_client(http::client(trust))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_millis(800))
                    .operation_attempt_timeout(Duration::from_secs(2))
                    .build(),
            )
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .retry_config(RetryConfig::disabled());
        if let Some(endpoint) = &bus.endpoint {
            builder = builder.endpoint_url(endpoint);
        }
        Self::new(Client::from_conf(builder.build()), bus.name.clone())
    }

    /// The bus of a name, by a client that does not retry: what the bus refuses is put again here.
    #[must_use]
    pub fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// Puts events on the bus. An event that the bus refuses is put again, up to five times in all.
    ///
    /// A request has one event of each line at most, and the next one follows when the bus has taken that: so the
    /// bus takes the events of a line in their order, whatever it refuses.
    ///
    /// # Errors
    /// Returns `BusError` if the bus did not confirm all of them. It may have taken them all the same.
    pub async fn put(&self, events: &[Event]) -> Result<(), BusError> {
        let mut seen: BTreeMap<&LineKey, usize> = BTreeMap::new();
        let mut rounds: BTreeMap<usize, Vec<(&Event, String)>> = BTreeMap::new();
        for event in events {
            let round = seen.entry(&event.line).or_default();
            let told = (event, event.to_json());
            rounds.entry(*round).or_default().push(told);
            *round += 1;
        }
        for round in rounds.into_values() {
            let mut rest = round.as_slice();
            while !rest.is_empty() {
                let mut bytes = 0;
                let fit = rest.iter().take(BUS_BATCH).take_while(|(_, detail)| {
                    bytes += detail.len() + 256;
                    bytes <= MOST_BYTES
                });
                // One that is too large by itself is the bus' to refuse.
                let fit = fit.count().max(1);
                let (batch, left) = rest.split_at(fit.min(rest.len()));
                self.put_batch(batch.iter().collect(), events.len()).await?;
                rest = left;
            }
        }
        Ok(())
    }

    async fn put_batch(
        &self,
        mut left: Vec<&(&Event, String)>,
        all: usize,
    ) -> Result<(), BusError> {
        let mut retry = Retry::sending("the event bus").within(PATIENCE);
        let mut code = "no answer".to_owned();
        while retry.made() < ATTEMPTS && retry.next().await.is_ok() {
            let entries = left.iter().map(|(event, detail)| self.entry(event, detail));
            let request = self.client.put_events();
            let answer = request.set_entries(Some(entries.collect())).send().await;
            code = match answer {
                Ok(answer) => {
                    let refused = answer.entries().iter().map(|entry| entry.error_code());
                    let refused: Vec<_> = refused.collect();
                    let code = refused
                        .iter()
                        .flatten()
                        .next()
                        .map(|code| (*code).to_owned());
                    // An answer without a word about an entry does not confirm it.
                    let mut at = refused.into_iter();
                    left.retain(|_| at.next().is_none_or(|code| code.is_some()));
                    code.unwrap_or_else(|| "unconfirmed".to_owned())
                }
                Err(error) => match error.as_service_error() {
                    Some(error) => error.meta().code().unwrap_or("unknown").to_owned(),
                    None => "no answer".to_owned(),
                },
            };
            if left.is_empty() {
                return Ok(());
            }
        }
        let left = left.len();
        Err(BusError { left, all, code })
    }

    fn entry(&self, event: &Event, detail: &str) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(BUS_SOURCE)
            .detail_type(event.kind.as_str())
            .time(DateTime::from_millis(event.time.millis()))
            .detail(detail)
            .build()
    }
}
