//! The dialer's queue: each entry is given to one taker at a time, and none is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use callbook::ids;
use callbook::ledger::{
    FinishOutcome, LeaseOutcome, Ledger, TakeRequest, TakenEntry, WaitingEntry,
};
use callbook::model::queue::{CallProcessId, QueueId, QueueResult};
use callbook_local::engine::TABLE;
use callbook_tests::teletracker::{Desk, PROCESS, add_process};
use futures_util::future::join_all;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

const LEASE: Duration = Duration::from_secs(120);

/// Queues callees, and returns their entries' ids.
async fn queue(desk: &Desk, callees: std::ops::Range<usize>) -> BTreeSet<u64> {
    let mut ids = BTreeSet::new();
    for nth in callees {
        let callee = format!("+1206555{nth:04}");
        let parameters = [("callee", callee.as_str()), ("whisper_text", "Hello")];
        let reply = desk.respond(&parameters).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        ids.insert(reply.json()["result"]["callqueue_id"].as_u64().unwrap());
    }
    ids
}

async fn take(desk: &Desk, ledger: &Ledger, limit: usize) -> Vec<WaitingEntry> {
    let request = TakeRequest {
        account: &desk.account.id,
        process: None,
        limit,
        lease: LEASE,
        by: &ids::guid().to_string(),
        now: desk.world.clock.now(),
    };
    ledger.take_from_queue(&request).await.unwrap()
}

/// Every entry that is offered or taken, read in pages.
async fn listed(desk: &Desk) -> Vec<WaitingEntry> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let now = desk.world.clock.now();
        let page = desk
            .world
            .ledger
            .queue_entries(&desk.account.id, after, 7, now);
        let page = page.await.unwrap();
        all.extend(page.entries);
        after = page.last;
        if after.is_none() {
            return all;
        }
    }
}

async fn finish(desk: &Desk, entry: &WaitingEntry, result: QueueResult) -> FinishOutcome {
    let taken = taken(desk, entry);
    let finished = desk
        .world
        .ledger
        .finish_entry(&taken, result, desk.world.clock.now());
    finished.await.unwrap()
}

async fn extend(desk: &Desk, entry: &WaitingEntry) -> LeaseOutcome {
    let (taken, now) = (taken(desk, entry), desk.world.clock.now());
    let extended = desk.world.ledger.extend_lease(&taken, LEASE, now);
    extended.await.unwrap()
}

fn taken<'a>(desk: &'a Desk, entry: &WaitingEntry) -> TakenEntry<'a> {
    TakenEntry {
        account: &desk.account.id,
        id: entry.id,
        attempt: Some(entry.attempts),
    }
}

fn number(id: QueueId) -> u64 {
    id.into()
}

/// The status of every entry, by id.
async fn statuses(desk: &Desk) -> BTreeMap<u64, String> {
    let items = desk.world.all_items().await.into_iter();
    let entries = items.filter(|item| item.text("type") == "queue_entry");
    let status = |item: &callbook_tests::items::Stored| {
        let id = item.text("callqueue_id").parse().unwrap();
        (id, item.text("callqueue_status"))
    };
    entries.map(|item| status(&item)).collect()
}

#[tokio::test]
async fn an_entry_is_taken_once_extended_and_finished_by_its_taker() {
    let desk = Desk::new().await;
    let world = &desk.world;
    let ids = queue(&desk, 0..1).await;
    // Entries of one millisecond are in no order.
    world.wait(1);
    queue(&desk, 1..3).await;
    let first = take(&desk, &world.ledger, 2).await;
    assert_eq!(first.len(), 2);
    let entry = &first[0];
    assert_eq!(Some(&number(entry.id)), ids.first(), "the earliest first");
    assert_eq!(
        (entry.attempts, entry.callee.as_e164()),
        (1, "+12065550000")
    );
    assert_eq!(entry.lease_until, Some(world.clock.now().plus(LEASE)));
    assert_eq!(take(&desk, &world.ledger, 9).await.len(), 1, "the third");
    assert_eq!(take(&desk, &world.ledger, 9).await, []);

    world.wait(100);
    let now = world.clock.now();
    let LeaseOutcome::Extended(longer) = extend(&desk, entry).await else {
        panic!("the lease had not run out");
    };
    assert_eq!(longer.lease_until, Some(now.plus(LEASE)));
    world.wait(100);
    let again = take(&desk, &world.ledger, 9).await;
    let again: BTreeSet<u64> = again.iter().map(|entry| number(entry.id)).collect();
    assert_eq!(again.len(), 2, "all but the one that was extended");
    assert!(!again.contains(&number(entry.id)));
    // Whoever had one of them first has lost it.
    let lost = finish(&desk, &first[1], QueueResult::Completed).await;
    assert_eq!(lost, FinishOutcome::Lost);
    assert_eq!(extend(&desk, &first[1]).await, LeaseOutcome::Lost);

    let done = finish(&desk, entry, QueueResult::Completed).await;
    assert_eq!(done, FinishOutcome::Finished { attempt: 1 });
    let again = finish(&desk, entry, QueueResult::Completed).await;
    assert_eq!(again, FinishOutcome::Repeated { attempt: 1 });
    let other = finish(&desk, entry, QueueResult::Failed).await;
    assert_eq!(other, FinishOutcome::Lost);
    assert_eq!(extend(&desk, entry).await, LeaseOutcome::Lost);
    assert_eq!(statuses(&desk).await[&number(entry.id)], "completed");
    assert_eq!(
        world.items("queue_waiting").await.len(),
        2,
        "it waits no more"
    );
}

#[tokio::test]
async fn what_nobody_finishes_fails_and_what_nobody_takes_expires() {
    let desk = Desk::new().await;
    let world = &desk.world;
    let id = *queue(&desk, 0..1).await.first().unwrap();
    for attempt in 1..=5 {
        let taken = take(&desk, &world.ledger, 1).await;
        assert_eq!(taken[0].attempts, attempt);
        world.wait(121);
    }
    let expired = *queue(&desk, 1..2).await.first().unwrap();
    let taken = take(&desk, &world.ledger, 1).await;
    assert_eq!(number(taken[0].id), expired);
    assert_eq!(statuses(&desk).await[&id], "failed");
    world.wait(86_401);
    assert_eq!(take(&desk, &world.ledger, 1).await, []);
    assert_eq!(statuses(&desk).await[&expired], "expired");
    assert_eq!(listed(&desk).await, []);
    assert!(world.items("queue_waiting").await.is_empty());
}

#[tokio::test]
async fn a_taker_asks_for_a_call_process_and_for_its_own_account() {
    let desk = Desk::new().await;
    let world = &desk.world;
    add_process(world, &desk.account, 7).await;
    queue(&desk, 0..2).await;
    let parameters = [
        ("callee", "+12065559999"),
        ("whisper_text", "Hello"),
        ("callprocess_id", "7"),
    ];
    assert_eq!(desk.respond(&parameters).await.status, 200);
    for (process, count) in [(7, 1), (PROCESS, 2), (8, 0)] {
        let request = TakeRequest {
            account: &desk.account.id,
            process: CallProcessId::new(process).ok(),
            limit: 9,
            lease: LEASE,
            by: &ids::guid().to_string(),
            now: world.clock.now(),
        };
        let taken = world.ledger.take_from_queue(&request).await.unwrap();
        assert_eq!(taken.len(), count, "{process}");
    }
    let stranger = world.account().await;
    let now = world.clock.now();
    let page = world.ledger.queue_entries(&stranger.id, None, 9, now);
    assert_eq!(page.await.unwrap().entries, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_takers_at_once_share_the_queue_and_lose_nothing() {
    let desk = Desk::new().await;
    let ids = queue(&desk, 0..120).await;
    let mut done = BTreeSet::new();
    // In each round half of the takers die with what they have.
    while done.len() < ids.len() {
        let takers = (0..50).map(|taker| {
            let ledger = Ledger::new(desk.world.engine.client(), TABLE);
            let desk = &desk;
            async move { (taker, take(desk, &ledger, 1 + taker % 3).await) }
        });
        let shares = join_all(takers).await;
        let held: Vec<u64> = shares
            .iter()
            .flat_map(|(_, entries)| entries.iter().map(|entry| number(entry.id)))
            .collect();
        let distinct: BTreeSet<u64> = held.iter().copied().collect();
        assert_eq!(held.len(), distinct.len(), "an entry was given twice");
        assert!(distinct.is_disjoint(&done), "a finished entry was given");
        let living = shares.iter().filter(|(taker, _)| taker % 2 == 0);
        let finished = living.flat_map(|(_, entries)| entries).map(async |entry| {
            let outcome = finish(&desk, entry, QueueResult::Completed).await;
            let attempt = entry.attempts;
            assert_eq!(outcome, FinishOutcome::Finished { attempt });
            number(entry.id)
        });
        done.extend(join_all(finished).await);
        if statuses(&desk)
            .await
            .values()
            .any(|status| status == "failed")
        {
            break;
        }
        desk.world.wait(121);
    }
    let statuses = statuses(&desk).await;
    let finished = |status: &String| status == "completed" || status == "failed";
    let open: Vec<_> = statuses.iter().filter(|(_, is)| !finished(is)).collect();
    let completed = statuses.values().filter(|is| *is == "completed").count();
    assert_eq!(completed, done.len());
    assert_eq!(statuses.len(), ids.len(), "none is lost");
    assert_eq!(
        open.len(),
        listed(&desk).await.len(),
        "what is not over waits"
    );
}

/// Something that a dialer does, or that happens to it.
#[derive(Clone, Debug)]
enum Event {
    Queue(usize),
    Take(usize),
    /// The holder of the nth entry finishes it, or tries to.
    Finish(usize, bool),
    Extend(usize),
    /// Nothing for some seconds.
    Wait(u64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        (1..4_usize).prop_map(Event::Queue),
        (1..4_usize).prop_map(Event::Take),
        (0..20_usize, any::<bool>()).prop_map(|(nth, good)| Event::Finish(nth, good)),
        (0..20_usize).prop_map(Event::Extend),
        (1..150_u64).prop_map(Event::Wait),
    ];
    vec(event, 1..60)
}

async fn play(events: Vec<Event>) -> Result<(), TestCaseError> {
    let desk = Desk::new().await;
    let world = &desk.world;
    let (mut queued, mut held) = (BTreeSet::new(), Vec::<WaitingEntry>::new());
    let (mut over, mut next) = (BTreeMap::new(), 0);
    for event in events {
        let now = world.clock.now();
        match event {
            Event::Queue(count) => {
                queued.extend(queue(&desk, next..next + count).await);
                next += count;
            }
            Event::Take(limit) => {
                for entry in take(&desk, &world.ledger, limit).await {
                    let id = number(entry.id);
                    prop_assert!(queued.contains(&id) && !over.contains_key(&id));
                    let other = held
                        .iter()
                        .find(|other| other.id == entry.id && other.is_leased(now));
                    prop_assert!(other.is_none(), "{id} has two takers");
                    held.push(entry);
                }
            }
            Event::Finish(nth, good) if !held.is_empty() => {
                let entry = held[nth % held.len()].clone();
                let result = match good {
                    true => QueueResult::Completed,
                    false => QueueResult::Failed,
                };
                let latest = held.iter().filter(|other| other.id == entry.id);
                let latest = latest.map(|other| other.attempts).max() == Some(entry.attempts);
                let outcome = finish(&desk, &entry, result).await;
                let id = number(entry.id);
                let attempt = entry.attempts;
                let done = outcome == FinishOutcome::Finished { attempt };
                let repeated = outcome == FinishOutcome::Repeated { attempt };
                match over.get(&id) {
                    Some(was) => {
                        prop_assert_eq!(repeated, *was == (attempt, result), "{} is over", id);
                        prop_assert!(!done, "{} ended twice", id);
                    }
                    None if latest => {
                        // It may have failed after its last attempt before.
                        let failed = (attempt, result) == (5, QueueResult::Failed);
                        prop_assert!(done || attempt == 5, "{} is its taker's: {:?}", id, outcome);
                        if done || (repeated && failed) {
                            over.insert(id, (attempt, result));
                        }
                    }
                    None => prop_assert!(!done && !repeated, "{} was given again", id),
                }
            }
            Event::Extend(nth) if !held.is_empty() => {
                let nth = nth % held.len();
                if let LeaseOutcome::Extended(_) = extend(&desk, &held[nth]).await {
                    prop_assert!(held[nth].is_leased(now), "its lease had run out");
                    held[nth].lease_until = Some(now.plus(LEASE));
                }
            }
            Event::Wait(seconds) => world.wait(seconds),
            Event::Finish(..) | Event::Extend(_) => {}
        }
    }
    // Whatever is not over is still offered, until it has failed.
    for _ in 0..20 {
        world.wait(121);
        take(&desk, &world.ledger, 200).await;
    }
    let statuses = statuses(&desk).await;
    prop_assert_eq!(statuses.len(), queued.len());
    for (id, status) in statuses {
        let expected = over
            .get(&id)
            .map_or("failed", |(_, result)| result.as_str());
        prop_assert_eq!(status, expected, "{}", id);
    }
    Ok(())
}

#[test]
fn whatever_takers_do_an_entry_has_one_of_them_and_one_end() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let config = Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let played = runner.run(&events(), |events| runtime.block_on(play(events)));
    played.unwrap_or_else(|failure| panic!("{failure}"));
}
