//! Facts that become known at the same moment, and workers that stop half way.

use std::sync::atomic::{AtomicU64, Ordering};

use callbook::ledger::Ledger;
use callbook_local::engine::TABLE;
use callbook_tests::World;
use callbook_tests::faults::{self, Fault, Proxy};
use callbook_tests::reference::Source;
use futures_util::future::join_all;
use proptest::prelude::Strategy;
use proptest::test_runner::TestCaseError;

use super::history::{Fact, History, histories};
use super::played::{Desk, Play};
use super::rules::runner;

/// How many histories are played by several at a time, and how many by a worker who stops.
const CROWDS: u32 = 25;
const STOPS: u32 = 15;

/// How many facts become known at the same moment at most.
const MOST: usize = 5;

const SOURCES: &[Source] = &[Source::Switch, Source::Cdr, Source::Lookup];

/// Whether two facts may become known at the same moment: of two bills the order of receipt counts, and a
/// decision needs what it is about.
fn may_meet(history: &History, one: Fact, other: Fact) -> bool {
    let bill = |fact| match fact {
        Fact::Bill(bill) => Some(bill),
        Fact::Decision(number) => Some(history.decisions[number].bill()),
        Fact::Report(_) => None,
    };
    let report = |fact| match fact {
        Fact::Report(report) => Some(report),
        Fact::Bill(bill) => history.imports[bill],
        Fact::Decision(number) => history.decisions[number].report(),
    };
    let bills = matches!((one, other), (Fact::Bill(_), Fact::Bill(_)));
    // A repeat is decided about as the bill that it repeats.
    let decided = bill(one).is_some() && bill(other).is_some();
    let same_report = report(one).is_some() && report(one) == report(other);
    !bills && !decided && !same_report
}

/// The facts of a play in groups that may become known at the same moment.
fn groups(history: &History) -> Vec<Vec<Fact>> {
    let mut groups: Vec<Vec<Fact>> = Vec::new();
    for fact in history.play(0) {
        match groups.last_mut() {
            Some(group)
                if group.len() < MOST
                    && group.iter().all(|other| may_meet(history, fact, *other)) =>
            {
                group.push(fact);
            }
            _ => groups.push(vec![fact]),
        }
    }
    groups
}

async fn crowd(world: &World, history: &History, pair: u64) -> Result<(), TestCaseError> {
    let desk = Desk::new(world, world.ledger.clone(), history).await;
    let play = Play::new(&desk, history, pair);
    for group in groups(history) {
        for told in join_all(group.iter().map(|fact| play.tell_beside(*fact))).await {
            told.expect("the store");
        }
        let compared = play.compare(false).await;
        compared.map_err(|differs| TestCaseError::fail(format!("after {group:?}\n{differs}")))?;
    }
    Ok(())
}

#[test]
fn facts_that_meet_leave_what_the_rules_say() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let world = runtime.block_on(World::new());
    let next = AtomicU64::new(0);
    let compared = runner(CROWDS).run(&histories(SOURCES), |history| {
        let pair = next.fetch_add(1, Ordering::Relaxed);
        runtime.block_on(crowd(&world, &history, pair))
    });
    compared.unwrap_or_else(|failed| panic!("{failed}"));
}

/// Waits until the store was asked for more than so much.
async fn stopped(proxy: &Proxy, after: usize) {
    while proxy.seen().len() <= after {
        tokio::task::yield_now().await;
    }
}

/// Tells each fact twice: first by a worker who stops behind some request, which the store may have carried
/// out, and then by one who does not.
async fn stop(
    world: &World,
    proxy: &Proxy,
    history: &History,
    stops: &[usize],
    pair: u64,
) -> Result<(), TestCaseError> {
    proxy.heal();
    let ledger = Ledger::new(proxy.client(), TABLE);
    let desk = Desk::new(world, ledger, history).await;
    let play = Play::new(&desk, history, pair);
    for (fact, stop) in history.play(0).into_iter().zip(stops.iter().cycle()) {
        let (last, done) = (stop / 2, stop % 2 == 1);
        proxy.plan(move |seen| match seen.number {
            number if number < last => None,
            number if number == last && done => Some(Fault::LoseAnswer),
            _ => Some(Fault::Hang),
        });
        let hangs = last + usize::from(done);
        let told = tokio::select! {
            told = play.tell_beside(fact) => told.is_ok(),
            () = stopped(proxy, hangs) => false,
        };
        proxy.heal();
        if !told {
            play.tell_beside(fact).await.expect("the store");
        }
        let compared = play.compare(true).await;
        compared.map_err(|differs| TestCaseError::fail(format!("after {fact:?}\n{differs}")))?;
    }
    Ok(())
}

#[test]
fn a_worker_who_stops_half_way_leaves_what_the_rules_say() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let (world, proxy) = runtime.block_on(faults::world());
    let next = AtomicU64::new(0);
    let stops = proptest::collection::vec(0..12_usize, 7);
    let played = (histories(SOURCES), stops).prop_map(|played| played);
    let compared = runner(STOPS).run(&played, |(history, stops)| {
        let pair = next.fetch_add(1, Ordering::Relaxed);
        runtime.block_on(stop(&world, &proxy, &history, &stops, pair))
    });
    compared.unwrap_or_else(|failed| panic!("{failed}"));
}
