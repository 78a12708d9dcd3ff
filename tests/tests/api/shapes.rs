//! JSON bodies: repeated names, unexpected shapes, and byte order marks.

use callbook::model::credential::CredentialKind;
use callbook_tests::World;
use callbook_tests::fonedynamics::{NUMBER, Site, path_of, refusal};
use callbook_tests::teletracker::{Desk, assert_refused, basic};
use callbook_tests::tld::{CID, DID, JSON, Platform};
use serde_json::{Value, json};

/// Values of a shape that no parameter accepts.
fn shapes() -> [Value; 4] {
    [json!({"number": CID}), json!([CID]), json!({}), json!([])]
}

/// Arrays nested `levels` deep.
fn deep(levels: usize) -> String {
    format!("{}{}", "[".repeat(levels), "]".repeat(levels))
}

#[tokio::test]
async fn the_first_non_empty_value_of_a_repeated_name_wins() {
    let platform = Platform::new().await;
    let body = format!(
        r#"{{"did":"","did":"{DID}","did":"+13105550123","cost":null,"cost":2,"cost":3,"cid":"{CID}"}}"#
    );
    let reply = platform.post("", JSON, &body).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let answer = reply.json();
    assert_eq!(
        (&answer["did"], &answer["cost"]),
        (&json!(DID), &json!("2"))
    );
}

#[tokio::test]
async fn a_bill_with_an_object_or_array_as_a_value_is_refused() {
    let platform = Platform::new().await;
    for shape in shapes() {
        for (name, text) in [
            ("did", "Missing or Invalid DID"),
            ("cid", "Missing or Invalid CID"),
            ("cost", "Missing or Invalid Cost"),
            ("date_billed", "Invalid date_billed"),
            ("call_date", "Invalid call_date"),
            ("notes", "Invalid notes"),
        ] {
            let mut body = json!({"did": DID, "cid": CID, "cost": 1});
            body[name] = shape.clone();
            let reply = platform.json(&body).await;
            assert_eq!(
                (reply.status, reply.json()),
                (400, json!({ "error": text })),
                "{name} {shape}"
            );
        }
    }
    let reply = platform
        .json(&json!({"phone": [CID], "call_to": {}, "cost": 1}))
        .await;
    let refusal = json!({"error": "Missing or Invalid DID; Missing or Invalid CID"});
    assert_eq!((reply.status, reply.json()), (400, refusal));
    assert_eq!(platform.world.items("cost").await, []);
}

#[tokio::test]
async fn additional_fields_of_a_bill_can_have_any_shape() {
    let platform = Platform::new().await;
    let deep = deep(1_000);
    let body = format!(
        "\u{FEFF}{{\"call\":{{\"did\":[1,{{}}]}},\"tags\":{deep},\"api\":{{}},\"phone\":{{\"cc\":1}},\
         \"did\":\"{DID}\",\"cid\":\"{CID}\",\"cost\":1.50}}"
    );
    let reply = platform.post("", JSON, &body).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let inserted = &reply.json()["inserted"];
    assert_eq!(
        (&inserted["call_from"], &inserted["cost"]),
        (&json!(CID), &json!("1.50")),
        "a name without a readable value is skipped in favour of the next"
    );
    // An idempotency key is read from the header only.
    let body = json!({"did": DID, "cid": CID, "cost": 2, "idempotency_key": {}});
    assert_eq!(platform.json(&body).await.status, 200);
}

#[tokio::test]
async fn feedback_can_have_a_byte_order_mark_and_additional_fields_of_any_depth() {
    let world = World::new().await;
    let account = world.account().await;
    let key = world.credential(&account, CredentialKind::Trestle).await;
    let headers = [("x-api-key", key.secret.as_str())];
    let send = async |more: &str| {
        let body = format!(
            "\u{FEFF}{{\"response_id\":\"T_1\",\"phone\":\"2069735100\",\"phone_status\":\"Connected\",\
             \"phone_right_party_contact\":true,{more}}}"
        );
        let path = "/1.0/phone_feedback";
        world.send("POST", path, &headers, body.as_bytes()).await
    };
    let reply = send(&format!("\"more\":{}", deep(10_000))).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    for shape in ["{}".to_owned(), deep(200)] {
        let reply = send(&format!("\"name\":{shape}")).await;
        let refusal = json!({
            "error": "bad_request",
            "message": "Invalid value for name: expected a string",
        });
        assert_eq!((reply.status, reply.json()), (400, refusal));
    }
    let reply = send("\"more\":[}").await;
    assert_eq!(
        reply.status, 400,
        "fields that are not read must be valid JSON too"
    );
}

#[tokio::test]
async fn a_teletracker_request_with_an_object_or_array_as_a_value_is_refused() {
    let desk = Desk::new().await;
    let basic = basic(&desk.user);
    let headers = [("content-type", JSON), ("authorization", basic.as_str())];
    let send = async |path: &str, body: &Value| {
        let body = body.to_string();
        desk.world
            .send("POST", path, &headers, body.as_bytes())
            .await
    };
    for shape in shapes() {
        for (name, code) in [
            ("callee", "INVALID_PHONENUMBER"),
            ("whisper_text", "INVALID_PARAMETER"),
            ("callprocess_id", "INVALID_CALLPROCESS"),
            ("account_id", "INVALID_PARAMETER"),
        ] {
            let mut body = json!({"callee": CID, "whisper_text": "x", "other": shape});
            body[name] = shape.clone();
            let reply = send("/voice/rapidresponse", &body).await;
            assert_refused(&reply, 422, code, name);
        }
        for name in ["username", "password", "account_id", "auth_only"] {
            let mut body = json!({"username": desk.user.name, "password": desk.user.secret});
            body[name] = shape.clone();
            let reply = send("/auth/login", &body).await;
            assert_refused(&reply, 422, "INVALID_PARAMETER", name);
        }
        let reply = send("/auth/refresh", &json!({"refresh_token": shape})).await;
        assert_refused(&reply, 422, "INVALID_PARAMETER", "refresh_token");
        let mut body = json!({"start_date": "2026-11-21", "end_date": "2026-11-21"});
        for name in ["account_id", "next_token", "limit"] {
            body[name] = shape.clone();
            let text = body.to_string();
            let path = "/reports/call-data";
            let reply = desk
                .world
                .send("GET", path, &headers, text.as_bytes())
                .await;
            assert_refused(&reply, 422, "INVALID_PARAMETER", name);
            body[name] = Value::Null;
        }
    }
    assert!(desk.world.items("queue_entry").await.is_empty());
}

#[tokio::test]
async fn a_fone_dynamics_request_with_an_object_or_array_as_a_value_is_refused() {
    let site = Site::new().await;
    let property = site.property("Spring").await;
    let numbers = format!("/v2/Properties/{property}/Numbers");
    assert_eq!(site.buy(&property, NUMBER).await.status, 200);
    let number = path_of(NUMBER);
    let addresses = format!("/v2/Accounts/{}/Addresses", site.sid());
    let calls = format!("/v2/Properties/{property}/Calls");
    let good = |path: &str| match path {
        "/v2/Properties" => json!({"Name": "Summer"}),
        path if path == addresses => {
            json!({"Line1": "1 Example Street", "City": "Vancouver", "CountryCode": "CA"})
        }
        path if path == calls => json!({"From": CID, "To": DID}),
        _ => json!({"Number": NUMBER}),
    };
    for shape in shapes() {
        for (path, name, code) in [
            ("/v2/Properties", "Name", "PARAMETER_INVALID"),
            ("/v2/Properties", "MainDomain", "PARAMETER_INVALID"),
            (&addresses, "Line1", "PARAMETER_INVALID"),
            (&addresses, "Region", "PARAMETER_INVALID"),
            (&addresses, "CountryCode", "INVALID_COUNTRYCODE_FORMAT"),
            (&numbers, "AddressSid", "PARAMETER_INVALID"),
            (&number, "Friendly", "PARAMETER_INVALID"),
            (&number, "Recording", "UNKNOWN_RECORDING_OPTION"),
            (&number, "AddressSid", "PARAMETER_INVALID"),
            (&calls, "From", "INVALID_PHONENUMBER_FORMAT"),
            (&calls, "Disposition", "UNKNOWN_DISPOSITION"),
        ] {
            let mut body = good(path);
            body[name] = shape.clone();
            let reply = site.post_json(path, &body).await;
            let field = vec![(code.to_owned(), name.to_owned())];
            assert_eq!(refusal(&reply), (400, code.to_owned(), field), "{path}");
        }
        let body = json!({ "Number": shape });
        let (status, code, _) = refusal(&site.post_json(&numbers, &body).await);
        assert_eq!((status, code.as_str()), (400, "INVALID_PHONENUMBER_FORMAT"));
        let body = json!({ "PropertySid": shape }).to_string();
        let (status, code, _) = refusal(&site.ask("DELETE", &number, &body).await);
        assert_eq!((status, code.as_str()), (400, "PARAMETER_INVALID"));
    }
    assert_eq!(
        site.world.items("property").await.len(),
        1,
        "no property was created"
    );
}

#[tokio::test]
async fn an_unreadable_idempotency_key_is_refused() {
    let platform = Platform::new().await;
    for key in ["order \u{FFFD}", "\u{FFFD}\u{FFFD}"] {
        let reply = platform.bill_once(key, "1", &[]).await;
        let refusal = json!({"error": "Invalid Idempotency-Key"});
        assert_eq!((reply.status, reply.json()), (400, refusal));
    }
    assert_eq!(platform.world.items("cost").await, []);
}
