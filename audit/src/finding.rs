//! What an audit finds, and the rules by which it does.

use std::fmt;

use callbook::model::phone::{PhoneNumber, mask_digits};

use super::table::{Entry, Table};

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
    pub(crate) check: fn(&Table<'_>, &mut Report),
}

/// The findings of one rule.
pub struct Report {
    pub(crate) rule: &'static str,
    pub(crate) findings: Vec<Finding>,
}

impl Report {
    /// Reports that something is wrong with this item.
    pub(crate) fn add(&mut self, entry: Entry<'_>, what: impl Into<String>) {
        self.missing(entry.pk, entry.sk, what);
        if let Some(finding) = self.findings.last_mut() {
            finding.cost_id = entry.text("cost_id").map(str::to_owned);
            finding.call_sid = entry.text("call_sid").map(str::to_owned);
        }
    }

    /// Reports that something is wrong with the item at this key, which may be missing.
    pub(crate) fn missing(&mut self, pk: &str, sk: &str, what: impl Into<String>) {
        self.findings.push(Finding {
            rule: self.rule,
            key: masked(pk, sk),
            what: what.into(),
            cost_id: None,
            call_sid: None,
        });
    }

    /// Reports that something is wrong with this item unless `good`.
    pub(crate) fn check(&mut self, good: bool, entry: Entry<'_>, what: &str) {
        if !good {
            self.add(entry, what);
        }
    }

    /// Reports that something is wrong with a cost entry that this item holds, unless `good`.
    pub(crate) fn check_cost(&mut self, good: bool, holder: Entry<'_>, cost_id: &str, what: &str) {
        if !good {
            self.add(holder, what);
            if let Some(finding) = self.findings.last_mut() {
                finding.cost_id = Some(cost_id.to_owned());
            }
        }
    }
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
