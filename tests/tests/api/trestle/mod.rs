//! Phone feedback: one record for each response id and number, and the newest wins.

mod fields;
mod refusals;
mod sums;

use std::collections::BTreeMap;

use callbook::model::credential::{CredentialKind, Status};
use callbook::model::time::Instant;
use callbook_tests::{Key, NOON, Reply, World, golden};
use serde_json::{Value, json};

const PATH: &str = "/1.0/phone_feedback";

async fn world() -> (World, Key) {
    let world = World::new().await;
    let account = world.account().await;
    let key = world.credential(&account, CredentialKind::Trestle).await;
    (world, key)
}

async fn send(world: &World, key: &Key, body: &str) -> Reply {
    let headers = [
        ("x-api-key", key.secret.as_str()),
        ("content-type", "application/json"),
    ];
    world.send("POST", PATH, &headers, body.as_bytes()).await
}

/// Valid feedback with another value for `field`; `None` leaves the field out.
fn feedback_but(field: &str, value: Option<Value>) -> String {
    let mut body = json!({
        "response_id": "T_b5d031b8-e8a3-4eef-8fa8-d87d3b7e386f",
        "phone": "2069735100",
        "name": "Waidong Syrws",
        "phone_status": "Connected",
        "phone_right_party_contact": true,
    });
    match (value, body.as_object_mut().unwrap()) {
        (Some(value), body) => body.insert(field.to_owned(), value),
        (None, body) => body.remove(field),
    };
    body.to_string()
}

fn feedback() -> String {
    feedback_but("ignored", Some(json!({"deep": [1]})))
}

fn assert_success(reply: &Reply) {
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.json(), json!({"status": "success", "error": null}));
    assert_eq!(reply.header("content-type"), Some("application/json"));
}

fn message(reply: &Reply) -> String {
    assert_eq!(
        (reply.status, &reply.json()["error"]),
        (400, &json!("bad_request"))
    );
    assert_eq!(
        reply.json().as_object().unwrap().len(),
        2,
        "error and message only"
    );
    reply.json()["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_vendors_examples_get_the_documented_answers() {
    for (name, file) in golden::files("trestle") {
        let (world, key) = world().await;
        let account = &key.credential.account;
        let expired = world.account().await;
        let expired = world
            .credential_with(&expired, CredentialKind::Trestle, |new| {
                new.expires = Some(Instant::from_millis(NOON));
            })
            .await;
        let disabled = world.account().await;
        let disabled = world.credential(&disabled, CredentialKind::Trestle).await;
        let (of, id) = (&disabled.credential.account, &disabled.credential.id);
        world
            .ledger
            .set_credential_status(of, id, Status::Disabled)
            .await
            .unwrap();
        let placeholders = BTreeMap::from([
            ("api_key", key.secret.clone()),
            ("expired_api_key", expired.secret.clone()),
            ("disabled_api_key", disabled.secret.clone()),
            ("account_id", account.to_string()),
        ]);
        golden::check(&world, &name, &file, &placeholders).await;
    }
}

#[tokio::test]
async fn feedback_is_stored_as_it_was_sent_with_the_number_in_e164() {
    let (world, key) = world().await;
    assert_success(&send(&world, &key, &feedback()).await);
    let kept = world.only("feedback").await;
    for (attribute, value) in [
        ("response_id", "T_b5d031b8-e8a3-4eef-8fa8-d87d3b7e386f"),
        ("phone", "+12069735100"),
        ("name", "Waidong Syrws"),
        ("phone_status", "Connected"),
        ("right_party", "true"),
        ("received_at", "1795262400000"),
        ("first_received_at", "1795262400000"),
        ("v", "1"),
    ] {
        assert_eq!(kept.text(attribute), value, "{attribute}");
    }
}

#[tokio::test]
async fn newer_feedback_on_a_response_and_number_replaces_the_earlier_one() {
    let (world, key) = world().await;
    send(&world, &key, &feedback()).await;
    world.wait(90);
    let again = json!({
        "response_id": "T_b5d031b8-e8a3-4eef-8fa8-d87d3b7e386f", "phone": "+1 (206) 973-5100",
        "phone_status": "Disconnected", "phone_right_party_contact": false,
    });
    assert_success(&send(&world, &key, &again.to_string()).await);
    let kept = world.only("feedback").await;
    assert_eq!(kept.text("phone_status"), "Disconnected");
    assert_eq!(kept.text("right_party"), "false");
    assert!(!kept.has("name"), "the newest feedback has no name");
    assert_eq!(kept.text("first_received_at"), "1795262400000");
    assert_eq!(kept.text("received_at"), "1795262490000");
}

#[tokio::test]
async fn delayed_feedback_does_not_replace_a_newer_one() {
    let (world, key) = world().await;
    world.wait(60);
    send(&world, &key, &feedback()).await;
    world.clock.set(Instant::from_millis(NOON));
    let older = feedback_but("phone_status", Some(json!("Disconnected")));
    assert_success(&send(&world, &key, &older).await);
    assert_eq!(
        world.only("feedback").await.text("phone_status"),
        "Connected"
    );
}

#[tokio::test]
async fn each_response_and_number_has_its_own_record() {
    let (world, key) = world().await;
    send(&world, &key, &feedback()).await;
    send(
        &world,
        &key,
        &feedback_but("response_id", Some(json!("T_2"))),
    )
    .await;
    send(
        &world,
        &key,
        &feedback_but("phone", Some(json!("2069735101"))),
    )
    .await;
    assert_eq!(world.items("feedback").await.len(), 3);
}

#[tokio::test]
async fn a_number_is_accepted_in_every_notation() {
    let (world, key) = world().await;
    for phone in [
        "2069735100",
        "12069735100",
        "+12069735100",
        "+1 (206) 973-5100",
        "206.973.5100",
        "tel:+1-206-973-5100",
        "206-973-5100 x7",
        " 2069735100 ",
    ] {
        assert_success(&send(&world, &key, &feedback_but("phone", Some(json!(phone)))).await);
    }
    assert_eq!(world.only("feedback").await.text("phone"), "+12069735100");
    let foreign = feedback_but("phone", Some(json!("+442071838750")));
    assert_success(&send(&world, &key, &foreign).await);
    assert_eq!(world.items("feedback").await.len(), 2);
}

#[tokio::test]
async fn a_name_is_optional_and_can_be_null() {
    let (world, key) = world().await;
    for name in [None, Some(json!(null)), Some(json!(""))] {
        assert_success(&send(&world, &key, &feedback_but("name", name)).await);
        assert!(!world.only("feedback").await.has("name"));
    }
    let longest = "é".repeat(256);
    assert_success(&send(&world, &key, &feedback_but("name", Some(json!(longest)))).await);
    assert_eq!(world.only("feedback").await.text("name"), longest);
}
