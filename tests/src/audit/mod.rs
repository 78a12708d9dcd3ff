//! The auditor: takes the items of a table and returns everything that is wrong with them.
//!
//! Every transaction of the ledger keeps copies equal, pointers valid and counts right. A table is therefore
//! correct at any moment, even if requests were interrupted. The auditor checks this from the outside: it
//! shares no code with the ledger and has its own description of the stored format, [`shapes`].
//!
//! An item that DynamoDB may already have expired (`expires_at`) is never reported as missing. Findings mask
//! phone numbers.

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
mod shown;
pub mod sums;
mod table;
mod vendors;
mod watch;

use std::fmt;

use callbook::model::phone::{PhoneNumber, mask_digits};

pub use table::{Entry, Item, Table, number, text};
pub use watch::Watch;

/// A violation of a rule in a table.
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
    /// The short name that findings contain.
    pub name: &'static str,
    /// The condition that every correct table meets.
    pub says: &'static str,
    check: fn(&Table<'_>, &mut Report),
}

/// The findings of one rule.
pub struct Report {
    rule: &'static str,
    findings: Vec<Finding>,
}

impl Report {
    /// Reports that something is wrong with this item.
    fn add(&mut self, entry: Entry<'_>, what: impl Into<String>) {
        self.missing(entry.pk, entry.sk, what);
    }

    /// Reports that something is wrong with the item at this key, which may be missing.
    fn missing(&mut self, pk: &str, sk: &str, what: impl Into<String>) {
        self.findings.push(Finding {
            rule: self.rule,
            key: masked(pk, sk),
            what: what.into(),
        });
    }

    /// Reports that something is wrong with this item unless `good`.
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

/// A readable key: `pk sk`, with phone numbers masked as in logs.
#[must_use]
pub fn masked(pk: &str, sk: &str) -> String {
    // A reversed number has no plus that would tell it from other digits.
    if let (true, Some((calling, account))) = (pk.starts_with("LIVEREV#"), sk.split_once('#')) {
        return format!("{} {}#{account}", masked_key(pk), mask_digits(calling));
    }
    format!("{} {}", masked_key(pk), masked_key(sk))
}

fn masked_key(key: &str) -> String {
    // A response id is chosen by the client, and some clients include the phone number.
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
