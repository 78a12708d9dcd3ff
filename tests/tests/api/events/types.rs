//! Every type of event, as real requests cause it, in the shape of its schema.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use callbook::model::credential::CredentialKind;
use callbook::model::event::{Event, EventShape, EventType};
use callbook::model::phone::PhoneNumber;
use callbook::model::webhook::Description;
use callbook_tests::receiver::{Manner, Receiver};
use callbook_tests::tld::{CID, DID, FORM, JSON, PATH, form};
use callbook_tests::webhooks::{create, deliverer, endpoint};
use callbook_tests::{fd_calls, fonedynamics, teletracker};
use serde_json::{Value, json};

use super::{Scene, told};

/// The schema with this name.
fn schema(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/events/schemas/v1");
    let text = fs::read_to_string(folder.join(format!("{name}.json")));
    serde_json::from_str(&text.unwrap_or_else(|error| panic!("{name}: {error}"))).unwrap()
}

/// What is wrong with a value by a schema, and every member that the schema does not name.
fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(schema)
        .expect("a schema");
    let wrong = validator.iter_errors(value);
    let mut faults: Vec<_> = wrong
        .map(|fault| format!("{} against {}", fault.instance_path(), fault.schema_path()))
        .collect();
    let known = schema["properties"].as_object().expect("properties");
    let members = value.as_object().expect("an object").keys();
    let unknown = members.filter(|name| !known.contains_key(*name));
    faults.extend(unknown.map(|name| format!("{name} is not in the schema")));
    faults
}

fn check(event: &Event) {
    let envelope: Value = serde_json::from_str(&event.to_json()).unwrap();
    let found = faults(&schema("event"), &envelope);
    assert!(found.is_empty(), "{}: {found:?}", event.kind.as_str());
    let shape = event.kind.shape().as_str();
    assert_eq!(envelope["dataschema"], schema(shape)["$id"], "{shape}");
    let found = faults(&schema(shape), &event.data);
    assert!(
        found.is_empty(),
        "{}: {found:?} in {}",
        event.kind.as_str(),
        event.data
    );
}

#[test]
fn the_example_of_the_documentation_is_an_event() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/events/README.md");
    let page = fs::read_to_string(page).unwrap();
    let example = page.split("```json\n").nth(1).unwrap();
    let example = example.split("```").next().unwrap();
    let event = Event::read(example).unwrap();
    check(&event);
    let written: Value = serde_json::from_str(&event.to_json()).unwrap();
    assert_eq!(written, serde_json::from_str::<Value>(example).unwrap());
}

/// Calls, from the first report to the end, and their costs.
async fn calls_and_costs(scene: &Scene) {
    let (world, account) = (scene.world(), scene.account());
    scene.platform.call().await;
    let site = world
        .credential(account, CredentialKind::Fonedynamics)
        .await;
    let property = fd_calls::property(world, account, None).await;
    let now = fd_calls::seconds(world.clock.now());
    world.wait(60);
    let ended = fd_calls::seconds(world.clock.now());
    // Another source of the same call, and then its end.
    let call = [("From", CID), ("To", DID), ("Started", now.as_str())];
    let call = fd_calls::record(world, &site, &property, &call).await;
    let path = format!("/v2/Calls/{}", call["CallSid"].as_str().unwrap());
    let reply = fd_calls::post(world, &site, &path, &[("Ended", &ended)]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    scene.platform.bill("25", &[]).await;
    world.wait(3_600);
    let second = scene.platform.bill("30", &[]).await.json();
    let path = format!(
        "/callbook/v1/costs/{}/void",
        second["cost_id"].as_str().unwrap()
    );
    let reply = scene.ask("POST", &path, r#"{"reason":"wrong call"}"#).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    // Without a call, and refused.
    let unmatched = [("did", DID), ("cid", "+12069735109"), ("cost", "7")];
    scene.platform.form(&unmatched).await;
    let number = PhoneNumber::parse(DID).unwrap();
    let fence = vec![PhoneNumber::parse("+18005550177").unwrap()];
    let key = scene.key(CredentialKind::Tld, |new| new.dids = fence).await;
    let headers = [
        ("tld-api-id", key.name.as_str()),
        ("tld-api-key", key.secret.as_str()),
        ("content-type", FORM),
    ];
    let body = form(&[("did", number.as_e164()), ("cid", CID), ("cost", "5")]);
    world.send("POST", PATH, &headers, body.as_bytes()).await;
}

/// Feedback, the dialer's queue and numbers.
async fn contacts_and_numbers(scene: &Scene) {
    let (world, account) = (scene.world(), scene.account());
    let trestle = world.credential(account, CredentialKind::Trestle).await;
    let headers = [
        ("x-api-key", trestle.secret.as_str()),
        ("content-type", JSON),
    ];
    let body = json!({
        "response_id": "T_1", "phone": "2069735100", "name": "Ann Example",
        "phone_status": "Connected", "phone_right_party_contact": true,
    });
    let body = body.to_string();
    let reply = world.send("POST", "/1.0/phone_feedback", &headers, body.as_bytes());
    assert_eq!(reply.await.status, 200);

    let authorization = teletracker::basic(&scene.user);
    for (callee, result) in [("2065550177", "completed"), ("2065550178", "failed")] {
        let callee = [("callee", callee), ("whisper_text", "Hello")];
        let queued = teletracker::respond(&world.app, &authorization, &callee).await;
        assert_eq!(queued.status, 200, "{}", queued.body);
        let taken = scene
            .ask("POST", "/callbook/v1/queue/take", "{}")
            .await
            .json();
        let path = format!("/callbook/v1/queue/{}/finish", taken["entries"][0]["id"]);
        let body = json!({"result": result}).to_string();
        assert_eq!(scene.ask("POST", &path, &body).await.status, 200);
    }

    let site = world
        .credential(account, CredentialKind::Fonedynamics)
        .await;
    let property = fd_calls::property(world, account, None).await;
    fonedynamics::serve(world).await;
    let number = fonedynamics::number(
        fonedynamics::NUMBER,
        fonedynamics::FREE,
        "Local",
        "Voice,SMS",
    );
    fonedynamics::load(world, &number).await;
    let buy = format!("/v2/Properties/{}/Numbers", property.as_str());
    let body = json!({"Number": fonedynamics::NUMBER}).to_string();
    fonedynamics::done(&fonedynamics::ask(&world.app, &site, "POST", &buy, &body).await);
    world.wait(60);
    let path = fonedynamics::path_of(fonedynamics::NUMBER);
    fonedynamics::done(&fonedynamics::ask(&world.app, &site, "DELETE", &path, "").await);
}

/// Credentials that are refused, that end soon and that reach a limit.
async fn credentials(scene: &Scene) {
    let world = scene.world();
    let bill = |id: String, secret: String| async move {
        let headers = [
            ("tld-api-id", id.as_str()),
            ("tld-api-key", secret.as_str()),
            ("content-type", FORM),
        ];
        let body = form(&[("did", DID), ("cid", CID), ("cost", "5")]);
        world
            .send("POST", PATH, &headers, body.as_bytes())
            .await
            .status
    };
    let ends = world.clock.now().plus(Duration::from_secs(3_600));
    let ending = scene
        .key(CredentialKind::Tld, |new| new.expires = Some(ends))
        .await;
    world.publish_task("day").await;
    world.publish_task("day").await;
    world.wait(3_601);
    for _ in 0..3 {
        bill(ending.name.clone(), ending.secret.clone()).await;
    }
    // An unknown name, and a wrong secret of a known one.
    bill("0".repeat(16), ending.secret.clone()).await;
    bill(ending.name.clone(), "0".repeat(64)).await;
    let limited = |new: &mut callbook::model::credential::NewCredential| {
        new.limits.per_minute = Some(1);
    };
    let limited = scene.key(CredentialKind::Tld, limited).await;
    for _ in 0..4 {
        bill(limited.name.clone(), limited.secret.clone()).await;
    }
}

/// A webhook whose receiver is gone, one that a person disables, and one that goes on.
async fn webhooks(scene: &Scene) {
    let (world, account) = (scene.world(), scene.account());
    let receiver = Receiver::start(&world.clock).await;
    receiver.behave(|got| match got.line.contains("gone") {
        true => Manner::Answer(410),
        false => Manner::Take,
    });
    let mut all = Vec::new();
    for path in ["/gone", "/asked", "/on"] {
        let mut endpoint = endpoint(world, &receiver.url(path));
        endpoint.description = Some(Description::parse("Alerts").unwrap());
        create(world, account, &endpoint).await;
        all.push(endpoint);
    }
    let path = format!("/callbook/v1/webhooks/{}", all[1].id);
    let off = scene.ask("PATCH", &path, r#"{"status":"disabled"}"#).await;
    assert_eq!(off.status, 200, "{}", off.body);
    world.publish().await;
    let deliverer = deliverer(world, world.ledger.clone());
    assert_eq!(deliverer.deliver_all().await.unwrap().switched_off.len(), 1);
    world.publish().await;
    deliverer.deliver_all().await.unwrap();
    let got = receiver.got();
    let told = got
        .iter()
        .filter(|got| got.body.contains("webhook.disabled"));
    let told: Vec<_> = told.collect();
    assert_eq!(told.len(), 1, "the other one is told, once");
    assert!(told[0].line.contains("/on"));
    let data = &told[0].json()["data"];
    assert_eq!(
        (&data["webhook_id"], &data["reason"]),
        (&json!(all[0].id), &json!("gone"))
    );
    assert!(
        !told[0].body.contains("http://"),
        "a URL may have a password"
    );
}

#[tokio::test]
async fn every_type_is_published_in_its_shape() {
    let scene = Scene::new().await;
    calls_and_costs(&scene).await;
    contacts_and_numbers(&scene).await;
    credentials(&scene).await;
    webhooks(&scene).await;
    scene.world().publish().await;
    scene.world().wait(86_400);
    scene.world().publish_task("hour").await;
    scene.world().publish_task("hour").await;
    let events = scene.events().await;
    let mut counts: BTreeMap<EventType, usize> = BTreeMap::new();
    for event in &events {
        check(event);
        *counts.entry(event.kind).or_default() += 1;
    }
    let missing: Vec<_> = EventType::ALL
        .into_iter()
        .filter(|kind| !counts.contains_key(kind))
        .collect();
    assert!(
        missing.is_empty(),
        "{missing:?} are not told: {:?}",
        told(&events)
    );
    let ids: BTreeSet<_> = events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids.len(), events.len(), "no event is told twice");
    for (kind, count) in [
        (EventType::CallRecorded, 2),
        (EventType::CallEnded, 1),
        (EventType::CostUnmatched, 1),
        (EventType::CostRefused, 1),
        (EventType::RapidResponseQueued, 2),
        (EventType::NumberBought, 1),
        (EventType::NumberReleased, 1),
        (EventType::CredentialRefused, 1),
        (EventType::CredentialExpiring, 1),
        (EventType::LimitReached, 1),
        (EventType::WebhookDisabled, 1),
    ] {
        if kind != EventType::CallRecorded {
            assert_eq!(
                counts[&kind],
                count,
                "{}: {:?}",
                kind.as_str(),
                told(&events)
            );
        }
    }
    // No secret, no hash of one and no name that a client presents leaves with an event.
    let all: String = events.iter().map(Event::to_json).collect();
    for item in scene.world().raw_items("credential") {
        for name in ["name", "secret_sha256", "secret_argon2"] {
            let secret = item.get(name).and_then(|value| value.as_s().ok());
            let secret =
                secret.filter(|secret| secret.len() > 8 && *secret != scene.account().sid.as_str());
            assert!(
                secret.is_none_or(|secret| !all.contains(secret.as_str())),
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn a_call_is_told_from_its_report_to_its_voided_cost_in_order() {
    let scene = Scene::new().await;
    scene.platform.call().await;
    scene.platform.bill("25", &[]).await;
    scene.world().wait(3_600);
    let second = scene.platform.bill("30", &[]).await.json();
    let second = second["cost_id"].as_str().unwrap();
    let path = format!("/callbook/v1/costs/{second}/void");
    let voided = scene.ask("POST", &path, r#"{"reason":"wrong call"}"#).await;
    assert_eq!(voided.status, 200, "{}", voided.body);
    scene.world().publish().await;
    let events = scene.events().await;
    let of_pair: Vec<_> = events
        .iter()
        .filter(|event| matches!(event.kind.shape(), EventShape::Call | EventShape::Cost))
        .collect();
    let kinds: Vec<_> = of_pair.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "call.recorded",
            "cost.recorded",
            "cost.matched",
            "cost.superseded",
            "cost.recorded",
            "cost.matched",
            "cost.matched",
            "cost.voided",
        ]
    );
    let lines: BTreeSet<_> = of_pair.iter().map(|event| event.line.as_str()).collect();
    assert_eq!(lines.len(), 1, "a pair has one order");
    assert!(of_pair.is_sorted_by_key(|event| &event.place));
    let last = of_pair.last().unwrap();
    assert_eq!(last.subject, format!("cost/{second}"));
    assert_eq!(last.data["state"], "void");
}

#[tokio::test]
async fn a_cost_that_waits_for_its_call_is_told_when_it_has_one() {
    let scene = Scene::new().await;
    scene.platform.bill("25", &[]).await;
    scene.world().publish().await;
    scene.world().wait(600);
    scene.world().publish_task("hour").await;
    let kinds = |events: &[Event]| -> Vec<&str> {
        let of_pair =
            |event: &&Event| matches!(event.kind.shape(), EventShape::Call | EventShape::Cost);
        events
            .iter()
            .filter(of_pair)
            .map(|event| event.kind.as_str())
            .collect()
    };
    assert_eq!(kinds(&scene.events().await), ["cost.recorded"]);
    scene
        .world()
        .clock
        .set(scene.world().clock.now().minus(Duration::from_secs(605)));
    scene.platform.call().await;
    scene.world().publish().await;
    // A day later nobody is told that it has no call.
    scene.world().wait(86_400);
    scene.world().publish_task("hour").await;
    let events = scene.events().await;
    let mut found = kinds(&events);
    found.sort_unstable();
    assert_eq!(found, ["call.recorded", "cost.matched", "cost.recorded"]);
    assert!(scene.world().items("unmatched_due").await.is_empty());
}
