//! What was last said about each of many numbers (pattern 29), for the rows of a report.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::ids;
use crate::ledger::keys;
use crate::ledger::report::read::{AT_ONCE, CallRow};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::error::translate;
use crate::ledger::table::item::{Item, key};
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;

/// How many items a batch may ask for; the store's own bound.
const BATCH: usize = 100;

/// How often the rest of a batch is asked for that a busy store left out.
const BATCH_ATTEMPTS: u32 = 6;

/// What phone feedback last said about a number.
#[derive(Clone, Debug, Default)]
pub struct LatestFeedback {
    /// The latest name that came with right party contact.
    pub name: Option<String>,
    /// Whether anybody could be reached: `Connected` or `Disconnected`.
    pub status: Option<String>,
    /// Whether it was the right party.
    pub right_party: Option<bool>,
}

impl Ledger {
    /// Adds what was last said about the other parties' numbers.
    pub(in crate::ledger) async fn say(
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
        let said: Vec<HashMap<String, Arc<LatestFeedback>>> = stream::iter(batches)
            .map(|batch| self.latest_of(account, batch))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        if said.iter().all(HashMap::is_empty) {
            return Ok(());
        }
        let said: HashMap<String, Arc<LatestFeedback>> = said.into_iter().flatten().collect();
        for row in rows {
            row.said = row.other_party().and_then(|party| said.get(party)).cloned();
        }
        Ok(())
    }

    /// What was last said about up to [`BATCH`] numbers, by number.
    async fn latest_of(
        &self,
        account: &AccountId,
        numbers: Vec<String>,
    ) -> Result<HashMap<String, Arc<LatestFeedback>>, StoreError> {
        let mut found = HashMap::new();
        let mut wanted: Vec<Item> = numbers
            .iter()
            .map(|number| key(keys::latest_feedback(account, number)))
            .collect();
        for attempt in 0..BATCH_ATTEMPTS {
            let ask = KeysAndAttributes::builder()
                .set_keys(Some(wanted))
                .projection_expression("pk, #name, phone_status, right_party")
                .expression_attribute_names("#name", "name")
                .build()
                .map_err(|error| StoreError::Broken(error.to_string()))?;
            let answer = self
                .client
                .batch_get_item()
                .request_items(&self.table, ask)
                .send()
                .await
                .map_err(translate)?;
            let items = answer.responses.unwrap_or_default().into_values().flatten();
            found.extend(items.filter_map(said));
            let left = answer.unprocessed_keys.unwrap_or_default().into_values();
            wanted = left.flat_map(|left| left.keys).collect();
            if wanted.is_empty() {
                return Ok(found);
            }
            let most = 25_u64 << attempt;
            let pause = Duration::from_millis(most / 2 + ids::jitter_millis(most / 2));
            tokio::time::sleep(pause).await;
        }
        Err(StoreError::Unavailable(
            "part of a batch was left out again and again".to_owned(),
        ))
    }
}

fn said(mut item: Item) -> Option<(String, Arc<LatestFeedback>)> {
    let mut text = |name: &str| match item.remove(name) {
        Some(AttributeValue::S(text)) => Some(text),
        _ => None,
    };
    let number = text(keys::PK)?.rsplit('#').next()?.to_owned();
    let (name, status) = (text("name"), text("phone_status"));
    let right_party = item
        .get("right_party")
        .and_then(|right| right.as_bool().ok().copied());
    let said = LatestFeedback {
        name,
        status,
        right_party,
    };
    Some((number, Arc::new(said)))
}
