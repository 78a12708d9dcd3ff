//! The addresses and paths that a credential is restricted to.

use callbook::model::credential::CredentialKind;
use callbook::model::rules::{EndpointRule, IpRule};
use callbook_local::gateway::event;
use callbook_tests::tld::{CID, DID, FORM, PATH, Platform, form};
use callbook_tests::{Key, Reply, deliver};
use serde_json::json;

async fn key_with_rules(platform: &Platform, rules: &[&str]) -> Key {
    let rules: Vec<_> = rules
        .iter()
        .map(|rule| EndpointRule::parse(rule).unwrap())
        .collect();
    platform
        .world
        .credential_with(&platform.account, CredentialKind::Tld, |new| {
            new.endpoints = rules;
        })
        .await
}

/// Sends a bill with a new cost to `path`.
async fn on_path(platform: &Platform, key: &Key, path: &str) -> Reply {
    let cost = platform.world.items("cost").await.len().to_string();
    let body = form(&[("did", DID), ("cid", CID), ("cost", &cost)]);
    let headers = [
        ("tld-api-id", key.name.as_str()),
        ("tld-api-key", &key.secret),
        ("content-type", FORM),
    ];
    platform
        .world
        .send("POST", path, &headers, body.as_bytes())
        .await
}

fn forms() -> [String; 6] {
    let full = format!("{PATH}/2069735100/2069735101");
    let did = format!("{PATH}/2069735100");
    [
        PATH.to_owned(),
        format!("{PATH}/"),
        did.clone(),
        format!("{did}/"),
        full.clone(),
        format!("{full}/"),
    ]
}

#[tokio::test]
async fn a_rule_with_a_star_matches_all_three_paths_and_a_trailing_slash() {
    let platform = Platform::new().await;
    for rule in [
        "/api/ingress/calls/inbound/billable*",
        "/api/*",
        "*",
        "*/billable*",
        "/api/*/calls/*/bill*",
    ] {
        let key = key_with_rules(&platform, &[rule]).await;
        for path in forms() {
            assert_eq!(
                on_path(&platform, &key, &path).await.status,
                200,
                "{rule} on {path}"
            );
        }
    }
}

#[tokio::test]
async fn a_rule_without_a_star_is_exact() {
    let platform = Platform::new().await;
    let key = key_with_rules(&platform, &[PATH]).await;
    let expected = [200, 200, 403, 403, 403, 403];
    for (path, status) in forms().iter().zip(expected) {
        let reply = on_path(&platform, &key, path).await;
        assert_eq!(reply.status, status, "{path}");
        if status == 403 {
            assert_eq!(reply.json(), json!({"error": "Endpoint Not Allowed"}));
        }
    }
}

#[tokio::test]
async fn a_star_also_matches_slashes_and_one_matching_rule_is_enough() {
    let platform = Platform::new().await;
    let key = key_with_rules(&platform, &["/1.0/*", "/api/*/2069735100/*"]).await;
    let expected = [403, 403, 403, 403, 200, 200];
    for (path, status) in forms().iter().zip(expected) {
        assert_eq!(
            on_path(&platform, &key, path).await.status,
            status,
            "{path}"
        );
    }
    let elsewhere = key_with_rules(&platform, &["/1.0/*", "/api/v1*"]).await;
    for path in forms() {
        assert_eq!(
            on_path(&platform, &elsewhere, &path).await.status,
            403,
            "{path}"
        );
    }
}

#[tokio::test]
async fn no_spelling_of_a_path_evades_a_rule() {
    let platform = Platform::new().await;
    // Allows bills for one number only.
    let narrow = key_with_rules(&platform, &["/1.0/*", &format!("{PATH}/2069735199*")]).await;
    let before = platform.world.items("cost").await;
    for path in [
        format!("{PATH}/2069735100/2069735101"),
        format!("{PATH}//2069735100/2069735101"),
        format!("{PATH}/2069735199/../2069735100"),
        format!("{PATH}/2069735199/..%2F2069735100"),
        format!("{PATH}/2069735199%2F..%2F2069735100"),
        format!("{PATH}/2069735199/%2E%2E/2069735100"),
        format!("{PATH}/2069735199%252F..%252F2069735100"),
        format!("{PATH}/%2069735100"),
        format!("{PATH}/2069735100%2F"),
        format!("{PATH}/./2069735100"),
        format!("/1.0/..{PATH}"),
        format!("/1.0/%2E%2E{PATH}/2069735100"),
        format!("/1.0%2F..{PATH}/2069735100"),
        format!("/{PATH}"),
        format!("{}/", PATH.replace("/calls/", "//calls//")),
        PATH.replace("/calls/", "/calls%2F"),
        PATH.to_uppercase(),
    ] {
        let reply = on_path(&platform, &narrow, &path).await;
        assert!(
            matches!(reply.status, 400 | 403 | 404),
            "{path}: {}",
            reply.status
        );
    }
    assert_eq!(platform.world.items("cost").await, before);
}

#[tokio::test]
async fn a_number_is_read_only_from_the_path_that_the_rule_matched() {
    let platform = Platform::new().await;
    let narrow = key_with_rules(&platform, &[&format!("{PATH}/2069735199*")]).await;
    let headers = [
        ("tld-api-id", narrow.name.as_str()),
        ("tld-api-key", &narrow.secret),
        ("content-type", FORM),
    ];
    for path in [
        format!("{PATH}/2069735100/../2069735199"),
        format!("{PATH}/2069735100%2F..%2F2069735199"),
        format!("{PATH}/2069735100/%2E%2E/2069735199"),
        format!("{PATH}/2069735100/..%2F2069735199/"),
    ] {
        let reply = platform
            .world
            .send("POST", &path, &headers, b"cid=2069735101&cost=1")
            .await;
        let did = reply.json()["inserted"]["call_to"].clone();
        assert_ne!(did, json!("+12069735100"), "{path}: {}", reply.status);
    }
}

async fn from(platform: &Platform, key: &Key, source: &str) -> Reply {
    let cost = platform.world.items("cost").await.len().to_string();
    let body = form(&[("did", DID), ("cid", CID), ("cost", &cost)]);
    let headers = [
        ("tld-api-id", key.name.as_str()),
        ("tld-api-key", &key.secret),
        ("content-type", FORM),
        // The client's own claim must not be trusted.
        ("x-forwarded-for", "203.0.113.7"),
    ];
    let mut event = event::from_local("POST", PATH, &headers, body.as_bytes()).unwrap();
    event["requestContext"]["http"]["sourceIp"] = json!(source);
    deliver(&platform.world.app, &event).await
}

#[tokio::test]
async fn ip_rules_of_both_versions_are_matched_against_the_gateways_source_address() {
    let platform = Platform::new().await;
    for (rules, source, allowed) in [
        (&[][..], "198.51.100.1", true),
        (&[], "2001:db8::1", true),
        (&["203.0.113.7"], "203.0.113.7", true),
        (&["203.0.113.7"], "203.0.113.8", false),
        (&["203.0.113.7"], "::ffff:203.0.113.7", true),
        (&["203.0.113.7"], "2001:db8::1", false),
        (&["198.51.100.0/24"], "198.51.100.255", true),
        (&["198.51.100.0/24"], "198.51.101.0", false),
        (&["198.51.100.9/24"], "198.51.100.1", true),
        (&["0.0.0.0/0"], "203.0.113.8", true),
        (&["0.0.0.0/0"], "2001:db8::1", false),
        (&["2001:db8::1"], "2001:db8::1", true),
        (&["2001:db8::1"], "2001:0DB8:0:0:0:0:0:1", true),
        (&["2001:db8::/32"], "2001:db8:ffff::9", true),
        (&["2001:db8::/32"], "2001:db9::1", false),
        (&["2001:db8::/32"], "203.0.113.7", false),
        (&["2001:db8::/32", "203.0.113.7"], "203.0.113.7", true),
        (&["203.0.113.7"], "", false),
        (&["203.0.113.7"], "unknown", false),
    ] {
        let addresses: Vec<_> = rules
            .iter()
            .map(|rule| IpRule::parse(rule).unwrap())
            .collect();
        let key = platform
            .world
            .credential_with(&platform.account, CredentialKind::Tld, |new| {
                new.addresses = addresses;
            })
            .await;
        let reply = from(&platform, &key, source).await;
        if allowed {
            assert_eq!(reply.status, 200, "{rules:?} from {source}: {}", reply.body);
        } else {
            let refused = (403, json!({"error": "IP Address Not Allowed"}));
            assert_eq!(
                (reply.status, reply.json()),
                refused,
                "{rules:?} from {source}"
            );
        }
    }
}

#[tokio::test]
async fn the_gateways_source_address_is_answered_and_stored() {
    let platform = Platform::new().await;
    let reply = from(&platform, &platform.key, "2001:db8::7").await;
    assert_eq!(reply.json()["inserted"]["ip_address"], "2001:db8::7");
    assert_eq!(
        platform.world.only("cost").await.text("ip_address"),
        "2001:db8::7"
    );
}
