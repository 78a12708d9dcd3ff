//! Which property held which number when (pattern 30): written by the transaction that gives a number to a
//! property, closed by the one that takes it back.

use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{at, key, read, s, stored, text};
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::id::Guid;
use crate::model::number::{AssignmentId, RegisteredNumber};
use crate::model::property::NumberAssignment;
use crate::model::time::Instant;

impl Ledger {
    /// Every tenure of an account's numbers, past and present, by number and beginning.
    ///
    /// # Errors
    /// The store's.
    pub async fn tenures(&self, account: &AccountId) -> Result<Vec<NumberAssignment>, StoreError> {
        let partition = keys::account_partition(account);
        let items = self.prefixed(partition, keys::TENURES).await?;
        items.into_iter().map(read).collect()
    }

    /// The write that begins a tenure.
    pub(in crate::ledger) fn begin_tenure(
        &self,
        account: &AccountId,
        number: &RegisteredNumber,
        held: &AssignmentId,
    ) -> Result<TransactWriteItem, StoreError> {
        let tenure = NumberAssignment {
            number: number.number.clone(),
            property_sid: held.property_sid.clone(),
            from: held.since,
            until: None,
        };
        let item = stored(
            keys::tenure(account, &number.number, held),
            "tenure",
            &tenure,
        )?;
        self.put(item, "attribute_not_exists(pk)").write()
    }

    /// The write that ends a tenure.
    pub(in crate::ledger) fn end_tenure(
        &self,
        account: &AccountId,
        number: &RegisteredNumber,
        held: &AssignmentId,
        guid: Guid,
        now: Instant,
    ) -> Result<TransactWriteItem, StoreError> {
        // A clock behind the one that began it does not turn it round.
        let until = now.max(held.since);
        self.update(
            key(keys::tenure(account, &number.number, held)),
            "SET #until = :until, ended_by = :guid",
            "attribute_exists(pk) AND attribute_not_exists(#until)",
        )
        .name("#until", "until")
        .value(":until", at(until))
        .value(":guid", s(guid.to_string()))
        .write()
    }

    /// Whether a tenure was ended by this request.
    pub(in crate::ledger) async fn ended_tenure(
        &self,
        account: &AccountId,
        number: &RegisteredNumber,
        held: &AssignmentId,
        guid: Guid,
    ) -> Result<bool, StoreError> {
        let item = self
            .get(keys::tenure(account, &number.number, held))
            .await?;
        let by = item.as_ref().and_then(|item| text(item, "ended_by"));
        Ok(by == Some(guid.to_string().as_str()))
    }
}
