//! Concurrent changes of an account's settings, and the copy of its TrueCLID setting with each number.

use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_dynamodb::types::AttributeValue;
use callbook::ledger::{Creation, Ledger, StoreError, Update};
use callbook::model::account::{Account, AccountId};
use callbook::model::phone::PhoneNumber;
use callbook_local::engine::TABLE;
use callbook_tests::World;
use callbook_tests::faults::{self, Fault};
use callbook_tests::fonedynamics::{NUMBER, OTHER, Site, done};

async fn change(ledger: &Ledger, id: &AccountId, change: impl Fn(&mut Account)) -> Account {
    let updated = ledger.update_account(id, |account| {
        change(account);
        Ok::<_, StoreError>(())
    });
    match updated.await.unwrap() {
        Update::Updated(account) => account,
        Update::NotFound => panic!("the account is gone"),
    }
}

async fn register(ledger: &Ledger, account: &Account, number: &str) {
    let number = PhoneNumber::parse_e164(number).unwrap();
    let added = ledger.register_number(account, &number, account.created_at);
    assert_eq!(added.await.unwrap(), Creation::Created(()));
}

/// The TrueCLID setting in the owner record of each number.
async fn trueclid_settings(world: &World) -> Vec<String> {
    let owners = world.items("number_owner").await;
    owners.iter().map(|owner| owner.text("trueclid")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_changes_of_an_account_are_both_kept() {
    let (world, proxy) = faults::world().await;
    let account = world.account().await;
    let (faster, id) = (world.ledger.clone(), account.id.clone());
    proxy.before_next("TransactWriteItems", async move {
        change(&faster, &id, |account| account.tldialer = false).await;
    });
    let slower = Ledger::new(proxy.client(), TABLE);
    let changed = change(&slower, &account.id, |account| account.carrier = true).await;
    assert!(changed.carrier && !changed.tldialer);
    assert_eq!(
        world.ledger.account(&account.id).await.unwrap(),
        Some(changed)
    );
}

#[tokio::test]
async fn an_account_stored_without_a_revision_can_be_changed() {
    let world = World::new().await;
    let account = world.account().await;
    let key = |text: String| AttributeValue::S(text);
    let client = world.engine.client();
    let older = client
        .update_item()
        .table_name(TABLE)
        .key("pk", key(format!("A#{}", account.id)))
        .key("sk", key("ACCOUNT".to_owned()))
        .update_expression("REMOVE revision");
    older.send().await.unwrap();
    change(&world.ledger, &account.id, |account| account.carrier = true).await;
    let changed = change(&world.ledger, &account.id, |account| account.shards = 2).await;
    assert_eq!((changed.carrier, changed.shards), (true, 2));
}

#[tokio::test]
async fn a_number_bought_with_a_stale_cached_account_gets_the_current_setting() {
    for opted_in in [true, false] {
        let mut site = Site::with(|account| account.trueclid = !opted_in).await;
        let property = site.property("P").await;
        register(&site.world.ledger, &site.account, OTHER).await;
        site.world
            .change(&mut site.account, |account| account.trueclid = opted_in)
            .await;
        done(&site.buy(&property, NUMBER).await);
        done(&site.buy(&property, OTHER).await);
        let today = opted_in.to_string();
        assert_eq!(trueclid_settings(&site.world).await, [today.clone(), today]);
    }
}

#[tokio::test]
async fn a_number_registered_with_a_stale_account_gets_the_current_setting() {
    for opted_in in [true, false] {
        let world = World::new().await;
        let before = world
            .account_with(|account| account.trueclid = !opted_in)
            .await;
        let mut account = before.clone();
        world
            .change(&mut account, |account| account.trueclid = opted_in)
            .await;
        register(&world.ledger, &before, NUMBER).await;
        assert_eq!(trueclid_settings(&world).await, [opted_in.to_string()]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_added_during_a_change_of_its_account_gets_the_new_setting() {
    let (world, proxy) = faults::world().await;
    let mut site = Site::on(world, |_| {}).await;
    let property = site.property("P").await;
    let (faster, id) = (site.world.ledger.clone(), site.account.id.clone());
    proxy.before_next("TransactWriteItems", async move {
        change(&faster, &id, |account| account.trueclid = true).await;
    });
    done(&site.buy(&property, NUMBER).await);
    assert_eq!(
        trueclid_settings(&site.world).await,
        ["true"],
        "the account changed during the purchase"
    );

    let (later, before) = (site.world.ledger.clone(), site.account.clone());
    proxy.before_next("Query", async move {
        register(&later, &before, OTHER).await;
    });
    site.account = change(
        &Ledger::new(proxy.client(), TABLE),
        &site.account.id,
        |account| account.trueclid = false,
    )
    .await;
    assert_eq!(
        trueclid_settings(&site.world).await,
        ["false", "false"],
        "the number was registered during the change"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_concurrent_changes_the_later_one_reaches_the_numbers() {
    let (world, proxy) = faults::world().await;
    let account = world.account().await;
    for number in [NUMBER, OTHER] {
        register(&world.ledger, &account, number).await;
    }
    let (later, id) = (world.ledger.clone(), account.id.clone());
    // At this query the account is written, and its numbers are not updated yet.
    proxy.before_next("Query", async move {
        change(&later, &id, |account| account.trueclid = false).await;
    });
    let earlier = Ledger::new(proxy.client(), TABLE);
    change(&earlier, &account.id, |account| account.trueclid = true).await;
    let kept = world.ledger.account(&account.id).await.unwrap().unwrap();
    assert!(!kept.trueclid);
    assert_eq!(trueclid_settings(&world).await, ["false", "false"]);
}

#[tokio::test]
async fn a_change_that_was_cut_off_before_the_numbers_were_told_is_finished_by_the_next_operation()
{
    for next in ["registration", "update", "list"] {
        let (world, proxy) = faults::world().await;
        let account = world.account().await;
        for number in [NUMBER, OTHER] {
            register(&world.ledger, &account, number).await;
        }
        // The account and the first of its numbers are written, and then the connection is gone.
        let gone = AtomicBool::new(false);
        proxy.plan(move |seen| {
            let owner = seen.verb == "TransactWriteItems" && seen.body.to_string().contains(OTHER);
            (gone.fetch_or(owner, Ordering::Relaxed) || owner).then_some(Fault::Down)
        });
        let cut_off = Ledger::new(proxy.client(), TABLE);
        let changed = cut_off.update_account(&account.id, |account| {
            account.trueclid = true;
            Ok::<_, StoreError>(())
        });
        assert!(changed.await.is_err(), "{next}: it was cut off");
        assert_eq!(trueclid_settings(&world).await, ["true", "false"], "{next}");

        let changed = world.ledger.account(&account.id).await.unwrap().unwrap();
        assert!(changed.trueclid, "{next}: the account was written");
        match next {
            "registration" => register(&world.ledger, &changed, "+12065550113").await,
            "update" => {
                change(&world.ledger, &account.id, |account| account.carrier = true).await;
            }
            _ => drop(world.ledger.accounts().await.unwrap()),
        }
        assert!(
            !trueclid_settings(&world)
                .await
                .contains(&"false".to_owned()),
            "{next}"
        );
        let finished = world.ledger.account(&account.id).await.unwrap().unwrap();
        assert!(!finished.trueclid_pending, "{next}");
    }
}
