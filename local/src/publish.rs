//! The `publish` function on the engine's stream: what its event source mapping and its schedules in the template
//! do.

use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use callbook::edge::{PublishApp, hand_out_events};
use callbook::ledger::TOLD;
use serde_json::{Value, json};

use crate::engine::Stream;

/// How often the stream is looked at.
const INTERVAL: Duration = Duration::from_millis(250);

/// How often the tasks of the schedules are done.
const HOUR: Duration = Duration::from_secs(3_600);

/// The events of the schedules. Locally, both are due each hour: what is noted once is not noted again.
const TASKS: [&str; 2] = [r#"{"task":"hour"}"#, r#"{"task":"day"}"#];

/// Publishes the engine's stream. How far it came is in the table, so another run continues there.
pub struct Publishing {
    stream: Stream,
    app: PublishApp,
    /// The last record that was read; `None` before the first.
    position: Option<String>,
}

impl Publishing {
    /// Continues where the table's checkpoint is.
    ///
    /// # Errors
    /// Returns an error if the table cannot be read.
    pub async fn resume(stream: Stream, app: PublishApp) -> Result<Self> {
        let reached = app.publisher.ledger().published_up_to(Stream::SHARD);
        let reached = reached.await?;
        let position = reached.map(|digits| digits.trim_start_matches('0').to_owned());
        Ok(Self {
            stream,
            app,
            position,
        })
    }

    /// Publishes every record that the stream has, and returns how many there were.
    ///
    /// # Errors
    /// Returns an error if the stream or the table cannot be read or written.
    pub async fn catch_up(&mut self) -> Result<usize> {
        let mut told = 0;
        loop {
            let (stream, position) = (self.stream.clone(), self.position.clone());
            let read = tokio::task::spawn_blocking(move || stream.after(position.as_deref()));
            let records = read.await??;
            let Some(last) = records.last() else {
                return Ok(told);
            };
            let last = last.pointer("/dynamodb/SequenceNumber");
            let last = last.and_then(Value::as_str);
            let last = last.context("a record has no sequence number")?.to_owned();
            let records: Vec<Value> = records.into_iter().filter(is_told).collect();
            told += records.len();
            self.deliver(records).await?;
            self.position = Some(last);
        }
    }

    async fn deliver(&self, records: Vec<Value>) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let event = json!({"Records": records, "shardId": Stream::SHARD}).to_string();
        let answer = self.call(&event).await?;
        match answer.get("batchItemFailures").and_then(Value::as_array) {
            Some(failures) if failures.is_empty() => Ok(()),
            _ => Err(anyhow!("a batch of the stream could not be published")),
        }
    }

    async fn call(&self, event: &str) -> Result<Value> {
        let answer = hand_out_events(&self.app, &publish::FUNCTION, event.as_bytes());
        Ok(answer.await?)
    }

    /// Publishes the stream until the task is dropped. What fails is tried again.
    pub async fn run(mut self) {
        let mut looks = tokio::time::interval(INTERVAL);
        let mut hours = tokio::time::interval(HOUR);
        loop {
            tokio::select! {
                _ = looks.tick() => drop(self.catch_up().await),
                _ = hours.tick() => {
                    for task in TASKS {
                        drop(self.call(task).await);
                    }
                }
            }
        }
    }
}

/// Whether the filter of the event source mapping lets a record through.
fn is_told(record: &Value) -> bool {
    let types = ["/dynamodb/NewImage/type/S", "/dynamodb/OldImage/type/S"].into_iter();
    types
        .filter_map(|place| record.pointer(place)?.as_str())
        .any(|kind| TOLD.contains(&kind))
}
