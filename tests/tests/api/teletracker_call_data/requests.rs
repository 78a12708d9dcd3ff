//! How a report is requested, and the store requests that it costs.

use std::collections::BTreeMap;

use callbook_tests::World;
use callbook_tests::call_data::{CALL_DATA, authorization, report, rows, user};
use callbook_tests::faults::{self, Fault};
use callbook_tests::tld::{FORM, JSON};
use serde_json::json;

use super::{TODAY, inbound, record};

#[tokio::test]
async fn a_get_reads_parameters_from_a_body_in_three_encodings_before_the_query_string() {
    let world = World::new().await;
    let account = world.account().await;
    let key = user(&world, &account).await;
    record(&world, &account, &inbound("2026-11-20T01:00:00Z")).await;
    let authorization = authorization(&key);
    let multipart = "--b\r\nContent-Disposition: form-data; name=\"start_date\"\r\n\r\n2026-11-20\r\n\
                     --b\r\nContent-Disposition: form-data; name=\"end_date\"\r\n\r\n2026-11-20\r\n--b--\r\n";
    for query in ["", "?start_date=2026-11-21&end_date=2026-11-21&billed=0"] {
        for (media, body) in [
            (FORM, "start_date=2026-11-20&end_date=2026-11-20"),
            (
                JSON,
                r#"{"start_date":"2026-11-20","end_date":"2026-11-20","limit":5}"#,
            ),
            ("multipart/form-data; boundary=b", multipart),
        ] {
            let headers = [
                ("authorization", authorization.as_str()),
                ("content-type", media),
            ];
            let path = format!("{CALL_DATA}{query}");
            let reply = world.send("GET", &path, &headers, body.as_bytes()).await;
            assert_eq!(reply.status, 200, "{media}: {}", reply.body);
            assert_eq!(
                reply.json()["data"].as_array().map(Vec::len),
                Some(1),
                "{media} {query}"
            );
        }
    }
}

#[tokio::test]
async fn an_unreadable_body_is_refused_without_a_store_request() {
    let (world, proxy) = faults::world().await;
    let account = world.account().await;
    let key = user(&world, &account).await;
    let authorization = authorization(&key);
    for (media, body, status, code) in [
        (JSON, "{", 400, "MALFORMED_BODY"),
        (JSON, "[]", 400, "MALFORMED_BODY"),
        ("multipart/form-data", "x", 400, "MALFORMED_BODY"),
        (
            "text/plain",
            "start_date=2026-11-21",
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        ("", "start_date=2026-11-21", 415, "UNSUPPORTED_MEDIA_TYPE"),
    ] {
        let mut headers = vec![("authorization", authorization.as_str())];
        headers.extend((!media.is_empty()).then_some(("content-type", media)));
        let reply = world
            .send("GET", CALL_DATA, &headers, body.as_bytes())
            .await;
        assert_eq!(
            (reply.status, &reply.json()["errorCode"]),
            (status, &json!(code)),
            "{media}"
        );
        let reply = world
            .send("GET", CALL_DATA, &headers[1..], body.as_bytes())
            .await;
        assert_eq!(reply.status, 401, "authentication comes before the body");
    }
    assert_eq!(proxy.verbs(), BTreeMap::new());
}

#[tokio::test]
async fn other_methods_are_refused_and_every_answer_has_the_guid_of_its_header() {
    let world = World::new().await;
    let account = world.account().await;
    let key = user(&world, &account).await;
    for method in ["POST", "PUT", "DELETE"] {
        let reply = world.send(method, CALL_DATA, &[], b"").await;
        assert_eq!(
            (reply.status, reply.header("allow")),
            (405, Some("GET, HEAD")),
            "{method}"
        );
        assert_eq!(reply.json()["errorCode"], "METHOD_NOT_ALLOWED");
    }
    let unknown = world.send("GET", "/reports/other", &[], b"").await;
    assert_eq!(
        (unknown.status, &unknown.json()["errorCode"]),
        (404, &json!("NOT_FOUND"))
    );
    let good = report(&world, &key, &TODAY).await;
    let slash = world.send("GET", "/reports/call-data/", &[], b"").await;
    assert_eq!(slash.status, 401);
    for reply in [unknown, good, slash] {
        assert_eq!(
            reply.json()["guid"].as_str(),
            reply.header("x-request-guid")
        );
    }
}

fn verbs<const N: usize>(verbs: [(&str, usize); N]) -> BTreeMap<String, usize> {
    verbs
        .into_iter()
        .map(|(verb, times)| (verb.to_owned(), times))
        .collect()
}

#[tokio::test]
async fn only_the_requested_days_and_shards_are_read() {
    for shards in [1, 4] {
        let (world, proxy) = faults::world().await;
        let account = world.account_with(|account| account.shards = shards).await;
        let key = user(&world, &account).await;
        let shards = usize::from(shards);
        rows(&world, &key, &TODAY).await;
        for (start, end, days) in [
            ("2026-11-21", "2026-11-21", 1),
            ("2026-11-15", "2026-11-21", 7),
            ("2026-11-20T10:00:00Z", "2026-11-20T11:00:00Z", 1),
            ("2026-11-20T23:00:00Z", "2026-11-21T01:00:00Z", 2),
            ("2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z", 0),
            ("2026-11-20", "2026-12-31", 2),
            ("2030-01-01", "2030-12-31", 0),
        ] {
            proxy.heal();
            rows(&world, &key, &[("start_date", start), ("end_date", end)]).await;
            let expected = if days == 0 {
                verbs([])
            } else {
                verbs([("Query", days * shards)])
            };
            assert_eq!(proxy.verbs(), expected, "{start} to {end}, {shards} shards");
        }
    }
}

#[tokio::test]
async fn feedback_on_many_numbers_is_one_request_and_a_page_reads_only_what_it_needs() {
    let (world, proxy) = faults::world().await;
    let account = world.account().await;
    let key = user(&world, &account).await;
    for n in 0..60 {
        let mut call = inbound(&format!("2026-11-{:02}T01:00:00Z", 1 + n % 20));
        let from = format!("+1206973{:04}", 5000 + n);
        call.from = callbook::model::call::CallingParty::Number(
            callbook::model::phone::PhoneNumber::parse(&from).unwrap(),
        );
        record(&world, &account, &call).await;
    }
    rows(&world, &key, &TODAY).await;
    proxy.heal();
    let month = [("start_date", "2026-11-01"), ("end_date", "2026-11-21")];
    assert_eq!(rows(&world, &key, &month).await.len(), 60);
    // Eight days are read at a time.
    assert_eq!(proxy.verbs(), verbs([("BatchGetItem", 3), ("Query", 21)]));
    proxy.heal();
    let page = [&month[..], &[("limit", "2")]].concat();
    assert_eq!(rows(&world, &key, &page).await.len(), 2);
    assert_eq!(
        proxy.verbs(),
        verbs([("BatchGetItem", 1), ("Query", 1)]),
        "the first day has three calls"
    );
}

#[tokio::test]
async fn a_throttling_store_is_retried_and_an_unreachable_one_is_a_503() {
    let (world, proxy) = faults::world().await;
    let account = world.account().await;
    let key = user(&world, &account).await;
    for day in 1..=20 {
        record(
            &world,
            &account,
            &inbound(&format!("2026-11-{day:02}T01:00:00Z")),
        )
        .await;
    }
    let month = [("start_date", "2026-11-01"), ("end_date", "2026-11-21")];
    proxy.plan(|seen| (seen.number % 5 == 2).then_some(Fault::Throttle));
    assert_eq!(rows(&world, &key, &month).await.len(), 20);
    proxy.plan(|seen| (seen.verb == "Query").then_some(Fault::Down));
    let reply = report(&world, &key, &month).await;
    assert_eq!(
        (reply.status, &reply.json()["errorCode"]),
        (503, &json!("SERVICE_UNAVAILABLE"))
    );
}

#[tokio::test]
async fn a_refused_request_does_not_count_against_the_limits() {
    let world = World::new().await;
    let account = world.account().await;
    let kind = callbook::model::credential::CredentialKind::User;
    let key = world
        .credential_with(&account, kind, |new| new.limits.per_minute = Some(1))
        .await;
    for wrong in [
        [("start_date", "2026-11-22"), ("end_date", "2026-11-21")],
        [("start_date", "x"), ("end_date", "2026-11-21")],
    ] {
        assert_eq!(report(&world, &key, &wrong).await.status, 422);
    }
    assert_eq!(report(&world, &key, &TODAY).await.status, 200);
    let reply = report(&world, &key, &TODAY).await;
    assert_eq!(
        (reply.status, &reply.json()["errorCode"]),
        (429, &json!("RATE_LIMIT_EXCEEDED"))
    );
}
