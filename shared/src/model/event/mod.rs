//! Events: what happened in an account, for whoever wants to be told.
//!
//! An event leaves as a `CloudEvent`, version 1.0. Its id is computed from the change that it tells, so a change
//! that is published again has the same id, by which a receiver knows the repeat.

mod kind;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

pub use self::kind::{EventShape, EventType};
use super::account::AccountId;
use super::time::{Instant, Zone};

/// What the source of an event begins with; the account's id follows.
const SOURCE: &str = "urn:callbook:account:";

/// The version of `CloudEvents`.
const CLOUD_EVENTS: &str = "1.0";

/// Something that happened in an account.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its id: that of every repeat, too.
    pub id: EventId,
    /// What it tells.
    pub kind: EventType,
    /// In which account it happened.
    pub account: AccountId,
    /// What it is about: `call/SID`, `cost/ID`, `lead/ID` and so on.
    pub subject: String,
    /// When it happened.
    pub time: Instant,
    /// Names what order is kept within.
    pub line: LineKey,
    /// Its place among the events of its line: texts sort in the order of the changes.
    pub place: String,
    /// What is told, in the shape of its type.
    pub data: Value,
}

/// The id of an event: `evt_` and 32 hex digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventId(String);

impl EventId {
    /// Computes the id of an event from what makes it the one that it is.
    #[must_use]
    pub fn of(parts: &[&str]) -> Self {
        Self(format!("evt_{}", digest(parts)))
    }

    /// Reads an id.
    ///
    /// # Errors
    /// Returns `InvalidEventId` if the text is not `evt_` and 32 hex digits.
    pub fn parse(text: &str) -> Result<Self, InvalidEventId> {
        match text.strip_prefix("evt_") {
            Some(digits) if is_hex(digits) => Ok(Self(text.to_owned())),
            _ => Err(InvalidEventId),
        }
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is not the id of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected the id of an event: evt_ and 32 hex digits")]
pub struct InvalidEventId;

impl TryFrom<String> for EventId {
    type Error = InvalidEventId;
    fn try_from(text: String) -> Result<Self, InvalidEventId> {
        Self::parse(&text)
    }
}

impl From<EventId> for String {
    fn from(id: EventId) -> Self {
        id.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What order is kept within: a pair of caller and number with its calls and costs, or another item, such as a lead, a
/// queue entry, a number, a credential or a webhook. It is a hash, so it shows no number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LineKey(String);

impl LineKey {
    /// Computes the key of a line from what names it.
    #[must_use]
    pub fn of(parts: &[&str]) -> Self {
        Self(digest(parts))
    }

    /// Returns the hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for LineKey {
    type Error = InvalidEvent;
    fn try_from(text: String) -> Result<Self, InvalidEvent> {
        match is_hex(&text) {
            true => Ok(Self(text)),
            false => Err(InvalidEvent("partitionkey")),
        }
    }
}

impl From<LineKey> for String {
    fn from(key: LineKey) -> Self {
        key.0
    }
}

fn is_hex(text: &str) -> bool {
    let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == 32 && text.bytes().all(lower)
}

/// Half of a SHA-256 of texts, none of which has the separator in it.
fn digest(parts: &[&str]) -> String {
    let hash = Sha256::digest(parts.join("\n"));
    let half: Vec<u8> = hash.iter().take(16).copied().collect();
    hex::encode(half)
}

/// The text is no event. The error names what is wrong, and no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no event: {0} is missing or wrong")]
pub struct InvalidEvent(&'static str);

/// A `CloudEvent`. `partitionkey` and `sequence` are extensions that `CloudEvents` documents.
#[derive(Serialize, Deserialize)]
struct CloudEvent<D> {
    specversion: String,
    id: EventId,
    source: String,
    r#type: EventType,
    subject: String,
    time: String,
    partitionkey: LineKey,
    sequence: String,
    datacontenttype: String,
    dataschema: String,
    data: D,
}

impl Event {
    /// Returns the sequence number of the change that it tells, in 40 digits.
    #[must_use]
    pub fn change_sequence(&self) -> Option<&str> {
        self.place.split('#').nth(1)
    }

    /// Returns the event as a `CloudEvent` in JSON: the body of a webhook, and the detail on the bus.
    ///
    /// The same event has the same text always.
    #[must_use]
    pub fn to_json(&self) -> String {
        let event = CloudEvent {
            specversion: CLOUD_EVENTS.to_owned(),
            id: self.id.clone(),
            source: format!("{SOURCE}{}", self.account),
            r#type: self.kind,
            subject: self.subject.clone(),
            time: self.time.rfc3339_utc_millis(),
            partitionkey: self.line.clone(),
            sequence: self.place.clone(),
            datacontenttype: "application/json".to_owned(),
            dataschema: self.kind.schema(),
            data: &self.data,
        };
        serde_json::to_string(&event).unwrap_or_default()
    }

    /// Reads what [`Event::to_json`] returned.
    ///
    /// # Errors
    /// Returns `InvalidEvent` if the text is something else.
    pub fn read(json: &str) -> Result<Self, InvalidEvent> {
        let event: CloudEvent<Value> =
            serde_json::from_str(json).map_err(|_| InvalidEvent("an attribute"))?;
        let account = event.source.strip_prefix(SOURCE);
        let account = account.and_then(|id| AccountId::parse(id).ok());
        let time = Instant::parse(&event.time, &Zone::utc());
        Ok(Self {
            id: event.id,
            kind: event.r#type,
            account: account.ok_or(InvalidEvent("source"))?,
            subject: event.subject,
            time: time.map_err(|_| InvalidEvent("time"))?,
            line: event.partitionkey,
            place: event.sequence,
            data: event.data,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event() -> Event {
        Event {
            id: EventId::of(&["cost.recorded", "7", "123"]),
            kind: EventType::CostRecorded,
            account: AccountId::parse("7").unwrap(),
            subject: "cost/123".to_owned(),
            time: Instant::from_millis(1_795_000_000_123),
            line: LineKey::of(&["A#7#PAIR#in#+12065550100#+12065550199"]),
            place: "1795000000#0000000000000000000000000000000000000042#00".to_owned(),
            data: json!({"cost_id": "123", "amount": "7.5000"}),
        }
    }

    #[test]
    fn an_event_is_a_cloud_event_and_reads_back() {
        let json = event().to_json();
        let read: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["specversion"], "1.0");
        assert_eq!(read["type"], "cost.recorded");
        assert_eq!(read["source"], "urn:callbook:account:7");
        assert_eq!(read["time"], "2026-11-18T11:06:40.123Z");
        assert_eq!(read["dataschema"], "urn:callbook:schema:cost:v1");
        assert!(!json.contains("5550100"), "{json}");
        assert_eq!(Event::read(&json), Ok(event()));
        assert_eq!(event().to_json(), json);
    }

    #[test]
    fn what_is_no_event_is_refused_without_its_values() {
        let mut found: Value = serde_json::from_str(&event().to_json()).unwrap();
        for (name, wrong) in [
            ("source", json!("urn:callbook:account:x")),
            ("time", json!("yesterday")),
            ("id", json!("evt_1")),
            ("type", json!("call.lost")),
            ("partitionkey", json!("+12065550100")),
        ] {
            let right = found[name].clone();
            found[name] = wrong;
            let error = Event::read(&found.to_string()).unwrap_err().to_string();
            assert!(!error.contains("5550100"), "{error}");
            found[name] = right;
        }
        assert!(Event::read(&found.to_string()).is_ok());
    }

    #[test]
    fn every_type_reads_back_and_has_a_schema() {
        for kind in EventType::ALL {
            assert_eq!(EventType::parse(kind.as_str()), Ok(kind));
            assert!(EventShape::ALL.contains(&kind.shape()));
        }
        assert!(EventType::parse("call.lost").is_err());
    }
}
