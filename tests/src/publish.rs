//! Publishing in tests: the stream's records as they should come, or twice, in part, and to a store or a bus that
//! fails.

use std::sync::{Arc, Mutex};

use callbook::edge::log::Sink;
use callbook::edge::{PublishApp, hand_out_events};
use callbook::ledger::{Bus, EventPlace, Ledger, TOLD};
use callbook::model::account::AccountId;
use callbook::model::event::Event;
use callbook::publish::Publisher;
use callbook_local::engine::Stream;
use callbook_local::follow::Follower;
use serde_json::{Value, json};

use crate::World;

impl World {
    /// The function that publishes, which reaches the store by `ledger`.
    #[must_use]
    pub fn publish_app(&self, ledger: &Ledger, bus: Option<Bus>) -> PublishApp {
        PublishApp {
            publisher: Publisher::new(ledger.clone(), bus, self.clock.clone()),
            sink: Sink::each(|_| {}),
            stack: None,
        }
    }

    /// Publishes everything that was written since the last time.
    pub async fn publish(&self) {
        self.publish_to(None).await;
    }

    /// Publishes everything that was written since the last time, to a bus too.
    pub async fn publish_to(&self, bus: Option<Bus>) {
        let app = self.publish_app(&self.ledger, bus);
        let publishing = Follower::resume(self.engine.stream(), app);
        let mut publishing = publishing.await.expect("the checkpoint is read");
        publishing
            .catch_up()
            .await
            .expect("the stream is published");
    }

    /// As [`Self::publish`]; the error if the stream could not be published.
    ///
    /// # Errors
    /// Returns the cause of the first failure.
    pub async fn try_publish(&self) -> Result<(), String> {
        let cause: Arc<Mutex<Option<String>>> = Arc::default();
        let kept = Arc::clone(&cause);
        let app = PublishApp {
            sink: Sink::each(move |line| {
                let line: Value = serde_json::from_str(line).expect("a line is JSON");
                let cause = line["cause"].as_str().map(str::to_owned);
                *kept.lock().expect("no panic") = cause;
            }),
            ..self.publish_app(&self.ledger, None)
        };
        let publishing = Follower::resume(self.engine.stream(), app);
        let mut publishing = publishing.await.map_err(|error| error.to_string())?;
        match publishing.catch_up().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let cause = cause.lock().expect("no panic").take();
                Err(cause.unwrap_or_else(|| error.to_string()))
            }
        }
    }

    /// Does a task of a schedule, and publishes what it noted.
    pub async fn publish_task(&self, task: &str) {
        let app = self.publish_app(&self.ledger, None);
        let event = json!({"task": task}).to_string();
        let done = hand_out_events(&app, &publish::FUNCTION, event.as_bytes()).await;
        done.expect("the task is done");
        self.publish().await;
    }

    /// Every record of the stream that events tell of, in order.
    #[must_use]
    pub fn told_records(&self) -> Vec<Value> {
        let mut records = self.all_records();
        records.retain(|record| {
            let mut images = ["NewImage", "OldImage"].into_iter();
            images.any(|image| {
                let kind = record["dynamodb"][image]["type"]["S"].as_str();
                kind.is_some_and(|kind| TOLD.contains(&kind))
            })
        });
        records
    }

    /// Delivers records of the stream to the function that publishes, and returns the sequence number of the first
    /// record that is left, if any. `Err` if the whole invocation failed.
    pub async fn publish_records(
        &self,
        app: &PublishApp,
        records: &[Value],
    ) -> Result<Option<String>, ()> {
        let event = json!({"Records": records, "shardId": Stream::SHARD}).to_string();
        let answer = hand_out_events(app, &publish::FUNCTION, event.as_bytes()).await;
        let answer = answer.map_err(drop)?;
        let failures = answer["batchItemFailures"].as_array().expect("a list");
        let first = failures.first().map(|failure| &failure["itemIdentifier"]);
        Ok(first.and_then(Value::as_str).map(str::to_owned))
    }

    /// Every event of an account in the log, in the order of its list. Writes of the last seconds are not listed yet,
    /// so this lets time pass.
    pub async fn events(&self, account: &AccountId) -> Vec<Event> {
        self.wait(10);
        let account = self.ledger.account(account).await.unwrap().unwrap();
        let mut after = EventPlace::before(self.clock.now().minus(callbook::ledger::EVENTS_KEPT));
        let mut found = Vec::new();
        loop {
            let now = self.clock.now();
            let page = self.ledger.events(&account, &after, &[], 200, now);
            let page = page.await.unwrap();
            found.extend(page.events);
            after = page.next;
            if !page.more {
                return found;
            }
        }
    }
}
