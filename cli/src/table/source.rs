//! The rows of a file, as text by column: CSV with a header line, or a JSON object a line.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

use anyhow::{Context, Result, ensure};
use csv::{ByteRecord, ReaderBuilder};
use serde_json::value::RawValue;

use super::columns::{Columns, is_of_rejects};
use super::lines::Lines;
use super::object::Object;
use crate::args::TableFormat;

/// What is told of a CSV record whose quotes are not whole.
const BROKEN: &str = "a quote that is opened in it is never closed, or not where a cell ends; the lines \
    behind it may be in this row";

/// What can be read of a row by column, or why nothing can.
pub type RowFields = Result<BTreeMap<&'static str, String>, String>;

/// A row as it stands in the file.
pub struct Line {
    /// What can be read of it.
    pub fields: RowFields,
    /// The row itself, for the rejects.
    pub origin: RowOrigin,
}

/// Where a row comes from.
pub struct RowOrigin {
    /// Its first line in the file, from 1.
    pub line: u64,
    /// The row as it was, without what a rejects file puts in front.
    pub raw: Raw,
}

/// A row as it was.
pub enum Raw {
    /// The cells of a CSV record, byte for byte; one more where its quotes are broken.
    Cells(Vec<Vec<u8>>),
    /// A JSON object, its values letter for letter.
    Object(Object),
    /// A line that is no JSON object.
    Text(String),
}

/// The rows of a file, one after the other.
pub enum Source<R> {
    /// CSV.
    Csv(Box<csv::Reader<Lines<R>>>, Header),
    /// One object a line.
    Ndjson {
        /// The file.
        reader: R,
        /// What is read.
        columns: Columns,
        /// How many lines were read.
        lines: u64,
    },
}

/// The header line of a CSV file.
pub struct Header {
    names: Vec<String>,
    known: Vec<Option<&'static str>>,
}

impl<R: Read + BufRead> Source<R> {
    /// Begins to read; a CSV file's header line is read at once.
    ///
    /// # Errors
    /// The file cannot be read, or its header line is not one for these columns.
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
            .from_reader(Lines::new(file));
        let names: Vec<String> = reader
            .byte_headers()
            .context("the header line cannot be read")?
            .iter()
            .map(|name| String::from_utf8_lossy(name).trim().to_owned())
            .collect();
        let end = reader.position().byte();
        ensure!(
            !reader.get_mut().breaks_before(end),
            "the header line cannot be read: {BROKEN}"
        );
        let known = columns.of_header(&names)?;
        Ok(Self::Csv(Box::new(reader), Header { names, known }))
    }

    /// A CSV file's columns, without those of a rejects file.
    #[must_use]
    pub fn columns(&self) -> Option<Vec<String>> {
        match self {
            Self::Csv(_, Header { names, .. }) => {
                let rest = names.iter().filter(|name| !is_of_rejects(name));
                Some(rest.cloned().collect())
            }
            Self::Ndjson { .. } => None,
        }
    }

    /// The next row; `None` behind the last.
    ///
    /// # Errors
    /// The file cannot be read on.
    pub fn next(&mut self) -> Result<Option<Line>> {
        match self {
            Self::Csv(reader, header) => {
                let mut record = ByteRecord::new();
                if !reader.read_byte_record(&mut record)? {
                    return Ok(None);
                }
                let offset = record.position().map_or(0, csv::Position::byte);
                let end = reader.position().byte();
                let line = reader.get_mut().of(offset);
                let mut fields = header.fields(&record);
                let mut cells = header.rest(&record);
                if reader.get_mut().breaks_before(end) {
                    // Written with whole quotes it would pass for a good row, with what it swallowed.
                    if record.len() == header.names.len() {
                        cells.push(Vec::new());
                    }
                    fields = Err(BROKEN.to_owned());
                }
                let raw = Raw::Cells(cells);
                Ok(Some(Line {
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
                let (fields, raw) = object(text, columns);
                return Ok(Some(Line {
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
                "{} cells where the header line has {}",
                record.len(),
                self.names.len()
            ));
        }
        let mut fields = BTreeMap::new();
        for (name, cell) in self.known.iter().zip(record) {
            if let Some(name) = name {
                let cell =
                    std::str::from_utf8(cell).map_err(|_| format!("{name}: no UTF-8 text"))?;
                fields.insert(*name, cell.to_owned());
            }
        }
        Ok(fields)
    }

    /// The cells that are not those of a rejects file.
    fn rest(&self, record: &ByteRecord) -> Vec<Vec<u8>> {
        let own = |at: usize| self.names.get(at).is_some_and(|name| is_of_rejects(name));
        let cells = record.iter().enumerate().filter(|(at, _)| !own(*at));
        cells.map(|(_, cell)| cell.to_vec()).collect()
    }
}

/// A line's values, and what to keep of it.
fn object(line: &[u8], columns: &Columns) -> (RowFields, Raw) {
    match serde_json::from_slice(line) {
        Ok(object) => match rejected_text(&object) {
            // What was no object once may have been mended since.
            Some(text) => match serde_json::from_str(&text) {
                Ok(object) => (fields(&object, columns), kept(object)),
                Err(error) => (Err(no_object(&error)), Raw::Text(text)),
            },
            None => (fields(&object, columns), kept(object)),
        },
        Err(error) => {
            let text = String::from_utf8_lossy(line).into_owned();
            (Err(no_object(&error)), Raw::Text(text))
        }
    }
}

fn no_object(error: &serde_json::Error) -> String {
    format!("no JSON object: column {}", error.column())
}

/// The line that a rejects file has as a text, because it was no object.
fn rejected_text(Object(pairs): &Object) -> Option<String> {
    let (rest, own): (Vec<_>, Vec<_>) = pairs.iter().partition(|(name, _)| !is_of_rejects(name));
    match rest.as_slice() {
        [(name, value)] if name == "text" && !own.is_empty() => Some(written(value)),
        _ => None,
    }
}

/// A text, or anything else as the text that it was written as.
fn written(value: &RawValue) -> String {
    serde_json::from_str(value.get()).unwrap_or_else(|_| value.get().to_owned())
}

fn kept(Object(mut pairs): Object) -> Raw {
    pairs.retain(|(name, _)| !is_of_rejects(name));
    Raw::Object(Object(pairs))
}

/// An object's values as the text they were written as.
fn fields(Object(pairs): &Object, columns: &Columns) -> RowFields {
    let mut fields = BTreeMap::new();
    for (name, value) in pairs {
        if let Some(name) = columns.find(name)
            && value.get() != "null"
            && fields.insert(name, written(value)).is_some()
        {
            return Err(format!("{name}: there twice"));
        }
    }
    Ok(fields)
}
