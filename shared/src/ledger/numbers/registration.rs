//! Registration of a number by the operator: the account owns it, and no property is assigned.

use crate::ledger::access::accounts::check_trueclid;
use crate::ledger::keys;
use crate::ledger::numbers::inventory::{NumberOwned, take_from_inventory};
use crate::ledger::numbers::owned::{OwnerItem, number_item, number_of};
use crate::ledger::outcome::Creation;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, read, stored};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, Transaction};
use crate::model::account::Account;
use crate::model::number::RegisteredNumber;
use crate::model::phone::PhoneNumber;
use crate::model::time::Instant;

/// The writes of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Owner,
    Number,
    Account,
    Inventory,
}

impl Ledger {
    /// Registers a number to an account. A number of the inventory is taken out of it, and is put back by
    /// its release. The refusal means that another account owns the number.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn register_number(
        &self,
        account: &Account,
        number: &PhoneNumber,
        now: Instant,
    ) -> Result<Creation<(), NumberOwned>, StoreError> {
        self.finish_trueclid(account).await?;
        let mut owner = OwnerItem {
            account_id: account.id.clone(),
            trueclid: account.trueclid,
        };
        let mut listed = RegisteredNumber::new(number.clone(), now);
        let mut retry = Retry::planning("this number").within(self.patience);
        loop {
            retry.next().await?;
            listed.inventory = self.inventory_number(number).await?;
            let transaction = registration(account, &listed, &owner)?;
            let Committed::Refused(mut refusals) = self.commit_plan(transaction, &retry).await?
            else {
                return Ok(Creation::Created(()));
            };
            if refusals.contains(Tag::Owner) || refusals.contains(Tag::Number) {
                if let Some(found) = refusals.take(Tag::Number)
                    && is_own_work(found, now)?
                {
                    return Ok(Creation::Created(()));
                }
                let found = refusals
                    .take(Tag::Owner)
                    .map(read::<OwnerItem>)
                    .transpose()?;
                let another = found.is_some_and(|owner| owner.account_id != account.id);
                return Ok(match another {
                    true => Creation::Refused(NumberOwned),
                    false => Creation::Exists(()),
                });
            }
            // The inventory or the account has changed meanwhile.
            owner.trueclid = self.opted_in(&account.id).await?;
        }
    }
}

/// Whether a number was registered at this very millisecond and not touched since: it was by this request,
/// whose earlier try got through and lost its answer.
fn is_own_work(found: Item, now: Instant) -> Result<bool, StoreError> {
    let found = number_of(found)?;
    Ok(found.registered_at == now && found.assignment.is_none() && found.revision == 0)
}

fn registration(
    account: &Account,
    number: &RegisteredNumber,
    owner: &OwnerItem,
) -> Result<Transaction<Tag>, StoreError> {
    let mut transaction = Transaction::new();
    let key = keys::number_owner(&number.number);
    transaction.put(Tag::Owner, stored(key, "number_owner", owner)?, ABSENT);
    transaction.put(Tag::Number, number_item(&account.id, number)?, ABSENT);
    check_trueclid(&mut transaction, Tag::Account, &account.id, owner.trueclid);
    match &number.inventory {
        Some(inventory) => {
            take_from_inventory(&mut transaction, [Tag::Inventory; 2], inventory);
        }
        None => {
            let key = keys::inventory_by_number(&number.number);
            transaction.check(Tag::Inventory, key, ABSENT);
        }
    }
    Ok(transaction)
}
