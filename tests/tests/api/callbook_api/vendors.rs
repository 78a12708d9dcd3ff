//! Vendors: created, listed in pages, shown, changed, and what is agreed with them.

use callbook::model::credential::CredentialKind;
use callbook_tests::World;
use callbook_tests::team::{Team, VENDORS, ask, assert_problem};
use callbook_tests::teletracker::basic;
use serde_json::{Value, json};

#[tokio::test]
async fn a_vendor_is_created_shown_and_changed() {
    let team = Team::new().await;
    let vendor = team.vendor("acme").await;
    let created = "2026-11-21T12:00:00+00:00";
    let expected = json!({
        "vendor_id": "acme", "name": "acme", "status": "active", "terms": [], "created_at": created,
    });
    assert_eq!(vendor, expected);
    let one = format!("{VENDORS}/acme");
    assert_eq!(team.get(&one).await.json(), expected);
    for (change, name, status) in [
        (json!({"name": " Acme Leads "}), "Acme Leads", "active"),
        (json!({"status": "paused"}), "Acme Leads", "paused"),
        (json!({"name": "A", "status": "active"}), "A", "active"),
        (json!({"name": null, "status": "active"}), "A", "active"),
    ] {
        let reply = team.ask("PATCH", &one, &change).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let found = reply.json();
        assert_eq!(
            (&found["name"], &found["status"]),
            (&json!(name), &json!(status))
        );
        assert_eq!(team.get(&one).await.json(), found, "as it is answered");
    }
    let paused = json!({"vendor_id": "beta", "name": "B", "status": "paused"});
    let reply = team.ask("POST", VENDORS, &paused).await;
    assert_eq!(
        (reply.status, &reply.json()["status"]),
        (201, &json!("paused"))
    );
}

#[tokio::test]
async fn ids_keep_their_case_and_every_allowed_character() {
    let team = Team::new().await;
    let longest = "x".repeat(64);
    let ids = ["Acme", "acme", "a_b.c-1", "...", longest.as_str(), "0"];
    for id in ids {
        team.vendor(id).await;
    }
    for id in ids {
        let path = format!("{VENDORS}/{}", id.replace("...", "%2E%2E%2E"));
        let shown = team.get(&path).await;
        assert_eq!(shown.json()["vendor_id"], id, "{}", shown.body);
    }
}

#[tokio::test]
async fn terms_hold_from_their_day_and_replace_those_of_the_same_day() {
    let team = Team::new().await;
    team.vendor("acme").await;
    let path = format!("{VENDORS}/acme/terms");
    let mut last = Value::Null;
    for (terms, count) in [
        (json!({"from": "2026-12-01", "price": "25"}), 1),
        (
            json!({"from": "2026-06-01", "price": 12.5, "minimum_seconds": 90}),
            2,
        ),
        (
            json!({"from": "2026-12-01", "price": "$1,026.5000", "duplicate_days": 30}),
            2,
        ),
        (
            json!({"from": "2026-12-01", "price": "0", "minimum_seconds": 86400, "duplicate_days": 3650}),
            2,
        ),
    ] {
        let reply = team.ask("PUT", &path, &terms).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        last = reply.json()["terms"].clone();
        assert_eq!(last.as_array().unwrap().len(), count);
    }
    let expected = json!([
        {"from": "2026-06-01", "price": "12.5000", "minimum_seconds": 90, "duplicate_days": 0},
        {"from": "2026-12-01", "price": "0.0000", "minimum_seconds": 86400, "duplicate_days": 3650},
    ]);
    assert_eq!(last, expected);
    let again = json!({"from": "2026-06-01", "price": "12.50", "minimum_seconds": 90});
    assert_eq!(
        team.ask("PUT", &path, &again).await.json()["terms"],
        expected
    );
}

#[tokio::test]
async fn a_vendor_has_at_most_a_hundred_terms() {
    let team = Team::new().await;
    team.vendor("acme").await;
    let path = format!("{VENDORS}/acme/terms");
    for number in 0..100 {
        let day = format!("{}-01-01", 2000 + number);
        let reply = team
            .ask("PUT", &path, &json!({"from": day, "price": "1"}))
            .await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
    let more = json!({"from": "2100-01-01", "price": "1"});
    let reply = team.ask("PUT", &path, &more).await;
    assert_problem(&reply, 409, "too_many_terms", "the 101st");
    let reply = team
        .ask("PUT", &path, &json!({"from": "2050-01-01", "price": "2"}))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let one = format!("{VENDORS}/acme");
    assert_eq!(
        team.get(&one).await.json()["terms"]
            .as_array()
            .unwrap()
            .len(),
        100
    );
}

fn ids(page: &Value) -> Vec<&str> {
    let vendors = page["vendors"].as_array().expect("vendors").iter();
    let ids = vendors.map(|vendor| vendor["vendor_id"].as_str().expect("an id"));
    ids.collect()
}

#[tokio::test]
async fn a_list_is_ordered_and_its_pages_have_each_vendor_once() {
    let team = Team::new().await;
    assert_eq!(
        team.get(VENDORS).await.json(),
        json!({"vendors": [], "next_cursor": null})
    );
    for id in ["b", "B", "a-1", "a", "a.1", "c"] {
        team.vendor(id).await;
    }
    let sorted = ["B", "a", "a-1", "a.1", "b", "c"];
    assert_eq!(ids(&team.get(VENDORS).await.json()), sorted);
    for limit in 1..=7 {
        let (mut path, mut seen, mut pages) = (format!("{VENDORS}?limit={limit}"), Vec::new(), 0);
        loop {
            let page = team.get(&path).await;
            assert_eq!(page.status, 200, "{}", page.body);
            let page = page.json();
            seen.extend(ids(&page).into_iter().map(str::to_owned));
            pages += 1;
            let Some(next) = page["next_cursor"].as_str() else {
                break;
            };
            path = format!("{VENDORS}?limit={limit}&cursor={next}");
        }
        assert_eq!(seen, sorted, "{limit}");
        assert_eq!(
            pages,
            sorted.len().div_ceil(limit),
            "{limit}: no empty page at the end"
        );
    }
}

#[tokio::test]
async fn a_vendor_that_comes_or_changes_between_two_pages_hides_no_other() {
    let team = Team::new().await;
    for id in ["a", "b", "c"] {
        team.vendor(id).await;
    }
    let first = team.get(&format!("{VENDORS}?limit=2")).await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    team.vendor("aa").await;
    team.vendor("bb").await;
    let second = team.get(&format!("{VENDORS}?cursor={cursor}")).await.json();
    assert_eq!(ids(&second), ["bb", "c"]);
}

#[tokio::test]
async fn another_accounts_vendor_does_not_exist() {
    let team = Team::new().await;
    let other = team.world.account().await;
    let stranger = team.world.credential(&other, CredentialKind::User).await;
    team.vendor("acme").await;
    let one = format!("{VENDORS}/acme");
    let terms = format!("{one}/terms");
    let as_stranger = |method: &'static str, path: String, body: Value| {
        let (app, stranger) = (&team.world.app, basic(&stranger));
        async move { ask(app, &stranger, method, &path, &body).await }
    };
    for (method, path, body) in [
        ("GET", &one, Value::Null),
        ("PATCH", &one, json!({"name": "Mine"})),
        ("PUT", &terms, json!({"from": "2026-12-01", "price": "1"})),
    ] {
        let reply = as_stranger(method, path.clone(), body.clone()).await;
        assert_problem(&reply, 404, "vendor_not_found", path);
        let nobodys = path.replace("acme", "nobody");
        let nobodys = as_stranger(method, nobodys, body).await;
        let text = |reply: &callbook_tests::Reply| {
            let guid = reply.header("x-request-guid").unwrap();
            reply.body.replace(guid, "GUID")
        };
        assert_eq!(text(&reply), text(&nobodys), "as if it had never existed");
    }
    let listed = as_stranger("GET", VENDORS.to_owned(), Value::Null).await;
    assert_eq!(ids(&listed.json()), Vec::<&str>::new());
    let own = json!({"vendor_id": "acme", "name": "Their Acme"});
    let made = as_stranger("POST", VENDORS.to_owned(), own).await;
    assert_eq!(made.status, 201, "the id is free in their account");
    assert_eq!(team.get(&one).await.json()["name"], "acme", "unchanged");

    team.vendor("beta").await;
    let page = team.get(&format!("{VENDORS}?limit=1")).await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let stolen = format!("{VENDORS}?limit=1&cursor={cursor}");
    let reply = as_stranger("GET", stolen, Value::Null).await;
    assert_problem(&reply, 400, "invalid_fields", "another account's cursor");
}

#[tokio::test]
async fn a_vendors_times_are_shown_in_the_accounts_zone() {
    let world = World::new().await;
    let mut team = Team::on(world).await;
    let zone = callbook::model::time::Zone::parse("America/New_York").unwrap();
    let mut account = team.account.clone();
    team.world
        .change(&mut account, |account| account.zone = zone.clone())
        .await;
    team.account = account;
    let vendor = team.vendor("acme").await;
    assert_eq!(vendor["created_at"], "2026-11-21T07:00:00-05:00");
}
