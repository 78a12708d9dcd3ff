//! A log with a long past, unmatched costs that are not due yet, and a day full of refused requests.

use aws_sdk_dynamodb::types::AttributeValue;
use callbook::ledger::Ledger;
use callbook::model::credential::CredentialKind;
use callbook_local::engine::TABLE;
use callbook_tests::faults;
use callbook_tests::filled::set;
use callbook_tests::teletracker::{self, basic};
use callbook_tests::tld::Platform;

use super::{Figures, MANY, reads};

#[tokio::test]
async fn twelve_thousand_events_cost_a_poll_no_more_than_its_page() {
    let (world, proxy) = faults::world().await;
    let account = teletracker::account(&world).await;
    let user = world.credential(&account, CredentialKind::User).await;
    let platform = Platform::of(world, &account).await;
    let world = &platform.world;
    let figures = Figures::read();
    platform.call().await;
    world.publish().await;
    world.wait(10);
    let authorization = basic(&user);
    let headers = [("authorization", authorization.as_str())];
    let page = |query: String| async move {
        let path = format!("/callbook/v1/events{query}");
        let reply = world.send("GET", &path, &headers, b"").await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()
    };
    let cursor = page(String::new()).await["next_cursor"].clone();
    let event = world.raw_items("event").remove(0);
    let before = callbook_audit::number(&event, "published_at").unwrap() - 40_000;
    let copy = |first: i64| {
        move |nth: usize, copy: &mut callbook_tests::filled::Item| {
            let at = first + i64::try_from(nth).unwrap();
            let sk = copy["sk"].as_s().unwrap().split_once('#').unwrap().1[14..].to_owned();
            set(copy, "sk", format!("EVENT#{at:014}{sk}"));
            copy.insert("published_at".to_owned(), AttributeValue::N(at.to_string()));
            let until = (at / 1_000 + 30 * 86_400).to_string();
            copy.insert("expires_at".to_owned(), AttributeValue::N(until));
        }
    };
    world.fill(&event, MANY, copy(before)).await;
    proxy.heal();
    let found = page(format!("?cursor={}", cursor.as_str().unwrap())).await;
    assert_eq!(found["events"].as_array().unwrap().len(), 0);
    let units = reads(world, &proxy).await;
    assert!(
        units["80"] <= figures.most("80", 0),
        "those before the cursor: {units:?}"
    );

    // All of them lie before the poll.
    proxy.heal();
    let found = page("?from=2026-11-21&limit=10".to_owned()).await;
    assert_eq!(found["events"].as_array().unwrap().len(), 10);
    assert_eq!(found["has_more"], true);
    let units = reads(world, &proxy).await;
    assert!(units["80"] <= figures.most("80", 256), "{units:?}");
}

#[tokio::test]
async fn costs_that_are_not_due_cost_the_task_nothing() {
    let (world, proxy) = faults::world().await;
    let account = world.account().await;
    let platform = Platform::of(world, &account).await;
    let world = &platform.world;
    let figures = Figures::read();
    platform.bill("25", &[]).await;
    world.publish().await;
    let due = world.raw_items("unmatched_due").remove(0);
    world
        .fill(&due, MANY, |nth, copy| {
            let at = 1_900_000_000_000 + nth;
            let id = copy["cost_id"].as_s().unwrap().clone();
            set(copy, "sk", format!("DUE#{at:014}#{id}"));
        })
        .await;
    proxy.heal();
    let ledger = Ledger::new(proxy.client(), TABLE);
    assert_eq!(ledger.mark_overdue(world.clock.now()).await.unwrap(), 0);
    let units = reads(world, &proxy).await;
    assert!(units["82"] <= figures.most("82", 0), "{units:?}");
}

#[tokio::test]
async fn twelve_thousand_refused_requests_cost_a_page_no_more_than_its_hours() {
    let (world, proxy) = faults::world().await;
    let account = teletracker::account(&world).await;
    let user = world.credential(&account, CredentialKind::User).await;
    let figures = Figures::read();
    let authorization = basic(&user);
    let headers = [("authorization", authorization.as_str())];
    let (world, headers) = (&world, &headers);
    let page = |query: &'static str| async move {
        let path = format!("/callbook/v1/requests?{query}");
        world.send("GET", &path, headers, b"").await
    };
    assert_eq!(page("colour=red").await.status, 400);
    let entry = world.raw_items("refused_request").remove(0);
    let first = callbook_audit::number(&entry, "first_at").unwrap();
    let hour = first - first.rem_euclid(3_600_000);
    // An hour with 500 ways, and all others in the hours before it.
    world
        .fill(&entry, MANY, |nth, copy| {
            let nth = i64::try_from(nth).unwrap();
            let back = if nth < 500 { 0 } else { 1 + nth.rem_euclid(8) };
            let at = hour - back * 3_600_000 + nth.rem_euclid(500);
            let of_day = at.div_euclid(3_600_000).rem_euclid(24);
            let credential = copy["credential_id"].as_s().unwrap().clone();
            set(copy, "error", format!("way {nth}"));
            set(
                copy,
                "sk",
                format!("REFUSED#{of_day:02}#{credential}#{nth:016x}"),
            );
            for name in ["first_at", "last_at"] {
                copy.insert(name.to_owned(), AttributeValue::N(at.to_string()));
            }
            let until = (at / 1_000 + 7 * 86_400).to_string();
            copy.insert("expires_at".to_owned(), AttributeValue::N(until));
        })
        .await;
    for (query, ways) in [("limit=10", 768), ("vendor=nobody", 4_500)] {
        proxy.heal();
        let found = page(query).await;
        assert_eq!(found.status, 200, "{}", found.body);
        assert!(found.json()["next_cursor"].is_string(), "{query}");
        let units = reads(world, &proxy).await;
        assert!(
            units["84"] <= figures.most("84", ways),
            "{query}: {units:?}"
        );
    }
}
