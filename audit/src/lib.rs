//! The auditor: takes the items of a table and returns everything that is wrong with them.
//!
//! [`audit`] judges a whole table that is in memory, as at the end of every test. [`Walk`] reads the table of
//! a deployment piece by piece, and judges the calls and the money in it (`callbook audit`).
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
mod group;
mod live;
mod numbers;
mod repeats;
pub mod shapes;
mod shown;
mod source;
mod summaries;
pub mod sums;
mod survey;
mod table;
mod vendors;
mod walk;

use std::fmt;

use callbook::model::phone::{PhoneNumber, mask_digits};

pub use group::{Money, Sum};
pub use source::{ReadError, Source};
pub use summaries::Summaries;
pub use table::{Entry, Item, Table, number, text};
pub use walk::{Audited, Step, Walk};

/// A violation of a rule in a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The rule that is broken.
    pub rule: &'static str,
    /// Partition and sort key of the item, phone numbers masked.
    pub key: String,
    /// What is wrong. It names attributes, and no phone number or secret.
    pub what: String,
    /// The cost entry at fault, if it is one.
    pub cost_id: Option<String>,
    /// The call at fault, or the call that has the entry at fault.
    pub call_sid: Option<String>,
}

impl Finding {
    /// The UTC day whose sums are wrong, if the finding is about sums: `2026-11-21`.
    #[must_use]
    pub fn day_of_sums(&self) -> Option<&str> {
        let (pk, _) = self.key.split_once(' ')?;
        let (_, day) = pk.split_once("#SUM#")?;
        Some(day)
    }
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
        if let Some(finding) = self.findings.last_mut() {
            finding.cost_id = entry.text("cost_id").map(str::to_owned);
            finding.call_sid = entry.text("call_sid").map(str::to_owned);
        }
    }

    /// Reports that something is wrong with the item at this key, which may be missing.
    fn missing(&mut self, pk: &str, sk: &str, what: impl Into<String>) {
        self.findings.push(Finding {
            rule: self.rule,
            key: masked(pk, sk),
            what: what.into(),
            cost_id: None,
            call_sid: None,
        });
    }

    /// Reports that something is wrong with this item unless `good`.
    fn check(&mut self, good: bool, entry: Entry<'_>, what: &str) {
        if !good {
            self.add(entry, what);
        }
    }

    /// Reports that something is wrong with a cost entry that this item holds, unless `good`.
    fn check_cost(&mut self, good: bool, holder: Entry<'_>, cost_id: &str, what: &str) {
        if !good {
            self.add(holder, what);
            if let Some(finding) = self.findings.last_mut() {
                finding.cost_id = Some(cost_id.to_owned());
            }
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

fn check(rules: impl Iterator<Item = &'static Rule>, table: &Table<'_>) -> Vec<Finding> {
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

/// A readable key: `pk sk`, with phone numbers masked as in logs.
#[must_use]
pub fn masked(pk: &str, sk: &str) -> String {
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
