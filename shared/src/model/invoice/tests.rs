//! Comparisons: each kind of difference, and what holds for every statement.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

use super::compare::compare;
use super::line::{LedgerEntry, StatementLine};
use super::result::Kind::{self, *};
use super::result::{CallIds, Comparison, Note};
use crate::model::call::{CallSid, CallingParty, CostId};
use crate::model::cost::Cost;
use crate::model::pair::entry::State::{self, *};
use crate::model::pair::external_id::ExternalId;
use crate::model::phone::PhoneNumber;
use crate::model::time::{CallDate, DateOrder, Instant, Zone};

/// 2026-11-21T12:00:00Z
const NOON: i64 = 1_795_262_400_000;
const SECOND: i64 = 1_000;

/// A day, a DID and callers of the tests.
const DID: &str = "+18005550100";
const CALLERS: [&str; 2] = ["+12065550100", "+12065550101"];

fn caller(text: &str) -> CallingParty {
    match PhoneNumber::parse(text) {
        Ok(number) => CallingParty::Number(number),
        Err(_) => CallingParty::Withheld,
    }
}

fn id(text: &str) -> Option<ExternalId> {
    ExternalId::parse(text).unwrap()
}

fn day() -> CallDate {
    CallDate::parse("2026-11-21", &Zone::utc(), DateOrder::Mdy).unwrap()
}

/// A line of the first caller at noon and this many seconds.
fn line(number: u64, seconds: i64, amount: i64) -> StatementLine {
    StatementLine {
        line: number,
        date: Some(CallDate::Moment(Instant::from_millis(
            NOON + seconds * SECOND,
        ))),
        did: Some(PhoneNumber::parse(DID).unwrap()),
        caller: Some(caller(CALLERS[0])),
        amount: Decimal::from(amount),
        call_id: None,
    }
}

/// An entry of the first caller, billed at noon and this many seconds.
fn entry(number: u32, seconds: i64, amount: i64, state: State) -> LedgerEntry {
    let at = Instant::from_millis(NOON + seconds * SECOND);
    LedgerEntry {
        cost_id: CostId::new(at, 0, number),
        did: PhoneNumber::parse(DID).unwrap(),
        caller: caller(CALLERS[0]),
        amount: Cost::from_decimal(Decimal::from(amount)).unwrap(),
        state,
        call_sid: None,
        call_id: None,
        reprices: None,
        call_date: at,
        received_at: at,
        expectation: None,
        in_range: true,
    }
}

fn on_call(mut entry: LedgerEntry, seconds: i64) -> LedgerEntry {
    let start = Instant::from_millis(NOON + seconds * SECOND);
    entry.call_sid = Some(CallSid::new(start, 0, [b'A'; 32]));
    entry
}

fn with_id(mut line: StatementLine, text: &str) -> StatementLine {
    line.call_id = id(text);
    line
}

fn with_call_id(mut entry: LedgerEntry, text: &str) -> LedgerEntry {
    entry.call_id = id(text);
    entry
}

/// The kind, line, amount in the ledger and note of each row.
type Shown = (Kind, Option<u64>, Option<i64>, Option<Note>);

fn shown(comparison: &Comparison<'_>) -> Vec<Shown> {
    let buckets = comparison.buckets.iter();
    let rows = buckets.flat_map(|bucket| {
        bucket.rows.iter().map(|row| {
            let amount = row.entry.map(|entry| entry.amount.decimal().trunc());
            let amount = amount.map(|amount| i64::try_from(amount).unwrap());
            (
                bucket.kind,
                row.line.map(|line| line.line),
                amount,
                row.note,
            )
        })
    });
    rows.collect()
}

#[track_caller]
fn check(lines: &[StatementLine], entries: &[LedgerEntry], expected: &[Shown]) {
    let comparison = compare(lines, entries, &Zone::utc(), 120);
    assert_eq!(shown(&comparison), expected);
    assert_explained(&comparison);
}

/// The difference of the sums is the sum of the differences.
fn assert_explained(comparison: &Comparison<'_>) {
    let explained: Decimal = comparison
        .buckets
        .iter()
        .map(|bucket| bucket.difference())
        .sum();
    assert_eq!(comparison.difference(), explained);
    for bucket in &comparison.buckets {
        let rows: Decimal = bucket.rows.iter().map(|row| row.difference()).sum();
        assert_eq!(bucket.difference(), rows, "{:?}", bucket.kind);
        if bucket.kind == Agreed {
            assert!(bucket.difference().is_zero());
        }
    }
}

#[test]
fn each_difference_has_its_kind() {
    let at_noon = || vec![line(2, 0, 25)];
    check(
        &at_noon(),
        &[entry(1, 60, 25, InForce)],
        &[(Agreed, Some(2), Some(25), None)],
    );
    check(
        &at_noon(),
        &[entry(1, 60, 30, InForce)],
        &[(OtherAmount, Some(2), Some(30), None)],
    );
    check(&at_noon(), &[], &[(NotInLedger, Some(2), None, None)]);
    check(
        &[],
        &[entry(1, 0, 25, InForce)],
        &[(NotOnStatement, None, Some(25), None)],
    );
    check(
        &at_noon(),
        &[entry(1, 0, 25, Void)],
        &[(VoidHere, Some(2), Some(25), None)],
    );
    check(
        &[line(2, 0, 25), line(3, 0, 25)],
        &[entry(1, 0, 25, InForce)],
        &[
            (Agreed, Some(2), Some(25), None),
            (TwiceOnStatement, Some(3), None, Some(Note::SameCallAs(2))),
        ],
    );
    check(
        &[line(2, 0, 0), line(3, 0, -5)],
        &[],
        &[
            (Agreed, Some(2), None, Some(Note::NoCharge)),
            (NotInLedger, Some(3), None, Some(Note::Credit)),
        ],
    );
}

#[test]
fn the_tolerance_is_included() {
    check(
        &[line(2, 0, 25)],
        &[entry(1, 120, 25, InForce)],
        &[(Agreed, Some(2), Some(25), None)],
    );
    check(
        &[line(2, 0, 25)],
        &[entry(1, 121, 25, InForce)],
        &[
            (NotInLedger, Some(2), None, None),
            (NotOnStatement, None, Some(25), None),
        ],
    );
    // The bill came late, but its call is known.
    check(
        &[line(2, 0, 25)],
        &[on_call(entry(1, 7_200, 25, InForce), 30)],
        &[(Agreed, Some(2), Some(25), None)],
    );
}

#[test]
fn the_nearest_is_matched_and_of_equally_near_ones_the_equal_amount() {
    check(
        &[line(2, 5, 30), line(3, 95, 25)],
        &[entry(1, 0, 25, InForce), entry(2, 90, 30, InForce)],
        &[
            (OtherAmount, Some(2), Some(25), None),
            (OtherAmount, Some(3), Some(30), None),
        ],
    );
    check(
        &[line(2, 0, 30), line(3, 0, 25)],
        &[entry(1, 60, 25, InForce), entry(2, -60, 30, InForce)],
        &[
            (Agreed, Some(2), Some(30), None),
            (Agreed, Some(3), Some(25), None),
        ],
    );
}

#[test]
fn a_price_that_was_replaced_is_told() {
    let earlier = on_call(entry(1, 0, 25, Superseded), 0);
    let last = on_call(entry(2, 7_200, 30, InForce), 0);
    let both = [earlier.clone(), last];
    check(
        &[line(2, 0, 25)],
        &both,
        &[(OtherAmount, Some(2), Some(30), Some(Note::EarlierPrice))],
    );
    check(
        &[line(2, 0, 25), line(3, 0, 30)],
        &both,
        &[
            (Agreed, Some(3), Some(30), None),
            (TwiceOnStatement, Some(2), None, Some(Note::SameCallAs(3))),
        ],
    );
    check(
        &[line(2, 0, 25)],
        &[earlier],
        &[(NotInLedger, Some(2), Some(25), Some(Note::Replaced))],
    );
    let revived = [
        on_call(entry(1, 0, 25, InForce), 0),
        on_call(entry(2, 60, 30, Void), 0),
    ];
    check(
        &[line(2, 0, 30)],
        &revived,
        &[(OtherAmount, Some(2), Some(25), Some(Note::VoidPrice))],
    );
}

#[test]
fn call_ids_come_before_pairs_and_times() {
    let x1 = with_call_id(entry(1, 86_400, 25, InForce), "x1");
    let near = entry(2, 0, 25, InForce);
    check(
        &[with_id(line(2, 0, 25), "x1")],
        &[x1.clone(), near],
        &[
            (Agreed, Some(2), Some(25), None),
            (NotOnStatement, None, Some(25), None),
        ],
    );
    // Different ids are different calls, however alike.
    let lines = [with_id(line(2, 0, 25), "x1"), with_id(line(3, 0, 25), "x2")];
    check(
        &lines,
        &[x1],
        &[
            (Agreed, Some(2), Some(25), None),
            (NotInLedger, Some(3), None, None),
        ],
    );
    // Ids of another kind say nothing.
    let other_kind = [with_call_id(entry(1, 0, 25, InForce), "leg-1")];
    check(
        &lines[..1],
        &other_kind,
        &[(Agreed, Some(2), Some(25), None)],
    );
    let found = compare(&lines[..1], &other_kind, &Zone::utc(), 120);
    assert_eq!(found.call_ids, CallIds::Unknown);
}

#[test]
fn a_day_is_the_whole_day_of_the_zone() {
    let on_day = |number, amount| StatementLine {
        date: Some(day()),
        ..line(number, 0, amount)
    };
    let hours = |hours: i64| hours * 3_600;
    check(
        &[on_day(2, 30), on_day(3, 25), on_day(4, 25)],
        &[
            entry(1, -hours(12), 25, InForce),
            entry(2, hours(12) - 1, 30, InForce),
            entry(3, hours(12), 25, InForce),
        ],
        &[
            (Agreed, Some(2), Some(30), None),
            (Agreed, Some(3), Some(25), None),
            (NotOnStatement, None, Some(25), None),
            (TwiceOnStatement, Some(4), None, Some(Note::SameCallAs(3))),
        ],
    );
    let zone = Zone::parse("America/New_York").unwrap();
    let lines = [StatementLine {
        date: Some(CallDate::parse("2026-11-21", &zone, DateOrder::Mdy).unwrap()),
        ..line(2, 0, 25)
    }];
    let entries = [entry(1, hours(12), 25, InForce)];
    assert!(compare(&lines, &entries, &zone, 0).is_agreed());
}

#[test]
fn withheld_callers_are_one_pair_and_an_entry_outside_the_range_explains() {
    let mut withheld = line(2, 0, 25);
    withheld.caller = Some(CallingParty::Withheld);
    let mut own = entry(1, 0, 25, InForce);
    own.caller = CallingParty::Withheld;
    check(
        &[withheld.clone()],
        &[own.clone()],
        &[(Agreed, Some(2), Some(25), None)],
    );
    check(
        &[line(2, 0, 25)],
        &[own.clone()],
        &[
            (NotInLedger, Some(2), None, None),
            (NotOnStatement, None, Some(25), None),
        ],
    );
    own.in_range = false;
    check(
        &[withheld],
        &[own],
        &[(NotInLedger, Some(2), Some(25), Some(Note::OutsideRange))],
    );
}

#[test]
fn thousands_of_lines_and_entries_of_one_pair_are_compared() {
    let lines: Vec<_> = (0..1_000)
        .map(|at| line(at, i64::try_from(at).unwrap() / 30, 25))
        .collect();
    let entries: Vec<_> = (0..1_000)
        .map(|at| entry(at, i64::from(at) / 30, 25, InForce))
        .collect();
    assert!(compare(&lines, &entries, &Zone::utc(), 3_600).is_agreed());
}

fn lines() -> impl Strategy<Value = Vec<StatementLine>> {
    let seconds = select(vec![0, 1, 60, 119, 120, 121, 240, 86_400]);
    let amount = select(vec![0, 25, 25, 30, -5]);
    let id_text = select(vec!["", "", "", "x1", "x2", "x3"]);
    let who = select(vec![CALLERS[0], CALLERS[1], "anonymous"]);
    let dated = select(vec![0, 0, 1, 2]);
    let one =
        (seconds, amount, id_text, who, dated).prop_map(|(seconds, amount, text, who, dated)| {
            let mut line = with_id(line(0, seconds, amount), text);
            line.caller = Some(caller(who));
            match dated {
                1 => line.date = Some(day()),
                2 if line.call_id.is_some() => (line.date, line.did) = (None, None),
                _ => {}
            }
            line
        });
    vec(one, 0..9).prop_map(|mut lines| {
        for (line, number) in lines.iter_mut().zip(1..) {
            line.line = number;
        }
        lines
    })
}

fn entries() -> impl Strategy<Value = Vec<LedgerEntry>> {
    let seconds = select(vec![0, 30, 60, 180, 240, 86_400]);
    let amount = select(vec![0, 25, 25, 30]);
    let state = select(vec![InForce, InForce, InForce, Superseded, Void]);
    let text = select(vec!["", "", "x1", "x2"]);
    let who = select(vec![CALLERS[0], CALLERS[1], "anonymous"]);
    let call = proptest::option::of(select(vec![0, 200]));
    let one = (seconds, amount, state, text, who, call, 0..8_u8).prop_map(
        |(seconds, amount, state, text, who, call, outside)| {
            let mut entry = with_call_id(entry(0, seconds, amount, state), text);
            entry.caller = caller(who);
            entry.in_range = outside > 0;
            match call {
                Some(start) => on_call(entry, start),
                None => entry,
            }
        },
    );
    vec(one, 0..9).prop_map(|mut entries| {
        for (entry, number) in entries.iter_mut().zip(0..) {
            entry.cost_id = CostId::new(entry.received_at, 0, number);
        }
        entries
    })
}

proptest! {
    #[test]
    fn the_difference_is_explained_to_the_cent_and_everything_is_used_once(
        lines in lines(),
        entries in entries(),
        tolerance in select(vec![0, 60, 120, 3_600]),
    ) {
        let comparison = compare(&lines, &entries, &Zone::utc(), tolerance);
        assert_explained(&comparison);
        let rows = || comparison.buckets.iter().flat_map(|bucket| &bucket.rows);
        let mut seen: Vec<u64> = rows().filter_map(|row| row.line).map(|line| line.line).collect();
        seen.sort_unstable();
        let all: Vec<u64> = lines.iter().map(|line| line.line).collect();
        prop_assert_eq!(seen, all, "each line once");
        let mut used: Vec<_> = rows().filter_map(|row| row.entry).map(|entry| &entry.cost_id).collect();
        let count = used.len();
        used.sort();
        used.dedup();
        prop_assert_eq!(used.len(), count, "no entry twice");
        for entry in entries.iter().filter(|entry| entry.in_range && entry.state == InForce) {
            prop_assert!(used.contains(&&entry.cost_id), "each entry that counts");
        }
        let sum: Decimal = lines.iter().map(|line| line.amount).sum();
        prop_assert_eq!(comparison.statement.amount, sum);
        let counted = entries.iter().filter(|entry| entry.in_range && entry.state == InForce);
        let sum: Decimal = counted.map(|entry| entry.amount.decimal()).sum();
        prop_assert_eq!(comparison.ledger.amount, sum);
    }

    #[test]
    fn the_order_of_lines_and_entries_changes_nothing(
        lines in lines(),
        entries in entries(),
        seed in any::<u64>(),
    ) {
        let (mut other_lines, mut other_entries) = (lines.clone(), entries.clone());
        let place = |at: u64| at.wrapping_add(seed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        other_lines.sort_by_key(|line| place(line.line));
        other_entries.reverse();
        let one = compare(&lines, &entries, &Zone::utc(), 120);
        let other = compare(&other_lines, &other_entries, &Zone::utc(), 120);
        prop_assert_eq!(shown(&one), shown(&other));
    }

    #[test]
    fn a_statement_of_the_ledgers_own_entries_is_agreed(mut entries in entries()) {
        entries.retain(|entry| entry.in_range && entry.state == InForce);
        let lines: Vec<_> = entries
            .iter()
            .zip(1..)
            .map(|(entry, number)| StatementLine {
                line: number,
                date: Some(CallDate::Moment(entry.cost_id.billed())),
                did: Some(entry.did.clone()),
                caller: Some(entry.caller.clone()),
                amount: entry.amount.decimal(),
                call_id: entry.call_id.clone(),
            })
            .collect();
        let found = compare(&lines, &entries, &Zone::utc(), 0);
        prop_assert!(found.difference().is_zero());
        prop_assert_eq!(found.statement.count, found.ledger.count);
    }
}
