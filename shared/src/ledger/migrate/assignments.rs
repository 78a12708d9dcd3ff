//! Moving number assignments that earlier versions ended to the past, where lists find them by their time (D-547).

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::ledger::keys::{self, Key};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, key, read, s, text};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, Transaction};
use crate::model::account::AccountId;
use crate::model::number::CurrentAssignment;
use crate::model::property::NumberAssignment;

/// How many assignments are moved at once.
const CONCURRENT: usize = 16;

/// The writes of a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Old,
    Ended,
    Past,
}

impl Ledger {
    /// Moves the assignments of an account that an earlier version ended; how many. Lists read those that are not
    /// moved yet as well, and pay for all of them.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be started again.
    pub async fn move_ended_assignments(&self, account: &AccountId) -> Result<usize, StoreError> {
        let query = self.query(keys::account_partition(account));
        let items = query.prefix(keys::ASSIGNMENTS).all().await?.into_iter();
        let ended = items.filter(|item| item.contains_key("until"));
        let moved = stream::iter(ended).map(|item| self.move_ended_assignment(account, item));
        let moved: Vec<bool> = moved.buffer_unordered(CONCURRENT).try_collect().await?;
        Ok(moved.into_iter().filter(|moved| *moved).count())
    }

    /// Moves one; `false` if another migration was faster.
    async fn move_ended_assignment(
        &self,
        account: &AccountId,
        item: Item,
    ) -> Result<bool, StoreError> {
        let sk = text(&item, keys::SK).unwrap_or_default();
        let old = Key::new(keys::account_partition(account), sk);
        let guid = sk.rsplit('#').next().unwrap_or_default().to_owned();
        let ended: NumberAssignment = read(item.clone())?;
        let opened = CurrentAssignment {
            property_sid: ended.property_sid.clone(),
            since: ended.from,
            guid,
        };
        let by_number = keys::ended_assignment(account, &ended.number, &opened);
        let by_time = keys::past_assignment(account, &ended, &opened.guid);
        let mut transaction = Transaction::new();
        transaction.delete(Tag::Old, old, "attribute_exists(pk)");
        let mut moved = item;
        moved.extend(key(by_number));
        transaction.put(Tag::Ended, moved.clone(), ABSENT);
        moved.extend(key(by_time));
        moved.insert("type".to_owned(), s("past_tenure"));
        transaction.put(Tag::Past, moved, ABSENT);
        let committed = self.commit(transaction).await?;
        Ok(matches!(committed, Committed::Done))
    }
}
