//! The counts in a log line, and the dimensions of their metrics.

use callbook::model::credential::{CredentialKind, Status};
use callbook_tests::faults::{self, Fault};
use callbook_tests::vendors::{self, Sent, use_key};
use callbook_tests::{Key, World};
use serde_json::{Value, json};

/// The counts in the last line, and the dimensions of each metric that it declares.
fn counted(world: &World) -> (Value, Value) {
    let lines = world.logs();
    let line: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    let counts = [
        "client_errors",
        "server_errors",
        "refused_credentials",
        "contended",
    ];
    let counts = counts.map(|name| line[name].clone());
    let declared = line["_aws"]["CloudWatchMetrics"].as_array().unwrap();
    let metrics = declared.iter().flat_map(|part| {
        let dimensions = &part["Dimensions"];
        let names = part["Metrics"].as_array().unwrap().iter();
        names.map(move |metric| {
            (
                metric["Name"].as_str().unwrap().to_owned(),
                dimensions.clone(),
            )
        })
    });
    for name in metrics.clone().map(|(name, _)| name) {
        assert!(line[&name].is_u64(), "{name} is declared and not there");
    }
    assert_eq!(line["stack"], "acme");
    (
        json!(counts),
        metrics.collect::<serde_json::Map<_, _>>().into(),
    )
}

async fn send(world: &World, key: &Key, sent: Sent) -> (Value, Value) {
    use_key(&world.app, key, sent).await;
    counted(world)
}

#[tokio::test]
async fn a_refused_known_credential_is_counted_for_the_whole_deployment() {
    let mut world = World::new().await;
    world.configure(|config| config.stack = Some("acme".to_owned()));
    let usual = json!({
        "client_errors": [["stack", "function"]],
        "server_errors": [["stack", "function"]],
    });
    let mut with_refusal = usual.clone();
    with_refusal["refused_credentials"] = json!([["stack"]]);
    for kind in vendors::ALL {
        let account = world.account().await;
        let key = world.credential(&account, kind).await;
        let well = send(&world, &key, Sent::Well).await;
        assert_eq!(well, (json!([0, 0, null, null]), usual.clone()), "{kind:?}");

        let disabled = world.credential(&account, kind).await;
        let set = world.ledger.set_credential_status(
            &account.id,
            &disabled.credential.id,
            Status::Disabled,
        );
        set.await.unwrap();
        let refused = send(&world, &disabled, Sent::Well).await;
        let expected = (json!([1, 0, 1, null]), with_refusal.clone());
        assert_eq!(refused, expected, "{kind:?}, disabled");

        let revoked = world.credential(&account, kind).await;
        let set = world.ledger.set_credential_status(
            &account.id,
            &revoked.credential.id,
            Status::Revoked,
        );
        set.await.unwrap();
        let refused = send(&world, &revoked, Sent::Well).await;
        let expected = (json!([1, 0, null, null]), usual.clone());
        assert_eq!(refused, expected, "{kind:?}, revoked");
    }
}

#[tokio::test]
async fn contention_is_counted_separately_from_an_unreachable_store() {
    let (mut world, proxy) = faults::world().await;
    world.configure(|config| config.stack = Some("acme".to_owned()));
    let account = world.account().await;
    let key = world.credential(&account, CredentialKind::Trestle).await;
    let usual = json!({
        "client_errors": [["stack", "function"]],
        "server_errors": [["stack", "function"]],
    });
    let mut with_contention = usual.clone();
    with_contention["contended"] = json!([["stack"]]);
    for (fault, count, metrics, code) in [
        (
            Fault::Conflict,
            json!(1),
            with_contention,
            "store_contended",
        ),
        (Fault::Down, json!(null), usual, "store_unavailable"),
    ] {
        proxy.plan(move |seen| (seen.verb == "TransactWriteItems").then_some(fault));
        let failed = send(&world, &key, Sent::Well).await;
        assert_eq!(failed, (json!([0, 1, null, count]), metrics), "{fault:?}");
        let line: Value = serde_json::from_str(world.logs().last().unwrap()).unwrap();
        assert_eq!(line["error"], code);
    }
    let line: Value = serde_json::from_str(&world.logs()[0]).unwrap();
    let cause = "too many concurrent updates of the feedback about this number; retry";
    assert_eq!(line["cause"], cause);
}
