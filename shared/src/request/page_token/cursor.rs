//! Cursors: where the next page begins.

use crate::model::report::Position;
use crate::model::time::{Instant, Range};

/// The start of the next page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The page begins after this: the key of a row, or a [`Position`] among calls.
    pub after: String,
    /// The first page's range and count, for lists whose later pages do not count again.
    pub counted: Option<CountedRange>,
}

/// A range whose rows the first page counted.
///
/// Later pages keep to both, so rows that are added meanwhile do not shift them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountedRange {
    /// The range of the whole list.
    pub range: Range,
    /// How many rows the list had.
    pub total: usize,
}

impl Cursor {
    /// Makes the cursor of the page that begins after the row with this key.
    #[must_use]
    pub fn after(key: impl Into<String>) -> Self {
        Self {
            after: key.into(),
            counted: None,
        }
    }

    /// Makes the cursor of the page that begins at a position among calls.
    #[must_use]
    pub fn at(position: &Position) -> Self {
        Self::after(position.as_str())
    }

    /// Returns the position among calls, or `None` for a cursor of another list.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        Position::parse(&self.after)
    }

    /// Returns the text in a token: ` after`, or `from,to,total after` with times in milliseconds.
    pub(super) fn to_text(&self) -> String {
        let counted = self.counted.map(CountedRange::to_text);
        format!("{} {}", counted.unwrap_or_default(), self.after)
    }

    /// Parses the text that [`Self::to_text`] returned.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (counted, after) = text.split_once(' ')?;
        let counted = match counted {
            "" => None,
            counted => Some(CountedRange::parse(counted)?),
        };
        let after = after.to_owned();
        Some(Self { after, counted })
    }
}

impl CountedRange {
    fn to_text(self) -> String {
        let Self { range, total } = self;
        format!("{},{},{total}", range.from.millis(), range.to.millis())
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ',');
        let mut instant = || parts.next()?.parse().ok().map(Instant::from_millis);
        let (from, to) = (instant()?, instant()?);
        let total = parts.next()?.parse().ok()?;
        Some(Self {
            range: Range { from, to },
            total,
        })
    }
}
