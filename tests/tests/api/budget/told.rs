//! What webhooks and the dialer's queue ask of the store, by a process that has the credential in its cache: the table
//! in `docs/performance.md`.

use callbook::ledger::Ledger;
use callbook_local::engine::TABLE;
use callbook_tests::capacity;
use callbook_tests::faults::{self, Proxy};
use callbook_tests::receiver::Receiver;
use callbook_tests::team::ask;
use callbook_tests::teletracker::{Desk, basic};
use callbook_tests::webhooks::{create, deliverer, deliveries, endpoint, event};
use callbook_tests::{Reply, World};
use serde_json::{Value, json};

use crate::request_counts::told;

const WEBHOOKS: &str = "/callbook/v1/webhooks";
const QUEUE: &str = "/callbook/v1/queue";

/// A deployment whose requests to the store are counted, and the rows of the table so far.
struct Counted {
    desk: Desk,
    proxy: Proxy,
    rows: Vec<String>,
}

impl Counted {
    async fn new() -> Self {
        let (world, proxy) = faults::world().await;
        Self {
            desk: Desk::on(world).await,
            proxy,
            rows: Vec::new(),
        }
    }

    fn world(&self) -> &World {
        &self.desk.world
    }

    /// The ledger whose requests are counted.
    fn ledger(&self) -> Ledger {
        Ledger::new(self.proxy.client(), TABLE)
    }

    async fn ask(&self, method: &str, path: &str, body: Value) -> Reply {
        let user = basic(&self.desk.user);
        let reply = ask(&self.world().app, &user, method, path, &body).await;
        let good = (200..300).contains(&reply.status);
        assert!(good, "{method} {path}: {} {}", reply.status, reply.body);
        reply
    }

    /// Does something, and adds its row.
    async fn row<T>(&mut self, name: &str, work: impl AsyncFnOnce(&Self) -> T) -> T {
        let before = capacity::items(self.world());
        self.proxy.heal();
        let done = work(self).await;
        let told = told(&self.proxy);
        let used = capacity::used(self.world(), &self.proxy, &before).await;
        let half = if used.half_reads % 2 == 0 { "" } else { ".5" };
        let (writes, reads) = (used.write_units(), used.half_reads / 2);
        self.rows
            .push(format!("| {name} | {told} | {writes} | {reads}{half} |"));
        done
    }

    /// A row of a request to Callbook's own API.
    async fn asked(&mut self, name: &str, method: &str, path: &str, body: Value) -> Value {
        let work = async |this: &Self| this.ask(method, path, body).await;
        self.row(name, work).await.json()
    }

    /// Compares the rows with the document's.
    fn assert_documented(&self) {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/performance.md");
        let document = std::fs::read_to_string(path).unwrap();
        let missing = self.rows.iter().filter(|row| !document.contains(*row));
        let missing: Vec<&str> = missing.map(String::as_str).collect();
        assert!(
            missing.is_empty(),
            "docs/performance.md lacks:\n{}",
            missing.join("\n")
        );
    }
}

#[tokio::test]
async fn webhooks_and_their_deliveries_cost_what_the_table_says() {
    let mut counted = Counted::new().await;
    counted.ask("GET", WEBHOOKS, Value::Null).await;
    let url = json!({"url": "https://example.com/hooks"});
    let made = counted
        .asked("webhook: create", "POST", WEBHOOKS, url)
        .await;
    let own = format!("{WEBHOOKS}/{}", made["id"].as_str().unwrap());
    counted
        .asked("webhooks: list", "GET", WEBHOOKS, Value::Null)
        .await;
    let change = json!({"concurrency": 8});
    counted
        .asked("webhook: change", "PATCH", &own, change)
        .await;
    let path = format!("{own}/rotate");
    let overlap = json!({"overlap_hours": 1});
    counted
        .asked("webhook: rotate its secret", "POST", &path, overlap)
        .await;
    let path = format!("{own}/test");
    counted
        .asked("webhook: test", "POST", &path, Value::Null)
        .await;
    let path = format!("{own}/deliveries");
    counted
        .asked("deliveries: list of one", "GET", &path, Value::Null)
        .await;
    counted
        .asked("webhook: delete", "DELETE", &own, Value::Null)
        .await;

    let receiver = Receiver::start(&counted.world().clock).await;
    let own = endpoint(counted.world(), &receiver.url("/"));
    create(counted.world(), &counted.desk.account, &own).await;
    let account = counted.desk.account.id.clone();
    for (name, count) in [("one event", 1), ("10 events of 10 lines", 10)] {
        let events: Vec<_> = (0..count)
            .map(|nth| event(counted.world(), &account, &format!("{name} {nth}"), nth))
            .collect();
        let now = counted.world().clock.now();
        counted
            .row(
                &format!("hand-out of {name} to one webhook"),
                async |this: &Counted| this.ledger().hand_out(&events, now).await.unwrap(),
            )
            .await;
        let done = counted
            .row(&format!("delivery of {name}"), async |this: &Counted| {
                let accounts = [account.clone()];
                let deliverer = deliverer(this.world(), this.ledger());
                deliverer.deliver_for(&accounts).await.unwrap()
            })
            .await;
        assert_eq!(usize::try_from(done.delivered), Ok(count));
    }
    let all = deliveries(counted.world(), &counted.desk.account, &own.id).await;
    let path = format!("/callbook/v1/deliveries/{}/resend", all[0].id);
    counted
        .asked("delivery: send again", "POST", &path, Value::Null)
        .await;
    counted.assert_documented();
}

#[tokio::test]
async fn the_queue_costs_what_the_table_says() {
    let mut counted = Counted::new().await;
    for callee in ["2065550101", "2065550102"] {
        let callee = [("callee", callee), ("whisper_text", "Hello")];
        assert_eq!(counted.desk.respond(&callee).await.status, 200);
    }
    counted.ask("GET", QUEUE, Value::Null).await;
    counted
        .asked("queue: list of two", "GET", QUEUE, Value::Null)
        .await;
    let path = format!("{QUEUE}/take");
    let taken = counted
        .asked("queue: take one", "POST", &path, json!({"limit": 1}))
        .await;
    let own = format!("{QUEUE}/{}", taken["entries"][0]["id"]);
    let path = format!("{own}/extend");
    let lease = json!({"attempt": 1, "lease_seconds": 300});
    counted.asked("queue: extend", "POST", &path, lease).await;
    let path = format!("{own}/finish");
    let result = json!({"result": "completed"});
    counted.asked("queue: finish", "POST", &path, result).await;
    counted.assert_documented();
}
