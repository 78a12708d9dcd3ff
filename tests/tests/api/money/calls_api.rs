//! The call log, and the story of one call.

use callbook::ledger::PastCall;
use callbook::model::call::{CallingParty, Direction};
use callbook::model::pair::external_id::ExternalId;
use callbook::model::phone::PhoneNumber;
use callbook::model::time::{Instant, Zone};
use callbook_tests::office::{Office, TODAY, column, faults, text};
use callbook_tests::tld::{CID, DID};
use callbook_tests::{fd_calls, vendor};
use serde_json::{Value, json};

const OTHER: &str = "+13105550123";

/// Three calls: one that a lookup and a switch tell of and that is billed, one lookup, and an outbound call.
async fn three() -> Office {
    let office = Office::new().await;
    let (world, account) = (office.world(), &office.platform.account);
    vendor::add(world, account, "acme").await;
    let did = PhoneNumber::parse(DID).unwrap();
    let registered = world
        .ledger
        .register_number(account, &did, world.clock.now());
    registered.await.unwrap();
    vendor::assign(world, account, DID, Some("acme")).await;
    office.platform.call().await;
    world.wait(2);
    let token = fd_calls::token(world, account).await;
    let property = fd_calls::property(world, account, None).await;
    let call = [
        ("From", CID),
        ("To", DID),
        ("Started", "2026-11-21T12:00:02Z"),
        ("Ended", "2026-11-21T12:01:32Z"),
        ("Disposition", "Answered"),
        ("Direction", "Inbound"),
    ];
    fd_calls::record(world, &token, &property, &call).await;
    world.wait(200);
    office.bill("25", &[]).await;
    office.platform.call_of(OTHER, "+18005550100").await;
    world.wait(5);
    let call = [("From", DID), ("To", OTHER), ("Direction", "Outbound")];
    fd_calls::record(world, &token, &property, &call).await;
    office
}

#[tokio::test]
async fn the_log_shows_cost_vendor_sources_and_disposition() {
    let office = three().await;
    let log = office.read("calls", &TODAY).await;
    let calls = log["calls"].as_array().unwrap();
    assert_eq!(calls.len(), 3, "{log}");
    let billed = &calls[0];
    for (name, value) in [
        ("direction", json!("inbound")),
        ("call_from", json!(CID)),
        ("call_to", json!(DID)),
        ("vendor_id", json!("acme")),
        ("started_at", json!("2026-11-21T12:00:02+00:00")),
        ("ended_at", json!("2026-11-21T12:01:32+00:00")),
        ("seconds", json!(90)),
        ("disposition", json!("Answered")),
        ("cost", json!("25.0000")),
        ("currency", json!("USD")),
        ("first_contact", json!(true)),
        ("two_vendors", json!(false)),
    ] {
        assert_eq!(billed[name], value, "{name}");
    }
    let mut sources = column(
        &json!([{"s": billed["sources"][0]}, {"s": billed["sources"][1]}]),
        "s",
    );
    sources.sort();
    assert_eq!(sources, ["lookup", "switch"]);
    assert_eq!(
        (&calls[1]["vendor_id"], &calls[1]["cost"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(calls[2]["direction"], "outbound");
    let totals = &log["totals"];
    assert_eq!(
        (&totals["calls"], &totals["billed_calls"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(
        (&totals["cost"], &totals["complete"]),
        (&json!("25.0000"), &json!(true))
    );
    assert_eq!(
        totals["left_out"],
        json!(["unmatched", "superseded", "void", "adjusted"])
    );
}

#[tokio::test]
async fn filters_narrow_the_log() {
    let office = three().await;
    for (filter, callers) in [
        (vec![("did", "206-973-5100")], vec![CID]),
        (vec![("caller", "(310) 555-0123")], vec![OTHER]),
        (vec![("vendor", "acme")], vec![CID]),
        (vec![("vendor", "(none)")], vec![OTHER, DID]),
        (vec![("disposition", "answered")], vec![CID]),
        (vec![("disposition", "ANSWERED")], vec![CID]),
        (vec![("disposition", "busy")], vec![]),
        (vec![("billed", "true")], vec![CID]),
        (vec![("billed", "0"), ("direction", "Inbound")], vec![OTHER]),
        (vec![("direction", "OUTBOUND")], vec![DID]),
        (
            vec![("min_seconds", "90"), ("max_seconds", "90")],
            vec![CID],
        ),
        (vec![("min_seconds", "91")], vec![]),
        (
            vec![("hour", "12"), ("billed", "true"), ("weekday", "Saturday")],
            vec![CID],
        ),
        (vec![("hour", "11")], vec![]),
        (vec![("weekday", "sunday")], vec![]),
        (vec![("min_amount", "25"), ("max_amount", "25")], vec![CID]),
        (vec![("min_amount", "25.01")], vec![]),
        (vec![("max_amount", "24.99")], vec![]),
    ] {
        let log = office.read("calls", &[&TODAY[..], &filter].concat()).await;
        assert_eq!(column(&log["calls"], "call_from"), callers, "{filter:?}");
        assert_eq!(log["totals"]["calls"], json!(callers.len()), "{filter:?}");
    }
}

#[tokio::test]
async fn the_log_comes_in_pages_with_the_sums_of_the_whole() {
    let office = three().await;
    let whole = office.read("calls", &TODAY).await;
    let mut read = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut parameters = [&TODAY[..], &[("limit", "1")]].concat();
        if !cursor.is_empty() {
            parameters.push(("cursor", &cursor));
        }
        let page = office.read("calls", &parameters).await;
        assert_eq!(page["totals"], whole["totals"]);
        read.extend(page["calls"].as_array().unwrap().clone());
        match &page["next_cursor"] {
            Value::Null => break,
            next => cursor = text(next),
        }
    }
    assert_eq!(json!(read), whole["calls"]);
}

#[tokio::test]
async fn a_call_tells_every_report_and_every_cost() {
    let office = three().await;
    office.world().wait(60);
    office.bill("30", &[]).await;
    let log = office.read("calls", &TODAY).await;
    let sid = text(&log["calls"][0]["call_sid"]);
    let call = office.read(&format!("calls/{sid}"), &[]).await;
    assert_eq!(call["vendor_id"], "acme");
    assert_eq!(call["settling"], false);
    let reports = &call["reports"];
    assert_eq!(
        column(reports, "source"),
        ["switch", "lookup"],
        "the best first"
    );
    assert_eq!(column(reports, "start_stated"), ["true", "true"]);
    assert_eq!(reports[0]["disposition"], "Answered");
    assert_eq!(column(&call["costs"], "amount"), ["25.0000", "30.0000"]);
    assert_eq!(column(&call["costs"], "state"), ["superseded", "in_force"]);
    assert_eq!(call["cost"], "30.0000");
    for report in reports.as_array().unwrap() {
        assert!(report["guid"].is_string() && report["recorded_at"].is_string());
    }
}

/// A row of a CDR file with the call's id at its switch.
fn row(started: &str) -> PastCall {
    PastCall {
        started: Instant::parse(started, &Zone::utc()).unwrap(),
        direction: Direction::Inbound,
        from: CallingParty::Number(PhoneNumber::parse(CID).unwrap()),
        to: PhoneNumber::parse(DID).unwrap(),
        ended: None,
        seconds: None,
        disposition: None,
        cost: None,
        billed: None,
        notes: None,
        external_id: ExternalId::parse("x1").unwrap(),
        call_sid: None,
    }
}

#[tokio::test]
async fn the_sid_of_a_joined_call_answers_with_the_call_it_is_in() {
    let office = Office::new().await;
    let (world, account) = (office.world(), &office.platform.account);
    // One id, 70 seconds apart: two calls, until a row between them makes them one.
    for started in ["12:00:00", "12:01:10", "12:00:35"] {
        let row = row(&format!("2026-11-21T{started}Z"));
        let imported = world.ledger.import_call(account, &row, world.clock.now());
        imported.await.unwrap();
        world.wait(60);
    }
    let log = office.read("calls", &TODAY).await;
    assert_eq!(log["totals"]["calls"], 1, "{log}");
    let sid = text(&log["calls"][0]["call_sid"]);
    let joined = row("2026-11-21T12:01:10Z").report_sid(account);
    assert_ne!(joined.as_str(), sid);
    let story = office
        .read(&format!("calls/{}", joined.as_str()), &[])
        .await;
    assert_eq!(story["call_sid"], sid);
    assert_eq!(column(&story["reports"], "source"), ["cdr", "cdr", "cdr"]);
    assert_eq!(story["external_ids"], json!(["x1"]));
}

#[tokio::test]
async fn the_sid_of_a_report_that_joined_a_call_at_once_answers_with_it_everywhere() {
    let office = three().await;
    let (world, account) = (office.world(), &office.platform.account);
    let log = office.read("calls", &TODAY).await;
    let sid = text(&log["calls"][0]["call_sid"]);
    let story = office.read(&format!("calls/{sid}"), &[]).await;
    let reports = column(&story["reports"], "report_sid");
    let joined = reports.iter().find(|report| **report != sid).unwrap();
    let path = format!("calls/{joined}");
    assert_eq!(office.read(&path, &[]).await["call_sid"], sid);

    let token = fd_calls::token(world, account).await;
    let path = format!("/v2/Calls/{joined}");
    let shown = fd_calls::get(world, &token, &path, &[]).await;
    assert_eq!(shown.json()["CallSid"], sid, "{}", shown.body);
    let changed = fd_calls::post(world, &token, &path, &[("Disposition", "IVR")]).await;
    assert_eq!(changed.json()["CallSid"], sid, "{}", changed.body);
    assert_eq!(changed.json()["Disposition"], "IVR");

    let adjustment = json!({"call_sid": joined, "amount": "-1", "reason": "a credit"});
    let adjusted = office.post("adjustments", &adjustment).await;
    assert_eq!(adjusted.json()["call_sid"], sid, "{}", adjusted.body);
    let id = text(&story["costs"][0]["cost_id"]);
    let body = json!({"call_sid": joined, "reason": "theirs"});
    let matched = office.post(&format!("costs/{id}/match"), &body).await;
    assert_eq!(matched.json()["call_sid"], sid, "{}", matched.body);

    // The correction is a report of its own, whose sid answers too.
    let story = office.read(&format!("calls/{sid}"), &[]).await;
    for report in column(&story["reports"], "report_sid") {
        let shown = office.read(&format!("calls/{report}"), &[]).await;
        assert_eq!(shown["call_sid"], sid, "{report}");
    }
}

#[tokio::test]
async fn what_is_no_call_of_the_account_is_not_found() {
    let office = three().await;
    for sid in ["A".repeat(32), "x".to_owned(), "a".repeat(32)] {
        let reply = office.get(&format!("calls/{sid}"), &[]).await;
        assert_eq!(reply.status, 404, "{sid}");
        assert!(reply.body.contains("call_not_found"), "{}", reply.body);
    }
}

#[tokio::test]
async fn every_parameter_at_fault_is_named_at_once() {
    let office = Office::new().await;
    let wrong = [
        ("colour", "red"),
        ("to", "soon"),
        ("did", "12"),
        ("caller", "nobody"),
        ("vendor", "a b"),
        ("billed", "perhaps"),
        ("min_seconds", "-1"),
        ("max_seconds", "1e3"),
        ("direction", "up"),
        ("hour", "9"),
        ("weekday", "someday"),
        ("min_amount", "much"),
        ("max_amount", "x"),
        ("limit", "201"),
    ];
    let mut named = faults(&office.get("calls", &wrong).await);
    let mut expected: Vec<_> = wrong.iter().map(|(name, _)| (*name).to_owned()).collect();
    expected.push("from".to_owned());
    named.sort();
    expected.sort();
    assert_eq!(named, expected);
    let reply = office
        .get(&format!("calls/{}", "A".repeat(32)), &[("x", "1")])
        .await;
    assert_eq!(faults(&reply), ["x"]);
}
