//! Reading a whole table inside the process, without a request: for what has no runtime to wait in.

use std::collections::HashMap;

use anyhow::{Result, anyhow};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use dynoxide::Database;
use dynoxide::actions::scan::ScanRequest;
use dynoxide::types::AttributeValue as Stored;

use super::TABLE;

/// Every item of the engine's table.
///
/// # Errors
/// The table is not there, or the database cannot be read.
pub fn all(database: &Database) -> Result<Vec<HashMap<String, AttributeValue>>> {
    let mut items = Vec::new();
    let mut from = None;
    loop {
        let page = database
            .scan(ScanRequest {
                table_name: TABLE.to_owned(),
                exclusive_start_key: from,
                ..ScanRequest::default()
            })
            .map_err(|error| anyhow!("the table cannot be read: {error}"))?;
        items.extend(page.items.unwrap_or_default().into_iter().map(item));
        from = page.last_evaluated_key;
        if from.is_none() {
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
