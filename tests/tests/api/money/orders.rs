//! Histories through the front door and the ledger, in many orders: the table says what the rules say.

use std::sync::atomic::{AtomicU64, Ordering};

use callbook_tests::World;
use callbook_tests::reference::{Bill, Date, Report, Source};
use proptest::prelude::Strategy;
use proptest::test_runner::TestCaseError;

use super::history::{DAY, Decision, Fact, History, NOON, SECOND, histories, histories_among};
use super::played::{Desk, Play};
use super::rules::runner;

/// How many histories are played.
const HISTORIES: u32 = 40;

/// In how many orders each is played. After the first, only the end is compared; of many facts, each eighth.
const ORDERS: usize = 3;

/// The sources of inbound calls.
const SOURCES: &[Source] = &[Source::Switch, Source::Cdr, Source::Lookup];

/// How many histories are played among many other calls, and among how many.
const LONG: u32 = 4;
const OTHERS: i64 = 24;

async fn play(
    world: &World,
    history: &History,
    next: &AtomicU64,
    orders: usize,
) -> Result<(), TestCaseError> {
    let desk = Desk::new(world, world.ledger.clone(), history).await;
    for turn in 0..orders {
        let facts = history.play(turn);
        let play = Play::new(&desk, history, next.fetch_add(1, Ordering::Relaxed) % 9_000);
        for (done, fact) in facts.iter().enumerate() {
            play.tell(*fact).await;
            let last = done + 1 == facts.len();
            if last || turn == 0 && (facts.len() < 16 || done % 8 == 0) {
                let compared = play.compare(false).await;
                compared.map_err(|differs| {
                    TestCaseError::fail(format!("after {:?}\n{differs}", &facts[..=done]))
                })?;
            }
        }
    }
    Ok(())
}

fn run(cases: u32, orders: usize, histories: impl Strategy<Value = History>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let world = runtime.block_on(World::new());
    let next = AtomicU64::new(0);
    let compared = runner(cases).run(&histories, |history| {
        runtime.block_on(play(&world, &history, &next, orders))
    });
    compared.unwrap_or_else(|failed| panic!("{failed}"));
}

#[test]
fn the_table_is_what_the_rules_say_in_every_order_of_the_facts() {
    run(HISTORIES, ORDERS, histories(SOURCES));
}

#[test]
fn facts_among_more_calls_than_one_read_returns_are_decided_by_the_rules() {
    run(LONG, 1, histories_among(SOURCES, OTHERS));
}

fn call(start: i64) -> Report {
    Report {
        start,
        source: Source::Switch,
        external_id: None,
        ended: None,
        sid: String::new(),
        stated: true,
        within: 60 * SECOND,
    }
}

/// A bill with a call id.
fn bill(received: i64, amount: i64, date: Date) -> Bill {
    Bill {
        pair: 0,
        received,
        credential: "acme".to_owned(),
        biller: "acme".to_owned(),
        amount: amount.into(),
        date,
        call_id: Some("x1".to_owned()),
        window_days: 30,
        repeat_window: 900 * SECOND,
        adds: false,
        imported: false,
        void: false,
        pin: None,
    }
}

/// Plays facts in one order, and compares the table with the reference after each.
async fn told(reports: &[Report], bills: &[Bill], decisions: &[Decision], facts: &[Fact]) {
    let history = History {
        within: 60,
        window_days: 30,
        adds: false,
        withheld: false,
        reports: reports.to_vec(),
        bills: bills.to_vec(),
        imports: vec![None; bills.len()],
        decisions: decisions.to_vec(),
        places: Vec::new(),
    };
    let world = World::new().await;
    let desk = Desk::new(&world, world.ledger.clone(), &history).await;
    let play = Play::new(&desk, &history, 0);
    for fact in facts {
        play.tell(*fact).await;
        let compared = play.compare(false).await;
        compared.unwrap_or_else(|differs| panic!("after {fact:?}\n{differs}"));
    }
}

#[tokio::test]
async fn a_new_price_goes_with_its_unmatched_bill_to_the_call_that_a_person_names() {
    let long_ago = Date::Moment(NOON - 40 * DAY);
    let bills = [bill(NOON, 25, long_ago), bill(NOON + DAY, 30, Date::None)];
    let facts = [
        Fact::Report(0),
        Fact::Bill(0),
        Fact::Bill(1),
        Fact::Decision(0),
    ];
    told(&[call(NOON)], &bills, &[Decision::Pin(0, 0)], &facts).await;
}

#[tokio::test]
async fn a_new_price_goes_with_its_bill_to_a_call_that_is_recorded_later() {
    let long_ago = NOON - 40 * DAY;
    let reports = [call(long_ago + DAY), call(NOON), call(long_ago)];
    let bills = [
        bill(NOON + 1, 25, Date::Moment(long_ago)),
        bill(NOON + DAY, 30, Date::None),
    ];
    let facts = [
        Fact::Report(0),
        Fact::Report(1),
        Fact::Bill(0),
        Fact::Bill(1),
        Fact::Report(2),
    ];
    told(&reports, &bills, &[], &facts).await;
}

#[tokio::test]
async fn a_price_behind_a_voided_one_still_replaces_the_first() {
    let bills = [
        bill(NOON + 1, 25, Date::None),
        bill(NOON + SECOND, 30, Date::None),
        bill(NOON + DAY, 35, Date::None),
    ];
    let facts = [
        Fact::Report(0),
        Fact::Bill(0),
        Fact::Bill(1),
        Fact::Decision(0),
        Fact::Bill(2),
        Fact::Decision(1),
    ];
    let decisions = [Decision::Void(1), Decision::Void(2)];
    told(&[call(NOON)], &bills, &decisions, &facts).await;
}

#[tokio::test]
async fn a_pinned_entry_goes_with_its_report_when_the_call_parts() {
    let lookup = |start| Report {
        source: Source::Lookup,
        ..call(start)
    };
    // The second switch report is nearer to the lookup than the first, which then has a call of its own.
    let reports = [lookup(NOON), call(NOON + 50 * SECOND), call(NOON + SECOND)];
    let bills = [bill(NOON + DAY, 25, Date::Moment(NOON - 40 * DAY))];
    let facts = [
        Fact::Report(1),
        Fact::Bill(0),
        Fact::Decision(0),
        Fact::Report(0),
        Fact::Report(2),
    ];
    told(&reports, &bills, &[Decision::Pin(0, 1)], &facts).await;
}
