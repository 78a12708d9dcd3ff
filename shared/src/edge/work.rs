//! What the functions without a client share: the tasks of schedules, the answer to a batch of the stream, their log
//! lines and their loop.
//!
//! What such a function cannot do is delivered to it again, so it may answer with an error, unlike a function with
//! routes.

use std::future::Future;

use lambda_http::Error as RuntimeError;
use lambda_http::lambda_runtime::{self, LambdaEvent};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::log::metrics;
use super::serve::quiet_panics;
use crate::ids;
use crate::ledger::{StoreError, UnreadableBatch};
use crate::model::time::{Instant, Zone};

/// Why an invocation failed as a whole. What it was of comes again.
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
    task: Option<String>,
}

/// Returns the task of a schedule's event. The template gives it as the input, which then is the whole event.
pub(super) fn task(event: &[u8]) -> Option<String> {
    let scheduled: Scheduled = serde_json::from_slice(event).ok()?;
    scheduled.task
}

/// Returns the answer to a batch: the sequence number of the first record that is left, if any, and an empty state of
/// the tumbling window.
pub(super) fn answer(left: Option<&str>) -> Value {
    let failures: Vec<Value> = left
        .into_iter()
        .map(|number| json!({"itemIdentifier": number}))
        .collect();
    json!({"state": {}, "batchItemFailures": failures})
}

/// One invocation of a function without a client.
#[derive(Clone, Copy)]
pub(super) struct Invocation<'a> {
    /// The deployment's name, if it has one.
    pub(super) stack: Option<&'a str>,
    pub(super) function: &'static str,
    pub(super) received: Instant,
}

impl Invocation<'_> {
    /// Returns how long ago the newest record of a batch was written, in milliseconds.
    pub(super) fn lag_ms(&self, newest: Option<Instant>) -> i64 {
        let newest = newest.unwrap_or(self.received);
        let lag = self.received.millis().saturating_sub(newest.millis());
        lag.max(0)
    }

    /// Returns a log line: members of its own, and what every line has. `done` is the cause of a failure, if it is
    /// known; `rare` names the line's rare metrics, and whether they count anything.
    pub(super) fn line(
        &self,
        mut own: Value,
        done: Result<(), Option<String>>,
        rare: &[(&str, bool)],
    ) -> String {
        let failed = done.is_err();
        let mut common = json!({
            "timestamp": self.received.rfc3339(&Zone::utc()),
            "level": if failed { "ERROR" } else { "INFO" },
            "guid": ids::guid().to_string(),
            "function": self.function,
            "client_errors": 0,
            "server_errors": u8::from(failed),
            "_aws": metrics(self.stack, self.received, rare),
        });
        if let (Some(line), Some(common)) = (own.as_object_mut(), common.as_object_mut()) {
            line.append(common);
            let stack = self.stack.map(|stack| ("stack".to_owned(), json!(stack)));
            let cause = done.err().flatten();
            line.extend(stack);
            line.extend(cause.map(|cause| ("cause".to_owned(), json!(cause))));
        }
        own.to_string()
    }
}

/// Does the work of each event until Lambda ends the process.
pub(super) async fn run<W>(work: impl Fn(Box<RawValue>) -> W) -> Result<(), RuntimeError>
where
    W: Future<Output = Result<Value, RuntimeError>>,
{
    quiet_panics();
    lambda_runtime::run(lambda_http::service_fn(
        move |event: LambdaEvent<Box<RawValue>>| work(event.payload),
    ))
    .await
}
