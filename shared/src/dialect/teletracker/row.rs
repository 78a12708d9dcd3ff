//! A row of a report, and its JSON.

use std::borrow::Cow;
use std::io;

use serde::Serialize;

use crate::dialect::body::{more_of, write_twice};
use crate::ledger::CallRow;
use crate::model::account::Account;
use crate::model::call::Direction;
use crate::model::cost;
use crate::model::time::Instant;

/// A row as the contract defines it.
#[derive(Serialize)]
pub(super) struct Row<'a> {
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
    pub(super) fn of(
        call: &'a CallRow,
        account: &'a Account,
        text: impl Fn(&'a str) -> Cow<'a, str>,
    ) -> Self {
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

/// Where rows are written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A file.
    File,
    /// A JSON string: the gateway's reply has bodies so. What is written is escaped once more.
    Reply,
}

/// A part of every row, which needs no look at each of its bytes.
#[derive(Clone, Copy)]
pub(super) struct Part {
    file: &'static str,
    reply: &'static str,
}

impl Part {
    pub(super) fn at(self, place: Place) -> &'static [u8] {
        match place {
            Place::File => self.file.as_bytes(),
            Place::Reply => self.reply.as_bytes(),
        }
    }
}

/// The beginning of a member, up to and with the quote of its text.
macro_rules! text_of {
    ($before:literal, $name:literal) => {
        Part {
            file: concat!($before, "\"", $name, "\":\""),
            reply: concat!($before, "\\\"", $name, "\\\":\\\""),
        }
    };
}

/// A member, up to its value or with it.
macro_rules! member {
    ($before:literal, $name:literal, $value:literal) => {
        Part {
            file: concat!($before, "\"", $name, "\":", $value),
            reply: concat!($before, "\\\"", $name, "\\\":", $value),
        }
    };
}

/// Writes a member whose value is a text or `null`, with what stands before it.
macro_rules! write_member {
    ($json:expr, $place:expr, $before:literal, $name:literal, $value:expr) => {
        write_text(
            $json,
            $place,
            [
                text_of!($before, $name),
                member!($before, $name, ""),
                member!($before, $name, "null"),
            ],
            $value,
        )?
    };
}

/// The end of a line.
pub(super) const LINE: Part = Part {
    file: "\n",
    reply: "\\n",
};

/// The end of a text.
const QUOTE: Part = Part {
    file: "\"",
    reply: "\\\"",
};

impl Row<'_> {
    /// Writes the row as the JSON that its `Serialize` makes, as it stands in that place.
    ///
    /// A report is mostly keys, which never need an escape, and a serializer looks for one in each of
    /// them again (`docs/decisions.md`, D-204 and D-749).
    pub(super) fn write_json(&self, json: &mut Vec<u8>, place: Place) -> io::Result<()> {
        let direction = match self.direction {
            Direction::Inbound => "inbound",
            Direction::Outbound => "outbound",
        };
        write_member!(json, place, "{", "call_id", Some(self.call_id));
        write_member!(json, place, ",", "account_id", Some(self.account_id));
        write_member!(json, place, ",", "direction", Some(direction));
        write_member!(json, place, ",", "call_date", Some(&self.call_date));
        write_member!(json, place, ",", "end_date", self.end_date.as_deref());
        json.extend_from_slice(member!(",", "duration", "").at(place));
        serde_json::to_writer(&mut *json, &self.duration)?;
        write_member!(json, place, ",", "call_from", Some(self.call_from));
        write_member!(json, place, ",", "call_to", Some(self.call_to));
        write_member!(json, place, ",", "disposition", self.disposition.as_deref());
        write_member!(json, place, ",", "cost", self.cost.as_deref());
        write_member!(json, place, ",", "date_billed", self.date_billed.as_deref());
        write_member!(json, place, ",", "lead_id", self.lead_id);
        write_member!(json, place, ",", "name", self.name.as_deref());
        write_member!(json, place, ",", "phone_status", self.phone_status);
        json.extend_from_slice(member!(",", "right_party_contact", "").at(place));
        serde_json::to_writer(&mut *json, &self.right_party_contact)?;
        write_member!(json, place, ",", "notes", self.notes.as_deref());
        json.push(b'}');
        Ok(())
    }
}

/// Writes a member: its key with the beginning of the text, its key alone before a text that needs an escape, or its
/// key with `null`.
fn write_text(
    json: &mut Vec<u8>,
    place: Place,
    [open, key, null]: [Part; 3],
    value: Option<&str>,
) -> io::Result<()> {
    match value {
        None => json.extend_from_slice(null.at(place)),
        Some(text) if text.bytes().all(|byte| more_of(byte) == 0) => {
            json.extend_from_slice(open.at(place));
            json.extend_from_slice(text.as_bytes());
            json.extend_from_slice(QUOTE.at(place));
        }
        Some(text) => {
            json.extend_from_slice(key.at(place));
            match place {
                Place::File => serde_json::to_writer(json, text)?,
                Place::Reply => write_twice(json, text)?,
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::body::EscapedText;

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
                let wanted = serde_json::to_string(&row).unwrap();
                let mut json = Vec::new();
                row.write_json(&mut json, Place::File).unwrap();
                assert_eq!(String::from_utf8(json).unwrap(), wanted);
                let mut reply = Vec::new();
                row.write_json(&mut reply, Place::Reply).unwrap();
                let reply = EscapedText::written(reply).unwrap();
                assert_eq!(reply, EscapedText::of(&wanted));
            }
        }
    }
}
