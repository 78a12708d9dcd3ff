//! How often the store is asked, by a process that knows the user.

use callbook_tests::faults;
use callbook_tests::team::{ME, Team, VENDORS};
use serde_json::{Value, json};

#[tokio::test]
async fn the_store_is_asked_no_more_than_each_request_takes() {
    let (world, proxy) = faults::world().await;
    let team = Team::on(world).await;
    let one = format!("{VENDORS}/acme");
    let terms = format!("{one}/terms");
    assert_eq!(team.get(ME).await.status, 200);
    let new = json!({"vendor_id": "acme", "name": "Acme"});
    for (method, path, body, reads, writes) in [
        ("GET", ME, Value::Null, 0, 0),
        ("GET", VENDORS, Value::Null, 1, 0),
        ("POST", VENDORS, new.clone(), 0, 1),
        ("POST", VENDORS, new, 0, 1),
        ("GET", &one, Value::Null, 1, 0),
        ("PATCH", &one, json!({"name": "A"}), 1, 1),
        ("PATCH", &one, json!({"name": "A"}), 1, 0),
        (
            "PUT",
            &terms,
            json!({"from": "2026-12-01", "price": "1"}),
            1,
            1,
        ),
        ("POST", VENDORS, json!({}), 0, 0),
        ("GET", "/callbook/v1/vendors?limit=0", Value::Null, 0, 0),
        ("GET", "/callbook/v1/vendors/a%20b", Value::Null, 0, 0),
    ] {
        proxy.heal();
        let reply = team.ask(method, path, &body).await;
        let verbs = proxy.verbs();
        // The first refusal of its kind is noted.
        let noted = match reply.status {
            400.. => verbs.get("UpdateItem").copied().unwrap_or(0),
            _ => 0,
        };
        assert!(noted <= 1, "{method} {path} {body}: {verbs:?}");
        let all: usize = verbs.values().sum::<usize>() - noted;
        let transactions = verbs.get("TransactWriteItems").copied().unwrap_or(0);
        assert_eq!(
            (all - transactions, transactions),
            (reads, writes),
            "{method} {path} {body}: {} {verbs:?}",
            reply.status
        );
    }
}

#[tokio::test]
async fn a_page_reads_no_more_rows_than_it_answers_and_one() {
    let (world, proxy) = faults::world().await;
    let team = Team::on(world).await;
    for number in 0..30 {
        team.vendor(&format!("v{number:02}")).await;
    }
    proxy.heal();
    let page = team.get(&format!("{VENDORS}?limit=5")).await.json();
    assert_eq!(page["vendors"].as_array().unwrap().len(), 5);
    let seen = proxy.seen();
    let query = seen
        .iter()
        .find(|seen| seen.verb == "Query")
        .expect("a query");
    assert_eq!(query.body["Limit"], 6);
}
