//! Replaying: events that the stream gave up go to the log, to webhooks and to the bus after all.
//!
//! They are made again of their records, or taken from the log, which may have them although a webhook or the bus
//! does not.

use std::collections::{BTreeMap, BTreeSet};

use super::publisher::{CHUNK, PublishError, Publisher, Told, Unmatched, read, unmatched};
use crate::ledger::{ChangeBatch, StoreError};
use crate::model::account::AccountId;
use crate::model::event::{Event, EventId};

/// What is told again.
#[derive(Default)]
pub struct Retold {
    /// The events, in the order in which they are handed on.
    pub events: Vec<Event>,
    /// How many records cannot be read.
    pub unreadable: usize,
    /// What is to be told of later.
    unmatched: Vec<Unmatched>,
}

impl Publisher {
    /// Makes the events of records again, with the ids that they had, wherever the shard's checkpoint is. Nothing is
    /// handed on.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time, and [`StoreError::Later`] if a later
    /// version wrote an item.
    pub async fn retell(&self, batch: &ChangeBatch) -> Result<Retold, StoreError> {
        let accounts = self.accounts_of(batch).await?;
        let mut retold = Retold::default();
        let mut all: Vec<Told<'_>> = Vec::new();
        for record in &batch.records {
            let Some(news) = read(record)? else {
                retold.unreadable += 1;
                continue;
            };
            let account = record.account.as_ref().and_then(|id| accounts.get(id));
            if let Some(account) = account.filter(|_| !news.is_empty()) {
                all.push(Told {
                    record,
                    account,
                    news,
                });
            }
        }
        for chunk in all.chunks(CHUNK) {
            retold.unmatched.extend(chunk.iter().flat_map(unmatched));
            let made = self.make(chunk).await?;
            retold.events.extend(made.into_iter().flatten());
        }
        Ok(retold)
    }

    /// Hands events on, in their order: to the log, unless it has them, to webhooks that do not have them, and to the
    /// bus. Only the bus gets an event again that it has.
    ///
    /// # Errors
    /// Returns `PublishError` if the table or the bus does not answer in time. Some of the events may be handed on
    /// then.
    pub async fn replay(
        &self,
        retold: &Retold,
        logged: &BTreeSet<EventId>,
    ) -> Result<(), PublishError> {
        for note in &retold.unmatched {
            self.note(note).await?;
        }
        for chunk in retold.events.chunks(CHUNK) {
            let mut new: BTreeMap<&AccountId, Vec<Event>> = BTreeMap::new();
            for event in chunk.iter().filter(|event| !logged.contains(&event.id)) {
                new.entry(&event.account).or_default().push(event.clone());
            }
            for (account, events) in new {
                if let Some(account) = self.ledger.account(account).await? {
                    self.ledger.log(&account, &events, self.now()).await?;
                }
            }
            self.ledger.hand_out(chunk, self.now()).await?;
            if let Some(bus) = &self.bus {
                bus.put(chunk).await?;
            }
        }
        Ok(())
    }
}
