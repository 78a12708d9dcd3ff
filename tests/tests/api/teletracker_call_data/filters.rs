//! The filters of a report.

use std::time::Duration;

use callbook::model::call::Direction;
use callbook::model::cost::Cost;
use callbook::model::report::{CallFilter, Disposition};
use callbook::model::time::Range;
use callbook_tests::World;
use callbook_tests::call_data::{CALL_DATA, authorization, report, rows, user};
use callbook_tests::tld::JSON;
use callbook_tests::truecnam::{CALLED, Pbx};
use serde_json::json;

use super::{TODAY, column, inbound, past, record};

const CALLER: &str = "+12069735101";
const DIALED: &str = "+12069735100";

#[tokio::test]
async fn each_filter_selects_its_calls_and_several_filters_are_combined() {
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
        (&[("billed", "true")], &[1, 4]),
        (&[("billed", "false")], &[2, 3]),
        (&[("did", "(310) 555-0142")], &[1, 2]),
        (&[("did", "2069735102")], &[4]),
        (&[("cid", "+1 206 973 5101")], &[1]),
        (&[("cid", "3105550142")], &[3, 4]),
        (&[("disposition", "Sale")], &[1, 2]),
        (&[("disposition", "NO = ANSWER")], &[4]),
        (&[("direction", "INBOUND"), ("billed", "True")], &[1]),
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
async fn a_json_body_can_contain_booleans() {
    let world = World::new().await;
    let account = world.account().await;
    let key = user(&world, &account).await;
    let mut call = past("2026-11-21T01:00:00Z", Direction::Inbound, CALLER, DIALED);
    call.cost = Some(Cost::parse("1").unwrap());
    record(&world, &account, &call).await;
    let authorization = authorization(&key);
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", JSON),
    ];
    for (billed, found) in [(true, 1), (false, 0)] {
        let [(start, today), (end, _)] = TODAY;
        let body = json!({start: today, end: today, "billed": billed}).to_string();
        let reply = world
            .send("GET", CALL_DATA, &headers, body.as_bytes())
            .await;
        assert_eq!(reply.status, 200, "{billed}: {}", reply.body);
        let rows = reply.json()["data"].as_array().map(Vec::len);
        assert_eq!(rows, Some(found), "{billed}");
    }
}

#[tokio::test]
async fn a_number_whose_plus_was_not_encoded_stays_in_its_country() {
    let world = World::new().await;
    let account = world.account().await;
    let key = user(&world, &account).await;
    // The numbers of each pair differ only in the American country code.
    let (belgian, american) = ("+3225551234", "+13225551234");
    let (norwegian, other) = ("+4723456789", "+14723456789");
    for (hour, from, to) in [(1, belgian, norwegian), (2, american, other)] {
        let date = format!("2026-11-21T{hour:02}:00:00Z");
        let call = past(&date, Direction::Inbound, from, to);
        record(&world, &account, &call).await;
    }
    let authorization = authorization(&key);
    let headers = [("authorization", authorization.as_str())];
    for filter in [format!("cid={belgian}"), format!("did={norwegian}")] {
        let path = format!("{CALL_DATA}?start_date=2026-11-21&end_date=2026-11-21&{filter}");
        let reply = world.send("GET", &path, &headers, b"").await;
        assert_eq!(reply.status, 200, "{filter}: {}", reply.body);
        let rows = reply.json()["data"].as_array().unwrap().clone();
        assert_eq!(column(&rows, "call_from"), [belgian], "{filter}");
    }
}

#[tokio::test]
async fn every_caller_that_a_report_shows_can_be_used_as_a_filter() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    let key = user(&world, &pbx.account).await;
    let callers = [
        "12069735100",
        "2069735101",
        "+4532345678",
        "911",
        "5100",
        "0012069735100",
        // The common notation of these digits is a phone number.
        "011442071838750",
        "99999999999999999999",
    ];
    for calling in callers {
        pbx.ask(&world, calling, Some(CALLED)).await;
    }
    let all = rows(&world, &key, &TODAY).await;
    assert_eq!(all.len(), callers.len());
    for shown in column(&all, "call_from") {
        let filters = [&TODAY[..], &[("cid", &shown)]].concat();
        let found = rows(&world, &key, &filters).await;
        assert_eq!(column(&found, "call_from"), [shown.as_str()]);
        let page = rows(&world, &key, &[&filters[..], &[("limit", "1")]].concat()).await;
        assert_eq!(page, found, "{shown} in pages");
    }
    let dialed = [&TODAY[..], &[("cid", "011 44 20 7183 8750")]].concat();
    let found = rows(&world, &key, &dialed).await;
    assert!(found.is_empty(), "this notation is a phone number");
}

#[tokio::test]
async fn a_filter_works_with_more_dispositions_than_one_expression_can_list() {
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
async fn an_invalid_filter_is_refused_with_its_code() {
    let world = World::new().await;
    let account = world.account().await;
    let key = user(&world, &account).await;
    let long = "x".repeat(65);
    for (name, value, code) in [
        ("direction", "in", "INVALID_PARAMETER"),
        ("dispositions", "Sale", "INVALID_PARAMETER"),
        ("start", "2026-11-21", "INVALID_PARAMETER"),
        ("billed", "yes", "INVALID_PARAMETER"),
        ("did", "12", "INVALID_PHONENUMBER"),
        ("cid", "nobody", "INVALID_PHONENUMBER"),
        ("cid", "12", "INVALID_PHONENUMBER"),
        ("cid", "555-0142", "INVALID_PHONENUMBER"),
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
async fn every_invalid_parameter_is_reported_at_once() {
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
