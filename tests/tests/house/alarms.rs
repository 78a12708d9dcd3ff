//! The template's alarms watch metrics that the functions write, and cover every function.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use callbook::edge::log::Sink;
use callbook::edge::{AppConfig, DEADLINE, DeliverApp, deliver};
use callbook::model::credential::{CredentialKind, NewCredential, Status};
use callbook::model::phone::PhoneNumber;
use callbook::model::vendor::VendorId;
use callbook_tests::tld::{CID, DID, FORM, PATH, Platform, form};
use callbook_tests::vendors::{Sent, use_key};
use callbook_tests::{World, vendor, webhooks};
use serde_json::Value;

use crate::played::alarms_played;
use crate::repository::{document, function_folders, functions, globals, members, resources};

/// The alarms of one namespace.
fn alarms(namespace: &str) -> Vec<Value> {
    let alarms = resources("AWS::CloudWatch::Alarm").into_iter();
    alarms
        .filter(|alarm| alarm["Namespace"] == namespace)
        .collect()
}

/// The dimensions of an alarm. A `!Ref` is given by the name that it refers to.
fn dimensions(alarm: &Value) -> Vec<(String, String)> {
    let dimensions = alarm["Dimensions"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    dimensions
        .map(|dimension| (text(&dimension["Name"]), text(&dimension["Value"])))
        .collect()
}

#[test]
fn every_function_has_an_alarm_for_crashes_one_for_its_server_errors_and_one_for_its_duration() {
    let errors = alarms("Callbook").into_iter();
    let errors = errors.filter(|alarm| alarm["MetricName"] == "server_errors");
    let watched: BTreeSet<_> = errors
        .map(|alarm| {
            let [(_, stack), (_, function)] = dimensions(&alarm).try_into().unwrap();
            assert_eq!(stack, "AWS::StackName");
            assert_eq!(
                alarm["Statistic"], "Average",
                "the average is the share of failed requests"
            );
            function
        })
        .collect();
    assert_eq!(watched, function_folders());
    let crashes = alarms("AWS/Lambda").into_iter();
    let crashes = crashes.filter(|alarm| alarm["MetricName"] == "Errors");
    let crashes: BTreeSet<_> = crashes.map(|alarm| dimensions(&alarm)).collect();
    assert_eq!(crashes.len(), function_folders().len());
    let slow = alarms("AWS/Lambda").into_iter();
    let slow = slow.filter(|alarm| alarm["MetricName"] == "Duration");
    let slow: BTreeSet<_> = slow.map(|alarm| dimensions(&alarm)).collect();
    assert_eq!(slow, crashes, "run scripts/generate-template");
}

#[tokio::test]
async fn every_watched_metric_is_counted_in_a_log_line() {
    let mut world = World::new().await;
    world.configure(|config| config.stack = Some("acme".to_owned()));
    let account = world.account().await;
    let key = world.credential(&account, CredentialKind::Tld).await;
    let id = &key.credential.id;
    let disabled = world
        .ledger
        .set_credential_status(&account.id, id, Status::Disabled);
    disabled.await.unwrap();
    use_key(&world.app, &key, Sent::Well).await;
    let refused: Value = serde_json::from_str(world.logs().last().unwrap()).unwrap();
    let mut lines = money_going_wrong().await;
    lines.push(refused);
    lines.extend(receivers_going_wrong().await);
    let parts = lines.iter().flat_map(|line| {
        let parts = line["_aws"]["CloudWatchMetrics"].as_array();
        parts.expect("a line declares its metrics")
    });
    let mut counted = BTreeSet::new();
    for part in parts {
        for metric in part["Metrics"].as_array().unwrap() {
            for names in part["Dimensions"].as_array().unwrap() {
                let namespace = part["Namespace"].as_str().unwrap();
                counted.insert((
                    namespace.to_owned(),
                    metric["Name"].clone().to_string(),
                    names.to_string(),
                ));
            }
        }
    }
    // The others are seen to fire: `played` sends what they count.
    let document = document();
    let ours = members(&document["Resources"])
        .filter(|(name, _)| !alarms_played().any(|played| played == *name))
        .map(|(_, resource)| &resource["Properties"])
        .filter(|alarm| alarm["Namespace"] == "Callbook");
    for alarm in ours.cloned() {
        let names: Vec<_> = dimensions(&alarm)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        let watched = (
            "Callbook".to_owned(),
            alarm["MetricName"].to_string(),
            serde_json::json!(names).to_string(),
        );
        assert!(
            counted.contains(&watched),
            "{watched:?} is not among {counted:?}"
        );
    }
}

/// The lines of a bill for another vendor's number, of a second vendor's bill of one call, and of the schedule
/// that finds a cost without a call.
async fn money_going_wrong() -> Vec<Value> {
    let mut platform = Platform::new().await;
    let acme = |config: &mut AppConfig<_>| config.stack = Some("acme".to_owned());
    platform.world.configure(acme);
    let (world, account) = (&platform.world, &platform.account);
    let mut keys = Vec::new();
    for id in ["blue", "acme"] {
        vendor::add(world, account, id).await;
        let of = |new: &mut NewCredential| new.vendor = Some(VendorId::parse(id).unwrap());
        keys.push(
            world
                .credential_with(account, CredentialKind::Tld, of)
                .await,
        );
    }
    platform.call().await;
    platform.bill("25", &[]).await;
    for key in keys {
        let headers = [
            ("tld-api-id", key.name.as_str()),
            ("tld-api-key", key.secret.as_str()),
            ("content-type", FORM),
        ];
        let body = form(&[("did", DID), ("cid", CID), ("cost", "5")]);
        world.send("POST", PATH, &headers, body.as_bytes()).await;
        let number = PhoneNumber::parse(DID).unwrap();
        let registered = world
            .ledger
            .register_number(account, &number, world.clock.now());
        registered.await.unwrap();
        vendor::assign(world, account, DID, Some("blue")).await;
        world.wait(60);
    }
    let unmatched = [("did", DID), ("cid", "+12069735109"), ("cost", "7")];
    platform.form(&unmatched).await;
    let summed_up = world.deliver_stream().await;
    world.wait(3 * 86_400);
    let schedules = functions()["rollup"]["Events"].clone();
    let input = &schedules["Unmatched"]["Properties"]["Input"];
    let event: Value = serde_json::from_str(input.as_str().unwrap()).unwrap();
    let found = world.deliver_schedule(&event).await;
    let logs = world.logs();
    let logs = logs.iter().map(|line| serde_json::from_str(line).unwrap());
    logs.chain(summed_up).chain(found).collect()
}

/// The lines of deliveries that are late, and of a receiver that is down until it is switched off.
async fn receivers_going_wrong() -> Vec<Value> {
    let world = World::new().await;
    let account = world.account().await;
    // Nobody listens there.
    let endpoint = webhooks::endpoint(&world, "http://127.0.0.1:1/");
    webhooks::create(&world, &account, &endpoint).await;
    let begun = world.clock.now();
    let queued = world
        .ledger
        .queue_test(&account.id, &endpoint.id, "g", begun);
    queued.await.unwrap();
    world.wait(60);
    let lease = (
        world.clock.now(),
        world.clock.now().plus(std::time::Duration::from_secs(60)),
    );
    let leased = world
        .ledger
        .lease_webhook(&account.id, &endpoint.id, "another", lease);
    assert!(leased.await.unwrap().is_some());
    let lines = Arc::new(Mutex::new(Vec::new()));
    let written = Arc::clone(&lines);
    let app = DeliverApp {
        deliverer: webhooks::deliverer(&world, world.ledger.clone()),
        sink: Sink::each(move |line| {
            written
                .lock()
                .unwrap()
                .push(serde_json::from_str(line).unwrap());
        }),
        stack: Some("acme".to_owned()),
    };
    for _ in 0..12 {
        let tally = deliver(&app, &::deliver::FUNCTION, br#"{"task":"deliver"}"#);
        tally.await.unwrap();
        world.wait(30 * 3_600);
    }
    let lines = lines.lock().unwrap();
    lines.clone()
}

#[test]
fn the_deadline_of_a_function_ends_before_its_timeout() {
    let everywhere = globals();
    let functions = functions();
    let timeouts: Vec<_> = functions
        .values()
        .chain([&everywhere])
        .filter_map(|settings| settings["Timeout"].as_u64())
        .collect();
    assert!(!timeouts.is_empty());
    for seconds in timeouts {
        assert!(DEADLINE.as_secs() + 1 < seconds, "{seconds} s");
    }
}
