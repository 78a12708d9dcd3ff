//! The function that publishes: a batch of the table's stream in, events out.

use futures_util::future::BoxFuture;
use lambda_http::Error as RuntimeError;
use lambda_http::lambda_runtime::{self, LambdaEvent};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::log::{Sink, metrics};
use super::serve::quiet_panics;
use super::stream::StreamFailure;
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::ids;
use crate::ledger::{Bus, ChangeBatch, Ledger, StoreError};
use crate::model::time::{Instant, Zone};
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

#[derive(Deserialize)]
struct Scheduled {
    /// The template gives it to a schedule as the input, which then is the whole event.
    task: Option<String>,
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
    let received = app.publisher.now();
    let scheduled: Option<Scheduled> = serde_json::from_slice(event).ok();
    let ledger = app.publisher.ledger();
    let noted = match scheduled.and_then(|scheduled| scheduled.task).as_deref() {
        Some("hour") => Some((function.hour)(ledger, received).await?),
        Some("day") => Some((function.day)(ledger, received).await?),
        _ => None,
    };
    if let Some(noted) = noted {
        return Ok(json!({"noted": noted}));
    }
    let batch = ChangeBatch::read(event)?;
    let done = (function.batch)(&app.publisher, &batch).await;
    app.sink
        .write(&line(app, function, &batch, &done, received));
    let failures: Vec<Value> = done
        .failed
        .iter()
        .map(|(_, number)| json!({"itemIdentifier": number}))
        .collect();
    Ok(json!({"state": {}, "batchItemFailures": failures}))
}

/// The log line of a batch.
fn line(
    app: &PublishApp,
    function: &PublishFunction,
    batch: &ChangeBatch,
    done: &Published,
    received: Instant,
) -> String {
    let cause = done.failed.as_ref().map(|(error, _)| error.to_string());
    let newest = batch.records.last().map_or(received, |last| last.created);
    let stack = app.stack.as_deref();
    let failed = cause.is_some() || done.unreadable > 0;
    let mut line = json!({
        "timestamp": received.rfc3339(&Zone::utc()),
        "level": if failed { "ERROR" } else { "INFO" },
        "message": "published",
        "guid": ids::guid().to_string(),
        "function": function.name,
        "records": batch.records.len(),
        "skipped": done.skipped,
        "events": done.events,
        "unreadable": done.unreadable,
        "lag_ms": received.millis().saturating_sub(newest.millis()).max(0),
        "client_errors": 0,
        "server_errors": u8::from(failed),
        "_aws": metrics(stack, received, &[]),
    });
    if let Some(line) = line.as_object_mut() {
        line.extend(stack.map(|stack| ("stack".to_owned(), json!(stack))));
        line.extend(cause.map(|cause| ("cause".to_owned(), json!(cause))));
    }
    line.to_string()
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
    quiet_panics();
    let app = &PublishApp {
        publisher: Publisher::new(ledger, Some(bus), Clock::system()),
        sink: Sink::stdout(),
        stack: config::stack_name(),
    };
    lambda_runtime::run(lambda_http::service_fn(
        move |event: LambdaEvent<Box<RawValue>>| async move {
            let event = event.payload.get().as_bytes();
            let answer = hand_out_events(app, function, event).await?;
            Ok::<_, RuntimeError>(answer)
        },
    ))
    .await
}
