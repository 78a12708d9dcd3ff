//! `callbook migrate` on a data folder that an earlier version wrote.

use std::collections::HashMap;
use std::fs::File;
use std::process::Stdio;
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use callbook_local::engine::{Engine, Storage, TABLE};
use callbook_local::template::create_table;
use serde_json::Value;

use crate::support::{CommandOutput, Server, callbook, run};

const ITEMS: &str = include_str!("../../../tests/fixtures/before-pairs/items.json");
const ANSWERS: &str = include_str!("../../../tests/fixtures/before-pairs/answers.json");

fn attribute(value: &Value) -> AttributeValue {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        "S" => AttributeValue::S(value.as_str().unwrap().to_owned()),
        "N" => AttributeValue::N(value.as_str().unwrap().to_owned()),
        "BOOL" => AttributeValue::Bool(value.as_bool().unwrap()),
        "L" => AttributeValue::L(value.as_array().unwrap().iter().map(attribute).collect()),
        _ => AttributeValue::M(item(value)),
    }
}

fn item(value: &Value) -> HashMap<String, AttributeValue> {
    let attributes = value.as_object().unwrap().iter();
    attributes
        .map(|(name, value)| (name.clone(), attribute(value)))
        .collect()
}

/// A data folder with the items of the earlier version.
fn old_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let items: Vec<Value> = serde_json::from_str(ITEMS).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let engine = Engine::start(Storage::Folder(folder.path().to_owned()));
        let engine = engine.await.unwrap();
        let client = engine.client();
        create_table(&client, TABLE).await.unwrap();
        for one in &items {
            let put = client
                .put_item()
                .table_name(TABLE)
                .set_item(Some(item(one)));
            put.send().await.unwrap();
        }
        engine.shutdown().await.unwrap();
    });
    folder
}

fn answers() -> Value {
    serde_json::from_str(ANSWERS).unwrap()
}

fn ledger(server: &Server, arguments: &[&str]) -> CommandOutput {
    run(callbook(arguments).envs(&server.exports))
}

#[test]
fn migrate_converts_accounts_and_names_what_it_leaves() {
    let folder = old_folder();
    let data = folder.path().to_str().unwrap();
    let server = Server::start(&["database", "--data", data]);
    let answers = answers();
    let account = answers["account_id"].as_str().unwrap();
    let second = answers["second_account_id"].as_str().unwrap();
    let list = ["cost", "list", "--account", account];
    let range = ["--from", "2026-11-26", "--to", "2026-11-26", "--json"];
    let list = [&list[..], &range].concat();
    let before = ledger(&server, &list);
    assert!(
        before.stderr.contains("Run `callbook migrate`"),
        "{}",
        before.stderr
    );

    let only = ledger(&server, &["migrate", "--account", second, "--json"]);
    let only = only.json();
    assert_eq!(only.as_array().unwrap().len(), 1);
    assert_eq!(only[0]["account_id"], second);
    assert_eq!(only[0]["acknowledged"]["amount"], "118.0000");
    assert_eq!(only[0]["unmatched"]["count"], 1);

    let all = ledger(&server, &["migrate", "--json"]);
    assert_eq!(all.code, 1, "{}", all.stderr);
    let all: Value = serde_json::from_str(&all.stdout).unwrap();
    let of = |id: &str| {
        let mut accounts = all.as_array().unwrap().iter();
        accounts
            .find(|one| one["account_id"] == id)
            .unwrap()
            .clone()
    };
    assert_eq!(of(second)["calls"], 0, "it was migrated before");
    let done = of(account);
    assert_eq!(done["left"].as_array().unwrap().len(), 1);
    let why = done["left"][0]["why"].as_str().unwrap();
    assert!(why.contains("import its file again"), "{why}");
    assert!(
        !all.to_string().contains("+1206"),
        "no phone number in full"
    );

    let again = ledger(&server, &["migrate"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(again.stdout.contains(account), "{}", again.stdout);

    let after = ledger(&server, &list);
    assert!(!after.stderr.contains("migrate"), "{}", after.stderr);
    assert!(after.json()["costs"].as_array().unwrap().len() > 15);
    let first = answers["answers"].as_array().unwrap().iter();
    let mut first = first.filter(|one| one["name"] == "bill 1 dearer");
    let id = first.next().unwrap()["answer"]["cost_id"].as_str().unwrap();
    let shown = ledger(
        &server,
        &["cost", "show", id, "--account", account, "--json"],
    )
    .json();
    assert_eq!(shown["amount"], "30.5000");
    assert!(
        shown["cost_id"] == id || shown["former_id"] == id,
        "{shown}"
    );

    let unknown = ledger(&server, &["migrate", "--account", "12345678"]);
    assert_eq!(unknown.code, 1);
    assert!(unknown.stderr.contains("12345678"), "{}", unknown.stderr);
}

#[test]
fn a_local_ledger_is_migrated_when_it_is_served() {
    let folder = old_folder();
    let data = folder.path().to_str().unwrap();
    let notes = folder.path().join("notes");
    let stderr = Stdio::from(File::create(&notes).unwrap());
    let temporary = Arc::new(tempfile::tempdir().unwrap());
    let mut server = Server::start_in(&["local", "--data", data], stderr, temporary);
    server.kill();
    let said = std::fs::read_to_string(&notes).unwrap();
    let account = answers()["second_account_id"].as_str().unwrap().to_owned();
    let line = format!(
        "Account {account} was written by an earlier version. Converted: 6 calls and 5 costs."
    );
    assert!(said.replace("\n  ", " ").contains(&line), "{said}");
    let server = Server::start(&["database", "--data", data]);
    let again = ledger(&server, &["migrate", "--json"]).json();
    let calls = again.as_array().unwrap().iter();
    assert!(calls.clone().all(|one| one["calls"] == 0), "{again}");
}
