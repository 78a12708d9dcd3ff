//! The notes of bills, for the rows of a report: a bill's own row keeps them (pattern 34).

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::ledger::keys;
use crate::ledger::report::latest_feedback::{BATCH, CONCURRENT_BATCHES};
use crate::ledger::report::row::CallRow;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::Item;
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::call::CostId;

impl Ledger {
    /// Adds the notes of the bills that rows name. A row without such a bill costs nothing.
    pub(in crate::ledger) async fn add_notes(
        &self,
        account: &AccountId,
        rows: &mut [CallRow],
    ) -> Result<(), StoreError> {
        let wanted: Vec<CostId> = rows.iter().filter_map(|row| row.noted_by.clone()).collect();
        let batches: Vec<Vec<CostId>> = wanted.chunks(BATCH).map(<[CostId]>::to_vec).collect();
        let read = stream::iter(batches).map(async |ids| {
            let wanted = ids.iter().map(|id| keys::cost(account, id));
            self.batch(wanted, "cost_id, #notes", &[("#notes", "notes")])
                .await
        });
        let read: Vec<Vec<Item>> = read
            .buffer_unordered(CONCURRENT_BATCHES)
            .try_collect()
            .await?;
        let mut notes: HashMap<String, String> =
            read.into_iter().flatten().filter_map(notes_of).collect();
        for row in rows {
            let found = row.noted_by.as_ref().map(|id| notes.remove(id.as_str()));
            row.notes = found.flatten().or_else(|| row.notes.take());
        }
        Ok(())
    }
}

/// Reads one item: the bill, and its notes.
fn notes_of(mut item: Item) -> Option<(String, String)> {
    let mut text = |name: &str| match item.remove(name) {
        Some(AttributeValue::S(text)) => Some(text),
        _ => None,
    };
    Some((text("cost_id")?, text("notes")?))
}
