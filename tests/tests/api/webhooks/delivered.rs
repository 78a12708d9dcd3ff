//! What receivers get, and what the log says of it.

use std::time::Duration;

use callbook::clock::Clock;
use callbook::ledger::Update;
use callbook::model::webhook::schedule::PAUSES;
use callbook::model::webhook::{DeliveryState, EndpointUrl, WebhookFormat, WebhookMethod};
use callbook::outbound::{Addresses, Outbound};
use callbook_tests::World;
use callbook_tests::receiver::{Manner, Receiver};
use callbook_tests::webhooks::{create, deliverer, deliveries, endpoint, event};
use standardwebhooks::Webhook;

#[tokio::test]
async fn a_delivery_is_verified_by_the_reference_library_with_either_secret() {
    let world = World::new().await;
    // The library compares the timestamp with the system's clock.
    world.clock.set(Clock::system().now());
    let account = world.account().await;
    let receiver = Receiver::start(&world.clock).await;
    let endpoint = endpoint(&world, &receiver.url("/hook"));
    let secret = create(&world, &account, &endpoint).await;
    let (now, minute) = (world.clock.now(), Duration::from_secs(60));
    let newer = callbook::ids::signing_secret().unwrap();
    let rotated =
        world
            .ledger
            .rotate_secret(&account.id, &endpoint.id, &newer, (now.plus(minute), now));
    assert!(matches!(rotated.await.unwrap(), Update::Updated(_)));
    let deliverer = deliverer(&world, world.ledger.clone());
    let verified = |got: &callbook_tests::receiver::Got, secret: &str| {
        let mut headers = http::HeaderMap::new();
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            headers.insert(name, got.header(name).parse().unwrap());
        }
        let webhook = Webhook::new(secret).unwrap();
        webhook.verify(got.body.as_bytes(), &headers).is_ok()
    };
    let [both, one] = [0, 1].map(|nth| event(&world, &account.id, "line", nth));
    world.ledger.hand_out(&[both], now).await.unwrap();
    deliverer.deliver_all().await.unwrap();
    world.wait(60);
    world
        .ledger
        .hand_out(&[one], world.clock.now())
        .await
        .unwrap();
    deliverer.deliver_all().await.unwrap();
    let got = receiver.got();
    let of = |nth: usize| [&secret, &newer].map(|secret| verified(&got[nth], &secret.reveal()));
    assert_eq!((of(0), of(1)), ([true, true], [false, true]));
    let other = callbook::ids::signing_secret().unwrap();
    assert!(!verified(&got[0], &other.reveal()));
    assert_eq!(got[0].line, "POST /hook HTTP/1.1");
    assert_eq!(
        got[0].header("content-type"),
        "application/cloudevents+json"
    );
    assert_eq!(
        got[0].header("webhook-timestamp"),
        now.seconds().to_string()
    );
    assert_eq!(got[0].json()["data"]["callee"], "+12065550100");
}

#[tokio::test]
async fn a_plain_receiver_is_told_by_its_url_or_a_form() {
    let world = World::new().await;
    let account = world.account().await;
    let receiver = Receiver::start(&world.clock).await;
    let url = receiver.url("/add?phone=[callee]&text=[whisper_text]&amount=[amount]");
    for method in [WebhookMethod::Get, WebhookMethod::Post] {
        let mut plain = endpoint(&world, &url);
        plain.format = WebhookFormat::Plain;
        plain.method = Some(method);
        create(&world, &account, &plain).await;
    }
    let event = event(&world, &account.id, "line", 0);
    world
        .ledger
        .hand_out(&[event], world.clock.now())
        .await
        .unwrap();
    deliverer(&world, world.ledger.clone())
        .deliver_all()
        .await
        .unwrap();
    let mut got = receiver.got();
    got.sort_by(|one, other| one.line.cmp(&other.line));
    let parameters = "phone=%2B12065550100&text=Hello%20%26%20welcome&amount=";
    assert_eq!(got[0].line, format!("GET /add?{parameters} HTTP/1.1"));
    assert_eq!(
        (got[0].body.as_str(), got[0].header("webhook-signature")),
        ("", "")
    );
    assert_eq!(got[1].line, "POST /add HTTP/1.1");
    assert_eq!(got[1].body, parameters);
    assert_eq!(
        got[1].header("content-type"),
        "application/x-www-form-urlencoded"
    );
    assert_eq!(got[0].header("webhook-id"), got[1].header("webhook-id"));
}

#[tokio::test]
async fn a_delivery_is_tried_by_the_schedule_and_then_given_up() {
    let world = World::new().await;
    let account = world.account().await;
    let receiver = Receiver::start(&world.clock).await;
    let endpoint = endpoint(&world, &receiver.url("/"));
    create(&world, &account, &endpoint).await;
    receiver.behave(|got| match got.body.contains("\"id\":0,") {
        true => Manner::Answer(500),
        false => Manner::Take,
    });
    let deliverer = deliverer(&world, world.ledger.clone());
    let failing = event(&world, &account.id, "failing", 0);
    let waiting = event(&world, &account.id, "failing", 1);
    let id = failing.id.as_str().to_owned();
    world
        .ledger
        .hand_out(&[failing, waiting], world.clock.now())
        .await
        .unwrap();
    let mut sent = Vec::new();
    for nth in 0..=PAUSES.len() {
        let done = deliverer.deliver_all().await.unwrap();
        let last = nth == PAUSES.len();
        assert_eq!(
            (done.postponed, done.failed),
            (u32::from(!last), u32::from(last)),
            "{nth}"
        );
        sent.push(world.clock.now());
        // Before it is due, nothing is sent.
        if let Some(pause) = PAUSES.get(nth) {
            world.wait(pause.as_secs() - 1);
            assert_eq!(deliverer.deliver_all().await.unwrap().endpoints, 0, "{nth}");
            world.wait(pause.as_secs() / 5 + 1);
        }
    }
    // Ten failures in a row have opened the circuit, so the next of the line is sent a minute later.
    world.wait(60);
    assert_eq!(deliverer.deliver_all().await.unwrap().delivered, 1);
    let attempts = receiver
        .got()
        .iter()
        .filter(|got| got.header("webhook-id") == id)
        .count();
    assert_eq!(attempts, PAUSES.len() + 1);
    let log = deliveries(&world, &account, &endpoint.id).await;
    let failed = log.iter().find(|one| one.event_id.as_str() == id).unwrap();
    assert_eq!((failed.state, failed.attempts), (DeliveryState::Failed, 10));
    assert_eq!(failed.tries.last().unwrap().status, Some(500));
    assert_eq!(failed.tries[0].answer.as_deref(), Some("said"));
    let behind = log.iter().find(|one| one.event_id.as_str() != id).unwrap();
    assert_eq!(
        behind.state,
        DeliveryState::Delivered,
        "the next of the line waits no more"
    );

    // It can be sent again, with the same id.
    receiver.behave(|_| Manner::Take);
    let resent = world
        .ledger
        .resend_delivery(&account.id, &failed.id, world.clock.now());
    let Update::Updated(resent) = resent.await.unwrap() else {
        panic!("it is there");
    };
    assert_eq!((resent.state, resent.round), (DeliveryState::Pending, 0));
    deliverer.deliver_all().await.unwrap();
    let got = receiver.got();
    assert_eq!(got.last().unwrap().header("webhook-id"), id);
    let log = deliveries(&world, &account, &endpoint.id).await;
    assert!(log.iter().all(|one| one.state == DeliveryState::Delivered));
}

#[tokio::test]
async fn a_receiver_says_when_to_come_again() {
    let world = World::new().await;
    let account = world.account().await;
    let receiver = Receiver::start(&world.clock).await;
    create(&world, &account, &endpoint(&world, &receiver.url("/"))).await;
    receiver.behave(|_| Manner::Later(3_600));
    let deliverer = deliverer(&world, world.ledger.clone());
    let event = event(&world, &account.id, "line", 0);
    world
        .ledger
        .hand_out(&[event], world.clock.now())
        .await
        .unwrap();
    deliverer.deliver_all().await.unwrap();
    world.wait(3_599);
    assert_eq!(deliverer.deliver_all().await.unwrap().endpoints, 0);
    world.wait(1);
    assert_eq!(deliverer.deliver_all().await.unwrap().postponed, 1);
}

#[tokio::test]
async fn every_way_to_fail_is_in_the_log() {
    let world = World::new().await;
    let account = world.account().await;
    let receiver = Receiver::start(&world.clock).await;
    let endpoint = endpoint(&world, &receiver.url("/"));
    create(&world, &account, &endpoint).await;
    let deliverer = deliverer(&world, world.ledger.clone());
    for (nth, (manner, status, error)) in [
        (Manner::Answer(404), Some(404), None),
        (
            Manner::Redirect,
            Some(302),
            Some("redirects are not followed"),
        ),
        (
            Manner::Close,
            None,
            Some("the connection broke before an answer came"),
        ),
        (
            Manner::TakeAndCutLate,
            None,
            Some("the connection broke before an answer came"),
        ),
        (Manner::Hang, None, Some("no answer within 2 seconds")),
    ]
    .into_iter()
    .enumerate()
    {
        receiver.behave(move |_| manner.clone());
        let event = event(&world, &account.id, &nth.to_string(), nth);
        world
            .ledger
            .hand_out(&[event], world.clock.now())
            .await
            .unwrap();
        deliverer.deliver_all().await.unwrap();
        let log = deliveries(&world, &account, &endpoint.id).await;
        let tried = log
            .iter()
            .find(|one| one.event.contains(&format!("\"id\":{nth},")))
            .unwrap();
        let last = tried.tries.last().unwrap();
        assert_eq!((last.status, last.error.as_deref()), (status, error));
    }
}

/// A name that was good when the endpoint was made may resolve to this machine later.
#[tokio::test]
async fn no_private_address_is_delivered_to_whatever_the_endpoint_says() {
    let world = World::new().await;
    let account = world.account().await;
    let receiver = Receiver::start(&world.clock).await;
    let mut endpoint = endpoint(&world, "https://example.com/");
    let host = receiver
        .url("/")
        .replace("http://127.0.0.1", "https://localhost");
    endpoint.url = EndpointUrl::parse_local(&host).unwrap();
    create(&world, &account, &endpoint).await;
    let mut deliverer = deliverer(&world, world.ledger.clone());
    deliverer.outbound = Outbound::new(Addresses::Public).unwrap();
    let event = event(&world, &account.id, "line", 0);
    world
        .ledger
        .hand_out(&[event], world.clock.now())
        .await
        .unwrap();
    assert_eq!(deliverer.deliver_all().await.unwrap().postponed, 1);
    assert!(receiver.got().is_empty());
    let log = deliveries(&world, &account, &endpoint.id).await;
    let error = log[0].tries[0].error.clone().unwrap();
    assert_eq!(
        error,
        "the host resolves to a private, local or reserved address"
    );
}

#[tokio::test]
async fn events_of_another_account_and_unwanted_ones_are_not_delivered() {
    let world = World::new().await;
    let (account, other) = (world.account().await, world.account().await);
    let receiver = Receiver::start(&world.clock).await;
    let mut chosen = endpoint(&world, &receiver.url("/"));
    chosen.events = Some([callbook::model::event::EventType::CostUnmatched].into());
    create(&world, &account, &chosen).await;
    create(&world, &other, &endpoint(&world, &receiver.url("/other"))).await;
    let unwanted = event(&world, &account.id, "line", 0);
    let theirs = event(&world, &other.id, "line", 1);
    world
        .ledger
        .hand_out(&[unwanted, theirs], world.clock.now())
        .await
        .unwrap();
    let deliverer = deliverer(&world, world.ledger.clone());
    assert_eq!(
        deliverer
            .deliver_for([&account.id])
            .await
            .unwrap()
            .delivered,
        0
    );
    assert_eq!(
        deliverer.deliver_for([&other.id]).await.unwrap().delivered,
        1
    );
    assert_eq!(receiver.got()[0].line, "POST /other HTTP/1.1");
}

/// A line of more events than are read at once waits as a whole, and goes on as a whole.
#[tokio::test]
async fn a_long_line_waits_for_its_first() {
    let world = World::new().await;
    let account = world.account().await;
    let receiver = Receiver::start(&world.clock).await;
    create(&world, &account, &endpoint(&world, &receiver.url("/"))).await;
    receiver.behave(|_| Manner::Answer(503));
    let events: Vec<_> = (0..130)
        .map(|nth| event(&world, &account.id, "line", nth))
        .collect();
    world
        .ledger
        .hand_out(&events, world.clock.now())
        .await
        .unwrap();
    let deliverer = deliverer(&world, world.ledger.clone());
    let done = deliverer.deliver_all().await.unwrap();
    assert_eq!((done.postponed, receiver.got().len()), (1, 1));
    receiver.behave(|_| Manner::Take);
    world.wait(7);
    assert_eq!(deliverer.deliver_all().await.unwrap().delivered, 130);
    let places: Vec<_> = receiver.got()[1..]
        .iter()
        .map(|got| got.json()["data"]["id"].clone())
        .collect();
    assert_eq!(
        places,
        (0..130).map(serde_json::Value::from).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_delivery_that_waits_is_sent_now_when_it_is_sent_again_and_keeps_its_place() {
    let world = World::new().await;
    let account = world.account().await;
    let receiver = Receiver::start(&world.clock).await;
    let endpoint = endpoint(&world, &receiver.url("/"));
    create(&world, &account, &endpoint).await;
    receiver.behave(|_| Manner::Later(3_600));
    let deliverer = deliverer(&world, world.ledger.clone());
    let events = [0, 1].map(|nth| event(&world, &account.id, "line", nth));
    let ids = events.clone().map(|event| event.id.as_str().to_owned());
    let now = world.clock.now();
    world.ledger.hand_out(&events, now).await.unwrap();
    deliverer.deliver_all().await.unwrap();
    receiver.behave(|_| Manner::Take);
    world.wait(60);
    assert_eq!(deliverer.deliver_all().await.unwrap().endpoints, 0);
    let log = deliveries(&world, &account, &endpoint.id).await;
    let [first, second] = ids
        .clone()
        .map(|id| log.iter().find(|one| one.event_id.as_str() == id).unwrap());

    // The second waits for the first, whoever asks for it.
    let now = world.clock.now();
    let resent = world.ledger.resend_delivery(&account.id, &second.id, now);
    assert!(matches!(resent.await.unwrap(), Update::Updated(_)));
    assert_eq!(deliverer.deliver_all().await.unwrap().delivered, 0);
    assert_eq!(receiver.got().len(), 1);

    let resent = world.ledger.resend_delivery(&account.id, &first.id, now);
    let Update::Updated(resent) = resent.await.unwrap() else {
        panic!("it is there");
    };
    assert_eq!(
        (resent.state, resent.due, resent.attempts),
        (DeliveryState::Pending, Some(now), 1)
    );
    let again = world.ledger.resend_delivery(&account.id, &first.id, now);
    assert_eq!(again.await.unwrap(), Update::Updated(resent));
    assert_eq!(deliverer.deliver_all().await.unwrap().delivered, 1);
    world.wait(3_600);
    assert_eq!(deliverer.deliver_all().await.unwrap().delivered, 1);
    let got = receiver.got();
    let sent = got.iter().map(|got| got.header("webhook-id"));
    assert_eq!(sent.collect::<Vec<_>>(), [&ids[0], &ids[0], &ids[1]]);
    // Nothing is left that would be due.
    world.wait(86_400);
    assert_eq!(deliverer.deliver_all().await.unwrap().endpoints, 0);
}

#[tokio::test]
async fn a_delivery_that_is_brought_forward_during_its_attempt_leaves_nothing_behind() {
    let world = World::new().await;
    let account = world.account().await;
    let receiver = Receiver::start(&world.clock).await;
    let endpoint = endpoint(&world, &receiver.url("/"));
    create(&world, &account, &endpoint).await;
    let event = event(&world, &account.id, "line", 0);
    let now = world.clock.now();
    world.ledger.hand_out(&[event], now).await.unwrap();
    let ledger = &world.ledger;
    let due = ledger.due_deliveries(&account.id, &endpoint.id, now, 1);
    let pointer = due.await.unwrap().remove(0);
    let before = &deliveries(&world, &account, &endpoint.id).await[0];
    // A deliverer whose clock is ahead sends it, while somebody with a clock behind brings it forward.
    let behind = now.minus(Duration::from_secs(2));
    let resent = ledger.resend_delivery(&account.id, &before.id, behind);
    let Update::Updated(resent) = resent.await.unwrap() else {
        panic!("it is there");
    };
    assert_eq!(resent.due, Some(behind));
    let after = callbook::model::webhook::Delivery {
        state: DeliveryState::Delivered,
        due: None,
        attempts: 1,
        ..before.clone()
    };
    let recorded = ledger.record_attempt(&account.id, &pointer, (before, &after));
    assert!(!recorded.await.unwrap(), "it is sent once more instead");
    let waits = ledger.let_delivery_wait(&account.id, &pointer, now.plus(Duration::from_secs(60)));
    waits.await.unwrap();
    let due = ledger.due_deliveries(&account.id, &endpoint.id, now, 10);
    let due = due.await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].due, behind);
    let done = deliverer(&world, world.ledger.clone()).deliver_all().await;
    assert_eq!(done.unwrap().delivered, 1);
    let left = ledger.due_deliveries(&account.id, &endpoint.id, now, 10);
    assert_eq!(left.await.unwrap(), []);
}
