//! Numbers that can be bought (pattern 24), and the places that any were ever in (31).
//!
//! A number in stock is two items that are written and deleted together: one under its country, where it
//! is looked for, and one under itself, where it is found to be bought.

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ledger::access::accounts::Saved;
use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::error::translate;
use crate::ledger::table::item::written_by as wrote;
use crate::ledger::table::item::{self, Item, key, money, read, s, stored, text};
use crate::ledger::table::legacy::Transacted;
use crate::ledger::table::store::Ledger;
use crate::model::cost::Cost;
use crate::model::country::Country;
use crate::model::id::Guid;
use crate::model::inventory::{Capabilities, InventoryNumber, NumberType, Place};
use crate::model::phone::PhoneNumber;

/// How often a write is tried anew when another changed the number meanwhile.
const TRIES: u32 = 4;

/// How putting a number in stock ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stocked {
    /// It is in stock.
    New,
    /// It was in stock as something else.
    Changed,
    /// It was in stock just so.
    Unchanged,
    /// It is an account's.
    Owned,
}

/// What a number is, as attributes of the items that know it; the price is an attribute beside them.
#[derive(Serialize, Deserialize)]
struct StockItem {
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

/// What a number in stock is read by.
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

const NEW: &str = "attribute_not_exists(pk)";
const THERE: &str = "attribute_exists(pk)";

/// The places of the writes in the transactions.
const OWNER: usize = 0;
const SHELF: usize = 1;

impl Ledger {
    /// Puts a number in stock that no account owns, or makes what is in stock the same as `stock`; where
    /// it is has to be known by [`Ledger::put_place`] before. `guid` is this one write's and no other's.
    ///
    /// # Errors
    /// The store's.
    pub async fn put_stock(
        &self,
        stock: &InventoryNumber,
        guid: Guid,
    ) -> Result<Stocked, StoreError> {
        let owner = key(keys::number_owner(&stock.number));
        let mut seen: Option<(InventoryNumber, Item)> = None;
        for _ in 0..TRIES {
            let mut writes = vec![self.check(owner.clone(), NEW).write()?];
            match &seen {
                None => writes.extend(self.give_back(stock, guid)?),
                Some((old, item)) => writes.extend(self.change(old, item, stock, guid)?),
            }
            let Transacted::Refused(found) = self.transact(writes).await? else {
                return Ok(match seen {
                    None => Stocked::New,
                    Some(_) => Stocked::Changed,
                });
            };
            if found.iter().any(|(index, _)| *index == OWNER) {
                return Ok(Stocked::Owned);
            }
            let ours = found
                .into_iter()
                .find(|(index, _)| *index == SHELF)
                .and_then(|(_, item)| item);
            let before = seen.take();
            match ours {
                // An earlier try of this write got through and its answer was lost.
                Some(item) if wrote(&item, guid) => {
                    return Ok(match before {
                        None => Stocked::New,
                        Some(_) => Stocked::Changed,
                    });
                }
                Some(item) => {
                    let known = stock_of(&item)?;
                    if known == *stock {
                        return Ok(Stocked::Unchanged);
                    }
                    seen = Some((known, item));
                }
                None => {}
            }
        }
        Err(StoreError::Unavailable(
            "others kept changing the number".to_owned(),
        ))
    }

    /// Takes a number out of stock; [`Saved::Refused`] when it is not there.
    ///
    /// # Errors
    /// The store's.
    pub async fn remove_stock(&self, number: &PhoneNumber) -> Result<Saved, StoreError> {
        for _ in 0..TRIES {
            let Some(stock) = self.find_stock(number).await? else {
                return Ok(Saved::Refused);
            };
            if let Transacted::Done = self.transact(self.take(&stock)?.into()).await? {
                return Ok(Saved::Done);
            }
        }
        Err(StoreError::Unavailable(
            "others kept changing the number".to_owned(),
        ))
    }

    /// A number in stock, found by itself.
    ///
    /// # Errors
    /// The store's.
    pub async fn find_stock(
        &self,
        number: &PhoneNumber,
    ) -> Result<Option<InventoryNumber>, StoreError> {
        let item = self.get(keys::number_stock(number)).await?;
        item.as_ref().map(stock_of).transpose()
    }

    /// The numbers in stock in a country, by region, locality, type and number.
    ///
    /// # Errors
    /// The store's.
    pub async fn stock(&self, country: Country) -> Result<Vec<InventoryNumber>, StoreError> {
        let mut stock = Vec::new();
        self.each_in_stock(country, &Place::default(), |one| stock.push(one))
            .await?;
        Ok(stock)
    }

    /// Shows `each` the numbers in stock in a country and place, by region, locality, type and number, and
    /// keeps none of them. Only what lies in the region is read, and of that in the locality, where one is
    /// given.
    ///
    /// # Errors
    /// The store's.
    pub async fn each_in_stock(
        &self,
        country: Country,
        place: &Place,
        mut each: impl FnMut(InventoryNumber),
    ) -> Result<(), StoreError> {
        let (from, to) = below(keys::place_prefix(place));
        let names = ATTRIBUTES.map(|name| (format!("#{name}"), name.to_owned()));
        let shown = names.each_ref().map(|(name, _)| name.as_str()).join(", ");
        let mut items = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", s(keys::stock_partition(country)))
            .expression_attribute_values(":from", s(from))
            .expression_attribute_values(":to", s(to))
            .projection_expression(shown)
            .set_expression_attribute_names(Some(names.into()))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        while let Some(item) = items.try_next().await.map_err(translate)? {
            let stock = stock_from(item)?;
            if stock.place.is_in(place) {
                each(stock);
            }
        }
        Ok(())
    }

    /// Notes that the country has, or had, a number in a place.
    ///
    /// # Errors
    /// The store's.
    pub async fn put_place(&self, country: Country, place: &Place) -> Result<(), StoreError> {
        let at = keys::place(country, place);
        let item = stored(at, "place", &PlaceItem { country, place })?;
        // Refused is a place that is known.
        self.transact(vec![self.put(item, NEW).write()?])
            .await
            .map(drop)
    }

    /// Whether the country has, or ever had, a number in a place.
    ///
    /// # Errors
    /// The store's.
    pub async fn knows_place(&self, country: Country, place: &Place) -> Result<bool, StoreError> {
        let (from, to) = below(keys::place_prefix(place));
        let partition = keys::place_partition(country);
        for item in self.range(partition, from, to).await? {
            if read::<Place>(item)?.is_in(place) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The two writes of a transaction that take a number out of stock: refused when it is not there, or
    /// is there as something else.
    pub(in crate::ledger) fn take(
        &self,
        stock: &InventoryNumber,
    ) -> Result<[TransactWriteItem; 2], StoreError> {
        Ok([
            self.delete_there(keys::number_stock(&stock.number))?,
            self.delete_there(keys::stock(stock))?,
        ])
    }

    /// The two writes of a transaction that put a number in stock: refused when it is there already.
    pub(in crate::ledger) fn give_back(
        &self,
        stock: &InventoryNumber,
        guid: Guid,
    ) -> Result<[TransactWriteItem; 2], StoreError> {
        Ok([
            self.put(
                shelved(keys::number_stock(&stock.number), stock, guid)?,
                NEW,
            )
            .write()?,
            self.put(shelved(keys::stock(stock), stock, guid)?, NEW)
                .write()?,
        ])
    }

    /// The writes that make `old`, which was read as `item`, what `new` is.
    fn change(
        &self,
        old: &InventoryNumber,
        item: &Item,
        new: &InventoryNumber,
        guid: Guid,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let seen = text(item, "guid").unwrap_or_default();
        let by_number = shelved(keys::number_stock(&new.number), new, guid)?;
        let by_number = self
            .put(by_number, "guid = :seen")
            .value(":seen", s(seen))
            .write()?;
        let by_place = shelved(keys::stock(new), new, guid)?;
        Ok(if keys::stock(old) == keys::stock(new) {
            vec![by_number, self.put(by_place, THERE).write()?]
        } else {
            vec![
                by_number,
                self.delete_there(keys::stock(old))?,
                self.put(by_place, NEW).write()?,
            ]
        })
    }

    fn delete_there(&self, at: keys::Key) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key(at)))
            .condition_expression(THERE)
            .build()
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}

/// The sort keys, both inclusive, that begin with `prefix`, in any script.
fn below(prefix: String) -> (String, String) {
    let to = format!("{prefix}{}", char::MAX);
    match prefix.is_empty() {
        true => ("!".to_owned(), to),
        false => (prefix, to),
    }
}

/// What a number is, as attributes to be kept with it while it is not in stock.
pub(in crate::ledger) fn attributes_of(stock: &InventoryNumber) -> Result<Item, StoreError> {
    let InventoryNumber {
        number,
        kind,
        capabilities,
        country,
        place,
        price,
    } = stock;
    let known = StockItem {
        number: number.clone(),
        number_type: *kind,
        capabilities: capabilities.clone(),
        country: *country,
        place: place.clone(),
    };
    let mut item: Item = serde_dynamo::to_item(&known)
        .map_err(|error| StoreError::Broken(format!("stock cannot be written: {error}")))?;
    let price = price.map(|price| ("price".to_owned(), money(price.decimal())));
    item.extend(price);
    Ok(item)
}

/// Reads what [`attributes_of`] wrote, whatever else the item has.
pub(in crate::ledger) fn stock_of(item: &Item) -> Result<InventoryNumber, StoreError> {
    stock_from(item.clone())
}

fn stock_from(item: Item) -> Result<InventoryNumber, StoreError> {
    let price = item::number::<Decimal>(&item, "price").map(Cost::from_decimal);
    let StockItem {
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
        price: price.map_err(|error| StoreError::Broken(format!("stock: price: {error}")))?,
    })
}

fn shelved(at: keys::Key, stock: &InventoryNumber, guid: Guid) -> Result<Item, StoreError> {
    let mut item = stored(
        at,
        "stock",
        &Guided {
            guid: guid.to_string(),
        },
    )?;
    item.extend(attributes_of(stock)?);
    Ok(item)
}

/// Which request wrote it: a retry that lost its answer knows its own work.
#[derive(Serialize)]
struct Guided {
    guid: String,
}
