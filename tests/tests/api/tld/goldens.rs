//! The exchanges in the vendor's document, and the exact shape of the answer.

use std::collections::BTreeMap;

use callbook::model::credential::CredentialKind;
use callbook::model::time::Zone;
use callbook_tests::golden;
use callbook_tests::tld::{CID, DID, Platform};
use serde_json::{Value, json};

#[tokio::test]
async fn the_vendors_examples_get_the_documented_answers() {
    for (name, file) in golden::files("tld") {
        let platform = Platform::with(|account| {
            account.zone = Zone::parse("America/New_York").unwrap();
            account.vendor_id = "4711".to_owned();
        })
        .await;
        platform.call().await;
        let world = &platform.world;
        let no_dialer = world.account_with(|account| account.tldialer = false).await;
        let no_dialer = world.credential(&no_dialer, CredentialKind::Tld).await;
        let no_log = world
            .account_with(|account| account.advanced_call_log = false)
            .await;
        let no_log = world.credential(&no_log, CredentialKind::Tld).await;
        let placeholders = BTreeMap::from([
            ("api_id", platform.key.name.clone()),
            ("api_key", platform.key.secret.clone()),
            ("api_id_without_dialer", no_dialer.name.clone()),
            ("api_key_without_dialer", no_dialer.secret.clone()),
            ("api_id_without_call_log", no_log.name.clone()),
            ("api_key_without_call_log", no_log.secret.clone()),
            ("account_id", platform.account.id.to_string()),
            ("vendor_id", platform.account.vendor_id.clone()),
            ("lead_id", world.only("lead").await.text("lead_id")),
        ]);
        golden::check(world, &name, &file, &placeholders).await;
    }
}

/// The answer with every value replaced by its type.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .map(|(name, value)| (name.clone(), shape(value)))
            .collect(),
        Value::String(_) => json!("string"),
        Value::Number(_) => json!("number"),
        Value::Null => json!("null"),
        _ => json!("other"),
    }
}

#[tokio::test]
async fn the_answer_has_strings_except_for_the_two_numeric_results() {
    let platform = Platform::new().await;
    let inserted = json!({
        "date_billed": "string", "cost": "string", "method": "string", "method_id": "string",
        "ip_address": "string", "call_date": "string", "call_from": "string",
        "call_to": "string", "attributable": "string", "attributed": "string",
        "calculatable": "string", "notes": "string",
    });
    let without = json!({
        "cid": "string", "did": "string", "cost": "string", "cost_id": "string",
        "inserted": inserted, "updated": "number", "lead": "null", "first_contact": "number",
    });
    let reply = platform
        .json(&json!({"did": DID, "cid": CID, "cost": 25}))
        .await;
    assert_eq!(shape(&reply.json()), without);
    platform.call().await;
    let reply = platform
        .json(&json!({"did": DID, "cid": CID, "cost": 26}))
        .await;
    let mut with = without;
    with["lead"] = json!({
        "lead_id": "string", "vendor_id": "string", "account_id": "string", "cost": "string",
    });
    assert_eq!(shape(&reply.json()), with);
    let id = reply.json()["cost_id"].as_str().unwrap().to_owned();
    assert!(
        !id.is_empty() && id.bytes().all(|digit| digit.is_ascii_digit()),
        "{id}"
    );
}

#[tokio::test]
async fn fields_have_the_order_of_the_document() {
    let platform = Platform::new().await;
    platform.call().await;
    let body = platform.bill("25", &[]).await.body;
    let place = |name: &str| {
        body.find(&format!("\"{name}\":"))
            .unwrap_or_else(|| panic!("{name}"))
    };
    let names = [
        "cid",
        "did",
        "cost",
        "cost_id",
        "inserted",
        "date_billed",
        "method",
        "method_id",
        "ip_address",
        "call_date",
        "call_from",
        "call_to",
        "attributable",
        "attributed",
        "calculatable",
        "notes",
        "updated",
        "lead",
        "lead_id",
        "vendor_id",
        "account_id",
        "first_contact",
    ];
    let places: Vec<_> = names.into_iter().map(place).collect();
    assert!(places.is_sorted(), "{body}");
}

#[tokio::test]
async fn a_cost_is_stored_with_every_field_of_its_bill() {
    let platform = Platform::new().await;
    platform.call().await;
    let reply = platform
        .bill(
            "25.50",
            &[("notes", "é <b> \"x\""), ("date_billed", "2026-11-20")],
        )
        .await;
    let cost = platform.world.only("cost").await;
    for (attribute, value) in [
        ("cost_id", reply.json()["cost_id"].as_str().unwrap()),
        ("call_from", CID),
        ("call_to", DID),
        ("date_billed", "1795132800000"),
        ("call_date", "1795262400000"),
        ("received_at", "1795262400000"),
        ("method_id", &platform.key.name),
        ("ip_address", "127.0.0.1"),
        ("notes", "é <b> \"x\""),
    ] {
        assert_eq!(cost.text(attribute), value, "{attribute}");
    }
    assert_eq!(cost.text("cost").trim_end_matches('0'), "25.5");
    assert_eq!(reply.json()["inserted"]["notes"], "é <b> \"x\"");
}
