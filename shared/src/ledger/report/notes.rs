//! The notes of calls, for the rows of a report: the row of a bill keeps them (pattern 34), or else the pair's call
//! does, in the report that has them (pattern 10).

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::ledger::calls::pair::PairCallItem;
use crate::ledger::calls::switch::pair_of;
use crate::ledger::keys::{self, Key};
use crate::ledger::report::latest_feedback::{BATCH, CONCURRENT_BATCHES};
use crate::ledger::report::row::CallRow;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, read};
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::pair::call::PairCall;

impl Ledger {
    /// Adds the notes that rows show. A row without any costs nothing.
    pub(in crate::ledger) async fn add_notes(
        &self,
        account: &AccountId,
        rows: &mut [CallRow],
    ) -> Result<(), StoreError> {
        let bills = rows.iter().filter_map(|row| row.noted_by.as_ref());
        let bills = bills.map(|id| keys::cost(account, id)).collect();
        let calls = rows.iter().filter(|row| row.reported_notes);
        let calls = calls.filter_map(|row| {
            let pair = pair_of(row)?;
            Some(keys::pair_call(account, &pair, &row.sid))
        });
        let bills = self.noted(bills, "cost_id, #notes", &[("#notes", "notes")]);
        let calls = self.noted(
            calls.collect(),
            "call_sid, #reports",
            &[("#reports", "reports")],
        );
        let (bills, calls) = futures_util::try_join!(bills, calls)?;
        let mut of_bills: HashMap<String, String> =
            bills.into_iter().filter_map(notes_of).collect();
        let mut of_calls = HashMap::new();
        for item in calls {
            let call = PairCall::from(read::<PairCallItem>(item)?);
            // Only what the reports say was read: which bill counts does not matter, because the row names none.
            if let Some(notes) = call.shown().notes {
                of_calls.insert(call.sid, notes.as_str().to_owned());
            }
        }
        for row in rows {
            let found = match &row.noted_by {
                Some(id) => of_bills.remove(id.as_str()),
                None => of_calls.remove(&row.sid),
            };
            row.notes = found.or_else(|| row.notes.take());
        }
        Ok(())
    }

    /// Items that have notes, some batches at a time.
    async fn noted(
        &self,
        wanted: Vec<Key>,
        projection: &str,
        names: &[(&str, &str)],
    ) -> Result<Vec<Item>, StoreError> {
        let batches: Vec<Vec<Key>> = wanted.chunks(BATCH).map(<[Key]>::to_vec).collect();
        let read = stream::iter(batches).map(|keys| self.batch(keys, projection, names));
        let read: Vec<Vec<Item>> = read
            .buffer_unordered(CONCURRENT_BATCHES)
            .try_collect()
            .await?;
        Ok(read.into_iter().flatten().collect())
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
