//! Deletion of an item that leaves nothing by which a retry could know its own work.

use crate::ledger::keys::Key;
use crate::ledger::outcome::Deletion;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{Committed, PRESENT, Transaction};

impl Ledger {
    /// Deletes the item under `key`. It is read first: an item that was there and is gone was deleted, by
    /// this request or by another at the same moment.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub(in crate::ledger) async fn delete_if_present(
        &self,
        key: Key,
    ) -> Result<Deletion, StoreError> {
        if self.get(key.clone()).await?.is_none() {
            return Ok(Deletion::NotFound);
        }
        let mut transaction = Transaction::new();
        transaction.delete((), key, PRESENT);
        match self.commit(transaction).await? {
            Committed::Done | Committed::Refused(_) => Ok(Deletion::Deleted),
        }
    }
}
