//! Every rule, and judging a table by them.

use super::finding::{Finding, Report, Rule};
use super::table::{Item, Table};
use super::{
    access, calls, contacts, costs, events, format, live, numbers, repeats, sent_ids, terms,
    vendors,
};

/// Every rule, by subject.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [
        format::RULES,
        access::RULES,
        numbers::RULES,
        vendors::RULES,
        calls::RULES,
        costs::RULES,
        terms::RULES,
        live::RULES,
        contacts::RULES,
        events::RULES,
        repeats::RULES,
        sent_ids::RULES,
    ]
    .into_iter()
    .flatten()
}

/// Rules about the stored format that do not depend on the version of the software that wrote an item: a later
/// version may have written attributes that this one does not know.
const STABLE: [&str; 4] = ["type", "version", "form", "key"];

/// The rules about calls and the money in them, which hold within the calls of one caller: those of [`Walk`].
pub fn money_rules() -> impl Iterator<Item = &'static Rule> {
    let format = format::RULES.iter();
    let format = format.filter(|rule| STABLE.contains(&rule.name));
    format.chain(calls::RULES).chain(costs::RULES)
}

/// Everything that is wrong with a table whose items were read at `now`, in milliseconds since 1970.
#[must_use]
pub fn audit(items: &[Item], now: i64) -> Vec<Finding> {
    check(rules(), &Table::new(items, now))
}

pub(crate) fn check(rules: impl Iterator<Item = &'static Rule>, table: &Table<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in rules {
        let mut report = Report {
            rule: rule.name,
            findings,
        };
        (rule.check)(table, &mut report);
        findings = report.findings;
    }
    findings
}
