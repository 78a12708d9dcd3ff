//! The audit at the end of a test: no test has to ask for it.

use std::sync::Mutex;

use super::{Finding, Item, audit, masked, rules};

/// What a test says that the audit of its world will find.
#[derive(Debug, Default)]
pub struct Watch {
    expected: Mutex<Vec<Expected>>,
}

/// Findings of one rule, of items whose keys begin alike.
#[derive(Debug)]
struct Expected {
    rule: String,
    key: String,
    because: &'static str,
}

impl Expected {
    fn covers(&self, finding: &Finding) -> bool {
        finding.rule == self.rule && finding.key.starts_with(&self.key)
    }
}

impl Watch {
    /// The audit will find that `rule` is broken by the item at this key, or by items whose sort keys begin so.
    pub fn expect(&self, rule: &str, (pk, sk): (&str, &str), because: &'static str) {
        assert!(
            rules().any(|known| known.name == rule),
            "there is no rule {rule}"
        );
        let expected = Expected {
            rule: rule.to_owned(),
            key: masked(pk, sk),
            because,
        };
        self.expected
            .lock()
            .expect("nobody panicked")
            .push(expected);
    }

    /// Audits a table's items.
    ///
    /// # Panics
    /// Something is wrong that was not expected, or an expected finding does not come.
    pub fn settle(&self, items: &[Item], now: i64) {
        let wrong = self.wrong(&audit(items, now));
        assert!(
            wrong.is_empty(),
            "the audit of the table found:\n  {}",
            wrong.join("\n  ")
        );
    }

    fn wrong(&self, findings: &[Finding]) -> Vec<String> {
        let expected = self.expected.lock().expect("nobody panicked");
        let unexpected = findings
            .iter()
            .filter(|finding| !expected.iter().any(|one| one.covers(finding)))
            .map(Finding::to_string);
        let unmet = expected
            .iter()
            .filter(|one| !findings.iter().any(|finding| one.covers(finding)))
            .map(|Expected { rule, key, because }| {
                format!("{rule}: {key}: expected, because {because}, and not found")
            });
        unexpected.chain(unmet).collect()
    }
}
