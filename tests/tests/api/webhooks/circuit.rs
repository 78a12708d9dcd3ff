//! Receivers that are down, or gone.

use callbook::ledger::Update;
use callbook::model::account::Account;
use callbook::model::webhook::{DeliveryState, Endpoint, EndpointChange, EndpointState, OffReason};
use callbook_tests::World;
use callbook_tests::receiver::{Manner, Receiver};
use callbook_tests::webhooks::{create, deliverer, deliveries, endpoint, event};

async fn started(manner: Manner) -> (World, Account, Receiver, Endpoint) {
    let world = World::new().await;
    let account = world.account().await;
    let receiver = Receiver::start(&world.clock).await;
    let endpoint = endpoint(&world, &receiver.url("/"));
    create(&world, &account, &endpoint).await;
    receiver.behave(move |_| manner.clone());
    (world, account, receiver, endpoint)
}

async fn hand_out(world: &World, account: &Account, count: usize) {
    let events = (0..count).map(|nth| event(world, &account.id, &nth.to_string(), nth));
    let events: Vec<_> = events.collect();
    world
        .ledger
        .hand_out(&events, world.clock.now())
        .await
        .unwrap();
}

async fn enable(world: &World, account: &Account, endpoint: &Endpoint) {
    let change = EndpointChange {
        status: Some(EndpointState::Enabled),
        ..EndpointChange::default()
    };
    let enabled =
        world
            .ledger
            .update_webhook(&account.id, &endpoint.id, &change, world.clock.now());
    assert!(matches!(enabled.await.unwrap(), Update::Updated(_)));
}

#[tokio::test]
async fn a_receiver_that_is_down_is_probed_and_then_gets_everything() {
    let (world, account, receiver, endpoint) = started(Manner::Answer(503)).await;
    let deliverer = deliverer(&world, world.ledger.clone());
    hand_out(&world, &account, 60).await;
    deliverer.deliver_all().await.unwrap();
    let opened = receiver.got().len();
    // Those that were under way at the tenth failure end.
    assert!((10..14).contains(&opened), "{opened}");
    world.wait(59);
    let waits = deliverer.deliver_all().await.unwrap();
    assert_eq!(receiver.got().len(), opened, "it is left in peace");
    assert!(waits.oldest_due.is_some());
    for minutes in [1, 64, 64, 64] {
        world.wait(minutes * 60);
        let before = receiver.got().len();
        deliverer.deliver_all().await.unwrap();
        assert_eq!(receiver.got().len(), before + 1, "one probe");
    }
    receiver.behave(|_| Manner::Take);
    world.wait(3_600);
    deliverer.deliver_all().await.unwrap();
    world.wait(7 * 3_600);
    deliverer.deliver_all().await.unwrap();
    let log = deliveries(&world, &account, &endpoint.id).await;
    assert!(log.iter().all(|one| one.state == DeliveryState::Delivered));
}

#[tokio::test]
async fn a_receiver_that_fails_for_five_days_is_switched_off() {
    let (world, account, receiver, endpoint) = started(Manner::Answer(500)).await;
    let deliverer = deliverer(&world, world.ledger.clone());
    hand_out(&world, &account, 15).await;
    let mut switched_off = Vec::new();
    let mut hours = 0;
    while switched_off.is_empty() && hours < 200 {
        switched_off = deliverer.deliver_all().await.unwrap().switched_off;
        world.wait(4 * 3_600);
        hours += 4;
    }
    assert!((5 * 24..5 * 24 + 9).contains(&hours), "{hours} hours");
    assert_eq!(switched_off[0].endpoint, endpoint.id);
    assert_eq!(switched_off[0].reason, OffReason::Failing);
    let off = world
        .ledger
        .webhook(&account.id, &endpoint.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (off.status, off.off_reason),
        (EndpointState::Disabled, Some(OffReason::Failing))
    );
    let before = receiver.got().len();
    world.wait(86_400);
    assert_eq!(deliverer.deliver_all().await.unwrap().delivered, 0);
    assert_eq!(receiver.got().len(), before, "nothing is sent any more");

    // Enabled again, it gets what is pending.
    receiver.behave(|_| Manner::Take);
    enable(&world, &account, &endpoint).await;
    deliverer.deliver_all().await.unwrap();
    let log = deliveries(&world, &account, &endpoint.id).await;
    assert!(log.iter().all(|one| one.state != DeliveryState::Pending));
    assert!(log.iter().any(|one| one.state == DeliveryState::Delivered));
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_switched_off_at_once() {
    let (world, account, receiver, endpoint) = started(Manner::Answer(410)).await;
    let deliverer = deliverer(&world, world.ledger.clone());
    hand_out(&world, &account, 30).await;
    let done = deliverer.deliver_all().await.unwrap();
    assert_eq!(done.switched_off[0].reason, OffReason::Gone);
    assert!(receiver.got().len() < 9, "{}", receiver.got().len());
    // What happens while it is off is not delivered.
    let later = event(&world, &account.id, "later", 99);
    world
        .ledger
        .hand_out(&[later], world.clock.now())
        .await
        .unwrap();
    receiver.behave(|_| Manner::Take);
    enable(&world, &account, &endpoint).await;
    world.wait(7);
    deliverer.deliver_all().await.unwrap();
    let log = deliveries(&world, &account, &endpoint.id).await;
    assert_eq!(log.len(), 30);
    assert!(log.iter().all(|one| one.state == DeliveryState::Delivered));
}

#[tokio::test]
async fn two_deliverers_at_once_send_nothing_twice() {
    let (world, account, receiver, _) = started(Manner::Slow).await;
    hand_out(&world, &account, 50).await;
    let [one, other] = [0, 1].map(|_| deliverer(&world, world.ledger.clone()));
    let (one, other) = tokio::join!(one.deliver_for([&account.id]), other.deliver_all());
    assert_eq!(one.unwrap().delivered + other.unwrap().delivered, 50);
    assert_eq!(receiver.got().len(), 50);
}

/// An event that comes while a deliverer is about to end is found by it, because its waker knocks.
#[tokio::test]
async fn who_finds_the_lease_taken_knocks() {
    let (world, account, receiver, endpoint) = started(Manner::Take).await;
    hand_out(&world, &account, 1).await;
    let now = world.clock.now();
    let minute = now.plus(std::time::Duration::from_secs(60));
    let leased = world
        .ledger
        .lease_webhook(&account.id, &endpoint.id, "another", (now, minute));
    let lease = leased.await.unwrap().unwrap();
    let deliverer = deliverer(&world, world.ledger.clone());
    assert_eq!(deliverer.deliver_all().await.unwrap().endpoints, 0);
    assert!(receiver.got().is_empty());
    let released = world.ledger.release_webhook(&lease, false).await.unwrap();
    assert_eq!(released, callbook::ledger::Released::Knocked);
    world.wait(60);
    assert_eq!(
        deliverer.deliver_all().await.unwrap().delivered,
        1,
        "the lease has run out"
    );
}
