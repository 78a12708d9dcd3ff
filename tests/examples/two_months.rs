//! Serves an engine with the kept sums of two months, of 1,000,000 calls and 300,000 costs each, to measure
//! summaries on. Prints what a function and a client need, and serves until it is killed.
//!
//! The calls and costs come through the stream as the product's own function takes them; their rows are left
//! out, because a summary reads none.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a tool of the benchmarks, which prints where it serves"
)]

use callbook::ledger::Ledger;
use callbook::model::credential::{CredentialKind, Limits};
use callbook_local::engine::{Stream, TABLE};
use callbook_tests::{World, teletracker};
use serde_json::{Value, json};

const DIDS: usize = 200;
const VENDORS: usize = 12;
/// From 2026-08-31 to 2026-10-31, in UTC.
const BEGIN: i64 = 1_788_134_400_000;
const DAYS: i64 = 62;
const CALLS: usize = 164;
const COSTS: usize = 49;
const DISPOSITIONS: [&str; 4] = ["Answered", "Busy", "NoAnswer", "Answered"];
const STATES: [&str; 4] = ["in_force", "in_force", "superseded", "void"];
const DAY: i64 = 86_400_000;

/// What a row of one DID and day says. Steps that share no divisor spread callers, hours and amounts.
struct Row<'a> {
    account: &'a str,
    did: usize,
    begins: i64,
    index: usize,
}

impl Row<'_> {
    fn at(&self) -> i64 {
        let hour = 8 + (self.index * 7 + self.did) % 12;
        let second = (self.index * 131 + self.did * 17) % 3_600;
        let millis = (hour * 3_600 + second) as i64 * 1_000;
        self.begins + millis
    }

    fn did(&self) -> String {
        format!("+1310555{:04}", 1_000 + self.did)
    }

    fn vendor(&self) -> String {
        format!("vendor-{:02}", self.did % VENDORS)
    }

    fn amount(&self) -> String {
        format!(
            "{}.{:04}",
            10 + self.index % 30,
            (self.index * 377) % 10_000
        )
    }

    fn call(&self) -> Value {
        let caller =
            (self.index * 7_919 + self.did * 104_729 + (self.begins / DAY) as usize * 31) % 600_000;
        let disposition = DISPOSITIONS[self.index % DISPOSITIONS.len()];
        let mut image = json!({
            "type": {"S": "call"},
            "direction": {"S": "inbound"},
            "started_at": {"N": self.at().to_string()},
            "call_to": {"S": self.did()},
            "call_from": {"S": format!("+1206{:07}", 2_000_000 + caller)},
            "vendor_id": {"S": self.vendor()},
            "disposition": {"S": disposition},
            "sources": {"L": [{"S": "import"}]},
            "duration_seconds": {"N": (self.index % 400).to_string()},
        });
        if self.index < COSTS {
            image["costs"] = json!({"L": [{"M": {
                "vendor_id": {"S": self.vendor()},
                "count": {"N": "1"},
                "amount": {"S": self.amount()},
            }}]});
        }
        self.record(&image)
    }

    fn cost(&self) -> Value {
        let id = (self.at() << 20) + self.index as i64;
        let state = STATES[self.index % STATES.len()];
        let mut image = json!({
            "type": {"S": "cost"},
            "cost_id": {"S": id.to_string()},
            "call_to": {"S": self.did()},
            "direction": {"S": "inbound"},
            "vendor_id": {"S": self.vendor()},
            "cost": {"N": self.amount()},
            "state": {"S": state},
        });
        if !self.index.is_multiple_of(5) {
            image["call_sid"] = json!({"S": "known"});
        }
        self.record(&image)
    }

    fn record(&self, image: &Value) -> Value {
        let pk = format!("A#{}#ROWS", self.account);
        json!({"dynamodb": {"Keys": {"pk": {"S": pk}, "sk": {"S": "ROW"}}, "NewImage": image}})
    }
}

/// The records of one day and some of the numbers.
fn records(account: &str, begins: i64, dids: &[usize], number: &mut u64) -> Vec<Value> {
    let mut records = Vec::new();
    for did in dids {
        let row = |index| Row {
            account,
            did: *did,
            begins,
            index,
        };
        records.extend((0..CALLS).map(|index| row(index).call()));
        records.extend((0..COSTS).map(|index| row(index).cost()));
    }
    for record in &mut records {
        *number += 1;
        record["dynamodb"]["SequenceNumber"] = json!(number.to_string());
        record["dynamodb"]["ApproximateCreationDateTime"] = json!(begins / 1_000);
    }
    records
}

#[tokio::main]
async fn main() {
    let world = World::new().await;
    let account = world.account().await;
    let user = world
        .credential_with(&account, CredentialKind::User, |new| {
            new.limits = Limits::default();
        })
        .await;
    let ledger = Ledger::new(world.engine.client(), TABLE);
    let (id, mut number) = (account.id.to_string(), 0);
    let dids: Vec<usize> = (0..DIDS).collect();
    for day in 0..DAYS {
        for some in dids.chunks(20) {
            let records = records(&id, BEGIN + day * DAY, some, &mut number);
            let answer = world.deliver_records(&ledger, &records).await;
            let answer = answer.expect("the batch is applied");
            assert_eq!(answer["batchItemFailures"], json!([]), "{answer}");
        }
    }
    let authorization = teletracker::basic(&user);
    let headers = [("authorization", authorization.as_str())];
    let path = "/callbook/v1/summary?from=2026-08-31&to=2026-10-31&by=month";
    let summary = world.send("GET", path, &headers, b"").await.json();
    let counted = summary["totals"]["calls"].as_i64();
    assert_eq!(counted, Some(DAYS * (DIDS * CALLS) as i64), "{summary}");
    println!(
        "{}",
        json!({
            "endpoint": world.engine.endpoint(), "table": TABLE, "shard": Stream::SHARD,
            "access_key_id": world.engine.key().id(), "secret_access_key": world.engine.key().secret(),
            "account": id, "username": user.name, "password": user.secret,
        })
    );
    std::future::pending::<()>().await;
}
