//! What summaries say of money beside the costs of calls: adjustments, what goes wrong, and what they leave
//! out.

use callbook::ledger::PastCall;
use callbook::model::call::{CallingParty, Direction};
use callbook::model::cost::Cost;
use callbook::model::phone::PhoneNumber;
use callbook::model::time::{Range, RangeEnd};
use callbook_tests::office::{Office, TODAY, faults, sum, text};
use callbook_tests::tld::{CID, DID, FORM, PATH, form};
use callbook_tests::{fd_calls, vendor};
use serde_json::{Value, json};

use super::summary::{members, summary};

/// A number that is no vendor's.
const OTHER_DID: &str = "+18005550100";

/// Makes an adjustment with its one subject.
async fn adjust(office: &Office, subject: &[(&str, &str)], amount: &str) {
    let mut body = json!({"amount": amount, "reason": "a test"});
    for (name, value) in subject {
        body[*name] = json!(value);
    }
    let reply = office.post("adjustments", &body).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
}

/// An office whose DID is a vendor's.
async fn office() -> Office {
    let office = Office::new().await;
    let (world, account) = (office.world(), &office.platform.account);
    vendor::add(world, account, "acme").await;
    let did = PhoneNumber::parse(DID).unwrap();
    let registered = world
        .ledger
        .register_number(account, &did, world.clock.now());
    registered.await.unwrap();
    vendor::assign(world, account, DID, Some("acme")).await;
    office
}

#[tokio::test]
async fn adjustments_are_summed_where_lists_sum_them() {
    let office = office().await;
    let world = office.world();
    office.platform.call().await;
    let cost = office.bill("25", &[]).await;
    let call = office.read(&format!("costs/{cost}"), &[]).await["call_sid"].clone();
    office.bill_of("3105550123", "30", &[]).await;
    adjust(&office, &[("cost_id", &cost)], "-7.5").await;
    adjust(&office, &[("call_sid", call.as_str().unwrap())], "0.0001").await;
    world.wait(86_400);
    adjust(
        &office,
        &[("vendor_id", "acme"), ("month", "2026-10")],
        "-100",
    )
    .await;
    // An outbound call and what is about it are in no summary; a list has them.
    let token = fd_calls::token(world, &office.platform.account).await;
    let property = fd_calls::property(world, &office.platform.account, None).await;
    let out = [
        ("From", DID),
        ("To", "+12065550177"),
        ("Direction", "Outbound"),
    ];
    let out = fd_calls::record(world, &token, &property, &out).await;
    adjust(
        &office,
        &[("call_sid", out["CallSid"].as_str().unwrap())],
        "-2",
    )
    .await;
    world.roll_up().await;
    let range = [("from", "2026-11-21"), ("to", "2026-11-22")];
    let query = "from=2026-11-21&to=2026-11-22";
    let all = summary(world, &office.admin, query).await;
    assert_eq!(
        members(
            &all["totals"],
            &["calls", "adjusted", "adjusted_count", "acknowledged"]
        ),
        json!([1, "-107.4999", 3, "55.0000"])
    );
    let list = office.read("costs", &range).await;
    assert_eq!(sum(&list, "adjusted"), (4, "-109.4999".to_owned()));
    assert_eq!(list["totals"]["acknowledged"]["amount"], "55.0000");
    for (filter, adjusted) in [("vendor=acme", "-107.4999"), ("did=2069735100", "-7.4999")] {
        let some = summary(world, &office.admin, &format!("{query}&{filter}")).await;
        assert_eq!(some["totals"]["adjusted"], adjusted, "{filter}");
        let filter = filter.split_once('=').unwrap();
        let list = office
            .read("costs", &[&range[..], &[filter]].concat())
            .await;
        assert_eq!(list["totals"]["adjusted"]["amount"], adjusted, "{filter:?}");
    }
    for (by, expected) in [
        (
            "day",
            json!([["2026-11-21", "-7.4999"], ["2026-11-22", "-100.0000"]]),
        ),
        ("did", json!([[null, "-100.0000"], [DID, "-7.4999"]])),
        ("vendor", json!([["acme", "-107.4999"]])),
    ] {
        let groups = summary(world, &office.admin, &format!("{query}&by={by}")).await;
        let groups: Value = groups["groups"]
            .as_array()
            .unwrap()
            .iter()
            .map(|group| json!([group["keys"][by], group["adjusted"]]))
            .collect();
        assert_eq!(groups, expected, "{by}");
    }
}

#[tokio::test]
async fn adjustments_are_made_again_from_their_rows() {
    let office = office().await;
    let world = office.world();
    let cost = office.bill("25", &[]).await;
    adjust(&office, &[("cost_id", &cost)], "-7.5").await;
    adjust(
        &office,
        &[("vendor_id", "acme"), ("month", "2026-10")],
        "20",
    )
    .await;
    world.roll_up().await;
    let items = world.engine.items().unwrap();
    let sums = items.iter().filter(|item| {
        let kind = item.get("type").and_then(|kind| kind.as_s().ok());
        kind.is_some_and(|kind| kind == "sums")
    });
    for item in sums {
        let update = world.engine.client().update_item();
        let update = update
            .table_name(callbook_local::engine::TABLE)
            .key("pk", item["pk"].clone())
            .key("sk", item["sk"].clone())
            .update_expression("REMOVE h_12k");
        update.send().await.unwrap();
    }
    let clock = callbook::clock::Clock::system();
    let following = world.follow_stream().await;
    let day = world.clock.now().utc_day();
    let rebuilt = world
        .ledger
        .rebuild_sums(&office.platform.account, day, &clock);
    let rebuilt = rebuilt.await.unwrap();
    following.abort();
    assert_eq!((rebuilt.items, rebuilt.corrected, rebuilt.left), (2, 2, 0));
    world.check_sums();
}

#[tokio::test]
async fn what_goes_wrong_is_counted() {
    let office = office().await;
    let world = office.world();
    let beta = office.another_platform(None).await;
    let by_beta = async |cid: &str| {
        let headers = [
            ("tld-api-id", beta.name.as_str()),
            ("tld-api-key", &beta.secret),
            ("content-type", FORM),
        ];
        let body = form(&[("did", OTHER_DID), ("cid", cid), ("cost", "5")]);
        let reply = world.send("POST", PATH, &headers, body.as_bytes()).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    };
    // Two credentials of no vendor bill one call.
    office.platform.call_of(CID, OTHER_DID).await;
    let fields = [("did", OTHER_DID), ("cid", CID), ("cost", "7")];
    assert_eq!(office.platform.form(&fields).await.status, 200);
    by_beta(CID).await;
    // A repeat that may be for a second call.
    let caller = "+13105550144";
    office.platform.call_of(caller, DID).await;
    office.bill_of(caller, "25", &[]).await;
    world.wait(60);
    office.platform.call_of(caller, DID).await;
    office.bill_of(caller, "25", &[]).await;
    let lost = office.bill_of("3105550123", "30", &[]).await;
    world.roll_up().await;
    let names = [
        "two_vendors_count",
        "maybe_second_count",
        "unmatched_count",
        "unmatched_over_day_count",
        "unmatched_over_day",
    ];
    let query = "from=2026-11-21&to=2026-11-30";
    let now = summary(world, &office.admin, query).await;
    assert_eq!(
        members(&now["totals"], &names),
        json!([1, 1, 1, 0, "0.0000"])
    );
    let flagged = office.costs(&[("flag", "two_vendors")]).await;
    assert_eq!(
        flagged["costs"].as_array().unwrap().len(),
        2,
        "entries, not calls"
    );
    let by = summary(world, &office.admin, &format!("{query}&by=vendor")).await;
    let vendors: Vec<_> = by["groups"].as_array().unwrap().iter().collect();
    assert_eq!(
        members(vendors[0], &names[..2]),
        json!([1, 0]),
        "of no vendor"
    );
    assert_eq!(members(vendors[1], &names[..2]), json!([0, 1]));
    // Noon was over a day ago once one o'clock is.
    for (seconds, count) in [(86_400, 0), (3_600, 1)] {
        world.wait(seconds);
        let later = summary(world, &office.admin, query).await;
        let amount = if count == 1 { "30.0000" } else { "0.0000" };
        assert_eq!(
            members(&later["totals"], &names[2..]),
            json!([1, count, amount])
        );
    }
    office.void(&lost).await;
    world.roll_up().await;
    let void = summary(world, &office.admin, query).await;
    assert_eq!(
        members(&void["totals"], &names[2..]),
        json!([0, 0, "0.0000"])
    );
}

#[tokio::test]
async fn a_bill_refused_for_its_did_is_counted_and_listed_once_a_day() {
    let office = office().await;
    let world = office.world();
    let account = &office.platform.account;
    vendor::add(world, account, "beta").await;
    let beta = office.another_platform(Some("beta")).await;
    let headers = [
        ("tld-api-id", beta.name.as_str()),
        ("tld-api-key", &beta.secret),
        ("content-type", FORM),
    ];
    let send = async |did: &str, cost: &str| {
        let body = form(&[("did", did), ("cid", CID), ("cost", cost)]);
        let reply = world.send("POST", PATH, &headers, body.as_bytes()).await;
        let line: Value = serde_json::from_str(world.logs().last().unwrap()).unwrap();
        (reply.status, line["refused_dids"].clone())
    };
    assert_eq!(
        send(OTHER_DID, "5").await,
        (200, Value::Null),
        "nobody's number"
    );
    for (cost, seconds) in [("25", 60), ("25", 60), ("30", 86_400), ("25", 1)] {
        assert_eq!(send(DID, cost).await, (400, json!(1)), "acme's number");
        world.wait(seconds);
    }
    world.roll_up().await;
    let query = "from=2026-11-21&to=2026-11-22";
    for (filter, count, amount) in [
        ("", 3, "80.0000"),
        ("&vendor=beta", 3, "80.0000"),
        ("&vendor=acme", 0, "0.0000"),
        ("&did=2069735100", 3, "80.0000"),
    ] {
        let all = summary(world, &office.admin, &format!("{query}{filter}")).await;
        let names = ["refused_count", "refused"];
        assert_eq!(
            members(&all["totals"], &names),
            json!([count, amount]),
            "{filter}"
        );
    }
    let all = summary(world, &office.admin, query).await;
    assert_eq!(all["totals"]["acknowledged"], "5.0000", "it is no cost");
    let [from, to] = ["2026-11-21", "2026-11-22"].map(|day| RangeEnd::parse(day).unwrap());
    let range = Range::new(from, to, &account.zone).unwrap();
    let listed = world
        .ledger
        .refused_bills(&account.id, range)
        .await
        .unwrap();
    let told: Vec<_> = listed
        .iter()
        .map(|bill| (bill.amount.four_places(), bill.reason.as_str()))
        .collect();
    let why = "the DID is another vendor's";
    let amounts = ["25.0000", "30.0000", "25.0000"].map(|amount| (amount.to_owned(), why));
    assert_eq!(told, amounts);

    // The API lists the same, in pages, with the sum of all of them on each.
    let days = [("from", "2026-11-21"), ("to", "2026-11-22")];
    let (mut told, mut cursor) = (Vec::new(), String::new());
    loop {
        let mut asked = [&days[..], &[("limit", "1"), ("vendor", "beta")]].concat();
        if !cursor.is_empty() {
            asked.push(("cursor", &cursor));
        }
        let page = office.read("costs/refused", &asked).await;
        let sum = json!({"count": 3, "amount": "80.0000"});
        assert_eq!(page["totals"]["refused"], sum);
        assert_eq!(page["totals"]["complete"], true);
        told.extend(page["refused_bills"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    let mut told: Vec<_> = told
        .iter()
        .map(|bill| {
            let [at, amount] = ["refused_at", "amount"].map(|name| text(&bill[name]));
            assert_eq!((&bill["did"], &bill["cid"]), (&json!(DID), &json!(CID)));
            assert_eq!(
                (&bill["vendor_id"], &bill["reason"]),
                (&json!("beta"), &json!(why))
            );
            (at, amount)
        })
        .collect();
    told.sort_unstable();
    let told: Vec<_> = told.into_iter().map(|(_, amount)| amount).collect();
    assert_eq!(told, ["25.0000", "30.0000", "25.0000"]);
    let first = [("from", "2026-11-21"), ("to", "2026-11-21")];
    for (filter, count) in [
        (("did", DID), 2),
        (("did", OTHER_DID), 0),
        (("caller", "206-973-5101"), 2),
        (("caller", "withheld"), 0),
        (("vendor", "(none)"), 0),
        (("credential", "cred_0123456789abcdef"), 0),
    ] {
        let asked = [&first[..], &[filter]].concat();
        let page = office.read("costs/refused", &asked).await;
        let listed = page["refused_bills"].as_array().unwrap().len();
        assert_eq!(
            (listed, page["totals"]["refused"]["count"].clone()),
            (count, json!(count)),
            "{filter:?}"
        );
    }
    let reply = office.get("costs/refused", &[("state", "void"), ("from", "x")]);
    assert_eq!(faults(&reply.await), ["state", "from", "to"]);
}

#[tokio::test]
async fn the_cost_of_an_outbound_call_is_listed_and_in_no_summary() {
    let office = office().await;
    let world = office.world();
    let number = |text| PhoneNumber::parse_e164(text).unwrap();
    let past = PastCall {
        started: world.clock.now(),
        direction: Direction::Outbound,
        from: CallingParty::Number(number(DID)),
        to: number("+13105550123"),
        ended: None,
        seconds: Some(60),
        disposition: None,
        cost: Cost::parse("0.25").ok(),
        billed: None,
        notes: None,
        external_id: None,
        call_sid: None,
    };
    for _ in 0..2 {
        let now = world.clock.now();
        let imported = world
            .ledger
            .import_call(&office.platform.account, &past, now);
        imported.await.unwrap();
    }
    let list = office.costs(&[]).await;
    let cost = &list["costs"][0];
    for (name, value) in [
        ("did", json!("+13105550123")),
        ("cid", json!(DID)),
        ("amount", json!("0.2500")),
        ("state", json!("in_force")),
        ("match", json!("matched")),
        ("credential_id", Value::Null),
        ("expectation", Value::Null),
    ] {
        assert_eq!(cost[name], value, "{name}");
    }
    assert_eq!(sum(&list, "matched"), (1, "0.2500".to_owned()));
    let calls = office.read("calls", &TODAY).await;
    assert_eq!(calls["calls"][0]["direction"], "outbound");
    assert_eq!(calls["calls"][0]["cost"], "0.2500");
    world.roll_up().await;
    let all = summary(world, &office.admin, "from=2026-11-21&to=2026-11-21").await;
    let names = ["calls", "billed_calls", "cost", "acknowledged"];
    assert_eq!(
        members(&all["totals"], &names),
        json!([0, 0, "0.0000", "0.0000"])
    );
    // Taken back, it would count when it was billed.
    office.void(cost["cost_id"].as_str().unwrap()).await;
    world.roll_up().await;
    let all = summary(world, &office.admin, "from=2026-11-21&to=2026-11-21").await;
    assert_eq!(
        members(&all["totals"], &["void", "void_count"]),
        json!(["0.0000", 0])
    );
}
