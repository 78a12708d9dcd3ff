//! The policies of the functions of webhooks.

use callbook::ledger::Ledger;
use callbook::model::credential::CredentialKind;
use callbook_local::engine::TABLE;
use callbook_tests::receiver::{Manner, Receiver};
use callbook_tests::webhooks::{create, deliverer, endpoint, event};
use callbook_tests::{faults, teletracker};

use crate::policies::{granted, limited, used};

#[tokio::test]
async fn webhooks_uses_exactly_its_policy() {
    let (world, proxy) = faults::world().await;
    let account = teletracker::account(&world).await;
    let user = world
        .credential_with(&account, CredentialKind::User, limited)
        .await;
    let authorization = teletracker::basic(&user);
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", "k"),
    ];
    let ask = |method: &'static str, path: String, body: &'static str| {
        let (world, headers) = (&world, &headers);
        async move {
            let path = format!("/callbook/v1/{path}");
            let reply = world.send(method, &path, headers, body.as_bytes()).await;
            assert!(reply.status < 300, "{path}: {}", reply.body);
            reply.json()
        }
    };
    proxy.heal();
    let url = r#"{"url":"https://example.com/"}"#;
    let made = ask("POST", "webhooks".to_owned(), url).await;
    let id = made["id"].as_str().unwrap();
    ask(
        "PATCH",
        format!("webhooks/{id}"),
        r#"{"status":"disabled"}"#,
    )
    .await;
    ask("PATCH", format!("webhooks/{id}"), r#"{"status":"enabled"}"#).await;
    ask("POST", format!("webhooks/{id}/rotate"), "").await;
    let queued = ask("POST", format!("webhooks/{id}/test"), "").await;
    let delivery = queued["id"].as_str().unwrap();
    ask("GET", format!("webhooks/{id}/deliveries"), "").await;
    ask("POST", format!("deliveries/{delivery}/resend"), "").await;
    ask("GET", "webhooks".to_owned(), "").await;
    ask("DELETE", format!("webhooks/{id}"), "").await;
    assert_eq!(used(&proxy), granted("webhooks"));
}

#[tokio::test]
async fn deliver_uses_exactly_its_policy() {
    let (world, proxy) = faults::world().await;
    let account = world.account().await;
    let receiver = Receiver::start(&world.clock).await;
    create(&world, &account, &endpoint(&world, &receiver.url("/"))).await;
    let events = [0, 1].map(|nth| event(&world, &account.id, &nth.to_string(), nth));
    world
        .ledger
        .hand_out(&events, world.clock.now())
        .await
        .unwrap();
    proxy.heal();
    let deliverer = deliverer(&world, Ledger::new(proxy.client(), TABLE));
    receiver.behave(|_| Manner::Answer(500));
    deliverer.deliver_for([&account.id]).await.unwrap();
    world.wait(10);
    receiver.behave(|_| Manner::Take);
    deliverer.deliver_all().await.unwrap();
    world
        .ledger
        .hand_out(&[event(&world, &account.id, "2", 2)], world.clock.now())
        .await
        .unwrap();
    receiver.behave(|_| Manner::Answer(410));
    assert_eq!(deliverer.deliver_all().await.unwrap().switched_off.len(), 1);
    assert_eq!(used(&proxy), granted("deliver"));
}
