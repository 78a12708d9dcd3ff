//! The demo account's first records in Fone Dynamics' API: a property with two numbers, and an inventory.
//!
//! The inventory has numbers in two countries. Numbers in one of them require an address.

use anyhow::{Context, Result};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{Ledger, Purchase};
use callbook::model::cost::Cost;
use callbook::model::country::{Country, ServedCountry};
use callbook::model::inventory::{Capabilities, InventoryNumber, NumberType, Place, PlaceName};
use callbook::model::phone::PhoneNumber;
use callbook::model::property::{Property, PropertyName};

use super::Demo;
use crate::inventory;

/// The numbers of the property. The printed requests call the first one.
const PROPERTY_NUMBERS: [&str; 2] = ["+13105550111", "+13105550112"];

/// Number, type, capabilities, country, region and locality.
pub(super) type InventoryRow = [&'static str; 6];

/// All numbers are from the ranges that are reserved for fiction.
const INVENTORY: [InventoryRow; 7] = [
    [
        "+13105550111",
        "Local",
        "Voice,SMS",
        "US",
        "California",
        "Los Angeles",
    ],
    [
        "+13105550112",
        "Local",
        "Voice",
        "US",
        "California",
        "Los Angeles",
    ],
    [
        "+13105550121",
        "Local",
        "Voice,SMS,MMS",
        "US",
        "California",
        "Los Angeles",
    ],
    [
        "+12125550122",
        "Local",
        "Voice,SMS",
        "US",
        "New York",
        "New York",
    ],
    ["+18005550199", "Toll-Free", "Voice", "US", "", ""],
    [
        "+16045550131",
        "Local",
        "Voice,SMS",
        "CA",
        "British Columbia",
        "Vancouver",
    ],
    ["+14165550132", "Local", "Voice", "CA", "Ontario", "Toronto"],
];

/// The countries of the numbers, and whether a number there requires an address.
const COUNTRIES: [(&str, bool); 2] = [("US", false), ("CA", true)];

impl Demo {
    /// Creates whatever the ledger never had. Numbers that were sold, released or removed are not restored.
    pub(super) async fn create_missing_numbers(&self, ledger: &Ledger) -> Result<()> {
        let account_id = &self.account.account_id;
        let property_sid = &self.fonedynamics.property_sid;
        if ledger.property(account_id, property_sid).await?.is_none() {
            for (country, requires_address) in COUNTRIES {
                let country = Country::parse(country)?;
                let served = ServedCountry {
                    country,
                    requires_address,
                };
                ledger.serve_country(served).await?;
            }
            for row in INVENTORY {
                inventory::put(ledger, &inventory_number(row)?).await?;
            }
            let name = PropertyName::parse("Demo")?;
            let property = Property::new(property_sid.clone(), name, Clock::system().now());
            // The property comes last: if it exists, so do the countries and the inventory.
            ledger.create_property(account_id, property, None).await?;
        }
        for number in PROPERTY_NUMBERS {
            let number = PhoneNumber::parse_e164(number)?;
            let now = Clock::system().now();
            let ever = ledger.assignments_until(account_id, &number, now).await?;
            if !ever.is_empty() {
                continue;
            }
            let account = ledger.account(account_id).await?;
            let purchase = Purchase {
                account: &account.context("the demo account no longer exists")?,
                property: property_sid,
                number: &number,
                address: None,
                guid: ids::guid(),
                now: Clock::system().now(),
            };
            let context = ledger.purchase_context(&purchase).await?;
            // If the purchase is refused, another process has taken the number.
            let _outcome = ledger.purchase_number(&purchase, context).await?;
        }
        Ok(())
    }
}

pub(super) fn inventory_number(row: InventoryRow) -> Result<InventoryNumber> {
    let [number, kind, capabilities, country, region, locality] = row;
    let name = |text: &str| match text {
        "" => Ok(None),
        text => PlaceName::parse(text).map(Some),
    };
    Ok(InventoryNumber {
        number: PhoneNumber::parse_e164(number)?,
        kind: NumberType::parse(kind)?,
        capabilities: Capabilities::parse(capabilities)?,
        country: Country::parse(country)?,
        place: Place {
            region: name(region)?,
            locality: name(locality)?,
        },
        price: Some(Cost::parse("1.50")?),
    })
}
