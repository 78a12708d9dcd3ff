//! Where the rows behind a sum are: the lists, narrowed to the keys of a group.

use crate::form::Pairs;
use crate::range::Days;

/// Stands for what has no such key, as the API names it.
pub const NOTHING: &str = "(none)";

/// The filters of lists that a summary has too.
pub const SHARED: [&str; 2] = ["vendor", "did"];

/// A key of a group: its dimension, and its value.
pub type Key<'a> = (&'a str, Option<&'a str>);

/// Returns the path of the calls that a summary counts in a group. `None` for a group of no number, which has no calls.
pub fn calls(days: &Days, filters: &Pairs, keys: &[Key<'_>]) -> Option<String> {
    let filters = filters.with(&[("direction", "inbound")]);
    at("/console/calls", days, filters, keys)
}

/// Returns the path of the costs without a call that a summary sums up in a group. `None` if the list of costs has no
/// filter for one of its keys.
pub fn unmatched(days: &Days, filters: &Pairs, keys: &[Key<'_>]) -> Option<String> {
    let known = |(name, _): &Key<'_>| matches!(*name, "vendor" | "did" | "day" | "week" | "month");
    let filters = filters.with(&[("kind", "unmatched")]);
    let all_known = keys.iter().all(known);
    all_known.then(|| at("/console/costs", days, filters, keys))?
}

fn at(path: &str, days: &Days, filters: Pairs, keys: &[Key<'_>]) -> Option<String> {
    let (mut days, mut filters) = (days.clone(), filters);
    for (name, key) in keys {
        match (*name, *key) {
            ("day", Some(key)) => days = days.those(|day| day.to_string() == key)?,
            ("week", Some(key)) => days = days.those(|day| day.iso_week() == key)?,
            ("month", Some(key)) => days = days.those(|day| day.month() == key)?,
            ("did", None) => return None,
            (name, key) => filters = filters.with(&[(name, key.unwrap_or(NOTHING))]),
        }
    }
    Some(days.narrow(&filters).at(path))
}
