//! A function on the engine's stream: what its event source mapping and its schedules in the template do.

use std::future::Future;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use callbook::edge::{PublishApp, StreamApp, StreamFailure, follow, hand_out_events};
use callbook::ledger::{FOLLOWED, StoreError, TOLD};
use futures_util::FutureExt;
use serde_json::{Value, json};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::engine::Stream;

/// An event that a function gets again and again.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// How often.
    pub every: Duration,
    /// The event.
    pub event: &'static str,
}

const fn every(seconds: u64, event: &'static str) -> Schedule {
    let every = Duration::from_secs(seconds);
    Schedule { every, event }
}

/// A function on the stream.
pub trait OnStream: Send + Sync {
    /// The types of the items whose records the filter of its event source mapping lets through.
    const TYPES: &'static [&'static str];
    /// How often the stream is looked at.
    const LOOK: Duration;
    /// Its schedules. What is due when a run begins is done then.
    const SCHEDULES: &'static [Schedule];

    /// Returns the sequence number up to which the stream was worked through.
    fn reached(&self) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;

    /// Handles an event: a batch, or that of a schedule.
    fn handle(&self, event: &[u8]) -> impl Future<Output = Result<Value, StreamFailure>> + Send;
}

/// `publish`.
impl OnStream for PublishApp {
    const TYPES: &'static [&'static str] = &TOLD;
    const LOOK: Duration = Duration::from_millis(250);
    // Locally, the day's task is due each hour: what is noted once is not noted again.
    const SCHEDULES: &'static [Schedule] = &[
        every(3_600, r#"{"task":"hour"}"#),
        every(3_600, r#"{"task":"day"}"#),
    ];

    async fn reached(&self) -> Result<Option<String>, StoreError> {
        self.publisher.ledger().published_up_to(Stream::SHARD).await
    }

    async fn handle(&self, event: &[u8]) -> Result<Value, StreamFailure> {
        hand_out_events(self, &publish::FUNCTION, event).await
    }
}

/// `rollup`.
impl OnStream for StreamApp {
    const TYPES: &'static [&'static str] = &FOLLOWED;
    const LOOK: Duration = Duration::from_millis(500);
    // Pulses come more often than in a deployment: in between, a summary's `as_of` may be as old as this. The task
    // `unmatched` only counts in metrics, which nobody reads here.
    const SCHEDULES: &'static [Schedule] = &[
        every(30, r#"{"detail-type":"Scheduled Event"}"#),
        every(300, r#"{"task":"watch"}"#),
    ];

    async fn reached(&self) -> Result<Option<String>, StoreError> {
        self.ledger.rolled_up_to(Stream::SHARD).await
    }

    async fn handle(&self, event: &[u8]) -> Result<Value, StreamFailure> {
        follow(self, &rollup::FUNCTION, event).await
    }
}

/// Follows the engine's stream with a function. How far it came is in the table, so another run continues there.
pub struct Follower<F> {
    stream: Stream,
    function: F,
    /// The last record that was read; `None` before the first.
    position: Option<String>,
}

impl<F: OnStream> Follower<F> {
    /// Continues where the table's checkpoint is.
    ///
    /// # Errors
    /// Returns an error if the table cannot be read.
    pub async fn resume(stream: Stream, function: F) -> Result<Self> {
        let reached = function.reached().await?;
        let position = reached.map(|digits| digits.trim_start_matches('0').to_owned());
        Ok(Self {
            stream,
            function,
            position,
        })
    }

    /// Hands the function every record that the stream has, and returns how many its filter let through.
    ///
    /// # Errors
    /// Returns an error if the stream or the table cannot be read or written.
    pub async fn catch_up(&mut self) -> Result<usize> {
        let mut passed = 0;
        loop {
            let (stream, position) = (self.stream.clone(), self.position.clone());
            let read = tokio::task::spawn_blocking(move || stream.after(position.as_deref()));
            let records = read.await??;
            let Some(last) = records.last() else {
                return Ok(passed);
            };
            let last = last.pointer("/dynamodb/SequenceNumber");
            let last = last.and_then(Value::as_str);
            let last = last.context("a record has no sequence number")?.to_owned();
            let records: Vec<Value> = records.into_iter().filter(passes::<F>).collect();
            passed += records.len();
            self.deliver(records).await?;
            self.position = Some(last);
        }
    }

    async fn deliver(&self, records: Vec<Value>) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let event = json!({"Records": records, "shardId": Stream::SHARD}).to_string();
        let answer = self.function.handle(event.as_bytes()).await?;
        match answer.get("batchItemFailures").and_then(Value::as_array) {
            Some(failures) if failures.is_empty() => Ok(()),
            _ => Err(anyhow!("a batch of the stream could not be worked through")),
        }
    }

    /// Follows the stream until the task is dropped. What fails is tried again.
    pub async fn run(mut self) {
        let mut looks = ticks(F::LOOK);
        let schedules = F::SCHEDULES.iter();
        let mut schedules: Vec<_> = schedules
            .map(|schedule| (ticks(schedule.every), schedule.event))
            .collect();
        loop {
            looks.tick().await;
            drop(self.catch_up().await);
            for (due, event) in &mut schedules {
                if due.tick().now_or_never().is_some() {
                    drop(self.function.handle(event.as_bytes()).await);
                }
            }
        }
    }
}

/// An interval that does not make up for what it missed while the machine slept.
fn ticks(every: Duration) -> Interval {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Whether the filter of the function's event source mapping lets a record through.
fn passes<F: OnStream>(record: &Value) -> bool {
    let types = ["/dynamodb/NewImage/type/S", "/dynamodb/OldImage/type/S"].into_iter();
    types
        .filter_map(|place| record.pointer(place)?.as_str())
        .any(|kind| F::TYPES.contains(&kind))
}
