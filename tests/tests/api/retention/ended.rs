//! What has ended is gone for every reader, deleted or not, and everything else is as it was.

use callbook::clock::Clock;
use callbook::model::call::{CallSid, CostId};
use callbook::model::report::CallFilter;
use callbook::model::retention::Kept;
use callbook::model::time::{Range, UtcDay};
use callbook_audit::text;
use callbook_tests::browser::Browser;
use callbook_tests::office::{Office, faults};
use callbook_tests::tld::{CID, DID, Platform};
use serde_json::{Value, json};

use super::{CALLS, COSTS, DAY, delete_ended, end, keeping, kind, platform, rows, sums, table};

const YEAR: [(&str, &str); 2] = [("from", "2026-11-01"), ("to", "2027-10-31")];

/// An office with a billed call and an unmatched cost, which the stream has summed up and told of.
async fn office() -> (Office, String, String, String) {
    office_of(platform().await).await
}

async fn office_of(platform: Platform) -> (Office, String, String, String) {
    let office = Office::of(platform).await;
    office.platform.call().await;
    let cost = office.bill("25", &[("notes", "qualified")]).await;
    let unmatched = office.bill_of("12065550144", "3", &[]).await;
    office.world().roll_up().await;
    office.world().publish().await;
    let calls = office.read("calls", &YEAR).await;
    let sid = calls["calls"][0]["call_sid"].as_str().expect("a call");
    let sid = sid.to_owned();
    (office, sid, cost, unmatched)
}

/// How many events were ever published.
async fn events(office: &Office) -> usize {
    office.world().publish().await;
    let items = table(office.world());
    items.values().filter(|item| kind(item) == "event").count()
}

#[tokio::test]
async fn a_call_that_has_ended_is_nowhere_and_its_cost_stays() {
    let (office, sid, cost, _) = office().await;
    let world = office.world();
    let before = sums(world);
    let told = events(&office).await;
    world.wait((u64::from(CALLS) + 1) * DAY);
    for deleted in [false, true] {
        let calls = office.read("calls", &YEAR).await;
        assert_eq!(calls["calls"], json!([]), "{deleted}");
        assert_eq!(calls["totals"]["calls"], 0, "{deleted}");
        assert_eq!(
            calls["kept_since"], "2026-11-22T00:00:00+00:00",
            "{deleted}"
        );
        let story = office.get(&format!("calls/{sid}"), &[]).await;
        assert_eq!(story.status, 404, "{}", story.body);
        let costs = office.read("costs", &YEAR).await;
        assert_eq!(costs["totals"]["acknowledged"]["amount"], "28.0000");
        assert_eq!(costs["kept_since"], Value::Null, "costs are all there");
        let one = office.read(&format!("costs/{cost}"), &[]).await;
        assert_eq!(one["call_sid"], sid.as_str());
        assert_eq!(one["notes"], "qualified");
        assert_eq!(one["call"], Value::Null);
        let body = json!({"reason": "agreed with the vendor"});
        let void = office.post(&format!("costs/{cost}/void"), &body).await;
        assert_eq!(void.status, 409, "{}", void.body);
        assert!(void.body.contains("call_gone"), "{}", void.body);
        let body = json!({"cost_id": cost, "amount": "-1", "reason": "agreed"});
        let adjusted = office.post("adjustments", &body).await;
        assert_eq!(adjusted.status, 201, "{}", adjusted.body);
        if !deleted {
            assert!(delete_ended(world, |_| true).await > 1);
        }
    }
    world.catch_up().await;
    assert_eq!(events(&office).await, told);
    let after = sums(world);
    for (key, item) in &before {
        assert_eq!(after.get(key), Some(item), "{key:?}");
    }
}

#[tokio::test]
async fn what_dynamodb_deletes_in_any_order_changes_no_sum_and_no_answer_and_is_told_of_nowhere() {
    let (office, ..) = office().await;
    let world = office.world();
    let told = events(&office).await;
    let before = sums(world);
    world.wait((u64::from(COSTS) + 1) * DAY);
    let wide = [("from", "2026-11-01"), ("to", "2027-10-31")];
    let first = office.read("costs", &wide).await;
    assert_eq!(first["costs"], json!([]));
    assert_eq!(first["kept_since"], "2026-11-22T00:00:00+00:00");
    for step in [3, 2, 1] {
        assert!(
            delete_ended(world, |place| place % step == 0).await > 0,
            "{step}"
        );
        assert_eq!(office.read("costs", &wide).await, first, "{step}");
        let report = world
            .ledger
            .call_report(
                &office.platform.account.id,
                1,
                Range {
                    from: callbook::model::time::Instant::from_millis(0),
                    to: world.clock.now(),
                },
                CallFilter::default(),
                None,
                None,
            )
            .next()
            .await
            .expect("the store");
        assert!(report.unwrap_or_default().is_empty(), "{step}");
    }
    assert_eq!(rows(world, &office.platform.account.id).len(), 0);
    // As DynamoDB says who deleted them.
    let service = json!({"type": "Service", "principalId": "dynamodb.amazonaws.com"});
    let removals = |records: Vec<Value>| -> Vec<Value> {
        let removals = records.into_iter();
        let removals = removals.filter(|record| record["dynamodb"]["NewImage"].is_null());
        removals
            .map(|mut record| {
                record["userIdentity"] = service.clone();
                record
            })
            .collect()
    };
    let (followed, heard) = (
        removals(world.stream_records()),
        removals(world.told_records()),
    );
    assert!(followed.len() > 2 && heard.len() > 1);
    let answer = world.deliver_records(&world.ledger, &followed).await;
    assert_eq!(answer.expect("an answer")["batchItemFailures"], json!([]));
    let app = world.publish_app(&world.ledger, None);
    assert_eq!(world.publish_records(&app, &heard).await, Ok(None));
    world.catch_up().await;
    assert_eq!(sums(world), before);
    assert_eq!(events(&office).await, told);
    let summary = office
        .read("summary", &[("from", "2026-11-21"), ("to", "2026-11-21")])
        .await;
    assert_eq!(summary["totals"]["calls"], 1, "{summary}");
    assert_eq!(summary["totals"]["acknowledged"], "28.0000", "{summary}");
}

#[tokio::test]
async fn a_caller_who_comes_back_is_served_whatever_is_left_of_before() {
    for (step, known) in [usize::MAX, 2, 1]
        .into_iter()
        .flat_map(|step| [(step, false), (step, true)])
    {
        let (office, ..) = office_of(
            Platform::with(|account| {
                keeping(account);
                if known {
                    account.contacts_kept = Kept::default();
                }
            })
            .await,
        )
        .await;
        let world = office.world();
        let old = rows(world, &office.platform.account.id).len();
        world.wait((u64::from(COSTS) + 1) * DAY);
        delete_ended(world, |place| place % step == step - 1).await;
        office.platform.call_of(CID, DID).await;
        let cost = office.bill("7", &[]).await;
        office.bill_of("12065550144", "8", &[]).await;
        let today = [("from", "2027-11-22"), ("to", "2027-11-22")];
        let costs = office.read("costs", &today).await;
        assert_eq!(
            costs["totals"]["acknowledged"]["amount"], "15.0000",
            "{step}"
        );
        assert_eq!(costs["totals"]["matched"]["amount"], "7.0000", "{step}");
        let one = office.read(&format!("costs/{cost}"), &[]).await;
        assert_eq!(one["call"]["first_contact"], !known, "{step}");
        office.void(&cost).await;
        assert!(old > 0);
    }
}

#[tokio::test]
async fn sums_of_days_that_have_ended_are_not_made_again() {
    let (office, ..) = office().await;
    let world = office.world();
    let account = &office.platform.account;
    let before = sums(world);
    world.wait((u64::from(CALLS) + 1) * DAY);
    let day = UtcDay::parse("2026-11-21").expect("a day");
    let rebuilt = world.ledger.rebuild_sums(account, day, &world.clock).await;
    let rebuilt = rebuilt.expect("the store");
    assert!(rebuilt.ended && rebuilt.corrected == 0);
    assert_eq!(sums(world), before);
    let following = world.follow_stream().await;
    let today = world.clock.now().utc_day();
    let rebuilt = world
        .ledger
        .rebuild_sums(account, today, &Clock::system())
        .await;
    following.abort();
    let rebuilt = rebuilt.expect("the store");
    assert_eq!(rebuilt.left, 0);
}

#[tokio::test]
async fn the_audit_finds_damage_within_the_time_that_is_kept() {
    let (office, ..) = office().await;
    let world = office.world();
    world.wait((u64::from(CALLS) + 1) * DAY);
    delete_ended(world, |place| place % 2 == 0).await;
    office.platform.call_of(CID, DID).await;
    office.bill("7", &[]).await;
    let now = world.clock.now();
    let items = world.engine.items().expect("the table is read");
    assert_eq!(callbook_audit::audit(&items, now.millis()), []);
    for damaged in ["call", "pair_call", "pair", "cost", "lead", "first_contact"] {
        let is_new = |item: &callbook_audit::Item| {
            kind(item) == damaged
                && end(item).is_none_or(|end| end > now.seconds())
                && text(item, "pk").is_some_and(|pk| !pk.contains("2026-11-21"))
        };
        assert!(items.iter().any(is_new), "{damaged}");
        let left: Vec<_> = items.iter().filter(|item| !is_new(item)).cloned().collect();
        let found = callbook_audit::audit(&left, now.millis());
        assert!(!found.is_empty(), "nobody misses a {damaged}");
    }
}

#[tokio::test]
async fn a_decision_about_what_has_ended_finds_nothing() {
    let (office, sid, cost, unmatched) = office().await;
    let world = office.world();
    world.wait((u64::from(COSTS) + 1) * DAY);
    for id in [&cost, &unmatched] {
        let found = office.get(&format!("costs/{id}"), &[]).await;
        assert_eq!(found.status, 404, "{}", found.body);
        let body = json!({"reason": "agreed"});
        let void = office.post(&format!("costs/{id}/void"), &body).await;
        assert_eq!(void.status, 404, "{}", void.body);
        let id = CostId::parse(id).expect("an id");
        let row = world.ledger.cost(&office.platform.account.id, &id).await;
        assert!(row.expect("the store").is_none());
    }
    let body = json!({"call_sid": sid, "amount": "1", "reason": "agreed"});
    let adjusted = office.post("adjustments", &body).await;
    assert_eq!(adjusted.status, 400, "{:?}", faults(&adjusted));
    let sid = CallSid::parse(&sid).expect("a sid");
    let story = world.ledger.call_story(&office.platform.account.id, &sid);
    assert!(story.await.expect("the store").is_none());
    assert!(table(world).len() > 5);
}

#[tokio::test]
async fn pages_of_the_console_say_from_when_on_rows_are_there() {
    let (office, ..) = office().await;
    office.world().wait((u64::from(COSTS) + 1) * DAY);
    let app = &office.world().app;
    let browser = Browser::signed_in(app, &office.viewer).await;
    let said = |what: &str| format!("The account keeps {what} since ");
    for (view, what) in [("calls", "calls"), ("costs", "costs")] {
        for (month, cut) in [("2026-11", true), ("2027-11", false)] {
            let path = format!("/console/{view}?from={month}-01&to={month}-30");
            let page = browser.page(&path).await;
            assert_eq!(page.contains(&said(what)), cut, "{path}");
        }
    }
}
