//! Registered numbers (patterns 13 and 19): whose number it is, and an account's list of them.

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem};
use serde::{Deserialize, Serialize};

use super::item::{Item, key, read, s, stored};
use super::transact::Transacted;
use super::{Ledger, Saved, StoreError, keys};
use crate::model::account::{Account, AccountId};
use crate::model::phone::PhoneNumber;
use crate::model::time::Instant;

/// A number of an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RegisteredNumber {
    /// The number.
    pub number: PhoneNumber,
    /// Since when.
    pub registered_at: Instant,
}

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
pub(super) struct OwnerItem {
    pub(super) account_id: AccountId,
    pub(super) trueclid: bool,
}

/// The places of the writes in a registration.
const OWNER: usize = 0;
const LISTED: usize = 1;

/// How often a registration is tried anew when the number went into stock or out of it meanwhile.
const TRIES: u32 = 4;

impl Ledger {
    /// Registers a number to an account; no number is two accounts', and one that was in stock is in stock
    /// no more.
    ///
    /// # Errors
    /// The store's.
    pub async fn add_number(
        &self,
        account: &Account,
        number: &PhoneNumber,
        now: Instant,
    ) -> Result<Numbered, StoreError> {
        let owner = OwnerItem {
            account_id: account.id.clone(),
            trueclid: account.trueclid,
        };
        let listed = RegisteredNumber {
            number: number.clone(),
            registered_at: now,
        };
        let owner = stored(keys::number_owner(number), "number_owner", &owner)?;
        let listed = stored(keys::account_number(&account.id, number), "number", &listed)?;
        for _ in 0..TRIES {
            let mut writes = vec![
                self.put(owner.clone(), "attribute_not_exists(pk)")
                    .write()?,
                self.put(listed.clone(), "attribute_not_exists(pk)")
                    .write()?,
            ];
            match self.find_stock(number).await? {
                Some(stock) => writes.extend(self.take(&stock)?),
                None => writes
                    .push(self.check(key(keys::number_stock(number)), "attribute_not_exists(pk)")?),
            }
            let Transacted::Refused(found) = self.transact(writes).await? else {
                return Ok(Numbered::Done);
            };
            if found.iter().all(|(index, _)| *index > LISTED) {
                // What is in stock changed meanwhile.
                continue;
            }
            let owner = found
                .into_iter()
                .find_map(|(index, item)| item.filter(|_| index == OWNER));
            let ours = owner.map(read::<OwnerItem>).transpose()?;
            let ours = ours.is_none_or(|owner| owner.account_id == account.id);
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
        items.into_iter().map(read).collect()
    }

    /// Gives a number back; [`Saved::Refused`] when it is not the account's.
    ///
    /// # Errors
    /// The store's.
    pub async fn remove_number(
        &self,
        account: &AccountId,
        number: &PhoneNumber,
    ) -> Result<Saved, StoreError> {
        let writes = vec![
            self.delete_owned(key(keys::number_owner(number)), Some(account))?,
            self.delete_owned(key(keys::account_number(account, number)), None)?,
        ];
        Ok(match self.transact(writes).await? {
            Transacted::Done => Saved::Done,
            Transacted::Refused(_) => Saved::Refused,
        })
    }

    fn delete_owned(
        &self,
        key: Item,
        owner: Option<&AccountId>,
    ) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder().table_name(&self.table).set_key(Some(key));
        let delete = match owner {
            Some(owner) => delete
                .condition_expression("account_id = :account")
                .expression_attribute_values(":account", s(owner.as_str())),
            None => delete.condition_expression("attribute_exists(pk)"),
        };
        let delete = delete
            .build()
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}
