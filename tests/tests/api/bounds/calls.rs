//! Pairs, days and callers that hold 12,000 calls, bills and costs.

use callbook::ids;
use callbook::model::phone::PhoneNumber;
use callbook::model::time::Instant;
use callbook_tests::call_data::{self, CALL_DATA};
use callbook_tests::filled::{Item, set, text};
use callbook_tests::office::Office;
use callbook_tests::tld::{CID, DID, FORM, PATH, Platform, form};
use callbook_tests::{faults, teletracker, vendor};

use super::{Figures, MANY, assert_bounded, reads};

/// A day before the world's, in milliseconds before its noon.
const DAYS: i64 = 86_400_000;

/// The sid of a call that began `ago` milliseconds before the world's noon.
fn sid(ago: i64) -> String {
    let moment = Instant::from_millis(callbook_tests::NOON - ago);
    ids::call_sid(moment, 0).as_str().to_owned()
}

#[tokio::test]
async fn twelve_thousand_calls_and_bills_of_a_pair_cost_a_bill_no_more() {
    let (world, proxy) = faults::world().await;
    let office = Office::of(Platform::on(world, |_| {}).await).await;
    let world = office.world();
    let account = &office.platform.account;
    vendor::add(world, account, "acme").await;
    let number = PhoneNumber::parse(DID).unwrap();
    let registered = world
        .ledger
        .register_number(account, &number, world.clock.now());
    registered.await.unwrap();
    vendor::assign(world, account, DID, Some("acme")).await;
    let terms = serde_json::json!({"from": "2026-11-01", "price": "25", "duplicate_days": 30});
    let authorization = teletracker::basic(&office.admin);
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
    ];
    let path = "/callbook/v1/vendors/acme/terms";
    let put = world
        .send("PUT", path, &headers, terms.to_string().as_bytes())
        .await;
    assert_eq!(put.status, 200, "{}", put.body);
    // An unmatched bill, then a call and its bill.
    office
        .bill("3", &[("call_date", "2026-11-02 08:00:00")])
        .await;
    office.platform.call().await;
    let id = office.bill("25", &[("call_id", "one")]).await;
    let pair = |kind: &str| {
        let items = world.raw_items(kind).into_iter();
        let own = |item: &Item| text(item, "pk").contains("#PAIR#") || kind == "billed_caller";
        items
            .filter(own)
            .last()
            .unwrap_or_else(|| panic!("no {kind} of a pair"))
    };
    let call = pair("pair_call");
    world
        .fill(&call, MANY, |nth, copy| {
            let sid = sid(40 * DAYS + nth as i64 * 60_000);
            set(copy, "sk", format!("CALL#{sid}"));
            set(copy, "call_sid", sid);
        })
        .await;
    for kind in ["pair_bill", "billed_caller"] {
        let bill = pair(kind);
        let id: u64 = text(&bill, "cost_id").parse().expect("digits");
        world
            .fill(&bill, MANY, |nth, copy| {
                let moment = &sid(nth as i64 * 60_000)[..10];
                let id = id - nth as u64 - 1;
                set(copy, "sk", format!("BILL#{moment}#{id}"));
                set(copy, "cost_id", id.to_string());
            })
            .await;
    }
    let figures = Figures::read();
    proxy.heal();
    let bill = form(&[
        ("did", DID),
        ("cid", CID),
        ("cost", "26"),
        ("call_id", "two"),
    ]);
    let reply = office.platform.post("", FORM, &bill).await;
    assert!(reply.status < 500, "{}", reply.body);
    let found = assert_bounded((world, &proxy), &figures, 0, "a bill").await;
    assert!(found["10"] <= 17.0, "usual calls: {found:?}");
    // A cost is shown with what was expected, which depends on the caller's other bills, and their rows.
    proxy.heal();
    let path = format!("/callbook/v1/costs/{id}");
    let headers = [("authorization", authorization.as_str())];
    let reply = world.send("GET", &path, &headers, b"").await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let found = assert_bounded((world, &proxy), &figures, 257, "a cost").await;
    assert!(found["36"] > 1.0, "{found:?}");
}

#[tokio::test]
async fn a_page_of_calls_reads_little_more_than_its_rows() {
    let (world, proxy) = faults::world().await;
    let office = Office::of(Platform::on(world, |_| {}).await).await;
    let world = office.world();
    office.platform.call().await;
    let call = world.raw_items("call").remove(0);
    for day in [0, 1] {
        world
            .fill(&call, MANY, |nth, copy| {
                let ago = day * DAYS + nth as i64 * 3_000;
                let sid = sid(ago);
                let pk = text(copy, "pk");
                let today = pk.rsplit_once("#DAY#").expect("a day").0.to_owned();
                let date = Instant::from_millis(callbook_tests::NOON - ago);
                let date = callbook::model::time::UtcDay::of(date);
                set(copy, "pk", format!("{today}#DAY#{date}#0"));
                set(copy, "sk", format!("CALL#{sid}"));
                set(copy, "call_sid", sid);
            })
            .await;
    }
    let figures = Figures::read();
    let user = call_data::user(world, &office.platform.account).await;
    let authorization = teletracker::basic(&user);
    let headers = [("authorization", authorization.as_str())];
    for (limit, rows) in [("20", 64), ("100", 101), ("1000", 1_001)] {
        let query = form(&[
            ("start_date", "2026-11-21"),
            ("end_date", "2026-11-21"),
            ("limit", limit),
        ]);
        proxy.heal();
        let path = format!("{CALL_DATA}?{query}");
        let reply = world.send("GET", &path, &headers, b"").await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_bounded((world, &proxy), &figures, rows, limit).await;
    }
    // A list that counts the calls of a day does not read the day before.
    proxy.heal();
    let list = office.read("calls", &callbook_tests::office::TODAY).await;
    assert!(
        list["calls"]
            .as_array()
            .is_some_and(|rows| !rows.is_empty())
    );
    let found = reads(world, &proxy).await;
    assert!(found["8"] <= figures.most("8", MANY + 1), "{found:?}");
}

#[tokio::test]
async fn costs_of_other_days_cost_a_list_nothing() {
    let (world, proxy) = faults::world().await;
    let office = Office::of(Platform::on(world, |_| {}).await).await;
    let world = office.world();
    let account = &office.platform.account;
    vendor::add(world, account, "acme").await;
    let id = office.bill("25", &[]).await;
    let adjusting = serde_json::json!({"cost_id": id, "amount": "-1", "reason": "agreed"});
    let reply = office.post("adjustments", &adjusting).await;
    assert!(reply.status < 300, "{}", reply.body);
    vendor::add(world, account, "beta").await;
    let number = PhoneNumber::parse(DID).unwrap();
    let registered = world
        .ledger
        .register_number(account, &number, world.clock.now());
    registered.await.unwrap();
    vendor::assign(world, account, DID, Some("acme")).await;
    let beta = office.another_platform(Some("beta")).await;
    let headers = [
        ("tld-api-id", beta.name.as_str()),
        ("tld-api-key", &beta.secret),
        ("content-type", FORM),
    ];
    let refused = form(&[("did", DID), ("cid", CID), ("cost", "25")]);
    let reply = world.send("POST", PATH, &headers, refused.as_bytes()).await;
    assert_eq!(reply.status, 400, "{}", reply.body);
    let refused = world.raw_items("refused_bill").remove(0);
    let before = text(&refused, "pk").replace("2026-11-21", "2026-11-20");
    world
        .fill(&refused, MANY, |nth, copy| {
            set(copy, "pk", before.clone());
            set(copy, "sk", format!("BILL#{nth:064x}"));
        })
        .await;
    let day = |name: &str| format!("#{name}#2026-11-20");
    for (kind, name) in [("cost", "BILLED"), ("adjustment", "ADJUSTED")] {
        let item = world.raw_items(kind).remove(0);
        let (pk, sk) = (text(&item, "pk"), text(&item, "sk"));
        let (prefix, id) = sk.split_once('#').expect("an id");
        let id: u64 = id.parse().expect("digits");
        let before = pk.replace(&format!("#{name}#2026-11-21"), &day(name));
        assert_ne!(before, pk);
        world
            .fill(&item, MANY, |nth, copy| {
                // A millisecond is 2^20 or more of an id, so these are from the hours before.
                let earlier = id - ((nth as u64 + 1) << 22) - (86_400_000 << 20);
                set(copy, "pk", before.clone());
                set(copy, "sk", format!("{prefix}#{earlier:019}"));
            })
            .await;
    }
    let figures = Figures::read();
    for path in ["costs", "costs/refused", "adjustments", "summary"] {
        proxy.heal();
        office.read(path, &callbook_tests::office::TODAY).await;
        assert_bounded((world, &proxy), &figures, 2, path).await;
    }
    proxy.heal();
    office.read(&format!("costs/{id}"), &[]).await;
    assert_bounded((world, &proxy), &figures, 2, "a cost").await;
}
