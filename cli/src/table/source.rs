//! Reads the rows of a file: CSV, or one JSON object a line.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use anyhow::{Context, Result, ensure};
use callbook::model::cell::restored;
use csv::{ByteRecord, ReaderBuilder};
use serde_json::value::RawValue;

use super::columns::{RowFields, is_reject_column};
use super::layout::{Layout, Reading, RowCells, key};
use super::lines::LineTracker;
use super::object::RawObject;
use crate::args::TableFormat;
use crate::output;

/// The reason to reject a CSV record with malformed quotes.
const MALFORMED_QUOTES: &str = "a quote is never closed, or is closed before the end of its cell; this row may \
    contain the lines after it";

/// A row as it is in the file.
pub struct SourceRow {
    /// Its cells by column.
    pub fields: RowFields,
    /// Where it comes from, for the rejects file.
    pub origin: RowOrigin,
}

/// A row's place in the file, and its original contents.
pub struct RowOrigin {
    /// Its first line in the file, from 1.
    pub line: u64,
    /// The original row, without the columns that a rejects file adds.
    pub raw: RawRow,
}

/// The original contents of a row.
pub enum RawRow {
    /// The cells of a CSV record, byte for byte, with an extra cell if its quotes are malformed.
    Cells(Vec<Vec<u8>>),
    /// A JSON object with the original text of its values.
    Object(RawObject),
    /// A line that is not a JSON object.
    Text(String),
}

/// A reader of the rows of a file.
pub enum TableSource<R> {
    /// CSV.
    Csv(Box<csv::Reader<LineTracker<R>>>, Header),
    /// One object a line.
    Ndjson {
        /// The file.
        reader: R,
        /// What its members are.
        layout: Rc<Layout>,
        /// The number of lines read so far.
        lines: u64,
    },
}

/// The columns of a CSV file.
pub struct Header {
    layout: Rc<Layout>,
    /// The columns that the command reads, if the file has its own.
    known: Vec<Option<&'static str>>,
    /// Where each other column is.
    index: BTreeMap<String, Option<usize>>,
}

impl<R: Read + BufRead> TableSource<R> {
    /// Starts to read a file, and skips the line of a spreadsheet and the header line of a CSV file.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, or its header line lacks a column or names one twice.
    pub fn open(
        mut file: R,
        format: TableFormat,
        layout: Rc<Layout>,
        skipped: usize,
    ) -> Result<Self> {
        if format == TableFormat::Ndjson {
            return Ok(Self::Ndjson {
                reader: file,
                layout,
                lines: 0,
            });
        }
        io::copy(&mut file.by_ref().take(skipped as u64), &mut io::sink())?;
        let line = if skipped > 0 { 2 } else { 1 };
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            .has_headers(layout.has_header)
            .delimiter(layout.separator)
            .from_reader(LineTracker::new(file, layout.separator, line));
        if layout.has_header {
            reader
                .byte_headers()
                .context("cannot read the header line")?;
            let end = reader.position().byte();
            ensure!(
                !reader.get_mut().has_malformed_quote_before(end),
                "cannot read the header line: {MALFORMED_QUOTES}"
            );
        }
        let known = match &layout.reading {
            Reading::Own(columns) => columns.in_header(&layout.names)?,
            Reading::Mapped(_) => Vec::new(),
        };
        let index = layout.index();
        let header = Header {
            layout,
            known,
            index,
        };
        Ok(Self::Csv(Box::new(reader), header))
    }

    /// Returns the columns of a CSV file, without those that a rejects file adds.
    #[must_use]
    pub fn columns(&self) -> Option<Vec<String>> {
        match self {
            Self::Csv(_, Header { layout, .. }) => {
                let rest = layout.names.iter().filter(|name| !is_reject_column(name));
                Some(rest.cloned().collect())
            }
            Self::Ndjson { .. } => None,
        }
    }

    /// Reads the next row that has anything in it; returns `None` after the last one.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read.
    pub fn next(&mut self) -> Result<Option<SourceRow>> {
        match self {
            Self::Csv(reader, header) => loop {
                let mut record = ByteRecord::new();
                if !reader.read_byte_record(&mut record)? {
                    return Ok(None);
                }
                let offset = record.position().map_or(0, csv::Position::byte);
                let end = reader.position().byte();
                let line = reader.get_mut().line_at(offset);
                let malformed = reader.get_mut().has_malformed_quote_before(end);
                // Spreadsheets write rows of nothing but separators.
                if !malformed && record.iter().all(|cell| cell.trim_ascii().is_empty()) {
                    continue;
                }
                if !malformed && header.is_sum(&record) {
                    continue;
                }
                let mut fields = header.fields(&record);
                let mut cells = header.original_cells(&record);
                if malformed {
                    // The rejects file balances the quotes, so the row would be accepted from there with
                    // all that its open cell contains. An extra cell prevents that.
                    if record.len() == header.layout.names.len() {
                        cells.push(Vec::new());
                    }
                    fields = Err(MALFORMED_QUOTES.to_owned());
                }
                let raw = RawRow::Cells(cells);
                return Ok(Some(SourceRow {
                    fields,
                    origin: RowOrigin { line, raw },
                }));
            },
            Self::Ndjson {
                reader,
                layout,
                lines,
            } => loop {
                let mut text = Vec::new();
                if reader.read_until(b'\n', &mut text)? == 0 {
                    return Ok(None);
                }
                *lines += 1;
                let text = text.trim_ascii();
                if text.is_empty() {
                    continue;
                }
                let (fields, raw) = parse_object(text, &layout.reading);
                return Ok(Some(SourceRow {
                    fields,
                    origin: RowOrigin { line: *lines, raw },
                }));
            },
        }
    }
}

impl Header {
    /// Whether a record is the report's row of sums.
    fn is_sum(&self, record: &ByteRecord) -> bool {
        let first = record.get(0).unwrap_or_default().trim_ascii();
        let mut totals = self.layout.totals.iter();
        totals.any(|total| first.eq_ignore_ascii_case(total.as_bytes()))
    }

    fn fields(&self, record: &ByteRecord) -> RowFields {
        let expected = self.layout.names.len();
        if record.len() != expected {
            let first = match self.layout.has_header {
                true => "header line",
                false => "first row",
            };
            return Err(format!(
                "expected {}, as in the {first}; found {}",
                output::counted(expected, "cell"),
                record.len()
            ));
        }
        if let Reading::Mapped(read) = &self.layout.reading {
            return read(&Record {
                header: self,
                record,
            });
        }
        let mut fields = BTreeMap::new();
        for (name, cell) in self.known.iter().zip(record) {
            if let Some(name) = name {
                fields.insert(*name, cell_as_text(cell).map(Cow::into_owned));
            }
        }
        Ok(fields)
    }

    /// Returns the cells of the original row, without those that a rejects file adds.
    fn original_cells(&self, record: &ByteRecord) -> Vec<Vec<u8>> {
        let added = |at: usize| {
            let name = self.layout.names.get(at);
            name.is_some_and(|name| is_reject_column(name))
        };
        let cells = record.iter().enumerate().filter(|(at, _)| !added(*at));
        cells.map(|(_, cell)| cell.to_vec()).collect()
    }
}

/// A CSV record whose columns have names.
struct Record<'a> {
    header: &'a Header,
    record: &'a ByteRecord,
}

impl RowCells for Record<'_> {
    fn get(&self, key: &str) -> Result<Option<Cow<'_, str>>, String> {
        let Some(at) = self.header.index.get(key) else {
            return Ok(None);
        };
        let at = at.ok_or("the file has this column twice")?;
        let cell = self.record.get(at).unwrap_or_default();
        cell_as_text(cell).map(Some)
    }
}

/// The text of a cell. An export puts apostrophes before what a spreadsheet would take for a formula.
fn cell_as_text(cell: &[u8]) -> Result<Cow<'_, str>, String> {
    let text = std::str::from_utf8(cell).map_err(
        |_| "expected UTF-8 text; if the file is in another encoding, name it with --encoding",
    )?;
    Ok(restored(text))
}

/// Parses a line into its values by column and its original contents.
fn parse_object(line: &[u8], reading: &Reading) -> (RowFields, RawRow) {
    match serde_json::from_slice(line) {
        Ok(object) => match rejected_text(&object) {
            // The text was not an object when it was rejected, but may have been corrected since.
            Some(text) => match serde_json::from_str(&text) {
                Ok(object) => (fields(&object, reading), original(object)),
                Err(error) => (Err(not_an_object(&error)), RawRow::Text(text)),
            },
            None => (fields(&object, reading), original(object)),
        },
        Err(error) => {
            let text = String::from_utf8_lossy(line).into_owned();
            (Err(not_an_object(&error)), RawRow::Text(text))
        }
    }
}

fn not_an_object(error: &serde_json::Error) -> String {
    format!("not a JSON object: error in column {}", error.column())
}

/// Returns the original line if the rejects file holds it as text, because it was not an object.
fn rejected_text(RawObject(pairs): &RawObject) -> Option<String> {
    let (rest, added): (Vec<_>, Vec<_>) =
        pairs.iter().partition(|(name, _)| !is_reject_column(name));
    match rest.as_slice() {
        [(name, value)] if name == "text" && !added.is_empty() => Some(cell_text(value)),
        _ => None,
    }
}

/// Returns the contents of a JSON string, or the JSON text of any other value.
fn cell_text(value: &RawValue) -> String {
    serde_json::from_str(value.get()).unwrap_or_else(|_| value.get().to_owned())
}

fn original(RawObject(mut pairs): RawObject) -> RawRow {
    pairs.retain(|(name, _)| !is_reject_column(name));
    RawRow::Object(RawObject(pairs))
}

/// Returns the values of an object by column, as text.
fn fields(object: &RawObject, reading: &Reading) -> RowFields {
    let columns = match reading {
        Reading::Own(columns) => columns,
        Reading::Mapped(read) => return read(object),
    };
    let mut fields = BTreeMap::new();
    for (name, value) in &object.0 {
        if let Some(name) = columns.find(name)
            && value.get() != "null"
            && fields.insert(name, Ok(cell_text(value))).is_some()
        {
            return Err(format!("{name}: given twice"));
        }
    }
    Ok(fields)
}

impl RowCells for RawObject {
    fn get(&self, wanted: &str) -> Result<Option<Cow<'_, str>>, String> {
        let mut found = self
            .0
            .iter()
            .filter(|(name, value)| key(name) == wanted && value.get() != "null");
        let value = found.next();
        match found.next() {
            Some(_) => Err("given twice".to_owned()),
            None => Ok(value.map(|(_, value)| Cow::Owned(cell_text(value)))),
        }
    }
}
