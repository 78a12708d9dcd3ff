//! Properties are created, shown and listed.

use callbook_tests::fonedynamics::{NOBODY, NUMBER, Site, ask, done, path_of, refused, sid};
use callbook_tests::{NOON, send_to};
use serde_json::{Value, json};

const PATH: &str = "/v2/Properties";

#[tokio::test]
async fn a_created_property_is_answered_and_shown_with_the_same_fields() {
    let site = Site::new().await;
    let body = json!({"Name": " Roofing ", "MainDomain": "WWW.Example.com", "TimeZone": "australia/sydney"});
    let made = done(&site.post_json(PATH, &body).await);
    let sid = sid(&made["Property"], "PropertySid");
    let expected = json!({"Property": {
        "PropertySid": sid,
        "AccountSid": site.sid(),
        "Name": "Roofing",
        "MainDomain": "www.example.com",
        "TimeZone": "australia/sydney",
        "SmsEnabled": false,
        "CallRecordingEnabled": false,
        "Active": true,
        "Created": NOON / 1_000,
    }});
    assert_eq!(made, expected);
    let path = format!("{PATH}/{sid}");
    assert_eq!(done(&site.get(&path).await), expected);
    assert_eq!(done(&site.get(&format!("{path}/")).await), expected);
}

#[tokio::test]
async fn parameter_names_ignore_case_and_bodies_can_have_any_encoding() {
    let site = Site::new().await;
    let multipart = "--b\r\ncontent-disposition: form-data; name=\"Name\"\r\n\r\nC\r\n--b--\r\n";
    for (media, body) in [
        ("application/json", r#"{"name":"C","TIMEZONE":null}"#),
        ("application/x-www-form-urlencoded", "NAME=C&maindomain="),
        ("multipart/form-data; boundary=b", multipart),
    ] {
        let pair = callbook_tests::teletracker::pair(&site.key.name, &site.key.secret);
        let basic = format!("Basic {pair}");
        let headers = [("authorization", basic.as_str()), ("content-type", media)];
        let reply = send_to(&site.world.app, "POST", PATH, &headers, body.as_bytes()).await;
        let made = &done(&reply)["Property"];
        assert_eq!(made["Name"], "C", "{media}");
        assert_eq!(made["MainDomain"], Value::Null, "{media}");
        assert_eq!(made["TimeZone"], Value::Null, "{media}");
    }
}

#[tokio::test]
async fn every_invalid_field_is_reported_at_once_with_its_code() {
    let site = Site::new().await;
    let long = "n".repeat(101);
    let domain = "a.".repeat(130);
    for (body, fields) in [
        (json!({}), vec![("PARAMETER_REQUIRED", "Name")]),
        (json!({"Name": null}), vec![("PARAMETER_REQUIRED", "Name")]),
        (json!({"Name": "  "}), vec![("PARAMETER_TOO_SHORT", "Name")]),
        (json!({"Name": long}), vec![("PARAMETER_TOO_LONG", "Name")]),
        (json!({"Name": "a\nb"}), vec![("PARAMETER_INVALID", "Name")]),
        (
            json!({"MainDomain": "not a host", "TimeZone": "Mars/Olympus"}),
            vec![
                ("PARAMETER_REQUIRED", "Name"),
                ("PARAMETER_INVALID", "MainDomain"),
                ("PARAMETER_INVALID", "TimeZone"),
            ],
        ),
        (
            json!({"Name": "n", "MainDomain": domain}),
            vec![("PARAMETER_TOO_LONG", "MainDomain")],
        ),
    ] {
        refused(&site.post_json(PATH, &body).await, 400, &fields);
    }
    assert_eq!(
        done(&site.get(PATH).await)["TotalCount"],
        0,
        "no property was created"
    );
    let name = "é".repeat(100);
    let made = site.post_json(PATH, &json!({ "Name": name })).await;
    assert_eq!(
        done(&made)["Property"]["Name"],
        json!(name),
        "a name can have 100 characters"
    );
}

#[tokio::test]
async fn equal_requests_create_one_property_only_with_an_idempotency_key() {
    let site = Site::new().await;
    let body = r#"{"Name":"Same"}"#;
    let first = done(&site.ask("POST", PATH, body).await);
    let second = done(&site.ask("POST", PATH, body).await);
    let sid = |made: &Value| made["Property"]["PropertySid"].clone();
    assert_ne!(sid(&first), sid(&second));

    let pair = callbook_tests::teletracker::pair(&site.key.name, &site.key.secret);
    let basic = format!("Basic {pair}");
    let headers = [
        ("authorization", basic.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", "order 7"),
    ];
    let app = &site.world.app;
    let once = send_to(app, "POST", PATH, &headers, body.as_bytes()).await;
    let again = send_to(app, "POST", PATH, &headers, body.as_bytes()).await;
    assert_eq!((once.status, &once.body), (200, &again.body));
    assert_eq!(once.header("idempotent-replayed"), None);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let other = br#"{"Name":"Other"}"#;
    let other = send_to(app, "POST", PATH, &headers, other).await;
    assert_eq!(other.status, 409, "{}", other.body);
    assert_eq!(done(&site.get(PATH).await)["TotalCount"], 3);
}

#[tokio::test]
async fn a_missing_or_foreign_property_is_not_found() {
    let site = Site::new().await;
    let other = site.world.account().await;
    let other = callbook_tests::fonedynamics::token(&site.world, &other).await;
    let theirs = ask(&site.world.app, &other, "POST", PATH, "Name=Theirs").await;
    let theirs = sid(&done(&theirs)["Property"], "PropertySid");
    let never = site.get(&format!("{PATH}/{NOBODY}")).await;
    refused(&never, 400, &[("PROPERTY_NOT_FOUND", "PropertySid")]);
    for sid in [theirs.as_str(), "x", "zzzz", "%F0%9F%99%82"] {
        let reply = site.get(&format!("{PATH}/{sid}")).await;
        assert_eq!(
            (reply.status, reply.body),
            (400, never.body.clone()),
            "{sid}"
        );
    }
}

#[tokio::test]
async fn the_vendors_own_example_of_a_project_is_taken_and_answered() {
    let site = Site::new().await;
    let body = json!({
        "Name": "New Marketing Project",
        "MainDomain": "marketing.example.com",
        "TimeZone": "AUS Eastern Standard Time",
        "SmsEnabled": true,
        "Active": true,
    });
    let made = done(&site.post_json(PATH, &body).await);
    for (name, sent) in body.as_object().unwrap() {
        assert_eq!(&made["Property"][name], sent, "{name}");
    }
    assert_eq!(made["Property"]["CallRecordingEnabled"], false);
    let off = json!({"Name": "Off", "CallRecordingEnabled": "1", "Active": "false"});
    let off = done(&site.post_json(PATH, &off).await);
    let flags = ["SmsEnabled", "CallRecordingEnabled", "Active"].map(|name| &off["Property"][name]);
    assert_eq!(flags, [false, true, false]);
    // A Windows zone is a zone: days of the property begin in it.
    let sid = sid(&made["Property"], "PropertySid");
    let calls = format!("{PATH}/{sid}/Calls");
    // 2026-11-20T13:00:00Z is the first moment of 21 November in Sydney.
    for started in ["1795179599", "1795179600"] {
        let call = [
            ("From", "+12065550100"),
            ("To", NUMBER),
            ("Started", started),
        ];
        done(&site.post(&calls, &call).await);
    }
    let day = done(&site.get(&format!("{calls}?Date_From=2026-11-21")).await);
    assert_eq!(day["TotalCount"], 1);
    let listed = done(&site.get(PATH).await);
    assert_eq!(listed["TotalCount"], 2);
    let shown = listed["Projects"].as_array().unwrap();
    assert!(
        shown.contains(&made["Property"]) && shown.contains(&off["Property"]),
        "{listed}"
    );
}

#[tokio::test]
async fn what_the_vendor_documents_and_the_product_does_not_serve_is_refused_by_name() {
    let site = Site::new().await;
    let property = site.property("P").await;
    done(&site.buy(&property, NUMBER).await);
    let number = path_of(NUMBER);
    let project = [("Name", "Q"), ("IntegrationsEnabled", "true")];
    for (path, body, name) in [
        (PATH, &project[..], "IntegrationsEnabled"),
        (
            &number,
            &[("Friendly", "x"), ("SendSmsTo", "+12065550100")],
            "SendSmsTo",
        ),
        (
            &number,
            &[("sendemailfrom", "a@example.com"), ("Flow", "x")],
            "sendemailfrom",
        ),
    ] {
        let reply = site.post(path, body).await;
        refused(&reply, 400, &[("PARAMETER_INVALID", name)]);
        let rule = format!("{name}: not supported by this deployment.");
        assert!(reply.body.contains(&rule), "{}", reply.body);
    }
    let calls = format!("/v2/Properties/{property}/Calls");
    for (path, name) in [
        (format!("{calls}?Prompts_keys=9"), "Prompts_keys"),
        (format!("{calls}?Colour=red"), "Colour"),
        (format!("{PATH}/{property}?Colour=red"), "Colour"),
        (format!("{number}?Colour=red"), "Colour"),
    ] {
        refused(&site.get(&path).await, 400, &[("PARAMETER_INVALID", name)]);
    }
    assert_eq!(done(&site.get(&number).await)["Friendly"], Value::Null);
    assert_eq!(done(&site.get(PATH).await)["TotalCount"], 1);
}
