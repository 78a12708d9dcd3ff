//! The notes of bills: kept once, and shown wherever their call is.

use aws_sdk_dynamodb::types::AttributeValue;
use callbook::ledger::PastCall;
use callbook::model::call::{CallingParty, Direction};
use callbook::model::phone::PhoneNumber;
use callbook::model::text::Notes;
use callbook_local::engine::TABLE;
use callbook_tests::call_data::rows;
use callbook_tests::office::{Office, TODAY};
use callbook_tests::tld;
use serde_json::{Value, json};

const NOTES: &str = "qualified, 4 minutes";

/// The types of the items that have the notes.
fn copies(office: &Office) -> Vec<String> {
    let items = office.world().engine.items().unwrap();
    let with = items
        .iter()
        .filter(|item| format!("{item:?}").contains(NOTES));
    let mut kinds: Vec<_> = with
        .map(|item| item["type"].as_s().unwrap().clone())
        .collect();
    kinds.sort();
    kinds
}

/// What the log of calls, the story of the call and the report of TeleTracker show as notes.
async fn shown(office: &Office) -> [Value; 3] {
    let calls = office.read("calls", &TODAY).await;
    let row = &calls["calls"][0];
    let path = format!("calls/{}", row["call_sid"].as_str().unwrap());
    let story = office.read(&path, &[]).await;
    let range = [("start_date", "2026-11-21"), ("end_date", "2026-11-21")];
    let report = rows(office.world(), &office.admin, &range).await;
    [
        row["notes"].clone(),
        story["notes"].clone(),
        report[0]["notes"].clone(),
    ]
}

async fn noted() -> (Office, String) {
    let office = Office::new().await;
    office.platform.call().await;
    office.world().wait(20);
    let id = office.bill("25", &[("notes", NOTES)]).await;
    (office, id)
}

#[tokio::test]
async fn notes_are_kept_with_their_bill_and_shown_with_its_call() {
    let (office, id) = noted().await;
    assert_eq!(copies(&office), ["cost"]);
    assert_eq!(
        shown(&office).await,
        [json!(NOTES), json!(NOTES), json!(NOTES)]
    );
    let cost = office.read(&format!("costs/{id}"), &[]).await;
    assert_eq!(
        (&cost["notes"], &cost["call"]["notes"]),
        (&json!(NOTES), &json!(NOTES))
    );
    office.void(&id).await;
    assert_eq!(
        shown(&office).await,
        [Value::Null, Value::Null, Value::Null]
    );
}

#[tokio::test]
async fn notes_of_a_bill_that_found_no_call_come_with_the_call() {
    let office = Office::new().await;
    office.bill("25", &[("notes", NOTES)]).await;
    assert_eq!(copies(&office), ["cost"]);
    office.platform.call().await;
    assert_eq!(
        shown(&office).await,
        [json!(NOTES), json!(NOTES), json!(NOTES)]
    );
    assert_eq!(copies(&office), ["cost"]);
}

#[tokio::test]
async fn notes_that_an_earlier_version_copied_are_shown_and_go_with_the_next_write() {
    let (office, _) = noted().await;
    let client = office.world().engine.client();
    for (kind, expression) in [
        ("pair_call", "SET entries[0].notes = :notes REMOVE noted"),
        ("call", "SET notes = :notes REMOVE noted_by"),
    ] {
        let item = office.world().only(kind).await;
        let update = client
            .update_item()
            .table_name(TABLE)
            .key("pk", AttributeValue::S(item.text("pk")))
            .key("sk", AttributeValue::S(item.text("sk")))
            .update_expression(expression)
            .expression_attribute_values(":notes", AttributeValue::S(NOTES.to_owned()));
        update.send().await.unwrap();
    }
    assert_eq!(copies(&office), ["call", "cost", "pair_call"]);
    assert_eq!(
        shown(&office).await,
        [json!(NOTES), json!(NOTES), json!(NOTES)]
    );
    office.world().wait(5);
    let other = office.another_platform(None).await;
    let headers = [
        ("tld-api-id", other.name.as_str()),
        ("tld-api-key", other.secret.as_str()),
        ("content-type", tld::FORM),
    ];
    let body = tld::form(&[("did", tld::DID), ("cid", tld::CID), ("cost", "3")]);
    let reply = office
        .world()
        .send("POST", tld::PATH, &headers, body.as_bytes())
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(copies(&office), ["cost"]);
    assert_eq!(
        shown(&office).await,
        [json!(NOTES), json!(NOTES), json!(NOTES)]
    );
}

/// An office with an imported call that has notes.
async fn imported() -> Office {
    let office = Office::new().await;
    let now = office.world().clock.now();
    let phone = |number: &str| PhoneNumber::parse(number).unwrap();
    let call = PastCall {
        started: now,
        direction: Direction::Inbound,
        from: CallingParty::Number(phone(tld::CID)),
        to: phone(tld::DID),
        ended: None,
        seconds: Some(60),
        disposition: None,
        cost: None,
        billed: None,
        notes: Some(Notes::parse(NOTES).unwrap()),
        external_id: None,
        call_sid: None,
    };
    let account = &office.platform.account;
    let imported = office.world().ledger.import_call(account, &call, now).await;
    imported.unwrap();
    office
}

#[tokio::test]
async fn notes_of_an_imported_call_are_kept_with_its_report() {
    let office = imported().await;
    assert_eq!(copies(&office), ["pair_call"]);
    let all = [json!(NOTES), json!(NOTES), json!(NOTES)];
    assert_eq!(shown(&office).await, all);
    // A bill without notes leaves them, and one with notes has its own shown.
    office.world().wait(20);
    office.bill("25", &[]).await;
    assert_eq!(shown(&office).await, all);
    office.world().wait(20);
    office.bill("26", &[("notes", "another price")]).await;
    let other = json!("another price");
    assert_eq!(shown(&office).await, [other.clone(), other.clone(), other]);
    assert_eq!(copies(&office), ["pair_call"]);
}

#[tokio::test]
async fn notes_that_an_earlier_version_copied_from_a_report_go_with_the_next_write() {
    let office = imported().await;
    let item = office.world().only("call").await;
    let update = office
        .world()
        .engine
        .client()
        .update_item()
        .table_name(TABLE)
        .key("pk", AttributeValue::S(item.text("pk")))
        .key("sk", AttributeValue::S(item.text("sk")))
        .update_expression("SET notes = :notes REMOVE reported_notes")
        .expression_attribute_values(":notes", AttributeValue::S(NOTES.to_owned()));
    update.send().await.unwrap();
    assert_eq!(copies(&office), ["call", "pair_call"]);
    let all = [json!(NOTES), json!(NOTES), json!(NOTES)];
    assert_eq!(shown(&office).await, all);
    office.world().wait(20);
    office.bill("25", &[]).await;
    assert_eq!(copies(&office), ["pair_call"]);
    assert_eq!(shown(&office).await, all);
}
