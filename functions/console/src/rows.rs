//! Rows as CSV. No cell is a formula to a spreadsheet.

use callbook::dialect::{Answer, console as dialect};
use callbook::model::cell::defused;
use callbook::problem::{Cause, Problem};
use csv::Writer;

use crate::stop::Stop;

/// How many rows of a list are asked for at once.
pub const PAGE: &str = "150";

/// Answers with a file of rows, the first of them their heads.
///
/// # Errors
/// Returns `Internal` if a row cannot be written.
pub fn csv(
    name: &str,
    head: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<Answer, Stop> {
    let mut writer = Writer::from_writer(Vec::new());
    let broken = |error: csv::Error| Stop::Problem(Problem::Internal(Cause::of(&error)));
    writer.write_record(head).map_err(broken)?;
    for row in rows {
        let cells = row.iter().map(|cell| match is_number(cell) {
            true => cell.as_str().into(),
            false => defused(cell),
        });
        let cells: Vec<_> = cells.collect();
        let cells = cells.iter().map(|cell| cell.as_bytes());
        writer.write_record(cells).map_err(broken)?;
    }
    let bytes = writer.into_inner().unwrap_or_default();
    Ok(dialect::csv(
        name,
        String::from_utf8_lossy(&bytes).into_owned(),
    ))
}

/// Whether a cell is a number, whose minus sign is no formula.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    !digits.is_empty()
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}
