//! Links between numbers and addresses: who counts them, and which numbers need one.

use std::fmt::Debug;

use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::n;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{PRESENT, Transaction};
use crate::model::account::AccountId;
use crate::model::address::{Address, AddressSid};
use crate::model::inventory::InventoryNumber;
use crate::model::number::NumberStatus;

impl Ledger {
    /// Whether the country of a number requires an address. A number whose country is unknown needs none.
    pub(in crate::ledger) async fn requires_address(
        &self,
        number: Option<&InventoryNumber>,
    ) -> Result<bool, StoreError> {
        let Some(number) = number else {
            return Ok(false);
        };
        let served = self.country(number.country).await?;
        Ok(served.is_some_and(|served| served.requires_address))
    }
}

/// The status of a number that is linked to `address`: only an address in the number's own country is
/// enough where one is `required`.
pub(in crate::ledger) fn status(
    required: bool,
    number: Option<&InventoryNumber>,
    address: Option<&Address>,
) -> NumberStatus {
    let country = number.map(|number| number.country);
    let suitable = address.is_some_and(|address| Some(address.country) == country);
    match required && !suitable {
        true => NumberStatus::Pending,
        false => NumberStatus::Active,
    }
}

/// Adds the write that counts one more number on an address; refused if there is no such address.
pub(in crate::ledger) fn link<Tag: Copy + Eq + Debug>(
    transaction: &mut Transaction<Tag>,
    tag: Tag,
    account: &AccountId,
    sid: &AddressSid,
) {
    let key = keys::address(account, sid);
    transaction
        .update(tag, key, "SET links = links + :one", PRESENT)
        .value(":one", n(1));
}

/// Adds the write that counts one number less on an address.
pub(in crate::ledger) fn unlink<Tag: Copy + Eq + Debug>(
    transaction: &mut Transaction<Tag>,
    tag: Tag,
    account: &AccountId,
    sid: &AddressSid,
) {
    let key = keys::address(account, sid);
    transaction
        .update(tag, key, "SET links = links - :one", "links >= :one")
        .value(":one", n(1));
}
