//! Checks the answers about properties, numbers and addresses against `openapi.yaml`.

use callbook::model::credential::{CredentialKind, Limits};
use callbook_tests::faults::{self, Fault};
use callbook_tests::fonedynamics::{FREE, NUMBER, OTHER, Site, done, path_of};
use callbook_tests::teletracker::basic;
use callbook_tests::tld::{FORM, JSON};
use callbook_tests::{Key, World};

use crate::answers::{Client, disabled, orphan, rule};

/// An operation's path to an existing resource, a valid body, and an invalid path and body.
struct Samples {
    path: String,
    body: String,
    wrong_path: String,
    wrong_body: &'static str,
}

async fn samples(site: &Site, client: &Client<'_>) -> Samples {
    let property = site.property("P").await;
    let address = site.address(FREE).await;
    done(&site.buy(&property, NUMBER).await);
    let path = client.operation.path.as_str();
    let sid = match path.split('/').nth(2) {
        Some("Properties") => property,
        Some("Addresses") => address,
        _ => site.sid().to_owned(),
    };
    let filled = path
        .replace("{sid}", &sid)
        .replace("{number}", NUMBER.trim_start_matches('+'));
    let filled = match path {
        "/v2/AvailableNumbers" => format!("{filled}?CountryCode=US"),
        _ => filled,
    };
    let body = match (client.operation.method.as_str(), path) {
        ("POST", "/v2/Properties") => "Name=Roofing".to_owned(),
        ("POST", "/v2/Properties/{sid}/Numbers") => {
            format!("Number={}", NUMBER.replace('+', "%2B"))
        }
        ("POST", "/v2/Numbers/{number}") => "Friendly=Main".to_owned(),
        ("POST", _) => "Line1=1&City=C&CountryCode=US".to_owned(),
        _ => String::new(),
    };
    let wrong_path = match path {
        "/v2/Properties/{sid}" | "/v2/Addresses/{sid}" => path.replace("{sid}", "x"),
        "/v2/Numbers/{number}" => path_of(OTHER),
        _ => path.replace("{sid}", &sid) + "?Results_Count=x",
    };
    Samples {
        path: filled,
        body,
        wrong_path,
        wrong_body: "",
    }
}

/// Sends requests that get every documented status of an operation.
pub async fn requests(client: &mut Client<'_>) {
    let (world, proxy) = faults::world().await;
    let site = Site::on(world, |_| {}).await;
    let world = &site.world;
    let kind = CredentialKind::Fonedynamics;
    let limited = |minute| {
        move |new: &mut callbook::model::credential::NewCredential| {
            new.limits = Limits::default();
            new.limits.per_minute = Some(minute);
        }
    };
    let rate = world.credential_with(&site.account, kind, limited(1)).await;
    let elsewhere = world
        .credential_with(&site.account, kind, |new| {
            new.endpoints = vec![rule("/elsewhere")];
        })
        .await;
    let off = disabled(world, &site.account, kind).await;
    let broken = orphan(world, kind).await;
    let key = &site.key;
    let samples = samples(&site, client).await;
    let Samples {
        path,
        body,
        wrong_path,
        wrong_body,
    } = &samples;
    let reads_body = client.operation.body["responses"].get("413").is_some();
    if client.operation.body["responses"].get("409").is_some() {
        let once = "order 7";
        let other = body
            .replace("Line1=1", "Line1=2")
            .replace("Name=Roofing", "Name=x");
        for (body, status) in [(body, 200), (body, 200), (&other, 409)] {
            send(client, world, key, path, (FORM, body, once), status).await;
        }
    }
    if reads_body {
        let large = format!("x={}", "x".repeat(300_000));
        for (media, body, status) in [
            (JSON, "{", 400),
            (FORM, large.as_str(), 413),
            ("text/plain", "x", 415),
        ] {
            send(client, world, key, path, (media, body, ""), status).await;
        }
    }
    if client.operation.method == "POST" {
        send(client, world, key, path, (FORM, wrong_body, ""), 400).await;
    } else {
        send(client, world, key, wrong_path, (FORM, "", ""), 400).await;
    }
    for (key, status) in [(&off, 401), (&elsewhere, 403), (key, 405), (&rate, 200)] {
        send(client, world, key, path, (FORM, body, ""), status).await;
    }
    if client.operation.method == "DELETE" {
        let (address, property) = (site.address(FREE).await, site.property("Q").await);
        site.buy(&property, NUMBER).await;
        let path = match client.operation.path.as_str() {
            "/v2/Addresses/{sid}" => format!("/v2/Addresses/{address}"),
            _ => path.clone(),
        };
        send(client, world, &rate, &path, (FORM, "", ""), 429).await;
        proxy.plan(|_| Some(Fault::Down));
        send(client, world, key, &path, (FORM, "", ""), 503).await;
        proxy.heal();
    } else {
        send(client, world, &rate, path, (FORM, body, ""), 429).await;
        proxy.plan(|_| Some(Fault::Down));
        send(client, world, key, path, (FORM, body, ""), 503).await;
        proxy.heal();
    }
    send(client, world, &broken, path, (FORM, body, ""), 500).await;
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
