//! The function that publishes: a batch of the table's stream in, events out.

use futures_util::future::BoxFuture;
use lambda_http::Error as RuntimeError;
use serde_json::{Value, json};

use super::log::Sink;
use super::work::{self, Invocation, StreamFailure};
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::ledger::{Bus, ChangeBatch, Ledger, StoreError};
use crate::model::time::Instant;
use crate::publish::{Published, Publisher};

/// A Lambda function that publishes the table's stream.
#[derive(Clone, Copy)]
pub struct PublishFunction {
    /// The name of its template resource, its package and its binary.
    pub name: &'static str,
    /// Publishes a batch.
    pub batch: for<'a> fn(&'a Publisher, &'a ChangeBatch) -> BoxFuture<'a, Published>,
    /// Looks, each hour, for costs that have had no call for a day.
    pub hour: for<'a> fn(&'a Ledger, Instant) -> BoxFuture<'a, Result<usize, StoreError>>,
    /// Looks, each day, for credentials that end soon.
    pub day: for<'a> fn(&'a Ledger, Instant) -> BoxFuture<'a, Result<usize, StoreError>>,
}

/// What the invocations of the function share.
pub struct PublishApp {
    /// Where events go.
    pub publisher: Publisher,
    /// The destination of log lines.
    pub sink: Sink,
    /// The deployment's name.
    pub stack: Option<String>,
}

/// Handles one event: a batch of the stream, or the schedule's.
///
/// The answer names the first record that is left, if any, and an empty state of the tumbling window.
///
/// # Errors
/// Returns `StreamFailure` if the event cannot be read, or if the work of the schedule failed.
pub async fn hand_out_events(
    app: &PublishApp,
    function: &PublishFunction,
    event: &[u8],
) -> Result<Value, StreamFailure> {
    let invocation = Invocation {
        stack: app.stack.as_deref(),
        function: function.name,
        received: app.publisher.now(),
    };
    let (ledger, received) = (app.publisher.ledger(), invocation.received);
    let noted = match work::task(event).as_deref() {
        Some("hour") => Some((function.hour)(ledger, received).await?),
        Some("day") => Some((function.day)(ledger, received).await?),
        _ => None,
    };
    if let Some(noted) = noted {
        return Ok(json!({"noted": noted}));
    }
    let batch = ChangeBatch::read(event)?;
    let done = (function.batch)(&app.publisher, &batch).await;
    app.sink.write(&line(&invocation, &batch, &done));
    let left = done.failed.as_ref().map(|(_, number)| number.as_str());
    Ok(work::answer(left))
}

/// The log line of a batch.
fn line(invocation: &Invocation<'_>, batch: &ChangeBatch, done: &Published) -> String {
    let own = json!({
        "message": "published",
        "records": batch.records.len(),
        "skipped": done.skipped,
        "events": done.events,
        "unreadable": done.unreadable,
        "lag_ms": invocation.lag_ms(batch.records.last().map(|last| last.created)),
    });
    let outcome = match &done.failed {
        Some((cause, _)) => Err(Some(cause.to_string())),
        None if done.unreadable > 0 => Err(None),
        None => Ok(()),
    };
    invocation.line(own, outcome, &[])
}

/// Runs the function until Lambda ends the process.
///
/// # Errors
/// Returns an error if environment variables are missing or wrong, or if the runtime fails.
pub async fn serve_publisher(function: &'static PublishFunction) -> Result<(), RuntimeError> {
    let config = Config::from_env()?;
    let ledger = Ledger::connect(&config);
    let bus = Bus::connect(&config, &config::event_bus()?);
    ledger.warm().await;
    let app = &PublishApp {
        publisher: Publisher::new(ledger, Some(bus), Clock::system()),
        sink: Sink::stdout(),
        stack: config::stack_name(),
    };
    work::run(move |event| async move {
        Ok(hand_out_events(app, function, event.get().as_bytes()).await?)
    })
    .await
}
