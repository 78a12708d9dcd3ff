//! Retention: what an account keeps for some days ends after them, and nothing else changes with that.

mod apply;
mod contacts;
mod ended;
mod feedback;
mod marks;

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use callbook::ledger::{KindCounts, Ledger, RetentionReceipt};
use callbook::model::account::{Account, AccountId};
use callbook::model::retention::{Lifetime, SEEN_AFTER};
use callbook::model::time::Instant;
use callbook_audit::{Item, number, text};
use callbook_local::engine::TABLE;
use callbook_tests::World;
use callbook_tests::tld::Platform;

use crate::audit::correct;

/// How long the calls of these tests are kept.
const CALLS: u32 = 90;

/// How long the costs of these tests are kept, their contacts, and their feedback.
const COSTS: u32 = 365;

const DAY: u64 = 86_400;

/// What a test of retention is about by the types of rows, and why the others do not end.
const ENDING: [&str; 17] = [
    "call",
    "joined_call",
    "joined_report",
    "pair",
    "pair_call",
    "pair_bill",
    "pair_id",
    "cost",
    "billed_caller",
    "adjustment",
    "pair_adjustment",
    "refused_bill",
    "lead",
    "first_contact",
    "feedback",
    "latest_feedback",
    "queue_entry",
];

fn days(days: u32) -> Lifetime {
    Lifetime::parse(&days.to_string()).expect("a lifetime")
}

/// Sets how long an account keeps calls with queue entries, and everything else.
fn keep(account: &mut Account, calls: Lifetime, costs: Lifetime, now: Instant) {
    account.calls_kept.set(calls, now);
    account.costs_kept.set(costs, now);
    account.contacts_kept.set(costs, now);
    account.feedback_kept.set(costs, now);
    account.queue_kept.set(calls, now);
}

/// An account that keeps everything for a time from the beginning.
fn keeping(account: &mut Account) {
    keeping_for(account, days(CALLS), days(COSTS));
}

/// The same for other times.
fn keeping_for(account: &mut Account, calls: Lifetime, costs: Lifetime) {
    let now = account.created_at;
    keep(account, calls, costs, now);
    let read = account.retention();
    account.retention_applied(&read, now);
}

async fn platform() -> Platform {
    Platform::with(keeping).await
}

/// Sets how long an account keeps what, and lets the functions see it.
async fn set(world: &World, account: &mut Account, calls: Lifetime, costs: Lifetime) {
    let now = world.clock.now();
    world
        .change(account, |account| keep(account, calls, costs, now))
        .await;
    let told = world.ledger.tell_credentials(account).await;
    told.expect("the store");
    world.wait(SEEN_AFTER.as_secs());
}

async fn apply(ledger: &Ledger, id: &AccountId) -> RetentionReceipt {
    let applied = Box::pin(ledger.apply_retention(id, "jane", &|_| {}));
    applied.await.expect("the store").expect("the account")
}

fn total(counts: &KindCounts) -> u64 {
    counts.values().sum()
}

type Table = BTreeMap<(String, String), Item>;

fn kind(item: &Item) -> &str {
    text(item, "type").unwrap_or_default()
}

fn key(item: &Item) -> (String, String) {
    let part = |name| text(item, name).expect("a key").to_owned();
    (part("pk"), part("sk"))
}

fn table(world: &World) -> Table {
    let items = world.engine.items().expect("the table is read");
    items.into_iter().map(|item| (key(&item), item)).collect()
}

/// The end of an item, in seconds.
fn end(item: &Item) -> Option<i64> {
    number(item, "expires_at")
}

/// The end of what is recorded now and kept for some days.
fn from_now(world: &World, days: u32) -> Option<i64> {
    let today = world.clock.now().utc_day().begins().seconds();
    Some(today + i64::from(days + 1) * DAY as i64)
}

/// The rows of an account that may end.
fn rows(world: &World, id: &AccountId) -> Vec<Item> {
    let own = format!("A#{id}#");
    let items = world.engine.items().expect("the table is read").into_iter();
    items
        .filter(|item| key(item).0.starts_with(&own) && ENDING.contains(&kind(item)))
        .collect()
}

/// The kept sums of the table.
fn sums(world: &World) -> Table {
    let mut sums = table(world);
    sums.retain(|_, item| ["sums", "callers", "settling"].contains(&kind(item)));
    sums
}

/// Deletes what has ended, as DynamoDB does: some of it, in any order. `wanted` is told the number of each.
pub async fn delete_ended(world: &World, wanted: impl Fn(usize) -> bool) -> usize {
    let now = world.clock.now().seconds();
    let client = world.engine.client();
    let mut deleted = 0;
    let over = table(world)
        .into_iter()
        .filter(|(_, item)| end(item).is_some_and(|end| end <= now))
        .filter(|(_, item)| ENDING.contains(&kind(item)));
    for (place, ((pk, sk), _)) in over.enumerate().filter(|(place, _)| wanted(*place)) {
        let _ = place;
        let delete = client
            .delete_item()
            .table_name(TABLE)
            .key("pk", AttributeValue::S(pk))
            .key("sk", AttributeValue::S(sk));
        delete.send().await.expect("the item is deleted");
        deleted += 1;
    }
    deleted
}

/// A deployment with every type of item, and the account that owns nearly all of them.
async fn everything() -> (World, Account) {
    let correct = Box::pin(correct::correct()).await;
    let world = World::new().await;
    let client = world.engine.client();
    // What the stream made is made again from what is written here.
    let derived = ["sums", "callers", "settling", "rollup_shard"];
    for item in correct.items {
        if !derived.contains(&kind(&item)) {
            let put = client.put_item().table_name(TABLE).set_item(Some(item));
            put.send().await.expect("the item is written");
        }
    }
    world.clock.set(Instant::from_millis(correct.now));
    let id = AccountId::parse(&correct.account).expect("an id");
    let account = world.ledger.account(&id).await.expect("the store");
    (world, account.expect("the account"))
}
