//! Reads the rows of a file: CSV with a header line, or one JSON object a line.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

use anyhow::{Context, Result, ensure};
use callbook::model::cell::restored;
use csv::{ByteRecord, ReaderBuilder};
use serde_json::value::RawValue;

use super::columns::{Columns, is_reject_column};
use super::lines::LineTracker;
use super::object::RawObject;
use crate::args::TableFormat;

/// The reason to reject a CSV record with malformed quotes.
const MALFORMED_QUOTES: &str = "a quote is never closed, or is closed before the end of its cell; this row may \
    contain the lines after it";

/// The cells of a row by column, or why the row cannot be read.
pub type RowFields = Result<BTreeMap<&'static str, String>, String>;

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
        /// The columns to read.
        columns: Columns,
        /// The number of lines read so far.
        lines: u64,
    },
}

/// The header line of a CSV file.
pub struct Header {
    names: Vec<String>,
    known: Vec<Option<&'static str>>,
}

impl<R: Read + BufRead> TableSource<R> {
    /// Starts to read a file. The header line of a CSV file is read at once.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, or its header line lacks a column or names one twice.
    pub fn open(file: R, format: TableFormat, columns: Columns) -> Result<Self> {
        if format == TableFormat::Ndjson {
            return Ok(Self::Ndjson {
                reader: file,
                columns,
                lines: 0,
            });
        }
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            .from_reader(LineTracker::new(file));
        let names: Vec<String> = reader
            .byte_headers()
            .context("cannot read the header line")?
            .iter()
            .map(|name| String::from_utf8_lossy(name).trim().to_owned())
            .collect();
        let end = reader.position().byte();
        ensure!(
            !reader.get_mut().has_malformed_quote_before(end),
            "cannot read the header line: {MALFORMED_QUOTES}"
        );
        let known = columns.in_header(&names)?;
        Ok(Self::Csv(Box::new(reader), Header { names, known }))
    }

    /// Returns the columns of a CSV file, without those that a rejects file adds.
    #[must_use]
    pub fn columns(&self) -> Option<Vec<String>> {
        match self {
            Self::Csv(_, Header { names, .. }) => {
                let rest = names.iter().filter(|name| !is_reject_column(name));
                Some(rest.cloned().collect())
            }
            Self::Ndjson { .. } => None,
        }
    }

    /// Reads the next row; returns `None` after the last one.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read.
    pub fn next(&mut self) -> Result<Option<SourceRow>> {
        match self {
            Self::Csv(reader, header) => {
                let mut record = ByteRecord::new();
                if !reader.read_byte_record(&mut record)? {
                    return Ok(None);
                }
                let offset = record.position().map_or(0, csv::Position::byte);
                let end = reader.position().byte();
                let line = reader.get_mut().line_at(offset);
                let mut fields = header.fields(&record);
                let mut cells = header.original_cells(&record);
                if reader.get_mut().has_malformed_quote_before(end) {
                    // The rejects file balances the quotes, so the row would be accepted from there with
                    // all that its open cell contains. An extra cell prevents that.
                    if record.len() == header.names.len() {
                        cells.push(Vec::new());
                    }
                    fields = Err(MALFORMED_QUOTES.to_owned());
                }
                let raw = RawRow::Cells(cells);
                Ok(Some(SourceRow {
                    fields,
                    origin: RowOrigin { line, raw },
                }))
            }
            Self::Ndjson {
                reader,
                columns,
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
                let (fields, raw) = parse_object(text, columns);
                return Ok(Some(SourceRow {
                    fields,
                    origin: RowOrigin { line: *lines, raw },
                }));
            },
        }
    }
}

impl Header {
    fn fields(&self, record: &ByteRecord) -> RowFields {
        if record.len() != self.names.len() {
            return Err(format!(
                "expected {} cells, as in the header line; found {}",
                self.names.len(),
                record.len()
            ));
        }
        let mut fields = BTreeMap::new();
        for (name, cell) in self.known.iter().zip(record) {
            if let Some(name) = name {
                let cell = std::str::from_utf8(cell)
                    .map_err(|_| format!("{name}: expected UTF-8 text"))?;
                // An export puts apostrophes before what a spreadsheet would take for a formula.
                fields.insert(*name, restored(cell).into_owned());
            }
        }
        Ok(fields)
    }

    /// Returns the cells of the original row, without those that a rejects file adds.
    fn original_cells(&self, record: &ByteRecord) -> Vec<Vec<u8>> {
        let added = |at: usize| {
            self.names
                .get(at)
                .is_some_and(|name| is_reject_column(name))
        };
        let cells = record.iter().enumerate().filter(|(at, _)| !added(*at));
        cells.map(|(_, cell)| cell.to_vec()).collect()
    }
}

/// Parses a line into its values by column and its original contents.
fn parse_object(line: &[u8], columns: &Columns) -> (RowFields, RawRow) {
    match serde_json::from_slice(line) {
        Ok(object) => match rejected_text(&object) {
            // The text was not an object when it was rejected, but may have been corrected since.
            Some(text) => match serde_json::from_str(&text) {
                Ok(object) => (fields(&object, columns), original(object)),
                Err(error) => (Err(not_an_object(&error)), RawRow::Text(text)),
            },
            None => (fields(&object, columns), original(object)),
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
fn fields(RawObject(pairs): &RawObject, columns: &Columns) -> RowFields {
    let mut fields = BTreeMap::new();
    for (name, value) in pairs {
        if let Some(name) = columns.find(name)
            && value.get() != "null"
            && fields.insert(name, cell_text(value)).is_some()
        {
            return Err(format!("{name}: given twice"));
        }
    }
    Ok(fields)
}
