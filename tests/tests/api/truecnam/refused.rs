//! The form of a refusal, and what it contains about the request and its credential.

use callbook::model::account::Account;
use callbook::model::credential::{CredentialKind, Limits, NewCredential, Product, Status};
use callbook::model::rules::{EndpointRule, IpRule};
use callbook::model::text::{ResponseFormat, ResponseType};
use callbook_tests::tld::{FORM, form};
use callbook_tests::truecnam::{CALLED, CALLING, Pbx, pair};
use callbook_tests::written::{self, Format};
use callbook_tests::{Key, Reply, World};
use serde_json::{Value, json};

/// The fields of a refused extended `terminating` query.
fn extended() -> Vec<&'static str> {
    [&["status"], &written::EXTENDED[..]].concat()
}

/// The fields of an answer by name; its form has `fields`.
fn by_name(reply: &Reply, format: Format, fields: &[&str]) -> Value {
    assert_eq!(reply.header("content-type"), Some(format.media_type()));
    written::pairs(format, &reply.body, fields)
        .into_iter()
        .map(|(name, value)| (name, Value::String(value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

async fn csv_and_extended(world: &World) -> Account {
    let change = |account: &mut Account| {
        account.resp_format = ResponseFormat::Csv;
        account.resp_type = ResponseType::Extended;
    };
    world.account_with(change).await
}

async fn ask(world: &World, name: &str, secret: &str, more: &[(&str, &str)]) -> Reply {
    let mut query = vec![("username", name), ("password", secret)];
    query.extend([("calling_number", CALLING), ("called_number", CALLED)]);
    query.extend_from_slice(more);
    let path = format!("/api/v1?{}", form(&query));
    world.send("GET", &path, &[], b"").await
}

#[tokio::test]
async fn a_key_without_permission_is_refused_with_the_reason_in_its_accounts_form() {
    let world = World::new().await;
    let account = csv_and_extended(&world).await;
    let kind = CredentialKind::Truecnam;
    let make = async |change: fn(&mut NewCredential)| -> Key {
        world.credential_with(&account, kind, change).await
    };
    let disabled = make(|_| {}).await;
    world
        .set_status(&disabled.credential, Status::Disabled)
        .await;
    let product = make(|new| new.products = vec![Product::CallData]).await;
    let path = make(|new| new.endpoints = vec![EndpointRule::parse("/elsewhere").unwrap()]).await;
    let address = make(|new| new.addresses = vec![IpRule::parse("203.0.113.0/24").unwrap()]).await;
    for (key, message) in [
        (&disabled, "API key disabled"),
        (&product, "API key not allowed for this product"),
        (&path, "API key not allowed for this path"),
        (&address, "API key not allowed from this address"),
    ] {
        let reply = ask(&world, &key.name, &key.secret, &[]).await;
        let answer = by_name(&reply, Format::Csv, &extended());
        assert_eq!(
            (reply.status, &answer["err"], &answer["error_msg"]),
            (200, &"3".into(), &message.into())
        );
        let reply = ask(&world, &key.name, &key.secret, &[("resp_format", "xml")]).await;
        let content_type = reply.header("content-type");
        assert_eq!(
            content_type,
            Some("application/xml"),
            "the requested format"
        );
    }
}

#[tokio::test]
async fn a_wrong_password_is_answered_like_an_unknown_name_whatever_the_accounts_form() {
    let world = World::new().await;
    let account = csv_and_extended(&world).await;
    let kind = CredentialKind::Truecnam;
    let key = world.credential(&account, kind).await;
    let revoked = world.credential(&account, kind).await;
    world.set_status(&revoked.credential, Status::Revoked).await;
    let unknown = ask(&world, "unknown", "wrong", &[]).await;
    assert_eq!(unknown.header("content-type"), Some("application/json"));
    for (name, secret) in [(&key.name, "wrong"), (&revoked.name, &revoked.secret)] {
        assert_eq!(ask(&world, name, secret, &[]).await.body, unknown.body);
    }
}

#[tokio::test]
async fn an_unreadable_body_is_refused_in_the_form_of_the_query_string() {
    let world = World::new().await;
    let large = "x".repeat(300_000);
    let multipart = "multipart/form-data";
    for (media_type, body) in [
        ("text/plain", "calling_number=1"),
        (FORM, large.as_str()),
        (multipart, "no boundary"),
        ("application/json", "{"),
    ] {
        for format in Format::ALL {
            let query = [
                ("resp_format", format.as_str()),
                ("resp_type", "extended"),
                ("calling_number", "+12069735100"),
            ];
            let path = format!("/api/v1?{}", form(&query));
            let headers = [("content-type", media_type)];
            let reply = world.send("POST", &path, &headers, body.as_bytes()).await;
            let answer = by_name(&reply, format, &extended());
            assert_eq!(
                (reply.status, &answer["status"], &answer["err"]),
                (200, &"error".into(), &"5".into()),
                "{media_type}"
            );
            assert_eq!(answer["calling_number"], CALLING);
            let start = format!("{path}&call_party=orig_call_start");
            let reply = world.send("POST", &start, &headers, body.as_bytes()).await;
            let fields = ["status", "err", "error_msg"];
            assert_eq!(written::pairs(format, &reply.body, &fields).len(), 3);
        }
    }
}

#[tokio::test]
async fn another_method_is_refused_in_the_form_of_the_query_string() {
    let world = World::new().await;
    for format in Format::ALL {
        let query = form(&[("resp_format", format.as_str()), ("resp_type", "extended")]);
        let path = format!("/api/v1?{query}");
        let reply = world.send("DELETE", &path, &[], b"").await;
        assert_eq!(
            (reply.status, reply.header("allow")),
            (405, Some("GET, HEAD, POST"))
        );
        assert_eq!(by_name(&reply, format, &extended())["status"], "error");
        let path = format!("/api/v1/other?{query}");
        let reply = world.send("GET", &path, &[], b"").await;
        let fields = ["status", "err", "error_msg"];
        assert_eq!(reply.status, 404);
        assert_eq!(by_name(&reply, format, &fields)["status"], "error");
    }
}

fn left(answer: &Value) -> (u64, u64) {
    let number = |name: &str| answer[name].as_u64().expect("a number");
    (
        number("queries_per_minute_remaining"),
        number("queries_per_day_remaining"),
    )
}

async fn limited(world: &World, limits: Limits) -> Pbx {
    Pbx::limited(world, limits, |_| {}).await
}

#[tokio::test]
async fn a_refusal_contains_the_remaining_queries_and_the_sent_numbers() {
    let world = World::new().await;
    let limits = Limits {
        per_minute: Some(2),
        per_day: Some(1_000),
        ..Limits::default()
    };
    let pbx = limited(&world, limits).await;
    let answer = pbx.ask(&world, "(206) 973-5100", Some("+12")).await;
    assert_eq!((&answer["err"], left(&answer)), (&"4".into(), (2, 1_000)));
    assert_eq!(answer["calling_number"], "2069735100");
    assert_eq!(answer["called_number"], "12");
    assert_eq!(left(&pbx.ask(&world, CALLING, None).await), (1, 999));
    let answer = pbx.ask(&world, "12", Some(CALLED)).await;
    assert_eq!((&answer["err"], left(&answer)), (&"4".into(), (1, 999)));
    assert_eq!(left(&pbx.ask(&world, CALLING, None).await), (0, 998));
    let answer = pbx.ask(&world, CALLING, Some(CALLED)).await;
    assert_eq!((&answer["err"], left(&answer)), (&"8".into(), (0, 998)));
    assert_eq!(answer["calling_number"], CALLING);
    assert_eq!(answer["called_number"], CALLED);
    world.wait(60);
    let answer = pbx.ask(&world, "12", None).await;
    assert_eq!(left(&answer), (2, 998), "a new minute");
    world.wait(86_400);
    let answer = pbx.ask(&world, "12", None).await;
    assert_eq!(left(&answer), (2, 1_000), "a new day");
}

#[tokio::test]
async fn the_remaining_queries_in_a_refusal_include_those_of_other_instances() {
    let world = World::new().await;
    let limits = Limits {
        per_minute: Some(2),
        per_day: Some(10),
        ..Limits::default()
    };
    let pbx = limited(&world, limits).await;
    pbx.ask(&world, CALLING, None).await;
    pbx.ask(&world, CALLING, None).await;
    let query = pbx.encoded(&[("calling_number", CALLING), ("resp_type", "extended")]);
    let path = format!("/api/v1?{query}");
    let other = world.another_instance();
    let answer = callbook_tests::send_to(&other, "GET", &path, &[], b"").await;
    assert_eq!(
        (&answer.json()["err"], left(&answer.json())),
        (&"8".into(), (0, 8))
    );
}

#[tokio::test]
async fn each_exceeded_window_has_its_own_message() {
    let world = World::new().await;
    let none = Limits::default();
    for (limits, message, remaining) in [
        (
            Limits {
                per_second: Some(1),
                per_minute: Some(5),
                ..none
            },
            "Queries per second exceeded",
            (4, 999_999_999),
        ),
        (
            Limits {
                per_month: Some(1),
                per_day: Some(5),
                ..none
            },
            "Queries per month exceeded",
            (999_999_999, 4),
        ),
    ] {
        let pbx = limited(&world, limits).await;
        assert_eq!(pbx.ask(&world, CALLING, None).await["err"], "0");
        let answer = pbx.ask(&world, CALLING, None).await;
        assert_eq!(
            (&answer["err"], &answer["error_msg"], left(&answer)),
            (&"8".into(), &message.into(), remaining)
        );
    }
}

#[tokio::test]
async fn the_remaining_queries_are_not_shown_without_a_valid_credential() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    for (name, secret) in [("unknown", "wrong"), (&pbx.key.name, "wrong")] {
        let reply = ask(&world, name, secret, &[("resp_type", "extended")]).await;
        assert_eq!(left(&reply.json()), (0, 0));
    }
    let query = [
        &pair("terminating", CALLING, "x")[..],
        &[("resp_type", "extended")],
    ]
    .concat();
    let answer = pbx.get(&world, &query).await.json();
    assert_eq!(
        left(&answer),
        (999_999_999, 999_999_999),
        "the credential has no limits"
    );
    assert_eq!(answer["called_number"], json!(""));
}
