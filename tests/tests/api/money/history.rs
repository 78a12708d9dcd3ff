//! Generated histories of a pair: reports, bills and decisions around the limits of the rules.

use callbook_tests::reference::{Bill, Date, Pin, Report, Source};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

/// 2026-11-21T12:00:00Z, in milliseconds.
pub const NOON: i64 = callbook_tests::NOON;
pub const SECOND: i64 = 1_000;
pub const DAY: i64 = 86_400_000;

/// What becomes known of a pair, at once.
#[derive(Clone, Debug)]
pub struct History {
    /// The account's `same_call_seconds`.
    pub within: i64,
    /// The account's billing window.
    pub window_days: i64,
    /// Whether every bill adds.
    pub adds: bool,
    /// Whether the callers withhold their numbers.
    pub withheld: bool,
    pub reports: Vec<Report>,
    /// In the order of receipt.
    pub bills: Vec<Bill>,
    /// For each bill the report with which it is imported.
    pub imports: Vec<Option<usize>>,
    pub decisions: Vec<Decision>,
    /// Where in the play each report and decision comes.
    pub places: Vec<u8>,
}

/// What a person decides about an entry.
#[derive(Clone, Debug)]
pub enum Decision {
    Void(usize),
    /// To the call that a report is in, each by its place.
    Pin(usize, usize),
    Away(usize),
    Unpin(usize),
}

impl Decision {
    pub fn bill(&self) -> usize {
        match self {
            Self::Void(bill) | Self::Pin(bill, _) | Self::Away(bill) | Self::Unpin(bill) => *bill,
        }
    }

    /// The report whose call it names.
    pub fn report(&self) -> Option<usize> {
        match self {
            Self::Pin(_, report) => Some(*report),
            Self::Void(_) | Self::Away(_) | Self::Unpin(_) => None,
        }
    }
}

/// One thing that becomes known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    Report(usize),
    Bill(usize),
    Decision(usize),
}

/// Starts lie close to the limits of 10 and 60 seconds, and to those of the billing window.
fn start() -> impl Strategy<Value = i64> {
    let seconds = select(vec![
        0, 0, 1, 5, 9, 10, 11, 20, 29, 30, 31, 45, 59, 60, 61, 90, 118,
    ]);
    let far = select(vec![0, 0, 0, 600, 240, 86_400 / 2]);
    let days = select(vec![0, 0, 0, 1, 30]);
    (seconds, far, days)
        .prop_map(|(seconds, far, days)| NOON + (seconds + far) * SECOND - days * DAY)
}

fn id() -> impl Strategy<Value = Option<String>> {
    select(vec![None, None, None, Some("x1"), Some("x2")]).prop_map(|id| id.map(str::to_owned))
}

fn report(sources: &'static [Source], within: i64) -> impl Strategy<Value = Report> {
    let length = option::of(select(vec![0, 5, 20, 40, 300]));
    (select(sources), start(), any::<bool>(), length, id()).prop_map(
        move |(source, start, stated, length, external_id)| {
            let lookup = source == Source::Lookup;
            let stated = stated || source != Source::Switch;
            Report {
                start,
                source,
                stated,
                // A lookup knows no end, and a call whose start is inferred has none that differs.
                ended: length
                    .filter(|_| !lookup && stated)
                    .map(|length| start + length * SECOND),
                external_id: external_id.filter(|_| !lookup),
                within: within * SECOND,
                sid: String::new(),
            }
        },
    )
}

fn date() -> impl Strategy<Value = Date> {
    let midnight = NOON - DAY / 2;
    let day = (-1..2_i64).prop_map(move |day| {
        let begins = midnight + day * DAY;
        Date::Day(begins, begins + DAY - 1)
    });
    prop_oneof![
        3 => Just(Date::None),
        2 => start().prop_map(Date::Moment),
        1 => start().prop_map(|start| Date::Moment(start + 30 * DAY)),
        1 => day,
    ]
}

/// A bill, and how long after the one before it is received.
fn bill() -> impl Strategy<Value = (Bill, i64)> {
    let amount = select(vec![0, 25, 25, 30, 30]);
    let biller = select(vec!["acme", "acme", "acme", "other", IMPORT]);
    let gap = select(vec![
        1,
        20,
        200,
        299,
        300,
        301,
        3_600,
        86_400,
        86_401,
        30 * 86_400,
    ]);
    (amount, biller, date(), id(), gap).prop_map(|(amount, biller, date, call_id, gap)| {
        let bill = Bill {
            pair: 0,
            received: 0,
            credential: biller.to_owned(),
            biller: biller.to_owned(),
            amount: Decimal::from(amount),
            date,
            call_id,
            window_days: 0,
            repeat_window: 0,
            adds: false,
            imported: false,
            void: false,
            pin: None,
        };
        (bill, gap * SECOND)
    })
}

/// The biller of imported costs.
const IMPORT: &str = "import";

fn decisions(bills: usize, reports: usize) -> BoxedStrategy<Vec<Decision>> {
    if bills == 0 || reports == 0 {
        return Just(Vec::new()).boxed();
    }
    let one = (0..bills, 0..reports, 0..6_u8).prop_map(|(bill, report, kind)| match kind {
        0..2 => Decision::Void(bill),
        2..4 => Decision::Pin(bill, report),
        4 => Decision::Away(bill),
        _ => Decision::Unpin(bill),
    });
    vec(one, 0..4).boxed()
}

/// Histories whose reports are of these sources.
pub fn histories(sources: &'static [Source]) -> impl Strategy<Value = History> {
    histories_among(sources, 0)
}

/// Histories among so many other calls of the same pair, ten minutes apart.
pub fn histories_among(sources: &'static [Source], others: i64) -> impl Strategy<Value = History> {
    let settings = (
        select(vec![60, 60, 60, 0, 10]),
        select(vec![30, 1]),
        0..8_u8,
        0..6_u8,
    );
    let facts = settings.prop_flat_map(move |settings| {
        let reports = vec(report(sources, settings.0), 0..8);
        (Just(settings), reports, vec(bill(), 0..6))
    });
    facts
        .prop_flat_map(|(settings, reports, bills)| {
            let decisions = decisions(bills.len(), reports.len());
            let places = vec(any::<u8>(), 24);
            (
                Just(settings),
                Just(reports),
                Just(bills),
                decisions,
                places,
            )
        })
        .prop_map(
            move |((within, window_days, adds, withheld), reports, bills, decisions, places)| {
                let (adds, withheld) = (adds == 0, withheld == 0);
                let mut received = NOON;
                let bills = bills.into_iter().enumerate().map(|(place, (bill, gap))| {
                    received += gap;
                    Bill {
                        // A millisecond apart at least.
                        received: received + i64::try_from(place).unwrap_or_default(),
                        window_days: if withheld { 1 } else { window_days },
                        repeat_window: if withheld { 60 * SECOND } else { 900 * SECOND },
                        adds: adds || withheld,
                        ..bill
                    }
                });
                let mut history = History {
                    within,
                    window_days,
                    adds,
                    withheld,
                    reports,
                    bills: bills.collect(),
                    imports: Vec::new(),
                    decisions,
                    places,
                };
                history.reports.extend((0..others).map(|other| Report {
                    start: NOON + (other - others / 2) * 600 * SECOND,
                    source: Source::Cdr,
                    external_id: None,
                    ended: None,
                    sid: String::new(),
                    stated: true,
                    within: history.within * SECOND,
                }));
                history.name_reports();
                history
            },
        )
}

/// Ten letters for an instant in milliseconds, as call sids begin.
pub fn letters(millis: i64) -> String {
    let mut rest = millis;
    let mut letters = [b'A'; 10];
    for letter in letters.iter_mut().rev() {
        *letter = b'A' + u8::try_from(rest % 26).unwrap_or_default();
        rest /= 26;
    }
    letters.map(char::from).iter().collect()
}

impl History {
    /// Makes it a history of the same account as another one.
    pub fn take_settings_of(&mut self, other: &Self) {
        self.within = other.within;
        self.adds = other.adds;
        for report in &mut self.reports {
            report.within = other.within * SECOND;
        }
        let withheld = self.withheld;
        self.window_days = other.window_days;
        for bill in &mut self.bills {
            bill.window_days = if withheld { 1 } else { other.window_days };
            bill.adds = other.adds || withheld;
        }
    }

    /// Gives each report a sid; two that say the same are one report, unless they are lookups.
    fn name_reports(&mut self) {
        let mut known: Vec<Report> = Vec::new();
        for report in &self.reports {
            if report.source == Source::Lookup || !known.contains(report) {
                known.push(report.clone());
            }
        }
        for (place, report) in known.iter_mut().enumerate() {
            let letter =
                |number: usize| char::from(b'A' + u8::try_from(number % 26).unwrap_or_default());
            let rest: String = std::iter::repeat_n(letter(place), 19).collect();
            let (time, last) = (letters(report.start), letter(place / 26));
            report.sid = format!("{time}AA{rest}{last}");
        }
        self.reports = known;
        self.import_costs();
        let reports = self.reports.len();
        for decision in &mut self.decisions {
            if let Decision::Pin(_, report) = decision {
                *report %= reports.max(1);
            }
        }
    }

    /// Makes imported costs of the bills that are meant to be, as far as there are reports of files.
    fn import_costs(&mut self) {
        let of_files = self.reports.iter().enumerate();
        let of_files = of_files.filter(|(_, report)| report.source == Source::Cdr);
        let mut of_files = of_files.map(|(place, _)| place);
        for bill in &mut self.bills {
            let report = match bill.credential.as_str() {
                IMPORT => of_files.next(),
                _ => None,
            };
            if let Some(report) = report {
                let report = &self.reports[report];
                bill.imported = true;
                bill.date = Date::Moment(report.start);
                bill.call_id.clone_from(&report.external_id);
            } else if bill.credential == IMPORT {
                // It is sent by a credential instead, which is another biller than a file.
                bill.biller = "sender".to_owned();
            }
            self.imports.push(report);
        }
    }

    /// The facts in the order that a seed gives them: bills in the order of receipt, decisions of one entry
    /// in theirs and behind what they name.
    pub fn play(&self, turn: usize) -> Vec<Fact> {
        let place = |at: usize| {
            let places = self.places.len();
            usize::from(self.places[(at * (turn * 2 + 1) + turn) % places])
        };
        let mut play: Vec<Fact> = (0..self.bills.len()).map(Fact::Bill).collect();
        for report in 0..self.reports.len() {
            let at = place(report) % (play.len() + 1);
            play.insert(at, Fact::Report(report));
        }
        for (number, decision) in self.decisions.iter().enumerate() {
            let behind = play.iter().rposition(|fact| match (fact, decision) {
                (Fact::Bill(bill), decision) => *bill == decision.bill(),
                (Fact::Report(one), Decision::Pin(_, report)) => one == report,
                (Fact::Decision(other), decision) => {
                    self.decisions[*other].bill() == decision.bill()
                }
                _ => false,
            });
            let least = behind.map_or(0, |behind| behind + 1);
            let at = least + place(8 + number) % (play.len() + 1 - least);
            play.insert(at, Fact::Decision(number));
        }
        play
    }

    /// The bills with what was decided in the facts of a play so far.
    pub fn decided(&self, play: &[Fact]) -> Vec<Bill> {
        let mut bills = self.bills.clone();
        for fact in play {
            let Fact::Decision(number) = fact else {
                continue;
            };
            match &self.decisions[*number] {
                Decision::Void(bill) => bills[*bill].void = true,
                Decision::Pin(bill, report) => {
                    bills[*bill].pin = Some(Pin::To(self.reports[*report].sid.clone()));
                }
                Decision::Away(bill) => bills[*bill].pin = Some(Pin::None),
                Decision::Unpin(bill) => bills[*bill].pin = None,
            }
        }
        bills
    }
}
