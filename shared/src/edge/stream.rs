//! Functions on the table's stream: a batch of records in, and what is left of it out.
//!
//! Such a function has no client. What it cannot do stays in the stream and is delivered again, so it may
//! answer with an error, unlike a function with routes.

use futures_util::future::BoxFuture;
use lambda_http::Error as RuntimeError;
use lambda_http::lambda_runtime::{self, LambdaEvent};
use rust_decimal::prelude::ToPrimitive;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::log::{Sink, metrics};
use super::serve::quiet_panics;
use super::watch;
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::ids;
use crate::ledger::{
    Ledger, RolledUp, StoreError, StreamBatch, UnmatchedCosts, UnreadableBatch, Watched,
};
use crate::model::time::{Instant, Zone};

/// A Lambda function on the table's stream.
#[derive(Clone, Copy)]
pub struct StreamFunction {
    /// The name of its template resource, its package and its binary.
    pub name: &'static str,
    /// Works through a batch.
    pub batch: for<'a> fn(&'a Ledger, &'a StreamBatch) -> BoxFuture<'a, RolledUp>,
    /// Does what is due at the time of a schedule.
    pub tick: for<'a> fn(&'a Ledger, Instant) -> BoxFuture<'a, Result<(), StoreError>>,
    /// Finds costs that have been without a call for more than a day.
    pub unmatched: for<'a> fn(&'a Ledger, Instant) -> BoxFuture<'a, FoundCosts>,
    /// Looks for what should have happened by now and did not.
    pub watch: for<'a> fn(&'a Ledger, Instant) -> BoxFuture<'a, Result<Watched, StoreError>>,
}

type FoundCosts = Result<Vec<UnmatchedCosts>, StoreError>;

/// What the invocations of a stream function share.
pub struct StreamApp {
    /// The table.
    pub ledger: Ledger,
    /// The clock.
    pub clock: Clock,
    /// The destination of log lines.
    pub sink: Sink,
    /// The deployment's name.
    pub stack: Option<String>,
}

/// Why an invocation failed as a whole. The stream delivers its batch again.
#[derive(Debug, thiserror::Error)]
pub enum StreamFailure {
    /// The event is not one of the stream.
    #[error(transparent)]
    Unreadable(#[from] UnreadableBatch),
    /// The work of the schedule could not be done.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Deserialize)]
struct Scheduled {
    #[serde(rename = "detail-type")]
    detail: Option<String>,
    /// The template gives it to a schedule as the input, which then is the whole event.
    task: Option<String>,
}

/// Handles one event: a batch of the stream, or one of the schedules'.
///
/// The answer names the first record that is left, if any, and an empty state of the tumbling window.
///
/// # Errors
/// Returns `StreamFailure` if the event cannot be read, or if the work of the schedule failed.
pub async fn follow(
    app: &StreamApp,
    function: &StreamFunction,
    event: &[u8],
) -> Result<Value, StreamFailure> {
    let received = app.clock.now();
    if let Ok(Scheduled { detail, task }) = serde_json::from_slice(event) {
        if task.as_deref() == Some("unmatched") {
            for costs in (function.unmatched)(&app.ledger, received).await? {
                app.sink
                    .write(&unmatched_line(app, function, &costs, received));
            }
            return Ok(json!({}));
        }
        if task.as_deref() == Some("watch") {
            let watched = (function.watch)(&app.ledger, received).await?;
            for line in watch::lines(app.stack.as_deref(), function.name, &watched, received) {
                app.sink.write(&line);
            }
            return Ok(json!({}));
        }
        if detail.as_deref() == Some("Scheduled Event") {
            (function.tick)(&app.ledger, received).await?;
            return Ok(json!({}));
        }
    }
    let batch = StreamBatch::read(event)?;
    let done = (function.batch)(&app.ledger, &batch).await;
    app.sink
        .write(&line(app, function, &batch, &done, received));
    let failures: Vec<Value> = done
        .failed
        .iter()
        .map(|(_, number)| json!({"itemIdentifier": number}))
        .collect();
    Ok(json!({"state": {}, "batchItemFailures": failures}))
}

/// The log line of an account with costs that have been without a call for more than a day.
fn unmatched_line(
    app: &StreamApp,
    function: &StreamFunction,
    costs: &UnmatchedCosts,
    received: Instant,
) -> String {
    let (utc, stack) = (Zone::utc(), app.stack.as_deref());
    let mut line = json!({
        "timestamp": received.rfc3339(&utc),
        "level": "INFO",
        "message": "unmatched",
        "guid": ids::guid().to_string(),
        "function": function.name,
        "account_id": costs.account.as_str(),
        "unmatched_costs": costs.count.to_u64().unwrap_or(u64::MAX),
        "amount": format!("{:.4}", costs.amount),
        "currency": costs.currency.as_str(),
        "billed_from": costs.billed.from.rfc3339(&utc),
        "billed_before": costs.billed.to.rfc3339(&utc),
        "client_errors": 0,
        "server_errors": 0,
        "_aws": metrics(stack, received, &[("unmatched_costs", true)]),
    });
    if let (Some(line), Some(stack)) = (line.as_object_mut(), stack) {
        line.insert("stack".to_owned(), json!(stack));
    }
    line.to_string()
}

/// The log line of a batch.
fn line(
    app: &StreamApp,
    function: &StreamFunction,
    batch: &StreamBatch,
    done: &RolledUp,
    received: Instant,
) -> String {
    let cause = done.failed.as_ref().map(|(error, _)| error.to_string());
    let newest = batch.newest().unwrap_or(received);
    let stack = app.stack.as_deref();
    let flagged = done.flagged.named();
    let mut line = json!({
        "timestamp": received.rfc3339(&Zone::utc()),
        "level": if cause.is_some() { "ERROR" } else { "INFO" },
        "message": "batch",
        "guid": ids::guid().to_string(),
        "function": function.name,
        "records": batch.len(),
        "applied": done.applied,
        "skipped": done.skipped,
        "lag_ms": received.millis().saturating_sub(newest.millis()).max(0),
        "client_errors": 0,
        "server_errors": u8::from(cause.is_some()),
        "_aws": metrics(stack, received, &flagged.map(|(name, count)| (name, count > 0))),
    });
    if let (Some(line), Some(stack)) = (line.as_object_mut(), stack) {
        line.insert("stack".to_owned(), json!(stack));
    }
    if let Some(line) = line.as_object_mut() {
        let counted = flagged.into_iter().filter(|(_, count)| *count > 0);
        line.extend(counted.map(|(name, count)| (name.to_owned(), json!(count))));
    }
    if let (Some(line), Some(cause)) = (line.as_object_mut(), cause) {
        line.insert("cause".to_owned(), json!(cause));
    }
    line.to_string()
}

/// Runs a stream function until Lambda ends the process.
///
/// # Errors
/// Returns an error if environment variables are missing or wrong, or if the runtime fails.
pub async fn serve_stream(function: &'static StreamFunction) -> Result<(), RuntimeError> {
    let ledger = Ledger::connect(&Config::from_env()?);
    ledger.warm().await;
    quiet_panics();
    let app = &StreamApp {
        ledger,
        clock: Clock::system(),
        sink: Sink::stdout(),
        stack: config::stack_name(),
    };
    lambda_runtime::run(lambda_http::service_fn(
        move |event: LambdaEvent<Box<RawValue>>| async move {
            let answer = follow(app, function, event.payload.get().as_bytes()).await?;
            Ok::<_, RuntimeError>(answer)
        },
    ))
    .await
}
