//! Deleting a closed account: after its time of grace nothing of it is left, and nothing of anybody else is touched.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use callbook::ledger::{DeletionOutcome, Ledger, Update};
use callbook::model::account::{Account, AccountId};
use callbook_audit::{Item, text};
use callbook_local::engine::TABLE;
use callbook_tests::World;
use callbook_tests::faults::{self, Fault};
use callbook_tests::office::Office;
use callbook_tests::tld::{CID, Platform};

const GRACE: Duration = Duration::from_secs(30 * 86_400);

type Items = BTreeMap<(String, String), Item>;

/// The items by key, without the marks of the table itself.
fn table(world: &World) -> Items {
    let items = world.engine.items().expect("the table is read").into_iter();
    let of_the_table = [
        "pulse",
        "rollup_shard",
        "published_shard",
        "account_deletion",
    ];
    let items = items.filter(|item| !of_the_table.contains(&text(item, "type").unwrap_or("")));
    let part = |item: &Item, name| text(item, name).expect("a key").to_owned();
    items
        .map(|item| ((part(&item, "pk"), part(&item, "sk")), item))
        .collect()
}

/// Something of everything in an account.
async fn busy(world: World) -> Office {
    let office = Office::of(Platform::on(world, |_| {}).await).await;
    office.platform.call().await;
    let id = office.bill("25", &[("notes", "qualified")]).await;
    office.bill_of("12065550144", "3", &[]).await;
    office.void(&id).await;
    office.world().roll_up().await;
    office.world().publish().await;
    office
}

async fn close(world: &World, account: &Account) {
    let closed = world
        .ledger
        .close_account(&account.id, world.clock.now())
        .await;
    assert!(matches!(closed.unwrap(), Update::Updated(_)));
    let due = world.ledger.schedule_deletion(&account.id, GRACE).await;
    assert!(matches!(due.unwrap(), Update::Updated(_)));
}

async fn delete(ledger: &Ledger, world: &World, id: &AccountId) -> DeletionOutcome {
    let now = world.clock.now();
    let deleted = ledger.delete_account(id, "jane", now, &|_| {}).await;
    deleted.expect("the store")
}

/// A world with the items of another account, and then those of the account that goes.
async fn two_accounts(world: World) -> (Items, Office) {
    let neighbour = busy(world).await;
    let world = neighbour.platform.world;
    let before = table(&world);
    (before, busy(world).await)
}

fn assert_gone(world: &World, account: &AccountId, others: &Items) {
    assert_eq!(&table(world), others);
    let all = world.engine.items().unwrap();
    let named = all
        .iter()
        .filter(|item| format!("{item:?}").contains(account.as_str()));
    let kinds: Vec<_> = named.map(|item| text(item, "type")).collect();
    assert_eq!(kinds, [Some("account_deletion")]);
}

#[tokio::test]
async fn after_its_grace_everything_of_an_account_goes_and_nothing_of_another() {
    let (others, office) = two_accounts(World::new().await).await;
    let (world, account) = (office.world(), &office.platform.account);
    assert_eq!(
        delete(&world.ledger, world, &account.id).await,
        DeletionOutcome::Unknown,
        "it is open"
    );
    close(world, account).await;
    let due = world.clock.now().plus(GRACE);
    assert_eq!(
        delete(&world.ledger, world, &account.id).await,
        DeletionOutcome::Waits(due)
    );
    world.wait(30 * 86_400);
    let found = world
        .ledger
        .plan_deletion(&account.id, &|_| {})
        .await
        .unwrap();
    let DeletionOutcome::Deleted(receipt) = delete(&world.ledger, world, &account.id).await else {
        panic!("it is deleted");
    };
    assert_eq!(receipt.deleted, found);
    for kind in [
        "cost",
        "call",
        "credential",
        "lead",
        "sums",
        "once",
        "event",
    ] {
        assert!(found.contains_key(kind), "{kind}: {found:?}");
    }
    assert_gone(world, &account.id, &others);
    let again = delete(&world.ledger, world, &account.id).await;
    assert_eq!(again, DeletionOutcome::Deleted(receipt));
    // Whoever follows the stream writes nothing for an account that is gone.
    world.catch_up().await;
    world.publish().await;
    assert_gone(world, &account.id, &others);
    world.check_sums();
}

#[tokio::test]
async fn within_its_grace_an_account_is_opened_again_and_later_not() {
    let office = busy(World::new().await).await;
    let (world, id) = (office.world(), &office.platform.account.id);
    close(world, &office.platform.account).await;
    world.wait(29 * 86_400);
    let opened = world.ledger.reopen_account(id).await.unwrap();
    assert!(matches!(opened, Update::Updated(_)));
    world.wait(60);
    office.bill_of(CID, "7", &[]).await;
    world.wait(2 * 86_400);
    assert_eq!(
        delete(&world.ledger, world, id).await,
        DeletionOutcome::Unknown,
        "the date went with the mark"
    );
    close(world, &office.platform.account).await;
    world.wait(31 * 86_400);
    assert!(matches!(
        delete(&world.ledger, world, id).await,
        DeletionOutcome::Deleted(_)
    ));
    let opened = world.ledger.reopen_account(id).await.unwrap();
    assert!(matches!(opened, Update::NotFound));
    let reply = office.platform.form(&[("did", "13105550111")]).await;
    assert_eq!(reply.status, 401, "{}", reply.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_that_is_cut_off_after_any_write_is_finished_by_the_next() {
    for fault in [Fault::Down, Fault::LoseAnswer] {
        let (world, proxy) = faults::world().await;
        let (others, office) = two_accounts(world).await;
        let (world, account) = (office.world(), &office.platform.account);
        close(world, account).await;
        world.wait(30 * 86_400);
        let found = world
            .ledger
            .plan_deletion(&account.id, &|_| {})
            .await
            .unwrap();
        let client = Ledger::new(proxy.client(), TABLE);
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
            let now = world.clock.now();
            let deleted = client
                .delete_account(&account.id, "jane", now, &|_| {})
                .await;
            match deleted {
                Ok(DeletionOutcome::Deleted(receipt)) => break receipt,
                Ok(other) => panic!("{other:?}"),
                Err(_) => {}
            }
        };
        proxy.heal();
        assert!(runs > 1, "it was cut off");
        assert_eq!(receipt.deleted, found, "{fault:?}");
        assert_gone(world, &account.id, &others);
    }
}
