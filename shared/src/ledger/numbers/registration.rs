//! Registered numbers (patterns 13 and 19): whose number it is, and an account's list of them.

use serde::{Deserialize, Serialize};

use crate::ledger::keys;
use crate::ledger::numbers::inventory::{attributes_of, stock_of};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, key, read, stored};
use crate::ledger::table::legacy::Transacted;
use crate::ledger::table::store::Ledger;
use crate::model::account::{Account, AccountId};
pub use crate::model::number::RegisteredNumber;
use crate::model::phone::PhoneNumber;
use crate::model::time::Instant;

/// How the registration of a number ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbered {
    /// It is the account's.
    Done,
    /// It was the account's before.
    Already,
    /// It is another account's.
    Taken,
}

/// Whose number it is, and whether that account opted into TrueCLID.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::ledger) struct OwnerItem {
    pub(in crate::ledger) account_id: AccountId,
    pub(in crate::ledger) trueclid: bool,
}

/// The places of the writes in a registration.
const OWNER: usize = 0;
const LISTED: usize = 1;

/// How often a registration is tried anew when the number's stock or the account changed meanwhile.
const TRIES: u32 = 4;

impl Ledger {
    /// Registers a number to an account; no number is two accounts', and one that was in stock is so
    /// again when it is given back.
    ///
    /// # Errors
    /// The store's.
    pub async fn add_number(
        &self,
        account: &Account,
        number: &PhoneNumber,
        now: Instant,
    ) -> Result<Numbered, StoreError> {
        let mut owner = OwnerItem {
            account_id: account.id.clone(),
            trueclid: account.trueclid,
        };
        let mut listed = RegisteredNumber::new(number.clone(), now);
        for _ in 0..TRIES {
            listed.stock = self.find_stock(number).await?;
            let item = number_item(&account.id, &listed)?;
            let owned = stored(keys::number_owner(number), "number_owner", &owner)?;
            let mut writes = vec![
                self.put(owned, "attribute_not_exists(pk)").write()?,
                self.put(item, "attribute_not_exists(pk)").write()?,
                self.still(&account.id, owner.trueclid)?,
            ];
            match &listed.stock {
                Some(stock) => writes.extend(self.take(stock)?),
                None => {
                    let in_stock = key(keys::number_stock(number));
                    writes.push(self.check(in_stock, "attribute_not_exists(pk)").write()?);
                }
            }
            let Transacted::Refused(found) = self.transact(writes).await? else {
                return Ok(Numbered::Done);
            };
            if found.iter().all(|(index, _)| *index > LISTED) {
                // What is in stock, or the account, changed meanwhile.
                owner.trueclid = self.opted_in(&account.id).await?;
                continue;
            }
            let taken = found
                .into_iter()
                .find_map(|(index, item)| item.filter(|_| index == OWNER));
            let taken = taken.map(read::<OwnerItem>).transpose()?;
            let ours = taken.is_none_or(|owner| owner.account_id == account.id);
            return Ok(if ours {
                Numbered::Already
            } else {
                Numbered::Taken
            });
        }
        Err(StoreError::Unavailable(
            "others kept changing the number".to_owned(),
        ))
    }

    /// An account's numbers.
    ///
    /// # Errors
    /// The store's.
    pub async fn numbers(&self, account: &AccountId) -> Result<Vec<RegisteredNumber>, StoreError> {
        let partition = keys::account_partition(account);
        let items = self.prefixed(partition, keys::ACCOUNT_NUMBERS).await?;
        items.into_iter().map(number_of).collect()
    }

    /// One of an account's numbers.
    ///
    /// # Errors
    /// The store's.
    pub async fn number(
        &self,
        account: &AccountId,
        number: &PhoneNumber,
    ) -> Result<Option<RegisteredNumber>, StoreError> {
        let item = self.get(keys::account_number(account, number)).await?;
        item.map(number_of).transpose()
    }
}

/// A number as the table keeps it: what it was in stock lies beside what it is now.
pub(in crate::ledger) fn number_item(
    account: &AccountId,
    number: &RegisteredNumber,
) -> Result<Item, StoreError> {
    let at = keys::account_number(account, &number.number);
    let mut item = number
        .stock
        .as_ref()
        .map_or_else(|| Ok(Item::new()), attributes_of)?;
    item.extend(stored(at, "number", number)?);
    Ok(item)
}

/// Reads what [`number_item`] wrote.
pub(in crate::ledger) fn number_of(item: Item) -> Result<RegisteredNumber, StoreError> {
    let stock = match item.contains_key("number_type") {
        true => Some(stock_of(&item)?),
        false => None,
    };
    let number: RegisteredNumber = read(item)?;
    Ok(RegisteredNumber { stock, ..number })
}
