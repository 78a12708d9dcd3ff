//! A queue with a long past, and one in which everybody is taken.

use aws_sdk_dynamodb::types::AttributeValue;
use callbook_tests::faults;
use callbook_tests::filled::{Item, set};
use callbook_tests::team::ask;
use callbook_tests::teletracker::{self, Desk, basic};
use serde_json::json;

use super::{Figures, MANY, reads};

/// How many entries one request looks at.
const MOST_READ: usize = 4_000;

fn number(item: &mut Item, name: &str, value: u64) {
    item.insert(name.to_owned(), AttributeValue::N(value.to_string()));
}

#[tokio::test]
async fn finished_entries_cost_a_taker_nothing() {
    let (world, proxy) = faults::world().await;
    let desk = Desk::on(world).await;
    let world = &desk.world;
    let figures = Figures::read();
    let queued = desk.respond(&teletracker::good()).await;
    let id = queued.json()["result"]["callqueue_id"].as_u64().unwrap();
    let entry = world.raw_items("queue_entry").remove(0);
    world
        .fill(&entry, MANY, |nth, copy| {
            let nth = u64::try_from(nth).unwrap() + 1;
            set(copy, "sk", format!("QUEUE#{}", id + nth));
            set(copy, "callqueue_status", "completed");
            number(copy, "callqueue_id", id + nth);
        })
        .await;
    let authorization = basic(&desk.user);
    let take = async || {
        proxy.heal();
        let path = "/callbook/v1/queue/take";
        let reply = ask(&world.app, &authorization, "POST", path, &json!({})).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        (reply.json(), reads(world, &proxy).await)
    };
    let (taken, found) = take().await;
    assert_eq!(taken["entries"][0]["id"], id);
    assert!(found["27"] <= figures.most("27", 1), "{found:?}");

    // Everybody is taken.
    let taken = world.raw_items("queue_waiting").remove(0);
    world
        .fill(&taken, MANY, |nth, copy| {
            let nth = u64::try_from(nth).unwrap() + 1;
            set(copy, "sk", format!("QUEUE#{:0>16}", id + nth));
            number(copy, "callqueue_id", id + nth);
        })
        .await;
    let (none, found) = take().await;
    assert_eq!(none, json!({"entries": []}));
    assert!(found["27"] <= figures.most("27", MOST_READ), "{found:?}");
}
