//! Buying a number for a property (pattern 25): out of the stock, into the account, and a tenure of the
//! property, in one transaction.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use futures_util::try_join;

use crate::ledger::keys;
use crate::ledger::numbers::registration::{OwnerItem, number_item};
use crate::ledger::numbers::update::Changed;
use crate::ledger::numbers::update::Changing;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, key, n, read, s, stored};
use crate::ledger::table::legacy::{PutWrite, Transacted, stand_back};
use crate::ledger::table::store::Ledger;
use crate::model::account::{Account, AccountId};
use crate::model::address::{Address, AddressSid};
use crate::model::id::Guid;
use crate::model::inventory::InventoryNumber;
use crate::model::number::{AssignmentId, NumberChange, NumberStatus, RegisteredNumber};
use crate::model::phone::PhoneNumber;
use crate::model::property::{Property, PropertySid};
use crate::model::time::Instant;

/// How often a request looks again when others changed what it had seen: with the pauses between, some
/// 3 seconds.
pub(in crate::ledger) const TRIES: u32 = 16;

/// The place of the owner's write in the transaction.
const OWNER: usize = 0;

/// A number to be bought.
#[derive(Clone, Copy, Debug)]
pub struct Buying<'a> {
    /// By whom.
    pub account: &'a Account,
    /// For which property.
    pub property: &'a PropertySid,
    /// Which.
    pub number: &'a PhoneNumber,
    /// The address that it is to be linked to.
    pub address: Option<&'a AddressSid>,
    /// The request.
    pub guid: Guid,
    /// When it came.
    pub now: Instant,
}

/// What a purchase is about, as it was a moment ago.
#[derive(Clone, Debug)]
pub struct PurchaseContext {
    /// The property.
    pub property: Option<Property>,
    /// The number, where it is the account's.
    pub own: Option<RegisteredNumber>,
    /// The number, where it can be bought.
    pub stock: Option<InventoryNumber>,
    /// The address that was named.
    pub address: Option<Address>,
}

/// How buying a number ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bought {
    /// The property holds it.
    Done(NumberStatus),
    /// Another property of the account does.
    OtherProperty,
    /// It is in no stock, or somebody was faster.
    NoNumber,
    /// The address that was named is gone.
    NoAddress,
}

impl Ledger {
    /// What there is of what a purchase names.
    ///
    /// # Errors
    /// The store's.
    pub async fn market(&self, buying: &Buying<'_>) -> Result<PurchaseContext, StoreError> {
        let account = &buying.account.id;
        let number = || async {
            try_join!(
                self.number(account, buying.number),
                self.find_stock(buying.number),
            )
        };
        let (property, address, (own, stock)) = try_join!(
            self.property(account, buying.property),
            self.named_address(account, buying.address),
            number(),
        )?;
        // A number that is bought between the two reads is in neither; a second look finds it.
        let (own, stock) = match (own, stock) {
            (None, None) => number().await?,
            found => found,
        };
        Ok(PurchaseContext {
            property,
            own,
            stock,
            address,
        })
    }

    pub(in crate::ledger) async fn named_address(
        &self,
        account: &AccountId,
        named: Option<&AddressSid>,
    ) -> Result<Option<Address>, StoreError> {
        match named {
            Some(sid) => self.address(account, sid).await,
            None => Ok(None),
        }
    }

    /// Buys a number, going by what [`Ledger::market`] found. Buying again for the same property changes
    /// nothing but the address: the one that is named, or where the number still waits for one, a suitable
    /// one. A number that the operator registered for the account becomes the property's.
    ///
    /// # Errors
    /// The store's.
    pub async fn buy(
        &self,
        buying: &Buying<'_>,
        seen: PurchaseContext,
    ) -> Result<Bought, StoreError> {
        let mut market = seen;
        let mut trueclid = buying.account.trueclid;
        for attempt in 0..TRIES {
            if buying.address.is_some() && market.address.is_none() {
                return Ok(Bought::NoAddress);
            }
            match &market.own {
                None if market.stock.is_none() => return Ok(Bought::NoNumber),
                // A lost answer of this very request, or the same one sent again.
                Some(own) if own.property_sid() == Some(buying.property) => {
                    return self.buy_again(buying, own, market.address).await;
                }
                Some(own) if own.held.is_some() => return Ok(Bought::OtherProperty),
                _ => {}
            }
            let number = self.bought(buying, &market).await?;
            let writes = self.purchase(buying, &market, &number, trueclid)?;
            match self.transact(writes).await? {
                Transacted::Done => return Ok(Bought::Done(number.status)),
                Transacted::Refused(found) if others(&found, &buying.account.id)? => {
                    return Ok(Bought::NoNumber);
                }
                Transacted::Refused(_) => {
                    stand_back(attempt).await;
                    (market, trueclid) =
                        try_join!(self.market(buying), self.opted_in(&buying.account.id))?;
                }
            }
        }
        Err(StoreError::Unavailable(
            "others kept changing the number".to_owned(),
        ))
    }

    /// Buys a number for the property that holds it.
    async fn buy_again(
        &self,
        buying: &Buying<'_>,
        own: &RegisteredNumber,
        named: Option<Address>,
    ) -> Result<Bought, StoreError> {
        let waits = own.status == NumberStatus::Pending;
        let address = match (named, &own.stock) {
            (None, Some(stock)) if waits => self.suitable_address(buying, stock).await?,
            (named, _) => named,
        };
        let Some(address) = address else {
            return Ok(Bought::Done(own.status));
        };
        let changing = Changing {
            account: &buying.account.id,
            change: &NumberChange {
                address: Some(Some(address.sid.clone())),
                ..NumberChange::default()
            },
        };
        let changed = self.change_number(&changing, own.clone(), Some(address));
        Ok(match changed.await? {
            Changed::Done(number) => Bought::Done(number.status),
            // Nothing was to change of its routing.
            Changed::Refused(_) => Bought::Done(own.status),
            Changed::NoNumber => Bought::NoNumber,
            Changed::NoAddress => Bought::NoAddress,
        })
    }

    /// The account's oldest address in the country of a number.
    async fn suitable_address(
        &self,
        buying: &Buying<'_>,
        stock: &InventoryNumber,
    ) -> Result<Option<Address>, StoreError> {
        let addresses = self.addresses(&buying.account.id).await?;
        let suitable = addresses
            .into_iter()
            .filter(|one| one.country == stock.country);
        Ok(suitable.min_by_key(|one| (one.created_at, one.sid.clone())))
    }

    /// The number as it will be once it is bought.
    async fn bought(
        &self,
        buying: &Buying<'_>,
        market: &PurchaseContext,
    ) -> Result<RegisteredNumber, StoreError> {
        let mut number = market
            .own
            .clone()
            .unwrap_or_else(|| RegisteredNumber::new(buying.number.clone(), buying.now));
        number.held = Some(AssignmentId {
            property_sid: buying.property.clone(),
            since: buying.now,
            guid: buying.guid.to_string(),
        });
        number.stock = market.stock.clone().or(number.stock);
        let mut address = market.address.clone();
        let required = self.requires_address(number.stock.as_ref()).await?;
        if let (true, None, Some(stock)) = (required, &address, &number.stock) {
            address = self.suitable_address(buying, stock).await?;
        }
        number.status = status(required, number.stock.as_ref(), address.as_ref());
        number.address_sid = address.map(|address| address.sid);
        if market.own.is_some() {
            number.revision += 1;
        }
        Ok(number)
    }

    /// Whether the country of a number wants an address.
    pub(in crate::ledger) async fn requires_address(
        &self,
        stock: Option<&InventoryNumber>,
    ) -> Result<bool, StoreError> {
        let Some(stock) = stock else {
            return Ok(false);
        };
        let served = self.country(stock.country).await?;
        Ok(served.is_some_and(|served| served.requires_address))
    }

    fn purchase(
        &self,
        buying: &Buying<'_>,
        market: &PurchaseContext,
        number: &RegisteredNumber,
        trueclid: bool,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let Buying { account, .. } = *buying;
        let mut writes = match &market.own {
            None => {
                let owner = OwnerItem {
                    account_id: account.id.clone(),
                    trueclid,
                };
                let owner = stored(keys::number_owner(buying.number), "number_owner", &owner)?;
                let listed = number_item(&account.id, number)?;
                vec![
                    self.put(owner, "attribute_not_exists(pk)").write()?,
                    self.put(listed, "attribute_not_exists(pk)").write()?,
                ]
            }
            Some(own) => vec![
                self.update(
                    key(keys::number_owner(buying.number)),
                    "SET trueclid = :trueclid",
                    "account_id = :account",
                )
                .value(":trueclid", AttributeValue::Bool(trueclid))
                .value(":account", s(account.id.as_str()))
                .write()?,
                self.rewrite(&account.id, number, own)?.write()?,
            ],
        };
        writes.push(self.still(&account.id, trueclid)?);
        if let Some(held) = &number.held {
            writes.push(self.begin_tenure(&account.id, number, held)?);
        }
        if let Some(stock) = &market.stock {
            writes.extend(self.take(stock)?);
        }
        if let Some(address) = &number.address_sid {
            writes.push(self.link(&account.id, address)?);
        }
        Ok(writes)
    }

    /// The write of a number in place of what it was when it was read.
    pub(in crate::ledger) fn rewrite(
        &self,
        account: &AccountId,
        number: &RegisteredNumber,
        before: &RegisteredNumber,
    ) -> Result<PutWrite, StoreError> {
        let item = number_item(account, number)?;
        Ok(self
            .put(item, unchanged(before))
            .value(":revision", n(before.revision)))
    }
}

/// The condition that a number is as it was read; `:revision` is its revision then.
pub(in crate::ledger) fn unchanged(before: &RegisteredNumber) -> &'static str {
    match before.revision {
        0 => "attribute_exists(pk) AND (attribute_not_exists(revision) OR revision = :revision)",
        _ => "revision = :revision",
    }
}

/// Whether a number is in use, with this address or none.
pub(in crate::ledger) fn status(
    required: bool,
    stock: Option<&InventoryNumber>,
    address: Option<&Address>,
) -> NumberStatus {
    let country = stock.map(|stock| stock.country);
    let suitable = address.is_some_and(|address| Some(address.country) == country);
    match required && !suitable {
        true => NumberStatus::Pending,
        false => NumberStatus::Active,
    }
}

/// Whether the owner that was found is another account.
fn others(found: &[(usize, Option<Item>)], account: &AccountId) -> Result<bool, StoreError> {
    let owner = found
        .iter()
        .find(|(index, _)| *index == OWNER)
        .and_then(|(_, item)| item.clone());
    let owner = owner.map(read::<OwnerItem>).transpose()?;
    Ok(owner.is_some_and(|owner| owner.account_id != *account))
}
