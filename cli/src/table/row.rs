//! A row as text by column.

use std::collections::BTreeMap;
use std::fmt::Display;

/// A row; an empty cell counts as none.
pub struct Row<'a>(&'a BTreeMap<&'static str, String>);

impl<'a> Row<'a> {
    /// The row with these cells.
    #[must_use]
    pub fn new(fields: &'a BTreeMap<&'static str, String>) -> Self {
        Self(fields)
    }

    /// A cell that must be there.
    ///
    /// # Errors
    /// The column and the rule that it breaks; its value is not repeated.
    pub fn required<T, E: Display>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, String> {
        self.optional(name, parse)?
            .ok_or_else(|| format!("{name}: missing"))
    }

    /// A cell that may be absent.
    ///
    /// # Errors
    /// As [`Row::required`].
    pub fn optional<T, E: Display>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, String> {
        let text = self.0.get(name).map(|text| text.trim());
        text.filter(|text| !text.is_empty())
            .map(|text| parse(text).map_err(|error| format!("{name}: {error}")))
            .transpose()
    }
}
