//! `$default`: requests without a route are answered in the dialect of their path.

use callbook::model::credential::CredentialKind;
use callbook_tests::tld::{self, PATH as BILLABLE, form};
use callbook_tests::truecnam::{CALLED, CALLING, Pbx, pair};
use callbook_tests::{Reply, World};
use serde_json::json;

/// The dialect of the answer to an unknown path or to a method that the path does not accept.
#[derive(Clone, Copy, Debug)]
enum Dialect {
    Trestle,
    Tld,
    Truecnam,
    Teletracker,
    Fonedynamics,
    Neutral,
}

fn assert_in(dialect: Dialect, reply: &Reply, status: u16, case: &str) {
    assert_eq!(reply.status, status, "{case}");
    assert_eq!(
        reply.header("content-type"),
        Some("application/json"),
        "{case}"
    );
    let body = reply.json();
    let object = body
        .as_object()
        .unwrap_or_else(|| panic!("{case}: an object"));
    let mut fields: Vec<_> = object.keys().map(String::as_str).collect();
    fields.sort_unstable();
    let word = if status == 404 {
        "not_found"
    } else {
        "method_not_allowed"
    };
    match dialect {
        Dialect::Tld => {
            let text = if status == 404 {
                "Not Found"
            } else {
                "Method Not Allowed"
            };
            assert_eq!(body, json!({ "error": text }), "{case}");
        }
        Dialect::Truecnam => {
            // The answer to an unknown path has none of the fields of a query.
            if status == 404 {
                assert_eq!(fields, ["err", "error_msg", "status"], "{case}");
            } else {
                let basic = ["err", "error_msg", "name", "spam_score", "status"];
                assert_eq!(fields, basic, "{case}");
            }
            assert_eq!(body["status"], "error", "{case}");
            assert!(body["err"].as_str().is_some_and(|err| err != "0"), "{case}");
        }
        Dialect::Teletracker => {
            assert_eq!(
                fields,
                ["errorCode", "errorDetail", "guid", "success"],
                "{case}"
            );
            assert_eq!(
                (&body["success"], &body["errorCode"]),
                (&json!(false), &json!(word.to_uppercase()))
            );
        }
        Dialect::Fonedynamics => {
            assert_eq!(fields, ["ResponseStatus"], "{case}");
            assert_eq!(
                body["ResponseStatus"]["ErrorCode"],
                word.to_uppercase(),
                "{case}"
            );
        }
        Dialect::Trestle | Dialect::Neutral => {
            assert_eq!(fields, ["error", "message"], "{case}");
            assert_eq!(body["error"], word, "{case}");
            assert!(
                body["message"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{case}"
            );
        }
    }
}

#[tokio::test]
async fn an_unknown_path_is_answered_in_the_dialect_of_its_prefix() {
    let world = World::new().await;
    for (dialect, path) in [
        (Dialect::Trestle, "/1.0"),
        (Dialect::Trestle, "/1.0/other"),
        (Dialect::Trestle, "/1.0/phone_feedback/T_1"),
        (Dialect::Tld, "/api/ingress"),
        (Dialect::Tld, "/api/ingress/calls/inbound"),
        (Dialect::Tld, "/api/ingress/calls/inbound/billable/1/2/3"),
        (Dialect::Tld, "/api/ingress/calls/inbound/billable/1/2/3/"),
        (Dialect::Tld, "/api/ingress/calls/inbound/billables"),
        (Dialect::Truecnam, "/api/v1/other"),
        (Dialect::Neutral, "/"),
        (Dialect::Neutral, "/api"),
        (Dialect::Truecnam, "/api/v10"),
        (Dialect::Truecnam, "/api/v2"),
        (Dialect::Trestle, "/2.0/phone_feedback"),
        (Dialect::Trestle, "/3.0/phone_intel"),
        (Dialect::Trestle, "/1.1/real_contact"),
        (Dialect::Tld, "/api/egress/leads"),
        (Dialect::Teletracker, "/sms/send"),
        (Dialect::Teletracker, "/messaging/threads/1"),
        (Dialect::Teletracker, "/users"),
        (Dialect::Teletracker, "/accounts/12345"),
        (Dialect::Teletracker, "/reports/other"),
        (Dialect::Fonedynamics, "/v2/Properties/A/Messages"),
        (Dialect::Fonedynamics, "/v2/BatchMessages"),
        (Dialect::Fonedynamics, "/v2/Properties/A/Flows"),
        (Dialect::Neutral, "/smss/send"),
        (Dialect::Neutral, "/favicon.ico"),
    ] {
        for method in [
            "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "PROPFIND",
        ] {
            let case = format!("{method} {path}");
            let reply = world.send(method, path, &[], b"").await;
            assert_in(dialect, &reply, 404, &case);
            assert_eq!(reply.header("allow"), None, "{case}");
        }
    }
}

#[tokio::test]
async fn a_method_not_allowed_is_answered_with_the_allowed_methods() {
    let world = World::new().await;
    let billable = [
        BILLABLE.to_owned(),
        format!("{BILLABLE}/1"),
        format!("{BILLABLE}/1/2"),
    ];
    let mut rows = vec![
        (Dialect::Trestle, "/1.0/phone_feedback".to_owned(), "POST"),
        (Dialect::Truecnam, "/api/v1".to_owned(), "GET, HEAD, POST"),
    ];
    rows.extend(
        billable
            .into_iter()
            .map(|path| (Dialect::Tld, path, "POST")),
    );
    for (dialect, path, allow) in rows {
        for method in ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"] {
            if allow.split(", ").any(|allowed| allowed == method) {
                continue;
            }
            for path in [path.clone(), format!("{path}/")] {
                let case = format!("{method} {path}");
                let reply = world.send(method, &path, &[], b"").await;
                assert_in(dialect, &reply, 405, &case);
                assert_eq!(reply.header("allow"), Some(allow), "{case}");
            }
        }
    }
}

#[tokio::test]
async fn a_trailing_slash_reaches_the_function() {
    let world = World::new().await;
    for (method, path, status, body) in [
        ("POST", "/1.0/phone_feedback/", 403, "MISSING_API_KEY"),
        (
            "POST",
            "/api/ingress/calls/inbound/billable/",
            401,
            "No API ID Provided",
        ),
        (
            "POST",
            "/api/ingress/calls/inbound/billable/1/",
            401,
            "No API ID Provided",
        ),
        (
            "POST",
            "/api/ingress/calls/inbound/billable/1/2/",
            401,
            "No API ID Provided",
        ),
        ("GET", "/api/v1/", 200, "Missing required parameter"),
        ("POST", "/api/v1/", 200, "Missing required parameter"),
    ] {
        let reply = world.send(method, path, &[], b"").await;
        assert_eq!(reply.status, status, "{method} {path}");
        assert!(reply.body.contains(body), "{method} {path}: {}", reply.body);
    }
}

#[tokio::test]
async fn an_empty_did_in_the_path_does_not_turn_the_cid_into_the_did() {
    let world = World::new().await;
    let account = world.account().await;
    let key = world.credential(&account, CredentialKind::Tld).await;
    let headers = [
        ("tld-api-id", key.name.as_str()),
        ("tld-api-key", key.secret.as_str()),
        ("content-type", tld::FORM),
    ];
    for path in [
        format!("{BILLABLE}//{CALLING}"),
        format!("{BILLABLE}//{CALLING}/"),
        format!("{BILLABLE}/%20/{CALLING}"),
        format!("{BILLABLE}/%2F{CALLING}"),
    ] {
        let bodies = [
            form(&[("cost", "1")]),
            form(&[("cost", "1"), ("cid", CALLED)]),
        ];
        for body in bodies {
            let reply = world.send("POST", &path, &headers, body.as_bytes()).await;
            assert!(
                [400, 404].contains(&reply.status),
                "{path}: {}",
                reply.status
            );
            if reply.status == 400 {
                assert!(
                    reply.body.contains("Missing or Invalid DID"),
                    "{path}: {}",
                    reply.body
                );
            }
        }
    }
    assert!(world.items("cost").await.is_empty(), "nothing was billed");
}

#[tokio::test]
async fn paths_that_a_server_might_normalise_are_not_found() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    let query = pbx.encoded(&pair("orig_call_start", CALLING, CALLED));
    for path in [
        "//api/v1",
        "/api//v1",
        "/api/./v1",
        "/api/v1/../v1",
        "/%2Fapi/v1",
        "/API/V1",
    ] {
        let reply = world
            .send("GET", &format!("{path}?{query}"), &[], b"")
            .await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(reply.json()["status"] != "ok", "{path}");
    }
    assert!(world.items("call").await.is_empty(), "nothing was recorded");
}

#[tokio::test]
async fn every_answer_has_its_own_guid() {
    let world = World::new().await;
    let mut guids = std::collections::BTreeSet::new();
    let requests = [
        ("POST", "/1.0/phone_feedback"),
        ("GET", "/1.0/phone_feedback"),
        ("GET", "/1.0/other"),
        ("POST", BILLABLE),
        ("PUT", BILLABLE),
        ("GET", "/api/v1"),
        ("OPTIONS", "/api/v1"),
        ("GET", "/api/v1/other"),
        ("GET", "/"),
        ("HEAD", "/nowhere"),
    ];
    for (method, path) in requests {
        let reply = world.send(method, path, &[], b"").await;
        let guid = reply
            .header("x-request-guid")
            .unwrap_or_else(|| panic!("{method} {path}"));
        guids.insert(guid.to_owned());
    }
    assert_eq!(guids.len(), requests.len());
}
