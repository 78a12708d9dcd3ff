//! The auditor: reads nothing, takes a table's items and says what is wrong with them.
//!
//! Every transaction of the ledger keeps copies equal, pointers valid and counts right, so a table is
//! correct at any moment, whatever requests were cut short. The auditor proves that from the outside: it
//! shares no code with the ledger, and knows the stored format by a description of its own, [`shapes`].
//!
//! A rule that two requests can break for a moment says for how long. Items that DynamoDB may already have
//! expired (`expires_at`) are never missed, and phone numbers are masked in findings.

mod access;
mod calls;
mod contacts;
mod costs;
mod form;
mod format;
mod live;
mod numbers;
mod repeats;
pub mod shapes;
mod table;
mod vendors;
mod watch;

use std::fmt;

use callbook::model::phone::{PhoneNumber, mask_digits};

pub use table::{Entry, Item, Table, number, text};
pub use watch::Watch;

/// Something that is wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The rule that is broken.
    pub rule: &'static str,
    /// Partition and sort key of the item, phone numbers masked.
    pub key: String,
    /// What is wrong. It names attributes, and no phone number or secret.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.rule, self.key, self.what)
    }
}

/// One invariant.
pub struct Rule {
    /// A short name, which findings carry.
    pub name: &'static str,
    /// What holds in a correct table.
    pub says: &'static str,
    check: fn(&Table<'_>, &mut Report),
}

/// The findings of one rule.
pub struct Report {
    rule: &'static str,
    findings: Vec<Finding>,
}

impl Report {
    /// Something is wrong with this item.
    fn add(&mut self, entry: Entry<'_>, what: impl Into<String>) {
        self.missing(entry.pk, entry.sk, what);
    }

    /// Something is wrong with the item at this key, which may not be there.
    fn missing(&mut self, pk: &str, sk: &str, what: impl Into<String>) {
        self.findings.push(Finding {
            rule: self.rule,
            key: masked(pk, sk),
            what: what.into(),
        });
    }

    /// Something is wrong with this item unless `good`.
    fn check(&mut self, good: bool, entry: Entry<'_>, what: &str) {
        if !good {
            self.add(entry, what);
        }
    }
}

/// Every rule, by subject.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [
        format::RULES,
        access::RULES,
        numbers::RULES,
        vendors::RULES,
        calls::RULES,
        costs::RULES,
        live::RULES,
        contacts::RULES,
        repeats::RULES,
    ]
    .into_iter()
    .flatten()
}

/// Everything that is wrong with a table whose items were read at `now`, in milliseconds since 1970.
#[must_use]
pub fn audit(items: &[Item], now: i64) -> Vec<Finding> {
    let table = Table::new(items, now);
    let mut findings = Vec::new();
    for rule in rules() {
        let mut report = Report {
            rule: rule.name,
            findings,
        };
        (rule.check)(&table, &mut report);
        findings = report.findings;
    }
    findings
}

/// A key for people: `pk sk`, with phone numbers masked as they are in logs.
#[must_use]
pub fn masked(pk: &str, sk: &str) -> String {
    format!("{} {}", masked_key(pk), masked_key(sk))
}

fn masked_key(key: &str) -> String {
    // A response id is the client's own text, and some clients put the number into it.
    if let Some(response) = key.strip_prefix("FEEDBACK#") {
        return format!("FEEDBACK#{}", mask_digits(response));
    }
    let parts = key.split('#').map(|part| match part.starts_with('+') {
        true => PhoneNumber::from_stored(part)
            .map_or_else(|_| mask_digits(part), |number| number.masked()),
        false => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("#")
}
