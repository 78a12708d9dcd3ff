//! Number assignments: which property had which number when (pattern 30). The transaction that assigns a
//! number opens its item, and the one that releases the number closes it.

use std::fmt::Debug;

use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{at, read, s, stored, text};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Transaction};
use crate::model::account::AccountId;
use crate::model::id::Guid;
use crate::model::number::CurrentAssignment;
use crate::model::phone::PhoneNumber;
use crate::model::property::NumberAssignment;
use crate::model::time::Instant;

/// How many assignments that began before a moment are read. One would do if all instances had one clock: with
/// several, an assignment may begin a little before the end of the one before it.
const LATEST: usize = 4;

impl Ledger {
    /// Every assignment of an account's numbers, past and present, by number and start.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn number_assignments(
        &self,
        account: &AccountId,
    ) -> Result<Vec<NumberAssignment>, StoreError> {
        let query = self.query(keys::account_partition(account));
        let items = query.prefix(keys::NUMBER_ASSIGNMENTS).all().await?;
        items.into_iter().map(read).collect()
    }

    /// The assignments of one of an account's numbers that began last, at a moment or before; the one in force
    /// then is among them. However often the number was bought and released, a few are read.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn assignments_until(
        &self,
        account: &AccountId,
        number: &PhoneNumber,
        at: Instant,
    ) -> Result<Vec<NumberAssignment>, StoreError> {
        let (from, to) = keys::assignments_until(number, at);
        let query = self.query(keys::account_partition(account));
        let query = query.between(from, to).descending().limit(LATEST);
        let items = query.page().await?.items;
        items.into_iter().map(read).collect()
    }

    /// Whether an assignment was closed by the request `guid`.
    pub(in crate::ledger) async fn closed_assignment(
        &self,
        account: &AccountId,
        number: &PhoneNumber,
        assignment: &CurrentAssignment,
        guid: Guid,
    ) -> Result<bool, StoreError> {
        let key = keys::number_assignment(account, number, assignment);
        let item = self.get(key).await?;
        let closed_by = item.as_ref().and_then(|item| text(item, "ended_by"));
        Ok(closed_by == Some(guid.to_string().as_str()))
    }
}

/// Adds the write that opens an assignment.
pub(in crate::ledger) fn open_assignment<Tag: Copy + Eq + Debug>(
    transaction: &mut Transaction<Tag>,
    tag: Tag,
    account: &AccountId,
    number: &PhoneNumber,
    assignment: &CurrentAssignment,
) -> Result<(), StoreError> {
    let key = keys::number_assignment(account, number, assignment);
    let open = NumberAssignment {
        number: number.clone(),
        property_sid: assignment.property_sid.clone(),
        from: assignment.since,
        until: None,
    };
    transaction.put(tag, stored(key, "tenure", &open)?, ABSENT);
    Ok(())
}

/// Adds the write that closes an assignment; refused if it is closed already.
pub(in crate::ledger) fn close_assignment<Tag: Copy + Eq + Debug>(
    transaction: &mut Transaction<Tag>,
    tag: Tag,
    account: &AccountId,
    number: &PhoneNumber,
    assignment: &CurrentAssignment,
    (guid, now): (Guid, Instant),
) {
    // The clock of this instance may be behind the one that opened it.
    let until = now.max(assignment.since);
    transaction
        .update(
            tag,
            keys::number_assignment(account, number, assignment),
            "SET #until = :until, ended_by = :guid",
            "attribute_exists(pk) AND attribute_not_exists(#until)",
        )
        .name("#until", "until")
        .value(":until", at(until))
        .value(":guid", s(guid.to_string()));
}
