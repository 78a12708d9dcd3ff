//! Where the next page begins.

use crate::model::report::Position;
use crate::model::time::{Instant, Range};

/// Where the next page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// What the page begins after: the key of a row, or a [`Position`] among calls.
    pub after: String,
    /// What the first page counted, for lists whose later pages do not count again.
    pub counted: Option<CountedRange>,
}

/// A range whose rows the first page counted. Later pages keep to both, so that rows which are added
/// meanwhile shift no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountedRange {
    /// The range of the whole list.
    pub range: Range,
    /// How many rows the list had.
    pub total: usize,
}

impl Cursor {
    /// The cursor of the page that begins after the row with this key.
    #[must_use]
    pub fn after(key: impl Into<String>) -> Self {
        Self {
            after: key.into(),
            counted: None,
        }
    }

    /// The cursor of the page that begins at a position among calls.
    #[must_use]
    pub fn at(position: &Position) -> Self {
        Self::after(position.as_str())
    }

    /// The position among calls, or `None` for a cursor of another list.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        Position::parse(&self.after)
    }

    /// The cursor as tokens hold it: ` after`, or `from,to,total after` with times in milliseconds.
    pub(super) fn to_text(&self) -> String {
        let counted = self.counted.map(CountedRange::to_text);
        format!("{} {}", counted.unwrap_or_default(), self.after)
    }

    /// Reads what [`Self::to_text`] wrote.
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
