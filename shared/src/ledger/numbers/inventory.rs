//! The inventory: numbers that can be bought (pattern 24), and the places that ever had one (31).
//!
//! A number in the inventory is two items that are written and deleted together: one by place, which lists
//! of available numbers read, and one by number, which purchases read.

use std::fmt::Debug;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ledger::keys;
use crate::ledger::outcome::{Deletion, Upsert};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{self, Item, money, read, s, stored, text, written_by};
use crate::ledger::table::retry::{Retry, Start};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, PRESENT, Transaction};
use crate::model::cost::Cost;
use crate::model::country::Country;
use crate::model::id::Guid;
use crate::model::inventory::{Capabilities, InventoryNumber, NumberType, Place};
use crate::model::phone::PhoneNumber;

/// Refusal: an account owns the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberOwned;

/// An inventory number as attributes of an item; its price is an attribute beside them.
#[derive(Serialize, Deserialize)]
struct InventoryItem {
    number: PhoneNumber,
    number_type: NumberType,
    capabilities: Capabilities,
    country: Country,
    #[serde(flatten)]
    place: Place,
}

#[derive(Serialize)]
struct PlaceItem<'a> {
    country: Country,
    #[serde(flatten)]
    place: &'a Place,
}

/// The attributes that an inventory number is read from.
const ATTRIBUTES: [&str; 8] = [
    "type",
    "number",
    "number_type",
    "capabilities",
    "country",
    "region",
    "locality",
    "price",
];

/// The writes of an update of the inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Owner,
    ByNumber,
    ByPlace,
}

/// A number as an earlier attempt found it in the inventory.
struct Found {
    number: InventoryNumber,
    /// The request that wrote it.
    guid: String,
    /// The item itself.
    item: Item,
}

impl Found {
    fn of(item: Item) -> Result<Self, StoreError> {
        Ok(Self {
            guid: text(&item, "guid").unwrap_or_default().to_owned(),
            number: inventory_number_of(item.clone())?,
            item,
        })
    }

    /// Returns the attributes that this version knows.
    fn known(&self) -> Result<Item, StoreError> {
        let key = keys::inventory_by_number(&self.number.number);
        let guid = self.guid.clone();
        let mut known = stored(key, "stock", &WrittenBy { guid })?;
        known.extend(attributes_of(&self.number)?);
        Ok(known)
    }

    /// Returns a new item of the number with what a later version wrote into the one that was found.
    fn carried_to(&self, new: Item) -> Result<Item, StoreError> {
        let known = self.known()?;
        let mut item = self.item.clone();
        item.retain(|name, _| !known.contains_key(name));
        item.extend(new);
        Ok(item)
    }
}

impl Ledger {
    /// Puts a number that no account owns into the inventory, or replaces what the inventory says of it.
    /// Its place is to be there before, by [`Ledger::put_place`]. `guid` is this write's alone.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn put_inventory_number(
        &self,
        new: &InventoryNumber,
        guid: Guid,
    ) -> Result<Upsert<NumberOwned>, StoreError> {
        let mut found: Option<Found> = None;
        // What an earlier try has done, if it got through and its answer was lost.
        let mut tried = Upsert::Created;
        let mut retry = Retry::planning("this number").within(self.patience);
        loop {
            if retry.next().await? == Start::AfterPause {
                found = match self.get(keys::inventory_by_number(&new.number)).await? {
                    Some(item) if written_by(&item, guid) => return Ok(tried),
                    item => item.map(Found::of).transpose()?,
                };
            }
            if found.as_ref().is_some_and(|found| found.number == *new) {
                return Ok(Upsert::Unchanged);
            }
            let mut transaction = Transaction::new();
            transaction.check(Tag::Owner, keys::number_owner(&new.number), ABSENT);
            tried = match &found {
                None => {
                    put_in_inventory(&mut transaction, [Tag::ByNumber, Tag::ByPlace], new, guid)?;
                    Upsert::Created
                }
                Some(found) => {
                    replace(&mut transaction, found, new, guid)?;
                    Upsert::Updated
                }
            };
            let Committed::Refused(mut refusals) = self.commit_plan(transaction, &retry).await?
            else {
                return Ok(tried);
            };
            if refusals.contains(Tag::Owner) {
                return Ok(Upsert::Refused(NumberOwned));
            }
            if refusals.contains(Tag::ByNumber) {
                found = match refusals.take(Tag::ByNumber) {
                    Some(item) if written_by(&item, guid) => return Ok(tried),
                    item => item.map(Found::of).transpose()?,
                };
            }
        }
    }

    /// Takes a number out of the inventory.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn remove_inventory_number(
        &self,
        number: &PhoneNumber,
    ) -> Result<Deletion, StoreError> {
        let mut retry = Retry::planning("this number").within(self.patience);
        let mut seen = false;
        loop {
            retry.next().await?;
            let Some(found) = self.inventory_number(number).await? else {
                // A removal leaves nothing by which a retry could know its own work. If the number was there,
                // it was removed by this request or by another at the same moment.
                return Ok(match seen {
                    true => Deletion::Deleted,
                    false => Deletion::NotFound,
                });
            };
            seen = true;
            let mut transaction = Transaction::new();
            take_from_inventory(&mut transaction, [Tag::ByNumber, Tag::ByPlace], &found);
            if let Committed::Done = self.commit_plan(transaction, &retry).await? {
                return Ok(Deletion::Deleted);
            }
        }
    }

    /// A number in the inventory.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn inventory_number(
        &self,
        number: &PhoneNumber,
    ) -> Result<Option<InventoryNumber>, StoreError> {
        let item = self.get(keys::inventory_by_number(number)).await?;
        item.map(inventory_number_of).transpose()
    }

    /// The inventory of a country, by region, locality, type and number.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn inventory(&self, country: Country) -> Result<Vec<InventoryNumber>, StoreError> {
        let mut numbers = Vec::new();
        self.each_inventory_number(country, &Place::default(), |number| numbers.push(number))
            .await?;
        Ok(numbers)
    }

    /// Hands `each` the inventory of a country and place, by region, locality, type and number, and keeps
    /// no more than a page of it in memory. Reads the region alone if one is given, and of that the
    /// locality alone if one is given.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn each_inventory_number(
        &self,
        country: Country,
        place: &Place,
        mut each: impl FnMut(InventoryNumber),
    ) -> Result<(), StoreError> {
        let names = ATTRIBUTES.map(|attribute| format!("#{attribute}"));
        let query = self
            .query(keys::inventory_partition(country))
            .prefix(keys::place_prefix(place))
            .projection(names.join(", "));
        let names = names.into_iter().zip(ATTRIBUTES);
        names
            .fold(query, |query, (name, attribute)| {
                query.name(name, attribute)
            })
            .each(|item| {
                let number = inventory_number_of(item)?;
                if number.place.is_in(place) {
                    each(number);
                }
                Ok(())
            })
            .await
    }

    /// Notes that a country has, or had, a number in a place.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn put_place(&self, country: Country, place: &Place) -> Result<(), StoreError> {
        let key = keys::place(country, place);
        let item = stored(key, "place", &PlaceItem { country, place })?;
        let mut transaction = Transaction::new();
        transaction.put((), item, ABSENT);
        // If it is refused, the place is noted already.
        self.commit(transaction).await.map(drop)
    }

    /// Whether a country has, or ever had, a number in a place.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn knows_place(&self, country: Country, place: &Place) -> Result<bool, StoreError> {
        let query = self
            .query(keys::place_partition(country))
            .prefix(keys::place_prefix(place));
        for item in query.all().await? {
            if read::<Place>(item)?.is_in(place) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Adds the two writes that take a number out of the inventory, by number and by place. They are refused if
/// it is not there, or is there with another place or type.
pub(in crate::ledger) fn take_from_inventory<Tag: Copy + Eq + Debug>(
    transaction: &mut Transaction<Tag>,
    [by_number, by_place]: [Tag; 2],
    number: &InventoryNumber,
) {
    let key = keys::inventory_by_number(&number.number);
    transaction.delete(by_number, key, PRESENT);
    transaction.delete(by_place, keys::inventory_by_place(number), PRESENT);
}

/// Adds the two writes that put a number into the inventory, by number and by place. They are refused if it
/// is there already.
pub(in crate::ledger) fn put_in_inventory<Tag: Copy + Eq + Debug>(
    transaction: &mut Transaction<Tag>,
    [by_number, by_place]: [Tag; 2],
    number: &InventoryNumber,
    guid: Guid,
) -> Result<(), StoreError> {
    let key = keys::inventory_by_number(&number.number);
    transaction.put(by_number, inventory_item(key, number, guid)?, ABSENT);
    let key = keys::inventory_by_place(number);
    transaction.put(by_place, inventory_item(key, number, guid)?, ABSENT);
    Ok(())
}

/// Adds the writes that replace `found` by `new`; refused if another request has replaced it meanwhile.
fn replace(
    transaction: &mut Transaction<Tag>,
    found: &Found,
    new: &InventoryNumber,
    guid: Guid,
) -> Result<(), StoreError> {
    let key = keys::inventory_by_number(&new.number);
    let item = inventory_item(key, new, guid)?;
    transaction
        .rewrite(
            Tag::ByNumber,
            "stock",
            &found.known()?,
            item,
            "guid = :found",
        )
        .value(":found", s(&found.guid));
    let (old_key, new_key) = (
        keys::inventory_by_place(&found.number),
        keys::inventory_by_place(new),
    );
    let stays = old_key == new_key;
    let item = inventory_item(new_key, new, guid)?;
    if stays {
        transaction.rewrite(Tag::ByPlace, "stock", &found.known()?, item, PRESENT);
    } else {
        transaction.delete(Tag::ByPlace, old_key, PRESENT);
        transaction.put(Tag::ByPlace, found.carried_to(item)?, ABSENT);
    }
    Ok(())
}

/// The attributes of an inventory number, which its owner's item keeps as well until it is released.
pub(in crate::ledger) fn attributes_of(number: &InventoryNumber) -> Result<Item, StoreError> {
    let InventoryNumber {
        number,
        kind,
        capabilities,
        country,
        place,
        price,
    } = number;
    let attributes = InventoryItem {
        number: number.clone(),
        number_type: *kind,
        capabilities: capabilities.clone(),
        country: *country,
        place: place.clone(),
    };
    let mut item: Item = serde_dynamo::to_item(&attributes)
        .map_err(|error| StoreError::Broken(format!("inventory cannot be written: {error}")))?;
    let price = price.map(|price| ("price".to_owned(), money(price.decimal())));
    item.extend(price);
    Ok(item)
}

/// Reads what [`attributes_of`] wrote; the item may have other attributes.
pub(in crate::ledger) fn inventory_number_of(item: Item) -> Result<InventoryNumber, StoreError> {
    let price = item::number::<Decimal>(&item, "price").map(Cost::from_decimal);
    let InventoryItem {
        number,
        number_type,
        capabilities,
        country,
        place,
    } = read(item)?;
    let price = price.transpose();
    Ok(InventoryNumber {
        number,
        kind: number_type,
        capabilities,
        country,
        place,
        price: price.map_err(|error| StoreError::Broken(format!("inventory: price: {error}")))?,
    })
}

fn inventory_item(
    key: keys::Key,
    number: &InventoryNumber,
    guid: Guid,
) -> Result<Item, StoreError> {
    let written = WrittenBy {
        guid: guid.to_string(),
    };
    let mut item = stored(key, "stock", &written)?;
    item.extend(attributes_of(number)?);
    Ok(item)
}

/// The request that wrote an item, by which a retry that lost its answer knows its own work.
#[derive(Serialize)]
struct WrittenBy {
    guid: String,
}
