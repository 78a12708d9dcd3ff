//! Functions on the table's stream: a batch of records in, and what is left of it out.

use futures_util::future::BoxFuture;
use lambda_http::Error as RuntimeError;
use rust_decimal::prelude::ToPrimitive;
use serde::Deserialize;
use serde_json::{Value, json};

use super::log::Sink;
use super::watch;
use super::work::{self, Invocation, StreamFailure};
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::ledger::{Ledger, RolledUp, StoreError, StreamBatch, UnmatchedCosts, Watched};
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

#[derive(Deserialize)]
struct Pulse {
    #[serde(rename = "detail-type")]
    detail: String,
}

/// Whether an event is that of the schedule without a task.
fn is_pulse(event: &[u8]) -> bool {
    let pulse = serde_json::from_slice::<Pulse>(event);
    pulse.is_ok_and(|pulse| pulse.detail == "Scheduled Event")
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
    let invocation = Invocation {
        stack: app.stack.as_deref(),
        function: function.name,
        received: app.clock.now(),
    };
    let received = invocation.received;
    match work::task(event).as_deref() {
        Some("unmatched") => {
            for costs in (function.unmatched)(&app.ledger, received).await? {
                app.sink.write(&unmatched_line(&invocation, &costs));
            }
            return Ok(json!({}));
        }
        Some("watch") => {
            let watched = (function.watch)(&app.ledger, received).await?;
            for line in watch::lines(&invocation, &watched) {
                app.sink.write(&line);
            }
            return Ok(json!({}));
        }
        _ if is_pulse(event) => {
            (function.tick)(&app.ledger, received).await?;
            return Ok(json!({}));
        }
        _ => {}
    }
    let batch = StreamBatch::read(event)?;
    let done = (function.batch)(&app.ledger, &batch).await;
    app.sink.write(&line(&invocation, &batch, &done));
    let left = done.failed.as_ref().map(|(_, number)| number.as_str());
    Ok(work::answer(left))
}

/// The log line of an account with costs that have been without a call for more than a day.
fn unmatched_line(invocation: &Invocation<'_>, costs: &UnmatchedCosts) -> String {
    let utc = Zone::utc();
    let own = json!({
        "message": "unmatched",
        "account_id": costs.account.as_str(),
        "unmatched_costs": costs.count.to_u64().unwrap_or(u64::MAX),
        "amount": format!("{:.4}", costs.amount),
        "currency": costs.currency.as_str(),
        "billed_from": costs.billed.from.rfc3339(&utc),
        "billed_before": costs.billed.to.rfc3339(&utc),
    });
    invocation.line(own, Ok(()), &[("unmatched_costs", true)])
}

/// The log line of a batch.
fn line(invocation: &Invocation<'_>, batch: &StreamBatch, done: &RolledUp) -> String {
    let mut own = json!({
        "message": "batch",
        "records": batch.len(),
        "applied": done.applied,
        "skipped": done.skipped,
        "lag_ms": invocation.lag_ms(batch.newest()),
    });
    let flagged = done.flagged.named();
    if let Some(own) = own.as_object_mut() {
        let counted = flagged.into_iter().filter(|(_, count)| *count > 0);
        own.extend(counted.map(|(name, count)| (name.to_owned(), json!(count))));
    }
    let outcome = match &done.failed {
        Some((cause, _)) => Err(Some(cause.to_string())),
        None => Ok(()),
    };
    invocation.line(
        own,
        outcome,
        &flagged.map(|(name, count)| (name, count > 0)),
    )
}

/// Runs a stream function until Lambda ends the process.
///
/// # Errors
/// Returns an error if environment variables are missing or wrong, or if the runtime fails.
pub async fn serve_stream(function: &'static StreamFunction) -> Result<(), RuntimeError> {
    let ledger = Ledger::connect(&Config::from_env()?);
    ledger.warm().await;
    let app = &StreamApp {
        ledger,
        clock: Clock::system(),
        sink: Sink::stdout(),
        stack: config::stack_name(),
    };
    work::run(move |event| async move { Ok(follow(app, function, event.get().as_bytes()).await?) })
        .await
}
