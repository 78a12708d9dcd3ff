//! Writes that are sent again: each is done once.

use callbook_tests::Reply;
use callbook_tests::faults::{self, Fault};
use callbook_tests::team::{Team, VENDORS, assert_problem};
use serde_json::{Value, json};

fn replayed(reply: &Reply) -> bool {
    reply.header("idempotent-replayed") == Some("true")
}

#[tokio::test]
async fn a_key_gives_the_first_answer_for_a_day() {
    let team = Team::new().await;
    let body = json!({"vendor_id": "acme", "name": "Acme"});
    let first = team.once("k", "POST", VENDORS, &body).await;
    assert_eq!((first.status, replayed(&first)), (201, false));
    let one = format!("{VENDORS}/acme");
    let change = json!({"name": "Acme Leads"});
    assert_eq!(team.ask("PATCH", &one, &change).await.status, 200);
    team.world.wait(86_399);
    let again = team.once("k", "POST", VENDORS, &body).await;
    assert_eq!((again.status, replayed(&again)), (201, true));
    assert_eq!(again.body, first.body, "as it was answered then");
    let other = json!({"vendor_id": "acme", "name": "Another"});
    let reply = team.once("k", "POST", VENDORS, &other).await;
    assert_problem(&reply, 409, "idempotency_key_reused", "other parameters");
    assert_eq!(team.get(&one).await.json()["name"], "Acme Leads");
    team.world.wait(1);
    let reply = team.once("k", "POST", VENDORS, &body).await;
    assert_problem(&reply, 409, "vendor_exists", "a day later the key is new");
}

#[tokio::test]
async fn without_a_key_the_same_vendor_again_is_the_same_and_another_is_a_conflict() {
    let team = Team::new().await;
    let body = json!({"vendor_id": "acme", "name": "Acme"});
    let first = team.ask("POST", VENDORS, &body).await;
    team.world.wait(1);
    let again = team.ask("POST", VENDORS, &body).await;
    assert_eq!((again.status, replayed(&again)), (201, true));
    assert_eq!(again.body, first.body);
    for other in [
        json!({"vendor_id": "acme", "name": "Another"}),
        json!({"vendor_id": "acme", "name": "Acme", "status": "paused"}),
    ] {
        let reply = team.ask("POST", VENDORS, &other).await;
        assert_problem(&reply, 409, "vendor_exists", "another vendor of the id");
    }
}

#[tokio::test]
async fn a_key_of_a_change_is_not_applied_again() {
    let team = Team::new().await;
    team.vendor("acme").await;
    let one = format!("{VENDORS}/acme");
    let terms = format!("{one}/terms");
    let price = |price: &str| json!({"from": "2026-12-01", "price": price});
    for (method, path, first, later, other) in [
        (
            "PATCH",
            &one,
            json!({"name": "First"}),
            json!({"name": "Later"}),
            json!({"name": "Other"}),
        ),
        ("PUT", &terms, price("1"), price("2"), price("3")),
    ] {
        let key = method;
        let done = team.once(key, method, path, &first).await;
        assert_eq!(
            (done.status, replayed(&done)),
            (200, false),
            "{}",
            done.body
        );
        let changed = team.ask(method, path, &later).await;
        assert_eq!(changed.status, 200);
        let again = team.once(key, method, path, &first).await;
        assert_eq!((again.status, replayed(&again)), (200, true));
        assert_eq!(again.body, done.body);
        assert_eq!(
            team.get(&one).await.body,
            changed.body,
            "the later change stays"
        );
        let reply = team.once(key, method, path, &other).await;
        assert_problem(&reply, 409, "idempotency_key_reused", path);
    }
    let reply = team.once("PUT", "PATCH", &one, &json!({"name": "X"})).await;
    assert_problem(
        &reply,
        409,
        "idempotency_key_reused",
        "a key of another request",
    );
    let (nobody, change) = (format!("{VENDORS}/nobody"), json!({"name": "First"}));
    let reply = team.once("PATCH", "PATCH", &nobody, &change).await;
    assert_problem(
        &reply,
        404,
        "vendor_not_found",
        "no vendor, whatever the key",
    );
}

#[tokio::test]
async fn a_lost_answer_denies_nothing_and_does_nothing_twice() {
    let (world, proxy) = faults::world().await;
    let team = Team::on(world).await;
    proxy.forget_tokens();
    proxy.plan(|seen| {
        let first = seen.verb == "TransactWriteItems" && seen.attempt == 1;
        first.then_some(Fault::LoseAnswer)
    });
    let one = format!("{VENDORS}/acme");
    let terms = format!("{one}/terms");
    let body = |id: &str| json!({"vendor_id": id, "name": "Acme"});
    let rows: [(&str, &str, &str, Value, u16); 6] = [
        ("", "POST", VENDORS, body("acme"), 201),
        ("a", "POST", VENDORS, body("beta"), 201),
        ("", "PATCH", &one, json!({"name": "B"}), 200),
        ("b", "PATCH", &one, json!({"name": "C"}), 200),
        (
            "",
            "PUT",
            &terms,
            json!({"from": "2026-12-01", "price": "1"}),
            200,
        ),
        (
            "c",
            "PUT",
            &terms,
            json!({"from": "2026-12-02", "price": "1"}),
            200,
        ),
    ];
    for (key, method, path, body, status) in rows {
        let reply = match key {
            "" => team.ask(method, path, &body).await,
            key => team.once(key, method, path, &body).await,
        };
        let case = format!("{method} {path} {key}");
        assert_eq!(reply.status, status, "{case}: {}", reply.body);
        assert!(!replayed(&reply), "{case}: it is this request's own work");
    }
    assert!(
        proxy.seen().iter().any(|seen| seen.attempt > 1),
        "answers were lost"
    );
    let shown = team.get(&one).await.json();
    assert_eq!(shown["name"], "C");
    assert_eq!(shown["terms"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_at_the_same_moment_undo_none_of_each_other() {
    let (world, proxy) = faults::world().await;
    let team = Team::on(world).await;
    team.vendor("acme").await;
    let one = format!("{VENDORS}/acme");
    let (ledger, account) = (team.world.ledger.clone(), team.account.id.clone());
    proxy.before_next("TransactWriteItems", async move {
        let change = callbook::model::vendor::VendorChange {
            terms: Some(callbook_tests::vendor::terms("2026-12-01", "1")),
            ..Default::default()
        };
        let id = callbook_tests::vendor::id("acme");
        let changed = ledger.update_vendor(&account, &id, &change, None).await;
        assert!(changed.is_ok());
    });
    let reply = team.ask("PATCH", &one, &json!({"name": "New"})).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let shown = team.get(&one).await.json();
    assert_eq!(shown["name"], "New");
    assert_eq!(
        shown["terms"].as_array().unwrap().len(),
        1,
        "the other's change"
    );
}
