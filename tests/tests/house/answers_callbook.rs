//! What `openapi.yaml` says of Callbook's own API is what is answered.

use callbook::model::account::Account;
use callbook::model::credential::{CredentialKind, Limits, NewCredential, Role};
use callbook_tests::faults::{self, Fault};
use callbook_tests::teletracker::{self, basic};
use callbook_tests::tld::{JSON, Platform};
use callbook_tests::{Key, World, vendor};

use crate::answers::{Client, disabled, orphan};

/// A good body of the operation, and another one that is as good.
fn bodies(method: &str, path: &str) -> [&'static str; 2] {
    match (method, path.rsplit('/').next().unwrap_or_default()) {
        ("POST", "void" | "unpin") => [r#"{"reason":"disputed"}"#, r#"{"reason":"a mistake"}"#],
        ("POST", "match") => [
            r#"{"call_sid":"none","reason":"not ours"}"#,
            r#"{"call_sid":"none","reason":"a mistake"}"#,
        ],
        ("POST", "adjustments") => [
            r#"{"vendor_id":"acme","month":"2026-11","amount":"-7.50","reason":"credit"}"#,
            r#"{"vendor_id":"acme","month":"2026-11","amount":8,"reason":"late fee"}"#,
        ],
        ("POST", "check") => [
            r#"{"vendor":"acme","from":"2026-11-01","to":"2026-11-30","rows":[]}"#,
            r#"{"vendor":"nobody","from":"2026-11-01","to":"2026-11-30","rows":[]}"#,
        ],
        ("POST", "take") => [r#"{"limit":10}"#; 2],
        ("POST", "extend") => [r#"{"lease_seconds":60}"#, r#"{"attempt":4}"#],
        ("POST", "finish") => [r#"{"result":"completed"}"#, r#"{"result":"failed"}"#],
        ("POST", _) => [
            r#"{"vendor_id":"new","name":"New"}"#,
            r#"{"vendor_id":"new","name":"Newer"}"#,
        ],
        ("PATCH", _) => [r#"{"name":"New"}"#, r#"{"name":"Newer"}"#],
        ("PUT", _) => [
            r#"{"from":"2026-12-01","price":"25"}"#,
            r#"{"from":"2026-12-01","price":26.5}"#,
        ],
        _ => [""; 2],
    }
}

/// A call that was billed, and the ids of both.
async fn billed(world: World, account: &Account) -> (Platform, String, String) {
    let platform = Platform::of(world, account).await;
    platform.call().await;
    let reply = platform.bill("25", &[]).await;
    let cost = reply.json()["cost_id"].as_str().expect("an id").to_owned();
    let call = platform.world.only("call").await.text("call_sid");
    (platform, cost, call)
}

/// The id of a queue entry that was taken.
async fn taken(world: &World, key: &Key) -> String {
    let authorization = basic(key);
    let queued = teletracker::respond(&world.app, &authorization, &teletracker::good()).await;
    assert_eq!(queued.status, 200, "{}", queued.body);
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", JSON),
    ];
    let path = "/callbook/v1/queue/take";
    let reply = world.send("POST", path, &headers, b"{}").await;
    reply.json()["entries"][0]["id"].to_string()
}

/// Has an operation answer every status that is documented.
pub async fn requests(client: &mut Client<'_>) {
    let (world, proxy) = faults::world().await;
    let account = teletracker::account(&world).await;
    let kind = CredentialKind::User;
    vendor::add(&world, &account, "acme").await;
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
    let earlier = world.account_with(|account| account.layout = 1).await;
    let earlier = world.credential(&earlier, kind).await;
    let broken = orphan(&world, kind).await;
    let (platform, cost, call) = billed(world, &account).await;
    let world = platform.world;
    let method = client.operation.method.clone();
    let template = client.operation.path.clone();
    let range = match (method.as_str(), template.rsplit('/').next()) {
        ("GET", Some("costs" | "refused" | "adjustments" | "calls")) => {
            "?from=2026-11-21&to=2026-11-21"
        }
        _ => "",
    };
    let entry = taken(&world, &key).await;
    let id = match () {
        () if template.contains("/costs/") => cost.as_str(),
        () if template.contains("/queue/") => entry.as_str(),
        () => "acme",
    };
    let path = template.replace("{id}", id).replace("{sid}", &call) + range;
    let [body, other] = bodies(&method, &template);
    // It reads, and takes larger bodies.
    let asks = client.operation.function == "invoices";
    let takes = template.ends_with("/take");
    let creates = method == "POST" && !asks && !takes && !template.contains("{id}");
    let good = if creates { 201 } else { 200 };
    let forbidden = match method == "GET" || asks {
        true => &elsewhere,
        false => &viewer,
    };
    if asks {
        let large = format!(r#"{{"x":"{}"}}"#, "x".repeat(3_000_000));
        for (media, body, status) in [
            (JSON, body, good),
            (JSON, other, 404),
            (JSON, "{", 400),
            (JSON, large.as_str(), 413),
            ("text/plain", "x", 415),
        ] {
            send(client, &world, &key, &path, (media, body, ""), status).await;
        }
    } else if method != "GET" {
        let large = format!(r#"{{"x":"{}"}}"#, "x".repeat(300_000));
        for (media, body, once, status) in [
            (JSON, body, "order 7", good),
            (JSON, body, "order 7", good),
            (JSON, other, "order 7", if takes { good } else { 409 }),
            (JSON, "{", "", 400),
            (JSON, large.as_str(), "", 413),
            ("text/plain", "x", "", 415),
        ] {
            send(client, &world, &key, &path, (media, body, once), status).await;
        }
    }
    let conflicts = client.operation.body["responses"].get("409").is_some();
    if conflicts && (method == "GET" || asks) {
        send(client, &world, &earlier, &path, (JSON, body, ""), 409).await;
    }
    if template.contains('{') {
        let path = template
            .replace("{id}", "nobody")
            .replace("{sid}", "nobody");
        send(client, &world, &key, &path, (JSON, body, ""), 404).await;
    }
    let wrong = match range {
        "" => format!("{path}?colour=red"),
        _ => format!("{path}&colour=red"),
    };
    for (key, path, status) in [
        (&key, &wrong, 400),
        (&off, &path, 401),
        (forbidden, &path, 403),
        (&key, &path, 405),
        (&rate, &path, good),
        (&rate, &path, 429),
        (&broken, &path, 500),
    ] {
        send(client, &world, key, path, (JSON, body, ""), status).await;
    }
    // Of a user that is known, `me` is answered without the store.
    let late = world.credential(&account, kind).await;
    proxy.plan(|_| Some(Fault::Down));
    send(client, &world, &late, &path, (JSON, body, ""), 503).await;
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
