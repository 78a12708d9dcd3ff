//! A row as text by column.

use std::collections::BTreeMap;
use std::fmt::Display;

/// A row, and what was found wrong with it so far; an empty cell counts as none.
pub struct Row<'a> {
    cells: &'a BTreeMap<&'static str, String>,
    faults: Vec<String>,
}

impl<'a> Row<'a> {
    /// The row with these cells.
    #[must_use]
    pub fn new(cells: &'a BTreeMap<&'static str, String>) -> Self {
        Self {
            cells,
            faults: Vec::new(),
        }
    }

    /// A cell that must be there; `None` when it is at fault.
    pub fn required<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let cell = self.optional(name, parse)?;
        if cell.is_none() {
            self.fault(name, "missing");
        }
        cell
    }

    /// A cell that may be absent: `Some(None)` when it is, `None` only when it is at fault.
    pub fn optional<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Option<T>> {
        let text = self.cells.get(name).map(|text| text.trim());
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return Some(None);
        };
        let parsed = parse(text).map_err(|rule| self.fault(name, rule));
        parsed.ok().map(Some)
    }

    /// Notes that a cell breaks a rule, which must not repeat its value.
    pub fn fault(&mut self, name: &str, rule: impl Display) {
        self.faults.push(format!("{name}: {rule}"));
    }

    /// What `made` makes of the cells, which has all of them where none is at fault.
    ///
    /// # Errors
    /// Every column that is at fault with the rule that it breaks, in one text.
    pub fn finish<T>(self, made: impl FnOnce() -> Option<T>) -> Result<T, String> {
        match self.faults.is_empty().then(made).flatten() {
            Some(made) => Ok(made),
            None => Err(self.faults.join("; ")),
        }
    }
}
