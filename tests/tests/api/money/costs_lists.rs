//! Lists of costs: filters, pages, orders, and the sums that they end with.

use callbook::ledger::CostPlace;
use callbook::model::cost_filter::CostOrder;
use callbook::model::time::{Range, RangeEnd, Zone};
use callbook_tests::office::{Office, TODAY, column, faults, sum, text};
use callbook_tests::tld::{CID, DID};
use callbook_tests::vendor;
use serde_json::{Value, json};

const OTHER: &str = "+13105550123";

/// Five bills: one replaced by another, one void, one without a call, and one of a withheld caller.
async fn five() -> (Office, [String; 5]) {
    let office = Office::new().await;
    office.platform.call().await;
    office.world().wait(20);
    let replaced = office.bill("25", &[]).await;
    office.world().wait(60);
    let counts = office.bill("30", &[]).await;
    office.world().wait(60);
    let lost = office.bill_of("3105550123", "7.50", &[]).await;
    office.platform.call_of("+14155550177", DID).await;
    office.world().wait(5);
    let void = office.bill_of("4155550177", "40", &[]).await;
    office.void(&void).await;
    office.world().wait(5);
    let withheld = office.bill_of("anonymous", "12.3456", &[]).await;
    (office, [replaced, counts, lost, void, withheld])
}

/// The bill fields of a second platform.
fn fields<'a>(cost: &'a str, cid: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("did", DID), ("cid", cid), ("cost", cost)]
}

#[tokio::test]
async fn a_list_ends_with_the_sums_of_the_identity() {
    let (office, ids) = five().await;
    let list = office.costs(&[]).await;
    assert_eq!(column(&list["costs"], "cost_id"), ids);
    assert_eq!(
        column(&list["costs"], "state"),
        ["superseded", "in_force", "in_force", "void", "in_force"]
    );
    assert_eq!(
        column(&list["costs"], "match"),
        ["matched", "matched", "unmatched", "matched", "unmatched"]
    );
    for (name, count, amount) in [
        ("acknowledged", 5, "114.8456"),
        ("in_force", 3, "49.8456"),
        ("superseded", 1, "25.0000"),
        ("void", 1, "40.0000"),
        ("matched", 1, "30.0000"),
        ("unmatched", 2, "19.8456"),
        ("adjusted", 0, "0.0000"),
    ] {
        assert_eq!(sum(&list, name), (count, amount.to_owned()), "{name}");
    }
    let totals = &list["totals"];
    assert_eq!(
        (&totals["currency"], &totals["complete"]),
        (&json!("USD"), &json!(true))
    );
    assert_eq!(totals.get("left_out"), None);
    assert_eq!(list["next_cursor"], Value::Null);
    let cost = list["costs"][4].as_object().unwrap();
    assert_eq!(
        (&cost["cid"], &cost["call_sid"]),
        (&json!("withheld"), &Value::Null)
    );
    assert_eq!(cost.len(), 20, "the shape of the contract and no more");
}

#[tokio::test]
async fn filters_narrow_the_list_and_its_sums() {
    let (office, [replaced, counts, lost, void, withheld]) = five().await;
    let credential = office.platform.key.credential.id.to_string();
    let of = |ids: &[&String]| ids.iter().map(|id| (*id).clone()).collect::<Vec<_>>();
    let all = of(&[&replaced, &counts, &lost, &void, &withheld]);
    for (filter, expected) in [
        (
            vec![("state", "in_force")],
            of(&[&counts, &lost, &withheld]),
        ),
        (vec![("state", "VOID")], of(&[&void])),
        (vec![("match", "Unmatched")], of(&[&lost, &withheld])),
        (
            vec![("match", "matched"), ("state", "in_force")],
            of(&[&counts]),
        ),
        (vec![("caller", "(310) 555-0123")], of(&[&lost])),
        (vec![("caller", "+13105550123")], of(&[&lost])),
        (vec![("caller", "withheld")], of(&[&withheld])),
        (vec![("caller", "Restricted")], of(&[&withheld])),
        (vec![("did", "206-973-5100")], all.clone()),
        (vec![("did", "206-973-5199")], Vec::new()),
        (
            vec![("min_amount", "25"), ("max_amount", "30.00")],
            of(&[&replaced, &counts]),
        ),
        (vec![("credential", credential.as_str())], all.clone()),
        (vec![("credential", "cred_0123456789abcdef")], Vec::new()),
        (vec![("vendor", "acme")], Vec::new()),
        (vec![("vendor", "(none)")], all.clone()),
        (vec![("by", "BILLED")], all.clone()),
        (vec![("flag", "two_vendors")], Vec::new()),
        (vec![("flag", "id_reused")], Vec::new()),
    ] {
        let list = office.costs(&filter).await;
        assert_eq!(column(&list["costs"], "cost_id"), expected, "{filter:?}");
        let (count, _) = sum(&list, "acknowledged");
        assert_eq!(count, expected.len() as u64, "{filter:?}");
    }
}

#[tokio::test]
async fn a_cost_of_two_vendors_on_one_call_is_flagged() {
    let office = Office::new().await;
    let account = &office.platform.account;
    for id in ["acme", "beta"] {
        vendor::add(office.world(), account, id).await;
    }
    office.platform.call().await;
    office.platform.call_of(OTHER, DID).await;
    office.world().wait(5);
    let mut ids = Vec::new();
    for name in ["acme", "beta"] {
        let key = office.another_platform(Some(name)).await;
        let headers = [
            ("tld-api-id", key.name.as_str()),
            ("tld-api-key", key.secret.as_str()),
            ("content-type", callbook_tests::tld::FORM),
        ];
        let body = callbook_tests::tld::form(&fields("25", CID));
        let path = callbook_tests::tld::PATH;
        let reply = office
            .world()
            .send("POST", path, &headers, body.as_bytes())
            .await;
        ids.push(text(&reply.json()["cost_id"]));
    }
    let other = office.bill_of(OTHER, "9", &[]).await;
    ids.sort();
    for by in ["billed", "call"] {
        let list = office.costs(&[("flag", "two_vendors"), ("by", by)]).await;
        let mut flagged = column(&list["costs"], "cost_id");
        flagged.sort();
        assert_eq!(flagged, ids, "{by}");
    }
    let acme = office.costs(&[("vendor", "acme")]).await;
    assert_eq!(column(&acme["costs"], "vendor_id"), ["acme"]);
    let shown = office.read(&format!("costs/{}", ids[0]), &[]).await;
    assert_eq!(shown["flags"], json!(["two_vendors"]));
    let shown = office.read(&format!("costs/{other}"), &[]).await;
    assert_eq!(shown["flags"], json!([]));
}

#[tokio::test]
async fn flags_of_bills_are_found() {
    let office = Office::new().await;
    office.platform.call().await;
    office.world().wait(20);
    let id = office.bill("25", &[]).await;
    office.world().wait(100);
    office.platform.call().await;
    office.world().wait(20);
    assert_eq!(
        office.bill("25", &[]).await,
        id,
        "a repeat, for all anybody knows"
    );
    let list = office.costs(&[("flag", "Maybe_Second")]).await;
    assert_eq!(column(&list["costs"], "cost_id"), [id]);
}

#[tokio::test]
async fn a_list_comes_in_pages_with_the_sums_of_the_whole() {
    let (office, ids) = five().await;
    for by in ["billed", "call"] {
        let whole = office.costs(&[("by", by)]).await;
        let expected = column(&whole["costs"], "cost_id");
        let mut read = Vec::new();
        let mut cursor = String::new();
        let mut pages = 0;
        loop {
            let mut more = vec![("by", by), ("limit", "1")];
            if !cursor.is_empty() {
                more.push(("cursor", cursor.as_str()));
            }
            let page = office.costs(&more).await;
            read.extend(column(&page["costs"], "cost_id"));
            assert_eq!(page["totals"], whole["totals"], "{by}: page {pages}");
            pages += 1;
            match &page["next_cursor"] {
                Value::Null => break,
                next => cursor = text(next),
            }
        }
        assert_eq!(read, expected, "{by}");
        assert_eq!(pages, expected.len(), "{by}");
        if by == "billed" {
            assert_eq!(read, ids);
        }
    }
}

#[tokio::test]
async fn a_list_by_call_has_the_costs_of_the_calls_of_the_range() {
    let office = Office::new().await;
    office.platform.call().await;
    office.world().wait(20);
    let replaced = office.bill("25", &[]).await;
    office.world().wait(86_400);
    let late = office
        .bill("30", &[("call_date", "2026-11-21 12:00:00")])
        .await;
    office.world().wait(1);
    let lost = office.bill_of(OTHER, "7", &[]).await;
    let list = office.costs(&[("by", "call")]).await;
    assert_eq!(column(&list["costs"], "cost_id"), [replaced, late.clone()]);
    assert_eq!(sum(&list, "acknowledged"), (2, "55.0000".to_owned()));
    assert_eq!(list["totals"]["left_out"], json!(["unmatched"]));
    let tomorrow = [("from", "2026-11-22"), ("to", "2026-11-22")];
    let billed = office.read("costs", &tomorrow).await;
    assert_eq!(column(&billed["costs"], "cost_id"), [late, lost]);
    let by_call = office
        .read("costs", &[&tomorrow[..], &[("by", "call")]].concat())
        .await;
    assert_eq!(by_call["costs"], json!([]));
}

#[tokio::test]
async fn a_range_has_days_of_the_accounts_zone_or_instants() {
    let office = Office::with(|account| {
        account.zone = Zone::parse("America/New_York").unwrap();
    })
    .await;
    // 23:59:30 and 00:00:30 in New York.
    office.world().wait(17 * 3_600 - 30);
    let before = office.bill("1", &[]).await;
    office.world().wait(60);
    let after = office.bill("2", &[]).await;
    for (from, to, expected) in [
        ("2026-11-21", "2026-11-21", vec![&before]),
        ("2026-11-22", "2026-11-22", vec![&after]),
        ("2026-11-21", "2026-11-22", vec![&before, &after]),
        (
            "2026-11-22T04:59:30Z",
            "2026-11-22T05:00:30Z",
            vec![&before],
        ),
        ("2026-11-22T04:59:31Z", "2026-11-22T05:00:31Z", vec![&after]),
        ("2025-11-22", "2026-11-22", vec![&before, &after]),
    ] {
        let list = office.read("costs", &[("from", from), ("to", to)]).await;
        let expected: Vec<_> = expected.into_iter().cloned().collect();
        assert_eq!(
            column(&list["costs"], "cost_id"),
            expected,
            "{from} to {to}"
        );
    }
}

#[tokio::test]
async fn entries_of_every_shard_come_in_order() {
    let office = Office::with(|account| account.shards = 8).await;
    let mut ids = Vec::new();
    for cents in 1..=24 {
        office.world().wait(1);
        ids.push(office.bill(&format!("0.{cents:02}"), &[]).await);
    }
    let list = office.costs(&[]).await;
    assert_eq!(column(&list["costs"], "cost_id"), ids);
    let page = office.costs(&[("limit", "7")]).await;
    let next = text(&page["next_cursor"]);
    let page = office.costs(&[("limit", "7"), ("cursor", &next)]).await;
    assert_eq!(column(&page["costs"], "cost_id"), ids[7..14]);
}

#[tokio::test]
async fn every_parameter_at_fault_is_named_at_once() {
    let office = Office::new().await;
    let wrong = [
        ("colour", "red"),
        ("from", "yesterday"),
        ("by", "vendor"),
        ("vendor", "a b"),
        ("did", "12"),
        ("caller", "nobody"),
        ("state", "lost"),
        ("match", "no"),
        ("flag", "red"),
        ("min_amount", "-1"),
        ("max_amount", "lots"),
        ("credential", "me"),
        ("limit", "0"),
        ("cursor", "AAAA"),
    ];
    let mut named = faults(&office.get("costs", &wrong).await);
    let mut expected: Vec<_> = wrong.iter().map(|(name, _)| (*name).to_owned()).collect();
    expected.push("to".to_owned());
    named.sort();
    expected.sort();
    assert_eq!(named, expected);
    for (parameters, field) in [
        (vec![("from", "2026-11-22"), ("to", "2026-11-21")], "to"),
        (vec![("from", "2025-11-20"), ("to", "2026-11-21")], "from"),
        (
            vec![
                ("from", "2026-11-21"),
                ("to", "2026-11-21"),
                ("by", "call"),
                ("match", "unmatched"),
            ],
            "match",
        ),
        (
            vec![
                ("from", "2026-11-21"),
                ("to", "2026-11-21"),
                ("expectation", "cheap"),
            ],
            "expectation",
        ),
    ] {
        assert_eq!(faults(&office.get("costs", &parameters).await), [field]);
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_only() {
    let (office, _) = five().await;
    let page = office.costs(&[("limit", "1")]).await;
    let next = text(&page["next_cursor"]);
    for more in [
        vec![("limit", "1"), ("state", "void"), ("cursor", next.as_str())],
        vec![("limit", "1"), ("by", "call"), ("cursor", next.as_str())],
    ] {
        let parameters = [&TODAY[..], &more].concat();
        assert_eq!(faults(&office.get("costs", &parameters).await), ["cursor"]);
    }
}

#[tokio::test]
async fn a_list_that_stops_at_its_bound_goes_on_where_it_stopped() {
    for shards in [1, 4] {
        let office = Office::with(|account| account.shards = shards).await;
        let (world, account) = (office.world(), &office.platform.account);
        for number in 10..25 {
            let caller = format!("20697351{number}");
            office.platform.call_of(&format!("+1{caller}"), DID).await;
            world.wait(3_600);
            office.bill_of(&caller, &number.to_string(), &[]).await;
        }
        let day = |text: &str| RangeEnd::parse(text).unwrap();
        let range = Range::new(day("2026-11-20"), day("2026-11-23"), &account.zone).unwrap();
        for order in [CostOrder::Billed, CostOrder::Call] {
            let (mut place, mut read, mut rounds) = (None, Vec::new(), 0);
            loop {
                let report = world
                    .ledger
                    .cost_report(account, range, order, place.clone());
                let mut report = report.limited(1, world.clock.now(), &world.clock);
                while !report.is_exhausted() {
                    let Some(rows) = report.next().await.unwrap() else {
                        break;
                    };
                    read.extend(rows.iter().map(|row| row.amount().to_string()));
                }
                rounds += 1;
                match report.resume_at() {
                    Some(next) => place = CostPlace::parse(&next.to_text()),
                    None => break,
                }
            }
            let expected: Vec<String> = (10..25).map(|number: u8| number.to_string()).collect();
            assert_eq!(read, expected, "{shards} shards, {order:?}");
            // The entries of hundreds of calls are read at once.
            let least = if order == CostOrder::Billed { 2 } else { 1 };
            assert!(rounds >= least, "{shards} shards, {order:?}");
        }
    }
}
