//! Phone feedback, as `contracts` decides it: one record for a response and a number, the newest wins.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use callbook::model::credential::{CredentialKind, Limits, Product, Status};
use callbook::model::time::Instant;
use callbook_cli::engine::TABLE;
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
    let headers = [("x-api-key", key.secret.as_str()), ("content-type", "application/json")];
    world.send("POST", PATH, &headers, body.as_bytes()).await
}

/// Feedback that is right, but for `field`; `None` leaves the field out.
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
    assert_eq!((reply.status, &reply.json()["error"]), (400, &json!("bad_request")));
    assert_eq!(reply.json().as_object().unwrap().len(), 2, "error and message alone");
    reply.json()["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_document_s_examples_are_answered_as_it_shows_them() {
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
        world.ledger.set_credential_status(of, id, Status::Disabled).await.unwrap();
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
async fn feedback_is_kept_as_it_was_sent_with_the_number_in_e164() {
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
async fn the_newest_feedback_on_a_response_and_number_replaces_the_earlier_one() {
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
    assert!(!kept.has("name"), "the newest says no name");
    assert_eq!(kept.text("first_received_at"), "1795262400000");
    assert_eq!(kept.text("received_at"), "1795262490000");
}

#[tokio::test]
async fn feedback_that_was_overtaken_on_its_way_does_not_replace_the_newer_one() {
    let (world, key) = world().await;
    world.wait(60);
    send(&world, &key, &feedback()).await;
    world.clock.set(Instant::from_millis(NOON));
    let older = feedback_but("phone_status", Some(json!("Disconnected")));
    assert_success(&send(&world, &key, &older).await);
    assert_eq!(world.only("feedback").await.text("phone_status"), "Connected");
}

#[tokio::test]
async fn another_response_or_another_number_is_another_record() {
    let (world, key) = world().await;
    send(&world, &key, &feedback()).await;
    send(&world, &key, &feedback_but("response_id", Some(json!("T_2")))).await;
    send(&world, &key, &feedback_but("phone", Some(json!("2069735101")))).await;
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
async fn a_name_is_optional_and_null_is_no_name() {
    let (world, key) = world().await;
    for name in [None, Some(json!(null)), Some(json!(""))] {
        assert_success(&send(&world, &key, &feedback_but("name", name)).await);
        assert!(!world.only("feedback").await.has("name"));
    }
    let longest = "é".repeat(256);
    assert_success(&send(&world, &key, &feedback_but("name", Some(json!(longest)))).await);
    assert_eq!(world.only("feedback").await.text("name"), longest);
}

#[tokio::test]
async fn every_field_has_its_rule() {
    let (world, key) = world().await;
    let status = "Invalid value for phone_status: expected Connected or Disconnected";
    let rows = [
        ("phone_status", None, "Missing required field: phone_status"),
        ("phone_status", Some(json!(null)), "Missing required field: phone_status"),
        ("phone_status", Some(json!("connected")), status),
        ("phone_status", Some(json!("Busy")), status),
        ("phone_status", Some(json!(true)), status),
        ("phone", None, "Missing required field: phone"),
        ("phone", Some(json!(null)), "Missing required field: phone"),
        ("phone", Some(json!("12345")), "Invalid value for phone: "),
        ("phone", Some(json!("1069735100")), "Invalid value for phone: "),
        ("phone", Some(json!("no number")), "Invalid value for phone: "),
        ("phone", Some(json!(2_069_735_100_u64)), "Invalid value for phone: "),
        ("response_id", None, "Missing required field: response_id"),
        ("response_id", Some(json!("x".repeat(129))), "Invalid value for response_id: "),
        ("response_id", Some(json!(7)), "Invalid value for response_id: "),
        ("name", Some(json!("é".repeat(257))), "Invalid value for name: "),
        ("name", Some(json!(["a"])), "Invalid value for name: "),
        ("phone_right_party_contact", None, "Missing required field: phone_right_party_contact"),
        ("phone_right_party_contact", Some(json!("true")), "Invalid value for phone_right_party_contact: "),
        ("phone_right_party_contact", Some(json!(1)), "Invalid value for phone_right_party_contact: "),
    ];
    for (field, value, begins) in rows {
        let sent = format!("{field} = {value:?}");
        let message = message(&send(&world, &key, &feedback_but(field, value)).await);
        assert!(message.starts_with(begins), "{sent}: {message}");
        assert!(begins.ends_with(' ') || message == begins, "{sent}: {message}");
    }
    let empty = message(&send(&world, &key, &feedback_but("response_id", Some(json!("")))).await);
    assert!(empty.contains("response_id"), "{empty}");
    assert_eq!(world.items("feedback").await, []);
}

#[tokio::test]
async fn a_response_id_has_up_to_128_characters() {
    let (world, key) = world().await;
    for id in ["x".repeat(128), "é".repeat(128), "1".to_owned()] {
        assert_success(&send(&world, &key, &feedback_but("response_id", Some(json!(id)))).await);
    }
    assert_eq!(world.items("feedback").await.len(), 3);
}

#[tokio::test]
async fn one_message_names_every_field_at_fault() {
    let (world, key) = world().await;
    let message = message(&send(&world, &key, "{\"response_id\":\"T_1\",\"phone_right_party_contact\":true}").await);
    assert_eq!(message, "Missing required fields: phone, phone_status");
    let mixed = "{\"response_id\":\"T_1\",\"phone\":\"x\",\"phone_status\":\"no\"}";
    let mixed = self::message(&send(&world, &key, mixed).await);
    for field in ["phone", "phone_status", "phone_right_party_contact"] {
        assert!(mixed.contains(field), "{field}: {mixed}");
    }
    let nothing = self::message(&send(&world, &key, "{}").await);
    assert_eq!(
        nothing,
        "Missing required fields: response_id, phone, phone_status, phone_right_party_contact"
    );
}

#[tokio::test]
async fn malformed_json_is_told_with_its_position_and_not_repeated() {
    let (world, key) = world().await;
    for (body, position) in [
        ("{\"phone\": \"2069735100\",}", "line 1 column 24"),
        ("{\n  \"phone\": secret\n}", "line 2 column 12"),
        ("{\"phone\"", "line 1 column 8"),
        ("[1]", "line 1 column"),
        ("\"text\"", "line 1 column"),
        ("", "line 1 column 0"),
    ] {
        let message = message(&send(&world, &key, body).await);
        assert!(message.contains(position), "{body:?}: {message}");
        assert!(!message.contains("secret") && !message.contains("2069735100"), "{message}");
    }
}

#[tokio::test]
async fn the_media_type_is_not_enforced() {
    let (world, key) = world().await;
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense"] {
        let headers = [("x-api-key", key.secret.as_str()), ("content-type", media_type)];
        assert_success(&world.send("POST", PATH, &headers, feedback().as_bytes()).await);
    }
    let headers = [("X-API-Key", key.secret.as_str())];
    assert_success(&world.send("POST", PATH, &headers, feedback().as_bytes()).await);
    assert_success(&world.send("POST", "/1.0/phone_feedback/", &headers, feedback().as_bytes()).await);
}

fn assert_refused(reply: &Reply, status: u16, code: &str, message: &str, hint: &str) {
    assert_eq!(reply.status, status, "{}", reply.body);
    assert_eq!(reply.json(), json!({"errorCode": code, "message": message, "hint": hint}));
}

#[tokio::test]
async fn a_key_that_is_missing_unknown_or_revoked_is_told_so() {
    let (world, key) = world().await;
    for headers in [&[][..], &[("x-api-key", "")], &[("x-api-key", "  ")]] {
        assert_refused(
            &world.send("POST", PATH, headers, feedback().as_bytes()).await,
            403,
            "MISSING_API_KEY",
            "No API key was provided in the request.",
            "Include your API key in the x-api-key header.",
        );
    }
    let (of, id) = (&key.credential.account, &key.credential.id);
    world.ledger.set_credential_status(of, id, Status::Revoked).await.unwrap();
    let nearly = format!("{}x", key.secret);
    for shown in ["unknown", nearly.as_str(), key.secret.as_str()] {
        let headers = [("x-api-key", shown)];
        assert_refused(
            &world.send("POST", PATH, &headers, feedback().as_bytes()).await,
            403,
            "INVALID_API_KEY",
            "The API key provided is invalid or has been revoked.",
            "Verify your x-api-key header value or contact support.",
        );
    }
    assert_eq!(world.items("feedback").await, []);
}

#[tokio::test]
async fn a_key_that_may_not_is_told_which_of_the_three_reasons_it_is() {
    let world = World::new().await;
    let account = world.account().await;
    let expired = world
        .credential_with(&account, CredentialKind::Trestle, |new| {
            new.expires = Some(Instant::from_millis(NOON));
        })
        .await;
    let elsewhere = world
        .credential_with(&account, CredentialKind::Trestle, |new| {
            new.products = vec![Product::CallerId];
        })
        .await;
    let disabled = world.credential(&account, CredentialKind::Trestle).await;
    let id = &disabled.credential.id;
    world.ledger.set_credential_status(&account.id, id, Status::Disabled).await.unwrap();
    for (key, reason) in
        [(expired, "expired"), (disabled, "disabled"), (elsewhere, "no access to this product")]
    {
        assert_refused(
            &send(&world, &key, &feedback()).await,
            403,
            "FORBIDDEN",
            "Access denied. Your API key may be disabled, expired, or not authorized for this product.",
            &format!("Contact support with your API key reference. ({reason})"),
        );
    }
}

#[tokio::test]
async fn a_key_works_until_the_moment_it_expires() {
    let world = World::new().await;
    let account = world.account().await;
    let key = world
        .credential_with(&account, CredentialKind::Trestle, |new| {
            new.expires = Some(Instant::from_millis(NOON + 10_000));
        })
        .await;
    world.wait(9);
    assert_success(&send(&world, &key, &feedback()).await);
    world.wait(1);
    assert_eq!(send(&world, &key, &feedback()).await.status, 403);
}

#[tokio::test]
async fn a_key_used_too_fast_is_told_when_to_come_back() {
    let world = World::new().await;
    let account = world.account().await;
    let limits = Limits { per_second: Some(2), ..Limits::default() };
    let key = world
        .credential_with(&account, CredentialKind::Trestle, |new| new.limits = limits)
        .await;
    assert_success(&send(&world, &key, &feedback()).await);
    assert_eq!(send(&world, &key, "{}").await.status, 400, "what is refused is not counted");
    assert_success(&send(&world, &key, &feedback()).await);
    let refused = send(&world, &key, &feedback()).await;
    assert_refused(
        &refused,
        429,
        "RATE_LIMIT_EXCEEDED",
        "You are sending requests too quickly.",
        "Implement exponential backoff and retry.",
    );
    assert_eq!(refused.header("retry-after"), Some("1"));
    world.wait(1);
    assert_success(&send(&world, &key, &feedback()).await);
}

#[tokio::test]
async fn a_quota_that_is_used_up_lasts_until_the_month_is_over() {
    let world = World::new().await;
    let account = world.account().await;
    let limits = Limits { per_month: Some(1), ..Limits::default() };
    let key = world
        .credential_with(&account, CredentialKind::Trestle, |new| new.limits = limits)
        .await;
    assert_success(&send(&world, &key, &feedback()).await);
    let refused = send(&world, &key, &feedback()).await;
    assert_refused(
        &refused,
        429,
        "QUOTA_EXCEEDED",
        "Your API quota for this billing period has been exhausted.",
        "Upgrade your plan or wait for the next billing cycle.",
    );
    // From the 21st at noon to the 1st: nine and a half days.
    assert_eq!(refused.header("retry-after"), Some("820800"));
    world.wait(820_799);
    assert_eq!(send(&world, &key, &feedback()).await.status, 429);
    world.wait(1);
    assert_success(&send(&world, &key, &feedback()).await);
}

#[tokio::test]
async fn paths_methods_and_sizes_are_refused_in_the_dialect() {
    let (world, key) = world().await;
    let headers = [("x-api-key", key.secret.as_str())];
    let reply = world.send("POST", "/1.0/phone_feedbacks", &headers, feedback().as_bytes()).await;
    assert_eq!((reply.status, &reply.json()["error"]), (404, &json!("not_found")));
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let reply = world.send(method, PATH, &headers, b"").await;
        assert_eq!((reply.status, reply.header("allow")), (405, Some("POST")), "{method}");
        assert!(reply.json()["message"].is_string());
    }
    let large = feedback_but("ignored", Some(json!("x".repeat(300 * 1024))));
    let reply = send(&world, &key, &large).await;
    assert_eq!(reply.status, 413);
    assert!(reply.json()["error"].is_string() && reply.json()["message"].is_string());
    assert_eq!(world.items("feedback").await, []);
}

#[tokio::test]
async fn what_is_ours_to_mend_is_a_500_that_tells_nothing() {
    let (world, key) = world().await;
    let account = format!("A#{}", key.credential.account);
    let client = world.engine.client();
    let lost = client.delete_item().table_name(TABLE).key("pk", AttributeValue::S(account));
    lost.key("sk", AttributeValue::S("ACCOUNT".to_owned())).send().await.unwrap();
    let reply = send(&world, &key, &feedback()).await;
    assert_eq!(reply.status, 500);
    assert_eq!(reply.json()["error"], "internal_server_error");
    let message = reply.json()["message"].as_str().unwrap().to_owned();
    assert!(!message.is_empty() && !message.contains("account"), "{message}");
}
