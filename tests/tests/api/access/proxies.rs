//! Rules by address behind proxies: the client's address is held against them, and nobody's word but a named proxy's.

use callbook::model::credential::CredentialKind;
use callbook::model::proxies::TrustedProxies;
use callbook::model::rules::IpRule;
use callbook_local::gateway::event;
use callbook_tests::{Key, World, deliver};
use serde_json::{Value, json};

const PROXY: &str = "192.0.2.10";
const CLIENT: &str = "203.0.113.9";

/// The status of a request by a connection from an address, and the address in its log line.
async fn sent(world: &World, key: &Key, connection: &str, forwarded: &str) -> (u16, Value) {
    let body = br#"{"response_id":"T_1","phone":"2065550100","phone_status":"Connected","phone_right_party_contact":true}"#;
    let headers = [("x-api-key", key.secret.as_str())];
    let path = "/1.0/phone_feedback";
    let mut event = event::from_local("POST", path, &headers, body).expect("a request");
    event["requestContext"]["http"]["sourceIp"] = json!(connection);
    event["headers"]["x-forwarded-for"] = json!(forwarded);
    let reply = deliver(&world.app, &event).await;
    let line: Value = serde_json::from_str(&world.last_log().unwrap()).unwrap();
    (reply.status, line["source_ip"].clone())
}

#[tokio::test]
async fn a_named_proxy_is_believed_and_nobody_else() {
    let mut world = World::new().await;
    let account = world.account().await;
    let key = world.credential_with(&account, CredentialKind::Trestle, |new| {
        new.addresses = vec![IpRule::parse(CLIENT).unwrap()];
    });
    let key = key.await;
    let behind = format!("{CLIENT}, {PROXY}");
    assert_eq!(
        sent(&world, &key, CLIENT, CLIENT).await,
        (200, json!(CLIENT))
    );
    // By default nobody is believed.
    assert_eq!(
        sent(&world, &key, PROXY, &behind).await,
        (403, json!(PROXY))
    );

    world.configure(|config| config.proxies = TrustedProxies::parse(PROXY).unwrap());
    assert_eq!(
        sent(&world, &key, PROXY, &behind).await,
        (200, json!(CLIENT))
    );
    // What a client writes into the header stands before what the proxy appends.
    let claims = format!("{CLIENT}, 198.51.100.7, {PROXY}");
    assert_eq!(
        sent(&world, &key, PROXY, &claims).await,
        (403, json!("198.51.100.7"))
    );
    // Who goes around the proxy is nobody's proxy.
    let around = format!("{CLIENT}, 198.51.100.7");
    assert_eq!(
        sent(&world, &key, "198.51.100.7", &around).await,
        (403, json!("198.51.100.7"))
    );
    let nobody = format!("unknown, {PROXY}");
    assert_eq!(sent(&world, &key, PROXY, &nobody).await, (403, Value::Null));
}
