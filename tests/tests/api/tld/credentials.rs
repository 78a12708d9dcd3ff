//! The API ID and the API key: where they are read from, and the errors about them.

use callbook::model::credential::{CredentialKind, Product, Status};
use callbook::model::time::Instant;
use callbook_tests::tld::{CID, DID, FORM, JSON, PATH, Platform, form};
use callbook_tests::{NOON, Reply};
use serde_json::{Value, json};

const BILL: [(&str, &str); 3] = [("did", DID), ("cid", CID), ("cost", "1")];

async fn send(
    platform: &Platform,
    headers: &[(&str, &str)],
    query: &[(&str, &str)],
    body: &[(&str, &str)],
) -> Reply {
    let path = format!("{PATH}?{}", form(query));
    let headers = [headers, &[("content-type", FORM)]].concat();
    let body = form(&[body, &BILL[..]].concat());
    platform
        .world
        .send("POST", &path, &headers, body.as_bytes())
        .await
}

fn assert_refused(reply: &Reply, status: u16, text: &str) {
    assert_eq!(
        (reply.status, reply.json()),
        (status, json!({"error": text}))
    );
}

#[tokio::test]
async fn the_credential_can_be_in_headers_query_or_body() {
    let platform = Platform::new().await;
    let (id, key) = (platform.key.name.as_str(), platform.key.secret.as_str());
    let header = [("tld-api-id", id), ("tld-api-key", key)];
    let long = [("api_id", id), ("api_key", key)];
    let short = [("api", id), ("apikey", key)];
    for (what, reply) in [
        ("headers", send(&platform, &header, &[], &[]).await),
        (
            "headers in any case",
            send(
                &platform,
                &[("TLD-API-ID", id), ("Tld-Api-Key", key)],
                &[],
                &[],
            )
            .await,
        ),
        ("query", send(&platform, &[], &long, &[]).await),
        ("query, short", send(&platform, &[], &short, &[]).await),
        ("body", send(&platform, &[], &[], &long).await),
        ("body, short", send(&platform, &[], &[], &short).await),
        (
            "header and query",
            send(&platform, &header[..1], &long[1..], &[]).await,
        ),
        (
            "query and body",
            send(&platform, &[], &short[..1], &long[1..]).await,
        ),
        (
            "body and header",
            send(&platform, &header[1..], &[], &short[..1]).await,
        ),
        (
            "long and short",
            send(&platform, &[], &[long[0], short[1]], &[]).await,
        ),
    ] {
        assert_eq!(reply.status, 200, "{what}: {}", reply.body);
    }
    let body = json!({"did": DID, "cid": CID, "cost": 1, "api_id": id, "apikey": key});
    let headers = [("content-type", JSON)];
    let reply = platform
        .world
        .send("POST", PATH, &headers, body.to_string().as_bytes())
        .await;
    assert_eq!(reply.status, 200, "in JSON");
}

#[tokio::test]
async fn the_header_takes_precedence_and_then_the_longer_name() {
    let platform = Platform::new().await;
    let (id, key) = (platform.key.name.as_str(), platform.key.secret.as_str());
    let wrong = [("api_id", "wrong"), ("api_key", "wrong")];
    let wrong_short = [("api", "wrong"), ("apikey", "wrong")];
    let right = [("api_id", id), ("api_key", key)];
    let header = [("tld-api-id", id), ("tld-api-key", key)];
    let wrong_header = [("tld-api-id", "wrong"), ("tld-api-key", "wrong")];
    for (what, reply, status) in [
        (
            "header over query",
            send(&platform, &header, &wrong, &[]).await,
            200,
        ),
        (
            "header over body",
            send(&platform, &header, &[], &wrong).await,
            200,
        ),
        (
            "a wrong header",
            send(&platform, &wrong_header, &right, &right).await,
            401,
        ),
        (
            "one wrong header",
            send(&platform, &[header[0], wrong_header[1]], &right, &[]).await,
            401,
        ),
        (
            "one right header",
            send(&platform, &header[..1], &[wrong[0], right[1]], &[]).await,
            200,
        ),
        (
            "an empty header",
            send(
                &platform,
                &[("tld-api-id", ""), ("tld-api-key", " ")],
                &right,
                &[],
            )
            .await,
            200,
        ),
        (
            "long over short in the query",
            send(&platform, &[], &[&wrong_short[..], &right].concat(), &[]).await,
            200,
        ),
        (
            "long over short in the body",
            send(&platform, &[], &[], &[&wrong_short[..], &right].concat()).await,
            200,
        ),
        (
            "body over query",
            send(&platform, &[], &wrong, &right).await,
            200,
        ),
        (
            "long in the query over short in the body",
            send(&platform, &[], &right, &wrong_short).await,
            200,
        ),
        (
            "long in the body over short in the query",
            send(&platform, &[], &wrong_short, &right).await,
            200,
        ),
        (
            "an id in the query, and its key in the body",
            send(&platform, &[], &right[..1], &[wrong_short[0], right[1]]).await,
            200,
        ),
    ] {
        assert_eq!(reply.status, status, "{what}: {}", reply.body);
    }
}

#[tokio::test]
async fn an_incomplete_credential_is_answered_with_the_missing_half() {
    let platform = Platform::new().await;
    let (id, key) = (platform.key.name.as_str(), platform.key.secret.as_str());
    assert_refused(
        &send(&platform, &[], &[], &[]).await,
        401,
        "No API ID Provided",
    );
    assert_refused(
        &send(&platform, &[("tld-api-key", key)], &[], &[]).await,
        401,
        "No API ID Provided",
    );
    assert_refused(
        &send(&platform, &[], &[], &[("apikey", key)]).await,
        401,
        "No API ID Provided",
    );
    assert_refused(
        &send(&platform, &[("tld-api-id", id)], &[], &[]).await,
        401,
        "No API Key Provided",
    );
    assert_refused(
        &send(&platform, &[], &[("api", id)], &[]).await,
        401,
        "No API Key Provided",
    );
    assert_refused(
        &send(&platform, &[], &[("api_id", id), ("api_key", "")], &[]).await,
        401,
        "No API Key Provided",
    );
}

#[tokio::test]
async fn an_unknown_id_a_wrong_key_and_a_revoked_key_get_the_same_answer() {
    let platform = Platform::new().await;
    let account = &platform.account;
    let other = platform
        .world
        .credential(account, CredentialKind::Tld)
        .await;
    let revoked = platform
        .world
        .credential(account, CredentialKind::Tld)
        .await;
    let id = &revoked.credential.id;
    platform
        .world
        .ledger
        .set_credential_status(&account.id, id, Status::Revoked)
        .await
        .unwrap();
    let (id, key) = (platform.key.name.as_str(), platform.key.secret.as_str());
    let nearly = key.to_uppercase() + "0";
    let long = "x".repeat(3_000);
    let mut bodies = Vec::new();
    for (id, key) in [
        ("unknown", key),
        (id, "wrong"),
        (id, nearly.as_str()),
        (id, other.secret.as_str()),
        (long.as_str(), key),
        ("näh", key),
        (
            platform.switch.name.as_str(),
            platform.switch.secret.as_str(),
        ),
        (revoked.name.as_str(), revoked.secret.as_str()),
    ] {
        let reply = send(&platform, &[], &[], &[("api_id", id), ("api_key", key)]).await;
        assert_refused(&reply, 401, "Invalid API ID or API Key");
        bodies.push(reply.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "all bodies are equal byte for byte");
    assert_eq!(platform.world.items("cost").await, []);
}

#[tokio::test]
async fn expired_and_disabled_keys_have_their_own_errors() {
    let platform = Platform::new().await;
    let (world, account) = (&platform.world, &platform.account);
    let expiring = world
        .credential_with(account, CredentialKind::Tld, |new| {
            new.expires = Some(Instant::from_millis(NOON + 5_000));
        })
        .await;
    let headers = [
        ("tld-api-id", expiring.name.as_str()),
        ("tld-api-key", &expiring.secret),
    ];
    assert_eq!(send(&platform, &headers, &[], &[]).await.status, 200);
    world.wait(5);
    assert_refused(
        &send(&platform, &headers, &[], &[]).await,
        401,
        "API Key Expired",
    );

    let disabled = world.credential(account, CredentialKind::Tld).await;
    let id = &disabled.credential.id;
    world
        .ledger
        .set_credential_status(&account.id, id, Status::Disabled)
        .await
        .unwrap();
    let headers = [
        ("tld-api-id", disabled.name.as_str()),
        ("tld-api-key", &disabled.secret),
    ];
    assert_refused(
        &send(&platform, &headers, &[], &[]).await,
        401,
        "API Key Disabled",
    );
    let headers = [
        ("tld-api-id", disabled.name.as_str()),
        ("tld-api-key", "wrong"),
    ];
    assert_refused(
        &send(&platform, &headers, &[], &[]).await,
        401,
        "Invalid API ID or API Key",
    );
}

#[tokio::test]
async fn a_credential_of_another_product_cannot_bill() {
    let platform = Platform::new().await;
    let key = platform
        .world
        .credential_with(&platform.account, CredentialKind::Tld, |new| {
            new.products = vec![Product::CallerId];
        })
        .await;
    let headers = [
        ("tld-api-id", key.name.as_str()),
        ("tld-api-key", &key.secret),
    ];
    assert_refused(
        &send(&platform, &headers, &[], &[]).await,
        403,
        "Product Not Allowed",
    );
}

#[tokio::test]
async fn the_answer_contains_the_id_and_never_the_key() {
    let platform = Platform::new().await;
    let reply = platform.bill("1", &[]).await;
    let inserted: Value = reply.json()["inserted"].clone();
    assert_eq!(inserted["method_id"], platform.key.name);
    assert!(!reply.body.contains(&platform.key.secret));
    for item in platform.world.all_items().await {
        assert!(
            !format!("{item:?}").contains(&platform.key.secret),
            "no item contains the key itself"
        );
    }
}
