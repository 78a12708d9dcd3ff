//! The examples of contracts/money.md and money-rules.md, sent through the endpoints of the dialects.

use std::time::Duration;

use callbook::model::credential::CredentialKind;
use callbook_tests::fd_calls;
use callbook_tests::items::Stored;
use callbook_tests::tld::{CID, DID, FORM, Platform, form};
use callbook_tests::vendor;
use serde_json::json;

/// The cost of the only call, and the number of calls.
async fn only_call(platform: &Platform) -> Stored {
    platform.world.only("call").await
}

/// Another credential of the account, which belongs to a vendor if one is named.
async fn another(platform: Platform, of: Option<&str>) -> Platform {
    let of = of.map(vendor::id);
    let key = platform
        .world
        .credential_with(&platform.account, CredentialKind::Tld, |new| {
            new.vendor = of;
        })
        .await;
    Platform { key, ..platform }
}

/// Records the call of another switch, started some seconds ago.
async fn switch_call(platform: &Platform, seconds_ago: u64) {
    let world = &platform.world;
    let key = fd_calls::token(world, &platform.account).await;
    let property = fd_calls::property(world, &platform.account, None).await;
    let started = world.clock.now().minus(Duration::from_secs(seconds_ago));
    let started = started.seconds().to_string();
    let call = [("From", CID), ("To", DID), ("Started", started.as_str())];
    fd_calls::record(world, &key, &property, &call).await;
}

#[tokio::test]
async fn a_bill_that_comes_before_its_call_is_matched_when_the_call_is_recorded() {
    let platform = Platform::new().await;
    let early = platform.bill("25", &[]).await;
    assert_eq!(early.json()["updated"], 0, "there is no call yet");
    platform.world.wait(3_600);
    switch_call(&platform, 3_590).await;
    assert_eq!(only_call(&platform).await.text("cost"), "25");
    let cost = platform.world.only("cost").await;
    assert_eq!(
        cost.text("call_sid"),
        only_call(&platform).await.text("call_sid")
    );
    assert_eq!(
        cost.len_of("history"),
        1,
        "the match is a line of its history"
    );
    assert_eq!(platform.world.only("lead").await.text("total_cost"), "25");
}

#[tokio::test]
async fn a_query_and_a_switch_record_of_one_call_are_one_call() {
    let platform = Platform::new().await;
    platform.call().await;
    platform.world.wait(30);
    switch_call(&platform, 28).await;
    assert_eq!(only_call(&platform).await.len_of("sources"), 2);
    platform.world.wait(120);
    switch_call(&platform, 0).await;
    assert_eq!(platform.world.items("call").await.len(), 2);
}

#[tokio::test]
async fn the_last_bill_of_a_vendor_counts_and_another_vendors_adds() {
    let platform = Platform::new().await;
    platform.call().await;
    for (cost, sum) in [("25", "25"), ("30", "30"), ("0", "0"), ("20", "20")] {
        assert_eq!(platform.bill(cost, &[]).await.status, 200);
        assert_eq!(only_call(&platform).await.text("cost"), sum);
    }
    let other = another(platform, None).await;
    assert_eq!(other.bill("5", &[]).await.status, 200);
    let call = only_call(&other).await;
    assert_eq!(
        (call.text("cost"), call.text("two_vendors")),
        ("25".to_owned(), "true".to_owned())
    );
    assert_eq!(
        other.world.items("cost").await.len(),
        5,
        "every bill is an entry"
    );
}

#[tokio::test]
async fn an_account_can_add_every_bill() {
    use callbook::model::account::Rebill;
    let platform = Platform::with(|account| account.rebill = Rebill::Add).await;
    platform.call().await;
    platform.bill("25", &[]).await;
    platform.bill("30", &[]).await;
    assert_eq!(only_call(&platform).await.text("cost"), "55");
}

#[tokio::test]
async fn a_call_id_tells_repeats_new_prices_and_other_calls_apart() {
    let platform = Platform::new().await;
    platform.call().await;
    let first = platform.bill("25", &[("call_id", "x1")]).await;
    platform.world.wait(7 * 86_400);
    let repeat = platform.bill("25", &[("call_uuid", "x1")]).await;
    assert_eq!(repeat.header("idempotent-replayed"), Some("true"));
    assert_eq!(repeat.body, first.body, "a repeat after a week");
    let repriced = platform.bill("30", &[("inbound_call_id", "x1")]).await;
    assert_eq!(repriced.header("idempotent-replayed"), None);
    assert_eq!(only_call(&platform).await.text("cost"), "30");
    let again = platform.bill("25", &[("call_id", "x1")]).await;
    assert_eq!(again.header("idempotent-replayed"), None, "a third price");
    assert_eq!(only_call(&platform).await.text("cost"), "25");
    let other = platform.bill("25", &[("call_id", "x2")]).await;
    assert_eq!(other.header("idempotent-replayed"), None, "another call id");
    assert_eq!(only_call(&platform).await.text("cost"), "50");
}

#[tokio::test]
async fn the_call_id_may_be_a_header_and_a_macro_is_none() {
    let platform = Platform::new().await;
    let [id, key] = platform.headers();
    let body = form(&[("did", DID), ("cid", CID), ("cost", "25")]);
    let headers = [id, key, ("content-type", FORM), ("x-call-id", "x1")];
    let path = callbook_tests::tld::PATH;
    let sent = platform.world.send("POST", path, &headers, body.as_bytes());
    assert_eq!(sent.await.status, 200);
    assert_eq!(platform.world.only("cost").await.text("call_id"), "x1");
    for call_id in ["[Call:InboundCallId]", "{{call_id}}", "--A--x--B--", ""] {
        let reply = platform.bill("30", &[("call_id", call_id)]).await;
        assert_eq!(reply.status, 200, "{call_id}");
    }
    let costs = platform.world.items("cost").await;
    assert_eq!(
        costs.len(),
        2,
        "the others are repeats of one bill without an id"
    );
    let long = "x".repeat(256);
    let refused = platform.bill("30", &[("call_id", &long)]).await;
    assert_eq!(
        (refused.status, refused.json()),
        (400, json!({"error": "Invalid call_id"}))
    );
}

#[tokio::test]
async fn a_withheld_caller_is_billed_and_makes_no_lead() {
    let platform = Platform::new().await;
    platform.call_of("266696687", DID).await;
    let bill = [("did", DID), ("cid", "Anonymous"), ("cost", "25")];
    let reply = platform.form(&bill).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json()["cid"], "Anonymous", "as provided");
    assert_eq!(reply.json()["lead"], json!(null));
    let call = only_call(&platform).await;
    assert_eq!(
        (call.text("call_from"), call.text("cost")),
        ("withheld".to_owned(), "25".to_owned())
    );
    assert!(platform.world.items("lead").await.is_empty());
    // Withheld callers are strangers at one price: after a minute it is another bill, and it adds.
    platform.world.wait(61);
    let again = platform.form(&bill).await;
    assert_eq!(again.header("idempotent-replayed"), None);
    assert_eq!(only_call(&platform).await.text("cost"), "50");
}

#[tokio::test]
async fn a_day_without_a_time_is_that_days_last_call() {
    let platform = Platform::new().await;
    platform.call().await;
    platform.world.wait(3_600);
    platform.call().await;
    platform.world.wait(86_400);
    platform.call().await;
    let reply = platform.bill("25", &[("call_date", "2026-11-21")]).await;
    assert_eq!(reply.json()["inserted"]["call_date"], "2026-11-21 00:00:00");
    let calls = platform.world.items("call").await;
    let mut costs: Vec<_> = calls
        .iter()
        .map(|call| (call.text("started_at"), call.text("cost")))
        .collect();
    costs.sort();
    let costs: Vec<_> = costs.into_iter().map(|(_, cost)| cost).collect();
    assert_eq!(costs, ["", "25", ""]);
}

#[tokio::test]
async fn a_vendors_key_bills_its_own_numbers_and_those_of_no_vendor() {
    let platform = Platform::new().await;
    let (world, account) = (&platform.world, &platform.account);
    for id in ["acme", "beta"] {
        vendor::add(world, account, id).await;
    }
    let number = callbook::model::phone::PhoneNumber::parse(DID).unwrap();
    let now = world.clock.now();
    world
        .ledger
        .register_number(account, &number, now)
        .await
        .unwrap();
    vendor::assign(world, account, DID, Some("acme")).await;
    let beta = another(platform, Some("beta")).await;
    let refused = json!({"error": "Invalid DID"});
    for rest in [
        String::new(),
        format!("/{DID}"),
        format!("?did={}", &DID[1..]),
    ] {
        let body = match rest.is_empty() {
            true => form(&[("did", DID), ("cid", CID), ("cost", "25")]),
            false => form(&[("cid", CID), ("cost", "25")]),
        };
        let reply = beta.post(&rest, FORM, &body).await;
        assert_eq!(
            (reply.status, reply.json()),
            (400, refused.clone()),
            "{rest}"
        );
    }
    let other = beta
        .form(&[("did", "2069735199"), ("cid", CID), ("cost", "7")])
        .await;
    assert_eq!(other.status, 200, "a number of no vendor");
    assert_eq!(beta.world.only("cost").await.text("vendor_id"), "beta");
    let acme = another(beta, Some("acme")).await;
    assert_eq!(acme.bill("25", &[]).await.status, 200);
    let nobodys = another(acme, None).await;
    assert_eq!(nobodys.bill("26", &[]).await.status, 200);
    let costs = nobodys.world.items("cost").await;
    let vendors = costs.iter().filter(|cost| cost.text("vendor_id") == "acme");
    assert_eq!(
        vendors.count(),
        2,
        "a key of no vendor bills for the number's"
    );
}

#[tokio::test]
async fn more_bills_than_a_call_holds_leave_the_last_price_and_every_entry() {
    let platform = Platform::with(|account| account.repeat_window_minutes = 0).await;
    platform.call().await;
    for cost in 1..=45 {
        platform.world.wait(1);
        assert_eq!(platform.bill(&cost.to_string(), &[]).await.status, 200);
    }
    assert_eq!(only_call(&platform).await.text("cost"), "45");
    let costs = platform.world.items("cost").await;
    assert_eq!(costs.len(), 45);
    let counting = costs.iter().filter(|cost| cost.text("state") == "in_force");
    assert_eq!(counting.count(), 1);
    let call = platform.world.only("pair_call").await;
    assert_eq!(call.len_of("entries"), 40, "no write grows with the past");
}

#[tokio::test]
async fn a_bill_after_its_call_is_billed_by_a_repeat_that_may_be_a_second_call() {
    let platform = Platform::new().await;
    platform.call().await;
    platform.bill("25", &[]).await;
    platform.world.wait(120);
    platform.call().await;
    let repeat = platform.bill("25", &[]).await;
    assert_eq!(repeat.header("idempotent-replayed"), Some("true"));
    let cost = platform.world.only("cost").await;
    assert_eq!(
        cost.text("maybe_second"),
        "true",
        "without a call id nobody can tell"
    );
}
