//! What a comparison finds.

use rust_decimal::Decimal;

use super::line::{LedgerEntry, StatementLine};
use crate::model::pair::entry::State;

/// How many lines or entries, and how much money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// How many.
    pub count: u64,
    /// What they amount to.
    pub amount: Decimal,
}

impl Side {
    /// Adds an amount.
    pub fn add(&mut self, amount: Decimal) {
        self.count += 1;
        self.amount = self.amount.saturating_add(amount);
    }
}

/// Where a line or an entry belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A line and an entry in force have the same amount, or a line asks for nothing.
    Agreed,
    /// A line and an entry in force have different amounts.
    OtherAmount,
    /// No entry of the range counts for the line.
    NotInLedger,
    /// An entry in force that no line asks for.
    NotOnStatement,
    /// The line is for a call that another line is for.
    TwiceOnStatement,
    /// The line asks for an entry that a person took back.
    VoidHere,
}

impl Kind {
    /// Every kind, in the order in which answers show them.
    pub const ALL: [Self; 6] = [
        Self::Agreed,
        Self::OtherAmount,
        Self::NotInLedger,
        Self::NotOnStatement,
        Self::TwiceOnStatement,
        Self::VoidHere,
    ];

    /// Returns the kind as answers spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agreed => "agreed",
            Self::OtherAmount => "other_amount",
            Self::NotInLedger => "not_in_ledger",
            Self::NotOnStatement => "not_on_statement",
            Self::TwiceOnStatement => "twice_on_statement",
            Self::VoidHere => "void_here",
        }
    }
}

/// Why a line is where it is, as far as its kind does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// The line has the amount of a price that a later bill replaced.
    EarlierPrice,
    /// The line has the amount of an entry of the same call that a person took back.
    VoidPrice,
    /// The entry was billed outside the range that is compared.
    OutsideRange,
    /// The entry was replaced, and what replaced it is not in the range.
    Replaced,
    /// A negative line: the ledger has no negative costs.
    Credit,
    /// The line asks for nothing, and the ledger has nothing.
    NoCharge,
    /// The line is for the same call as this line of the statement.
    SameCallAs(u64),
}

impl Note {
    /// Returns the note as answers spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EarlierPrice => "earlier_price",
            Self::VoidPrice => "void_price",
            Self::OutsideRange => "outside_range",
            Self::Replaced => "replaced",
            Self::Credit => "credit",
            Self::NoCharge => "no_charge",
            Self::SameCallAs(_) => "same_call",
        }
    }

    /// The line of the statement that is for the same call.
    #[must_use]
    pub fn line(self) -> Option<u64> {
        match self {
            Self::SameCallAs(line) => Some(line),
            _ => None,
        }
    }
}

/// A line, an entry, or both.
#[derive(Clone, Copy, Debug)]
pub struct ComparedRow<'a> {
    /// The line of the statement.
    pub line: Option<&'a StatementLine>,
    /// The entry that it was matched to.
    pub entry: Option<&'a LedgerEntry>,
    /// Why it is here.
    pub note: Option<Note>,
}

impl ComparedRow<'_> {
    /// What the statement asks for.
    #[must_use]
    pub fn asked(&self) -> Decimal {
        self.line.map_or(Decimal::ZERO, |line| line.amount)
    }

    /// What the ledger counts in the range.
    #[must_use]
    pub fn counted(&self) -> Decimal {
        self.counting()
            .map_or(Decimal::ZERO, |entry| entry.amount.decimal())
    }

    /// What the statement asks for beyond what the ledger counts.
    #[must_use]
    pub fn difference(&self) -> Decimal {
        self.asked() - self.counted()
    }

    fn counting(&self) -> Option<&LedgerEntry> {
        let counts = |entry: &&LedgerEntry| entry.state == State::InForce && entry.in_range;
        self.entry.filter(counts)
    }
}

/// The rows of one kind, with their sums.
#[derive(Clone, Debug)]
pub struct Bucket<'a> {
    /// Which kind.
    pub kind: Kind,
    /// The rows, in the order of the statement's lines, or of billing.
    pub rows: Vec<ComparedRow<'a>>,
    /// The lines.
    pub statement: Side,
    /// The entries that the ledger counts in the range.
    pub ledger: Side,
}

impl<'a> Bucket<'a> {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            rows: Vec::new(),
            statement: Side::default(),
            ledger: Side::default(),
        }
    }

    pub(super) fn add(&mut self, row: ComparedRow<'a>) {
        if row.line.is_some() {
            self.statement.add(row.asked());
        }
        if row.counting().is_some() {
            self.ledger.add(row.counted());
        }
        self.rows.push(row);
    }

    /// What the statement asks for beyond what the ledger counts.
    #[must_use]
    pub fn difference(&self) -> Decimal {
        self.statement.amount - self.ledger.amount
    }
}

/// Whether call ids could be used to match lines and entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallIds {
    /// No line has one.
    None,
    /// The ledger knows at least one of them.
    Used,
    /// The ledger knows none of them: the statement has ids of another kind, and they are ignored.
    Unknown,
}

impl CallIds {
    /// Returns the word that answers use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Used => "used",
            Self::Unknown => "unknown",
        }
    }
}

/// A statement and the ledger, line by line. Whatever is in them, the statement's amount minus the ledger's
/// is the sum of the differences of the buckets.
#[derive(Clone, Debug)]
pub struct Comparison<'a> {
    /// Every line of the statement.
    pub statement: Side,
    /// Every entry in force of the range.
    pub ledger: Side,
    /// Whether call ids were used.
    pub call_ids: CallIds,
    /// One bucket of each kind, in the order of [`Kind::ALL`].
    pub buckets: Vec<Bucket<'a>>,
}

impl Comparison<'_> {
    /// What the statement asks for beyond what the ledger counts.
    #[must_use]
    pub fn difference(&self) -> Decimal {
        self.statement.amount - self.ledger.amount
    }

    /// Whether every line and every entry is agreed.
    #[must_use]
    pub fn is_agreed(&self) -> bool {
        let mut others = self
            .buckets
            .iter()
            .filter(|bucket| bucket.kind != Kind::Agreed);
        others.all(|bucket| bucket.rows.is_empty())
    }
}
