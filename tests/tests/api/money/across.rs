//! Matches across pairs: entries that a person matched to calls of another DID or another caller.

use std::sync::atomic::{AtomicU64, Ordering};

use callbook_tests::World;
use callbook_tests::reference::Source;
use futures_util::future::join_all;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::history::{Fact, History, SECOND, histories};
use super::played::{Desk, Play, compare_all};
use super::rules::runner;

/// How many pairs of histories are played one fact after the other, and how many with facts that meet.
const HISTORIES: u32 = 14;
const CROWDS: u32 = 12;

const SOURCES: &[Source] = &[Source::Switch, Source::Cdr, Source::Lookup];

/// Another caller than that of other plays.
const OTHER_CID: &str = "+12065550177";

/// The histories of two pairs of one account, and matches of entries of one to calls of the other.
#[derive(Clone, Debug)]
struct Two {
    sides: [History; 2],
    /// Whether the second pair has another caller, if that does not withhold the number.
    other_caller: bool,
    matches: Vec<Match>,
    places: Vec<u8>,
}

/// The entry of a bill of one side is matched to the call of a report of the other.
#[derive(Clone, Copy, Debug)]
struct Match {
    side: usize,
    bill: usize,
    report: usize,
}

/// One thing that becomes known.
#[derive(Clone, Copy, Debug)]
enum Step {
    Of(usize, Fact),
    Match(Match),
}

fn two() -> impl Strategy<Value = Two> {
    let one = (0..2_usize, any::<u8>(), any::<u8>());
    (
        histories(SOURCES),
        histories(SOURCES),
        any::<bool>(),
        vec(one, 1..5),
        vec(any::<u8>(), 24),
    )
        .prop_map(|(first, mut second, other_caller, matches, places)| {
            second.take_settings_of(&first);
            for bill in &mut second.bills {
                // No two bills of the account are received at the same time.
                bill.received += SECOND / 2;
            }
            let sides = [first, second];
            let matches = matches.into_iter().filter_map(|(side, bill, report)| {
                let (bills, reports) = (sides[side].bills.len(), sides[1 - side].reports.len());
                let place = |at: u8, most: usize| (most > 0).then(|| usize::from(at) % most);
                Some(Match {
                    side,
                    bill: place(bill, bills)?,
                    report: place(report, reports)?,
                })
            });
            Two {
                matches: matches.collect(),
                sides,
                other_caller,
                places,
            }
        })
}

impl Two {
    /// The facts of both sides, those of each in its order, and the matches behind what they name.
    fn play(&self, turn: usize) -> Vec<Step> {
        let place = |at: usize| usize::from(self.places[(at * (turn * 2 + 1) + turn) % 24]);
        let mut play: Vec<Step> = self.sides[0]
            .play(turn)
            .into_iter()
            .map(|fact| Step::Of(0, fact))
            .collect();
        let mut least = 0;
        for (number, fact) in self.sides[1].play(turn).into_iter().enumerate() {
            let at = least + place(number) % (play.len() + 1 - least);
            play.insert(at, Step::Of(1, fact));
            least = at + 1;
        }
        for (number, one) in self.matches.iter().enumerate() {
            let behind = play.iter().rposition(|step| match step {
                Step::Of(side, Fact::Bill(bill)) => *side == one.side && *bill == one.bill,
                Step::Of(side, Fact::Report(report)) => *side != one.side && *report == one.report,
                _ => false,
            });
            let least = behind.map_or(0, |behind| behind + 1);
            let at = least + place(12 + number) % (play.len() + 1 - least);
            play.insert(at, Step::Match(*one));
        }
        play
    }

    fn plays<'a>(&'a self, desk: &'a Desk<'a>, next: &AtomicU64) -> [Play<'a>; 2] {
        let pair = next.fetch_add(2, Ordering::Relaxed) % 9_000;
        let second = Play::new(desk, &self.sides[1], pair + 1);
        let other = self.other_caller && !self.sides[1].withheld;
        [
            Play::new(desk, &self.sides[0], pair),
            if other {
                second.called_by(OTHER_CID)
            } else {
                second
            },
        ]
    }
}

async fn tell(plays: &[Play<'_>; 2], step: Step, door: bool) {
    match step {
        Step::Of(side, fact) if door => plays[side].tell(fact).await,
        Step::Of(side, fact) => plays[side].tell_beside(fact).await.expect("the store"),
        Step::Match(Match { side, bill, report }) => plays[side]
            .match_to(bill, &plays[1 - side], report)
            .await
            .expect("the store"),
    }
}

async fn compared(plays: &[Play<'_>; 2], after: &dyn std::fmt::Debug) -> Result<(), TestCaseError> {
    let compared = compare_all(&[&plays[0], &plays[1]], false).await;
    compared.map_err(|differs| TestCaseError::fail(format!("after {after:?}\n{differs}")))
}

#[test]
fn matches_across_pairs_leave_what_the_rules_say_in_every_order() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let world = runtime.block_on(World::new());
    let next = AtomicU64::new(0);
    let played = runner(HISTORIES).run(&two(), |two| {
        runtime.block_on(async {
            let desk = Desk::new(&world, world.ledger.clone(), &two.sides[0]).await;
            for turn in 0..2 {
                let plays = two.plays(&desk, &next);
                let steps = two.play(turn);
                for (done, step) in steps.iter().enumerate() {
                    tell(&plays, *step, true).await;
                    let matched = steps[..=done]
                        .iter()
                        .any(|step| matches!(step, Step::Match(_)));
                    if matched || done + 1 == steps.len() {
                        compared(&plays, &&steps[..=done]).await?;
                    }
                }
            }
            Ok(())
        })
    });
    played.unwrap_or_else(|failed| panic!("{failed}"));
}

/// Whether two steps may become known at the same moment.
fn may_meet(two: &Two, one: &Step, other: &Step) -> bool {
    let bill = |step: &Step| match step {
        Step::Of(side, Fact::Bill(bill)) => Some((*side, *bill)),
        Step::Of(side, Fact::Decision(number)) => {
            Some((*side, two.sides[*side].decisions[*number].bill()))
        }
        Step::Match(one) => Some((one.side, one.bill)),
        Step::Of(_, Fact::Report(_)) => None,
    };
    let reports = |step: &Step| match step {
        Step::Of(side, Fact::Report(report)) => Some((*side, *report)),
        Step::Of(side, Fact::Bill(bill)) => two.sides[*side].imports[*bill].map(|one| (*side, one)),
        Step::Of(side, Fact::Decision(number)) => two.sides[*side].decisions[*number]
            .report()
            .map(|report| (*side, report)),
        Step::Match(one) => Some((1 - one.side, one.report)),
    };
    let same_side = |(one, other): ((usize, usize), (usize, usize))| one.0 == other.0;
    // A repeat is decided about as the bill that it repeats.
    let decided = bill(one).zip(bill(other)).is_some_and(same_side);
    let same_report = reports(one).is_some() && reports(one) == reports(other);
    !decided && !same_report
}

#[test]
fn matches_across_pairs_that_meet_other_facts_leave_what_the_rules_say() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let world = runtime.block_on(World::new());
    let next = AtomicU64::new(0);
    let played = runner(CROWDS).run(&two(), |two| {
        runtime.block_on(async {
            let desk = Desk::new(&world, world.ledger.clone(), &two.sides[0]).await;
            let plays = two.plays(&desk, &next);
            let mut groups: Vec<Vec<Step>> = Vec::new();
            for step in two.play(0) {
                match groups.last_mut() {
                    Some(group)
                        if group.len() < 5
                            && group.iter().all(|other| may_meet(&two, &step, other)) =>
                    {
                        group.push(step);
                    }
                    _ => groups.push(vec![step]),
                }
            }
            for group in groups {
                join_all(group.iter().map(|step| tell(&plays, *step, false))).await;
                compared(&plays, &group).await?;
            }
            Ok(())
        })
    });
    played.unwrap_or_else(|failed| panic!("{failed}"));
}
