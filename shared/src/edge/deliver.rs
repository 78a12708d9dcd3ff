//! The function that delivers webhooks: woken by the events on the bus, many at once, and by a schedule each minute.
//!
//! An event only says whose endpoints to look at, so those of one account are one look (`docs/decisions.md`, D-678).
//! What is due is in the table, so an event that is lost, late or twice on the way loses nothing: the schedule finds
//! what is left.

use std::collections::BTreeSet;

use lambda_http::Error as RuntimeError;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::log::Sink;
use super::work::{self, Invocation};
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::deliver::{Deliverer, Tally};
use crate::ledger::{Ledger, StoreError};
use crate::model::account::AccountId;
use crate::model::event::Event;
use crate::outbound::{Addresses, Outbound};

/// A Lambda function that delivers webhooks.
#[derive(Clone, Copy, Debug)]
pub struct DeliverFunction {
    /// The name of its template resource, its package and its binary.
    pub name: &'static str,
}

/// What the invocations of the function share.
pub struct DeliverApp {
    /// What delivers.
    pub deliverer: Deliverer,
    /// The destination of log lines.
    pub sink: Sink,
    /// The deployment's name.
    pub stack: Option<String>,
}

/// A batch of the queue that a rule of the bus puts events into.
#[derive(Deserialize)]
struct Wakes {
    #[serde(rename = "Records")]
    records: Vec<Wake>,
}

#[derive(Deserialize)]
struct Wake {
    body: String,
}

/// An event of the bus.
#[derive(Deserialize)]
struct OnBus<'a> {
    #[serde(borrow)]
    detail: Option<&'a RawValue>,
}

/// The accounts whose events woke the function; `None` for the schedule.
fn woken_for(event: &[u8]) -> Option<BTreeSet<AccountId>> {
    let account = |event: &[u8]| {
        let on_bus: OnBus<'_> = serde_json::from_slice(event).ok()?;
        let event = Event::read(on_bus.detail?.get()).ok()?;
        Some(event.account)
    };
    match serde_json::from_slice::<Wakes>(event) {
        Ok(wakes) => {
            let bodies = wakes.records.iter().map(|wake| wake.body.as_bytes());
            Some(bodies.filter_map(account).collect())
        }
        Err(_) => account(event).map(|account| BTreeSet::from([account])),
    }
}

/// Handles a batch of events of the bus or one of them, for the endpoints of their accounts; or the schedule's event,
/// for all of them.
///
/// # Errors
/// Returns an error if DynamoDB does not answer in time. What was not delivered stays due.
pub async fn deliver(
    app: &DeliverApp,
    function: &DeliverFunction,
    event: &[u8],
) -> Result<Tally, StoreError> {
    let invocation = Invocation {
        stack: app.stack.as_deref(),
        function: function.name,
        received: app.deliverer.clock.now(),
    };
    let accounts = woken_for(event);
    let done = match &accounts {
        Some(accounts) => app.deliverer.deliver_for(accounts).await,
        None => app.deliverer.deliver_all().await,
    };
    // The schedule tells how late the latest is; a look that found nothing to do says nothing.
    let quiet = accounts.is_some() && matches!(&done, Ok(tally) if tally.endpoints == 0);
    if !quiet {
        app.sink.write(&line(&invocation, &done));
    }
    done
}

/// The log line of an invocation.
fn line(invocation: &Invocation<'_>, done: &Result<Tally, StoreError>) -> String {
    let nothing = Tally::default();
    let (tally, outcome) = match done {
        Ok(tally) => (tally, Ok(())),
        Err(error) => (&nothing, Err(Some(error.to_string()))),
    };
    let now = invocation.received.seconds();
    let waits = tally
        .oldest_due
        .map_or(0, |due| now.saturating_sub(due.seconds()));
    let late = waits.max(0);
    let rare = [
        ("deliveries_failed", tally.failed > 0),
        ("webhooks_switched_off", !tally.switched_off.is_empty()),
        ("oldest_delivery_seconds", late > 0),
    ];
    let switched_off = tally.switched_off.iter().map(|off| {
        json!({
            "account_id": off.account.as_str(),
            "endpoint_id": off.endpoint.as_str(),
            "reason": off.reason.as_str(),
        })
    });
    let own = json!({
        "message": "deliveries",
        "endpoints": tally.endpoints,
        "delivered": tally.delivered,
        "postponed": tally.postponed,
        "deliveries_failed": tally.failed,
        "webhooks_switched_off": tally.switched_off.len(),
        "switched_off": switched_off.collect::<Vec<Value>>(),
        "oldest_delivery_seconds": late,
    });
    invocation.line(own, outcome, &rare)
}

/// Runs the function until Lambda ends the process.
///
/// # Errors
/// Returns an error if environment variables are missing or wrong, if TLS cannot be set up, or if the runtime
/// fails.
pub async fn serve_deliver(function: &'static DeliverFunction) -> Result<(), RuntimeError> {
    let ledger = Ledger::connect(&Config::from_env()?);
    ledger.warm().await;
    let app = &DeliverApp {
        deliverer: Deliverer {
            ledger,
            outbound: Outbound::new(Addresses::Public)?,
            clock: Clock::system(),
            name: None,
        },
        sink: Sink::stdout(),
        stack: config::stack_name(),
    };
    work::run(move |event| async move {
        deliver(app, function, event.get().as_bytes()).await?;
        Ok(json!({}))
    })
    .await
}
