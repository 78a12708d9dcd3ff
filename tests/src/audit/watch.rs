//! The audit at the end of a test: no test has to ask for it.

use std::fmt::Write;
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
        let expected = self.expected.lock().expect("nobody panicked");
        let findings = audit(items, now);
        let mut wrong = String::new();
        for finding in &findings {
            if !expected.iter().any(|one| one.covers(finding)) {
                let _infallible = writeln!(wrong, "  {finding}");
            }
        }
        for one in expected.iter() {
            if !findings.iter().any(|finding| one.covers(finding)) {
                let Expected { rule, key, because } = one;
                let _infallible = writeln!(
                    wrong,
                    "  {rule}: {key}: expected, because {because}, and not found"
                );
            }
        }
        assert!(wrong.is_empty(), "the audit of the table found:\n{wrong}");
    }
}
