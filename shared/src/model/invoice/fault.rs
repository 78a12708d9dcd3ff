//! What is wrong with a statement. No message repeats a cell.

use std::fmt;

use super::columns::Column;

/// A fault, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementFault {
    /// Where.
    pub place: Place,
    /// The rule that is broken.
    pub rule: String,
}

/// A place in a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The statement as a whole.
    Statement,
    /// A column of the header line.
    Column(Column),
    /// A line, from 1.
    Line(u64),
    /// A cell.
    Cell(u64, Column),
}

impl StatementFault {
    pub(super) fn new(place: Place, rule: impl fmt::Display) -> Self {
        Self {
            place,
            rule: rule.to_string(),
        }
    }
}

impl fmt::Display for StatementFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = &self.rule;
        match self.place {
            Place::Statement => f.write_str(rule),
            Place::Column(column) => write!(f, "column {}: {rule}", column.name()),
            Place::Line(line) => write!(f, "line {line}: {rule}"),
            Place::Cell(line, column) => write!(f, "line {line}, {}: {rule}", column.name()),
        }
    }
}
