//! Every row gets its end when it is written.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use callbook::ids;
use callbook::ledger::{AdjustmentSubject, NewAdjustment, PastCall};
use callbook::model::account::Account;
use callbook::model::adjustment::{Reason, SignedAmount};
use callbook::model::call::{CallingParty, CostId, Direction};
use callbook::model::cost::Cost;
use callbook::model::pair::external_id::ExternalId;
use callbook::model::phone::PhoneNumber;
use callbook_audit::text;
use callbook_tests::faults;
use callbook_tests::office::Office;
use callbook_tests::tld::{CID, DID, Platform};
use callbook_tests::vendor;

use super::{
    CALLS, COSTS, DAY, ENDING, apply, contacts, end, feedback, kind, platform, rows, total,
};

pub fn phone(number: &str) -> PhoneNumber {
    PhoneNumber::parse(number).expect("a number")
}

pub fn past(started: callbook::model::time::Instant, id: &str) -> PastCall {
    PastCall {
        started,
        direction: Direction::Inbound,
        from: CallingParty::Number(phone("+12065550155")),
        to: phone(DID),
        ended: None,
        seconds: Some(60),
        disposition: None,
        cost: Cost::parse("3").ok(),
        billed: None,
        notes: None,
        external_id: ExternalId::parse(id).ok().flatten(),
        call_sid: None,
    }
}

/// A day's work with every type of row that ends, but those that take three reports of a call.
async fn busy(platform: Platform) -> Office {
    let office = Office::of(platform).await;
    let world = office.world();
    let account = &office.platform.account;
    vendor::add(world, account, "acme").await;
    let (did, now) = (phone(DID), world.clock.now());
    let registered = world.ledger.register_number(account, &did, now);
    registered.await.expect("the store");
    vendor::assign(world, account, DID, Some("acme")).await;
    office.platform.call().await;
    let id = office
        .bill("25", &[("notes", "qualified"), ("call_id", "y1")])
        .await;
    office.bill("26", &[("call_id", "y2")]).await;
    let unmatched = office.bill_of("12065550144", "3", &[]).await;
    office.void(&unmatched).await;
    office.platform.call_of(CID, DID).await;
    let reason = Reason::parse("agreed").expect("a reason");
    let id = CostId::parse(&id).expect("an id");
    let adjustment = NewAdjustment {
        account,
        subject: &AdjustmentSubject::Cost(id),
        amount: SignedAmount::parse("-1").expect("an amount"),
        reason: &reason,
        by: "jane",
        request: None,
        guid: ids::guid(),
        now: world.clock.now(),
    };
    world.ledger.adjust(&adjustment).await.expect("the store");
    contacts::queue(world, account, "2065550155").await;
    feedback::report(world, account, "T_1").await;
    for name in ["r1", "r2"] {
        let call = past(world.clock.now(), name);
        let imported = world.ledger.import_call(account, &call, world.clock.now());
        imported.await.expect("the store");
    }
    office
}

#[tokio::test]
async fn every_row_ends_as_its_account_says_and_nothing_is_left_to_be_applied() {
    let office = busy(platform().await).await;
    let world = office.world();
    let id = &office.platform.account.id;
    let today = world.clock.now().utc_day().begins().seconds();
    let after = |days: u32| Some(today + i64::from(days + 1) * DAY as i64);
    let mut found = BTreeSet::new();
    for row in rows(world, id) {
        let wanted = match kind(&row) {
            "call" | "joined_call" | "joined_report" | "pair_call" | "queue_entry" => after(CALLS),
            _ => after(COSTS),
        };
        assert_eq!(end(&row), wanted, "{}: {:?}", kind(&row), text(&row, "sk"));
        found.insert(kind(&row).to_owned());
    }
    let mut wanted: BTreeSet<_> = ENDING.iter().map(|kind| (*kind).to_owned()).collect();
    for absent in ["joined_call", "refused_bill"] {
        wanted.remove(absent);
    }
    assert_eq!(found, wanted);
    let plan = world
        .ledger
        .plan_retention(&office.platform.account, &|_| {})
        .await
        .expect("the store");
    assert_eq!(total(&plan.ended) + total(&plan.lifted), 0, "{plan:?}");
    let receipt = apply(&world.ledger, id).await;
    assert_eq!(total(&receipt.ended) + total(&receipt.lifted), 0);
}

#[tokio::test]
async fn an_account_that_keeps_everything_marks_nothing() {
    let office = busy(Platform::new().await).await;
    let found = rows(office.world(), &office.platform.account.id);
    assert!(found.len() > 10);
    for row in found {
        assert_eq!(end(&row), None, "{}", kind(&row));
    }
}

/// The verbs of the requests to the table that a call and its bill take.
async fn requests(change: impl FnOnce(&mut Account)) -> Vec<String> {
    let (world, proxy) = faults::world().await;
    let platform = Platform::on(world, change).await;
    platform.call().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    proxy.plan(move |request| {
        noted
            .lock()
            .expect("no panic")
            .push(request.verb.to_owned());
        None
    });
    platform.call().await;
    let billed = platform.bill("25", &[]).await;
    assert_eq!(billed.status, 200, "{}", billed.body);
    proxy.heal();
    let seen = seen.lock().expect("no panic");
    seen.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_takes_no_request_more() {
    let mut without = requests(|_| {}).await;
    let mut with = requests(super::keeping).await;
    assert!(without.len() > 2);
    // Some are sent at once, in no order.
    without.sort();
    with.sort();
    assert_eq!(with, without);
}

#[tokio::test]
async fn a_report_that_comes_later_puts_off_the_end_of_its_call_and_of_each_cost_on_it() {
    let platform = Platform::with(|account| {
        super::keeping_for(account, super::days(CALLS), super::days(CALLS));
    })
    .await;
    let world = &platform.world;
    platform.call().await;
    let billed = platform.bill("25", &[]).await;
    assert_eq!(billed.status, 200, "{}", billed.body);
    let started = world.clock.now();
    world.wait(40 * DAY);
    let call = PastCall {
        from: CallingParty::Number(phone(CID)),
        cost: None,
        ..past(started, "late")
    };
    let imported = world
        .ledger
        .import_call(&platform.account, &call, world.clock.now());
    imported.await.expect("the store");
    let today = world.clock.now().utc_day().begins().seconds();
    let wanted = Some(today + i64::from(CALLS + 1) * DAY as i64);
    let mut found = BTreeSet::new();
    for row in rows(world, &platform.account.id) {
        if ["call", "pair_call", "cost", "pair"].contains(&kind(&row)) {
            assert_eq!(end(&row), wanted, "{}", kind(&row));
            found.insert(kind(&row).to_owned());
        }
    }
    assert_eq!(found.len(), 4);
    let receipt = apply(&world.ledger, &platform.account.id).await;
    assert_eq!(receipt.ended.get("cost"), None, "{receipt:?}");
}
