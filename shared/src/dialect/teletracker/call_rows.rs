//! The rows of a report as JSON, CSV or NDJSON. `callbook export calls` writes the same rows.

use std::borrow::Cow;
use std::io;

use crate::ledger::CallRow;
use crate::model::account::Account;
use crate::model::call::Direction;
use crate::model::cell::defused;
use crate::model::cost;
use crate::model::time::Instant;
use csv::{Terminator, Writer, WriterBuilder};
use serde::Serialize;

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

/// A row as the contract defines it.
#[derive(Serialize)]
struct Row<'a> {
    call_id: &'a str,
    account_id: &'a str,
    direction: Direction,
    call_date: String,
    end_date: Option<String>,
    duration: Option<u64>,
    call_from: &'a str,
    call_to: &'a str,
    disposition: Option<Cow<'a, str>>,
    cost: Option<Cow<'a, str>>,
    date_billed: Option<String>,
    lead_id: Option<&'a str>,
    name: Option<Cow<'a, str>>,
    phone_status: Option<&'a str>,
    right_party_contact: Option<bool>,
    notes: Option<Cow<'a, str>>,
}

impl<'a> Row<'a> {
    /// Makes a row. `text` transforms the texts that people wrote.
    fn of(call: &'a CallRow, account: &'a Account, text: impl Fn(&'a str) -> Cow<'a, str>) -> Self {
        let feedback = call.latest_feedback.as_deref();
        let when = |instant: Instant| instant.rfc3339(&account.zone);
        Self {
            call_id: call.sid.as_str(),
            account_id: account.id.as_str(),
            direction: call.direction,
            call_date: when(call.started),
            end_date: call.ended.map(when),
            duration: call.seconds,
            call_from: &call.from,
            call_to: &call.to,
            disposition: call.disposition.as_deref().map(&text),
            cost: call.cost.as_deref().map(cost::four_places_of),
            date_billed: call.billed.map(when),
            lead_id: call.lead.as_deref(),
            name: feedback.and_then(|one| one.name.as_deref()).map(&text),
            phone_status: feedback.and_then(|one| one.status.as_deref()),
            right_party_contact: feedback.and_then(|one| one.right_party),
            notes: call.notes.as_deref().map(&text),
        }
    }
}

/// Writes a member whose value is a text or `null`, with what stands before it. See [`write_text`].
macro_rules! text_member {
    ($json:expr, $before:literal, $name:literal, $value:expr) => {
        write_text(
            $json,
            concat!($before, "\"", $name, "\":\""),
            concat!($before, "\"", $name, "\":null"),
            $value,
        )?
    };
}

/// By how many bytes a key is longer in a JSON string: its two quotes are escaped.
const KEY: usize = 2;

impl Row<'_> {
    /// Writes the row as the JSON that its `Serialize` makes, and returns the row's size in bytes when
    /// escaped in a JSON string.
    ///
    /// A report is mostly keys, which never need an escape, and a serializer looks for one in each of
    /// them again (`docs/decisions.md`, D-204). The size is counted on the way, which saves another
    /// look at every byte (D-749).
    fn write_json(&self, json: &mut Vec<u8>) -> io::Result<usize> {
        let from = json.len();
        let direction = match self.direction {
            Direction::Inbound => "inbound",
            Direction::Outbound => "outbound",
        };
        let mut more = text_member!(json, "{", "call_id", Some(self.call_id));
        more += text_member!(json, ",", "account_id", Some(self.account_id));
        more += text_member!(json, ",", "direction", Some(direction));
        more += text_member!(json, ",", "call_date", Some(&self.call_date));
        more += text_member!(json, ",", "end_date", self.end_date.as_deref());
        json.extend_from_slice(b",\"duration\":");
        serde_json::to_writer(&mut *json, &self.duration)?;
        more += text_member!(json, ",", "call_from", Some(self.call_from));
        more += text_member!(json, ",", "call_to", Some(self.call_to));
        more += text_member!(json, ",", "disposition", self.disposition.as_deref());
        more += text_member!(json, ",", "cost", self.cost.as_deref());
        more += text_member!(json, ",", "date_billed", self.date_billed.as_deref());
        more += text_member!(json, ",", "lead_id", self.lead_id);
        more += text_member!(json, ",", "name", self.name.as_deref());
        more += text_member!(json, ",", "phone_status", self.phone_status);
        json.extend_from_slice(b",\"right_party_contact\":");
        serde_json::to_writer(&mut *json, &self.right_party_contact)?;
        more += text_member!(json, ",", "notes", self.notes.as_deref());
        json.push(b'}');
        Ok(json.len() - from + more + 2 * KEY)
    }
}

/// Writes a member, and returns by how many bytes it is longer in a JSON string.
///
/// `key` ends with the quote that begins the text, and `null` is the member without a text. Both are
/// JSON already.
fn write_text(json: &mut Vec<u8>, key: &str, null: &str, value: Option<&str>) -> io::Result<usize> {
    let Some(text) = value else {
        json.extend_from_slice(null.as_bytes());
        return Ok(KEY);
    };
    json.extend_from_slice(key.as_bytes());
    if text.bytes().all(|byte| more_of(byte) == 0) {
        json.extend_from_slice(text.as_bytes());
        json.push(b'"');
        // Its own two quotes.
        return Ok(KEY + 2);
    }
    json.pop();
    let from = json.len();
    serde_json::to_writer(&mut *json, text)?;
    let written = json.get(from..).unwrap_or_default();
    Ok(KEY + escaped(written) - written.len())
}

/// Writes rows into a text.
pub struct Rows<'a> {
    account: &'a Account,
    written: Written,
    count: usize,
    escaped: usize,
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
        let written = match format {
            Format::Json => Written::Json(Vec::new()),
            Format::Csv => Written::Csv(Box::new(csv(Vec::new()))),
            Format::Ndjson => Written::Ndjson(Vec::new()),
        };
        Self {
            account,
            written,
            count: 0,
            escaped: 0,
        }
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Returns the size of the text in bytes when escaped in a JSON string, as functions return bodies.
    #[must_use]
    pub fn escaped(&self) -> usize {
        self.escaped
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Returns an error if the row cannot be serialized.
    pub fn push(&mut self, call: &CallRow) -> io::Result<()> {
        let account = self.account;
        let first = self.count == 0;
        self.count += 1;
        self.escaped += match &mut self.written {
            Written::Json(text) => {
                text.push(if first { b'[' } else { b',' });
                1 + Row::of(call, account, Cow::Borrowed).write_json(text)?
            }
            Written::Ndjson(text) => {
                let row = Row::of(call, account, Cow::Borrowed).write_json(text)?;
                text.push(b'\n');
                row + escaped(b"\n")
            }
            Written::Csv(writer) => {
                let from = writer.get_ref().len();
                if first {
                    writer.write_record(COLUMNS)?;
                }
                writer.serialize(Row::of(call, account, defused))?;
                writer.flush()?;
                escaped(writer.get_ref().get(from..).unwrap_or_default())
            }
        };
        Ok(())
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
    pub fn finish(mut self) -> io::Result<String> {
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
        String::from_utf8(text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }
}

fn csv(text: Vec<u8>) -> Writer<Vec<u8>> {
    WriterBuilder::new()
        .has_headers(false)
        .terminator(Terminator::CRLF)
        .from_writer(text)
}

/// Returns the size of a text in bytes when escaped in a JSON string.
fn escaped(text: &[u8]) -> usize {
    text.len() + text.iter().map(|byte| more_of(*byte)).sum::<usize>()
}

/// Returns by how many bytes the escaped byte is longer.
fn more_of(byte: u8) -> usize {
    // A table, because every byte of a report passes here, and comparisons cost five times as much.
    MORE.get(usize::from(byte)).copied().map_or(0, usize::from)
}

#[expect(
    clippy::indexing_slicing,
    reason = "it is evaluated by the compiler, which refuses a wrong index"
)]
const MORE: [u8; 256] = {
    let mut more = [0; 256];
    let mut byte = 0;
    while byte < more.len() {
        more[byte] = match byte {
            0x08 | 0x09 | 0x0a | 0x0c | 0x0d | 0x22 | 0x5c => 1,
            0..0x20 => 5,
            _ => 0,
        };
        byte += 1;
    }
    more
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_written_as_it_serializes() {
        for text in [
            "",
            "Ada",
            "say \"hi\"",
            "a\\b",
            "two\nlines",
            "\u{1}",
            "Zoë 💰",
        ] {
            for there in [false, true] {
                let texts = || there.then_some(Cow::Borrowed(text));
                let row = Row {
                    call_id: text,
                    account_id: "12345678",
                    direction: match there {
                        false => Direction::Inbound,
                        true => Direction::Outbound,
                    },
                    call_date: text.to_owned(),
                    end_date: there.then(|| text.to_owned()),
                    duration: there.then_some(u64::MAX),
                    call_from: text,
                    call_to: text,
                    disposition: texts(),
                    cost: texts(),
                    date_billed: there.then(|| text.to_owned()),
                    lead_id: there.then_some(text),
                    name: texts(),
                    phone_status: there.then_some(text),
                    right_party_contact: there.then_some(there),
                    notes: texts(),
                };
                let mut json = Vec::new();
                let size = row.write_json(&mut json).unwrap();
                assert_eq!(json, serde_json::to_vec(&row).unwrap());
                assert_eq!(size, escaped(&json), "{text:?}");
            }
        }
    }

    #[test]
    fn the_length_of_a_text_is_that_of_its_json() {
        let text = "a\"b\\c\n\r\t\u{8}\u{c}\u{1}\u{1f}ä\u{7f}";
        let json = serde_json::to_string(text).unwrap();
        assert_eq!(escaped(text.as_bytes()) + 2, json.len());
        let long = text.repeat(100);
        let json = serde_json::to_string(&long).unwrap();
        assert_eq!(escaped(long.as_bytes()) + 2, json.len());
    }
}
