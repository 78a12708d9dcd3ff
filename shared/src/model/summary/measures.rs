//! What a summary counts and sums.

use std::iter;

use rust_decimal::Decimal;

/// One number of a summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Inbound calls.
    Calls,
    /// Calls whose disposition is `answered`.
    Answered,
    /// The seconds of the calls.
    Seconds,
    /// Calls with a cost in force.
    BilledCalls,
    /// Cost entries in force that are matched to a call.
    MatchedCount,
    /// Their amount: what the calls cost.
    Matched,
    /// Cost entries in force that are matched to no call.
    UnmatchedCount,
    /// Their amount.
    Unmatched,
    /// Superseded cost entries.
    SupersededCount,
    /// Their amount.
    Superseded,
    /// Void cost entries.
    VoidCount,
    /// Their amount.
    Void,
    /// Adjustments.
    AdjustedCount,
    /// Their amount, which may be negative.
    Adjusted,
    /// Calls that two vendors have billed, with costs in force.
    TwoVendors,
    /// The cost entries in force on those calls.
    TwoVendorsCosts,
    /// Cost entries whose repeat may have been for a second call.
    MaybeSecond,
    /// Cost entries whose credential had sent their call id for another pair.
    IdReused,
    /// Cost entries that came at another price than was agreed with their vendor at that moment.
    OtherPrice,
    /// Bills that were refused for the number that was called.
    RefusedCount,
    /// What they asked for.
    Refused,
}

impl Measure {
    /// All measures. A measure's place here is its place in [`Measures`].
    pub const ALL: [Self; 21] = [
        Self::Calls,
        Self::Answered,
        Self::Seconds,
        Self::BilledCalls,
        Self::MatchedCount,
        Self::Matched,
        Self::UnmatchedCount,
        Self::Unmatched,
        Self::SupersededCount,
        Self::Superseded,
        Self::VoidCount,
        Self::Void,
        Self::AdjustedCount,
        Self::Adjusted,
        Self::TwoVendors,
        Self::TwoVendorsCosts,
        Self::MaybeSecond,
        Self::IdReused,
        Self::OtherPrice,
        Self::RefusedCount,
        Self::Refused,
    ];

    /// Returns the letter by which stored sums name the measure.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Calls => 'c',
            Self::Answered => 'a',
            Self::Seconds => 's',
            Self::BilledCalls => 'b',
            Self::MatchedCount => 'n',
            Self::Matched => 'm',
            Self::UnmatchedCount => 'w',
            Self::Unmatched => 'u',
            Self::SupersededCount => 'y',
            Self::Superseded => 'x',
            Self::VoidCount => 'z',
            Self::Void => 'v',
            Self::AdjustedCount => 'j',
            Self::Adjusted => 'k',
            Self::TwoVendors => 't',
            Self::TwoVendorsCosts => 'd',
            Self::MaybeSecond => 'o',
            Self::IdReused => 'r',
            Self::OtherPrice => 'p',
            Self::RefusedCount => 'f',
            Self::Refused => 'e',
        }
    }

    /// Returns the measure that a letter names.
    #[must_use]
    pub fn of_letter(letter: char) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|measure| measure.letter() == letter)
    }
}

/// A value of each measure. Values are exact: counts are whole numbers, and amounts are decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measures([Decimal; Measure::ALL.len()]);

impl Measures {
    /// Returns one value.
    #[must_use]
    pub fn get(&self, measure: Measure) -> Decimal {
        let value = self.0.get(measure as usize);
        value.copied().unwrap_or_default()
    }

    /// Adds to one value.
    pub fn add(&mut self, measure: Measure, value: impl Into<Decimal>) {
        if let Some(sum) = self.0.get_mut(measure as usize) {
            *sum = sum.saturating_add(value.into());
        }
    }

    /// Adds every value of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (sum, value) in iter::zip(&mut self.0, other.0) {
            *sum = sum.saturating_add(value);
        }
    }

    /// Subtracts every value of `other`.
    pub fn subtract(&mut self, other: &Self) {
        for (sum, value) in iter::zip(&mut self.0, other.0) {
            *sum = sum.saturating_sub(value);
        }
    }

    /// Whether every value is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.iter().all(Decimal::is_zero)
    }

    /// Returns the values that are not zero.
    pub fn values(&self) -> impl Iterator<Item = (Measure, Decimal)> {
        let values = iter::zip(Measure::ALL, self.0);
        values.filter(|(_, value)| !value.is_zero())
    }

    /// Returns the amount of every entry that was acknowledged, whatever became of it.
    #[must_use]
    pub fn acknowledged(&self) -> Decimal {
        let parts = [
            Measure::Matched,
            Measure::Unmatched,
            Measure::Superseded,
            Measure::Void,
        ];
        parts.into_iter().map(|part| self.get(part)).sum()
    }

    /// Returns one amount for each of a count of things, to four places; `None` for a count of zero.
    #[must_use]
    pub fn ratio(amount: Decimal, count: Decimal) -> Option<Decimal> {
        let ratio = amount.checked_div(count)?;
        Some(ratio.round_dp_with_strategy(4, rust_decimal::RoundingStrategy::MidpointAwayFromZero))
    }
}
