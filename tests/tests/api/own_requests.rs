//! What a request of Callbook's own API and a page of the console use, with lists of fifty rows: the figures of
//! `plan/src/requests.rs`.

use callbook_tests::browser::Browser;
use callbook_tests::capacity::{assert_held, price};
use callbook_tests::fifty::{Fifty, caller};
use callbook_tests::office::{Office, TODAY, text};
use callbook_tests::receiver::Receiver;
use callbook_tests::team;
use callbook_tests::teletracker::basic;
use callbook_tests::tld::DID;
use callbook_tests::webhooks::{create, endpoint};
use callbook_tests::{Reply, call_data, fd_calls, fonedynamics, send_to, vendor};
use serde_json::{Value, json};

/// The first request of a process reads who asks.
async fn warm(office: &Office) {
    office.read("me", &[]).await;
}

async fn send(office: &Office, method: &str, path: &str, body: &Value) -> Reply {
    let path = format!("/callbook/v1/{path}");
    team::ask(
        &office.world().app,
        &basic(&office.admin),
        method,
        &path,
        body,
    )
    .await
}

/// A page of what is of today.
async fn today(office: &Office, path: &str, more: &[(&str, &str)]) -> Reply {
    let asked = [&TODAY[..], &[("limit", "50")], more].concat();
    office.get(path, &asked).await
}

#[tokio::test]
async fn of_calls_costs_and_sums() {
    let Fifty { office, proxy } = &scene_of_calls().await;
    let world = office.world();
    let month = [
        ("from", "2026-11-01"),
        ("to", "2026-11-30"),
        ("by", "vendor"),
        ("unique_callers", "true"),
    ];
    warm(office).await;
    price(world, proxy, "who is signed in", async || {
        office.get("me", &[]).await
    })
    .await;
    price(world, proxy, "summary: a day by vendor", async || {
        let by = [("by", "vendor")];
        office.get("summary", &[&TODAY[..], &by].concat()).await
    })
    .await;
    let name = "summary: a month by vendor, callers counted";
    price(world, proxy, name, async || {
        office.get("summary", &month).await
    })
    .await;
    let list = price(world, proxy, "calls: 50 of a day", async || {
        today(office, "calls", &[]).await
    })
    .await;
    let list = list.json();
    assert_eq!(list["calls"].as_array().map(Vec::len), Some(50));
    let sid = text(&list["calls"][0]["call_sid"]);
    price(world, proxy, "one call with its story", async || {
        office.get(&format!("calls/{sid}"), &[]).await
    })
    .await;
    let list = price(world, proxy, "costs: 50 of a day", async || {
        today(office, "costs", &[]).await
    })
    .await;
    let list = list.json();
    assert_eq!(list["costs"].as_array().map(Vec::len), Some(50));
    let id = text(&list["costs"][0]["cost_id"]);
    price(world, proxy, "one cost", async || {
        office.get(&format!("costs/{id}"), &[]).await
    })
    .await;
    let csv: Vec<String> = (0..50)
        .map(|number| format!("11/21/2026 12:00,{DID},{},25", caller(number)))
        .collect();
    let csv = format!(
        "Call Date,Called Number,Caller ID,Payout\n{}",
        csv.join("\n")
    );
    let checked = price(world, proxy, "invoice: check 50 lines", async || {
        let authorization = basic(&office.admin);
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "text/csv"),
        ];
        let path = "/callbook/v1/invoices/check?vendor=acme&from=2026-11-21&to=2026-11-21";
        send_to(&world.app, "POST", path, &headers, csv.as_bytes()).await
    })
    .await;
    assert_eq!(checked.json()["ledger"]["count"], 50);
    price(world, proxy, "cost: void", async || {
        let body = json!({"reason": "disputed"});
        office.post(&format!("costs/{id}/void"), &body).await
    })
    .await;
    assert_held();
}

async fn scene_of_calls() -> Fifty {
    let fifty = Fifty::new().await;
    fifty.calls().await;
    fifty
}

#[tokio::test]
async fn of_decisions_adjustments_and_refused_bills() {
    let fifty = Fifty::new().await;
    let Fifty { office, proxy } = &fifty;
    let world = office.world();
    fifty.refused_bills().await;
    office.platform.call().await;
    world.wait(3_600);
    office.platform.call().await;
    let id = office.bill("25", &[]).await;
    let calls = today(office, "calls", &[]).await.json();
    let first = text(&calls["calls"][0]["call_sid"]);
    let list = price(world, proxy, "refused bills: 50 of a day", async || {
        today(office, "costs/refused", &[]).await
    })
    .await;
    let list = list.json();
    assert_eq!(
        list["refused_bills"].as_array().map(Vec::len),
        Some(50),
        "{list}"
    );
    price(world, proxy, "cost: match", async || {
        let body = json!({"call_sid": first, "reason": "their recording"});
        office.post(&format!("costs/{id}/match"), &body).await
    })
    .await;
    price(world, proxy, "cost: unpin", async || {
        let body = json!({"reason": "a mistake"});
        office.post(&format!("costs/{id}/unpin"), &body).await
    })
    .await;
    let body = json!({"cost_id": id, "amount": "-7.50", "reason": "dispute won"});
    for _ in 0..49 {
        assert_eq!(office.post("adjustments", &body).await.status, 201);
    }
    price(world, proxy, "adjustment: make", async || {
        office.post("adjustments", &body).await
    })
    .await;
    let list = price(world, proxy, "adjustments: 50 of a day", async || {
        today(office, "adjustments", &[]).await
    })
    .await;
    let list = list.json();
    assert_eq!(list["adjustments"].as_array().map(Vec::len), Some(50));
    assert_held();
}

#[tokio::test]
async fn of_vendors_queue_and_events() {
    let fifty = scene_of_calls().await;
    let Fifty { office, proxy } = &fifty;
    let world = office.world();
    for number in 0..48 {
        vendor::add(world, &office.platform.account, &format!("v{number}")).await;
    }
    fifty.callees().await;
    warm(office).await;
    let terms = json!({"from": "2026-12-01", "price": "25"});
    let work = [
        (
            "POST",
            "vendors",
            json!({"vendor_id": "beta", "name": "Beta"}),
            "vendor: create",
        ),
        ("GET", "vendors?limit=50", Value::Null, "vendors: 50"),
        ("GET", "vendors/beta", Value::Null, "one vendor"),
        (
            "PATCH",
            "vendors/beta",
            json!({"name": "B"}),
            "vendor: change",
        ),
        ("PUT", "vendors/beta/terms", terms, "terms: agree"),
        ("GET", "queue?limit=50", Value::Null, "queue: 50 who wait"),
    ];
    for (method, path, body, name) in work {
        price(world, proxy, name, async || {
            send(office, method, path, &body).await
        })
        .await;
    }
    let taken = price(world, proxy, "queue: take one of 50", async || {
        send(office, "POST", "queue/take", &json!({})).await
    })
    .await;
    let id = taken.json()["entries"][0]["id"].to_string();
    for (path, body, name) in [
        ("extend", json!({"attempt": 1}), "queue: extend"),
        (
            "finish",
            json!({"attempt": 1, "result": "completed"}),
            "queue: finish",
        ),
    ] {
        let path = format!("queue/{id}/{path}");
        price(world, proxy, name, async || {
            send(office, "POST", &path, &body).await
        })
        .await;
    }
    let page = price(world, proxy, "events: 50", async || {
        office.get("events", &[("limit", "50")]).await
    })
    .await;
    let page = page.json();
    assert_eq!(page["events"].as_array().map(Vec::len), Some(50));
    let mut cursor = text(&page["next_cursor"]);
    loop {
        let at = [("limit", "200"), ("cursor", cursor.as_str())];
        let page = office.read("events", &at).await;
        cursor = text(&page["next_cursor"]);
        if page["has_more"] == false {
            break;
        }
    }
    price(world, proxy, "events: a poll that finds none", async || {
        let at = [("limit", "50"), ("cursor", cursor.as_str())];
        office.get("events", &at).await
    })
    .await;
    assert_held();
}

#[tokio::test]
async fn of_webhooks_and_refused_requests() {
    let fifty = Fifty::new().await;
    let Fifty { office, proxy } = &fifty;
    let (world, account) = (office.world(), &office.platform.account);
    let first = fifty.deliveries().await;
    let receiver = Receiver::start(&world.clock).await;
    for _ in 0..18 {
        create(world, account, &endpoint(world, &receiver.url("/"))).await;
    }
    fifty.refused_requests().await;
    warm(office).await;
    let body = json!({"url": "https://example.com/hooks"});
    let made = price(world, proxy, "webhook: create", async || {
        send(office, "POST", "webhooks", &body).await
    })
    .await;
    let made = format!("webhooks/{}", text(&made.json()["id"]));
    let deliveries = price(world, proxy, "deliveries: 50", async || {
        office
            .get(&format!("webhooks/{first}/deliveries"), &[("limit", "50")])
            .await
    })
    .await;
    let deliveries = deliveries.json();
    assert_eq!(deliveries["deliveries"].as_array().map(Vec::len), Some(50));
    let delivery = text(&deliveries["deliveries"][0]["id"]);
    let work = [
        ("GET", "webhooks".to_owned(), Value::Null, "webhooks: 20"),
        (
            "PATCH",
            made.clone(),
            json!({"description": "Alerts"}),
            "webhook: change",
        ),
        (
            "POST",
            format!("{made}/rotate"),
            Value::Null,
            "webhook: new secret",
        ),
        (
            "POST",
            format!("{made}/test"),
            Value::Null,
            "webhook: test event",
        ),
        ("DELETE", made.clone(), Value::Null, "webhook: delete"),
        (
            "POST",
            format!("deliveries/{delivery}/resend"),
            Value::Null,
            "delivery: send again",
        ),
        (
            "GET",
            "requests?limit=50".to_owned(),
            Value::Null,
            "refused requests: 50",
        ),
    ];
    for (method, path, body, name) in work {
        price(world, proxy, name, async || {
            send(office, method, &path, &body).await
        })
        .await;
    }
    assert_held();
}

#[tokio::test]
async fn of_reports_and_calls_of_vendors() {
    let fifty = scene_of_calls().await;
    let Fifty { office, proxy } = &fifty;
    let (world, account) = (office.world(), &office.platform.account);
    let reader = call_data::user(world, account).await;
    let report = [("start_date", "2026-11-21"), ("end_date", "2026-11-21")];
    call_data::report(world, &reader, &report).await;
    price(world, proxy, "report of a day, 50 calls", async || {
        call_data::report(world, &reader, &report).await
    })
    .await;
    let token = fonedynamics::token(world, account).await;
    let day = [
        ("Date_From", "2026-11-21T00:00:00Z"),
        ("Date_To", "2026-11-22T00:00:00Z"),
        ("Results_Count", "50"),
    ];
    let path = fd_calls::of_account(account);
    fd_calls::get(world, &token, &path, &day).await;
    price(
        world,
        proxy,
        "calls of an account: 50 of a day",
        async || fd_calls::get(world, &token, &path, &day).await,
    )
    .await;
    let path = format!("/v2/Accounts/{}/Numbers", account.sid.as_str());
    price(world, proxy, "numbers of an account: list", async || {
        fd_calls::get(world, &token, &path, &[]).await
    })
    .await;
    assert_held();
}

#[tokio::test]
async fn of_pages() {
    let fifty = scene_of_calls().await;
    fifty.callees().await;
    fifty.deliveries().await;
    fifty.refused_requests().await;
    let Fifty { office, proxy } = &fifty;
    let world = office.world();
    let browser = Browser::signed_in(&world.app, &office.admin).await;
    browser.page("/console/today").await;
    for (name, path) in [
        ("console: *Today*, 50 calls and costs", "today"),
        ("console: *Explore*", "explore"),
        ("console: *Hours*", "hours"),
        (
            "console: *Calls*, 50 rows",
            "calls?from=2026-11-21&to=2026-11-21",
        ),
        (
            "console: *Costs to settle*, 50 rows",
            "costs?from=2026-11-21&to=2026-11-21",
        ),
        ("console: *Vendors*", "vendors"),
        ("console: *Queue and webhooks*, 50 rows", "queue"),
        ("console: *Requests*, 50 rows", "requests"),
    ] {
        price(world, proxy, name, async || {
            browser.get(&format!("/console/{path}")).await
        })
        .await;
    }
    assert_held();
}
