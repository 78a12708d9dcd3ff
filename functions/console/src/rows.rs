//! Rows as CSV. No cell is a formula to a spreadsheet.

use callbook::dialect::{Answer, console as dialect};
use callbook::model::cell::defused;
use callbook::problem::{Cause, Problem};
use csv::Writer;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::form::Pairs;
use crate::screen::Screen;
use crate::stop::Stop;

/// How many rows of a list are asked for at once.
pub const PAGE: &str = "150";

/// The most rows of a file. The command line has no limit.
pub const MOST: usize = 10_000;

/// A row of a list, as the API answers it.
type Row = Map<String, Value>;

/// Returns the rows of a list of the API, page by page, up to [`MOST`]. `list` is the member that has them.
///
/// # Errors
/// Returns what stands in the page's place.
pub async fn all<T: DeserializeOwned>(
    screen: &Screen<'_>,
    path: &str,
    list: &str,
    filters: &Pairs,
) -> Result<Vec<T>, Stop> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    while rows.len() < MOST {
        let asked = filters.with(&[("limit", PAGE), ("cursor", &cursor)]);
        let mut page: Row = screen.get(path, &asked).await?;
        let found = page.remove(list).unwrap_or_default();
        rows.extend(read::<Vec<T>>(found)?);
        match page.remove("next_cursor").unwrap_or_default() {
            Value::String(next) => cursor = next,
            _ => break,
        }
    }
    Ok(rows)
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, Stop> {
    let read = serde_json::from_value(value);
    read.map_err(|error| Stop::Problem(dialect::unreadable(&error)))
}

/// Answers with the rows of a list of the API as a file with these of their fields.
///
/// # Errors
/// Returns what stands in the page's place.
pub async fn file(
    screen: &Screen<'_>,
    name: &str,
    (path, list): (&str, &str),
    filters: &Pairs,
    fields: &[&str],
) -> Result<Answer, Stop> {
    let rows: Vec<Row> = all(screen, path, list, filters).await?;
    let cells = rows.iter().map(|row| {
        let fields = fields.iter();
        fields.map(|field| row.get(*field).map_or_else(String::new, cell))
    });
    csv(name, fields, cells.map(Iterator::collect))
}

/// Writes a value of the API as a cell; a list with blanks between its values.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// Answers with a file of rows, the first of them their heads.
///
/// # Errors
/// Returns `Internal` if a row cannot be written.
pub fn csv(
    name: &str,
    head: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<Answer, Stop> {
    Ok(dialect::csv(name, text(head, rows)?))
}

/// Writes rows as CSV, the first of them their heads.
///
/// # Errors
/// Returns `Internal` if a row cannot be written.
pub fn text(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<String, Stop> {
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
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether a cell is a number, whose minus sign is no formula.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    !digits.is_empty()
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}
