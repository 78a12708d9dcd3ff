//! What `GET summary` answers.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;

/// A summary.
#[derive(Deserialize)]
pub struct Summed {
    pub groups: Vec<SummedGroup>,
    pub totals: Compared,
    pub as_of: Option<String>,
    pub settling: bool,
}

/// One group of a summary.
#[derive(Deserialize)]
pub struct SummedGroup {
    pub keys: BTreeMap<String, Option<String>>,
    #[serde(flatten)]
    pub compared: Compared,
}

/// The sums of a group, and those of the period before.
#[derive(Deserialize)]
pub struct Compared {
    #[serde(flatten)]
    pub now: SummedMeasures,
    pub previous: Option<SummedMeasures>,
}

/// Counts and sums. Amounts are the API's texts.
#[derive(Clone, Default, Deserialize)]
pub struct SummedMeasures {
    pub calls: u64,
    pub answered: u64,
    pub billed_calls: u64,
    pub cost: String,
    pub cost_per_answered: Option<String>,
    pub unmatched: String,
    pub unmatched_count: u64,
    pub adjusted: String,
    pub refused_count: u64,
}

impl Summed {
    /// Returns the group of these keys.
    pub fn group(&self, name: &str, key: Option<&str>) -> Option<&SummedGroup> {
        let mut groups = self.groups.iter();
        groups.find(|group| group.key(name) == key)
    }
}

impl SummedGroup {
    /// Returns a key. `None` where the calls and costs have none.
    pub fn key(&self, name: &str) -> Option<&str> {
        self.keys.get(name).and_then(Option::as_deref)
    }
}

/// A measure that can be plotted: its word, its name, and whether it is an amount of money.
pub const MEASURES: [(&str, &str, bool); 5] = [
    ("cost", "Cost", true),
    ("calls", "Calls", false),
    ("answered", "Answered", false),
    ("cost_per_answered", "Cost per answered call", true),
    ("unmatched", "Unmatched", true),
];

impl SummedMeasures {
    /// Returns a measure of [`MEASURES`]. `None` where it cannot be told.
    pub fn of(&self, measure: &str) -> Option<Decimal> {
        match measure {
            "calls" => Some(self.calls.into()),
            "answered" => Some(self.answered.into()),
            "cost_per_answered" => self.cost_per_answered.as_deref()?.parse().ok(),
            "unmatched" => self.unmatched.parse().ok(),
            _ => self.cost.parse().ok(),
        }
    }
}
