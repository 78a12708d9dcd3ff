//! What the stream gave up is told after all: with the ids that it would have had, in order, and once to each who keeps
//! what it has.

use std::collections::BTreeSet;

use callbook::ledger::ChangeBatch;
use callbook::model::event::{Event, EventId};
use callbook::publish::{Publisher, Retold};
use callbook_tests::bus::{BusFault, TestBus};
use callbook_tests::webhooks::{create, deliveries, endpoint};
use serde_json::{Value, json};

use super::{Scene, by_line};

/// Makes the events of records again.
async fn retell(publisher: &Publisher, records: &[Value]) -> Retold {
    let batch = json!({"Records": records, "shardId": "replay"}).to_string();
    let batch = ChangeBatch::read(batch.as_bytes()).unwrap();
    publisher.retell(&batch).await.unwrap()
}

fn ids<'a>(events: impl IntoIterator<Item = &'a Event>) -> Vec<EventId> {
    events.into_iter().map(|event| event.id.clone()).collect()
}

/// The events on a bus.
fn of_bus(bus: &TestBus) -> Vec<Event> {
    let taken = bus.taken().into_iter();
    taken
        .map(|entry| Event::read(entry["Detail"].as_str().unwrap()).unwrap())
        .collect()
}

/// The events of each line, by their ids.
fn lines(events: &[Event]) -> Vec<Vec<EventId>> {
    let lines = by_line(events).into_values();
    lines.map(ids).collect()
}

/// Calls with two bills each, and a bill without a call.
async fn play(scene: &Scene) {
    for caller in ["+12065550101", "+12065550102", "+12065550103"] {
        scene.platform.call_of(caller, "+18005550100").await;
        for cost in ["25", "30"] {
            scene.world().wait(700);
            let bill = [("did", "+18005550100"), ("cid", caller), ("cost", cost)];
            assert_eq!(scene.platform.form(&bill).await.status, 200);
        }
    }
    let unmatched = [
        ("did", "+18005550100"),
        ("cid", "+12065550104"),
        ("cost", "7"),
    ];
    assert_eq!(scene.platform.form(&unmatched).await.status, 200);
}

#[tokio::test]
async fn given_up_records_are_told_once_with_the_ids_that_they_would_have_had() {
    let scene = Scene::new().await;
    let world = scene.world();
    let hook = endpoint(world, "https://example.com/hook");
    create(world, scene.account(), &hook).await;
    play(&scene).await;
    // The bus is down until the stream gives the records up. The log has what precedes the bus.
    let bus = TestBus::start().await;
    bus.plan(|_| Some(BusFault::Fail));
    let records = world.told_records();
    let app = world.publish_app(&world.ledger, Some(bus.client()));
    let left = world.publish_records(&app, &records[..8]).await;
    assert!(left.unwrap().is_some());
    let half = scene.events().await;
    assert!(!half.is_empty());

    let bus = TestBus::start().await;
    let publisher = Publisher::new(
        world.ledger.clone(),
        Some(bus.client()),
        world.clock.clone(),
    );
    let retold = retell(&publisher, &records).await;
    assert_eq!(retold.unreadable, 0);
    let logged: BTreeSet<EventId> = half.iter().map(|event| event.id.clone()).collect();
    publisher.replay(&retold, &logged).await.unwrap();
    let events = scene.events().await;
    let told: BTreeSet<EventId> = events.iter().map(|event| event.id.clone()).collect();
    assert_eq!(told.len(), events.len(), "the log has each event once");
    assert_eq!(told, ids(&retold.events).into_iter().collect());
    assert_eq!(lines(&of_bus(&bus)), lines(&retold.events));
    let delivered = || deliveries(world, scene.account(), &hook.id);
    assert_eq!(delivered().await.len(), events.len());

    // A repeat changes nothing but that the bus has the events again.
    publisher.replay(&retold, &told).await.unwrap();
    assert_eq!(ids(&scene.events().await), ids(&events));
    assert_eq!(delivered().await.len(), events.len());
    let twice = of_bus(&bus).split_off(events.len());
    assert_eq!(lines(&twice), lines(&retold.events));

    // The function itself makes the same events, once a checkpoint does not skip them.
    let fresh = TestBus::start().await;
    world.publish_to(Some(fresh.client())).await;
    assert_eq!(lines(&of_bus(&fresh)), lines(&retold.events));
    assert_eq!(delivered().await.len(), events.len());
}

#[tokio::test]
async fn records_that_were_passed_by_are_told_and_a_cost_still_waits_for_its_call() {
    let scene = Scene::new().await;
    let world = scene.world();
    play(&scene).await;
    let records = world.told_records();
    let (given_up, later) = records.split_at(records.len() - 1);
    // A later batch of the shard was published, so the checkpoint is behind all of them.
    let app = world.publish_app(&world.ledger, None);
    assert_eq!(world.publish_records(&app, later).await, Ok(None));
    let publisher = Publisher::new(world.ledger.clone(), None, world.clock.clone());
    let retold = retell(&publisher, given_up).await;
    publisher.replay(&retold, &BTreeSet::new()).await.unwrap();
    world.wait(86_400);
    world.publish_task("hour").await;
    let events = scene.events().await;
    let kinds: Vec<_> = events.iter().map(|event| event.kind.as_str()).collect();
    let count = |kind| kinds.iter().filter(|found| **found == kind).count();
    assert_eq!(count("call.recorded"), 3, "{kinds:?}");
    assert_eq!(count("cost.recorded"), 7, "{kinds:?}");
    assert_eq!(count("cost.unmatched"), 1, "{kinds:?}");
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_counted_and_holds_up_no_other() {
    let scene = Scene::new().await;
    let world = scene.world();
    play(&scene).await;
    let mut records = world.told_records();
    let publisher = Publisher::new(world.ledger.clone(), None, world.clock.clone());
    let all = retell(&publisher, &records).await.events.len();
    let lead = |record: &&mut Value| record["dynamodb"]["NewImage"]["type"]["S"] == "lead";
    let broken = records.iter_mut().find(lead).unwrap();
    broken["dynamodb"]["NewImage"]["phone"] = json!({"S": "nobody"});
    let retold = retell(&publisher, &records).await;
    assert_eq!((retold.unreadable, retold.events.len()), (1, all - 1));
}
