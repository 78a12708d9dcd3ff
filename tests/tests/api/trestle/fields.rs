//! The rules for each field of a body.

use serde_json::json;

use super::{PATH, assert_success, feedback, feedback_but, message, send, world};

#[tokio::test]
async fn every_field_has_its_rule() {
    let (world, key) = world().await;
    let status = "Invalid value for phone_status: expected Connected or Disconnected";
    let rows = [
        ("phone_status", None, "Missing required field: phone_status"),
        (
            "phone_status",
            Some(json!(null)),
            "Missing required field: phone_status",
        ),
        ("phone_status", Some(json!("connected")), status),
        ("phone_status", Some(json!("Busy")), status),
        ("phone_status", Some(json!(true)), status),
        ("phone", None, "Missing required field: phone"),
        ("phone", Some(json!(null)), "Missing required field: phone"),
        ("phone", Some(json!("12345")), "Invalid value for phone: "),
        (
            "phone",
            Some(json!("1069735100")),
            "Invalid value for phone: ",
        ),
        (
            "phone",
            Some(json!("no number")),
            "Invalid value for phone: ",
        ),
        (
            "phone",
            Some(json!(2_069_735_100_u64)),
            "Invalid value for phone: ",
        ),
        ("response_id", None, "Missing required field: response_id"),
        (
            "response_id",
            Some(json!("x".repeat(129))),
            "Invalid value for response_id: ",
        ),
        (
            "response_id",
            Some(json!(7)),
            "Invalid value for response_id: ",
        ),
        (
            "name",
            Some(json!("é".repeat(257))),
            "Invalid value for name: ",
        ),
        ("name", Some(json!(["a"])), "Invalid value for name: "),
        (
            "phone_right_party_contact",
            None,
            "Missing required field: phone_right_party_contact",
        ),
        (
            "phone_right_party_contact",
            Some(json!("true")),
            "Invalid value for phone_right_party_contact: ",
        ),
        (
            "phone_right_party_contact",
            Some(json!(1)),
            "Invalid value for phone_right_party_contact: ",
        ),
    ];
    for (field, value, begins) in rows {
        let sent = format!("{field} = {value:?}");
        let message = message(&send(&world, &key, &feedback_but(field, value)).await);
        assert!(message.starts_with(begins), "{sent}: {message}");
        assert!(
            begins.ends_with(' ') || message == begins,
            "{sent}: {message}"
        );
    }
    let empty = message(&send(&world, &key, &feedback_but("response_id", Some(json!("")))).await);
    assert!(empty.contains("response_id"), "{empty}");
    assert_eq!(world.items("feedback").await, []);
}

#[tokio::test]
async fn a_response_id_can_have_up_to_128_characters() {
    let (world, key) = world().await;
    for id in ["x".repeat(128), "é".repeat(128), "1".to_owned()] {
        assert_success(&send(&world, &key, &feedback_but("response_id", Some(json!(id)))).await);
    }
    assert_eq!(world.items("feedback").await.len(), 3);
}

#[tokio::test]
async fn one_message_names_every_invalid_field() {
    let (world, key) = world().await;
    let message = message(
        &send(
            &world,
            &key,
            "{\"response_id\":\"T_1\",\"phone_right_party_contact\":true}",
        )
        .await,
    );
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
async fn malformed_json_is_answered_with_its_position_and_not_echoed() {
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
        assert!(
            !message.contains("secret") && !message.contains("2069735100"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn the_media_type_is_not_enforced() {
    let (world, key) = world().await;
    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "nonsense",
    ] {
        let headers = [
            ("x-api-key", key.secret.as_str()),
            ("content-type", media_type),
        ];
        assert_success(
            &world
                .send("POST", PATH, &headers, feedback().as_bytes())
                .await,
        );
    }
    let headers = [("X-API-Key", key.secret.as_str())];
    assert_success(
        &world
            .send("POST", PATH, &headers, feedback().as_bytes())
            .await,
    );
    assert_success(
        &world
            .send(
                "POST",
                "/1.0/phone_feedback/",
                &headers,
                feedback().as_bytes(),
            )
            .await,
    );
}
