//! `callbook audit` against a running ledger.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use callbook_local::engine::{AccessKey, TABLE, client};
use serde_json::{Value, json};

use crate::support::{CommandOutput, Operator, Server, callbook, post, run};

type Item = HashMap<String, AttributeValue>;

/// Two billed calls and one cost without a call.
const CALLS: &str = "\
call_date,direction,call_from,call_to,cost,notes
2026-11-21T10:00:00-05:00,inbound,2069735101,2069735100,25,
2026-11-21T11:00:00-05:00,inbound,2069735102,2069735100,7.50,
2026-11-22T11:00:00-05:00,inbound,2069735104,2069735100,,
";

fn office() -> Operator {
    let operator = Operator::new("America/New_York");
    operator.write("calls.csv", CALLS);
    let import = ["import", "calls", "calls.csv", "--account"];
    let imported = operator.run(&[&import[..], &[&operator.account, "--json"]].concat());
    assert_eq!(imported.json()["imported"], 3, "{}", imported.stderr);
    operator
}

fn audit(operator: &Operator, more: &[&str]) -> CommandOutput {
    let audit = ["audit", "--account", &operator.account];
    operator.run(&[&audit[..], more].concat())
}

/// A client of a server's engine.
fn engine(server: &Server) -> Client {
    let exports = &server.exports;
    let key = AccessKey::new(
        &exports["AWS_ACCESS_KEY_ID"],
        &exports["AWS_SECRET_ACCESS_KEY"],
    );
    client(&exports["AWS_ENDPOINT_URL_DYNAMODB"], &key)
}

async fn items(client: &Client, kind: &str) -> Vec<Item> {
    let pages = client.scan().table_name(TABLE).into_paginator().items();
    let all: Result<Vec<Item>, _> = pages.send().collect().await;
    let mut all = all.expect("the table is read");
    all.retain(|item| item["type"] == AttributeValue::S(kind.to_owned()));
    all
}

async fn put(client: &Client, item: Item) {
    let put = client.put_item().table_name(TABLE).set_item(Some(item));
    put.send().await.expect("it is written");
}

#[test]
fn a_ledger_that_adds_up_exits_with_0_and_shows_the_sums() {
    let operator = office();
    let adjust = ["cost", "adjust", "--account", &operator.account];
    let more = ["--vendor", "acme", "--month", "2026-11", "--reason", "late"];
    let vendor = ["vendor", "add", "acme", "--name", "Acme", "--account"];
    let added = operator.run(&[&vendor[..], &[&operator.account]].concat());
    assert_eq!(added.code, 0, "{}", added.stderr);
    let adjusted = operator.run(&[&adjust[..], &more, &["--amount=-1.25"]].concat());
    assert_eq!(adjusted.code, 0, "{}", adjusted.stderr);
    let audited = audit(&operator, &[]);
    assert_eq!(audited.code, 0, "{}{}", audited.stdout, audited.stderr);
    for line in [
        "calls         3",
        "acknowledged  32.5000 USD in 2",
        "in force      32.5000 USD in 2",
        "superseded    0.0000 USD in 0",
        "void          0.0000 USD in 0",
        "matched       32.5000 USD in 2",
        "unmatched     0.0000 USD in 0",
        "adjusted      -1.2500 USD in 1",
        "summaries     not compared: nothing follows the table's stream",
        "result        everything adds up",
    ] {
        assert!(audited.stdout.contains(line), "{line}: {}", audited.stdout);
    }
    let all = operator.run(&["audit", "--json"]).json();
    assert_eq!(all["adds_up"], true);
    let account = &all["accounts"][0];
    assert_eq!(account["account_id"], json!(operator.account));
    assert_eq!(
        account["totals"]["matched"],
        json!({"count": 2, "amount": "32.5000"})
    );
    assert_eq!(account["findings"], json!([]));
    let nobody = operator.run(&["audit", "--account", "99999999"]);
    assert_eq!(nobody.code, 1);
    assert!(
        nobody.stderr.contains("does not exist"),
        "{}",
        nobody.stderr
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_entry_exits_with_1_and_is_named() {
    let operator = office();
    let client = engine(&operator.server);
    let rows = items(&client, "cost").await;
    let amount = |item: &Item| item["amount"].as_s().unwrap().starts_with("7.5");
    let mut row = rows.into_iter().find(amount).expect("the cost");
    let id = row["cost_id"].as_s().unwrap().clone();
    row.insert("cost".to_owned(), AttributeValue::N("8.5".to_owned()));
    put(&client, row).await;

    let audited = audit(&operator, &[]);
    assert_eq!(audited.code, 1, "{}", audited.stdout);
    assert_eq!(audited.stderr, "", "the findings are the output");
    let said = format!("cost {id}: it is acknowledged with another amount (cost-identity)");
    assert!(audited.stdout.contains(&said), "{}", audited.stdout);
    assert!(audited.stdout.contains("result        1 finding"));
    assert!(audited.stdout.contains("acknowledged  33.5000 USD in 2"));

    let audited = audit(&operator, &["--json"]);
    assert_eq!(audited.code, 1);
    let said: Value = serde_json::from_str(&audited.stdout).unwrap();
    assert_eq!(said["adds_up"], false);
    let findings = said["accounts"][0]["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0]["cost_id"], json!(id));
    assert_eq!(findings[0]["rule"], "cost-identity");
    assert!(!audited.stdout.contains("2069735"), "{}", audited.stdout);
}

/// A running `callbook local`, and the credentials of its demo account.
struct Local {
    server: Server,
    credentials: Value,
    _folder: tempfile::TempDir,
}

impl Local {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("credentials.json");
        let server = Server::start(&["local", "--memory", "--credentials", file.to_str().unwrap()]);
        let credentials = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        Self {
            server,
            credentials,
            _folder: folder,
        }
    }

    fn account(&self) -> &str {
        self.credentials["account"]["account_id"].as_str().unwrap()
    }

    fn run(&self, arguments: &[&str]) -> CommandOutput {
        run(callbook(arguments).envs(&self.server.exports))
    }

    /// Bills a call from one of many callers.
    fn bill(&self, number: usize) {
        let key = &self.credentials["tld"];
        let headers = [
            ("tld-api-id", key["api_id"].as_str().unwrap()),
            ("tld-api-key", key["api_key"].as_str().unwrap()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let body = format!(
            "did=2069735100&cid=206973{:04}&cost=5",
            2_000 + number % 5_000
        );
        let path = "/api/ingress/calls/inbound/billable";
        let reply = post(&self.server.url, path, &headers, &body).expect("an answer");
        assert_eq!(reply.status, 200, "{}", reply.body);
    }

    /// Runs a command while bills keep coming, which move the checkpoint of the stream.
    fn run_while_billing(&self, arguments: &[&str]) -> CommandOutput {
        let ended = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut number = 0;
                while !ended.load(Ordering::Acquire) {
                    self.bill(number);
                    number += 1;
                }
            });
            let output = self.run(arguments);
            ended.store(true, Ordering::Release);
            output
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_sums_exit_with_1_and_say_how_to_make_them_again() {
    let local = Local::new();
    let date = "2026-11-01T10:00:00Z";
    let key = &local.credentials["tld"];
    let headers = [
        ("tld-api-id", key["api_id"].as_str().unwrap()),
        ("tld-api-key", key["api_key"].as_str().unwrap()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let body = format!("did=2069735100&cid=2069735101&cost=5&date_billed={date}");
    let path = "/api/ingress/calls/inbound/billable";
    let reply = post(&local.server.url, path, &headers, &body).expect("an answer");
    assert_eq!(reply.status, 200, "{}", reply.body);
    let rebuild = ["rollup", "rebuild", "--account", local.account()];
    let days = ["--from", "2026-11-01", "--to", "2026-11-01"];
    let rebuilt = local.run(&[&rebuild[..], &days].concat());
    assert_eq!(rebuilt.code, 0, "{}", rebuilt.stderr);

    let audit = ["audit", "--account", local.account()];
    let right = local.run_while_billing(&audit);
    assert_eq!(right.code, 0, "{}{}", right.stdout, right.stderr);

    let client = engine(&local.server);
    let sums = items(&client, "sums").await;
    let of_day = |item: &Item| item["pk"].as_s().unwrap().ends_with("#SUM#2026-11-01");
    let mut damaged = sums.into_iter().find(of_day).expect("the day has sums");
    damaged.insert("h_10u".to_owned(), AttributeValue::N("6".to_owned()));
    put(&client, damaged).await;
    let found = local.run_while_billing(&audit);
    assert_eq!(found.code, 1, "{}{}", found.stdout, found.stderr);
    assert!(
        found.stdout.contains("h_10u: 6 kept, 5 by rows (summary)"),
        "{}",
        found.stdout
    );
    let advice = format!(
        "callbook rollup rebuild --account {} --from 2026-11-01 --to 2026-11-01",
        local.account()
    );
    assert!(found.stderr.contains(&advice), "{}", found.stderr);

    let rebuilt = local.run(&[&rebuild[..], &days].concat());
    assert_eq!(rebuilt.code, 0, "{}", rebuilt.stderr);
    let right = local.run_while_billing(&audit);
    assert_eq!(right.code, 0, "{}{}", right.stdout, right.stderr);
}
