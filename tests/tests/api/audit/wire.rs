//! The audit of a deployment, which reads the table over the wire: it finds what the auditor of a whole table
//! finds, and nothing else while the ledger is written to.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{CostAct, CostDecision, Update};
use callbook::model::call::CostId;
use callbook::model::time::Instant;
use callbook_audit::{self as audit, Audited, Finding, Item, Step, Walk, WireTable};
use callbook_local::engine::{Engine, Storage, TABLE};
use callbook_local::template;
use callbook_tests::tld::{CID, DID, Platform};
use callbook_tests::{NOON, World};

use super::correct::{Correct, correct};
use super::{Case, Damaged, calls, costs, n, s};

async fn walked(client: Client, account: Option<&str>) -> Vec<Audited> {
    walk_with(client, account, &|_| {}).await
}

async fn walk_with(
    client: Client,
    account: Option<&str>,
    step: &(dyn Fn(Step) + Sync),
) -> Vec<Audited> {
    let source = WireTable::new(client, TABLE.to_owned());
    let walk = Walk {
        source: &source,
        // The engine says of every record that it was made later than this.
        clock: &Clock::set_to(Instant::from_millis(NOON)),
        step,
    };
    walk.run(account).await.expect("the table is read")
}

/// An engine with these items, and without the checkpoints of the stream: sums are not compared.
async fn engine_with(items: &[Item]) -> Engine {
    let engine = Engine::start(Storage::Memory).await.expect("an engine");
    let client = engine.client();
    let made = template::create_table(&client, TABLE).await;
    made.expect("the table is made");
    let kept = items
        .iter()
        .filter(|item| audit::text(item, "pk") != Some("ROLLUP"));
    let puts: Vec<WriteRequest> = kept
        .map(|item| {
            let put = PutRequest::builder().set_item(Some(item.clone()));
            let put = put.build().expect("an item");
            WriteRequest::builder().put_request(put).build()
        })
        .collect();
    for batch in puts.chunks(25) {
        let write = client
            .batch_write_item()
            .request_items(TABLE, batch.to_vec());
        let written = write.send().await.expect("the items are written");
        let left = written.unprocessed_items.unwrap_or_default();
        assert!(left.is_empty());
    }
    engine
}

#[tokio::test]
async fn a_correct_table_adds_up_over_the_wire() {
    let Correct { items, account, .. } = correct().await;
    let engine = engine_with(&items).await;
    let all = walked(engine.client(), None).await;
    let findings: Vec<&Finding> = all.iter().flat_map(|one| &one.findings).collect();
    assert!(findings.is_empty(), "{findings:#?}");
    assert!(all.iter().all(Audited::is_right));
    let one = walked(engine.client(), Some(&account)).await;
    assert_eq!(one.len(), 1);
    let of_all = all.iter().find(|all| all.account == account);
    let of_all = of_all.expect("the account");
    assert_eq!((one[0].calls, one[0].money), (of_all.calls, of_all.money));

    let items = items.iter().filter(|item| {
        let of = audit::Entry::of(item).account();
        of == Some(account.as_str())
    });
    let count = |kind| {
        let items = items.clone();
        let of_kind = items.filter(|item| audit::text(item, "type") == Some(kind));
        of_kind.count() as u64
    };
    assert_eq!(one[0].calls, count("call"));
    assert_eq!(one[0].money.acknowledged.count, count("cost"));
    assert_eq!(one[0].money.adjusted.count, count("adjustment"));
    assert!(one[0].money.superseded.count > 0 && one[0].money.void.count > 0);
    assert!(one[0].money.matched.count > 0 && one[0].money.unmatched.count > 0);
}

#[tokio::test]
async fn every_damage_to_calls_and_money_is_found_over_the_wire() {
    let rules: BTreeSet<&str> = audit::money_rules().map(|rule| rule.name).collect();
    let cases = [calls::CASES, costs::CASES].into_iter().flatten();
    for Case { rule, damage } in cases.filter(|case| rules.contains(case.rule)) {
        let mut damaged = Damaged(correct().await);
        damage(&mut damaged);
        let expected = audit::audit(&damaged.0.items, damaged.0.now);
        let expected: BTreeSet<Finding> = expected
            .into_iter()
            // What is told of the entries is not told of their account as well.
            .filter(|finding| finding.what != "its costs do not add up")
            .collect();
        let engine = engine_with(&damaged.0.items).await;
        let found = walked(engine.client(), None).await;
        let found = found.into_iter().flat_map(|one| one.findings);
        assert_eq!(found.collect::<BTreeSet<_>>(), expected, "{rule}");
    }
}

/// Bills, calls and voids, one after the other.
async fn write(platform: &Platform, rounds: usize) {
    for round in 0..rounds {
        let cid = ["+12069735101", "+12069735102", "anonymous"][round % 3];
        let did = ["+12069735100", "+12069735109"][round % 2];
        platform.call_of(cid, did).await;
        platform.world.wait(61);
        let amount = (round + 1).to_string();
        let fields = [("did", did), ("cid", cid), ("cost", amount.as_str())];
        let billed = platform.form(&fields).await;
        assert_eq!(billed.status, 200, "{}", billed.body);
        if round % 4 == 0 {
            let act = CostAct {
                account: &platform.account,
                cost_id: &CostId::parse(billed.json()["cost_id"].as_str().unwrap()).unwrap(),
                decision: &CostDecision::Void { all: false },
                by: "jane",
                reason: "a test",
                request: None,
                guid: ids::guid(),
                now: platform.world.clock.now(),
            };
            let decided = platform.world.ledger.decide_cost(&act).await.unwrap();
            assert!(matches!(decided, Update::Updated(_)));
        }
    }
}

#[tokio::test]
async fn a_ledger_that_is_written_to_meanwhile_adds_up() {
    let platform = Platform::new().await;
    let world = &platform.world;
    let (written, audits) = (AtomicBool::new(false), Mutex::new(0));
    let writing = async {
        write(&platform, 24).await;
        written.store(true, Ordering::Release);
    };
    let auditing = async {
        while !written.load(Ordering::Acquire) {
            let audited = walked(world.engine.client(), Some(platform.account.id.as_str())).await;
            assert_eq!(audited[0].findings, []);
            *audits.lock().unwrap() += 1;
        }
    };
    tokio::join!(writing, auditing);
    assert!(*audits.lock().unwrap() > 0);
    world.roll_up().await;
    let audited = walked(world.engine.client(), Some(platform.account.id.as_str())).await;
    assert!(audited[0].is_right(), "{audited:?}");
    assert_eq!(audited[0].calls, 24);
    assert_eq!(audited[0].money.acknowledged.count, 24);
    assert_eq!(audited[0].money.void.count, 6);
}

/// The first item of a type, as it is in the table.
fn first(world: &World, kind: &str) -> Item {
    let items = world.engine.items().expect("the table is read");
    let found = items
        .into_iter()
        .find(|item| audit::text(item, "type") == Some(kind));
    found.expect("an item")
}

async fn put(client: &Client, item: Item) {
    let put = client.put_item().table_name(TABLE).set_item(Some(item));
    put.send().await.expect("it is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_right_when_it_is_looked_at_again_is_not_told() {
    let platform = Platform::new().await;
    platform.call().await;
    platform.bill("25", &[]).await;
    let client = platform.world.engine.client();
    let right = first(&platform.world, "lead");
    let mut wrong = right.clone();
    wrong.insert("total_cost".to_owned(), n(24));
    put(&client, wrong).await;
    let looks = Mutex::new(0);
    let repair = |step| {
        if step == Step::Again {
            *looks.lock().unwrap() += 1;
            let repairing = put(&client, right.clone());
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(repairing));
        }
    };
    let audited = walk_with(client.clone(), None, &repair).await;
    assert!(audited[0].is_right(), "{audited:?}");
    assert_eq!(*looks.lock().unwrap(), 1);
}

#[tokio::test]
async fn what_was_refused_is_in_the_sums() {
    let platform = Platform::with(|account| account.registered_dids_only = true).await;
    let refused = platform.bill("25", &[]).await;
    assert_ne!(refused.status, 200, "{}", refused.body);
    let world = &platform.world;
    assert_eq!(world.items("refused_bill").await.len(), 1);
    world.roll_up().await;
    let audited = walked(world.engine.client(), Some(platform.account.id.as_str())).await;
    assert!(audited[0].is_right(), "{audited:?}");
}

#[tokio::test]
async fn a_finding_names_its_entry_and_no_phone_number() {
    let platform = Platform::new().await;
    platform.call().await;
    let billed = platform.bill("25", &[]).await.json();
    let client = platform.world.engine.client();
    let right = first(&platform.world, "pair_call");
    let mut call = right.clone();
    let sid = audit::text(&call, "call_sid").map(str::to_owned);
    let Some(AttributeValue::L(entries)) = call.get_mut("entries") else {
        panic!("there are entries");
    };
    let Some(AttributeValue::M(entry)) = entries.first_mut() else {
        panic!("there is an entry");
    };
    entry.insert("state".to_owned(), s("superseded"));
    put(&client, call).await;
    let audited = walked(client.clone(), Some(platform.account.id.as_str())).await;
    let account = &audited[0];
    assert!(!account.is_right() && !account.money.adds_up());
    let states: Vec<&Finding> = account
        .findings
        .iter()
        .filter(|finding| finding.rule == "entry-state")
        .collect();
    assert_eq!(states.len(), 1, "{:#?}", account.findings);
    assert_eq!(states[0].cost_id.as_deref(), billed["cost_id"].as_str());
    assert_eq!(states[0].call_sid, sid);
    for finding in &account.findings {
        let shown = format!("{finding:?}");
        assert!(
            !shown.contains(&CID[2..]) && !shown.contains(&DID[2..]),
            "{shown}"
        );
    }
    put(&client, right).await;
}

#[tokio::test]
async fn sums_that_are_not_those_of_the_rows_are_found() {
    let platform = Platform::new().await;
    platform.call().await;
    platform.bill("25", &[]).await;
    platform.world.roll_up().await;
    let client = platform.world.engine.client();
    let id = platform.account.id.as_str();
    let right = walked(client.clone(), Some(id)).await;
    assert!(right[0].is_right(), "{right:?}");
    assert_eq!(right[0].summaries.days, 1);
    assert!(right[0].summaries.as_of.is_some());

    let mut sums = first(&platform.world, "sums");
    sums.insert("h_12c".to_owned(), n(7));
    sums.insert("h_13c".to_owned(), n(1));
    put(&client, sums).await;
    let found = walked(client, Some(id)).await;
    assert!(found[0].money.adds_up());
    let said: Vec<(&str, &str, Option<&str>)> = found[0]
        .findings
        .iter()
        .map(|finding| (finding.rule, finding.what.as_str(), finding.day_of_sums()))
        .collect();
    let what = "h_12c: 7 kept, 1 by rows, and 1 more";
    assert_eq!(said, [("summary", what, Some("2026-11-21"))]);
}
