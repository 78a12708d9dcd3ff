//! What a fill says that it did.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::statement::Statement;

/// What a fill did.
pub struct Filled {
    pub(super) already: bool,
    pub(super) first: String,
    pub(super) last: String,
    pub(super) zone: String,
    /// What was made, in words, and how many; nothing if it was there already.
    pub(super) made: Vec<(&'static str, usize)>,
    pub(super) totals: Value,
    pub(super) statement: PathBuf,
    pub(super) check: Option<Value>,
}

impl Filled {
    /// Says what was made, and what the ledger says of it.
    pub fn text(&self) -> String {
        let mut lines = vec![match self.already {
            true => "The demo data is there already; nothing was added.".to_owned(),
            false => format!(
                "The demo account has the days {} to {} ({}):",
                self.first, self.last, self.zone
            ),
        }];
        for (what, count) in &self.made {
            lines.push(format!("{count:>10}  {what}"));
        }
        lines.push("The ledger says:".to_owned());
        for name in [
            "acknowledged",
            "cost",
            "unmatched",
            "superseded",
            "void",
            "adjusted",
        ] {
            let sum = self.totals.get(name).and_then(Value::as_str).unwrap_or("-");
            lines.push(format!("{sum:>15}  {name}"));
        }
        lines.push(format!(
            "A statement of {} that does not agree with it: {}",
            Statement::vendor(),
            self.statement.display()
        ));
        lines.join("\n")
    }

    /// The same as JSON.
    pub fn json(&self) -> Value {
        let made: serde_json::Map<_, _> = self
            .made
            .iter()
            .map(|(what, count)| ((*what).to_owned(), json!(count)))
            .collect();
        json!({
            "already_filled": self.already,
            "from": self.first,
            "to": self.last,
            "timezone": self.zone,
            "made": made,
            "totals": self.totals,
            "statement": self.statement,
            "statement_check": self.check,
        })
    }
}
