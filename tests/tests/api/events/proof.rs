//! The proof: under faults of the stream, the store and the bus, every event is told at least once, its repeats have
//! the same id, and each line keeps its order.
//!
//! To play more by hand, set `EVENTS` to 10,000.

use std::collections::{BTreeMap, BTreeSet};

use callbook::ledger::Ledger;
use callbook::model::event::Event;
use callbook_local::engine::TABLE;
use callbook_tests::bus::{BusFault, TestBus};
use callbook_tests::faults::{self, Fault};
use serde_json::Value;

use super::{Scene, by_line};

/// How many events are told.
const EVENTS: usize = 300;

/// The first time that each event of a list is told, in order.
fn first_times(events: Vec<Event>) -> Vec<Event> {
    let mut seen = BTreeSet::new();
    events
        .into_iter()
        .filter(|event| seen.insert(event.id.clone()))
        .collect()
}

/// Checks that a list has exactly the events of `wanted`, each line in its order, whatever is repeated.
fn check(what: &str, found: Vec<Event>, wanted: &[Event]) {
    let by_id: BTreeMap<_, _> = wanted.iter().map(|event| (&event.id, event)).collect();
    for event in &found {
        assert_eq!(
            by_id.get(&event.id),
            Some(&event),
            "{what}: made up, or changed"
        );
    }
    let found = first_times(found);
    assert_eq!(found.len(), wanted.len(), "{what}: every event is told");
    let lines = by_line(wanted);
    for (line, events) in by_line(&found) {
        let order =
            |events: &[&Event]| -> Vec<_> { events.iter().map(|event| event.id.clone()).collect() };
        assert_eq!(order(&events), order(&lines[line]), "{what}: order");
    }
}

/// Calls, each with bills that replace each other, until there are this many events.
async fn play(scene: &Scene, events: usize) {
    let mut calls = 0;
    // A call, its lead, and two bills with their matches, one of them replaced.
    while calls * 10 < events {
        let caller = format!("+1206{:07}", 5_550_000 + calls % 97);
        scene.platform.call_of(&caller, "+18005550100").await;
        for cost in ["25", "30"] {
            scene.world().wait(700);
            let bill = [
                ("did", "+18005550100"),
                ("cid", caller.as_str()),
                ("cost", cost),
            ];
            let reply = scene.platform.form(&bill).await;
            assert_eq!(reply.status, 200, "{}", reply.body);
        }
        calls += 1;
    }
}

/// Delivers the records as Lambda does, with repeats, and from the record that is named as failed.
async fn deliver(scene: &Scene, ledgers: &[Ledger], bus: &TestBus, records: &[Value]) {
    let mut dice = fastrand::Rng::with_seed(11);
    let mut at = 0;
    while at < records.len() {
        let batch = &records[at..records.len().min(at + dice.usize(1..60))];
        let app = |dice: &mut fastrand::Rng| {
            let ledger = &ledgers[dice.usize(..ledgers.len())];
            scene.world().publish_app(ledger, Some(bus.client()))
        };
        let (one, two) = (app(&mut dice), app(&mut dice));
        let done = match dice.u8(..10) {
            // Two invocations get the same batch, and the first answer counts.
            0 => {
                let world = scene.world();
                let both = futures_util::future::join(
                    world.publish_records(&one, batch),
                    world.publish_records(&two, batch),
                );
                both.await.0
            }
            _ => scene.world().publish_records(&one, batch).await,
        };
        match done {
            Ok(None) => at += batch.len(),
            Ok(Some(number)) => {
                let failed =
                    |record: &Value| record["dynamodb"]["SequenceNumber"] == number.as_str();
                at += batch
                    .iter()
                    .position(failed)
                    .expect("a record of the batch");
            }
            Err(()) => {}
        }
        // Now and then the stream begins again at an earlier record.
        if dice.u8(..10) == 0 {
            at = at.saturating_sub(dice.usize(..20));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_faults_every_event_is_told_in_order_with_the_same_id() {
    let (world, proxy) = faults::world().await;
    let scene = Scene::on(world).await;
    proxy.heal();
    play(&scene, EVENTS).await;
    let records = scene.world().told_records();
    let bus = TestBus::start().await;
    // One run without faults says what is to be told.
    scene.world().publish_to(Some(bus.client())).await;
    let wanted = scene.events().await;
    let of_bus = |bus: &TestBus| -> Vec<Event> {
        let taken = bus.taken().into_iter();
        taken
            .map(|entry| Event::read(entry["Detail"].as_str().unwrap()).unwrap())
            .collect()
    };
    check("bus without faults", of_bus(&bus), &wanted);
    assert_eq!(
        bus.taken().len(),
        wanted.len(),
        "nothing is repeated without a fault"
    );

    // The checkpoint would skip all of it.
    forget(&scene).await;
    scene.world().wait(3_600);
    let bus = TestBus::start().await;
    let mut dice = fastrand::Rng::with_seed(7);
    bus.plan(move |_| match dice.u8(..100) {
        0..10 => Some(BusFault::Fail),
        10..20 => Some(BusFault::Partial),
        20..30 => Some(BusFault::LoseAnswer),
        30 => Some(BusFault::Hang),
        _ => None,
    });
    proxy.plan(|seen| match seen.number % 20 {
        3 => Some(Fault::Throttle),
        7 => Some(Fault::LoseAnswer),
        11 => Some(Fault::Down),
        13 => Some(Fault::Garble),
        _ => None,
    });
    let broken = Ledger::new(proxy.client(), TABLE);
    deliver(
        &scene,
        &[broken, scene.world().ledger.clone()],
        &bus,
        &records,
    )
    .await;
    check("bus", of_bus(&bus), &wanted);
    let logged = scene.events().await;
    let logged = logged.into_iter().skip(wanted.len()).collect();
    check("log", logged, &wanted);
}

/// Removes the checkpoints.
async fn forget(scene: &Scene) {
    let client = scene.world().engine.client();
    for item in scene.world().raw_items("published_shard") {
        let key = |name: &str| item.get(name).cloned().unwrap();
        let delete = client.delete_item().table_name(TABLE);
        let delete = delete.key("pk", key("pk")).key("sk", key("sk"));
        delete.send().await.unwrap();
    }
}
