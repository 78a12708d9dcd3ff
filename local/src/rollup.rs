//! The `rollup` function on the engine's stream: what the event source mapping of the template does.

use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use callbook::edge::{StreamApp, follow};
use callbook::ledger::FOLLOWED;
use serde_json::{Value, json};

use crate::engine::Stream;

/// How often the stream is looked at.
const INTERVAL: Duration = Duration::from_millis(500);

/// How often pulses are written. In between, a summary's `as_of` may be as old as this.
const PULSE: Duration = Duration::from_secs(30);

/// Follows the engine's stream with the `rollup` function. What was applied is in the table, so another run
/// continues there.
pub struct Rollup {
    stream: Stream,
    app: StreamApp,
    /// The last record that was read; `None` before the first.
    position: Option<String>,
}

impl Rollup {
    /// Continues where the table's checkpoint is.
    ///
    /// # Errors
    /// Returns an error if the table cannot be read.
    pub async fn resume(stream: Stream, app: StreamApp) -> Result<Self> {
        let position = app.ledger.rolled_up_to(Stream::SHARD).await?;
        Ok(Self {
            stream,
            app,
            position,
        })
    }

    /// Applies every record that the stream has, and returns how many there were.
    ///
    /// # Errors
    /// Returns an error if the stream or the table cannot be read or written.
    pub async fn catch_up(&mut self) -> Result<usize> {
        let mut followed = 0;
        loop {
            let (stream, position) = (self.stream.clone(), self.position.clone());
            let read = tokio::task::spawn_blocking(move || stream.after(position.as_deref()));
            let records = read.await??;
            let Some(last) = records.last() else {
                return Ok(followed);
            };
            let last = last.pointer("/dynamodb/SequenceNumber");
            let last = last.and_then(Value::as_str);
            let last = last.context("a record has no sequence number")?.to_owned();
            let records: Vec<Value> = records.into_iter().filter(is_followed).collect();
            followed += records.len();
            self.deliver(records).await?;
            self.position = Some(last);
        }
    }

    async fn deliver(&self, records: Vec<Value>) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let event = json!({"Records": records, "shardId": Stream::SHARD}).to_string();
        let answer = follow(&self.app, &rollup::FUNCTION, event.as_bytes()).await?;
        match answer.get("batchItemFailures").and_then(Value::as_array) {
            Some(failures) if failures.is_empty() => Ok(()),
            _ => Err(anyhow!("a batch of the stream could not be summed up")),
        }
    }

    /// Follows the stream until the task is dropped. What fails is tried again.
    pub async fn run(mut self) {
        let mut looks = tokio::time::interval(INTERVAL);
        let mut pulses = tokio::time::interval(PULSE);
        loop {
            tokio::select! {
                _ = looks.tick() => drop(self.catch_up().await),
                _ = pulses.tick() => {
                    drop(self.app.ledger.pulse(self.app.clock.now()).await);
                }
            }
        }
    }
}

/// Whether the filter of the event source mapping lets a record through.
fn is_followed(record: &Value) -> bool {
    let types = ["/dynamodb/NewImage/type/S", "/dynamodb/OldImage/type/S"].into_iter();
    types
        .filter_map(|place| record.pointer(place)?.as_str())
        .any(|kind| FOLLOWED.contains(&kind))
}
