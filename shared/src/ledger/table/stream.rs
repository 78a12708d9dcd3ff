//! Records of the table's stream, as Lambda delivers them.
//!
//! Lambda names the shard of a batch only if the event source mapping has a tumbling window, so it has one.
//! The shard is what a checkpoint is of.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Number;

use crate::ledger::table::item::Item;
use crate::model::time::Instant;

/// How many digits a sequence number has at most.
const SEQUENCE_DIGITS: usize = 40;

/// The flag of an item that an export brought into the table.
pub(in crate::ledger) const RESTORED: &str = "restored";

/// Marks an item as brought by an export: nothing happened with it now, so nobody who follows the stream counts it
/// or tells of it. What changes it later is counted and told as ever.
pub(in crate::ledger) fn restored(mut item: Item) -> Item {
    item.insert(RESTORED.to_owned(), AttributeValue::Bool(true));
    item
}

/// One record: the change of one item.
pub(in crate::ledger) struct Record {
    /// The sequence number, as Lambda wants it back.
    pub(in crate::ledger) number: String,
    /// When the change was made, to the second.
    pub(in crate::ledger) created: Instant,
    /// The key of the item.
    pub(in crate::ledger) keys: Item,
    /// The item before; empty if there was none.
    pub(in crate::ledger) old: Item,
    /// The item since; empty if there is none.
    pub(in crate::ledger) new: Item,
}

/// Why a batch cannot be read. The text names what is wrong and no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no batch of the table's stream: {0}")]
pub struct UnreadableBatch(&'static str);

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "Records", default)]
    records: Vec<Wrapped>,
    #[serde(rename = "shardId")]
    shard: Option<String>,
}

#[derive(Deserialize)]
struct Wrapped {
    dynamodb: Change,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    sequence_number: String,
    approximate_creation_date_time: Option<Number>,
    keys: Image,
    #[serde(default)]
    new_image: Option<Image>,
    #[serde(default)]
    old_image: Option<Image>,
}

type Image = HashMap<String, Value>;

/// An attribute in DynamoDB's JSON. Kinds that no followed item has are read over.
#[derive(Deserialize)]
enum Value {
    S(String),
    N(String),
    L(Vec<Value>),
    M(Image),
    #[serde(rename = "BOOL")]
    Bool(bool),
    #[serde(rename = "NULL")]
    Null(IgnoredAny),
    B(IgnoredAny),
    #[serde(rename = "SS")]
    Ss(IgnoredAny),
    #[serde(rename = "NS")]
    Ns(IgnoredAny),
    #[serde(rename = "BS")]
    Bs(IgnoredAny),
}

/// Reads a batch: its shard, and its records in their order.
///
/// # Errors
/// Returns `UnreadableBatch` if it is no event of a table's stream with its shard.
pub(in crate::ledger) fn read(event: &[u8]) -> Result<(String, Vec<Record>), UnreadableBatch> {
    let event: Event = serde_json::from_slice(event)
        .map_err(|_| UnreadableBatch("expected Records of DynamoDB"))?;
    let shard = event.shard.ok_or(UnreadableBatch(
        "expected shardId, as a tumbling window has it",
    ))?;
    let records = event.records.into_iter();
    let records = records.map(|wrapped| Record::of(wrapped.dynamodb));
    Ok((shard, records.collect()))
}

/// A sequence number in the form in which texts sort as numbers do.
#[must_use]
pub fn sequence(number: &str) -> String {
    format!("{number:0>SEQUENCE_DIGITS$}")
}

impl Record {
    fn of(change: Change) -> Self {
        let item = |image: Option<Image>| image.map(item).unwrap_or_default();
        let seconds = change.approximate_creation_date_time;
        let seconds = seconds.map(|seconds| seconds.to_string());
        let seconds: i64 = seconds
            .as_deref()
            .and_then(|text| text.split('.').next()?.parse().ok())
            .unwrap_or(0);
        let (old, mut new) = (item(change.old_image), item(change.new_image));
        if old.is_empty() && new.contains_key(RESTORED) {
            new.clear();
        }
        Self {
            number: change.sequence_number,
            created: Instant::from_millis(seconds.saturating_mul(1_000)),
            keys: item(Some(change.keys)),
            old,
            new,
        }
    }
}

fn item(image: Image) -> Item {
    let attributes = image.into_iter();
    attributes
        .filter_map(|(name, value)| Some((name, attribute(value)?)))
        .collect()
}

fn attribute(value: Value) -> Option<AttributeValue> {
    Some(match value {
        Value::S(text) => AttributeValue::S(text),
        Value::N(digits) => AttributeValue::N(digits),
        Value::Bool(flag) => AttributeValue::Bool(flag),
        Value::L(values) => AttributeValue::L(values.into_iter().filter_map(attribute).collect()),
        Value::M(image) => AttributeValue::M(item(image)),
        Value::Null(_) | Value::B(_) | Value::Ss(_) | Value::Ns(_) | Value::Bs(_) => return None,
    })
}
