//! Exporting a ledger and restoring it into an empty table: every item comes back, nothing is told or counted again,
//! and an interruption anywhere loses and doubles nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use callbook::ledger::{ExportedItem, Ledger, LeftOut, RestoreError, RestoreStart, StoreError};
use callbook_audit::{Item, text};
use callbook_local::engine::TABLE;
use callbook_tests::call_data::CALL_DATA;
use callbook_tests::faults::{self, Fault};
use callbook_tests::office::Office;
use callbook_tests::tld::{DID, Platform};
use callbook_tests::{World, teletracker};
use proptest::prelude::{Strategy, any};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::later::Scene;

const EXPORT: &str = "an export";

/// The types that are not exported.
const OF_THE_TABLE: [&str; 4] = ["pulse", "rollup_shard", "published_shard", "restore"];

async fn export(world: &World) -> (Vec<ExportedItem>, LeftOut) {
    let mut items = Vec::new();
    let each = |item| {
        items.push(item);
        Ok::<_, StoreError>(())
    };
    let left_out = world.ledger.export_items(world.clock.now(), each).await;
    (items, left_out.expect("the store"))
}

fn lines(items: &[ExportedItem]) -> Vec<String> {
    items.iter().map(|item| item.line.clone()).collect()
}

/// An empty deployment at the same time.
async fn empty(like: &World) -> World {
    let world = World::new().await;
    world.clock.set(like.clock.now());
    world
}

/// Restores lines as the command does, a few at a time.
async fn restore(ledger: &Ledger, world: &World, lines: &[String]) -> Result<u64, RestoreError> {
    let now = world.clock.now();
    let from = match ledger.begin_restore(EXPORT, now).await? {
        RestoreStart::At(lines) => usize::try_from(lines).unwrap(),
        other => panic!("{other:?}"),
    };
    let mut items = 0;
    for (number, chunk) in lines.chunks(20).enumerate() {
        let first = number * 20;
        if first < from {
            continue;
        }
        let written = ledger.restore_lines(first as u64 + 1, chunk, now).await?;
        items += written.items;
        let noted = (first + chunk.len()) as u64;
        ledger.note_restored(EXPORT, noted, None).await?;
    }
    let all = lines.len() as u64;
    ledger.note_restored(EXPORT, all, Some(now)).await?;
    Ok(items)
}

/// The items of a table that an export has, by key, as they are in an export.
fn table(world: &World) -> BTreeMap<(String, String), Item> {
    let items = world.engine.items().expect("the table is read").into_iter();
    let now = world.clock.now().seconds();
    let items = items
        .filter(|item| !OF_THE_TABLE.contains(&text(item, "type").unwrap_or("")))
        .filter(|item| callbook_audit::number(item, "expires_at").is_none_or(|end| end > now));
    items
        .map(|mut item| {
            item.remove("restored");
            let part = |name| text(&item, name).expect("a key").to_owned();
            ((part("pk"), part("sk")), item)
        })
        .collect()
}

async fn scene() -> World {
    let (world, _) = Scene::new().await;
    world.roll_up().await;
    world.publish().await;
    world
}

#[tokio::test]
async fn an_item_of_every_type_comes_back_as_it_was() {
    let old = scene().await;
    let (items, left_out) = export(&old).await;
    let types: BTreeSet<_> = items.iter().map(|item| item.kind.as_str()).collect();
    assert!(types.len() > 40, "{types:?}");
    assert!(left_out.of_the_table > 0, "{left_out:?}");
    let new = empty(&old).await;
    let restored = restore(&new.ledger, &new, &lines(&items)).await.unwrap();
    assert_eq!(restored, items.len() as u64);
    assert_eq!(table(&new), table(&old));
    let mut again = lines(&export(&new).await.0);
    let mut first = lines(&items);
    again.sort();
    first.sort();
    assert_eq!(again, first, "an export of it is the same");
}

#[tokio::test]
async fn nobody_counts_or_tells_of_what_was_restored() {
    let old = scene().await;
    let lines = lines(&export(&old).await.0);
    let new = empty(&old).await;
    restore(&new.ledger, &new, &lines).await.unwrap();
    let before = table(&new);
    new.catch_up().await;
    new.publish().await;
    new.check_sums();
    assert_eq!(table(&new), before);
}

#[tokio::test]
async fn every_item_has_the_owner_whose_file_it_is_in() {
    let old = scene().await;
    let (items, _) = export(&old).await;
    let shared: BTreeSet<_> = items
        .iter()
        .filter(|item| item.owner.is_none())
        .map(|item| item.kind.as_str())
        .collect();
    let wanted = ["carrier_starts", "country", "place", "stock"];
    assert_eq!(shared, BTreeSet::from(wanted));
}

#[tokio::test]
async fn a_restore_begins_in_an_empty_table_only() {
    let world = World::new().await;
    world.account().await;
    let now = world.clock.now();
    let start = world.ledger.begin_restore(EXPORT, now).await.unwrap();
    assert!(matches!(start, RestoreStart::NotEmpty(_)), "{start:?}");
    let world = World::new().await;
    world.ledger.pulse(now).await.unwrap();
    let begun = world.ledger.begin_restore(EXPORT, now).await.unwrap();
    assert_eq!(begun, RestoreStart::At(0), "a pulse is of no account");
    let another = world.ledger.begin_restore("another", now).await.unwrap();
    assert_eq!(another, RestoreStart::Another);
    world
        .ledger
        .note_restored(EXPORT, 0, Some(now))
        .await
        .unwrap();
    let done = world.ledger.begin_restore(EXPORT, now).await.unwrap();
    assert_eq!(done, RestoreStart::Done(now));
}

#[tokio::test]
async fn what_is_over_stays_away_and_what_is_in_the_way_is_not_overwritten() {
    let old = World::new().await;
    old.account().await;
    let mut lines = lines(&export(&old).await.0);
    let end = old.clock.now().seconds();
    for (name, end) in [("OVER", end), ("LASTS", end + 1)] {
        lines.push(
            json!({"Item": {
                "pk": {"S": "A#7#ONCE#x"}, "sk": {"S": name}, "type": {"S": "once"},
                "v": {"N": "1"}, "expires_at": {"N": end.to_string()},
            }})
            .to_string(),
        );
    }
    let new = empty(&old).await;
    new.leave_unaudited("it has items of no request");
    assert_eq!(
        restore(&new.ledger, &new, &lines).await.unwrap(),
        lines.len() as u64 - 1
    );
    let other = lines.last().unwrap().replace("once", "twice");
    let taken = new.ledger.restore_lines(1, &[other], new.clock.now()).await;
    assert!(matches!(taken, Err(RestoreError::Taken(_))), "{taken:?}");
    let unread = ["{\"Item\":{}}".to_owned()];
    let unread = new.ledger.restore_lines(9, &unread, new.clock.now()).await;
    assert!(matches!(unread, Err(RestoreError::NoItem(9))), "{unread:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_is_cut_off_after_any_write_is_finished_by_the_next() {
    let old = scene().await;
    let lines = lines(&export(&old).await.0);
    let wanted = table(&old);
    for fault in [Fault::Down, Fault::LoseAnswer] {
        let (new, proxy) = faults::world().await;
        new.clock.set(old.clock.now());
        let client = Ledger::new(proxy.client(), TABLE);
        let mut runs = 0;
        loop {
            let written = Arc::new(AtomicUsize::new(0));
            // A run does more than the one before, so it gets further than that which it finds done.
            let most = runs;
            proxy.plan(move |seen| {
                let cut = seen.verb == "TransactWriteItems"
                    && written.fetch_add(1, Ordering::Relaxed) >= most;
                cut.then_some(fault)
            });
            runs += 1;
            assert!(runs < 200, "it goes on");
            if restore(&client, &new, &lines).await.is_ok() {
                break;
            }
        }
        proxy.heal();
        assert!(runs > 3, "it was cut off: {runs}");
        assert_eq!(table(&new), wanted, "{fault:?}");
        new.catch_up().await;
        new.publish().await;
        assert_eq!(table(&new), wanted, "{fault:?}");
    }
}

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
enum Act {
    Call(u8),
    Bill(u8, u8),
    Void,
    Wait(u8),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = (any::<u8>(), any::<u8>(), 0..6_u8).prop_map(|(a, b, kind)| match kind {
        0 | 1 => Act::Call(a % 4),
        2 | 3 => Act::Bill(a % 5, b),
        4 => Act::Void,
        _ => Act::Wait(a),
    });
    proptest::collection::vec(act, 1..25)
}

fn caller(n: u8) -> String {
    format!("1206555015{n}")
}

async fn play(office: &Office, acts: &[Act]) {
    let mut bills = Vec::new();
    for act in acts {
        match act {
            Act::Call(n) => office.platform.call_of(&caller(*n), DID).await,
            Act::Bill(n, cost) => {
                let notes = format!("note {cost}");
                let more = [("notes", notes.as_str())];
                let more = if cost % 2 == 0 { &more[..] } else { &[] };
                let id = office.bill_of(&caller(*n), &cost.to_string(), more).await;
                bills.push(id);
            }
            Act::Void => {
                if let Some(id) = bills.pop() {
                    office.void(&id).await;
                }
            }
            Act::Wait(minutes) => office.world().wait(u64::from(*minutes) * 60),
        }
    }
    office.world().roll_up().await;
    office.world().publish().await;
}

/// What people read of the ledger.
async fn read(world: &World, user: &callbook_tests::Key) -> Vec<String> {
    let authorization = teletracker::basic(user);
    let headers = [("authorization", authorization.as_str())];
    let range = "from=2026-11-21&to=2026-11-23";
    let paths = [
        format!("/callbook/v1/calls?{range}"),
        format!("/callbook/v1/costs?{range}"),
        format!("/callbook/v1/summary?by=vendor,hour&{range}"),
        format!("{CALL_DATA}?start_date=2026-11-21&end_date=2026-11-23"),
    ];
    let mut read = Vec::new();
    for path in paths {
        let reply = world.send("GET", &path, &headers, b"").await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        read.push(without_guid(&reply.body));
    }
    read
}

/// An answer without what is another in each, such as its own guid.
fn without_guid(body: &str) -> String {
    match serde_json::from_str(body) {
        Ok(Value::Object(mut answer)) => {
            answer.remove("guid");
            answer.remove("request_guid");
            answer.remove("as_of");
            Value::Object(answer).to_string()
        }
        _ => body.to_owned(),
    }
}

#[test]
fn a_random_history_is_read_the_same_after_an_export_and_a_restore() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new(Config {
        cases: 12,
        failure_persistence: None,
        ..Config::default()
    });
    let result = runner.run(&acts(), |acts| {
        runtime.block_on(async {
            let office = Office::of(Platform::new().await).await;
            play(&office, &acts).await;
            let old = office.world();
            let lines = lines(&export(old).await.0);
            let new = empty(old).await;
            restore(&new.ledger, &new, &lines).await.unwrap();
            new.catch_up().await;
            new.check_sums();
            let (wanted, found) = (
                read(old, &office.admin).await,
                read(&new, &office.admin).await,
            );
            assert_eq!(found, wanted);
        });
        Ok(())
    });
    result.unwrap();
}
