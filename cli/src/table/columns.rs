//! The columns that a command reads, by their names in either case.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};

/// What a rejects file has in front of a row: its own columns, never a row's.
pub const OF_REJECTS: [&str; 2] = ["reason", "line"];

/// The columns that a command reads; it takes no notice of others.
#[derive(Clone, Copy)]
pub struct Columns {
    /// Without one of these there is no row.
    pub required: &'static [&'static str],
    /// Those that need not be there.
    pub optional: &'static [&'static str],
}

impl Columns {
    /// The column that a file calls `name`, if it is one of these.
    pub fn find(&self, name: &str) -> Option<&'static str> {
        let mut all = self.required.iter().chain(self.optional).copied();
        all.find(|column| column.eq_ignore_ascii_case(name.trim()))
    }

    /// What the columns of a header line are to the command.
    ///
    /// # Errors
    /// A column that must be there is not, or one that is read is there twice.
    pub fn of_header(&self, names: &[String]) -> Result<Vec<Option<&'static str>>> {
        let found: Vec<_> = names.iter().map(|name| self.find(name)).collect();
        let mut seen = BTreeSet::new();
        for column in found.iter().flatten() {
            ensure!(
                seen.insert(*column),
                "the header line has the column {column} twice"
            );
        }
        let lacking = self.required.iter().filter(|name| !seen.contains(*name));
        let lacking: Vec<_> = lacking.copied().collect();
        ensure!(
            lacking.is_empty(),
            "the first line is to name the columns, and does not name {}",
            lacking.join(", ")
        );
        Ok(found)
    }
}

/// Whether a column is one that a rejects file has in front of its rows.
pub fn is_of_rejects(name: &str) -> bool {
    let name = name.trim();
    OF_REJECTS.iter().any(|own| own.eq_ignore_ascii_case(name))
}
