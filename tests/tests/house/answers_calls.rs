//! Checks the answers about calls against `openapi.yaml`.

use callbook::model::credential::CredentialKind;
use callbook_tests::faults::{self, Fault};
use callbook_tests::fd_calls::{hold, of_property, post, property, set_up};
use callbook_tests::teletracker::basic;
use callbook_tests::tld::{FORM, JSON};
use callbook_tests::{Key, World};

use crate::answers::{Client, disabled, orphan, rule};

const OURS: &str = "+18005550100";

/// Sends requests that get every documented status of an operation with calls.
pub async fn requests(client: &mut Client<'_>) {
    let (world, proxy) = faults::world().await;
    let account = world.account().await;
    let kind = CredentialKind::Fonedynamics;
    let key = world.credential(&account, kind).await;
    let rate = world
        .credential_with(&account, kind, |new| new.limits.per_minute = Some(1))
        .await;
    let elsewhere = world
        .credential_with(&account, kind, |new| {
            new.endpoints = vec![rule("/elsewhere")];
        })
        .await;
    let off = disabled(&world, &account, kind).await;
    let broken = orphan(&world, kind).await;
    let property = property(&world, &account, None).await;
    hold(&world, &account, OURS, &property, 0, None).await;
    set_up(&world, &account, OURS, "", ["google", "", "", ""]).await;
    let call = [
        ("From", "+12065550100"),
        ("To", OURS),
        ("Ended", "1795262430"),
    ];
    let call = post(&world, &key, &of_property(&property), &call).await;
    assert_eq!(call.status, 200, "{}", call.body);

    let sid = match client.operation.path.split('/').nth(2) {
        Some("Calls") => call.json()["CallSid"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        Some("Properties") => property.as_str().to_owned(),
        _ => account.sid.as_str().to_owned(),
    };
    let path = client.operation.path.replace("{sid}", &sid);
    if client.operation.method == "GET" {
        let wrong = format!("{path}?Results_Count=x");
        let path_at_fault = match client.operation.path.as_str() {
            "/v2/Calls/{sid}" => "/v2/Calls/nothing",
            _ => &wrong,
        };
        let listed = match client.operation.path.as_str() {
            "/v2/Calls/{sid}" => path.clone(),
            _ => format!("{path}?Results_Skip=1&Unique=Unique"),
        };
        for (key, path, status) in [
            (&key, path.as_str(), 200),
            (&key, &listed, 200),
            (&key, path_at_fault, 400),
        ] {
            send(client, &world, key, FORM, path, "", status).await;
        }
    } else {
        let (good, json) = match client.operation.path.as_str() {
            "/v2/Calls/{sid}" => ("Disposition=Busy", r#"{"Disposition":"IVR"}"#),
            _ => (
                "From=%2B12065550101&To=%2B18005550100&Disposition=Busy",
                r#"{"From":"+12065550102","To":"+18005550100","Disposition":"IVR"}"#,
            ),
        };
        let large = format!("{good}&x={}", "x".repeat(300_000));
        for (media, body, status) in [
            (FORM, good, 200),
            (JSON, json, 200),
            (FORM, "Disposition=Gone", 400),
            (FORM, "", 400),
            (JSON, "{", 400),
            (FORM, &large, 413),
            ("text/plain", good, 415),
        ] {
            send(client, &world, &key, media, &path, body, status).await;
        }
    }
    let good = match (
        client.operation.method.as_str(),
        client.operation.path.as_str(),
    ) {
        ("GET", _) => "",
        (_, "/v2/Calls/{sid}") => "Disposition=Busy",
        _ => "From=%2B12065550103&To=%2B18005550100&Disposition=Busy",
    };
    for (key, status) in [
        (&off, 401),
        (&elsewhere, 403),
        (&key, 405),
        (&rate, 200),
        (&rate, 429),
        (&broken, 500),
        (&key, 503),
    ] {
        if status == 503 {
            proxy.plan(|_| Some(Fault::Down));
        }
        send(client, &world, key, FORM, &path, good, status).await;
    }
}

async fn send(
    client: &mut Client<'_>,
    world: &World,
    key: &Key,
    media: &str,
    path: &str,
    body: &str,
    status: u16,
) {
    let authorization = basic(key);
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", media),
    ];
    client.ask(world, path, &headers, body, status).await;
}
