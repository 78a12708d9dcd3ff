//! The tokens of a plain endpoint's URL, such as `[callee]`, and their values in an event.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// What is not encoded: the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The tokens of the envelope, and the members that they stand for. `id` is left to the data.
const ENVELOPE: [(&str, &str); 4] = [
    ("event_id", "id"),
    ("type", "type"),
    ("time", "time"),
    ("subject", "subject"),
];

/// The tokens that are members of the data of some type of events: texts, numbers and flags.
const DATA: [&str; 58] = [
    "amount",
    "attempts",
    "call_date",
    "call_from",
    "call_sid",
    "call_to",
    "callee",
    "callprocess_id",
    "campaign",
    "cid",
    "content",
    "cost",
    "cost_id",
    "created_at",
    "credential_id",
    "crowded",
    "currency",
    "date_billed",
    "description",
    "did",
    "direction",
    "disabled_at",
    "disposition",
    "ended_at",
    "expectation",
    "expires_at",
    "external_call_id",
    "friendly",
    "guid",
    "id",
    "label",
    "lead_id",
    "limit",
    "match",
    "medium",
    "name",
    "notes",
    "number",
    "phone",
    "pinned",
    "property_sid",
    "queued_at",
    "reached_at",
    "reason",
    "received_at",
    "refused_at",
    "registered_at",
    "response_id",
    "right_party",
    "seconds",
    "source",
    "started_at",
    "state",
    "status",
    "two_vendors",
    "vendor_id",
    "webhook_id",
    "whisper_text",
];

/// The member of the envelope that a token stands for.
fn of_envelope(name: &str) -> Option<&'static str> {
    let found = ENVELOPE.iter().find(|(token, _)| *token == name);
    found.map(|(_, member)| *member)
}

/// Whether a URL may have the token.
#[must_use]
pub fn is_known(name: &str) -> bool {
    of_envelope(name).is_some() || DATA.contains(&name)
}

/// Returns every token, sorted.
#[must_use]
pub fn all() -> Vec<&'static str> {
    let envelope = ENVELOPE.into_iter().map(|(token, _)| token);
    let mut all: Vec<_> = envelope.chain(DATA).collect();
    all.sort_unstable();
    all
}

/// Returns the value of a token in an event, percent-encoded. What the event does not have is empty.
#[must_use]
pub fn value(name: &str, event: &Value) -> String {
    let of = match of_envelope(name) {
        Some(member) => event.get(member),
        None => event.get("data").and_then(|data| data.get(name)),
    };
    let text = match of {
        Some(Value::String(text)) => text.clone(),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
        _ => String::new(),
    };
    utf8_percent_encode(&text, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_can_add_nothing_to_a_url() {
        let event = json!({
            "type": "rapidresponse.queued",
            "data": {"callee": "+12065550100", "whisper_text": "a&b=c #/?[x]%20\r\né", "attempts": 1, "did": ["no"]},
        });
        for (token, expected) in [
            ("type", "rapidresponse.queued"),
            ("callee", "%2B12065550100"),
            (
                "whisper_text",
                "a%26b%3Dc%20%23%2F%3F%5Bx%5D%2520%0D%0A%C3%A9",
            ),
            ("attempts", "1"),
            ("did", ""),
            ("amount", ""),
        ] {
            assert_eq!(value(token, &event), expected, "{token}");
        }
    }

    #[test]
    fn tokens_are_sorted_and_none_is_twice() {
        assert!(DATA.is_sorted());
        let mut all = all();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
