//! Partitions that hold more than a test could play: copies of an item, written past all functions.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use callbook_local::engine::TABLE;

use crate::World;

/// An item as the table has it.
pub type Item = HashMap<String, AttributeValue>;

impl World {
    /// Every item of a type, as the table has it.
    ///
    /// # Panics
    /// Panics if the table cannot be read.
    #[must_use]
    pub fn raw_items(&self, kind: &str) -> Vec<Item> {
        let items = self.engine.items().expect("the table is read").into_iter();
        let wanted = AttributeValue::S(kind.to_owned());
        items
            .filter(|item| item.get("type") == Some(&wanted))
            .collect()
    }

    /// Writes `many` copies of an item, each changed by `change`. The audit cannot understand them.
    pub async fn fill(&self, item: &Item, many: usize, change: impl Fn(usize, &mut Item)) {
        self.leave_unaudited("partitions were filled past all functions");
        let client = self.engine.client();
        let copies: Vec<Item> = (0..many)
            .map(|nth| {
                let mut copy = item.clone();
                change(nth, &mut copy);
                copy
            })
            .collect();
        for items in copies.chunks(25) {
            let puts = items.iter().map(|item| {
                let put = PutRequest::builder().set_item(Some(item.clone()));
                let put = put.build().expect("an item");
                WriteRequest::builder().put_request(put).build()
            });
            let write = client
                .batch_write_item()
                .request_items(TABLE, puts.collect());
            write.send().await.expect("the items are written");
        }
    }
}

/// Sets an attribute to a text.
pub fn set(item: &mut Item, name: &str, text: impl Into<String>) {
    item.insert(name.to_owned(), AttributeValue::S(text.into()));
}

/// An attribute's text.
///
/// # Panics
/// Panics if it is no text.
#[must_use]
pub fn text(item: &Item, name: &str) -> String {
    let value = item.get(name).and_then(|value| value.as_s().ok());
    value.expect("a text").clone()
}
