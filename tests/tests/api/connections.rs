//! How the functions use their connections to the store.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Region;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use callbook::ledger::Ledger;
use callbook::model::credential::CredentialKind;
use callbook_local::engine::{ANY_REGION, TABLE};
use callbook_tests::faults::{self, Fault, Proxy};
use callbook_tests::{Key, World};
use serde_json::json;

async fn key(world: &World) -> Key {
    let account = world.account().await;
    world.credential(&account, CredentialKind::Trestle).await
}

/// Records feedback, and expects that it works.
async fn record(world: &World, key: &Key, response_id: &str) {
    let body = json!({
        "response_id": response_id, "phone": "+12065550100", "phone_status": "Connected",
        "phone_right_party_contact": true,
    });
    let headers = [("x-api-key", key.secret.as_str())];
    let reply = world
        .send(
            "POST",
            "/1.0/phone_feedback",
            &headers,
            body.to_string().as_bytes(),
        )
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

async fn recorded(world: &World) -> usize {
    world.items("feedback").await.len()
}

#[tokio::test]
async fn an_idle_connection_is_used_again() {
    let (world, proxy) = faults::world().await;
    let key = key(&world).await;
    for n in 0..5 {
        record(&world, &key, &format!("T_{n}")).await;
    }
    assert_eq!(proxy.connections(), 1);
}

#[tokio::test]
async fn a_connection_that_was_closed_while_the_process_was_frozen_is_replaced() {
    let (world, proxy) = faults::world_elsewhere();
    let key = key(&world).await;
    for n in 0..5 {
        record(&world, &key, &format!("T_{n}")).await;
        // Nothing of this process runs until the connection is closed, as in a frozen function.
        proxy.hang_up();
    }
    assert_eq!(proxy.connections(), 5);
    assert_eq!(recorded(&world).await, 5);
}

/// A client with the functions' timeouts for an attempt, and patience with a busy machine.
fn functions_client(proxy: &Proxy) -> Client {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(1))
        .operation_timeout(Duration::from_secs(60))
        .build();
    let config = Ledger::sdk_config()
        .region(Region::new(ANY_REGION))
        .credentials_provider(proxy.key().credentials())
        .timeout_config(timeouts)
        .endpoint_url(proxy.endpoint());
    Client::from_conf(config.build())
}

#[tokio::test]
async fn a_connection_without_answers_is_given_up_and_not_used_again() {
    let (world, proxy) = faults::world().await;
    let key = key(&world).await;
    let ledger = Ledger::new(functions_client(&proxy), TABLE);
    let account = &key.credential.account;
    assert!(ledger.account(account).await.unwrap().is_some());
    let before = proxy.connections();
    proxy.plan(|seen| (seen.number == 0).then_some(Fault::Hang));
    assert!(ledger.account(account).await.unwrap().is_some());
    let attempts: Vec<u32> = proxy.seen().iter().map(|seen| seen.attempt).collect();
    assert!(attempts.len() >= 2, "{attempts:?}");
    assert!(proxy.connections() > before);
}
