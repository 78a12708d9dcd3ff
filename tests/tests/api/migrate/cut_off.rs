//! A migration that is cut off, at every moment at which it writes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use callbook::ledger::Ledger;
use callbook_local::engine::TABLE;
use callbook_tests::World;
use callbook_tests::earlier::{self, Answers};
use callbook_tests::faults::{Fault, Proxy, Seen};
use tokio::sync::Notify;

use super::{acknowledged, assert_same, comparable, earlier_world, sum};

/// A deployment on the earlier version's table behind a proxy, and a ledger that reaches it by the proxy.
pub(super) async fn behind_proxy() -> (World, Proxy, Ledger) {
    let mut made = None;
    let world = earlier::world(async |engine| {
        let proxy = Proxy::start(engine).await;
        let client = proxy.client();
        made = Some(proxy);
        client
    });
    let world = world.await;
    let proxy = made.expect("the proxy");
    let ledger = Ledger::new(proxy.client(), TABLE);
    (world, proxy, ledger)
}

fn writes(seen: &Seen) -> bool {
    ["TransactWriteItems", "UpdateItem", "DeleteItem", "PutItem"].contains(&seen.verb.as_str())
}

/// Migrates until so many writes are done, and is then killed: the next write never reaches the store.
/// Returns whether it came to its end.
pub(super) async fn migrate_until(
    world: &World,
    (proxy, ledger): (&Proxy, &Ledger),
    most: usize,
) -> bool {
    let (count, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let told = Arc::clone(&over);
    proxy.plan(move |seen| {
        if writes(seen) && count.fetch_add(1, Ordering::SeqCst) >= most {
            told.notify_one();
            return Some(Fault::Hang);
        }
        None
    });
    let finished = tokio::select! {
        _ = earlier::migrate(world, ledger) => true,
        () = over.notified() => false,
    };
    proxy.heal();
    finished
}

#[tokio::test]
async fn a_migration_that_is_killed_after_each_write_ends_like_one_that_is_not() {
    let whole = earlier_world().await;
    earlier::migrate(&whole, &whole.ledger).await;
    let (world, proxy, ledger) = behind_proxy().await;
    let mut runs = 1;
    while !migrate_until(&world, (&proxy, &ledger), 1).await {
        runs += 1;
        assert!(runs < 400, "each run gets on by a write");
    }
    assert!(runs > 60, "{runs} runs");
    // The marks of the accounts tell whether something was left in the last run.
    earlier::migrate(&whole, &whole.ledger).await;
    let (mut expected, mut found) = (comparable(&whole), comparable(&world));
    for items in [&mut expected, &mut found] {
        // Which of an entry's calls were converted before it depends on when a run was killed.
        for item in items.values_mut() {
            item.remove("history");
        }
    }
    assert_same(&expected, &found);
    let answers = Answers::read();
    for (at, account) in answers.accounts().iter().enumerate() {
        let expected = acknowledged(&answers, at);
        assert_eq!(sum(&world, account.as_str(), None).await, expected);
    }
    world.roll_up().await;
}

#[tokio::test]
async fn lost_answers_double_nothing() {
    let (world, proxy, ledger) = behind_proxy().await;
    let count = AtomicUsize::new(0);
    proxy.plan(move |seen| {
        let lost = writes(seen) && count.fetch_add(1, Ordering::SeqCst).is_multiple_of(3);
        (lost && seen.attempt == 1).then_some(Fault::LoseAnswer)
    });
    proxy.forget_tokens();
    earlier::migrate(&world, &ledger).await;
    let answers = Answers::read();
    for (at, account) in answers.accounts().iter().enumerate() {
        let expected = acknowledged(&answers, at);
        assert_eq!(sum(&world, account.as_str(), None).await, expected);
    }
    world.roll_up().await;
}

#[tokio::test]
async fn two_migrations_at_once_convert_each_item_once() {
    let world = earlier_world().await;
    let (one, other) = futures_util::future::join(
        earlier::migrate(&world, &world.ledger),
        earlier::migrate(&world, &world.ledger),
    )
    .await;
    let calls: usize = one.iter().chain(&other).map(|done| done.calls).sum();
    let whole = earlier_world().await;
    let alone = earlier::migrate(&whole, &whole.ledger).await;
    assert_eq!(calls, alone.iter().map(|done| done.calls).sum::<usize>());
    let ids: BTreeSet<_> = world
        .items("cost")
        .await
        .iter()
        .map(|cost| cost.text("sk"))
        .collect();
    let expected: BTreeSet<_> = whole
        .items("cost")
        .await
        .iter()
        .map(|cost| cost.text("sk"))
        .collect();
    assert_eq!(ids, expected);
}
