//! Webhooks over HTTP: what is made, shown, changed and refused.

use callbook::model::webhook::DeliveryId;
use callbook_tests::receiver::{Manner, Receiver};
use callbook_tests::team::{Team, ask, assert_problem, faults};
use callbook_tests::teletracker::basic;
use callbook_tests::webhooks::{create, deliverer, endpoint, event};
use serde_json::{Value, json};

use super::WEBHOOKS;

const URL: &str = "https://example.com/hooks";

async fn made(team: &Team, body: Value) -> Value {
    let reply = team.ask("POST", WEBHOOKS, &body).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    reply.json()
}

#[tokio::test]
async fn a_webhook_is_created_listed_changed_and_deleted() {
    let team = Team::new().await;
    let created = made(
        &team,
        json!({"url": URL, "events": ["cost.unmatched", "call.ended"], "description": "Alerts"}),
    )
    .await;
    let secret = created["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_"), "it is shown once");
    let mut shown = created.clone();
    shown.as_object_mut().unwrap().remove("secret");
    assert_eq!(shown["events"], json!(["call.ended", "cost.unmatched"]));
    assert_eq!(
        (&shown["status"], &shown["concurrency"]),
        (&json!("enabled"), &json!(4))
    );
    let list = team.ask("GET", WEBHOOKS, &Value::Null).await.json();
    assert_eq!(list, json!({"webhooks": [shown]}));

    let path = format!("{WEBHOOKS}/{}", shown["id"].as_str().unwrap());
    let off = team
        .ask(
            "PATCH",
            &path,
            &json!({"status": "disabled", "events": null}),
        )
        .await
        .json();
    assert_eq!(
        (&off["status"], &off["disabled_reason"]),
        (&json!("disabled"), &json!("asked"))
    );
    assert_eq!(off["events"], Value::Null);
    assert!(off["disabled_at"].is_string());
    let refused = team
        .ask("POST", &format!("{path}/test"), &Value::Null)
        .await;
    assert_problem(&refused, 409, "webhook_disabled", "");
    let on = team
        .ask(
            "PATCH",
            &path,
            &json!({"status": "enabled", "concurrency": 20}),
        )
        .await
        .json();
    assert_eq!(
        (&on["status"], &on["disabled_reason"], &on["concurrency"]),
        (&json!("enabled"), &Value::Null, &json!(20))
    );

    let gone = team.ask("DELETE", &path, &Value::Null).await;
    assert_eq!(gone.json(), json!({"id": shown["id"], "deleted": true}));
    for (method, path, body) in [
        ("DELETE", path.clone(), Value::Null),
        ("PATCH", path.clone(), json!({"status": "enabled"})),
        ("POST", format!("{path}/rotate"), Value::Null),
        ("POST", format!("{path}/test"), Value::Null),
        ("GET", format!("{path}/deliveries"), Value::Null),
    ] {
        let reply = team.ask(method, &path, &body).await;
        assert_problem(&reply, 404, "webhook_not_found", "");
    }
    assert!(!format!("{:?}", team.world.logs()).contains(&secret[6..]));
}

#[tokio::test]
async fn a_repeat_makes_no_second_webhook_and_tells_no_secret() {
    let team = Team::new().await;
    let body = json!({"url": URL});
    let first = team.once("k", "POST", WEBHOOKS, &body).await;
    let again = team.once("k", "POST", WEBHOOKS, &body).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(first.json()["id"], again.json()["id"]);
    assert!(again.json().get("secret").is_none(), "it was shown once");
    let other = team
        .once(
            "k",
            "POST",
            WEBHOOKS,
            &json!({"url": "https://example.com/"}),
        )
        .await;
    assert_problem(&other, 409, "idempotency_key_reused", "");
    for _ in 0..19 {
        made(&team, body.clone()).await;
    }
    let more = team.ask("POST", WEBHOOKS, &body).await;
    assert_problem(&more, 409, "too_many_webhooks", "");
    let again = team.once("k", "POST", WEBHOOKS, &body).await;
    assert_eq!(
        again.json()["id"],
        first.json()["id"],
        "also when there is no room for another"
    );
}

#[tokio::test]
async fn what_is_wrong_is_told_all_at_once() {
    let team = Team::new().await;
    for (body, field, part) in [
        (json!({}), "url", "missing"),
        (json!({"url": "http://example.com/"}), "url", "https://"),
        (json!({"url": "https://10.0.0.1/"}), "url", "private"),
        (json!({"url": "https://localhost/"}), "url", "private"),
        (
            json!({"url": "https://example.com/?a=[callee]"}),
            "url",
            "format plain",
        ),
        (
            json!({"url": "https://example.com/?a=[nothing]", "format": "plain"}),
            "url",
            "[nothing] is not a token",
        ),
        (
            json!({"url": URL, "format": "xml"}),
            "format",
            "standard or plain",
        ),
        (
            json!({"url": URL, "method": "GET"}),
            "method",
            "format plain",
        ),
        (
            json!({"url": URL, "format": "plain", "method": "PUT"}),
            "method",
            "GET or POST",
        ),
        (json!({"url": URL, "events": []}), "events", "list of types"),
        (
            json!({"url": URL, "events": ["call.lost"]}),
            "events",
            "type of events",
        ),
        (
            json!({"url": URL, "events": "call.ended"}),
            "events",
            "list of types",
        ),
        (json!({"url": URL, "description": ""}), "description", ""),
        (
            json!({"url": URL, "concurrency": 0}),
            "concurrency",
            "1 to 20",
        ),
        (json!({"url": URL, "concurrency": 21}), "concurrency", "20"),
        (
            json!({"url": URL, "secret": "mine"}),
            "secret",
            "no such parameter",
        ),
    ] {
        let reply = team.ask("POST", WEBHOOKS, &body).await;
        assert_problem(&reply, 400, "invalid_fields", "");
        let found = faults(&reply);
        let told = found
            .iter()
            .any(|(name, message)| name == field && message.contains(part));
        assert!(told, "{body}: {found:?}");
    }
    let several = json!({"format": "xml", "concurrency": 99, "colour": "red"});
    let reply = team.ask("POST", WEBHOOKS, &several).await;
    assert_eq!(faults(&reply).len(), 4, "{}", reply.body);
    let id = made(&team, json!({"url": URL})).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for (method, path, body) in [
        ("PATCH", format!("{WEBHOOKS}/{id}"), json!({})),
        (
            "PATCH",
            format!("{WEBHOOKS}/{id}"),
            json!({"url": "https://example.com/[did]"}),
        ),
        (
            "PATCH",
            format!("{WEBHOOKS}/{id}"),
            json!({"status": "paused"}),
        ),
        (
            "POST",
            format!("{WEBHOOKS}/{id}/rotate"),
            json!({"overlap_hours": 169}),
        ),
        (
            "POST",
            format!("{WEBHOOKS}/{id}/test"),
            json!({"now": true}),
        ),
        ("DELETE", format!("{WEBHOOKS}/{id}"), json!({"sure": true})),
    ] {
        let reply = team.ask(method, &path, &body).await;
        assert_problem(&reply, 400, "invalid_fields", "");
    }
}

#[tokio::test]
async fn a_viewer_reads_and_sees_no_password() {
    let team = Team::new().await;
    let url = "https://dialer.example.com/add?pass=secret&phone=[callee]";
    let created = made(
        &team,
        json!({"url": url, "format": "plain", "method": "post"}),
    )
    .await;
    assert!(created.get("secret").is_none(), "nothing is signed");
    assert_eq!(
        (&created["url"], &created["method"]),
        (&json!(url), &json!("POST"))
    );
    let viewer = basic(&team.viewer);
    let list = ask(&team.world.app, &viewer, "GET", WEBHOOKS, &Value::Null).await;
    assert_eq!(
        list.json()["webhooks"][0]["url"],
        "https://dialer.example.com/add"
    );
    let id = created["id"].as_str().unwrap();
    for (method, path) in [
        ("POST", WEBHOOKS.to_owned()),
        ("PATCH", format!("{WEBHOOKS}/{id}")),
        ("DELETE", format!("{WEBHOOKS}/{id}")),
        ("POST", format!("{WEBHOOKS}/{id}/rotate")),
        ("POST", format!("{WEBHOOKS}/{id}/test")),
        ("POST", "/callbook/v1/deliveries/wd_1/resend".to_owned()),
    ] {
        let reply = ask(&team.world.app, &viewer, method, &path, &json!({})).await;
        assert_problem(&reply, 403, "read_only", "");
    }
    assert!(!format!("{:?}", team.world.logs()).contains("pass=secret"));
}

#[tokio::test]
async fn the_webhooks_of_another_account_do_not_exist() {
    let team = Team::new().await;
    let receiver = Receiver::start(&team.world.clock).await;
    let own = endpoint(&team.world, &receiver.url("/"));
    create(&team.world, &team.account, &own).await;
    let event = event(&team.world, &team.account.id, "line", 0);
    let delivery = DeliveryId::new(&own.id, event.time, event.id.as_str());
    team.world
        .ledger
        .hand_out(&[event], team.world.clock.now())
        .await
        .unwrap();
    let stranger = team.world.account().await;
    let kind = callbook::model::credential::CredentialKind::User;
    let stranger = basic(&team.world.credential(&stranger, kind).await);
    let id = &own.id;
    for (method, path, code) in [
        ("PATCH", format!("{WEBHOOKS}/{id}"), "webhook_not_found"),
        ("DELETE", format!("{WEBHOOKS}/{id}"), "webhook_not_found"),
        (
            "POST",
            format!("{WEBHOOKS}/{id}/rotate"),
            "webhook_not_found",
        ),
        ("POST", format!("{WEBHOOKS}/{id}/test"), "webhook_not_found"),
        (
            "GET",
            format!("{WEBHOOKS}/{id}/deliveries"),
            "webhook_not_found",
        ),
        (
            "POST",
            format!("/callbook/v1/deliveries/{delivery}/resend"),
            "delivery_not_found",
        ),
    ] {
        let body = match method {
            "PATCH" => json!({"status": "enabled"}),
            _ => Value::Null,
        };
        let reply = ask(&team.world.app, &stranger, method, &path, &body).await;
        assert_problem(&reply, 404, code, "");
    }
    let none = ask(&team.world.app, &stranger, "GET", WEBHOOKS, &Value::Null).await;
    assert_eq!(none.json(), json!({"webhooks": []}));
}

#[tokio::test]
async fn a_test_is_delivered_and_the_log_is_read_in_pages() {
    let team = Team::new().await;
    let world = &team.world;
    let receiver = Receiver::start(&world.clock).await;
    let own = endpoint(world, &receiver.url("/"));
    create(world, &team.account, &own).await;
    let path = format!("{WEBHOOKS}/{}", own.id);
    let deliverer = deliverer(world, world.ledger.clone());
    let mut ids = Vec::new();
    for _ in 0..5 {
        let queued = team
            .ask("POST", &format!("{path}/test"), &Value::Null)
            .await
            .json();
        assert_eq!(
            (&queued["status"], &queued["event_type"]),
            (&json!("pending"), &json!("webhook.test"))
        );
        ids.push(queued["id"].clone());
        deliverer.deliver_all().await.unwrap();
        world.wait(1);
    }
    assert_eq!(receiver.got()[0].json()["type"], "webhook.test");
    assert_eq!(
        receiver.got()[0].json()["data"]["endpoint_id"],
        own.id.as_str()
    );
    ids.reverse();
    let (mut found, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let page = team
            .ask("GET", &format!("{path}/deliveries{query}"), &Value::Null)
            .await
            .json();
        let rows = page["deliveries"].as_array().unwrap();
        assert!(rows.len() <= 2);
        found.extend(rows.iter().map(|row| row["id"].clone()));
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        query = format!("?limit=2&cursor={cursor}");
    }
    assert_eq!(found, ids);

    let last = team
        .ask("GET", &format!("{path}/deliveries?limit=1"), &Value::Null)
        .await
        .json();
    let last = &last["deliveries"][0];
    assert_eq!(
        (&last["status"], &last["attempts"]),
        (&json!("delivered"), &json!(1))
    );
    assert_eq!(last["tries"][0]["answer"], "said");
    let resend = format!(
        "/callbook/v1/deliveries/{}/resend",
        ids[0].as_str().unwrap()
    );
    let resent = team.ask("POST", &resend, &Value::Null).await.json();
    assert_eq!(
        (&resent["status"], &resent["attempts"]),
        (&json!("pending"), &json!(1))
    );
    let again = team.ask("POST", &resend, &Value::Null).await.json();
    assert_eq!(again, resent, "it is pending already");
    receiver.behave(|_| Manner::Take);
    deliverer.deliver_all().await.unwrap();
    let got = receiver.got();
    assert_eq!(got.len(), 6);
    assert_eq!(got[4].header("webhook-id"), got[5].header("webhook-id"));
    // Deliveries are kept for 30 days, whether or not the table has removed them.
    world.wait(31 * 86_400);
    let none = team
        .ask("GET", &format!("{path}/deliveries"), &Value::Null)
        .await
        .json();
    assert_eq!(none["deliveries"], json!([]));
    let gone = team.ask("POST", &resend, &Value::Null).await;
    assert_problem(&gone, 404, "delivery_not_found", "");
}

#[tokio::test]
async fn a_rotation_tells_the_new_secret_and_until_when_the_old_one_signs() {
    let team = Team::new().await;
    let created = made(&team, json!({"url": URL})).await;
    let path = format!("{WEBHOOKS}/{}/rotate", created["id"].as_str().unwrap());
    let rotated = team
        .ask("POST", &path, &json!({"overlap_hours": 48}))
        .await
        .json();
    assert_ne!(rotated["secret"], created["secret"]);
    assert_eq!(rotated["older_secrets_until"], "2026-11-23T12:00:00+00:00");
    let leaked = team
        .ask("POST", &path, &json!({"overlap_hours": 0}))
        .await
        .json();
    assert_eq!(leaked["older_secrets_until"], Value::Null);
}
