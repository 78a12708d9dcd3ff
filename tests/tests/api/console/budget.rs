//! How much each page asks: of the API, and of the store. Thirty days of calls and bills of two vendors.

use callbook::model::credential::{CredentialKind, Limits, Role};
use callbook::model::phone::PhoneNumber;
use callbook_tests::browser::Browser;
use callbook_tests::capacity::{self, Items};
use callbook_tests::faults::{self, Proxy};
use callbook_tests::office::Office;
use callbook_tests::tld::{DID, Platform};
use callbook_tests::{Key, vendor};
use serde_json::json;

const OTHER: &str = "+13105550123";

/// Sixty calls within thirty days, and a bill for most of them; every tenth bill has no call.
async fn month() -> (Office, Proxy, Key) {
    let (world, proxy) = faults::world().await;
    let office = Office::of(Platform::on(world, |_| {}).await).await;
    let (world, account) = (office.world(), &office.platform.account);
    for (id, did) in [("acme", DID), ("bright", OTHER)] {
        vendor::add(world, account, id).await;
        let number = PhoneNumber::parse(did).unwrap();
        let registered = world
            .ledger
            .register_number(account, &number, world.clock.now());
        registered.await.unwrap();
        vendor::assign(world, account, did, Some(id)).await;
    }
    let platform = office.another_platform(Some("acme")).await;
    let terms = json!({"from": "2026-11-01", "price": "25", "duplicate_days": 30});
    let body = terms.to_string();
    let headers = [("content-type", "application/json")];
    let authorization = callbook_tests::teletracker::basic(&office.admin);
    let headers = [headers[0], ("authorization", authorization.as_str())];
    let path = "/callbook/v1/vendors/acme/terms";
    let reply = world.send("PUT", path, &headers, body.as_bytes()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    for day in 0..30 {
        world.wait(86_400);
        let caller = format!("+1206973{:04}", 5_100 + day);
        office.platform.call_of(&caller, DID).await;
        office.platform.call_of("+12069735199", OTHER).await;
        world.wait(60);
        let billed = if day % 10 == 9 {
            "+14155550177"
        } else {
            &caller
        };
        let fields = [("did", DID), ("cid", billed), ("cost", "25")];
        let body = callbook_tests::tld::form(&fields);
        let headers = [
            ("tld-api-id", platform.name.as_str()),
            ("tld-api-key", platform.secret.as_str()),
            ("content-type", callbook_tests::tld::FORM),
        ];
        let path = callbook_tests::tld::PATH;
        let reply = world.send("POST", path, &headers, body.as_bytes()).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
    world.roll_up().await;
    // Each request of the API is counted against its limit, which is one update.
    let user = world.credential_with(account, CredentialKind::User, |new| {
        new.limits = Limits {
            per_minute: Some(10_000),
            ..Limits::default()
        };
        new.role = Some(Role::Admin);
    });
    let user = user.await;
    (office, proxy, user)
}

/// What a page asks: requests of the API, other requests of the store, and half read units.
async fn asked(
    browser: &Browser<'_>,
    office: &Office,
    proxy: &Proxy,
    path: &str,
) -> (usize, usize, u64) {
    let before = Items::default();
    proxy.heal();
    browser.page(path).await;
    let verbs = proxy.verbs();
    let api = verbs.get("UpdateItem").copied().unwrap_or(0);
    let store = verbs.values().sum::<usize>() - api;
    let used = capacity::used(office.world(), proxy, &before).await;
    (api, store, used.half_reads)
}

#[tokio::test]
async fn each_page_asks_no_more_than_it_shows() {
    let (office, proxy, user) = month().await;
    let browser = Browser::signed_in(&office.world().app, &user).await;
    browser.page("/console/api").await;
    let mut wrong = Vec::new();
    for (path, api, store, half_reads) in [
        ("today", 5, 11, 22),
        ("today?range=30d", 5, 183, 366),
        ("explore?range=30d", 2, 62, 124),
        ("explore?range=30d&by=campaign&and=vendor", 2, 63, 126),
        ("explore?range=30d&did=2069735100", 2, 62, 124),
        ("hours?range=30d", 2, 32, 64),
        ("calls?range=7d", 2, 8, 16),
        ("costs?range=30d", 2, 62, 124),
        ("costs?range=30d&kind=doubled", 2, 88, 176),
        ("costs?range=30d&kind=all", 2, 91, 286),
        ("vendors?range=30d", 5, 39, 78),
        ("vendors/acme?range=30d", 4, 35, 70),
        ("invoice", 2, 1, 2),
        ("queue", 3, 2, 4),
        ("requests", 2, 8, 16),
        ("api", 1, 0, 0),
    ] {
        let found = asked(&browser, &office, &proxy, &format!("/console/{path}")).await;
        if found != (api, store, half_reads) {
            let (api, store, half_reads) = found;
            wrong.push(format!("({path:?}, {api}, {store}, {half_reads}),"));
        }
    }
    assert!(wrong.is_empty(), "as it is:\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_page_of_a_narrowed_log_takes_no_query_for_each_row() {
    let (office, proxy, _user) = month().await;
    let range = [
        ("from", "2026-11-21"),
        ("to", "2026-12-22"),
        ("vendor", "acme"),
    ];
    let first = [&range[..], &[("limit", "10")]].concat();
    let page = office.read("calls", &first).await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let second = [&first[..], &[("cursor", cursor)]].concat();
    proxy.heal();
    let page = office.read("calls", &second).await;
    assert_eq!(page["calls"].as_array().unwrap().len(), 10);
    let queries = proxy.verbs()["Query"];
    assert!(queries <= 16, "{queries} queries");
}
