//! What is wrong with a request, all of it at once.

use callbook_tests::faults::{self, Fault};
use callbook_tests::team::{ME, Team, VENDORS, ask, assert_problem, faults as told};
use callbook_tests::teletracker::basic;
use callbook_tests::tld::{FORM, JSON};
use serde_json::{Value, json};

const UNKNOWN: &str = "this request has no such parameter";
const ID: &str = "expected 1 to 64 letters, digits, underscores, dots and hyphens";
const STRING: &str = "expected a string";
const DAY: &str = "expected a day such as 2026-11-21";
const LIMIT: &str = "expected a whole number from 1 to 200";

/// Method, path, body, and each field at fault with its message.
type Row<'a> = (&'a str, &'a str, Value, Vec<(&'a str, &'a str)>);

#[tokio::test]
async fn every_field_at_fault_is_named_at_once() {
    let team = Team::new().await;
    team.vendor("acme").await;
    let one = format!("{VENDORS}/acme");
    let terms = format!("{one}/terms");
    let long = "x".repeat(101);
    let seconds = "expected a whole number from 0 to 86400";
    let days = "expected a whole number from 0 to 3650";
    let rows: Vec<Row<'_>> = vec![
        (
            "POST",
            VENDORS,
            Value::Null,
            vec![("vendor_id", "missing"), ("name", "missing")],
        ),
        (
            "POST",
            VENDORS,
            json!({"vendor_id": null, "name": null}),
            vec![("vendor_id", "missing"), ("name", "missing")],
        ),
        (
            "POST",
            VENDORS,
            json!({"vendor_id": "", "name": ""}),
            vec![
                ("vendor_id", ID),
                ("name", "at least 1 character is needed"),
            ],
        ),
        (
            "POST",
            VENDORS,
            json!({"vendor_id": "a/b", "name": long, "status": "gone", "x": 1, "a": {}}),
            vec![
                ("a", UNKNOWN),
                ("x", UNKNOWN),
                ("vendor_id", ID),
                ("name", "at most 100 characters are allowed"),
                ("status", "expected active or paused"),
            ],
        ),
        (
            "POST",
            VENDORS,
            json!({"vendor_id": 7, "name": ["x"], "status": ""}),
            vec![
                ("vendor_id", STRING),
                ("name", STRING),
                ("status", "expected active or paused"),
            ],
        ),
        ("PATCH", &one, json!({}), vec![("name, status", "missing")]),
        (
            "PATCH",
            &one,
            json!({"name": null}),
            vec![("name, status", "missing")],
        ),
        (
            "PATCH",
            &one,
            json!({"name": " ", "vendor_id": "x"}),
            vec![
                ("vendor_id", UNKNOWN),
                ("name", "at least 1 character is needed"),
            ],
        ),
        (
            "PUT",
            &terms,
            json!({}),
            vec![("from", "missing"), ("price", "missing")],
        ),
        (
            "PUT",
            &terms,
            json!({"from": "12/01/2026", "price": "-1", "minimum_seconds": -1, "duplicate_days": 3651}),
            vec![
                ("from", DAY),
                ("price", "an amount is not negative"),
                ("minimum_seconds", seconds),
                ("duplicate_days", days),
            ],
        ),
        (
            "PUT",
            &terms,
            json!({"from": "2026-02-30", "price": 1.00001, "minimum_seconds": "90", "duplicate_days": 1.5}),
            vec![
                ("from", "there is no such day in the calendar"),
                ("price", "an amount has at most 4 decimals"),
                ("minimum_seconds", seconds),
                ("duplicate_days", days),
            ],
        ),
        (
            "PUT",
            &terms,
            json!({"from": 20261201, "price": true}),
            vec![("from", STRING), ("price", "expected a string or a number")],
        ),
        (
            "PUT",
            &terms,
            json!({"from": "2026-12-01", "price": "1", "currency": "EUR"}),
            vec![("currency", UNKNOWN)],
        ),
        (
            "POST",
            "/callbook/v1/vendors?dry_run=1&x=",
            json!({"vendor_id": "b", "name": "B"}),
            vec![("dry_run", UNKNOWN), ("x", UNKNOWN)],
        ),
        (
            "GET",
            "/callbook/v1/vendors?limit=0&cursor=x&page=2",
            Value::Null,
            vec![
                ("page", UNKNOWN),
                ("limit", LIMIT),
                (
                    "cursor",
                    "the cursor is not valid for this request; start again without it",
                ),
            ],
        ),
        (
            "GET",
            "/callbook/v1/vendors?limit=201",
            Value::Null,
            vec![("limit", LIMIT)],
        ),
        (
            "GET",
            "/callbook/v1/vendors?limit=ten&LIMIT=1",
            Value::Null,
            vec![("LIMIT", UNKNOWN), ("limit", LIMIT)],
        ),
        (
            "GET",
            "/callbook/v1/vendors/acme?limit=1",
            Value::Null,
            vec![("limit", UNKNOWN)],
        ),
        (
            "GET",
            "/callbook/v1/me?account_id=1",
            Value::Null,
            vec![("account_id", UNKNOWN)],
        ),
    ];
    for (method, path, body, expected) in rows {
        let case = format!("{method} {path} {body}");
        let reply = team.ask(method, path, &body).await;
        assert_problem(&reply, 400, "invalid_fields", &case);
        let found = told(&reply);
        let found: Vec<_> = found
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        assert_eq!(found, expected, "{case}");
        let detail = reply.json()["detail"].as_str().unwrap().to_owned();
        for (field, message) in expected {
            assert!(
                detail.contains(&format!("{field}: {message}")),
                "{case}: {detail}"
            );
        }
    }
    assert_eq!(
        team.get(VENDORS).await.json()["vendors"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn an_idempotency_key_that_is_none_is_at_fault_with_the_rest() {
    let team = Team::new().await;
    let long = "k".repeat(256);
    let reply = team
        .once(&long, "POST", VENDORS, &json!({"vendor_id": "a"}))
        .await;
    assert_problem(&reply, 400, "invalid_fields", "a long key");
    let names: Vec<_> = told(&reply).into_iter().map(|(field, _)| field).collect();
    assert_eq!(names, ["Idempotency-Key", "name"]);
}

#[tokio::test]
async fn an_unknown_name_is_shown_to_its_sender_and_not_to_the_log() {
    let team = Team::new().await;
    let name = "Waidong_Syrws_2069735100".repeat(4);
    let body = json!({ "vendor_id": "a", "name": "A", (name.clone()): "s3cret" });
    let reply = team.ask("POST", VENDORS, &body).await;
    let shown = name.chars().take(64).collect::<String>();
    assert_eq!(told(&reply), [(shown, UNKNOWN.to_owned())]);
    let line = team.world.logs().pop().unwrap();
    for hidden in ["Waidong", "9735100", "s3cret"] {
        assert!(!line.contains(hidden), "{hidden} is logged");
    }
    let line: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["fields"], json!(["an unknown parameter"]));
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_before_the_store_is_asked() {
    let (world, proxy) = faults::world().await;
    let team = Team::on(world).await;
    let authorization = basic(&team.admin);
    let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(300_000));
    for (media, body, status, code) in [
        (JSON, "{", 400, "malformed_body"),
        (JSON, "[]", 400, "malformed_body"),
        (JSON, "\"x\"", 400, "malformed_body"),
        (JSON, "{\"vendor_id\":\"\u{0}\"", 400, "malformed_body"),
        (FORM, "vendor_id=a&name=b", 415, "unsupported_media_type"),
        ("text/plain", "{}", 415, "unsupported_media_type"),
        (JSON, large.as_str(), 413, "body_too_large"),
    ] {
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", media),
        ];
        proxy.heal();
        let reply = team
            .world
            .send("POST", VENDORS, &headers, body.as_bytes())
            .await;
        assert_problem(&reply, status, code, media);
        assert!(proxy.seen().is_empty(), "{media}: the store is not asked");
    }
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "Application/JSON; charset=utf-8"),
    ];
    let body = b"\xEF\xBB\xBF{\"vendor_id\":\"a\",\"name\":\"A\"}";
    let reply = team.world.send("POST", VENDORS, &headers, body).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_of_this_dialect() {
    let team = Team::new().await;
    for path in [
        "/callbook",
        "/callbook/v1",
        "/callbook/v2/me",
        "/callbook/v1/me/x",
        "/callbook/v1/cost",
        "/callbook/v1/vendors/acme/terms/2026-12-01",
        "/callbook/v1/vendors/acme/numbers",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let reply = team.ask(method, path, &Value::Null).await;
            assert_problem(&reply, 404, "not_found", path);
        }
    }
    for (path, allow) in [
        (ME, "GET, HEAD"),
        (VENDORS, "GET, HEAD, POST"),
        ("/callbook/v1/vendors/acme", "GET, HEAD, PATCH"),
        ("/callbook/v1/vendors/acme/terms", "PUT"),
    ] {
        for slash in ["", "/"] {
            let path = format!("{path}{slash}");
            let reply = team.ask("DELETE", &path, &Value::Null).await;
            assert_problem(&reply, 405, "method_not_allowed", &path);
            assert_eq!(reply.header("allow"), Some(allow), "{path}");
        }
    }
    let nobody = ask(
        &team.world.app,
        "",
        "GET",
        "/callbook/v1/nothing",
        &Value::Null,
    )
    .await;
    assert_problem(&nobody, 404, "not_found", "without a credential, too");
    for id in ["acme", "a%20b", &"x".repeat(65), "%C3%A9"] {
        let path = format!("{VENDORS}/{id}");
        let reply = team.get(&path).await;
        assert_problem(&reply, 404, "vendor_not_found", id);
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_told_and_nothing_is_done() {
    let (world, proxy) = faults::world().await;
    let team = Team::on(world).await;
    team.vendor("acme").await;
    proxy.plan(|_| Some(Fault::Down));
    let one = format!("{VENDORS}/acme");
    for (method, path, body) in [
        ("GET", VENDORS, Value::Null),
        ("GET", &one, Value::Null),
        ("POST", VENDORS, json!({"vendor_id": "b", "name": "B"})),
        ("PATCH", &one, json!({"name": "B"})),
    ] {
        let reply = team.ask(method, path, &body).await;
        assert_problem(&reply, 503, "store_unavailable", path);
        assert_eq!(reply.header("retry-after"), Some("1"), "{path}");
    }
    proxy.heal();
    let listed = team.get(VENDORS).await.json();
    assert_eq!(listed["vendors"].as_array().unwrap().len(), 1);
    assert_eq!(listed["vendors"][0]["name"], "acme");
}
