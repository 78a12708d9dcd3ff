//! The latest feedback about many numbers at a time (pattern 29), for the rows of a report.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::ledger::keys;
use crate::ledger::report::row::{CallRow, LatestFeedback};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::Item;
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;

/// The most items of a batch; DynamoDB's own limit.
pub(in crate::ledger) const BATCH: usize = 100;

/// The most batches that are read at the same time.
pub(in crate::ledger) const CONCURRENT_BATCHES: usize = 8;

impl Ledger {
    /// Adds the latest feedback about each row's other party.
    pub(in crate::ledger) async fn add_latest_feedback(
        &self,
        account: &AccountId,
        rows: &mut [CallRow],
    ) -> Result<(), StoreError> {
        let mut numbers: Vec<&str> = rows.iter().filter_map(CallRow::other_party).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let batches: Vec<Vec<String>> = numbers
            .chunks(BATCH)
            .map(|batch| batch.iter().map(|number| (*number).to_owned()).collect())
            .collect();
        let batches: Vec<HashMap<String, Arc<LatestFeedback>>> = stream::iter(batches)
            .map(|numbers| self.latest_feedback_of(account, numbers))
            .buffer_unordered(CONCURRENT_BATCHES)
            .try_collect()
            .await?;
        if batches.iter().all(HashMap::is_empty) {
            return Ok(());
        }
        let feedback: HashMap<_, _> = batches.into_iter().flatten().collect();
        for row in rows {
            let party = row.other_party();
            row.latest_feedback = party.and_then(|party| feedback.get(party)).cloned();
        }
        Ok(())
    }

    /// The latest feedback about up to [`BATCH`] numbers, by number.
    async fn latest_feedback_of(
        &self,
        account: &AccountId,
        numbers: Vec<String>,
    ) -> Result<HashMap<String, Arc<LatestFeedback>>, StoreError> {
        let wanted = numbers
            .iter()
            .map(|number| keys::latest_feedback(account, number));
        let projection = "pk, #name, phone_status, right_party";
        let items = self.batch(wanted, projection, &[("#name", "name")]).await?;
        Ok(items.into_iter().filter_map(feedback_of).collect())
    }
}

/// Reads one item: the number that it is about, and what it says.
fn feedback_of(mut item: Item) -> Option<(String, Arc<LatestFeedback>)> {
    let mut text = |name: &str| match item.remove(name) {
        Some(AttributeValue::S(text)) => Some(text),
        _ => None,
    };
    let number = text(keys::PK)?.rsplit('#').next()?.to_owned();
    let (name, status) = (text("name"), text("phone_status"));
    let right_party = item
        .get("right_party")
        .and_then(|right| right.as_bool().ok().copied());
    let feedback = LatestFeedback {
        name,
        status,
        right_party,
    };
    Some((number, Arc::new(feedback)))
}
