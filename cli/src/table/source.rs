//! The rows of a file, as text by column: CSV with a header line, or a JSON object a line.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

use anyhow::{Context, Result};
use csv::{ByteRecord, ReaderBuilder};
use serde_json::value::RawValue;

use crate::args::TableFormat;

/// A row as it stands in the file.
pub struct Line {
    /// Its first line in the file, from 1.
    pub number: u64,
    /// What can be read of it, or why nothing can.
    pub fields: Result<BTreeMap<String, String>, String>,
    /// The row itself, for the rejects.
    pub raw: Raw,
}

/// A row as it was, byte for byte.
pub enum Raw {
    /// The cells of a CSV record.
    Cells(Vec<Vec<u8>>),
    /// One line.
    Text(Vec<u8>),
}

/// The rows of a file, one after the other.
pub enum Source<R> {
    /// CSV, with its columns.
    Csv(Box<csv::Reader<R>>, Vec<String>),
    /// One object a line, and how many lines were read.
    Ndjson(R, u64),
}

impl<R: Read + BufRead> Source<R> {
    /// Begins to read; a CSV file's header line is read at once.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open(file: R, format: TableFormat) -> Result<Self> {
        if format == TableFormat::Ndjson {
            return Ok(Self::Ndjson(file, 0));
        }
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(file);
        let header = reader
            .byte_headers()
            .context("the header line cannot be read")?;
        let columns = header
            .iter()
            .map(|name| String::from_utf8_lossy(name).trim().to_owned())
            .collect();
        Ok(Self::Csv(Box::new(reader), columns))
    }

    /// A CSV file's columns.
    #[must_use]
    pub fn columns(&self) -> Option<&[String]> {
        match self {
            Self::Csv(_, columns) => Some(columns),
            Self::Ndjson(..) => None,
        }
    }

    /// The next row; `None` behind the last.
    ///
    /// # Errors
    /// The file cannot be read on.
    pub fn next(&mut self) -> Result<Option<Line>> {
        match self {
            Self::Csv(reader, columns) => {
                let mut record = ByteRecord::new();
                if !reader.read_byte_record(&mut record)? {
                    return Ok(None);
                }
                Ok(Some(Line {
                    number: record.position().map_or(0, csv::Position::line),
                    fields: cells(columns, &record),
                    raw: Raw::Cells(record.iter().map(<[u8]>::to_vec).collect()),
                }))
            }
            Self::Ndjson(reader, number) => loop {
                let mut text = Vec::new();
                if reader.read_until(b'\n', &mut text)? == 0 {
                    return Ok(None);
                }
                *number += 1;
                if text.trim_ascii().is_empty() {
                    continue;
                }
                return Ok(Some(Line {
                    number: *number,
                    fields: object(&text),
                    raw: Raw::Text(text.trim_ascii().to_vec()),
                }));
            },
        }
    }
}

fn cells(columns: &[String], record: &ByteRecord) -> Result<BTreeMap<String, String>, String> {
    if record.len() != columns.len() {
        return Err(format!(
            "{} cells where the header line has {}",
            record.len(),
            columns.len()
        ));
    }
    let mut fields = BTreeMap::new();
    for (name, cell) in columns.iter().zip(record) {
        let cell = std::str::from_utf8(cell).map_err(|_| format!("{name}: no UTF-8 text"))?;
        fields.insert(name.clone(), cell.to_owned());
    }
    Ok(fields)
}

/// An object's values as the text they were written as, so that money keeps every digit.
fn object(text: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let fields: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(text)
        .map_err(|error| format!("no JSON object: column {}", error.column()))?;
    let text = |value: Box<RawValue>| match value.get() {
        "null" => None,
        raw => Some(serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned())),
    };
    Ok(fields
        .into_iter()
        .filter_map(|(name, value)| Some((name, text(value)?)))
        .collect())
}
