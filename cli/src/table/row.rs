//! A row of a file: its cells by column, and the faults found in them.

use std::fmt::Display;

use super::columns::Fields;

/// A row and the faults found in it so far. An empty cell counts as absent.
pub struct Row<'a> {
    cells: &'a Fields,
    faults: Vec<String>,
}

impl<'a> Row<'a> {
    /// Creates a row with these cells.
    #[must_use]
    pub fn new(cells: &'a Fields) -> Self {
        Self {
            cells,
            faults: Vec::new(),
        }
    }

    /// Parses a cell that must be present; returns `None` if it is missing or not valid.
    pub fn required<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let cell = self.optional(name, parse)?;
        if cell.is_none() {
            self.invalid(name, "missing");
        }
        cell
    }

    /// Parses a cell that may be absent; returns `Some(None)` if it is, and `None` if it is not valid.
    pub fn optional<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Option<T>> {
        let text = match self.cells.get(name) {
            Some(Ok(text)) if !text.trim().is_empty() => text.trim(),
            Some(Err(fault)) => {
                self.invalid(name, fault);
                return None;
            }
            _ => return Some(None),
        };
        let parsed = parse(text).map_err(|rule| self.invalid(name, rule));
        parsed.ok().map(Some)
    }

    /// Records that a cell breaks a rule. The text must not contain the cell's value.
    pub fn invalid(&mut self, name: &str, rule: impl Display) {
        self.faults.push(format!("{name}: {rule}"));
    }

    /// Returns what `build` makes of the parsed cells; it runs only if every cell is valid.
    ///
    /// # Errors
    /// Returns every column that is not valid, with the rule that it breaks, in one text.
    pub fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, String> {
        match self.faults.is_empty().then(build).flatten() {
            Some(built) => Ok(built),
            None => Err(self.faults.join("; ")),
        }
    }
}
