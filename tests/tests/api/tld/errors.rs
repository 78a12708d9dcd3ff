//! Every row of the contract's table of errors.

use callbook::model::credential::{CredentialKind, Limits};
use callbook_tests::Reply;
use callbook_tests::tld::{CID, DID, FORM, JSON, PATH, Platform};
use serde_json::json;

fn assert_refused(reply: &Reply, status: u16, text: &str) {
    assert_eq!(
        (reply.status, reply.json()),
        (status, json!({"error": text}))
    );
    assert_eq!(reply.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_number_without_digits_is_missing_and_one_with_too_few_is_invalid() {
    let platform = Platform::new().await;
    let no_digits = [
        "",
        " ",
        "nobody",
        "[tag:did]",
        "--A--x--B--",
        "{{did}}",
        "+",
        "()-",
    ];
    let impossible = [
        "12345",
        "1069735100",
        "2060735100",
        "20697351001234567",
        "+1",
        "0",
        "+99912345678",
    ];
    for (value, said) in no_digits
        .into_iter()
        .map(|value| (value, "Missing or Invalid"))
        .chain(impossible.into_iter().map(|value| (value, "Invalid")))
    {
        let reply = platform
            .form(&[("did", value), ("cid", CID), ("cost", "1")])
            .await;
        assert_refused(&reply, 400, &format!("{said} DID"));
        let reply = platform
            .form(&[("did", DID), ("cid", value), ("cost", "1")])
            .await;
        assert_refused(&reply, 400, &format!("{said} CID"));
    }
    assert_refused(
        &platform.form(&[("cid", CID), ("cost", "1")]).await,
        400,
        "Missing or Invalid DID",
    );
    assert_refused(
        &platform.form(&[("did", DID), ("cost", "1")]).await,
        400,
        "Missing or Invalid CID",
    );
    assert_eq!(platform.world.items("cost").await, []);
}

#[tokio::test]
async fn every_invalid_field_is_named_in_one_answer() {
    let platform = Platform::new().await;
    let reply = platform
        .form(&[
            ("did", "1"),
            ("date_billed", "x"),
            ("call_date", "y"),
            ("notes", &"n".repeat(4_097)),
        ])
        .await;
    assert_eq!(reply.status, 400);
    let text = reply.json()["error"].as_str().unwrap().to_owned();
    for said in [
        "Invalid DID",
        "Missing or Invalid CID",
        "Missing or Invalid Cost",
        "Invalid date_billed",
        "Invalid call_date",
        "Notes Too Long",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[tokio::test]
async fn malformed_json_is_answered_with_its_position_and_not_echoed() {
    let platform = Platform::new().await;
    for (body, position) in [
        ("{\"cost\": }", "line 1 column 10"),
        ("{\"cost\":25", "line 1 column 10"),
        ("{\n\"cid\": secret}", "line 2 column 8"),
        ("[1]", "line 1 column"),
        ("25", "line 1 column"),
        ("cost=25", "line 1 column 1"),
    ] {
        let reply = platform.post("/2069735100/2069735101", JSON, body).await;
        assert_eq!(reply.status, 400, "{body}");
        let text = reply.json()["error"].as_str().unwrap().to_owned();
        assert!(
            text.starts_with("Malformed JSON: ") && text.contains(position),
            "{body}: {text}"
        );
        assert!(!text.contains("secret"), "{text}");
    }
    assert_eq!(platform.world.items("cost").await, []);
}

#[tokio::test]
async fn a_truncated_form_is_refused() {
    let platform = Platform::new().await;
    let cut = "--XX\r\nContent-Disposition: form-data; name=\"cost\"\r\n\r\n25";
    for (media_type, body) in [
        ("multipart/form-data; boundary=XX", cut),
        ("multipart/form-data", cut),
    ] {
        let reply = platform
            .post("/2069735100/2069735101", media_type, body)
            .await;
        assert_eq!(reply.status, 400, "{media_type}");
        assert!(reply.json()["error"].is_string());
    }
    assert_eq!(platform.world.items("cost").await, []);
}

#[tokio::test]
async fn each_switch_of_the_account_has_its_own_error() {
    for (dialer, call_log, text) in [
        (false, true, "TLDialer Not Enabled"),
        (true, false, "Advanced Call Log Not Enabled"),
        (false, false, "TLDialer Not Enabled"),
    ] {
        let platform = Platform::with(|account| {
            account.tldialer = dialer;
            account.advanced_call_log = call_log;
        })
        .await;
        assert_refused(&platform.bill("1", &[]).await, 403, text);
        assert_eq!(platform.world.items("cost").await, []);
    }
}

#[tokio::test]
async fn other_methods_are_refused_and_allow_names_post() {
    let platform = Platform::new().await;
    for path in [
        PATH.to_owned(),
        format!("{PATH}/2069735100"),
        format!("{PATH}/2069735100/2069735101/"),
    ] {
        for method in ["GET", "PUT", "PATCH", "DELETE"] {
            let reply = platform
                .world
                .send(method, &path, &platform.headers(), b"")
                .await;
            assert_refused(&reply, 405, "Method Not Allowed");
            assert_eq!(reply.header("allow"), Some("POST"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_body_too_large_or_of_another_media_type_is_refused() {
    let platform = Platform::new().await;
    let large = format!(
        "did={DID}&cid={CID}&cost=1&notes={}",
        "n".repeat(300 * 1024)
    );
    assert_refused(
        &platform.post("", FORM, &large).await,
        413,
        "Request Body Too Large",
    );
    assert_refused(
        &platform.post("", "text/plain", "cost=1").await,
        415,
        "Unsupported Content Type",
    );
    assert_eq!(platform.world.items("cost").await, []);
}

#[tokio::test]
async fn an_exceeded_limit_is_answered_with_the_seconds_until_it_ends() {
    for (limits, text, seconds) in [
        (
            Limits {
                per_second: Some(1),
                ..Limits::default()
            },
            "Rate Limit Exceeded",
            1,
        ),
        (
            Limits {
                per_minute: Some(1),
                ..Limits::default()
            },
            "Rate Limit Exceeded",
            60,
        ),
        (
            Limits {
                per_day: Some(1),
                ..Limits::default()
            },
            "Rate Limit Exceeded",
            12 * 3_600,
        ),
        (
            Limits {
                per_month: Some(1),
                ..Limits::default()
            },
            "Quota Exceeded",
            820_800,
        ),
    ] {
        let platform = Platform::new().await;
        let key = platform
            .world
            .credential_with(&platform.account, CredentialKind::Tld, |new| {
                new.limits = limits;
            })
            .await;
        let platform = Platform { key, ..platform };
        assert_eq!(
            platform.bill("NaN", &[]).await.status,
            400,
            "invalid requests do not count against limits"
        );
        assert_eq!(platform.bill("1", &[]).await.status, 200);
        let refused = platform.bill("2", &[]).await;
        assert_refused(&refused, 429, text);
        assert_eq!(
            refused.header("retry-after"),
            Some(seconds.to_string().as_str())
        );
        platform.world.wait(seconds - 1);
        assert_eq!(platform.bill("3", &[]).await.status, 429);
        platform.world.wait(1);
        assert_eq!(
            platform.bill("4", &[]).await.status,
            200,
            "{text}: {seconds} seconds later"
        );
        assert_eq!(platform.world.items("cost").await.len(), 2);
    }
}

#[tokio::test]
async fn an_internal_error_is_a_500_without_details() {
    let platform = Platform::new().await;
    platform.world.remove_account(&platform.account.id).await;
    assert_refused(&platform.bill("1", &[]).await, 500, "Internal Error");
}

#[tokio::test]
async fn an_idempotency_key_that_is_too_long_is_refused() {
    let platform = Platform::new().await;
    assert_eq!(
        platform.bill_once(&"k".repeat(255), "1", &[]).await.status,
        200
    );
    let reply = platform.bill_once(&"k".repeat(256), "1", &[]).await;
    assert_eq!(reply.status, 400);
    assert!(reply.json()["error"].is_string());
    assert_eq!(platform.world.items("cost").await.len(), 1);
}
