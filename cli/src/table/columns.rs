//! The columns that a command reads. Their names may be in upper or lower case.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};

/// The cells of a row by column, each with its text, or with why it has none.
pub type Fields = BTreeMap<&'static str, Result<String, String>>;

/// The cells of a row, or why the row cannot be read.
pub type RowFields = Result<Fields, String>;

/// The columns that a rejects file adds in front of the original ones.
pub const REJECT_COLUMNS: [&str; 2] = ["reason", "line"];

/// The columns that a command reads. Other columns are ignored.
#[derive(Clone, Copy)]
pub struct Columns {
    /// Columns that every file must have.
    pub required: &'static [&'static str],
    /// Columns that a file may omit.
    pub optional: &'static [&'static str],
}

impl Columns {
    /// Returns the column that a file calls `name`, if the command reads it.
    pub fn find(&self, name: &str) -> Option<&'static str> {
        let mut all = self.required.iter().chain(self.optional).copied();
        all.find(|column| column.eq_ignore_ascii_case(name.trim()))
    }

    /// Maps the names of a header line to the columns that the command reads.
    ///
    /// # Errors
    /// Returns an error if a required column is missing, or a column that is read occurs twice.
    pub fn in_header(&self, names: &[String]) -> Result<Vec<Option<&'static str>>> {
        let found: Vec<_> = names.iter().map(|name| self.find(name)).collect();
        let mut seen = BTreeSet::new();
        for column in found.iter().flatten() {
            ensure!(
                seen.insert(*column),
                "the header line has the column {column} twice"
            );
        }
        let missing = self.required.iter().filter(|name| !seen.contains(*name));
        let missing: Vec<_> = missing.copied().collect();
        ensure!(
            missing.is_empty(),
            "the first line must name the columns; it lacks {}",
            missing.join(", ")
        );
        Ok(found)
    }
}

/// Returns whether a column is one that a rejects file adds.
pub fn is_reject_column(name: &str) -> bool {
    let name = name.trim();
    REJECT_COLUMNS
        .iter()
        .any(|own| own.eq_ignore_ascii_case(name))
}
