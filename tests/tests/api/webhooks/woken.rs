//! The function that delivers: what wakes it, and what its log lines say.

use std::sync::{Arc, Mutex};

use callbook::edge::log::Sink;
use callbook::edge::{DeliverApp, deliver};
use callbook::ledger::Ledger;
use callbook::model::account::Account;
use callbook::model::event::Event;
use callbook_local::engine::TABLE;
use callbook_tests::receiver::{Manner, Receiver};
use callbook_tests::webhooks::{create, deliverer, endpoint, event};
use callbook_tests::{World, faults};
use serde_json::{Value, json};

/// The function, and the lines that it has written.
fn app(world: &World) -> (DeliverApp, Arc<Mutex<Vec<Value>>>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let written = Arc::clone(&lines);
    let app = DeliverApp {
        deliverer: deliverer(world, world.ledger.clone()),
        sink: Sink::each(move |line| {
            written
                .lock()
                .unwrap()
                .push(serde_json::from_str(line).unwrap());
        }),
        stack: Some("acme".to_owned()),
    };
    (app, lines)
}

#[tokio::test]
async fn an_event_on_the_bus_wakes_it_for_its_account_and_the_schedule_for_all() {
    let world = World::new().await;
    let (account, other) = (world.account().await, world.account().await);
    let receiver = Receiver::start(&world.clock).await;
    create(&world, &account, &endpoint(&world, &receiver.url("/own"))).await;
    create(&world, &other, &endpoint(&world, &receiver.url("/other"))).await;
    let (app, lines) = app(&world);
    let [own, theirs] = [&account, &other].map(|account| event(&world, &account.id, "line", 0));
    let events = [own.clone(), theirs];
    world
        .ledger
        .hand_out(&events, world.clock.now())
        .await
        .unwrap();
    let detail: Value = serde_json::from_str(&own.to_json()).unwrap();
    let on_bus = json!({
        "version": "0", "id": "1", "source": "callbook", "detail-type": own.kind.as_str(), "detail": detail,
    });
    let woken = async |event: &Value| {
        let event = event.to_string();
        deliver(&app, &::deliver::FUNCTION, event.as_bytes())
            .await
            .unwrap()
    };
    assert_eq!(woken(&on_bus).await.delivered, 1);
    assert_eq!(receiver.got()[0].line, "POST /own HTTP/1.1");
    assert_eq!(woken(&on_bus).await.endpoints, 0);
    assert_eq!(woken(&json!({"task": "deliver"})).await.delivered, 1);
    let lines = lines.lock().unwrap();
    assert_eq!(lines.len(), 2, "a look that found nothing says nothing");
    assert_eq!(
        (&lines[0]["delivered"], &lines[0]["function"]),
        (&json!(1), &json!("deliver"))
    );
    assert!(!format!("{lines:?}").contains("5550100"));
}

#[tokio::test]
async fn many_events_of_the_bus_are_one_look_for_each_account() {
    let (world, proxy) = faults::world().await;
    let (account, other) = (world.account().await, world.account().await);
    let idle = world.account().await;
    let receiver = Receiver::start(&world.clock).await;
    for (account, path) in [(&account, "/own"), (&other, "/other"), (&idle, "/idle")] {
        create(&world, account, &endpoint(&world, &receiver.url(path))).await;
    }
    let (mut app, _) = app(&world);
    app.deliverer = deliverer(&world, Ledger::new(proxy.client(), TABLE));
    let events = |account: &Account, from: usize, count: usize| -> Vec<Event> {
        let events =
            (from..from + count).map(|nth| event(&world, &account.id, &nth.to_string(), nth));
        events.collect()
    };
    let wake = |events: &[Event]| {
        let records = events.iter().map(|event| {
            let detail: Value = serde_json::from_str(&event.to_json()).unwrap();
            let on_bus = json!({"source": "callbook", "detail": detail});
            json!({"messageId": "1", "eventSource": "aws:sqs", "body": on_bus.to_string()})
        });
        json!({"Records": records.collect::<Vec<_>>()}).to_string()
    };
    let woken = async |event: String| {
        proxy.heal();
        let done = deliver(&app, &::deliver::FUNCTION, event.as_bytes())
            .await
            .unwrap();
        let requests: usize = proxy.verbs().values().sum();
        (done.delivered, requests)
    };
    // What D-678 counts: a look in vain, one event, and fifty at once.
    assert_eq!(woken(wake(&events(&idle, 0, 1))).await, (0, 2));
    let one = events(&account, 0, 1);
    world
        .ledger
        .hand_out(&one, world.clock.now())
        .await
        .unwrap();
    assert_eq!(woken(wake(&one)).await, (1, 13));
    let fifty = events(&account, 1, 50);
    world
        .ledger
        .hand_out(&fifty, world.clock.now())
        .await
        .unwrap();
    assert_eq!(woken(wake(&fifty)).await, (50, 10 + 3 * 50));
    let both = [events(&account, 51, 2), events(&other, 0, 2)].concat();
    world
        .ledger
        .hand_out(&both, world.clock.now())
        .await
        .unwrap();
    let message = json!({"Records": [{"body": "no JSON"}, {"body": "{}"}]}).to_string();
    assert_eq!(
        woken(message).await,
        (0, 0),
        "what names no account wakes nothing"
    );
    assert_eq!(woken(wake(&both)).await.0, 4);
    let got = receiver.got();
    assert!(got.iter().all(|got| !got.line.contains("idle")));
}

#[tokio::test]
async fn a_receiver_that_is_gone_and_a_delivery_that_waits_are_metrics() {
    let world = World::new().await;
    let account = world.account().await;
    let receiver = Receiver::start(&world.clock).await;
    create(&world, &account, &endpoint(&world, &receiver.url("/"))).await;
    let (app, lines) = app(&world);
    receiver.behave(|_| Manner::Answer(500));
    let events: Vec<_> = (0..30)
        .map(|nth| event(&world, &account.id, &nth.to_string(), nth))
        .collect();
    world
        .ledger
        .hand_out(&events, world.clock.now())
        .await
        .unwrap();
    let task = br#"{"task":"deliver"}"#;
    deliver(&app, &::deliver::FUNCTION, task).await.unwrap();
    world.wait(30);
    deliver(&app, &::deliver::FUNCTION, task).await.unwrap();
    receiver.behave(|_| Manner::Answer(410));
    world.wait(600);
    deliver(&app, &::deliver::FUNCTION, task).await.unwrap();
    let lines = lines.lock().unwrap();
    assert_eq!(lines[1]["oldest_delivery_seconds"], 30);
    assert_eq!(lines[2]["webhooks_switched_off"], 1);
    assert_eq!(lines[2]["switched_off"][0]["reason"], "gone");
    let metrics = lines[2]["_aws"]["CloudWatchMetrics"].to_string();
    assert!(metrics.contains("webhooks_switched_off"), "{metrics}");
}
