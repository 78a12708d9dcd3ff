//! Ends of ranges, as arguments.

use callbook::model::time::{InvalidRangeEnd, RangeEnd};

/// Reads one end of a range.
///
/// # Errors
/// Returns the error of [`RangeEnd::parse`].
pub fn range_end(text: &str) -> Result<RangeEnd, InvalidRangeEnd> {
    RangeEnd::parse(text)
}
