//! The tokens of a plain endpoint's URL, such as `[callee]`, and their values in an event.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// What is not encoded: the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The tokens of the envelope.
const ENVELOPE: [&str; 4] = ["id", "type", "time", "subject"];

/// The tokens that are members of the data of some type of events.
const DATA: [&str; 41] = [
    "amount",
    "attempt",
    "call_date",
    "call_sid",
    "callee",
    "caller",
    "callprocess_id",
    "cid",
    "cost",
    "cost_id",
    "created_at",
    "credential_id",
    "currency",
    "date_billed",
    "did",
    "direction",
    "disposition",
    "duration_seconds",
    "endpoint_id",
    "ended_at",
    "expires",
    "external_call_id",
    "kind",
    "label",
    "lead_id",
    "limit",
    "match",
    "name",
    "notes",
    "number",
    "phone",
    "phone_status",
    "property_sid",
    "queued_at",
    "reason",
    "received_at",
    "result",
    "started_at",
    "state",
    "vendor_id",
    "whisper_text",
];

/// Whether a URL may have the token.
#[must_use]
pub fn is_known(name: &str) -> bool {
    ENVELOPE.contains(&name) || DATA.contains(&name)
}

/// Returns every token, sorted.
#[must_use]
pub fn all() -> Vec<&'static str> {
    let mut all: Vec<_> = ENVELOPE.into_iter().chain(DATA).collect();
    all.sort_unstable();
    all
}

/// Returns the value of a token in an event, percent-encoded. What the event does not have is empty.
#[must_use]
pub fn value(name: &str, event: &Value) -> String {
    let of = match ENVELOPE.contains(&name) {
        true => event.get(name),
        false => event.get("data").and_then(|data| data.get(name)),
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
            "data": {"callee": "+12065550100", "whisper_text": "a&b=c #/?[x]%20\r\né", "attempt": 1, "did": ["no"]},
        });
        for (token, expected) in [
            ("type", "rapidresponse.queued"),
            ("callee", "%2B12065550100"),
            (
                "whisper_text",
                "a%26b%3Dc%20%23%2F%3F%5Bx%5D%2520%0D%0A%C3%A9",
            ),
            ("attempt", "1"),
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
