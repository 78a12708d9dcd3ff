//! The decisions of a pair, without a store: in every order they are those of the reference.

use callbook::model::call::{CallSid, CostId};
use callbook::model::cost::Cost;
use callbook::model::pair::entry::{CostEntry, Dating, Pin as StoredPin, State as StoredState};
use callbook::model::pair::external_id::ExternalId;
use callbook::model::pair::settle::Slice;
use callbook::model::pair::source_report::{Source as StoredSource, SourceReport};
use callbook::model::time::Instant;
use callbook_tests::reference::{Bill, Call, Date, Pair, Report, Source, State};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use super::history::{Decision, Fact, History, histories};

/// How many histories are played.
const HISTORIES: u32 = 1_000;

/// In how many orders each is played.
const ORDERS: usize = 4;

/// A runner with the same histories on every machine.
pub fn runner(cases: u32) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 4_000,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

const SOURCES: &[Source] = &[
    Source::Switch,
    Source::Cdr,
    Source::StartEnd,
    Source::Lookup,
];

fn at(millis: i64) -> Instant {
    Instant::from_millis(millis)
}

fn stored(report: &Report, recorded_at: i64) -> SourceReport {
    SourceReport {
        sid: CallSid::parse(&report.sid).expect("a sid"),
        source: match report.source {
            Source::Switch => StoredSource::Switch,
            Source::Cdr => StoredSource::Cdr,
            Source::StartEnd => StoredSource::StartEnd,
            Source::Lookup => StoredSource::Lookup,
        },
        start: at(report.start),
        stated: report.stated,
        ended: report.ended.map(at),
        seconds: None,
        disposition: None,
        external_id: external_id(report.external_id.as_deref()),
        property: None,
        notes: None,
        vendor: None,
        within: u32::try_from(report.within / 1_000).expect("seconds"),
        revision: 0,
        recorded_at: at(recorded_at),
        guid: String::new(),
    }
}

fn external_id(id: Option<&str>) -> Option<ExternalId> {
    ExternalId::parse(id.unwrap_or_default()).expect("an id")
}

fn cost_id(bill: usize) -> CostId {
    CostId::parse(&(bill + 1_000).to_string()).expect("an id")
}

fn entry(place: usize, bill: &Bill, reprices: Option<CostId>) -> CostEntry {
    let (moment, dating) = match bill.date {
        Date::None => (bill.received, Dating::None),
        Date::Moment(moment) => (moment, Dating::Moment),
        Date::Day(begins, ends) if begins <= bill.received => {
            (ends.min(bill.received), Dating::Day)
        }
        Date::Day(_, ends) => (ends, Dating::Day),
    };
    CostEntry {
        cost_id: cost_id(place),
        moment: at(moment),
        dating,
        window_days: u32::try_from(bill.window_days).expect("days"),
        received_at: at(bill.received),
        turn: 0,
        biller: bill.biller.clone(),
        amount: Cost::parse(&bill.amount.to_string()).expect("an amount"),
        date_billed: at(bill.received),
        noted: false,
        call_id: external_id(bill.call_id.as_deref()),
        reprices,
        adds: bill.adds,
        next_price: None,
        repriced: false,
        void: false,
        pin: None,
        other_pair: false,
        state: StoredState::InForce,
    }
}

/// The entries of a list, by the place of their bills.
fn entries(entries: &[CostEntry]) -> Vec<(usize, State)> {
    let each = entries.iter().map(|entry| {
        let id: usize = entry.cost_id.as_str().parse().expect("a number");
        let state = match entry.state {
            StoredState::InForce => State::InForce,
            StoredState::Superseded => State::Superseded,
            StoredState::Void => State::Void,
        };
        (id - 1_000, state)
    });
    let mut each: Vec<_> = each.collect();
    each.sort_unstable();
    each
}

/// What a slice says, in the words of the reference.
fn said(slice: &Slice, history: &History) -> (Vec<Call>, Vec<(usize, State)>) {
    let calls = slice.calls.iter().map(|call| {
        let known = |sid: &str| history.reports.iter().find(|report| report.sid == sid);
        let reports = call.reports.iter();
        let reports = reports.map(|one| known(one.sid.as_str()).expect("a report").clone());
        let mut reports: Vec<Report> = reports.collect();
        reports.sort();
        let shown = call.shown();
        Call {
            start: shown.start.millis(),
            ended: shown.ended.map(|ended| ended.millis()),
            reports,
            entries: entries(&call.entries),
        }
    });
    let mut calls: Vec<Call> = calls.collect();
    calls.sort();
    (calls, entries(&slice.unmatched))
}

/// Applies the facts of a play one by one, and compares what the slice says after each.
fn compare(history: &History, play: &[Fact]) -> Result<(), TestCaseError> {
    let mut slice = Slice {
        withheld: history.withheld,
        ..Slice::default()
    };
    // What a bill is does not depend on the rest.
    let whole = Pair::of(&[], &history.bills, history.withheld);
    let (mut reports, mut bills) = (Vec::new(), 0);
    let mut report = |slice: &mut Slice, one: usize, done: usize| {
        let report = &history.reports[one];
        if !reports.contains(report) {
            reports.push(report.clone());
            let recorded = i64::try_from(done).expect("few");
            let settled = slice.add_report(stored(report, recorded), usize::MAX);
            assert!(!settled.more);
        }
        reports.clone()
    };
    let mut known_reports = Vec::new();
    for (done, fact) in play.iter().enumerate() {
        match fact {
            Fact::Report(one) => known_reports = report(&mut slice, *one, done),
            Fact::Bill(bill) => {
                bills += 1;
                // A cost is imported with its report.
                if let Some(one) = history.imports[*bill] {
                    known_reports = report(&mut slice, one, done);
                }
                if whole.answers[*bill] == *bill {
                    let earlier = earlier(history, &whole, *bill).map(cost_id);
                    slice.add_entry(entry(*bill, &history.bills[*bill], earlier));
                }
            }
            Fact::Decision(number) => decide(&mut slice, history, &whole, *number),
        }
        let known = &history.decided(&play[..=done])[..bills];
        let expected = Pair::of(&known_reports, known, history.withheld);
        let said = said(&slice, history);
        if said != (expected.calls.clone(), expected.unmatched.clone()) {
            return Err(TestCaseError::fail(format!(
                "after {:?}\nthe slice says {said:#?}\nand the reference {expected:#?}",
                &play[..=done]
            )));
        }
    }
    Ok(())
}

/// The last entry with the call id of a bill that is an entry itself.
fn earlier(history: &History, whole: &Pair, bill: usize) -> Option<usize> {
    let new = &history.bills[bill];
    if new.imported {
        return None;
    }
    let id = new.call_id.as_ref()?;
    (0..bill).rev().find(|other| {
        let old = &history.bills[*other];
        whole.answers[*other] == *other
            && !old.imported
            && old.call_id.as_ref() == Some(id)
            && old.credential == new.credential
            && new.received - old.received <= 30 * super::history::DAY
    })
}

fn decide(slice: &mut Slice, history: &History, whole: &Pair, number: usize) {
    let decision = &history.decisions[number];
    let bill = decision.bill();
    if whole.answers[bill] != bill {
        return;
    }
    let id = cost_id(bill);
    match decision {
        Decision::Void(_) => drop(slice.set_void(&[id], true)),
        Decision::Pin(_, report) => {
            let sid = CallSid::parse(&history.reports[*report].sid).expect("a sid");
            slice.set_pin(&id, Some(StoredPin::Call(sid)));
        }
        Decision::Away(_) => slice.set_pin(&id, Some(StoredPin::None)),
        Decision::Unpin(_) => slice.set_pin(&id, None),
    }
}

#[test]
fn a_pair_is_what_the_rules_say_in_every_order_of_its_facts() {
    let compared = runner(HISTORIES).run(&histories(SOURCES), |history| {
        (0..ORDERS).try_for_each(|turn| compare(&history, &history.play(turn)))
    });
    compared.unwrap_or_else(|failed| panic!("{failed}"));
}
