//! `callbook inventory`: the numbers that can be bought, and the countries they are in.

mod load;

use anyhow::{Result, bail, ensure};
use callbook::ids;
use callbook::ledger::{Deletion, Ledger, NumberOwned, StoreError, Upsert};
use callbook::model::country::ServedCountry;
use callbook::model::inventory::{Capability, InventoryNumber};
use serde_json::{Value, json};

use crate::args::{CountryCommand, InventoryCommand};
use crate::{output, store};

const COLUMNS: [&str; 7] = [
    "number",
    "type",
    "capabilities",
    "country",
    "region",
    "locality",
    "price",
];

/// Runs the command.
///
/// # Errors
/// Returns an error if the number or the country to remove is not there, a file cannot be read, or DynamoDB
/// does not answer in time.
pub async fn run(command: InventoryCommand) -> Result<()> {
    match command {
        InventoryCommand::Load(args) => load::run(args).await,
        InventoryCommand::List { country, store } => {
            let ledger = store::open(&store).await?;
            let numbers = ledger.inventory(country).await?;
            let numbers: Vec<Value> = numbers.iter().map(view).collect();
            if store.json {
                return output::json(&Value::Array(numbers));
            }
            output::rows(
                &numbers,
                &COLUMNS,
                &format!("The inventory has no numbers in {country}."),
            )
        }
        InventoryCommand::Remove { number, store } => {
            let ledger = store::open(&store).await?;
            let removed = ledger.remove_inventory_number(&number).await?;
            ensure!(
                removed == Deletion::Deleted,
                "the number is not in the inventory; use `callbook number remove` to release a number of an account"
            );
            let removed = json!({ "number": number.as_e164(), "removed": true });
            if store.json {
                return output::json(&removed);
            }
            output::record(&removed, &["number", "removed"])
        }
        InventoryCommand::Country(command) => countries(command).await,
    }
}

async fn countries(command: CountryCommand) -> Result<()> {
    match command {
        CountryCommand::Add {
            country,
            requires_address,
            store,
        } => {
            let ledger = store::open(&store).await?;
            let served = ServedCountry {
                country,
                requires_address,
            };
            ledger.serve_country(served).await?;
            let served = country_view(&served);
            if store.json {
                return output::json(&served);
            }
            output::record(&served, &["country", "requires_address"])
        }
        CountryCommand::List { store } => {
            let ledger = store::open(&store).await?;
            let served = ledger.countries().await?;
            let served: Vec<Value> = served.iter().map(country_view).collect();
            if store.json {
                return output::json(&Value::Array(served));
            }
            output::rows(
                &served,
                &["country", "requires_address"],
                "No countries are served.",
            )
        }
        CountryCommand::Remove { country, store } => {
            let ledger = store::open(&store).await?;
            if ledger.remove_country(country).await? == Deletion::NotFound {
                bail!(
                    "{country} is not served; `callbook inventory country list` lists the served countries"
                );
            }
            let removed = json!({ "country": country, "removed": true });
            if store.json {
                return output::json(&removed);
            }
            output::record(&removed, &["country", "removed"])
        }
    }
}

/// Puts a number and its place into the inventory. The place stays if the number is sold.
///
/// # Errors
/// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
pub async fn put(
    ledger: &Ledger,
    number: &InventoryNumber,
) -> Result<Upsert<NumberOwned>, StoreError> {
    ledger.put_place(number.country, &number.place).await?;
    ledger.put_inventory_number(number, ids::guid()).await
}

fn view(number: &InventoryNumber) -> Value {
    let InventoryNumber {
        number,
        kind,
        capabilities,
        country,
        place,
        price,
    } = number;
    let capabilities: Vec<_> = capabilities.iter().map(Capability::as_str).collect();
    json!({
        "number": number.as_e164(),
        "type": kind.as_str(),
        "capabilities": capabilities,
        "country": country,
        "region": place.region,
        "locality": place.locality,
        "price": price.map(|price| price.four_places()),
    })
}

fn country_view(served: &ServedCountry) -> Value {
    json!({ "country": served.country, "requires_address": served.requires_address })
}
