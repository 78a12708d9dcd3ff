//! Purchase of a number for a property (pattern 25): out of the inventory, into the account, and assigned to
//! the property, in one transaction.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::try_join;

use crate::ledger::access::accounts::check_trueclid;
use crate::ledger::keys;
use crate::ledger::numbers::assignments::open_assignment;
use crate::ledger::numbers::inventory::take_from_inventory;
use crate::ledger::numbers::linking::{relink, status};
use crate::ledger::numbers::owned::{OwnerItem, number_item, rewrite};
use crate::ledger::numbers::update::NumberUpdateRefusal;
use crate::ledger::outcome::{Creation, Update};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{read, s, stored};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, Refusals, Transaction};
use crate::model::account::{Account, AccountId};
use crate::model::address::{Address, AddressSid};
use crate::model::id::Guid;
use crate::model::inventory::InventoryNumber;
use crate::model::number::{CurrentAssignment, NumberChange, NumberStatus, RegisteredNumber};
use crate::model::phone::PhoneNumber;
use crate::model::property::{Property, PropertySid};
use crate::model::time::Instant;

/// A number to be purchased.
#[derive(Clone, Copy, Debug)]
pub struct Purchase<'a> {
    /// Who purchases it.
    pub account: &'a Account,
    /// The property that it is for.
    pub property: &'a PropertySid,
    /// The number.
    pub number: &'a PhoneNumber,
    /// The address that it is to be linked to.
    pub address: Option<&'a AddressSid>,
    /// The request.
    pub guid: Guid,
    /// When the request was received.
    pub now: Instant,
}

/// What a purchase refers to, as it was a moment ago.
#[derive(Clone, Debug)]
pub struct PurchaseContext {
    /// The property.
    pub property: Option<Property>,
    /// The number, if the account owns it.
    pub own: Option<RegisteredNumber>,
    /// The number, if it is in the inventory.
    pub inventory: Option<InventoryNumber>,
    /// The address that the purchase names.
    pub address: Option<Address>,
}

/// Why a number was not purchased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PurchaseRefusal {
    /// There is no such address.
    AddressNotFound,
    /// The number is not in the inventory, or somebody else was faster.
    NumberNotFound,
    /// The number is assigned to another property of the account.
    OtherProperty,
}

/// The writes of a purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Owner,
    Number,
    Account,
    Assignment,
    Inventory,
    OldAddress,
    NewAddress,
}

impl Ledger {
    /// Reads what a purchase refers to.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn purchase_context(
        &self,
        purchase: &Purchase<'_>,
    ) -> Result<PurchaseContext, StoreError> {
        let account = &purchase.account.id;
        let number = || async {
            try_join!(
                self.number(account, purchase.number),
                self.inventory_number(purchase.number),
            )
        };
        let (property, address, (own, inventory)) = try_join!(
            self.property(account, purchase.property),
            self.named_address(account, purchase.address),
            number(),
        )?;
        // A number that is purchased between the two reads is in neither; a second look finds it.
        let (own, inventory) = match (own, inventory) {
            (None, None) => number().await?,
            found => found,
        };
        Ok(PurchaseContext {
            property,
            own,
            inventory,
            address,
        })
    }

    /// Purchases a number, starting from what [`Ledger::purchase_context`] found.
    ///
    /// A number that is assigned to the property already exists: nothing changes but its address, if the
    /// purchase names one, or if the number is pending and the account has a suitable one. A number that
    /// the operator registered to the account is assigned to the property.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn purchase_number(
        &self,
        purchase: &Purchase<'_>,
        context: PurchaseContext,
    ) -> Result<Creation<NumberStatus, PurchaseRefusal>, StoreError> {
        self.finish_trueclid(purchase.account).await?;
        let account = &purchase.account.id;
        let (mut context, mut trueclid) = (context, purchase.account.trueclid);
        let mut retry = Retry::planning("this number").within(self.patience);
        retry.next().await?;
        loop {
            if purchase.address.is_some() && context.address.is_none() {
                return Ok(Creation::Refused(PurchaseRefusal::AddressNotFound));
            }
            match &context.own {
                None if context.inventory.is_none() => {
                    return Ok(Creation::Refused(PurchaseRefusal::NumberNotFound));
                }
                Some(own) if own.property_sid() == Some(purchase.property) => {
                    return self.purchase_again(purchase, own, context.address).await;
                }
                Some(own) if own.assignment.is_some() => {
                    return Ok(Creation::Refused(PurchaseRefusal::OtherProperty));
                }
                _ => {}
            }
            let number = self.purchased(purchase, &context).await?;
            let transaction = transaction_of(purchase, &context, &number, trueclid)?;
            match self.commit_plan(transaction, &retry).await? {
                Committed::Done => return Ok(Creation::Created(number.status)),
                // The assignment has this request's guid in its key: an earlier try got through, and
                // somebody has released the number since.
                Committed::Refused(refusals) if refusals.contains(Tag::Assignment) => {
                    return Ok(Creation::Created(number.status));
                }
                Committed::Refused(refusals) if owned_by_another(&refusals, account)? => {
                    return Ok(Creation::Refused(PurchaseRefusal::NumberNotFound));
                }
                Committed::Refused(_) => {}
            }
            retry.next().await?;
            (context, trueclid) =
                try_join!(self.purchase_context(purchase), self.opted_in(account))?;
        }
    }

    /// Repeats the purchase of a number that is assigned to the property.
    async fn purchase_again(
        &self,
        purchase: &Purchase<'_>,
        own: &RegisteredNumber,
        named: Option<Address>,
    ) -> Result<Creation<NumberStatus, PurchaseRefusal>, StoreError> {
        let pending = own.status == NumberStatus::Pending;
        let address = match (named, &own.inventory) {
            (None, Some(number)) if pending => self.suitable_address(purchase, number).await?,
            (named, _) => named,
        };
        let status = match address {
            None => own.status,
            Some(address) => {
                let change = NumberChange {
                    address: Some(Some(address.sid.clone())),
                    ..NumberChange::default()
                };
                let account = &purchase.account.id;
                let updated = self.update_number(account, &change, own.clone(), Some(address));
                match updated.await? {
                    Update::Updated(number) => number.status,
                    Update::NotFound => {
                        return Ok(Creation::Refused(PurchaseRefusal::NumberNotFound));
                    }
                    Update::Refused(NumberUpdateRefusal::AddressNotFound) => {
                        return Ok(Creation::Refused(PurchaseRefusal::AddressNotFound));
                    }
                    // The change has no routing in it.
                    Update::Refused(NumberUpdateRefusal::Unroutable(_)) => own.status,
                }
            }
        };
        // An earlier try of this very purchase may have got through and lost its answer.
        let guid = purchase.guid.to_string();
        let ours = own
            .assignment
            .as_ref()
            .is_some_and(|assignment| assignment.guid == guid);
        Ok(match ours {
            true => Creation::Created(status),
            false => Creation::Exists(status),
        })
    }

    /// The account's oldest address in the country of a number.
    async fn suitable_address(
        &self,
        purchase: &Purchase<'_>,
        number: &InventoryNumber,
    ) -> Result<Option<Address>, StoreError> {
        let addresses = self.addresses(&purchase.account.id).await?;
        let suitable = addresses
            .into_iter()
            .filter(|address| address.country == number.country);
        Ok(suitable.min_by_key(|address| (address.created_at, address.sid.clone())))
    }

    /// The number as it will be once it is purchased.
    async fn purchased(
        &self,
        purchase: &Purchase<'_>,
        context: &PurchaseContext,
    ) -> Result<RegisteredNumber, StoreError> {
        let mut number = context
            .own
            .clone()
            .unwrap_or_else(|| RegisteredNumber::new(purchase.number.clone(), purchase.now));
        number.assignment = Some(CurrentAssignment {
            property_sid: purchase.property.clone(),
            since: purchase.now,
            guid: purchase.guid.to_string(),
        });
        number.inventory = context.inventory.clone().or(number.inventory);
        let mut address = match &context.address {
            Some(named) => Some(named.clone()),
            // A registered number keeps the address that it is linked to.
            None => {
                let linked = number.address_sid.as_ref();
                self.named_address(&purchase.account.id, linked).await?
            }
        };
        let inventory = number.inventory.as_ref();
        let required = self.requires_address(inventory).await?;
        number.status = status(required, inventory, address.as_ref());
        if let (NumberStatus::Pending, None, Some(inventory)) =
            (number.status, &context.address, inventory)
        {
            address = self
                .suitable_address(purchase, inventory)
                .await?
                .or(address);
            number.status = status(required, Some(inventory), address.as_ref());
        }
        number.address_sid = address.map(|address| address.sid);
        if context.own.is_some() {
            number.revision += 1;
        }
        Ok(number)
    }
}

/// The transaction that turns what `context` found into `number`.
fn transaction_of(
    purchase: &Purchase<'_>,
    context: &PurchaseContext,
    number: &RegisteredNumber,
    trueclid: bool,
) -> Result<Transaction<Tag>, StoreError> {
    let account = &purchase.account.id;
    let mut transaction = Transaction::new();
    let owner_key = keys::number_owner(purchase.number);
    match &context.own {
        None => {
            let owner = OwnerItem {
                account_id: account.clone(),
                trueclid,
            };
            let owner = stored(owner_key, "number_owner", &owner)?;
            transaction.put(Tag::Owner, owner, ABSENT);
            transaction.put(Tag::Number, number_item(account, number)?, ABSENT);
        }
        Some(own) => {
            let set = "SET trueclid = :trueclid";
            transaction
                .update(Tag::Owner, owner_key, set, "account_id = :account")
                .value(":trueclid", AttributeValue::Bool(trueclid))
                .value(":account", s(account.as_str()));
            rewrite(&mut transaction, Tag::Number, account, number, own)?;
        }
    }
    check_trueclid(&mut transaction, Tag::Account, account, trueclid);
    if let Some(assignment) = &number.assignment {
        let tag = Tag::Assignment;
        open_assignment(&mut transaction, tag, account, purchase.number, assignment)?;
    }
    if let Some(inventory) = &context.inventory {
        take_from_inventory(&mut transaction, [Tag::Inventory; 2], inventory);
    }
    let linked = context
        .own
        .as_ref()
        .and_then(|own| own.address_sid.as_ref());
    let tags = [Tag::OldAddress, Tag::NewAddress];
    let addresses = [linked, number.address_sid.as_ref()];
    relink(&mut transaction, tags, account, addresses);
    Ok(transaction)
}

/// Whether the purchase was refused because another account owns the number.
fn owned_by_another(refusals: &Refusals<Tag>, account: &AccountId) -> Result<bool, StoreError> {
    let owner = refusals.item(Tag::Owner).cloned();
    let owner = owner.map(read::<OwnerItem>).transpose()?;
    Ok(owner.is_some_and(|owner| owner.account_id != *account))
}
