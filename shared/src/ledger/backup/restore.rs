//! Writing an export into an empty table (pattern 101).
//!
//! Items are written in batches, each in one transaction on condition that none of them is there. A batch that is
//! written again after an interruption finds its own items, and anything else in their place ends the restore.

use std::pin::pin;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;

use crate::ledger::backup::export::is_over;
use crate::ledger::backup::{OF_THE_TABLE, json};
use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, instant, known, n, number, s, text, version};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::stream::restored;
use crate::ledger::table::transaction::{ABSENT, Committed, Transaction};
use crate::model::time::Instant;

/// How many batches are written at once.
const BATCHES: usize = 4;

/// The most items of a batch, and about the most bytes; a transaction takes 100 of 4 MB together.
const BATCH: usize = 50;
/// See [`BATCH`].
const BATCH_BYTES: usize = 1_000_000;

/// Where a restore stands when it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestoreStart {
    /// It begins, or goes on behind so many lines of the export.
    At(u64),
    /// This export is restored already.
    Done(Instant),
    /// Another export is being restored, or was.
    Another,
    /// The table has items; the type of one of them.
    NotEmpty(String),
}

/// What became of some lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// They are in the table.
    pub items: u64,
    /// Their time is up: they are left out.
    pub expired: u64,
}

/// Why lines are not restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The table was not read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A line is of no item.
    #[error("line {0} of the export is no item")]
    NoItem(u64),
    /// Another item has the key of one of the export.
    #[error(
        "another {0} is in its place: something else writes to the table; restore into an empty one"
    )]
    Taken(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Item,
}

impl Ledger {
    /// Begins to restore an export, or goes on with it. `export` is what the export is known by.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn begin_restore(
        &self,
        export: &str,
        now: Instant,
    ) -> Result<RestoreStart, StoreError> {
        if let Some(item) = self.get(keys::restore()).await? {
            return Ok(start_of(&item, export));
        }
        if let Some(kind) = self.any_kind().await? {
            return Ok(RestoreStart::NotEmpty(kind));
        }
        let key = keys::restore();
        let texts = [
            ("type", "restore"),
            (keys::PK, key.pk.as_str()),
            (keys::SK, key.sk.as_str()),
            ("export", export),
        ];
        let mut item: Item = texts
            .map(|(name, value)| (name.to_owned(), s(value)))
            .into();
        item.insert("v".to_owned(), version());
        item.insert("started_at".to_owned(), at(now));
        let mut transaction = Transaction::new();
        transaction.put(Tag::Item, item, ABSENT);
        match self.commit(transaction).await? {
            Committed::Done => Ok(RestoreStart::At(0)),
            Committed::Refused(refusals) => {
                let found = refusals.item(Tag::Item);
                Ok(found.map_or(RestoreStart::Another, |item| start_of(item, export)))
            }
        }
    }

    /// The type of any item of the ledger; `None` if there is none.
    async fn any_kind(&self) -> Result<Option<String>, StoreError> {
        let mut pages = pin!(self.scan().pages());
        while let Some(page) = pages.try_next().await? {
            let mut kinds = page
                .items
                .iter()
                .map(|item| text(item, "type").unwrap_or("item"));
            if let Some(kind) = kinds.find(|kind| !OF_THE_TABLE.contains(kind)) {
                return Ok(Some(kind.replace('_', " ")));
            }
        }
        Ok(None)
    }

    /// Writes lines of an export; the first has the number `first` among all of them.
    ///
    /// # Errors
    /// Returns [`RestoreError::NoItem`] for a line that cannot be read, before anything is written, and
    /// [`RestoreError::Taken`] if another item has the key of one.
    pub async fn restore_lines(
        &self,
        first: u64,
        lines: &[String],
        now: Instant,
    ) -> Result<Restored, RestoreError> {
        let mut restored_items = Restored::default();
        let mut batches: Vec<Vec<Item>> = Vec::new();
        let mut bytes = 0;
        for (number, line) in (first..).zip(lines) {
            let item = item_of(line).ok_or(RestoreError::NoItem(number))?;
            let item = known(item)?;
            if is_over(&item, now) {
                restored_items.expired += 1;
                continue;
            }
            restored_items.items += 1;
            bytes += line.len();
            match batches.last_mut() {
                Some(batch) if batch.len() < BATCH && bytes <= BATCH_BYTES => {
                    batch.push(restored(item));
                }
                _ => {
                    bytes = line.len();
                    batches.push(vec![restored(item)]);
                }
            }
        }
        let written = stream::iter(batches).map(|batch| self.restore_batch(batch));
        let written = written.buffer_unordered(BATCHES);
        written.try_collect::<Vec<()>>().await?;
        Ok(restored_items)
    }

    async fn restore_batch(&self, items: Vec<Item>) -> Result<(), RestoreError> {
        let mut transaction = Transaction::new();
        for item in &items {
            transaction.put(Tag::Item, item.clone(), ABSENT);
        }
        if matches!(self.commit(transaction).await?, Committed::Done) {
            return Ok(());
        }
        // Some are there: those of an earlier run, or of somebody else.
        for item in items {
            let mut transaction = Transaction::new();
            transaction.put(Tag::Item, item.clone(), ABSENT);
            if let Committed::Refused(refusals) = self.commit(transaction).await?
                && refusals.item(Tag::Item) != Some(&item)
            {
                let kind = text(&item, "type").unwrap_or("item").replace('_', " ");
                return Err(RestoreError::Taken(kind));
            }
        }
        Ok(())
    }

    /// Notes that the first `lines` lines are restored, and when that is all of them.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn note_restored(
        &self,
        export: &str,
        lines: u64,
        finished: Option<Instant>,
    ) -> Result<(), StoreError> {
        let mut transaction = Transaction::new();
        let expression = match finished {
            Some(_) => "SET #lines = :lines, finished_at = :finished",
            None => "SET #lines = :lines",
        };
        transaction
            .update(Tag::Item, keys::restore(), expression, "#export = :export")
            .name("#lines", "lines")
            .name("#export", "export")
            .value(":lines", n(i64::try_from(lines).unwrap_or(i64::MAX)))
            .value(":export", s(export))
            .values(finished.map(|finished| (":finished", at(finished))));
        match self.commit(transaction).await? {
            Committed::Done => Ok(()),
            Committed::Refused(_) => Err(StoreError::Contended("the record of this restore")),
        }
    }
}

/// Reads a line of an export.
fn item_of(line: &str) -> Option<Item> {
    let Value::Object(mut line) = serde_json::from_str(line).ok()? else {
        return None;
    };
    let item = json::read(line.remove("Item")?)?;
    let has = |name| text(&item, name).is_some();
    (has(keys::PK) && has(keys::SK)).then_some(item)
}

fn start_of(record: &Item, export: &str) -> RestoreStart {
    if text(record, "export") != Some(export) {
        return RestoreStart::Another;
    }
    match instant(record, "finished_at") {
        Some(finished) => RestoreStart::Done(finished),
        None => RestoreStart::At(number(record, "lines").unwrap_or(0)),
    }
}
