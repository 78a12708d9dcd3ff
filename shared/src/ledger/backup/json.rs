//! Items as DynamoDB's own JSON: `{"pk":{"S":"A#12345678"},"shards":{"N":"1"}}`, which loses nothing.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};

use crate::ledger::table::item::Item;

/// An item as JSON, its attributes in the order of their names.
pub(super) fn written(item: &Item) -> Value {
    let sorted: BTreeMap<_, _> = item.iter().collect();
    let members = sorted.into_iter();
    Value::Object(
        members
            .filter_map(|(name, value)| Some((name.clone(), attribute(value)?)))
            .collect(),
    )
}

/// An attribute as JSON; `None` for a kind that DynamoDB did not have when this was written.
fn attribute(value: &AttributeValue) -> Option<Value> {
    let texts = |texts: &[String]| Value::from(texts.to_vec());
    let (kind, value) = match value {
        AttributeValue::S(text) => ("S", Value::from(text.as_str())),
        AttributeValue::N(digits) => ("N", Value::from(digits.as_str())),
        AttributeValue::Bool(flag) => ("BOOL", Value::from(*flag)),
        AttributeValue::Null(null) => ("NULL", Value::from(*null)),
        AttributeValue::B(bytes) => ("B", Value::from(BASE64_STANDARD.encode(bytes.as_ref()))),
        AttributeValue::L(list) => {
            let each: Option<Vec<_>> = list.iter().map(attribute).collect();
            ("L", Value::Array(each?))
        }
        AttributeValue::M(map) => ("M", written(map)),
        AttributeValue::Ss(set) => ("SS", texts(set)),
        AttributeValue::Ns(set) => ("NS", texts(set)),
        AttributeValue::Bs(set) => {
            let each = set.iter().map(|one| BASE64_STANDARD.encode(one.as_ref()));
            ("BS", Value::from(each.collect::<Vec<_>>()))
        }
        _ => return None,
    };
    Some(Value::Object(Map::from_iter([(kind.to_owned(), value)])))
}

/// Reads an item; `None` if the JSON is of none.
pub(super) fn read(value: Value) -> Option<Item> {
    let Value::Object(members) = value else {
        return None;
    };
    members
        .into_iter()
        .map(|(name, value)| Some((name, read_attribute(value)?)))
        .collect()
}

fn read_attribute(value: Value) -> Option<AttributeValue> {
    let Value::Object(members) = value else {
        return None;
    };
    let mut members = members.into_iter();
    let (kind, value) = members.next().filter(|_| members.next().is_none())?;
    let bytes = |text: &str| BASE64_STANDARD.decode(text).ok().map(Blob::new);
    Some(match (kind.as_str(), value) {
        ("S", Value::String(text)) => AttributeValue::S(text),
        ("N", Value::String(digits)) => AttributeValue::N(digits),
        ("BOOL", Value::Bool(flag)) => AttributeValue::Bool(flag),
        ("NULL", Value::Bool(null)) => AttributeValue::Null(null),
        ("B", Value::String(text)) => AttributeValue::B(bytes(&text)?),
        ("L", Value::Array(list)) => {
            let each: Option<_> = list.into_iter().map(read_attribute).collect();
            AttributeValue::L(each?)
        }
        ("M", map) => AttributeValue::M(read(map)?),
        ("SS", Value::Array(set)) => AttributeValue::Ss(texts(set)?),
        ("NS", Value::Array(set)) => AttributeValue::Ns(texts(set)?),
        ("BS", Value::Array(set)) => {
            let each: Option<_> = texts(set)?.iter().map(|one| bytes(one)).collect();
            AttributeValue::Bs(each?)
        }
        _ => return None,
    })
}

fn texts(set: Vec<Value>) -> Option<Vec<String>> {
    let each = set.into_iter().map(|one| match one {
        Value::String(text) => Some(text),
        _ => None,
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_attribute_comes_back_as_it_was() {
        let s = |text: &str| AttributeValue::S(text.to_owned());
        let n = |digits: &str| AttributeValue::N(digits.to_owned());
        let blob = || Blob::new([0, 255, 10]);
        let item = Item::from([
            ("s".to_owned(), s("é \"\n\u{0}")),
            ("n".to_owned(), n("12345678901234567890.0001")),
            ("bool".to_owned(), AttributeValue::Bool(false)),
            ("null".to_owned(), AttributeValue::Null(true)),
            ("b".to_owned(), AttributeValue::B(blob())),
            ("l".to_owned(), AttributeValue::L(vec![s(""), n("1")])),
            (
                "m".to_owned(),
                AttributeValue::M(Item::from([("x".to_owned(), s("y"))])),
            ),
            ("ss".to_owned(), AttributeValue::Ss(vec!["a".to_owned()])),
            ("ns".to_owned(), AttributeValue::Ns(vec!["1".to_owned()])),
            ("bs".to_owned(), AttributeValue::Bs(vec![blob()])),
        ]);
        let text = written(&item).to_string();
        let back = serde_json::from_str(&text).ok().and_then(read);
        assert_eq!(back, Some(item));
    }

    #[test]
    fn what_is_no_item_is_not_read() {
        for text in [
            "[]",
            r#"{"a":1}"#,
            r#"{"a":{}}"#,
            r#"{"a":{"S":"x","N":"1"}}"#,
            r#"{"a":{"N":1}}"#,
            r#"{"a":{"B":"*"}}"#,
            r#"{"a":{"SS":[1]}}"#,
            r#"{"a":{"L":["x"]}}"#,
            r#"{"a":{"Q":"x"}}"#,
        ] {
            let value = serde_json::from_str(text).ok();
            assert_eq!(value.and_then(read), None, "{text}");
        }
    }
}
