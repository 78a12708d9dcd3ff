//! What the terms of a vendor make of its bills.

use std::collections::BTreeSet;
use std::slice;

use callbook::model::account::Account;
use callbook::model::credential::{CredentialKind, Limits};
use callbook::model::property::PropertySid;
use callbook::model::time::Zone;
use callbook::model::vendor::{Terms, VendorChange};
use callbook_tests::office::{Office, TODAY, column, faults, sum, text};
use callbook_tests::tld::{CID, DID, Platform, form};
use callbook_tests::{Key, World, faults as proxied, fd_calls, vendor};
use serde_json::{Value, json};

use super::summary::summary;

const OTHER: &str = "+13105550123";
/// Another number of the account.
const SECOND: &str = "+18005550100";

/// An office that a vendor bills, and a switch that tells of its calls.
struct Trade {
    office: Office,
    switch: Key,
    property: PropertySid,
}

impl Trade {
    async fn new(terms: &[Terms]) -> Self {
        Self::on(World::new().await, terms, |_| {}).await
    }

    async fn on(world: World, terms: &[Terms], change: impl FnOnce(&mut Account)) -> Self {
        let mut platform = Platform::on(world, change).await;
        let (world, account) = (&platform.world, &platform.account);
        vendor::add(world, account, "acme").await;
        let key = world.credential_with(account, CredentialKind::Tld, |new| {
            new.limits = Limits::default();
            new.vendor = Some(vendor::id("acme"));
        });
        let key = key.await;
        let switch = fd_calls::token(world, account).await;
        let property = fd_calls::property(world, account, None).await;
        platform.key = key;
        let trade = Self {
            office: Office::of(platform).await,
            switch,
            property,
        };
        for terms in terms {
            trade.agree(*terms).await;
        }
        trade
    }

    fn world(&self) -> &World {
        self.office.world()
    }

    /// Agrees terms with the vendor.
    async fn agree(&self, terms: Terms) {
        let change = VendorChange {
            terms: Some(terms),
            ..VendorChange::default()
        };
        let account = &self.office.platform.account.id;
        let ledger = &self.world().ledger;
        let acme = vendor::id("acme");
        let updated = ledger.update_vendor(account, &acme, &change, None);
        updated.await.unwrap();
    }

    /// The switch tells of a call that began `ago` seconds ago and lasted `seconds`, where that is known.
    async fn call(&self, cid: &str, did: &str, ago: i64, seconds: Option<i64>) -> String {
        let started = self.world().clock.now().seconds() - ago;
        let started_text = started.to_string();
        let ended = seconds.map(|seconds| (started + seconds).to_string());
        let mut call = vec![("From", cid), ("To", did), ("Started", &started_text)];
        call.extend(ended.as_deref().map(|ended| ("Ended", ended)));
        let call = fd_calls::record(self.world(), &self.switch, &self.property, &call).await;
        text(&call["CallSid"])
    }

    /// The vendor bills a call to a number.
    async fn bill(&self, cid: &str, did: &str, cost: &str, more: &[(&str, &str)]) -> String {
        let fields = [&[("did", did), ("cid", cid), ("cost", cost)][..], more].concat();
        let reply = self.office.platform.form(&fields).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        text(&reply.json()["cost_id"])
    }

    /// What the terms make of an entry. Whoever shows the entry says the same.
    async fn expected(&self, id: &str) -> Value {
        let cost = self.office.read(&format!("costs/{id}"), &[]).await;
        let expected = cost["expectation"].clone();
        let year = [("from", "2026-01-01"), ("to", "2026-12-31")];
        let list = self.office.read("costs", &year).await;
        let mut rows = list["costs"].as_array().unwrap().iter();
        let listed = rows.find(|row| row["cost_id"] == id).unwrap();
        assert_eq!(listed["expectation"], expected, "in the list");
        if let Some(sid) = cost["call_sid"].as_str() {
            let call = self.office.read(&format!("calls/{sid}"), &[]).await;
            let mut costs = call["costs"].as_array().unwrap().iter();
            let told = costs.find(|cost| cost["cost_id"] == id).unwrap();
            assert_eq!(told["expectation"], expected, "in its call");
        }
        expected
    }
}

fn strict(minimum_seconds: u32, duplicate_days: u32) -> Terms {
    Terms {
        minimum_seconds,
        duplicate_days,
        ..vendor::terms("2026-01-01", "25")
    }
}

#[tokio::test]
async fn the_price_is_that_of_the_day_of_the_call_in_the_accounts_zone() {
    let terms = [
        vendor::terms("2026-01-01", "20"),
        vendor::terms("2026-11-21", "25"),
    ];
    let trade = Trade::on(World::new().await, &terms, |account| {
        account.zone = Zone::parse("America/New_York").unwrap();
    })
    .await;
    // It is 7 in the morning there, so the call was on the 20th; in UTC it was on the 21st.
    trade.call(CID, DID, 8 * 3_600, Some(60)).await;
    let late = trade.bill(CID, DID, "20", &[]).await;
    assert_eq!(trade.expected(&late).await, "as_agreed");
    trade.world().wait(60);
    let new_price = trade.bill(CID, DID, "25", &[]).await;
    assert_eq!(trade.expected(&new_price).await, "other_price");
    // Without a call, the date counts that the bill says, or else its receipt.
    let unknown = trade.bill(OTHER, DID, "25.0000", &[]).await;
    assert_eq!(trade.expected(&unknown).await, "as_agreed");
    let dated = [("call_date", "2026-11-20 23:59:59")];
    let dated = trade.bill("+14155550177", DID, "25", &dated).await;
    assert_eq!(trade.expected(&dated).await, "other_price");
    // Terms that are agreed later for earlier days hold for what was billed before.
    trade.agree(vendor::terms("2026-11-20", "25")).await;
    assert_eq!(trade.expected(&dated).await, "as_agreed");
    assert_eq!(trade.expected(&late).await, "other_price");
}

#[tokio::test]
async fn costs_without_terms_have_no_expectation() {
    let trade = Trade::new(&[vendor::terms("2026-12-01", "25")]).await;
    let before = trade.bill(CID, DID, "30", &[]).await;
    assert_eq!(trade.expected(&before).await, Value::Null);
    let trade = Trade::new(&[]).await;
    let none = trade.bill(CID, DID, "30", &[]).await;
    assert_eq!(trade.expected(&none).await, Value::Null);
    let office = Office::new().await;
    let nobodys = office.bill("30", &[]).await;
    let cost = office.read(&format!("costs/{nobodys}"), &[]).await;
    assert_eq!(cost["expectation"], Value::Null);
}

#[tokio::test]
async fn a_call_is_too_short_once_its_length_is_known_whoever_tells_it() {
    let trade = Trade::new(&[strict(90, 0)]).await;
    let early = trade.bill(CID, DID, "25", &[]).await;
    assert_eq!(trade.expected(&early).await, Value::Null, "it has no call");
    trade.office.platform.call().await;
    assert_eq!(trade.expected(&early).await, Value::Null, "no end is known");
    trade.world().wait(120);
    let sid = trade.call(CID, DID, 119, Some(89)).await;
    assert_eq!(trade.expected(&early).await, "too_short");
    let end = |seconds: i64| (trade.world().clock.now().seconds() - 119 + seconds).to_string();
    let path = format!("/v2/Calls/{sid}");
    for (name, value, expected) in [
        ("Ended", end(90).as_str(), json!("as_agreed")),
        ("Disposition", "NoAnswer", json!("too_short")),
        ("Disposition", "Answered", json!("as_agreed")),
    ] {
        let changed = [(name, value)];
        let reply = fd_calls::post(trade.world(), &trade.switch, &path, &changed).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(trade.expected(&early).await, expected, "{name} {value}");
        trade.world().wait(1);
    }
    // Nothing is charged for a call that is not billable.
    trade.call(OTHER, DID, 30, Some(10)).await;
    let free = trade.bill(OTHER, DID, "0", &[]).await;
    assert_eq!(trade.expected(&free).await, "as_agreed");
    trade.world().wait(60);
    let charged = trade.bill(OTHER, DID, "30", &[]).await;
    assert_eq!(
        trade.expected(&charged).await,
        "too_short",
        "not other_price"
    );
}

#[tokio::test]
async fn another_call_of_a_caller_who_was_charged_for_is_a_duplicate() {
    let trade = Trade::new(&[strict(0, 30)]).await;
    const DAY: u64 = 86_400;
    let day = 86_400;
    trade.call(CID, DID, 0, Some(60)).await;
    let first = trade.bill(CID, DID, "25", &[]).await;
    trade.world().wait(10 * DAY);
    // To another number of the vendor's.
    trade.call(CID, SECOND, 0, Some(60)).await;
    let second = trade.bill(CID, SECOND, "25", &[]).await;
    trade.call(OTHER, DID, 0, Some(60)).await;
    let stranger = trade.bill(OTHER, DID, "25", &[]).await;
    trade.world().wait(20 * DAY);
    // Exactly 30 days after the first, and 20 after the second.
    trade.call(CID, DID, 0, Some(60)).await;
    let third = trade.bill(CID, DID, "30", &[]).await;
    for (id, expected) in [
        (&first, "as_agreed"),
        (&second, "duplicate_caller"),
        (&stranger, "as_agreed"),
        (&third, "duplicate_caller"),
    ] {
        assert_eq!(trade.expected(id).await, expected);
    }
    // What is taken back was not charged.
    trade.office.void(&second).await;
    assert_eq!(trade.expected(&third).await, "duplicate_caller");
    trade.office.void(&first).await;
    assert_eq!(trade.expected(&third).await, "other_price");
    // A call that is recorded later, and was earlier: its bill was charged first.
    let sooner = trade.call(CID, SECOND, day, Some(60)).await;
    let dated = (trade.world().clock.now().seconds() - day).to_string();
    let late = trade
        .bill(CID, SECOND, "25", &[("call_date", &dated)])
        .await;
    let found = trade.office.read(&format!("costs/{late}"), &[]).await;
    assert_eq!(found["call_sid"], sooner);
    assert_eq!(trade.expected(&late).await, "as_agreed");
    assert_eq!(trade.expected(&third).await, "duplicate_caller");
}

#[tokio::test]
async fn strangers_and_bills_for_one_call_are_no_duplicates() {
    let trade = Trade::new(&[strict(0, 30)]).await;
    for _ in 0..2 {
        trade.world().wait(3_600);
        trade.office.platform.call_of("anonymous", DID).await;
        let withheld = trade.bill("anonymous", DID, "25", &[]).await;
        assert_eq!(trade.expected(&withheld).await, "as_agreed");
    }
    trade.call(CID, DID, 0, Some(60)).await;
    for id in ["x1", "x2"] {
        trade.world().wait(1);
        let part = trade.bill(CID, DID, "25", &[("call_id", id)]).await;
        assert_eq!(trade.expected(&part).await, "as_agreed", "{id}");
    }
    // Somebody else's bill for the caller says nothing about this vendor.
    vendor::add(trade.world(), &trade.office.platform.account, "beta").await;
    let beta = trade.office.another_platform(Some("beta")).await;
    trade.office.platform.call_of(OTHER, DID).await;
    let headers = [
        ("tld-api-id", beta.name.as_str()),
        ("tld-api-key", &beta.secret),
        ("content-type", callbook_tests::tld::FORM),
    ];
    let body = form(&[("did", DID), ("cid", OTHER), ("cost", "25")]);
    let path = callbook_tests::tld::PATH;
    let reply = trade.world().send("POST", path, &headers, body.as_bytes());
    assert_eq!(reply.await.status, 200);
    trade.world().wait(3_600);
    trade.office.platform.call_of(OTHER, DID).await;
    let own = trade.bill(OTHER, DID, "25", &[]).await;
    assert_eq!(trade.expected(&own).await, "as_agreed");
}

#[tokio::test]
async fn a_list_selects_and_sums_what_the_terms_make_of_costs() {
    let trade = Trade::new(&[strict(90, 30)]).await;
    let mut ids = Vec::new();
    for (cid, cost, seconds) in [
        (CID, "25", 90),
        (CID, "25", 100),
        (OTHER, "25", 20),
        ("+14155550177", "31", 90),
    ] {
        trade.world().wait(700);
        trade.call(cid, DID, 200, Some(seconds)).await;
        ids.push(trade.bill(cid, DID, cost, &[]).await);
    }
    trade.world().wait(1);
    ids.push(trade.bill("+14155550178", DID, "25", &[]).await);
    let words = ["as_agreed", "duplicate_caller", "too_short", "other_price"];
    let list = trade.office.costs(&[]).await;
    let column_of = |list: &Value| column(&list["costs"], "expectation");
    assert_eq!(column_of(&list), [&words[..], &["null"]].concat());
    for (word, id, amount) in [
        (words[0], &ids[0], "25.0000"),
        (words[1], &ids[1], "25.0000"),
        (words[2], &ids[2], "25.0000"),
        (words[3], &ids[3], "31.0000"),
    ] {
        for by in ["billed", "call"] {
            let upper = word.to_uppercase();
            let list = trade
                .office
                .costs(&[("expectation", &upper), ("by", by)])
                .await;
            assert_eq!(
                column(&list["costs"], "cost_id"),
                slice::from_ref(id),
                "{word}"
            );
            assert_eq!(column_of(&list), [word]);
            assert_eq!(sum(&list, "in_force"), (1, amount.to_owned()), "{word}");
        }
    }
    let page = trade.office.costs(&[("limit", "2")]).await;
    let next = text(&page["next_cursor"]);
    let page = trade
        .office
        .costs(&[("limit", "2"), ("cursor", &next)])
        .await;
    assert_eq!(column_of(&page), words[2..]);
    let wrong = [&TODAY[..], &[("expectation", "cheap")]].concat();
    assert_eq!(
        faults(&trade.office.get("costs", &wrong).await),
        ["expectation"]
    );
    let voided = trade.office.void(&ids[3]).await;
    assert_eq!(voided["expectation"], "other_price");
}

#[tokio::test]
async fn a_statement_is_told_what_the_terms_make_of_its_costs() {
    let trade = Trade::new(&[strict(90, 0)]).await;
    let mut rows = Vec::new();
    for (cid, seconds) in [(CID, 90), (OTHER, 20)] {
        trade.call(cid, DID, 200, Some(seconds)).await;
        trade.bill(cid, DID, "25", &[]).await;
        let date = "2026-11-21T11:56:40Z";
        rows.push(json!({"date": date, "did": DID, "caller": cid, "amount": "25"}));
    }
    rows.push(json!({"date": "2026-11-21", "did": DID, "caller": SECOND, "amount": "25"}));
    let body = json!({
        "vendor": "acme", "from": "2026-11-21", "to": "2026-11-21", "rows": rows,
    });
    let reply = trade.office.post("invoices/check", &body).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let checked = reply.json();
    let told = |bucket: &str| column(&checked[bucket]["rows"], "expectation");
    assert_eq!(told("agreed"), ["as_agreed", "too_short"]);
    assert_eq!(told("not_in_ledger"), ["null"]);
}

#[tokio::test]
async fn a_page_asks_the_store_a_bounded_number_of_times() {
    let (world, proxy) = proxied::world().await;
    let trade = Trade::on(world, &[strict(90, 30)], |_| {}).await;
    for caller in 0..30 {
        let cid = format!("+120655501{caller:02}");
        trade.call(&cid, DID, 200, Some(100)).await;
        for cost in ["24", "25"] {
            trade.world().wait(1);
            trade.bill(&cid, DID, cost, &[]).await;
        }
    }
    trade.office.costs(&[("limit", "1")]).await;
    proxy.heal();
    let list = trade.office.costs(&[("limit", "200")]).await;
    assert_eq!(list["costs"].as_array().unwrap().len(), 60);
    let verbs = proxy.verbs();
    // The day of the list and that of its adjustments, and each caller once, whatever was billed.
    assert_eq!(verbs.get("Query"), Some(&32), "{verbs:?}");
    // Vendors, calls, and the bills of the callers. Their calls are known.
    assert_eq!(verbs.get("BatchGetItem"), Some(&3), "{verbs:?}");
}

#[tokio::test]
async fn the_stream_counts_bills_with_another_price_than_agreed() {
    let trade = Trade::new(&[strict(90, 0)]).await;
    for (cid, cost) in [
        (CID, "25"),
        (OTHER, "26"),
        ("+14155550177", "27"),
        ("+14155550178", "0"),
    ] {
        trade.bill(cid, DID, cost, &[]).await;
    }
    let records = trade.world().stream_records();
    let counted = trade.world().metrics_of_stream(&records).await;
    let named = |line: &Value| line["other_price"].clone();
    assert_eq!(counted.iter().map(named).collect::<Vec<_>>(), [json!(2)]);
    let declared = &counted[0]["_aws"]["CloudWatchMetrics"];
    let declared = declared.as_array().unwrap().last().unwrap();
    assert_eq!(declared["Metrics"][0]["Name"], "other_price");
    // The entries are told of, and counted where the bills are. What is agreed later changes neither.
    trade.world().roll_up().await;
    trade.agree(vendor::terms("2026-01-01", "99")).await;
    trade.world().roll_up().await;
    let flagged = trade.office.costs(&[("flag", "other_price")]).await;
    let amounts = flagged["costs"].as_array().unwrap().iter();
    // Bills of one moment are in the order of their ids, which are random there.
    let amounts: BTreeSet<_> = amounts.map(|cost| text(&cost["amount"])).collect();
    assert_eq!(amounts, ["26.0000", "27.0000"].map(str::to_owned).into());
    let query = "from=2026-11-21&to=2026-11-21";
    let now = summary(trade.world(), &trade.office.admin, query).await;
    assert_eq!(now["totals"]["other_price_count"], 2);

    let again = trade.world().metrics_of_stream(&records).await;
    assert_eq!(
        again[0].get("other_price"),
        None,
        "a batch that comes again"
    );
}
