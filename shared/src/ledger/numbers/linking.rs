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

/// Adds the writes that move a number's link from one address to another, either of which may be none;
/// nothing if the address stays. Refused if the address to link to does not exist.
pub(in crate::ledger) fn relink<Tag: Copy + Eq + Debug>(
    transaction: &mut Transaction<Tag>,
    [old_tag, new_tag]: [Tag; 2],
    account: &AccountId,
    [old, new]: [Option<&AddressSid>; 2],
) {
    if old == new {
        return;
    }
    if let Some(old) = old {
        unlink(transaction, old_tag, account, old);
    }
    if let Some(new) = new {
        transaction
            .update(
                new_tag,
                keys::address(account, new),
                "SET links = links + :one",
                PRESENT,
            )
            .value(":one", n(1));
    }
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
