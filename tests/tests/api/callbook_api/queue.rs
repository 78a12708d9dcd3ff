//! The dialer's queue over HTTP: who may take, what is wrong with a request, and what takers are told.

use callbook::model::credential::{CredentialKind, Role};
use callbook_tests::team::{ask, assert_problem, faults as told};
use callbook_tests::teletracker::{Desk, basic, integrator};
use callbook_tests::{Reply, vendor};
use serde_json::{Value, json};

const QUEUE: &str = "/callbook/v1/queue";
const UNKNOWN: &str = "this request has no such parameter";

async fn queued(desk: &Desk, callee: &str) -> u64 {
    let reply = desk
        .respond(&[("callee", callee), ("whisper_text", "Hello")])
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()["result"]["callqueue_id"].as_u64().unwrap()
}

async fn post(desk: &Desk, path: &str, body: Value) -> Reply {
    let path = format!("{QUEUE}/{path}");
    ask(&desk.world.app, &basic(&desk.user), "POST", &path, &body).await
}

async fn list(desk: &Desk, query: &str) -> Reply {
    let path = format!("{QUEUE}{query}");
    ask(
        &desk.world.app,
        &basic(&desk.user),
        "GET",
        &path,
        &Value::Null,
    )
    .await
}

#[tokio::test]
async fn an_entry_is_taken_extended_and_finished() {
    let desk = Desk::new().await;
    let none = post(&desk, "take", json!({})).await;
    assert_eq!((none.status, none.json()), (200, json!({"entries": []})));
    let id = queued(&desk, "2065550101").await;
    let waiting = list(&desk, "").await.json();
    let queued_at = waiting["entries"][0]["queued_at"].clone();
    let entry = |attempt: u32, lease: Value| {
        json!({
            "id": id, "callprocess_id": 4021, "callee": "+12065550101", "whisper_text": "Hello",
            "queued_at": queued_at, "attempt": attempt, "lease_until": lease,
        })
    };
    let expected = json!({"entries": [entry(0, Value::Null)], "next_cursor": null});
    assert_eq!(waiting, expected);
    assert!(
        queued_at
            .as_str()
            .is_some_and(|text| text.starts_with("2026-11-21T"))
    );

    let untaken = post(
        &desk,
        &format!("{id}/finish"),
        json!({"result": "completed"}),
    )
    .await;
    assert_problem(&untaken, 409, "lease_lost", "nobody has taken it");
    let taken = post(&desk, "take", json!({"limit": 5, "lease_seconds": 60}))
        .await
        .json();
    let lease = taken["entries"][0]["lease_until"].clone();
    assert_eq!(taken, json!({"entries": [entry(1, lease.clone())]}));
    desk.world.wait(30);
    let longer = post(&desk, &format!("{id}/extend"), json!({"attempt": 1})).await;
    assert_eq!(longer.status, 200, "{}", longer.body);
    assert_ne!(longer.json()["lease_until"], lease);
    for (path, body) in [
        ("extend", json!({"attempt": 2})),
        ("finish", json!({"attempt": 2, "result": "failed"})),
    ] {
        let other = post(&desk, &format!("{id}/{path}"), body).await;
        assert_problem(&other, 409, "lease_lost", path);
    }
    let end = json!({"result": "failed", "attempt": 1});
    for (again, replayed) in [(false, None), (true, Some("true"))] {
        let done = post(&desk, &format!("{id}/finish"), end.clone()).await;
        let expected = json!({"id": id, "attempt": 1, "result": "failed"});
        assert_eq!((done.status, done.json()), (200, expected), "{again}");
        assert_eq!(done.header("idempotent-replayed"), replayed);
    }
    let other = post(
        &desk,
        &format!("{id}/finish"),
        json!({"result": "completed"}),
    )
    .await;
    assert_problem(&other, 409, "lease_lost", "it is over");
    let entry = desk.world.only("queue_entry").await;
    assert_eq!(entry.text("callqueue_status"), "failed");
    assert_eq!(list(&desk, "").await.json()["entries"], json!([]));
}

#[tokio::test]
async fn the_queue_is_listed_in_pages() {
    let desk = Desk::new().await;
    let mut ids = Vec::new();
    for nth in 0..5 {
        ids.push(queued(&desk, &format!("206555010{nth}")).await);
        desk.world.wait(1);
    }
    let (mut found, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let page = list(&desk, &query).await.json();
        let entries = page["entries"].as_array().unwrap();
        found.extend(entries.iter().map(|entry| entry["id"].as_u64().unwrap()));
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        query = format!("?limit=2&cursor={cursor}");
    }
    assert_eq!(found, ids);
}

#[tokio::test]
async fn every_field_at_fault_is_named_at_once() {
    let desk = Desk::new().await;
    let hundred = "expected a whole number from 1 to 100";
    let hour = "expected a whole number from 1 to 3600";
    let any = "expected a whole number from 1 to 4294967295";
    let id = "expected a whole number from 1 to 9007199254740991";
    for (path, body, faults) in [
        (
            "take",
            json!({"limit": 101, "lease_seconds": 0, "callprocess_id": "x", "x": 1}),
            vec![
                ("x", UNKNOWN),
                ("limit", hundred),
                ("lease_seconds", hour),
                ("callprocess_id", id),
            ],
        ),
        (
            "take",
            json!({"limit": "5", "lease_seconds": 3601, "callprocess_id": 1.5}),
            vec![
                ("limit", hundred),
                ("lease_seconds", hour),
                ("callprocess_id", id),
            ],
        ),
        (
            "1/extend",
            json!({"lease_seconds": -1, "attempt": 0, "result": "completed"}),
            vec![
                ("result", UNKNOWN),
                ("lease_seconds", hour),
                ("attempt", any),
            ],
        ),
        ("1/finish", json!({}), vec![("result", "missing")]),
        (
            "1/finish",
            json!({"result": "done", "attempt": []}),
            vec![("result", "expected completed or failed"), ("attempt", any)],
        ),
    ] {
        let reply = post(&desk, path, body.clone()).await;
        assert_problem(&reply, 400, "invalid_fields", path);
        let faults: Vec<_> = faults
            .iter()
            .map(|(field, message)| ((*field).to_owned(), (*message).to_owned()))
            .collect();
        assert_eq!(told(&reply), faults, "{path} {body}");
    }
    for path in [
        "7/extend",
        "7/finish",
        "x/finish",
        "9007199254740992/extend",
    ] {
        let body = match path.ends_with("finish") {
            true => json!({"result": "completed"}),
            false => json!({}),
        };
        let reply = post(&desk, path, body).await;
        assert_problem(&reply, 404, "queue_entry_not_found", path);
    }
}

#[tokio::test]
async fn only_an_admin_of_the_account_takes() {
    let desk = Desk::new().await;
    let world = &desk.world;
    let id = queued(&desk, "2065550101").await;
    let viewer = world
        .credential_with(&desk.account, CredentialKind::User, |new| {
            new.role = Some(Role::Viewer);
        })
        .await;
    let take = format!("{QUEUE}/take");
    let none = json!({});
    let refused = ask(&world.app, &basic(&viewer), "POST", &take, &none).await;
    assert_problem(&refused, 403, "read_only", "a viewer takes");
    let listed = ask(&world.app, &basic(&viewer), "GET", QUEUE, &Value::Null).await;
    assert_eq!(listed.json()["entries"][0]["id"], id);
    let partner = integrator(&desk.integrator);
    let refused = ask(&world.app, &partner, "POST", &take, &none).await;
    assert_eq!(refused.status, 401, "{}", refused.body);

    let stranger = world.account().await;
    vendor::add(world, &stranger, "acme").await;
    let stranger = world.credential(&stranger, CredentialKind::User).await;
    let empty = ask(&world.app, &basic(&stranger), "POST", &take, &none).await;
    assert_eq!(empty.json()["entries"], json!([]));
    let taken = post(&desk, "take", json!({})).await.json();
    assert_eq!(taken["entries"][0]["id"], id);
    let finish = format!("{QUEUE}/{id}/finish");
    let end = json!({"result": "completed"});
    let foreign = ask(&world.app, &basic(&stranger), "POST", &finish, &end).await;
    assert_problem(&foreign, 404, "queue_entry_not_found", "a stranger's entry");
    assert_eq!(
        world.only("queue_entry").await.text("callqueue_status"),
        "processing"
    );
}

/// What an earlier version queued has no item among those that wait.
#[tokio::test]
async fn what_an_earlier_version_queued_is_not_offered() {
    let desk = Desk::new().await;
    let id = queued(&desk, "2065550101").await;
    let waiting = desk.world.raw_items("queue_waiting").remove(0);
    let client = desk.world.engine.client();
    let key = |name: &str| waiting[name].clone();
    let removed = client
        .delete_item()
        .table_name(callbook_local::engine::TABLE)
        .key("pk", key("pk"))
        .key("sk", key("sk"));
    removed.send().await.unwrap();
    let none = post(&desk, "take", json!({})).await;
    assert_eq!(none.json(), json!({"entries": []}));
    let end = post(
        &desk,
        &format!("{id}/finish"),
        json!({"result": "completed"}),
    )
    .await;
    assert_problem(&end, 404, "queue_entry_not_found", "it does not wait");
    assert_eq!(
        desk.world
            .only("queue_entry")
            .await
            .text("callqueue_status"),
        "processing"
    );
}

#[tokio::test]
async fn a_take_with_a_key_is_answered_again_with_the_same_entries() {
    let desk = Desk::new().await;
    let mut ids = Vec::new();
    for callee in ["2065550101", "2065550102", "2065550103", "2065550104"] {
        ids.push(queued(&desk, callee).await);
        // Those of one moment have no order of their own.
        desk.world.wait(1);
    }
    let authorization = basic(&desk.user);
    let take = async |key: &str, body: Value| {
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        let path = format!("{QUEUE}/take");
        let body = body.to_string();
        let app = &desk.world.app;
        let reply = callbook_tests::send_to(app, "POST", &path, &headers, body.as_bytes()).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let replayed = reply.header("idempotent-replayed") == Some("true");
        (replayed, reply.json()["entries"].clone())
    };
    let of = |entries: &Value| -> Vec<u64> {
        let entries = entries.as_array().unwrap().iter();
        entries.map(|entry| entry["id"].as_u64().unwrap()).collect()
    };
    let (replayed, first) = take("k1", json!({"limit": 2})).await;
    assert_eq!((replayed, of(&first)), (false, ids[..2].to_vec()));
    desk.world.wait(60);
    // Its answer was lost: the same entries, with the lease and the attempt that they have.
    assert_eq!(take("k1", json!({"limit": 2})).await, (true, first.clone()));
    // Another key, or other parameters, are another take.
    let (replayed, other) = take("k2", json!({"limit": 1})).await;
    assert_eq!((replayed, of(&other)), (false, ids[2..3].to_vec()));
    let (replayed, third) = take("k1", json!({"limit": 3})).await;
    assert_eq!((replayed, of(&third)), (false, ids[3..].to_vec()));
    // What was finished is not given again, and what nobody has any more is taken anew.
    let done = format!("{}/finish", ids[0]);
    let done = post(&desk, &done, json!({"result": "completed"})).await;
    assert_eq!(done.status, 200, "{}", done.body);
    let (replayed, rest) = take("k1", json!({"limit": 2})).await;
    assert_eq!((replayed, of(&rest)), (true, ids[1..2].to_vec()));
    desk.world.wait(60);
    let (replayed, again) = take("k1", json!({"limit": 2})).await;
    assert_eq!((replayed, of(&again)), (false, ids[1..2].to_vec()));
    assert_eq!(again[0]["attempt"], 2);
}

#[tokio::test]
async fn what_nobody_takes_is_told_of_without_a_taker() {
    let desk = Desk::new().await;
    let expired = queued(&desk, "2065550101").await;
    desk.world.wait(86_400);
    let waits = queued(&desk, "2065550102").await;
    let watched = desk.world.ledger.watch(desk.world.clock.now()).await;
    assert_eq!(watched.unwrap().waiting, []);
    let entries = list(&desk, "").await.json();
    assert_eq!(entries["entries"][0]["id"], waits);
    desk.world.publish().await;
    let events = desk.world.events(&desk.account.id).await;
    let told = events
        .iter()
        .find(|event| event.data["status"] == "expired");
    assert_eq!(told.unwrap().data["id"], expired);
    // What was taken five times has failed, also if nobody takes a sixth time.
    for _ in 0..5 {
        assert_eq!(
            post(&desk, "take", json!({})).await.json()["entries"][0]["id"],
            waits
        );
        desk.world.wait(121);
    }
    desk.world
        .ledger
        .watch(desk.world.clock.now())
        .await
        .unwrap();
    assert_eq!(list(&desk, "").await.json()["entries"], json!([]));
    desk.world.publish().await;
    let events = desk.world.events(&desk.account.id).await;
    assert!(events.iter().any(|event| event.data["status"] == "failed"));
}

#[tokio::test]
async fn a_local_ledger_ends_what_nobody_took_as_a_deployment_does() {
    let desk = Desk::new().await;
    let expired = queued(&desk, "2065550101").await;
    desk.world.wait(86_400);
    let following = desk.world.follow_stream().await;
    let told = loop {
        desk.world.publish().await;
        let events = desk.world.events(&desk.account.id).await;
        let mut events = events.into_iter();
        if let Some(told) = events.find(|event| event.data["status"] == "expired") {
            break told;
        }
    };
    following.abort();
    assert_eq!(told.data["id"], expired);
}
