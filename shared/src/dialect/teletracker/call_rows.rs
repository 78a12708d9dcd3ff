//! The rows of a report as JSON, CSV or NDJSON. `callbook export calls` writes the same rows.

use std::borrow::Cow;
use std::io;

use csv::{Terminator, Writer, WriterBuilder};

use super::row::{LINE, Place, Row};
use crate::dialect::body::{EscapedText, escaped};
use crate::ledger::CallRow;
use crate::model::account::Account;
use crate::model::cell::defused;

/// The format of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One array of objects.
    Json,
    /// RFC 4180 with a header line.
    Csv,
    /// One object for each line.
    Ndjson,
}

impl Format {
    /// Reads `json`, `csv` or `ndjson`, in either case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            "ndjson" => Some(Self::Ndjson),
            _ => None,
        }
    }
}

/// The columns, in the contract's order.
pub const COLUMNS: [&str; 16] = [
    "call_id",
    "account_id",
    "direction",
    "call_date",
    "end_date",
    "duration",
    "call_from",
    "call_to",
    "disposition",
    "cost",
    "date_billed",
    "lead_id",
    "name",
    "phone_status",
    "right_party_contact",
    "notes",
];

/// Writes rows into the text of a file.
pub struct Rows<'a> {
    account: &'a Account,
    place: Place,
    written: Written,
    count: usize,
}

enum Written {
    Json(Vec<u8>),
    Csv(Box<Writer<Vec<u8>>>),
    Ndjson(Vec<u8>),
}

impl<'a> Rows<'a> {
    /// Creates a writer without rows.
    #[must_use]
    pub fn new(format: Format, account: &'a Account) -> Self {
        Self::at(Place::File, format, account)
    }

    fn at(place: Place, format: Format, account: &'a Account) -> Self {
        let written = match format {
            Format::Json => Written::Json(Vec::new()),
            Format::Csv => Written::Csv(Box::new(csv(Vec::new()))),
            Format::Ndjson => Written::Ndjson(Vec::new()),
        };
        Self {
            account,
            place,
            written,
            count: 0,
        }
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Returns an error if the row cannot be serialized.
    pub fn push(&mut self, call: &CallRow) -> io::Result<()> {
        let account = self.account;
        let first = self.count == 0;
        self.count += 1;
        match &mut self.written {
            Written::Json(text) => {
                text.push(if first { b'[' } else { b',' });
                Row::of(call, account, Cow::Borrowed).write_json(text, self.place)
            }
            Written::Ndjson(text) => {
                Row::of(call, account, Cow::Borrowed).write_json(text, self.place)?;
                text.extend_from_slice(LINE.at(self.place));
                Ok(())
            }
            Written::Csv(writer) => {
                if first {
                    writer.write_record(COLUMNS)?;
                }
                writer.serialize(Row::of(call, account, defused))?;
                writer.flush()
            }
        }
    }

    /// What was written and not taken.
    fn text(&self) -> &[u8] {
        match &self.written {
            Written::Json(text) | Written::Ndjson(text) => text,
            Written::Csv(writer) => writer.get_ref(),
        }
    }

    /// Takes the text that was written since the last call. Further rows continue after it.
    ///
    /// # Errors
    /// Returns an error if the CSV writer cannot be flushed, which cannot happen in memory.
    pub fn take(&mut self) -> io::Result<Vec<u8>> {
        match &mut self.written {
            Written::Json(text) | Written::Ndjson(text) => Ok(std::mem::take(text)),
            Written::Csv(writer) => {
                let full = std::mem::replace(writer, Box::new(csv(Vec::new())));
                full.into_inner().map_err(|error| error.into_error())
            }
        }
    }

    /// Returns the whole text. Without rows, it is an empty array or a header line.
    ///
    /// # Errors
    /// Returns an error if the CSV writer cannot be flushed or the text is not UTF-8. Neither can
    /// happen in memory.
    pub fn finish(self) -> io::Result<String> {
        String::from_utf8(self.whole()?).map_err(unreadable)
    }

    fn whole(mut self) -> io::Result<Vec<u8>> {
        if self.count == 0
            && let Written::Csv(writer) = &mut self.written
        {
            writer.write_record(COLUMNS)?;
        }
        let array = matches!(self.written, Written::Json(_));
        let mut text = self.take()?;
        if array {
            if self.count == 0 {
                text.push(b'[');
            }
            text.push(b']');
        }
        Ok(text)
    }
}

fn unreadable(error: std::string::FromUtf8Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// Writes rows into the body of an answer.
pub struct ReplyRows<'a> {
    rows: Rows<'a>,
    escaped: usize,
}

/// The rows of an answer.
pub enum Finished {
    /// One array of objects.
    Json(EscapedText),
    /// Lines with a header. The reply escapes them.
    Csv(String),
    /// One object for each line.
    Ndjson(EscapedText),
}

impl<'a> ReplyRows<'a> {
    /// Creates a writer without rows.
    #[must_use]
    pub fn new(format: Format, account: &'a Account) -> Self {
        Self {
            rows: Rows::at(Place::Reply, format, account),
            escaped: 0,
        }
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn count(&self) -> usize {
        self.rows.count
    }

    /// Returns the size of the rows in bytes as they stand in the reply, a JSON string.
    #[must_use]
    pub fn size(&self) -> usize {
        self.escaped
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Returns an error if the row cannot be serialized.
    pub fn push(&mut self, call: &CallRow) -> io::Result<()> {
        let from = self.rows.text().len();
        self.rows.push(call)?;
        let row = self.rows.text().get(from..).unwrap_or_default();
        self.escaped += match self.rows.written {
            Written::Csv(_) => escaped(row),
            Written::Json(_) | Written::Ndjson(_) => row.len(),
        };
        Ok(())
    }

    /// Returns all rows. Without any, they are an empty array or a header line.
    ///
    /// # Errors
    /// Returns an error if the CSV writer cannot be flushed or the text is not UTF-8. Neither can
    /// happen in memory.
    pub fn finish(self) -> io::Result<Finished> {
        let escaped = |text| EscapedText::written(text).map_err(unreadable);
        Ok(match self.rows.written {
            Written::Json(_) => Finished::Json(escaped(self.rows.whole()?)?),
            Written::Ndjson(_) => Finished::Ndjson(escaped(self.rows.whole()?)?),
            Written::Csv(_) => Finished::Csv(self.rows.finish()?),
        })
    }
}

fn csv(text: Vec<u8>) -> Writer<Vec<u8>> {
    WriterBuilder::new()
        .has_headers(false)
        .terminator(Terminator::CRLF)
        .from_writer(text)
}
