//! What is wrong with a statement. No message repeats a cell.

use std::fmt;

use super::column::Column;

/// A fault, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementFault {
    /// Where.
    pub place: StatementPlace,
    /// The rule that is broken.
    pub rule: String,
}

/// A place in a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementPlace {
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
    pub(super) fn new(place: StatementPlace, rule: impl fmt::Display) -> Self {
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
            StatementPlace::Statement => f.write_str(rule),
            StatementPlace::Column(column) => write!(f, "column {}: {rule}", column.name()),
            StatementPlace::Line(line) => write!(f, "line {line}: {rule}"),
            StatementPlace::Cell(line, column) => {
                write!(f, "line {line}, {}: {rule}", column.name())
            }
        }
    }
}
