//! The publisher: a batch of the stream becomes events, which are handed on.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::make::Maker;
use super::news::{News, Rows, news_of};
use crate::clock::Clock;
use crate::ledger::{Bus, BusError, ChangeBatch, ChangeRecord, Ledger, StoreError};
use crate::model::account::{Account, AccountId};
use crate::model::call::CostId;
use crate::model::event::Event;
use crate::model::time::Instant;

/// How many events are handed on together.
pub(super) const CHUNK: usize = 40;

/// Where events go.
#[derive(Clone, Debug)]
pub struct Publisher {
    pub(super) ledger: Ledger,
    pub(super) bus: Option<Bus>,
    clock: Clock,
}

/// What became of a batch.
#[derive(Debug, Default)]
pub struct Published {
    /// How many events were handed on.
    pub events: usize,
    /// How many records were published before.
    pub skipped: usize,
    /// How many records cannot be read, and are told of nowhere.
    pub unreadable: usize,
    /// What went wrong, and the sequence number of the first record that is left.
    pub failed: Option<(PublishError, String)>,
}

/// Why events are left.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The table was not read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bus did not take them.
    #[error(transparent)]
    Bus(#[from] BusError),
}

/// A record with its news.
pub(super) struct Told<'a> {
    pub(super) record: &'a ChangeRecord,
    pub(super) account: &'a Account,
    pub(super) news: Vec<News>,
}

/// A cost without a call, and since when.
pub(super) struct Unmatched {
    account: AccountId,
    cost: CostId,
    key: (String, String),
    since: Instant,
}

/// The news of a record; `None` if it cannot be read, which does not change when it is read again.
pub(super) fn read(record: &ChangeRecord) -> Result<Option<Vec<News>>, StoreError> {
    match record.change() {
        Ok(change) => Ok(Some(change.map(news_of).unwrap_or_default())),
        Err(StoreError::Broken(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The costs of a record that have no call.
pub(super) fn unmatched<'a>(told: &'a Told<'_>) -> impl Iterator<Item = Unmatched> + 'a {
    told.news.iter().filter_map(|news| match news {
        News::Unmatched(entry, since) => Some(Unmatched {
            account: told.account.id.clone(),
            cost: entry.cost_id.clone(),
            key: told.record.key.clone(),
            since: since.unwrap_or(told.record.created),
        }),
        _ => None,
    })
}

impl Publisher {
    /// Makes a publisher. Without a bus, events go to the log and to webhooks only.
    #[must_use]
    pub fn new(ledger: Ledger, bus: Option<Bus>, clock: Clock) -> Self {
        Self { ledger, bus, clock }
    }

    /// Returns the ledger.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Returns the present.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Publishes a batch. Everything before the record that is named as failed is published.
    pub async fn publish(&self, batch: &ChangeBatch) -> Published {
        let mut published = Published::default();
        let mut first = 0;
        if let Err(error) = self.publish_all(batch, &mut published, &mut first).await {
            let left = batch.records.get(first).or(batch.records.last());
            published.failed = left.map(|record| (error, record.number.clone()));
        }
        // A checkpoint that is not noted costs repeats, and nothing else.
        let done = match published.failed {
            Some(_) => first.checked_sub(1).and_then(|at| batch.records.get(at)),
            None => batch.records.last(),
        };
        if let Some(record) = done.filter(|_| published.skipped < batch.records.len()) {
            let noted = self
                .ledger
                .note_published(batch, &record.number, self.now());
            drop(noted.await);
        }
        published
    }

    /// Publishes the records of a batch; `first` is the place of the first one that is left.
    async fn publish_all(
        &self,
        batch: &ChangeBatch,
        published: &mut Published,
        first: &mut usize,
    ) -> Result<(), PublishError> {
        let reached = self.ledger.published_up_to(batch.shard()).await?;
        let passed = |record: &&ChangeRecord| {
            let reached = reached.as_ref();
            reached.is_some_and(|reached| record.sequence() <= *reached)
        };
        published.skipped = batch.records.iter().take_while(passed).count();
        *first = published.skipped;
        let accounts = self.accounts_of(batch).await?;
        let mut chunk: Vec<Told<'_>> = Vec::new();
        for (at, record) in batch.records.iter().enumerate().skip(published.skipped) {
            let account = record.account.as_ref().and_then(|id| accounts.get(id));
            let news = match read(record) {
                Ok(news) => news,
                Err(error) => {
                    self.hand_on(&chunk, published).await?;
                    *first = at;
                    return Err(error.into());
                }
            };
            published.unreadable += usize::from(news.is_none());
            let news = news.unwrap_or_default();
            if let Some(account) = account.filter(|_| !news.is_empty()) {
                chunk.push(Told {
                    record,
                    account,
                    news,
                });
            }
            let events: usize = chunk.iter().map(|told| told.news.len()).sum();
            if events >= CHUNK {
                self.hand_on(&chunk, published).await?;
                chunk.clear();
                *first = at + 1;
            }
        }
        self.hand_on(&chunk, published).await
    }

    pub(super) async fn accounts_of(
        &self,
        batch: &ChangeBatch,
    ) -> Result<HashMap<AccountId, Account>, StoreError> {
        let ids = batch.records.iter();
        let ids: BTreeSet<_> = ids.filter_map(|record| record.account.clone()).collect();
        let mut accounts = HashMap::new();
        for id in ids {
            if let Some(account) = self.ledger.account(&id).await? {
                accounts.insert(id, account);
            }
        }
        Ok(accounts)
    }

    /// Makes events of the news of some records, and hands them on.
    async fn hand_on(
        &self,
        chunk: &[Told<'_>],
        published: &mut Published,
    ) -> Result<(), PublishError> {
        let made = self.make(chunk).await?;
        let mut events: Vec<Event> = Vec::new();
        let mut by_account: BTreeMap<&AccountId, (&Account, Vec<Event>)> = BTreeMap::new();
        for (told, made) in chunk.iter().zip(made) {
            for note in unmatched(told) {
                self.note(&note).await?;
            }
            let of_account = by_account.entry(&told.account.id);
            let of_account = of_account.or_insert_with(|| (told.account, Vec::new()));
            of_account.1.extend(made.iter().cloned());
            events.extend(made);
        }
        if events.is_empty() {
            return Ok(());
        }
        for (account, events) in by_account.into_values() {
            self.ledger.hand_on(account, &events, self.now()).await?;
        }
        if let Some(bus) = &self.bus {
            bus.put(&events).await?;
        }
        published.events += events.len();
        Ok(())
    }

    /// Makes the events of some records.
    pub(super) async fn make(&self, chunk: &[Told<'_>]) -> Result<Vec<Vec<Event>>, StoreError> {
        let rows = self.rows_of(chunk).await?;
        let made = chunk.iter().map(|told| {
            let mut maker = Maker::new(told.record, told.account);
            for news in &told.news {
                maker.tell(news, &rows);
            }
            maker.events
        });
        Ok(made.collect())
    }

    /// Notes what is to be told of later.
    pub(super) async fn note(&self, unmatched: &Unmatched) -> Result<(), StoreError> {
        let Unmatched {
            account,
            cost,
            key: (pk, sk),
            since,
        } = unmatched;
        let noted = self.ledger.note_unmatched(account, cost, (pk, sk), *since);
        noted.await
    }

    /// The rows of the costs that the news are about: what their bills said beside what their pairs keep.
    async fn rows_of(&self, chunk: &[Told<'_>]) -> Result<Rows, StoreError> {
        let wanted = chunk.iter().flat_map(|told| {
            let costs = told.news.iter().filter_map(News::cost);
            costs.map(|id| (told.account.id.clone(), id))
        });
        let wanted: BTreeSet<_> = wanted.collect();
        match wanted.is_empty() {
            true => Ok(Rows::new()),
            false => self.ledger.cost_rows(wanted.into_iter().collect()).await,
        }
    }
}
