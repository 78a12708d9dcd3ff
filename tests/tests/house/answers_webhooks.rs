//! What `openapi.yaml` says of webhooks is what is answered.

use callbook::model::account::Account;
use callbook::model::credential::{CredentialKind, Limits, NewCredential, Role};
use callbook::model::webhook::{EndpointChange, EndpointState};
use callbook_tests::faults::{self, Fault};
use callbook_tests::teletracker::{self, basic};
use callbook_tests::tld::JSON;
use callbook_tests::webhooks::{create, endpoint};
use callbook_tests::{Key, World};

use crate::answers::{Client, disabled, orphan};

/// A good body of the operation.
fn body(method: &str, path: &str) -> &'static str {
    match (method, path.rsplit('/').next().unwrap_or_default()) {
        ("POST", "webhooks") => r#"{"url":"https://example.com/hooks"}"#,
        ("POST", "rotate") => r#"{"overlap_hours":1}"#,
        ("PATCH", _) => r#"{"concurrency":8}"#,
        _ => "",
    }
}

/// The path about an endpoint of its own, which has a delivery.
async fn path(world: &World, account: &Account, template: &str, status: EndpointState) -> String {
    let own = endpoint(world, "https://example.com/");
    create(world, account, &own).await;
    let queued = world
        .ledger
        .queue_test(&account.id, &own.id, "g", world.clock.now());
    let queued = queued.await.expect("the store answers");
    let change = EndpointChange {
        status: Some(status),
        ..EndpointChange::default()
    };
    let changed = world
        .ledger
        .update_webhook(&account.id, &own.id, &change, world.clock.now());
    changed.await.expect("the store answers");
    match template.contains("/deliveries/{id}") {
        true => template.replace("{id}", &queued.id.to_string()),
        false => template.replace("{id}", own.id.as_str()),
    }
}

/// Has an operation answer every status that is documented.
pub async fn requests(client: &mut Client<'_>) {
    let (world, proxy) = faults::world().await;
    let account = teletracker::account(&world).await;
    let kind = CredentialKind::User;
    let key = world.credential(&account, kind).await;
    let viewer = world
        .credential_with(&account, kind, |new| new.role = Some(Role::Viewer))
        .await;
    let elsewhere = world
        .credential_with(&account, kind, |new| {
            new.products = CredentialKind::Integrator.products();
        })
        .await;
    let rate = world
        .credential_with(&account, kind, |new: &mut NewCredential| {
            new.limits = Limits::default();
            new.limits.per_minute = Some(1);
        })
        .await;
    let off = disabled(&world, &account, kind).await;
    let broken = orphan(&world, kind).await;
    let (method, template) = (
        client.operation.method.clone(),
        client.operation.path.clone(),
    );
    let body = body(&method, &template);
    let creates = method == "POST" && template.ends_with("/webhooks");
    let good = if creates { 201 } else { 200 };
    let enabled = EndpointState::Enabled;
    let own = path(&world, &account, &template, enabled).await;
    if method != "GET" {
        let large = format!(r#"{{"x":"{}"}}"#, "x".repeat(300_000));
        for (media, body, status) in [
            (JSON, "{", 400),
            (JSON, large.as_str(), 413),
            ("text/plain", "x", 415),
        ] {
            send(client, &world, &key, &own, (media, body, ""), status).await;
        }
    }
    if creates {
        let other = r#"{"url":"https://example.com/others"}"#;
        for (body, status) in [(body, 201), (body, 201), (other, 409)] {
            send(client, &world, &key, &own, (JSON, body, "order 7"), status).await;
        }
    } else if client.operation.body["responses"].get("409").is_some() {
        let off = path(&world, &account, &template, EndpointState::Disabled).await;
        send(client, &world, &key, &off, (JSON, body, ""), 409).await;
    }
    if template.contains('{') {
        let nobody = template.replace("{id}", "nobody");
        send(client, &world, &key, &nobody, (JSON, body, ""), 404).await;
    }
    let forbidden = if method == "GET" { &elsewhere } else { &viewer };
    let wrong = format!("{own}?colour=red");
    for (key, path, status) in [
        (&key, &wrong, 400),
        (&off, &own, 401),
        (forbidden, &own, 403),
        (&key, &own, 405),
        (&key, &own, good),
    ] {
        send(client, &world, key, path, (JSON, body, ""), status).await;
    }
    let own = path(&world, &account, &template, enabled).await;
    for (key, status) in [(&rate, good), (&rate, 429), (&broken, 500)] {
        send(client, &world, key, &own, (JSON, body, ""), status).await;
    }
    let late = world.credential(&account, kind).await;
    proxy.plan(|_| Some(Fault::Down));
    send(client, &world, &late, &own, (JSON, body, ""), 503).await;
}

async fn send(
    client: &mut Client<'_>,
    world: &World,
    key: &Key,
    path: &str,
    (media, body, once): (&str, &str, &str),
    status: u16,
) {
    let authorization = basic(key);
    let mut headers = vec![
        ("authorization", authorization.as_str()),
        ("content-type", media),
    ];
    if !once.is_empty() {
        headers.push(("idempotency-key", once));
    }
    client.ask(world, path, &headers, body, status).await;
}
