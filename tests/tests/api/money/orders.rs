//! Histories through the front door and the ledger, in many orders: the table says what the rules say.

use std::sync::atomic::{AtomicU64, Ordering};

use callbook_tests::World;
use callbook_tests::reference::Source;
use proptest::test_runner::TestCaseError;

use super::history::{History, histories};
use super::played::{Desk, Play};
use super::rules::runner;

/// How many histories are played.
const HISTORIES: u32 = 40;

/// In how many orders each is played. After the first, only the end is compared.
const ORDERS: usize = 3;

/// The sources of inbound calls.
const SOURCES: &[Source] = &[Source::Switch, Source::Cdr, Source::Lookup];

async fn play(world: &World, history: &History, next: &AtomicU64) -> Result<(), TestCaseError> {
    let desk = Desk::new(world, world.ledger.clone(), history).await;
    for turn in 0..ORDERS {
        let facts = history.play(turn);
        let play = Play::new(&desk, history, next.fetch_add(1, Ordering::Relaxed) % 9_000);
        for (done, fact) in facts.iter().enumerate() {
            play.tell(*fact).await;
            if turn == 0 || done + 1 == facts.len() {
                let compared = play.compare(false).await;
                compared.map_err(|differs| {
                    TestCaseError::fail(format!("after {:?}\n{differs}", &facts[..=done]))
                })?;
            }
        }
    }
    Ok(())
}

#[test]
fn the_table_is_what_the_rules_say_in_every_order_of_the_facts() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let world = runtime.block_on(World::new());
    let next = AtomicU64::new(0);
    let compared = runner(HISTORIES).run(&histories(SOURCES), |history| {
        runtime.block_on(play(&world, &history, &next))
    });
    compared.unwrap_or_else(|failed| panic!("{failed}"));
}
