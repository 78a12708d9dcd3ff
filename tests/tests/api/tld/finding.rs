//! Which call a bill belongs to, and what it changes on the call, the lead and the first contact.

use std::collections::BTreeSet;

use callbook::model::time::Instant;
use callbook_tests::items::Stored;
use callbook_tests::tld::{CID, DID, Platform};
use callbook_tests::{NOON, Reply};
use serde_json::{Value, json};

const OTHER: &str = "+13105550123";
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// Unix seconds of the instant `after_noon` milliseconds after noon.
fn seconds(after_noon: i64) -> String {
    ((NOON + after_noon) / 1_000).to_string()
}

async fn call_at(platform: &Platform, after_noon: i64) {
    platform
        .world
        .clock
        .set(Instant::from_millis(NOON + after_noon));
    platform.call().await;
    platform.world.clock.set(Instant::from_millis(NOON));
}

/// The call whose latest cost is `cost`.
async fn billed_call(platform: &Platform, cost: &str) -> Option<Stored> {
    platform
        .world
        .items("call")
        .await
        .into_iter()
        .find(|call| call.text("cost") == cost)
}

fn results(reply: &Reply) -> (Value, Value, bool) {
    assert_eq!(reply.status, 200, "{}", reply.body);
    let body = reply.json();
    (
        body["updated"].clone(),
        body["first_contact"].clone(),
        body["lead"].is_object(),
    )
}

fn found() -> (Value, Value, bool) {
    (json!(1), json!(1), true)
}

fn not_found() -> (Value, Value, bool) {
    (json!(0), json!(0), false)
}

#[tokio::test]
async fn a_bill_sets_the_cost_of_its_call_and_lead() {
    let platform = Platform::with(|account| account.vendor_id = "4711".to_owned()).await;
    platform.call().await;
    let reply = platform
        .bill(
            "25.50",
            &[("date_billed", "2026-11-21 11:00"), ("notes", "n")],
        )
        .await;
    assert_eq!(results(&reply), found());
    let billed = (NOON - 60 * MINUTE).to_string();
    for kind in ["call", "lead", "cost"] {
        let item = platform.world.only(kind).await;
        let name = if kind == "lead" { "total_cost" } else { "cost" };
        assert_eq!(item.text(name).trim_end_matches('0'), "25.5", "{kind}");
        if kind != "lead" {
            assert_eq!(item.text("date_billed"), billed, "{kind}");
        }
    }
    let (call, lead) = (
        platform.world.only("call").await,
        platform.world.only("lead").await,
    );
    assert_eq!(
        platform.world.only("cost").await.text("call_sid"),
        call.text("call_sid")
    );
    assert_eq!(
        reply.json()["lead"],
        json!({
            "lead_id": lead.text("lead_id"), "vendor_id": "4711",
            "account_id": platform.account.id.to_string(), "cost": "25.50",
        })
    );
    assert!(!lead.text("lead_id").is_empty());
}

#[tokio::test]
async fn a_bill_without_a_call_is_still_recorded() {
    let platform = Platform::new().await;
    let reply = platform.bill("25", &[]).await;
    assert_eq!(results(&reply), not_found());
    assert_eq!(reply.json()["lead"], Value::Null);
    let cost = platform.world.only("cost").await;
    assert_eq!(
        (cost.text("cost"), cost.text("cost_id")),
        (
            "25".to_owned(),
            reply.json()["cost_id"].as_str().unwrap().to_owned()
        )
    );
    assert!(!cost.has("call_sid"));
    for kind in ["call", "lead", "first_contact"] {
        assert_eq!(platform.world.items(kind).await, [], "{kind}");
    }
}

#[tokio::test]
async fn a_call_is_found_up_to_five_minutes_after_the_call_date() {
    for (call_date, expected) in [
        (-5 * MINUTE, found()),
        (-5 * MINUTE - 1_000, not_found()),
        (0, found()),
        (-DAY, not_found()),
    ] {
        let platform = Platform::new().await;
        platform.call().await;
        let reply = platform
            .bill("1", &[("call_date", &seconds(call_date))])
            .await;
        assert_eq!(results(&reply), expected, "{call_date} ms after the call");
    }
}

#[tokio::test]
async fn a_call_is_found_within_the_billing_window_before_the_call_date() {
    for (days, call_date, expected) in [
        (30, 30 * DAY, found()),
        (30, 30 * DAY + 1_000, not_found()),
        (1, DAY, found()),
        (1, DAY + 1_000, not_found()),
        (60, 31 * DAY, found()),
    ] {
        let platform = Platform::with(|account| account.billing_window_days = days).await;
        platform.call().await;
        let reply = platform
            .bill("1", &[("call_date", &seconds(call_date))])
            .await;
        assert_eq!(
            results(&reply),
            expected,
            "{days} days, {call_date} ms after the call"
        );
    }
}

#[tokio::test]
async fn without_a_call_date_the_billing_window_ends_now() {
    let platform = Platform::new().await;
    platform.call().await;
    platform.world.wait(30 * 86_400);
    assert_eq!(results(&platform.bill("1", &[]).await), found());
    platform.world.wait(1);
    assert_eq!(results(&platform.bill("2", &[]).await), not_found());
}

#[tokio::test]
async fn the_latest_call_up_to_the_call_date_is_billed() {
    let platform = Platform::new().await;
    for hour in [-3, -2, -1] {
        call_at(&platform, hour * 60 * MINUTE).await;
    }
    for (call_date, cost, started) in [
        (-100 * MINUTE, "1", -120 * MINUTE),
        (0, "2", -60 * MINUTE),
        (-63 * MINUTE, "3", -60 * MINUTE),
        (-180 * MINUTE, "4", -180 * MINUTE),
        (-66 * MINUTE, "5", -120 * MINUTE),
    ] {
        platform
            .bill(cost, &[("call_date", &seconds(call_date))])
            .await;
        let call = billed_call(&platform, cost)
            .await
            .expect("a call has the cost");
        assert_eq!(
            call.text("started_at"),
            (NOON + started).to_string(),
            "cost {cost}"
        );
    }
}

#[tokio::test]
async fn a_call_date_is_read_in_the_accounts_zone() {
    let platform = Platform::with(|account| {
        account.zone = callbook::model::time::Zone::parse("America/New_York").unwrap();
    })
    .await;
    platform.call().await;
    assert_eq!(
        results(
            &platform
                .bill("1", &[("call_date", "2026-11-21 07:00")])
                .await
        ),
        found()
    );
    assert_eq!(
        results(
            &platform
                .bill("2", &[("call_date", "2026-11-21 06:00")])
                .await
        ),
        not_found()
    );
    assert_eq!(
        results(
            &platform
                .bill("3", &[("call_date", "11/21/2026 07:00 AM")])
                .await
        ),
        found()
    );
}

#[tokio::test]
async fn only_calls_from_this_cid_to_this_did_are_found() {
    let platform = Platform::new().await;
    platform.call_of(OTHER, DID).await;
    platform.call_of(CID, OTHER).await;
    platform.call_of(DID, CID).await;
    assert_eq!(results(&platform.bill("1", &[]).await), not_found());
    for kind in ["call", "lead", "first_contact"] {
        assert!(
            platform
                .world
                .items(kind)
                .await
                .iter()
                .all(|item| !item.has("cost")),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn a_call_that_the_account_placed_is_not_found() {
    let platform = Platform::new().await;
    let query = format!(
        "/api/v1?username={}&password={}&call_party=orig_call_start&calling_number=12069735101&called_number=12069735100",
        platform.switch.name, platform.switch.secret
    );
    let reply = platform.world.send("GET", &query, &[], b"").await;
    assert_eq!(reply.json()["err"], "0");
    assert_eq!(results(&platform.bill("1", &[]).await), not_found());
}

#[tokio::test]
async fn a_call_of_another_account_is_not_found() {
    let theirs = Platform::new().await;
    theirs.call().await;
    let ours = Platform::on(theirs.world, |_| {}).await;
    assert_eq!(results(&ours.bill("25", &[]).await), not_found());
    assert!(!ours.world.only("call").await.has("cost"));
    assert!(!ours.world.only("lead").await.has("total_cost"));
    ours.world.only("cost").await;
}

#[tokio::test]
async fn a_bill_for_the_first_call_of_a_caller_is_for_the_first_contact() {
    let platform = Platform::new().await;
    call_at(&platform, -60 * MINUTE).await;
    platform.call().await;
    let later = platform.bill("2", &[]).await;
    assert_eq!(results(&later), (json!(1), json!(0), true));
    let first = platform
        .bill("1", &[("call_date", &seconds(-30 * MINUTE))])
        .await;
    assert_eq!(results(&first), found());
    assert_eq!(
        first.json()["lead"]["lead_id"],
        later.json()["lead"]["lead_id"]
    );
}

#[tokio::test]
async fn a_caller_is_one_lead_for_all_numbers_they_call() {
    let platform = Platform::new().await;
    platform.call().await;
    platform.world.wait(60);
    platform.call_of(CID, OTHER).await;
    platform.call().await;
    platform.world.only("lead").await;
    platform.world.only("first_contact").await;
    assert_eq!(platform.world.items("call").await.len(), 3);
    let reply = platform
        .form(&[("did", OTHER), ("cid", CID), ("cost", "7")])
        .await;
    assert_eq!(
        results(&reply),
        (json!(1), json!(0), true),
        "the second call is not a first contact"
    );
    assert_eq!(platform.world.only("lead").await.text("total_cost"), "7");
}

#[tokio::test]
async fn a_call_billed_again_has_the_latest_cost_and_every_cost_is_kept() {
    let platform = Platform::new().await;
    platform.call().await;
    for cost in ["1", "2", "3"] {
        assert_eq!(results(&platform.bill(cost, &[]).await), found());
    }
    assert_eq!(platform.world.only("call").await.text("cost"), "3");
    assert_eq!(platform.world.items("cost").await.len(), 3);
}

#[tokio::test]
async fn bills_of_one_call_in_one_millisecond_have_ids_of_their_own() {
    // An id has 4,096 places in a millisecond, so two of so many meet in most runs.
    const BILLS: usize = 200;
    let platform = Platform::with(|account| account.repeat_window_minutes = 0).await;
    platform.call().await;
    let mut ids = BTreeSet::new();
    for cost in 1..=BILLS {
        let reply = platform.bill(&cost.to_string(), &[]).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        ids.insert(reply.json()["cost_id"].as_str().map(str::to_owned));
    }
    assert_eq!(ids.len(), BILLS);
    assert_eq!(platform.world.items("cost").await.len(), BILLS);
}

#[tokio::test]
async fn a_call_reported_in_the_same_second_is_found() {
    let platform = Platform::new().await;
    platform.call().await;
    assert_eq!(results(&platform.bill("1", &[]).await), found());
    assert_eq!(
        results(&platform.bill("2", &[("call_date", "2026-11-21")]).await),
        found(),
        "a day without a time is the whole day"
    );
    let midnight = [("call_date", "2026-11-21 00:00")];
    assert_eq!(
        results(&platform.bill("3", &midnight).await),
        not_found(),
        "midnight is twelve hours before the call"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_calls_create_one_lead_and_one_first_contact() {
    let platform = Platform::new().await;
    let dids: Vec<String> = (0..20).map(|n| format!("120697352{n:02}")).collect();
    let calls = dids.iter().map(|did| platform.call_of(CID, did));
    futures_util::future::join_all(calls).await;
    assert_eq!(platform.world.items("call").await.len(), 20);
    let lead = platform.world.only("lead").await;
    let first = platform.world.only("first_contact").await;
    let calls = platform.world.items("call").await;
    assert!(
        calls
            .iter()
            .all(|call| call.text("lead_id") == lead.text("lead_id"))
    );
    let pairs = platform.world.items("pair_call").await;
    assert_eq!(pairs.len(), 20);
    assert!(
        calls
            .iter()
            .any(|call| call.text("call_sid") == first.text("call_sid"))
    );
}

#[tokio::test]
async fn a_call_date_at_either_end_of_the_calendar_finds_no_call() {
    let platform = Platform::new().await;
    platform.call().await;
    for (n, date) in [
        "0001-01-01",
        "1969-12-31 23:59:59",
        "1970-01-01",
        // The ten time letters of a sid run out in May 6443. If they wrapped around, 2026 would recur in 6500.
        "6443-05-29",
        "6443-06-10",
        "6500-04-19",
        "9999-12-30",
    ]
    .into_iter()
    .enumerate()
    {
        let reply = platform.bill(&n.to_string(), &[("call_date", date)]).await;
        assert_eq!(results(&reply), not_found(), "{date}");
    }
}
