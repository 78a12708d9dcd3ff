//! The reference: contracts/money-rules.md as a function from the facts of pairs to their ledgers.
//!
//! It is written from the rules alone, looks at the whole history at once, and shares no code with the
//! ledger. Tests compare the two. Instants are milliseconds since 1970.

mod costs;
mod reports;

use rust_decimal::Decimal;

/// Who reports a call, the best source first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A switch.
    Switch,
    /// A file of call detail records.
    Cdr,
    /// The start or the end of a call, as the calling side announces it.
    StartEnd,
    /// A query for the caller's name.
    Lookup,
}

/// What a source says about a call. Where the rules leave a tie, the lesser report comes first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Report {
    /// When the call started.
    pub start: i64,
    /// Who says so.
    pub source: Source,
    /// The call's id at the source.
    pub external_id: Option<String>,
    /// When the call was over.
    pub ended: Option<i64>,
    /// The report's sid; it decides only between calls that started at the same time.
    pub sid: String,
    /// Whether the source said the start itself.
    pub stated: bool,
    /// Within how many milliseconds another source may tell of the same call.
    pub within: i64,
}

/// What a bill says about the time of its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Date {
    /// Nothing.
    None,
    /// A date and a time.
    Moment(i64),
    /// A day: its first and its last millisecond.
    Day(i64, i64),
}

/// Where a person put an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pin {
    /// To the call that the report with this sid is in.
    To(String),
    /// To no call.
    None,
}

/// A bill, with what was fixed at its receipt and what people decided about it since.
#[derive(Clone, Debug)]
pub struct Bill {
    /// Its pair, by its place among the pairs of the account.
    pub pair: usize,
    /// When it was received. No two are received at the same time.
    pub received: i64,
    /// The credential that sent it.
    pub credential: String,
    /// The vendor whose cost it is, or else the credential.
    pub biller: String,
    /// The amount.
    pub amount: Decimal,
    /// The time of its call.
    pub date: Date,
    /// The call's id at the vendor.
    pub call_id: Option<String>,
    /// How many days before its moment its call may have started.
    pub window_days: i64,
    /// For how many milliseconds an equal bill is a repeat.
    pub repeat_window: i64,
    /// Whether it replaces nothing but the price of its own bill.
    pub adds: bool,
    /// Whether it is one of an imported call, which no bill repeats.
    pub imported: bool,
    /// Whether a person took it back.
    pub void: bool,
    /// Where a person put it.
    pub pin: Option<Pin>,
}

/// Whether an entry counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It counts.
    InForce,
    /// A later one took its place.
    Superseded,
    /// A person took it back.
    Void,
}

/// An entry: which bill it is of, by its place in the list of bills, and whether it counts.
pub type Entry = (usize, State);

/// A call and its entries.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// When it started.
    pub start: i64,
    /// When it was over.
    pub ended: Option<i64>,
    /// Its reports, in order.
    pub reports: Vec<Report>,
    /// Its entries, in the order of receipt.
    pub entries: Vec<Entry>,
}

/// The ledger of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Its calls, in order.
    pub calls: Vec<Call>,
    /// The entries of no call, in the order of receipt.
    pub unmatched: Vec<Entry>,
    /// For each bill the entry that it is: its own, or that of the bill which it repeats.
    pub answers: Vec<usize>,
}

impl Pair {
    /// The ledger of these facts of one pair. Bills are in the order of their receipt.
    #[must_use]
    pub fn of(reports: &[Report], bills: &[Bill], withheld: bool) -> Self {
        let mut pairs = Self::all(&[(reports, withheld)], bills);
        pairs.pop().expect("a pair")
    }

    /// The ledgers of pairs, each by its reports and whether its callers withhold their numbers. Bills are
    /// in the order of their receipt.
    #[must_use]
    pub fn all(pairs: &[(&[Report], bool)], bills: &[Bill]) -> Vec<Self> {
        let calls: Vec<Vec<Call>> = pairs
            .iter()
            .map(|(reports, withheld)| calls_of(reports, *withheld))
            .collect();
        let (answers, earlier) = costs::entries(bills);
        let places = costs::places(bills, &answers, &earlier, &calls);
        let states = costs::states(bills, &answers, &earlier, &places);
        let calls = calls.into_iter().enumerate();
        calls
            .map(|(pair, mut calls)| {
                let mut unmatched = Vec::new();
                for (bill, state) in &states {
                    match places[*bill] {
                        Some((of, call)) if of == pair => calls[call].entries.push((*bill, *state)),
                        None if bills[*bill].pair == pair => unmatched.push((*bill, *state)),
                        _ => {}
                    }
                }
                Self {
                    calls,
                    unmatched,
                    answers: answers.clone(),
                }
            })
            .collect()
    }

    /// What the calls cost: their entries in force.
    #[must_use]
    pub fn cost(&self, bills: &[Bill]) -> Decimal {
        let entries = self.calls.iter().flat_map(|call| &call.entries);
        let counting = entries.filter(|(_, state)| *state == State::InForce);
        counting.map(|(bill, _)| bills[*bill].amount).sum()
    }
}

/// The calls of a pair, in order, without entries.
fn calls_of(reports: &[Report], withheld: bool) -> Vec<Call> {
    let mut calls: Vec<Call> = reports::calls(reports, withheld)
        .into_iter()
        .map(|mut reports| {
            reports.sort();
            Call {
                start: reports::start(&reports),
                ended: reports::ended(&reports),
                reports,
                entries: Vec::new(),
            }
        })
        .collect();
    calls.sort();
    calls
}
