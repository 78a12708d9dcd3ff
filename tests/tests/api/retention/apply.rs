//! A setting that was changed is applied to what is there.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use callbook::ledger::Ledger;
use callbook::model::retention::Lifetime;
use callbook_audit::shapes::SHAPES;
use callbook_local::engine::TABLE;
use callbook_tests::faults::{self, Fault};
use callbook_tests::office::Office;
use callbook_tests::tld::Platform;

use super::{
    CALLS, COSTS, DAY, ENDING, Table, apply, days, end, everything, key, kind, rows, set, table,
    total,
};

/// The types of items that have no end by the setting, and why.
const STAYS: &[(&str, &str)] = &[
    ("account", "is a setting"),
    ("account_entry", "is a setting"),
    ("credential", "is a setting"),
    ("former_credential", "is a setting"),
    ("account_credential", "is a setting"),
    ("limit", "is a setting's state"),
    ("token", "has a life of its own"),
    ("session", "has a life of its own"),
    ("sent_id", "has a life of its own"),
    (
        "former_cost",
        "is an id that answers nothing when its cost has ended",
    ),
    ("billed_span", "says which days there were costs"),
    ("live_call", "has a life of its own"),
    ("reversed_live_call", "has a life of its own"),
    ("live_count", "has a life of its own"),
    ("carrier_starts", "has a life of its own"),
    ("number_starts", "has a life of its own"),
    ("number_owner", "is a setting"),
    ("number", "is a setting"),
    ("number_vendors", "is a setting"),
    ("vendor", "is a setting"),
    ("stock", "is the deployment's"),
    ("place", "is the deployment's"),
    ("country", "is the deployment's"),
    ("property", "is a setting"),
    ("address", "is a setting"),
    ("tenure", "is a setting"),
    ("past_tenure", "is a setting's past"),
    ("call_process", "is a setting"),
    ("queue_waiting", "has a life of its own"),
    ("queue_guard", "has a life of its own"),
    ("once", "has a life of its own"),
    ("sums", "stays when its rows end"),
    ("callers", "stays when its rows end"),
    ("settling", "is a sum"),
    ("rollup_shard", "has a life of its own"),
    ("published_shard", "has a life of its own"),
    ("pulse", "is the deployment's"),
    ("event", "has a life of its own"),
    ("notice", "has a life of its own"),
    ("unmatched_due", "is deleted when it is due"),
    ("refused_request", "has a life of its own"),
    ("webhook", "is a setting"),
    ("webhook_secrets", "is a setting"),
    ("webhook_progress", "is a setting's state"),
    ("delivery", "has a life of its own"),
    ("delivery_due", "has a life of its own"),
    ("delivery_line", "has a life of its own"),
    ("erasure", "is a receipt"),
    ("retention", "is a receipt"),
    ("account_deletion", "is a receipt"),
    ("restore", "is a receipt"),
];

#[test]
fn every_type_of_item_ends_by_the_setting_or_says_why_not() {
    let said: Vec<&str> = ENDING
        .iter()
        .copied()
        .chain(STAYS.iter().map(|(kind, _)| *kind))
        .collect();
    let known: BTreeSet<&str> = SHAPES.iter().map(|shape| shape.kind).collect();
    let once: BTreeSet<&str> = said.iter().copied().collect();
    assert_eq!(once.len(), said.len(), "each once");
    assert_eq!(once, known);
}

/// The table without what a run writes about itself.
fn without_records(mut table: Table) -> Table {
    table.retain(|_, item| !["account", "retention"].contains(&kind(item)));
    for item in table.values_mut() {
        // Nothing is recorded with a new end.
        item.remove("recorded");
        // Credentials say how long feedback is kept.
        if kind(item).ends_with("credential") {
            item.remove("feedback_days");
            item.remove("revision");
        }
    }
    table
}

#[tokio::test]
async fn every_type_of_row_gets_its_end_and_loses_it_again() {
    let (world, mut account) = everything().await;
    let before = without_records(table(&world));
    let runs = world.ledger.retentions(&account.id).await;
    let runs = runs.expect("the store").len();
    set(&world, &mut account, days(CALLS), days(COSTS)).await;
    let plan = world.ledger.plan_retention(&account, &|_| {}).await;
    let plan = plan.expect("the store");
    assert_eq!(
        without_records(table(&world)),
        before,
        "a plan changes nothing"
    );
    let found: BTreeSet<&str> = plan.ended.keys().map(String::as_str).collect();
    assert_eq!(found, BTreeSet::from(ENDING), "the table has every type");
    assert_eq!((total(&plan.gone), total(&plan.lifted)), (0, 0));
    let receipt = apply(&world.ledger, &account.id).await;
    assert_eq!(receipt.ended, plan.ended);
    assert!(receipt.finished.is_some());
    let mut kinds = BTreeSet::new();
    for row in rows(&world, &account.id) {
        assert!(end(&row).is_some(), "{}: {:?}", kind(&row), key(&row));
        kinds.insert(kind(&row).to_owned());
    }
    assert_eq!(kinds.len(), ENDING.len());
    let marked = without_records(table(&world));
    for (key, item) in &before {
        if !ENDING.contains(&kind(item)) {
            assert_eq!(marked.get(key), Some(item), "{key:?}");
        }
    }
    let again = apply(&world.ledger, &account.id).await;
    assert_eq!(total(&again.ended) + total(&again.lifted), 0, "{again:?}");
    set(&world, &mut account, Lifetime::FOREVER, Lifetime::FOREVER).await;
    let receipt = apply(&world.ledger, &account.id).await;
    assert_eq!(receipt.lifted, plan.ended);
    assert_eq!(without_records(table(&world)), before);
    let receipts = world.ledger.retentions(&account.id).await;
    assert_eq!(receipts.expect("the store").len(), runs + 3);
}

#[tokio::test]
async fn an_applied_end_is_no_event_and_changes_no_sum() {
    let office = Office::of(Platform::new().await).await;
    let world = office.world();
    office.platform.call().await;
    office.bill("25", &[]).await;
    office.bill_of("12065550144", "3", &[]).await;
    world.roll_up().await;
    world.publish().await;
    let mut account = office.platform.account.clone();
    let told = world.events(&account.id).await.len();
    let sums = super::sums(world);
    set(world, &mut account, days(CALLS), days(COSTS)).await;
    apply(&world.ledger, &account.id).await;
    world.roll_up().await;
    world.publish().await;
    assert_eq!(world.events(&account.id).await.len(), told);
    assert_eq!(super::sums(world), sums);
}

#[tokio::test]
async fn a_shorter_time_ends_what_is_older_at_once_and_a_longer_one_brings_nothing_back() {
    let office = Office::of(Platform::new().await).await;
    let world = office.world();
    office.platform.call().await;
    office.bill("25", &[]).await;
    world.wait(50 * DAY);
    office.platform.call().await;
    let mut account = office.platform.account.clone();
    set(world, &mut account, days(40), days(COSTS)).await;
    let year = [("from", "2026-11-01"), ("to", "2027-10-31")];
    let calls = office.read("calls", &year).await;
    assert_eq!(
        calls["totals"]["calls"], 2,
        "nothing ends before it is applied"
    );
    let plan = world.ledger.plan_retention(&account, &|_| {}).await;
    let plan = plan.expect("the store");
    assert_eq!(plan.gone.get("call"), Some(&1), "{plan:?}");
    assert_eq!(plan.gone.get("cost"), None, "{plan:?}");
    apply(&world.ledger, &account.id).await;
    let calls = office.read("calls", &year).await;
    assert_eq!(calls["totals"]["calls"], 1);
    assert_eq!(calls["kept_since"], "2026-12-01T00:00:00+00:00");
    set(world, &mut account, days(400), days(400)).await;
    apply(&world.ledger, &account.id).await;
    world.wait(60 * DAY);
    let calls = office.read("calls", &year).await;
    assert_eq!(
        calls["totals"]["calls"], 1,
        "the later call is kept for longer"
    );
    assert_eq!(
        calls["kept_since"], "2026-12-01T00:00:00+00:00",
        "the earlier is gone"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_cut_off_after_any_write_is_finished_by_the_next() {
    for fault in [Fault::Down, Fault::LoseAnswer] {
        let (world, proxy) = faults::world().await;
        let office = Office::of(Platform::on(world, |_| {}).await).await;
        let world = office.world();
        for caller in 0..30 {
            let caller = format!("+120655501{caller:02}");
            office
                .platform
                .call_of(&caller, callbook_tests::tld::DID)
                .await;
            office.bill_of(&caller, "25", &[]).await;
        }
        let mut account = office.platform.account.clone();
        set(world, &mut account, days(CALLS), days(COSTS)).await;
        let plan = world.ledger.plan_retention(&account, &|_| {}).await;
        let plan = plan.expect("the store");
        let client = Ledger::new(proxy.client(), TABLE).with_clock(world.clock.clone());
        let mut runs = 0;
        let receipt = loop {
            let written = Arc::new(AtomicUsize::new(0));
            // A run does more than the one before, so it gets further than that which it finds done.
            let most = runs;
            proxy.plan(move |seen| {
                let write = seen.verb == "TransactWriteItems";
                let cut = write && written.fetch_add(1, Ordering::Relaxed) >= most;
                cut.then_some(fault)
            });
            runs += 1;
            assert!(runs < 60, "it goes on");
            let applied = Box::pin(client.apply_retention(&account.id, "jane", &|_| {}));
            if let Ok(receipt) = applied.await {
                break receipt.expect("the account");
            }
        };
        proxy.heal();
        assert!(runs > 1, "it was cut off");
        assert!(receipt.finished.is_some(), "{fault:?}");
        // A run of which only the last answer was lost is done, and the next one finds nothing to do.
        let receipts = world.ledger.retentions(&account.id).await;
        let receipts = receipts.expect("the store");
        let counts: Vec<_> = receipts.iter().map(|one| &one.ended).collect();
        let counted = counts.iter().filter(|counts| !counts.is_empty());
        assert_eq!(counted.collect::<Vec<_>>(), [&&plan.ended], "{fault:?}");
        for row in rows(world, &account.id) {
            assert!(end(&row).is_some(), "{}", kind(&row));
        }
    }
}
