//! The table's stream in tests: delivered as it should be, or late, twice, in part, and to a store that
//! fails.

use std::sync::{Arc, Mutex};

use callbook::edge::log::Sink;
use callbook::edge::{StreamApp, follow};
use callbook::ledger::{FOLLOWED, Ledger};
use callbook_local::engine::Stream;
use callbook_local::follow::Follower;
use serde_json::{Value, json};

use crate::World;
use callbook_audit::sums;

impl World {
    /// Delivers every followed record of the stream to the deployment `acme`, and returns the log lines.
    pub async fn deliver_stream(&self) -> Vec<Value> {
        let event = json!({"Records": self.stream_records(), "shardId": Stream::SHARD});
        let (answer, lines) = self.deliver_as_acme(&event).await;
        assert_eq!(answer["batchItemFailures"], json!([]), "{answer}");
        lines
    }

    /// Delivers the event of a schedule of the deployment `acme`, and returns the log lines.
    pub async fn deliver_schedule(&self, event: &Value) -> Vec<Value> {
        let (answer, lines) = self.deliver_as_acme(event).await;
        assert_eq!(answer, json!({}));
        lines
    }

    async fn deliver_as_acme(&self, event: &Value) -> (Value, Vec<Value>) {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&lines);
        let app = StreamApp {
            sink: Sink::each(move |line| {
                let line = serde_json::from_str(line).expect("a line is JSON");
                written.lock().expect("no writer panicked").push(line);
            }),
            stack: Some("acme".to_owned()),
            ..self.stream_app(self.functions.clone())
        };
        let event = event.to_string();
        let answer = follow(&app, &rollup::FUNCTION, event.as_bytes()).await;
        let lines = lines.lock().expect("no writer panicked");
        (answer.expect("the work is done"), lines.clone())
    }

    fn stream_app(&self, ledger: Ledger) -> StreamApp {
        StreamApp {
            ledger,
            clock: self.clock.clone(),
            sink: Sink::each(|_| {}),
            stack: None,
        }
    }

    /// Sums up everything that was written, and checks the sums against the rows.
    pub async fn roll_up(&self) {
        self.catch_up().await;
        self.check_sums();
    }

    /// Sums up everything that was written.
    pub async fn catch_up(&self) {
        let app = self.stream_app(self.ledger.clone());
        let rollup = Follower::resume(self.engine.stream(), app);
        let mut rollup = rollup.await.expect("the checkpoint is read");
        rollup.catch_up().await.expect("the stream is followed");
    }

    /// Follows the stream until the task is aborted.
    pub async fn follow_stream(&self) -> tokio::task::JoinHandle<()> {
        let app = self.stream_app(self.ledger.clone());
        let rollup = Follower::resume(self.engine.stream(), app);
        tokio::spawn(rollup.await.expect("the checkpoint is read").run())
    }

    /// Checks the sums against the rows.
    ///
    /// # Panics
    /// Panics with every difference.
    pub fn check_sums(&self) {
        let items = self.engine.items().expect("the table is read");
        let wrong = sums::differences(&items, self.clock.now().millis());
        assert!(
            wrong.is_empty(),
            "sums and rows differ:\n  {}",
            wrong.join("\n  ")
        );
    }

    /// Every record of the stream, in order.
    pub(crate) fn all_records(&self) -> Vec<Value> {
        let (stream, mut found) = (self.engine.stream(), Vec::new());
        let mut after: Option<String> = None;
        loop {
            let records = stream.after(after.as_deref()).expect("the stream is read");
            let Some(last) = records.last() else { break };
            after = last["dynamodb"]["SequenceNumber"]
                .as_str()
                .map(str::to_owned);
            found.extend(records);
        }
        found
    }

    /// Every followed record of the stream, in order.
    #[must_use]
    pub fn stream_records(&self) -> Vec<Value> {
        let mut found = self.all_records();
        found.retain(|record| {
            let mut images = ["NewImage", "OldImage"].into_iter();
            images.any(|image| {
                let kind = record["dynamodb"][image]["type"]["S"].as_str();
                kind.is_some_and(|kind| FOLLOWED.contains(&kind))
            })
        });
        found
    }

    /// Delivers records of the stream to the function, and returns its log lines. It is deployed as `acme`.
    pub async fn metrics_of_stream(&self, records: &[Value]) -> Vec<Value> {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&lines);
        let app = StreamApp {
            sink: Sink::each(move |line| {
                let line = serde_json::from_str(line).expect("JSON");
                kept.lock().expect("no panic").push(line);
            }),
            stack: Some("acme".to_owned()),
            ..self.stream_app(self.ledger.clone())
        };
        let event = json!({"Records": records, "shardId": Stream::SHARD}).to_string();
        let answer = follow(&app, &rollup::FUNCTION, event.as_bytes()).await;
        answer.expect("an answer");
        let lines = lines.lock().expect("no panic");
        lines.clone()
    }

    /// Delivers records of the stream to an instance of the function that reaches the store by `ledger`, and
    /// returns its answer; none if the whole invocation failed.
    pub async fn deliver_records(&self, ledger: &Ledger, records: &[Value]) -> Option<Value> {
        let app = self.stream_app(ledger.clone());
        let event = json!({"Records": records, "shardId": Stream::SHARD}).to_string();
        follow(&app, &rollup::FUNCTION, event.as_bytes()).await.ok()
    }
}
