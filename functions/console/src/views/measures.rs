//! What `GET summary` answers.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::form::Pairs;
use crate::range::Days;
use crate::screen::Screen;
use crate::stop::Stop;

/// The path of summaries.
pub const SUMMARY: &str = "/callbook/v1/summary";

/// A summary, by one grouping or by several.
#[derive(Deserialize)]
pub struct Summed {
    /// The groups of the first grouping.
    pub groups: Vec<SummedGroup>,
    #[serde(default)]
    also: Vec<Grouping>,
    pub totals: Compared,
    pub as_of: Option<String>,
    pub settling: bool,
}

/// The groups of one more grouping.
#[derive(Deserialize)]
struct Grouping {
    groups: Vec<SummedGroup>,
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
    /// Asks for the sums of some days. `by` has the groupings, with semicolons between them: several cost one reading.
    ///
    /// # Errors
    /// Returns what stands in the page's place.
    pub async fn of(
        screen: &Screen<'_>,
        days: &Days,
        by: &str,
        filters: &Pairs,
    ) -> Result<Self, Stop> {
        let asked = days.narrow(&filters.with(&[("by", by)]));
        screen.get(SUMMARY, &asked).await
    }

    /// Returns the groups of a grouping, by its place among those that were asked for.
    pub fn grouping(&self, place: usize) -> &[SummedGroup] {
        match place.checked_sub(1) {
            None => &self.groups,
            Some(place) => self.also.get(place).map_or(&[], |also| &also.groups),
        }
    }
}

/// Returns the group of a key.
pub fn group_of<'a>(
    groups: &'a [SummedGroup],
    name: &str,
    key: Option<&str>,
) -> Option<&'a SummedGroup> {
    groups.iter().find(|group| group.key(name) == key)
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
