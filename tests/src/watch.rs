//! The audit at the end of every test that uses a world.

use std::sync::Mutex;

use callbook_audit::{Finding, Item, audit, masked, rules};

/// The findings that a test expects from the audit of its world.
#[derive(Debug, Default)]
pub struct Watch {
    expected: Mutex<Vec<Expected>>,
    /// Why the table is not audited at all.
    unaudited: Mutex<Option<&'static str>>,
}

/// Expected findings of one rule, for items whose keys have the same beginning.
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
    /// Expects that the item at this key, or items whose sort keys start with `sk`, break `rule`.
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
            .expect("no test thread panicked")
            .push(expected);
    }

    /// Leaves the table without an audit, for the given reason.
    pub fn skip(&self, because: &'static str) {
        *self.unaudited.lock().expect("no test thread panicked") = Some(because);
    }

    /// Audits a table's items.
    ///
    /// # Panics
    /// Panics if there is an unexpected finding, or if an expected finding is missing.
    pub fn settle(&self, items: &[Item], now: i64) {
        let unaudited = *self.unaudited.lock().expect("no test thread panicked");
        if unaudited.is_some() {
            return;
        }
        let wrong = self.wrong(&audit(items, now));
        assert!(
            wrong.is_empty(),
            "the audit of the table found:\n  {}",
            wrong.join("\n  ")
        );
    }

    fn wrong(&self, findings: &[Finding]) -> Vec<String> {
        let expected = self.expected.lock().expect("no test thread panicked");
        let unexpected = findings
            .iter()
            .filter(|finding| !expected.iter().any(|one| one.covers(finding)))
            .map(Finding::to_string);
        let unmet = expected
            .iter()
            .filter(|one| !findings.iter().any(|finding| one.covers(finding)))
            .map(|Expected { rule, key, because }| {
                format!("{rule}: {key}: expected because {because}, but not found")
            });
        unexpected.chain(unmet).collect()
    }
}
