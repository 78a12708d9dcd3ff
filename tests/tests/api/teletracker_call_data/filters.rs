//! Which calls of a range are told.

use std::time::Duration;

use callbook::model::call::Direction;
use callbook::model::cost::Cost;
use callbook::model::report::{CallFilter, Disposition};
use callbook::model::time::Range;
use callbook_tests::World;
use callbook_tests::call_data::{report, rows, user};

use super::{TODAY, column, inbound, past, record};

#[tokio::test]
async fn every_filter_lets_its_own_calls_through_and_several_only_what_is_all_of_it() {
    let world = World::new().await;
    let account = world.account().await;
    let key = user(&world, &account).await;
    let (a, b, c) = ("+12069735101", "+12069735102", "+13105550142");
    let date = |hour| format!("2026-11-21T{hour:02}:00:00+00:00");
    for (hour, direction, from, to, disposition, cost) in [
        (1, Direction::Inbound, a, c, Some("Sale"), Some("1")),
        (2, Direction::Inbound, b, c, Some("sale"), None),
        (3, Direction::Outbound, c, a, None, None),
        (4, Direction::Outbound, c, b, Some("No = answer"), Some("0")),
    ] {
        let mut call = past(&date(hour), direction, from, to);
        call.disposition = disposition.map(|text| Disposition::parse(text).unwrap());
        call.cost = cost.map(|cost| Cost::parse(cost).unwrap());
        call.billed = cost.map(|_| call.started);
        record(&world, &account, &call).await;
    }
    for (filters, hours) in [
        (&[][..], &[1, 2, 3, 4][..]),
        (&[("direction", "inbound")], &[1, 2]),
        (&[("direction", "outbound")], &[3, 4]),
        (&[("billed", "1")], &[1, 4]),
        (&[("billed", "0")], &[2, 3]),
        (&[("did", "(310) 555-0142")], &[1, 2]),
        (&[("did", "2069735102")], &[4]),
        (&[("cid", "+1 206 973 5101")], &[1]),
        (&[("cid", "3105550142")], &[3, 4]),
        (&[("disposition", "Sale")], &[1]),
        (&[("disposition", "No = answer")], &[4]),
        (&[("direction", "inbound"), ("billed", "0")], &[2]),
        (&[("direction", "inbound"), ("did", a)], &[]),
        (&[("billed", "1"), ("limit", "1")], &[1]),
    ] {
        let found = rows(&world, &key, &[&TODAY, filters].concat()).await;
        let expected: Vec<_> = hours.iter().map(|hour| date(*hour)).collect();
        assert_eq!(column(&found, "call_date"), expected, "{filters:?}");
    }
}

#[tokio::test]
async fn more_dispositions_than_an_expression_lists_are_filtered_all_the_same() {
    let world = World::new().await;
    let account = world.account().await;
    for (minute, disposition) in [
        (1, Some("d1")),
        (2, Some("d60")),
        (3, Some("d61")),
        (4, None),
    ] {
        let date = format!("2026-11-21T01:{minute:02}:00Z");
        let mut call = inbound(&date);
        call.disposition = disposition.map(|text| Disposition::parse(text).unwrap());
        record(&world, &account, &call).await;
    }
    let filter = CallFilter {
        dispositions: (1..=60)
            .map(|n| Disposition::parse(&format!("d{n}")).unwrap())
            .collect(),
        ..CallFilter::default()
    };
    let now = world.clock.now();
    let range = Range {
        from: now.minus(Duration::from_secs(86_400)),
        to: now,
    };
    let ledger = &world.ledger;
    let mut report = ledger.call_report(&account.id, 1, range, filter, None, None);
    let mut found = Vec::new();
    while let Some(rows) = report.next().await.unwrap() {
        found.extend(rows.into_iter().map(|row| row.disposition.unwrap()));
    }
    assert_eq!(found, ["d1", "d60"]);
}

#[tokio::test]
async fn a_filter_that_is_none_is_refused_with_its_code() {
    let world = World::new().await;
    let account = world.account().await;
    let key = user(&world, &account).await;
    let long = "x".repeat(65);
    for (name, value, code) in [
        ("direction", "Inbound", "INVALID_PARAMETER"),
        ("billed", "yes", "INVALID_PARAMETER"),
        ("did", "12", "INVALID_PHONENUMBER"),
        ("cid", "nobody", "INVALID_PHONENUMBER"),
        ("disposition", &long, "INVALID_PARAMETER"),
        ("limit", "0", "INVALID_PARAMETER"),
        ("limit", "10001", "INVALID_PARAMETER"),
        ("limit", "-1", "INVALID_PARAMETER"),
        ("limit", "1.5", "INVALID_PARAMETER"),
        ("format", "xml", "INVALID_PARAMETER"),
        ("next_token", "nonsense", "INVALID_PARAMETER"),
    ] {
        let reply = report(&world, &key, &[&TODAY[..], &[(name, value)]].concat()).await;
        assert_eq!(
            (reply.status, &reply.json()["errorCode"]),
            (422, &code.into()),
            "{name}"
        );
        let detail = reply.json()["errorDetail"].as_str().unwrap().to_owned();
        assert!(detail.starts_with(name), "{detail}");
    }
    for limit in ["1", "10000"] {
        let reply = report(&world, &key, &[&TODAY[..], &[("limit", limit)]].concat()).await;
        assert_eq!(reply.status, 200, "{limit}");
    }
}

#[tokio::test]
async fn every_fault_is_told_at_once() {
    let world = World::new().await;
    let account = world.account().await;
    let key = user(&world, &account).await;
    let wrong = [
        ("start_date", "x"),
        ("end_date", "2026-11-21"),
        ("billed", "2"),
        ("limit", "z"),
    ];
    let reply = report(&world, &key, &wrong).await;
    assert_eq!(
        (reply.status, &reply.json()["errorCode"]),
        (422, &"INVALID_DATE".into())
    );
    let detail = reply.json()["errorDetail"].as_str().unwrap().to_owned();
    for name in ["start_date", "billed", "limit"] {
        assert!(detail.contains(name), "{name}: {detail}");
    }
    let reply = report(&world, &key, &[("end_date", "x"), ("limit", "z")]).await;
    assert_eq!(
        (reply.status, &reply.json()["errorCode"]),
        (400, &"MISSING_REQUIRED_PARAMS".into())
    );
    assert_eq!(
        reply.json()["missingInputVars"],
        serde_json::json!(["start_date"])
    );
}
