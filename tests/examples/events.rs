//! Measures how long it takes from a change to its event on the bus, while the stream is followed:
//! `cargo run --profile fuzz --example events -- EVENTS`.
//!
//! It plays calls and bills until there are so many events, while a publisher follows the stream as `callbook local`
//! does, first to a bus that works and then to one that fails three requests in ten. It prints the delays, and ends
//! with an error if an event is missing.
#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a program that is run by hand, and says what it did"
)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use callbook_local::follow::Follower;
use callbook_tests::World;
use callbook_tests::bus::{BusFault, TestBus};
use callbook_tests::tld::Platform;

#[tokio::main]
async fn main() {
    let events = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let events: usize = events.expect("how many events, such as 10000");
    measure("a bus that works", events, false).await;
    measure("a bus that fails 3 requests in 10", events, true).await;
}

async fn measure(what: &str, events: usize, fails: bool) {
    let bus = TestBus::start().await;
    if fails {
        let mut dice = fastrand::Rng::with_seed(7);
        bus.plan(move |_| match dice.u8(..30) {
            0..3 => Some(BusFault::Fail),
            3..6 => Some(BusFault::Partial),
            6..9 => Some(BusFault::LoseAnswer),
            _ => None,
        });
    }
    let world = World::new().await;
    let account = world.account().await;
    let platform = Platform::of(world, &account).await;
    let world = &platform.world;
    let app = world.publish_app(&world.ledger, Some(bus.client()));
    let following = Follower::resume(world.engine.stream(), app).await;
    let following = tokio::spawn(following.expect("the checkpoint is read").run());
    let mut sent: BTreeMap<String, Instant> = BTreeMap::new();
    let began = Instant::now();
    // A call, its lead, and its bill with a match.
    for call in 0..events.div_ceil(5) {
        let caller = format!("+1206{:07}", 2_000_000 + call);
        platform.call_of(&caller, "+18005550100").await;
        sent.insert(caller.clone(), Instant::now());
        world.wait(60);
        let bill = [
            ("did", "+18005550100"),
            ("cid", caller.as_str()),
            ("cost", "25"),
        ];
        assert_eq!(platform.form(&bill).await.status, 200);
    }
    let played = began.elapsed();
    let wanted = sent.len();
    let arrived = loop {
        let arrived = bus.arrivals("call.recorded");
        if arrived.len() >= wanted {
            break arrived;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(began.elapsed() < played * 10, "events are missing");
    };
    following.abort();
    let mut delays: Vec<Duration> = sent
        .iter()
        .map(|(caller, sent)| arrived[caller].saturating_duration_since(*sent))
        .collect();
    delays.sort_unstable();
    let at = |percent: usize| delays[(delays.len() - 1) * percent / 100];
    println!(
        "{what}: {} entries on the bus, {wanted} calls in {played:.1?}; delay p50 {:.0?}, p99 {:.0?}, most {:.0?}",
        bus.taken().len(),
        at(50),
        at(99),
        at(100)
    );
    world.leave_unaudited("the table is large, and tests audit smaller ones");
}
