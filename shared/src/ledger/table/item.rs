//! Items as the table keeps them: stored structs, plus key, `type` and `v` on every one.
//!
//! Versions run side by side: functions are updated one after another, are rolled back, and commands are older or
//! newer than functions. What a later version wrote survives what this one writes (`docs/decisions.md`, D-533):
//!
//! - An item with a higher `v` is neither read nor written: [`StoreError::Later`].
//! - An attribute that this version does not know stays as it is: an item that exists is written by an update.
//!
//! A later version that adds an attribute which may be absent keeps `v`. One that adds to a list or a map, or
//! changes what an attribute means, raises it.

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use rust_decimal::Decimal;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ledger::keys::{Key, PK, SK};
use crate::ledger::table::condition::VERSION;
use crate::ledger::table::error::StoreError;
use crate::model::id::Guid;
use crate::model::time::Instant;

/// An item as the SDK hands it out.
pub(in crate::ledger) type Item = HashMap<String, AttributeValue>;

/// The version as an attribute.
pub(in crate::ledger) fn version() -> AttributeValue {
    AttributeValue::N(VERSION.to_string())
}

/// Why an item cannot be used, if a later version wrote it. An item without a version, such as a projection,
/// can be.
pub(in crate::ledger) fn later(item: &Item) -> Option<StoreError> {
    let found = item.get("v")?.as_n().ok()?;
    if found.parse::<u32>().is_ok_and(|found| found <= VERSION) {
        return None;
    }
    Some(StoreError::Later {
        kind: text(item, "type").unwrap_or("item").replace('_', " "),
        found: found.clone(),
    })
}

/// Returns an item that was read, unless a later version wrote it.
///
/// # Errors
/// Returns [`StoreError::Later`] if it did.
pub(in crate::ledger) fn known(item: Item) -> Result<Item, StoreError> {
    match later(&item) {
        Some(later) => Err(later),
        None => Ok(item),
    }
}

/// A value in the form that it has inside an item.
pub(in crate::ledger) fn nested<T: Serialize>(
    kind: &'static str,
    value: &T,
) -> Result<AttributeValue, StoreError> {
    serde_dynamo::to_attribute_value(value)
        .map_err(|error| StoreError::Broken(format!("{kind} cannot be written: {error}")))
}

/// A key as the SDK wants it.
pub(in crate::ledger) fn key(key: Key) -> Item {
    HashMap::from([
        (PK.to_owned(), AttributeValue::S(key.pk)),
        (SK.to_owned(), AttributeValue::S(key.sk)),
    ])
}

/// The item that stores `value` under the key `at`, with its type and version.
pub(in crate::ledger) fn stored<T: Serialize>(
    at: Key,
    kind: &'static str,
    value: &T,
) -> Result<Item, StoreError> {
    let mut item: Item = serde_dynamo::to_item(value)
        .map_err(|error| StoreError::Broken(format!("{kind} cannot be written: {error}")))?;
    item.insert("type".to_owned(), AttributeValue::S(kind.to_owned()));
    item.insert("v".to_owned(), version());
    item.extend(key(at));
    Ok(item)
}

/// Reads an item back. The error names the type and what is wrong with it, never a value.
pub(in crate::ledger) fn read<T: DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    let kind = text(&item, "type").unwrap_or("untyped").to_owned();
    serde_dynamo::from_item(item)
        .map_err(|error| StoreError::Broken(format!("{kind} cannot be read: {}", told(&error))))
}

/// The text of an error without what it quotes, unless that is the name of a missing attribute.
fn told(error: &serde_dynamo::Error) -> String {
    let text = error.to_string();
    if text.starts_with("missing field") {
        return text;
    }
    let told = text.split([':', '`', '"', '\'']).next().unwrap_or_default();
    told.trim_end().to_owned()
}

/// A text attribute.
pub(in crate::ledger) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .map(String::as_str)
}

/// A whole-number attribute.
pub(in crate::ledger) fn number<T: FromStr>(item: &Item, name: &str) -> Option<T> {
    item.get(name)
        .and_then(|value| value.as_n().ok())
        .and_then(|digits| digits.parse().ok())
}

/// An instant, kept in milliseconds.
pub(in crate::ledger) fn instant(item: &Item, name: &str) -> Option<Instant> {
    number(item, name).map(Instant::from_millis)
}

/// Whether the request `guid` wrote the item: a request whose earlier try got through knows its own work by
/// this.
pub(in crate::ledger) fn written_by(item: &Item, guid: Guid) -> bool {
    text(item, "guid") == Some(guid.to_string().as_str())
}

/// A text as an attribute.
pub(in crate::ledger) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A set of texts as an attribute; it has one at least.
pub(in crate::ledger) fn set<'a>(texts: impl IntoIterator<Item = &'a str>) -> AttributeValue {
    AttributeValue::Ss(texts.into_iter().map(str::to_owned).collect())
}

/// A whole number as an attribute.
pub(in crate::ledger) fn n(number: impl Into<i64>) -> AttributeValue {
    AttributeValue::N(number.into().to_string())
}

/// An instant as an attribute, in milliseconds.
pub(in crate::ledger) fn at(instant: Instant) -> AttributeValue {
    n(instant.millis())
}

/// Money as an attribute: an exact DynamoDB number.
pub(in crate::ledger) fn money(amount: Decimal) -> AttributeValue {
    AttributeValue::N(amount.to_string())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[test]
    fn an_item_of_a_later_version_is_named_without_its_values() {
        let of = |v: Option<&str>| {
            let mut item = Item::from([("type".to_owned(), s("pair_call"))]);
            item.insert("name".to_owned(), s("Alice"));
            if let Some(v) = v {
                item.insert("v".to_owned(), AttributeValue::N(v.to_owned()));
            }
            item
        };
        for good in [None, Some("0"), Some("1")] {
            assert!(known(of(good)).is_ok(), "{good:?}");
        }
        for bad in ["2", "3000000000000", "1.5", "-1"] {
            let error = known(of(Some(bad))).unwrap_err();
            let wanted = format!(
                "a later version of Callbook wrote this pair call (item version {bad}; this one knows up to 1); \
                 update this one"
            );
            assert_eq!(error.to_string(), wanted);
        }
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        One,
        Two,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "it is never read")]
    struct Shape {
        word: Word,
        count: u32,
        #[serde(flatten)]
        rest: Rest,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "it is never read")]
    struct Rest {
        flag: Option<bool>,
    }

    #[test]
    fn the_error_for_a_malformed_item_contains_no_values() {
        let value = "Alice, expected `x`: \"+12065550100\"";
        for (name, attribute, expected) in [
            ("word", s(value), "unknown variant"),
            (
                "count",
                AttributeValue::N("-2065550100".to_owned()),
                "Failed to parse",
            ),
            ("flag", s(value), "invalid type"),
            ("other", s(value), "missing field `count`"),
        ] {
            let mut item = Item::from([
                ("type".to_owned(), s("shape")),
                ("word".to_owned(), s("one")),
                ("count".to_owned(), n(1)),
            ]);
            if expected.starts_with("missing") {
                item.remove("count");
            }
            item.insert(name.to_owned(), attribute);
            let error = read::<Shape>(item).unwrap_err().to_string();
            let told = format!("shape cannot be read: {expected}");
            assert!(error.ends_with(&told), "{error}");
        }
    }
}
