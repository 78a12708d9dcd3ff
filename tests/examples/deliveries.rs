//! Delivers as many events as it is told to a receiver that misbehaves:
//! `cargo run --profile fuzz --example deliveries -- EVENTS`.
//!
//! It holds what the test of webhooks holds, for 0, 10, 20 and 30 % of misbehaviour, first with deliverers that go on
//! steadily, whose delays are those of the retries, and then with some that are cut off. Time is simulated. A receiver
//! that hangs is waited for in real time, but not for long.
#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a program that is run by hand, and says what it did"
)]

use std::time::{Duration, Instant};

use callbook_tests::World;
use callbook_tests::webhooks::{Pace, prove_on};

/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_millis(250);

#[tokio::main]
async fn main() {
    let events = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let events: usize = events.expect("how many events, such as 10000");
    let course = [Pace::Steady, Pace::Rough];
    for (pace, percent) in course
        .into_iter()
        .flat_map(|pace| [0, 10, 20, 30].map(|percent| (pace, percent)))
    {
        let begun = Instant::now();
        let world = World::new().await;
        let ledger = world.ledger.clone();
        let manner = (percent, 7, PATIENCE);
        let proof = prove_on(world, ledger, (events, 500), manner, pace).await;
        println!(
            "{pace:?}, {percent} %: {events} events, {} requests, {} repeats, delay p50 {} s, p99 {} s, worst {} s; {:.0} s in all",
            proof.requests,
            proof.repeats,
            proof.percentile(50).as_secs(),
            proof.percentile(99).as_secs(),
            proof.percentile(100).as_secs(),
            begun.elapsed().as_secs_f64(),
        );
    }
}
