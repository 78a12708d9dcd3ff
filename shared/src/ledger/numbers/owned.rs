//! Numbers that an account owns (patterns 13 and 19): the owner of a number, and an account's list.

use std::fmt::Debug;

use serde::{Deserialize, Serialize};

use crate::ledger::keys;
use crate::ledger::numbers::inventory::{attributes_of, inventory_number_of};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, n, read, stored};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::Transaction;
use crate::model::account::AccountId;
use crate::model::number::RegisteredNumber;
use crate::model::phone::PhoneNumber;

/// The account that owns a number, and a copy of its TrueCLID setting.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::ledger) struct OwnerItem {
    pub(in crate::ledger) account_id: AccountId,
    pub(in crate::ledger) trueclid: bool,
}

impl Ledger {
    /// An account's numbers.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn numbers(&self, account: &AccountId) -> Result<Vec<RegisteredNumber>, StoreError> {
        let query = self.query(keys::account_partition(account));
        let items = query.prefix(keys::ACCOUNT_NUMBERS).all().await?;
        items.into_iter().map(number_of).collect()
    }

    /// One of an account's numbers.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn number(
        &self,
        account: &AccountId,
        number: &PhoneNumber,
    ) -> Result<Option<RegisteredNumber>, StoreError> {
        let item = self.get(keys::account_number(account, number)).await?;
        item.map(number_of).transpose()
    }
}

/// The item of an account's number. What the inventory said of it lies beside what it is now, so that a
/// release puts it back as it was.
pub(in crate::ledger) fn number_item(
    account: &AccountId,
    number: &RegisteredNumber,
) -> Result<Item, StoreError> {
    let key = keys::account_number(account, &number.number);
    let mut item = number
        .inventory
        .as_ref()
        .map_or_else(|| Ok(Item::new()), attributes_of)?;
    item.extend(stored(key, "number", number)?);
    Ok(item)
}

/// Reads what [`number_item`] wrote.
pub(in crate::ledger) fn number_of(item: Item) -> Result<RegisteredNumber, StoreError> {
    let inventory = match item.contains_key("number_type") {
        true => Some(inventory_number_of(item.clone())?),
        false => None,
    };
    let number: RegisteredNumber = read(item)?;
    Ok(RegisteredNumber {
        inventory,
        ..number
    })
}

/// Adds the write of `number` in place of `before`; refused if it was changed since `before` was read.
pub(in crate::ledger) fn rewrite<Tag: Copy + Eq + Debug>(
    transaction: &mut Transaction<Tag>,
    tag: Tag,
    account: &AccountId,
    number: &RegisteredNumber,
    before: &RegisteredNumber,
) -> Result<(), StoreError> {
    let (old, item) = (number_item(account, before)?, number_item(account, number)?);
    transaction
        .rewrite(tag, "number", &old, item, unchanged(before))
        .value(":revision", n(before.revision));
    Ok(())
}

/// The condition that a number was not changed since it was read; `:revision` is its revision then.
pub(in crate::ledger) fn unchanged(before: &RegisteredNumber) -> &'static str {
    match before.revision {
        // A number that was last written by an earlier version has no revision.
        0 => "attribute_exists(pk) AND (attribute_not_exists(revision) OR revision = :revision)",
        _ => "revision = :revision",
    }
}
