//! Giving a number back: out of the account and, where it came from there, into the stock again.

use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem};

use crate::ledger::access::accounts::Saved;
use crate::ledger::keys;
use crate::ledger::numbers::purchase::{TRIES, unchanged};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{key, n, s};
use crate::ledger::table::legacy::{Transacted, stand_back};
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::id::Guid;
use crate::model::number::RegisteredNumber;
use crate::model::phone::PhoneNumber;
use crate::model::time::Instant;

/// How giving a number back ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Released {
    /// The account has it no more.
    Done,
    /// Somebody was faster.
    NotThere,
}

impl Ledger {
    /// Gives a number back; [`Saved::Refused`] when it is not the account's.
    ///
    /// # Errors
    /// The store's.
    pub async fn remove_number(
        &self,
        account: &AccountId,
        number: &PhoneNumber,
        guid: Guid,
        now: Instant,
    ) -> Result<Saved, StoreError> {
        let Some(own) = self.number(account, number).await? else {
            return Ok(Saved::Refused);
        };
        Ok(match self.release(account, own, guid, now).await? {
            Released::Done => Saved::Done,
            Released::NotThere => Saved::Refused,
        })
    }

    /// Gives a number of the account back, going by what was read of it.
    ///
    /// # Errors
    /// The store's.
    pub async fn release(
        &self,
        account: &AccountId,
        seen: RegisteredNumber,
        guid: Guid,
        now: Instant,
    ) -> Result<Released, StoreError> {
        let mut own = seen;
        for attempt in 0..TRIES {
            let writes = self.release_writes(account, &own, guid, now)?;
            if let Transacted::Done = self.transact(writes).await? {
                return Ok(Released::Done);
            }
            if let Some(held) = &own.held
                && self.ended_tenure(account, &own, held, guid).await?
            {
                return Ok(Released::Done);
            }
            stand_back(attempt).await;
            match self.number(account, &own.number).await? {
                // Given back by another, and bought again: not what this request is about.
                Some(now_there) if own.held.is_some() && now_there.held != own.held => {
                    return Ok(Released::NotThere);
                }
                Some(now_there) => own = now_there,
                None if own.held.is_some() => return Ok(Released::NotThere),
                // A registration leaves nothing to know one's own work by; it was there, and is not.
                None => return Ok(Released::Done),
            }
        }
        Err(StoreError::Unavailable(
            "others kept changing the number".to_owned(),
        ))
    }

    fn release_writes(
        &self,
        account: &AccountId,
        own: &RegisteredNumber,
        guid: Guid,
        now: Instant,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let mut writes = vec![
            self.delete_if(
                keys::number_owner(&own.number),
                "account_id = :account",
                (":account", s(account.as_str())),
            )?,
            self.delete_if(
                keys::account_number(account, &own.number),
                unchanged(own),
                (":revision", n(own.revision)),
            )?,
        ];
        if let Some(held) = &own.held {
            writes.push(self.end_tenure(account, own, held, guid, now)?);
        }
        if let Some(stock) = &own.stock {
            writes.extend(self.give_back(stock, guid)?);
        }
        if let Some(address) = &own.address_sid {
            writes.push(self.unlink(account, address)?);
        }
        Ok(writes)
    }

    fn delete_if(
        &self,
        at: keys::Key,
        condition: &str,
        (name, value): (&str, AttributeValue),
    ) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key(at)))
            .condition_expression(condition)
            .expression_attribute_values(name, value)
            .build()
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}
