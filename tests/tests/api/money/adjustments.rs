//! Adjustments: signed amounts beside costs.

use callbook_tests::office::{Office, TODAY, column, faults, sum, text};
use callbook_tests::tld::{CID, DID};
use callbook_tests::{fd_calls, vendor};
use serde_json::{Value, json};

async fn adjust(office: &Office, body: Value) -> Value {
    let reply = office.post("adjustments", &body).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    reply.json()
}

#[tokio::test]
async fn an_adjustment_is_on_a_cost_a_call_or_a_vendors_month() {
    let office = Office::new().await;
    vendor::add(office.world(), &office.platform.account, "acme").await;
    office.platform.call().await;
    office.world().wait(5);
    let cost = office.bill("25", &[]).await;
    let call = text(&office.costs(&[]).await["costs"][0]["call_sid"]);
    let on_cost = adjust(
        &office,
        json!({"cost_id": cost, "amount": "-7.50", "reason": "dispute won"}),
    )
    .await;
    let by = office.admin.credential.id.as_str();
    for (name, value) in [
        ("cost_id", json!(cost)),
        ("call_sid", json!(call)),
        ("vendor_id", Value::Null),
        ("month", Value::Null),
        ("did", json!(DID)),
        ("cid", json!(CID)),
        ("amount", json!("-7.5000")),
        ("currency", json!("USD")),
        ("reason", json!("dispute won")),
        ("by", json!(by)),
        ("made_at", json!("2026-11-21T12:00:05+00:00")),
    ] {
        assert_eq!(on_cost[name], value, "{name}");
    }
    office.world().wait(1);
    let on_call = adjust(
        &office,
        json!({"call_sid": call, "amount": 2.25, "reason": "late fee"}),
    )
    .await;
    assert_eq!(
        (&on_call["cost_id"], &on_call["did"]),
        (&Value::Null, &json!(DID))
    );
    office.world().wait(1);
    let body =
        json!({"vendor_id": "acme", "month": "2026-10", "amount": "-100", "reason": "credit"});
    let on_month = adjust(&office, body).await;
    assert_eq!(
        (&on_month["vendor_id"], &on_month["month"]),
        (&json!("acme"), &json!("2026-10"))
    );

    let list = office.read("adjustments", &TODAY).await;
    assert_eq!(list["adjustments"], json!([on_cost, on_call, on_month]));
    assert_eq!(sum(&list, "adjusted"), (3, "-105.2500".to_owned()));
    let costs = office.costs(&[]).await;
    assert_eq!(sum(&costs, "adjusted"), (3, "-105.2500".to_owned()));
    assert_eq!(
        sum(&costs, "acknowledged"),
        (1, "25.0000".to_owned()),
        "beside, never inside"
    );
    let shown = office.world().only("call").await;
    assert_eq!(
        shown.text("cost"),
        "25",
        "the call costs what its entries say"
    );
    for (filter, count) in [
        (("vendor", "acme"), 1),
        (("vendor", "(none)"), 2),
        (("did", DID), 2),
        (("caller", "withheld"), 0),
    ] {
        let list = office
            .read("adjustments", &[&TODAY[..], &[filter]].concat())
            .await;
        assert_eq!(sum(&list, "adjusted").0, count, "{filter:?}");
        let costs = office.costs(&[filter]).await;
        assert_eq!(sum(&costs, "adjusted").0, count, "{filter:?}");
    }
}

#[tokio::test]
async fn a_cost_shows_its_adjustments_and_those_of_its_call() {
    let office = Office::new().await;
    office.platform.call().await;
    office.world().wait(5);
    let cost = office.bill("25", &[]).await;
    office.platform.call_of("+13105550123", DID).await;
    let other = office.bill_of("3105550123", "30", &[]).await;
    let sid = |cost: &Value| text(&cost["call_sid"]);
    let shown = office.read(&format!("costs/{cost}"), &[]).await;
    let (call, none) = (sid(&shown), json!([]));
    assert_eq!(
        (&shown["adjustments"], &shown["call"]["adjustments"]),
        (&none, &none)
    );
    let mut made = Vec::new();
    for (name, id) in [
        ("cost_id", &cost),
        ("call_sid", &call),
        ("cost_id", &cost),
        ("cost_id", &other),
    ] {
        office.world().wait(1);
        let body = json!({name: id, "amount": "-1", "reason": "dispute won"});
        made.push(adjust(&office, body).await);
    }
    // The switch tells of the call too, and began it earlier: the call keeps what it was adjusted by.
    let token = fd_calls::token(office.world(), &office.platform.account).await;
    let property = fd_calls::property(office.world(), &office.platform.account, None).await;
    let earlier = [
        ("From", CID),
        ("To", DID),
        ("Started", "2026-11-21T11:59:58Z"),
    ];
    fd_calls::record(office.world(), &token, &property, &earlier).await;
    let shown = office.read(&format!("costs/{cost}"), &[]).await;
    assert_eq!(shown["call"]["reports"].as_array().unwrap().len(), 2);
    assert_eq!(shown["adjustments"], json!([made[0], made[2]]));
    assert_eq!(shown["call"]["adjustments"], json!([made[1]]));
    let story = office.read(&format!("calls/{call}"), &[]).await;
    assert_eq!(story["adjustments"], json!([made[1]]));
    let shown = office.read(&format!("costs/{other}"), &[]).await;
    assert_eq!(shown["adjustments"], json!([made[3]]));
    assert_eq!(shown["call"]["adjustments"], none);
}

#[tokio::test]
async fn an_adjustment_of_a_vendors_call_is_the_vendors() {
    let office = Office::new().await;
    let account = &office.platform.account;
    vendor::add(office.world(), account, "acme").await;
    let did = callbook::model::phone::PhoneNumber::parse(DID).unwrap();
    let registered =
        office
            .world()
            .ledger
            .register_number(account, &did, office.world().clock.now());
    registered.await.unwrap();
    vendor::assign(office.world(), account, DID, Some("acme")).await;
    office.platform.call().await;
    let calls = office.read("calls", &TODAY).await;
    let call = text(&calls["calls"][0]["call_sid"]);
    let made = adjust(
        &office,
        json!({"call_sid": call, "amount": "-1", "reason": "r"}),
    )
    .await;
    assert_eq!(made["vendor_id"], "acme");
}

#[tokio::test]
async fn a_key_makes_one_adjustment() {
    let office = Office::new().await;
    vendor::add(office.world(), &office.platform.account, "acme").await;
    let body =
        json!({"vendor_id": "acme", "month": "2026-11", "amount": "-7.50", "reason": "credit"});
    let admin = &office.admin;
    let first = office
        .post_as(admin, "adjustments", &body, "credit 7")
        .await;
    assert_eq!(
        (first.status, first.header("idempotent-replayed")),
        (201, None)
    );
    office.world().wait(60);
    // The same amount in another notation is the same adjustment.
    let same =
        json!({"vendor_id": "acme", "month": "2026-11", "amount": "-7.5", "reason": "credit"});
    let again = office
        .post_as(admin, "adjustments", &same, "credit 7")
        .await;
    assert_eq!(
        (again.status, again.header("idempotent-replayed")),
        (201, Some("true"))
    );
    assert_eq!(again.body, first.body);
    let other =
        json!({"vendor_id": "acme", "month": "2026-11", "amount": "-8", "reason": "credit"});
    let other = office
        .post_as(admin, "adjustments", &other, "credit 7")
        .await;
    assert_eq!(other.status, 409);
    let unkeyed = office.post("adjustments", &body).await;
    assert_eq!(unkeyed.status, 201, "without a key, each is one of its own");
    let list = office.read("adjustments", &TODAY).await;
    assert_eq!(sum(&list, "adjusted"), (2, "-15.0000".to_owned()));
}

#[tokio::test]
async fn adjustments_come_in_pages() {
    let office = Office::new().await;
    vendor::add(office.world(), &office.platform.account, "acme").await;
    let mut ids = Vec::new();
    for amount in 1..=5 {
        office.world().wait(1);
        let body =
            json!({"vendor_id": "acme", "month": "2026-11", "amount": amount, "reason": "fee"});
        ids.push(text(&adjust(&office, body).await["adjustment_id"]));
    }
    let mut read = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut parameters = [&TODAY[..], &[("limit", "2")]].concat();
        if !cursor.is_empty() {
            parameters.push(("cursor", &cursor));
        }
        let page = office.read("adjustments", &parameters).await;
        read.extend(column(&page["adjustments"], "adjustment_id"));
        assert_eq!(sum(&page, "adjusted"), (5, "15.0000".to_owned()));
        match &page["next_cursor"] {
            Value::Null => break,
            next => cursor = text(next),
        }
    }
    assert_eq!(read, ids);
    let tomorrow = [("from", "2026-11-22"), ("to", "2026-11-22")];
    let none = office.read("adjustments", &tomorrow).await;
    assert_eq!(none["adjustments"], json!([]));
}

#[tokio::test]
async fn every_field_at_fault_is_named_at_once() {
    let office = Office::new().await;
    let refused = |body: Value| {
        let office = &office;
        async move { faults(&office.post("adjustments", &body).await) }
    };
    let one_of = "cost_id, call_sid, vendor_id";
    let good = |more: Value| {
        let mut body = json!({"amount": "-1", "reason": "r"});
        let more = more.as_object().unwrap().clone();
        body.as_object_mut().unwrap().extend(more);
        body
    };
    assert_eq!(
        refused(json!({"colour": 1})).await,
        ["colour", "reason", one_of, "amount"]
    );
    for amount in [
        json!("0"),
        json!("1.00001"),
        json!("ten"),
        json!(true),
        json!(null),
    ] {
        let body = json!({"cost_id": "17", "reason": "r", "amount": amount});
        assert_eq!(refused(body).await, ["amount"], "{amount}");
    }
    for (body, fields) in [
        (good(json!({"cost_id": "x"})), vec!["cost_id"]),
        (good(json!({"call_sid": "x"})), vec!["call_sid"]),
        (
            good(json!({"vendor_id": "a b", "month": "May"})),
            vec!["vendor_id", "month"],
        ),
        (good(json!({"vendor_id": "acme"})), vec!["month"]),
        (good(json!({"month": "2026-11"})), vec![one_of]),
        (
            good(json!({"cost_id": "17", "month": "2026-11"})),
            vec!["month"],
        ),
        (
            good(json!({"cost_id": "17", "vendor_id": "acme", "month": "2026-11"})),
            vec![one_of],
        ),
        (good(json!({"cost_id": "17"})), vec!["cost_id"]),
        (good(json!({"call_sid": "A".repeat(32)})), vec!["call_sid"]),
        (
            good(json!({"vendor_id": "nobody", "month": "2026-11"})),
            vec!["vendor_id"],
        ),
    ] {
        assert_eq!(refused(body.clone()).await, fields, "{body}");
    }
    let listed = office
        .get("adjustments", &[("state", "void"), ("from", "x")])
        .await;
    assert_eq!(faults(&listed), ["state", "from", "to"]);
}
