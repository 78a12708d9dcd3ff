//! Recording calls of another switch, each once.

use callbook::model::time::Instant;
use callbook_tests::fd_calls::{each, get, of_property, post, property};
use callbook_tests::tld::{FORM, JSON};
use callbook_tests::{NOON, teletracker};
use serde_json::{Value, json};

use super::{Desk, JANE, JOHN, OURS, path_of};

#[tokio::test]
async fn a_call_is_recorded_and_shown_with_every_given_field() {
    let desk = Desk::new().await;
    let now = NOON / 1_000;
    let (started, ended) = ((now - 90).to_string(), (now - 30).to_string());
    let said = [
        ("Started", started.as_str()),
        ("Ended", &ended),
        ("Disposition", "NoAnswer"),
    ];
    let recorded = desk.record(JANE, OURS, &said).await;
    assert_eq!(
        recorded,
        json!({
            "CallSid": recorded["CallSid"],
            "AccountSid": desk.account.sid.as_str(),
            "PropertySid": desk.property.as_str(),
            "From": JANE,
            "To": OURS,
            "Direction": "Inbound",
            "Started": now - 90,
            "Ended": now - 30,
            "Duration": 60,
            "Disposition": "NoAnswer",
            "Cost": null,
            "Billed": null,
            "Attribution_Source": null,
            "Attribution_Medium": null,
            "Attribution_Campaign": null,
            "Attribution_Content": null,
        })
    );
    let sid = recorded["CallSid"].as_str().unwrap();
    assert!(sid.len() == 32 && sid.bytes().all(|letter| letter.is_ascii_uppercase()));
    let shown = get(&desk.world, &desk.key, &path_of(&recorded), &[]).await;
    assert_eq!((shown.status, shown.json()), (200, recorded.clone()));
    assert_eq!(desk.calls(&[]).await["Calls"], json!([recorded]));
}

#[tokio::test]
async fn a_number_whose_plus_was_not_encoded_stays_in_its_country() {
    let desk = Desk::new().await;
    let authorization = teletracker::basic(&desk.key);
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", FORM),
    ];
    // Without the plus these would be American numbers without their country code.
    let (from, to) = ("+3225551234", "+4723456789");
    let path = of_property(&desk.property);
    let body = format!("From={from}&To={to}");
    let recorded = desk
        .world
        .send("POST", &path, &headers, body.as_bytes())
        .await;
    assert_eq!(recorded.status, 200, "{}", recorded.body);
    assert_eq!(recorded.json()["From"], from);
    let path = format!("{path}?To={to}");
    let listed = desk.world.send("GET", &path, &headers, b"").await;
    assert_eq!(listed.json()["Calls"][0]["To"], to, "{}", listed.body);
    let path = format!("{}?To=+12065550100,{to}", of_property(&desk.property));
    let listed = desk.world.send("GET", &path, &headers, b"").await;
    assert_eq!(listed.json()["Calls"][0]["To"], to, "{}", listed.body);
}

#[tokio::test]
async fn by_default_a_call_is_inbound_starts_now_and_has_not_ended() {
    let desk = Desk::new().await;
    let call = desk.record(JANE, OURS, &[]).await;
    assert_eq!(call["Direction"], "Inbound");
    assert_eq!(call["Started"], NOON / 1_000);
    for unknown in ["Ended", "Duration", "Disposition"] {
        assert_eq!(call[unknown], Value::Null, "{unknown}");
    }
}

#[tokio::test]
async fn bodies_can_be_json_or_forms_and_times_seconds_rfc_3339_or_dates() {
    let desk = Desk::new().await;
    let authorization = teletracker::basic(&desk.key);
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", JSON),
    ];
    for (started, seconds) in [
        (json!(1_795_262_000), 1_795_262_000),
        (json!("1795262001"), 1_795_262_001),
        (json!("2026-11-21T11:00:00Z"), 1_795_258_800),
        (json!("2026-11-21T06:30:00-05:00"), 1_795_260_600),
        (json!("2026-11-21"), 1_795_219_200),
    ] {
        let body = json!({"From": JANE, "To": OURS, "Started": started}).to_string();
        let path = of_property(&desk.property);
        let reply = desk
            .world
            .send("POST", &path, &headers, body.as_bytes())
            .await;
        assert_eq!(reply.status, 200, "{started}: {}", reply.body);
        assert_eq!(reply.json()["Started"], seconds, "{started}");
    }
}

#[tokio::test]
async fn a_call_with_a_start_is_recorded_once_however_often_it_is_sent() {
    let desk = Desk::new().await;
    let started = ("Started", "1795262000");
    let first = desk.record(JANE, OURS, &[started]).await;
    desk.world.wait(3_600);
    assert_eq!(desk.record(JANE, OURS, &[started]).await, first);
    for (from, to, more) in [
        (JOHN, OURS, vec![started]),
        (JANE, JOHN, vec![started]),
        (JANE, OURS, vec![("Started", "1795262001")]),
        (JANE, OURS, vec![started, ("Direction", "Outbound")]),
    ] {
        let other = desk.record(from, to, &more).await;
        assert_ne!(other["CallSid"], first["CallSid"], "{from} {to} {more:?}");
    }
    assert_eq!(desk.world.items("call").await.len(), 5);
}

#[tokio::test]
async fn without_a_start_a_pair_is_one_call_for_a_minute_unless_it_has_ended() {
    let desk = Desk::new().await;
    let first = desk.record(JANE, OURS, &[]).await;
    desk.world.wait(59);
    assert_eq!(desk.record(JANE, OURS, &[]).await, first);
    let elsewhere = desk.record(JOHN, OURS, &[]).await;
    assert_ne!(elsewhere["CallSid"], first["CallSid"]);
    desk.world.wait(2);
    let later = desk.record(JANE, OURS, &[]).await;
    assert_ne!(later["CallSid"], first["CallSid"]);

    let over = ("Ended", "1795262462");
    desk.world.wait(2);
    let reply = post(&desk.world, &desk.key, &path_of(&later), &[over]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let redial = desk.record(JANE, OURS, &[]).await;
    assert_ne!(redial["CallSid"], later["CallSid"]);
    assert_eq!(
        desk.record(JANE, OURS, &[]).await,
        redial,
        "the new call is recorded once too"
    );
    assert_eq!(desk.world.items("call").await.len(), 4);
}

#[tokio::test]
async fn a_repeated_call_adds_missing_fields_and_the_longest_report_counts() {
    let desk = Desk::new().await;
    let started = ("Started", "1795262000");
    for known in [vec![started], vec![]] {
        let first = desk.record(JANE, OURS, &known).await;
        let (end, length) = match known.is_empty() {
            true => ("1795262460", 60),
            false => ("1795262030", 30),
        };
        let news = [&known[..], &[("Ended", end), ("Disposition", "Busy")]].concat();
        let completed = desk.record(JANE, OURS, &news).await;
        assert_eq!(completed["CallSid"], first["CallSid"]);
        assert_eq!(completed["Ended"].to_string(), end);
        assert_eq!(completed["Duration"], length);
        assert_eq!(completed["Disposition"], "Busy");
        assert_eq!(desk.record(JANE, OURS, &news).await, completed, "a retry");
    }
    let otherwise = [
        started,
        ("Ended", "1795262099"),
        ("Disposition", "Answered"),
    ];
    // Reports may come in any order, so the order does not decide which of two counts.
    let longest = desk.record(JANE, OURS, &otherwise).await;
    assert_eq!(
        (&longest["Ended"], &longest["Disposition"]),
        (&json!(1_795_262_099), &json!("Answered"))
    );
    assert_eq!(desk.world.items("call").await.len(), 2);
}

#[tokio::test]
async fn calls_of_a_pair_with_different_ends_or_dispositions_are_recorded_separately() {
    let desk = Desk::new().await;
    let calls = [
        [("Ended", "1795262401"), ("Disposition", "Busy")],
        [("Ended", "1795262440"), ("Disposition", "Busy")],
        [("Ended", "1795262440"), ("Disposition", "Answered")],
    ];
    let mut recorded = Vec::new();
    for call in &calls {
        recorded.push(desk.record(JANE, OURS, call).await);
        desk.world.wait(10);
    }
    for (call, first) in calls.iter().zip(&recorded) {
        assert_eq!(desk.record(JANE, OURS, call).await, *first, "{call:?}");
    }
    assert_eq!(desk.world.items("call").await.len(), 3);
}

#[tokio::test]
async fn a_redial_after_an_end_is_a_new_call_with_its_own_minute() {
    let desk = Desk::new().await;
    let first = desk.record(JANE, OURS, &[]).await;
    desk.world.wait(5);
    let over = post(
        &desk.world,
        &desk.key,
        &path_of(&first),
        &[("Ended", "1795262405")],
    )
    .await;
    assert_eq!(over.status, 200, "{}", over.body);
    desk.world.wait(25);
    let redial = desk.record(JANE, OURS, &[]).await;
    assert_ne!(redial["CallSid"], first["CallSid"]);
    desk.world.wait(59);
    assert_eq!(desk.record(JANE, OURS, &[]).await, redial);
    desk.world.wait(2);
    let later = desk.record(JANE, OURS, &[]).await;
    assert_ne!(later["CallSid"], redial["CallSid"]);
}

#[tokio::test]
async fn a_call_reported_only_by_its_end_starts_at_that_end() {
    let desk = Desk::new().await;
    let ended = NOON / 1_000 - 2;
    let said = [("Ended", &*ended.to_string()), ("Disposition", "NoAnswer")];
    let call = desk.record(JANE, OURS, &said).await;
    assert_eq!(
        (&call["Started"], &call["Ended"]),
        (&json!(ended), &json!(ended))
    );
    assert_eq!(call["Duration"], 0);
    assert_eq!(desk.record(JANE, OURS, &said).await, call, "a retry");
}

#[tokio::test]
async fn a_duration_is_counted_in_whole_seconds() {
    let desk = Desk::new().await;
    desk.world.clock.set(Instant::from_millis(NOON + 900));
    let call = desk.record(JANE, OURS, &[]).await;
    let ended = NOON / 1_000 + 5;
    let end = [("Ended", &*ended.to_string())];
    let over = post(&desk.world, &desk.key, &path_of(&call), &end).await;
    assert_eq!(over.json()["Duration"], 5, "{}", over.body);
}

#[tokio::test]
async fn concurrent_requests_record_one_call() {
    let desk = Desk::new().await;
    let requests = (0..12).map(|_| desk.record(JANE, OURS, &[]));
    let calls = futures_util::future::join_all(requests).await;
    for call in &calls {
        assert_eq!(call["CallSid"], calls[0]["CallSid"]);
    }
    let started = [("Started", "1795262000")];
    let requests = (0..12).map(|_| desk.record(JOHN, OURS, &started));
    let calls = futures_util::future::join_all(requests).await;
    for call in &calls {
        assert_eq!(call["CallSid"], calls[0]["CallSid"]);
    }
    assert_eq!(desk.world.items("call").await.len(), 2);
    assert_eq!(desk.world.items("lead").await.len(), 2);
    assert_eq!(desk.world.items("first_contact").await.len(), 2);
}

#[tokio::test]
async fn only_an_inbound_call_creates_a_lead() {
    let desk = Desk::new().await;
    let outbound = [("Direction", "Outbound")];
    let call = desk.record(OURS, JOHN, &outbound).await;
    assert_eq!(call["Direction"], "Outbound");
    assert_eq!(desk.world.items("lead").await.len(), 0);
    desk.record(JANE, OURS, &[]).await;
    let lead = desk.world.only("lead").await;
    assert_eq!(lead.text("phone"), JANE);
    assert_eq!(desk.world.only("first_contact").await.text("phone"), JANE);
}

#[tokio::test]
async fn dates_in_requests_are_in_the_propertys_time_zone() {
    let desk = Desk::new().await;
    let zoned = property(&desk.world, &desk.account, Some("Australia/Sydney")).await;
    let call = [("From", JANE), ("To", OURS), ("Started", "2026-11-21")];
    let path = of_property(&zoned);
    let recorded = post(&desk.world, &desk.key, &path, &call).await.json();
    assert_eq!(recorded["Started"], 1_795_179_600, "midnight in Sydney");
    let ended = [("Ended", "2026-11-22")];
    let reply = post(&desk.world, &desk.key, &path_of(&recorded), &ended).await;
    assert_eq!(
        reply.status, 400,
        "midnight in that zone is in the future: {}",
        reply.body
    );
    desk.world.wait(2 * 3_600);
    let reply = post(&desk.world, &desk.key, &path_of(&recorded), &ended).await;
    assert_eq!(reply.json()["Ended"], 1_795_179_600 + 86_400);
    let day = [("Date_From", "2026-11-21"), ("Date_To", "2026-11-22")];
    let listed = callbook_tests::fd_calls::list(&desk.world, &desk.key, &path, &day).await;
    assert_eq!(
        each(&listed, "CallSid"),
        [recorded["CallSid"].as_str().unwrap()]
    );
    assert_eq!(
        desk.all(&day).await["TotalCount"],
        0,
        "in UTC the date is the day before"
    );
}
