//! How a file is laid out: its separator, whether its first line names the columns, and what its cells are.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;

use anyhow::{Result, bail};
use csv::ReaderBuilder;

use super::columns::{Columns, RowFields};

/// How much of a file is looked at to recognise its layout.
const HEAD: u64 = 256 * 1024;

/// What separates cells, in the order in which they are tried.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The cells of a row by the names of their columns.
pub trait RowCells {
    /// Returns the cell of a column, whose name is one of [`key`]; `None` if there is no such column.
    ///
    /// # Errors
    /// Returns an error if the cell is no text, or the row has the column twice.
    fn get(&self, key: &str) -> Result<Option<Cow<'_, str>>, String>;
}

/// Makes the columns that a command reads from the cells of a row.
pub type FieldReader = Box<dyn Fn(&dyn RowCells) -> RowFields>;

/// How the cells become the columns that a command reads.
pub enum Reading {
    /// The file has the command's own columns.
    Own(Columns),
    /// They are made from other columns.
    Mapped(FieldReader),
}

/// The layout of a file.
pub struct Layout {
    /// What separates the cells.
    pub separator: u8,
    /// Whether the first record names the columns.
    pub has_header: bool,
    /// The names of the columns; without a header line, those that its profile or their positions give them.
    pub names: Vec<String>,
    /// What the columns are.
    pub reading: Reading,
    /// What the first cell of a row of sums says, which is no row of the file.
    pub totals: Vec<String>,
}

/// The beginning of a file.
pub enum Head {
    /// Records of cells.
    Csv {
        /// The first bytes, without a line `sep=;`.
        start: Vec<u8>,
        /// The separators that come into question.
        separators: Vec<u8>,
        /// How many bytes the line `sep=;` has.
        skipped: usize,
    },
    /// One JSON object a line.
    Ndjson,
}

impl Head {
    /// Reads the beginning of a CSV file. `separator` is what its cells are separated by, if that is known.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read.
    pub fn csv(file: impl Read, separator: Option<u8>) -> Result<Self> {
        let mut start = Vec::new();
        file.take(HEAD).read_to_end(&mut start)?;
        let (said, skipped) = spreadsheet_line(&start);
        start.drain(..skipped);
        let separators = match separator.or(said) {
            Some(separator) => vec![separator],
            None => SEPARATORS.to_vec(),
        };
        Ok(Self::Csv {
            start,
            separators,
            skipped,
        })
    }

    /// Returns the first record and the second one, for each separator that comes into question.
    pub fn records(&self) -> Vec<(u8, Vec<String>, Vec<String>)> {
        let Self::Csv {
            start, separators, ..
        } = self
        else {
            return Vec::new();
        };
        let split = |separator: &u8| {
            let mut reader = ReaderBuilder::new()
                .flexible(true)
                .has_headers(false)
                .delimiter(*separator)
                .from_reader(start.as_slice());
            let mut records = reader.byte_records();
            let mut next = || {
                let record = records.next().and_then(std::result::Result::ok);
                let record = record.unwrap_or_default();
                let cells = record.iter().map(|cell| String::from_utf8_lossy(cell));
                cells.map(|cell| cell.trim().to_owned()).collect()
            };
            (*separator, next(), next())
        };
        separators.iter().map(split).collect()
    }

    /// Returns how many bytes a reader has to skip before the first record.
    #[must_use]
    pub fn skipped(&self) -> usize {
        match self {
            Self::Csv { skipped, .. } => *skipped,
            Self::Ndjson => 0,
        }
    }
}

impl Layout {
    /// Returns the layout of a file that has the command's own columns.
    ///
    /// # Errors
    /// Returns an error if the header line lacks a column, or has one twice.
    pub fn own(head: &Head, columns: Columns) -> Result<Self> {
        let mut first = None;
        for (separator, names, _) in head.records() {
            let found = columns.in_header(&names);
            let layout = Self {
                separator,
                has_header: true,
                names,
                reading: Reading::Own(columns),
                totals: Vec::new(),
            };
            match (found, &first) {
                (Ok(_), _) => return Ok(layout),
                (Err(error), None) => first = Some(error),
                (Err(_), Some(_)) => {}
            }
        }
        match (first, head) {
            (Some(error), _) => Err(error),
            (None, Head::Ndjson) => Ok(Self::ndjson(Reading::Own(columns))),
            (None, Head::Csv { .. }) => bail!("no separator comes into question"),
        }
    }

    /// Returns the layout of a file of JSON objects.
    #[must_use]
    pub fn ndjson(reading: Reading) -> Self {
        Self {
            separator: b',',
            has_header: false,
            names: Vec::new(),
            reading,
            totals: Vec::new(),
        }
    }

    /// Returns the index of each column by the key of its name, and of its position. A key that occurs twice has
    /// no index.
    pub fn index(&self) -> BTreeMap<String, Option<usize>> {
        let mut index = BTreeMap::new();
        for (at, name) in self.names.iter().enumerate() {
            let indexes = index.entry(key(name)).or_insert(Some(at));
            if *indexes != Some(at) {
                *indexes = None;
            }
        }
        // A rejects file names its columns by the positions that they had.
        for at in 0..self.names.len() {
            index.entry(position(at)).or_insert(Some(at));
        }
        index
    }
}

/// The name of a column without what differs between versions of one export: case, blanks and punctuation.
#[must_use]
pub fn key(name: &str) -> String {
    let name = name.trim();
    if name.starts_with('#') && name.len() > 1 && name.bytes().skip(1).all(|b| b.is_ascii_digit()) {
        return name.to_owned();
    }
    let letters = name.chars().filter(|c| c.is_alphanumeric() || *c == '#');
    letters.flat_map(char::to_lowercase).collect()
}

/// The name of the column at an index, from 0.
#[must_use]
pub fn position(at: usize) -> String {
    format!("#{}", at + 1)
}

/// What a first line such as `sep=;` says, which spreadsheets write and do not show, and its length.
fn spreadsheet_line(start: &[u8]) -> (Option<u8>, usize) {
    let end = start.iter().position(|byte| *byte == b'\n');
    let (Some(end), Some(said)) = (end, start.strip_prefix(b"sep=")) else {
        return (None, 0);
    };
    match said {
        [separator, b'\r' | b'\n', ..] if end <= 6 => (Some(*separator), end + 1),
        _ => (None, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_spreadsheet_says_the_separator() {
        for (text, expected) in [
            ("sep=;\na;b", (Some(b';'), 6)),
            ("sep=\t\r\na", (Some(b'\t'), 7)),
            ("sep=;;\na", (None, 0)),
            ("sep,a\n1,2\n", (None, 0)),
            ("sep=;", (None, 0)),
        ] {
            assert_eq!(spreadsheet_line(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn names_of_columns_differ_in_letters_and_digits_only() {
        for (name, expected) in [
            ("Start Time", "starttime"),
            ("start_time", "starttime"),
            ("StartTime", "starttime"),
            ("Call Duration(s)", "calldurations"),
            ("Dialed #", "dialed#"),
            ("#12", "#12"),
            ("DID/DDI", "didddi"),
        ] {
            assert_eq!(key(name), expected);
        }
    }
}
