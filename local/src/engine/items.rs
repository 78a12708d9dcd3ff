//! Reads a whole table within the process, without a request and without an async runtime.

use std::collections::HashMap;

use anyhow::{Result, anyhow};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use dynoxide::Database;
use dynoxide::actions::scan::ScanRequest;
use dynoxide::types::AttributeValue as Stored;

use super::TABLE;

/// Returns every item of the engine's table.
///
/// # Errors
/// Returns an error if the table does not exist or the database cannot be read.
pub fn all(database: &Database) -> Result<Vec<HashMap<String, AttributeValue>>> {
    let mut items = Vec::new();
    let mut start_key = None;
    loop {
        let page = database
            .scan(ScanRequest {
                table_name: TABLE.to_owned(),
                exclusive_start_key: start_key,
                ..ScanRequest::default()
            })
            .map_err(|error| anyhow!("cannot read the table {TABLE}: {error}"))?;
        items.extend(page.items.unwrap_or_default().into_iter().map(item));
        start_key = page.last_evaluated_key;
        if start_key.is_none() {
            return Ok(items);
        }
    }
}

fn item(stored: HashMap<String, Stored>) -> HashMap<String, AttributeValue> {
    let attributes = stored.into_iter();
    attributes
        .map(|(name, stored)| (name, value(stored)))
        .collect()
}

fn value(stored: Stored) -> AttributeValue {
    match stored {
        Stored::S(text) => AttributeValue::S(text),
        Stored::N(digits) => AttributeValue::N(digits),
        Stored::B(bytes) => AttributeValue::B(Blob::new(bytes)),
        Stored::BOOL(flag) => AttributeValue::Bool(flag),
        Stored::NULL(null) => AttributeValue::Null(null),
        Stored::SS(texts) => AttributeValue::Ss(texts),
        Stored::NS(numbers) => AttributeValue::Ns(numbers),
        Stored::BS(all) => AttributeValue::Bs(all.into_iter().map(Blob::new).collect()),
        Stored::L(list) => AttributeValue::L(list.into_iter().map(value).collect()),
        Stored::M(map) => AttributeValue::M(item(map)),
    }
}
