//! `callbook inventory ...`: the numbers that can be bought, and the countries they are in.

mod load;

use anyhow::{Result, bail, ensure};
use callbook::ids;
use callbook::ledger::{Ledger, Saved, Stocked, StoreError};
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
/// What the person at the terminal is told.
pub async fn run(command: InventoryCommand) -> Result<()> {
    match command {
        InventoryCommand::Load(args) => load::run(args).await,
        InventoryCommand::List { country, store } => {
            let ledger = store::open(&store).await;
            let stock = ledger.stock(country).await?;
            let stock: Vec<Value> = stock.iter().map(view).collect();
            if store.json {
                return output::json(&Value::Array(stock));
            }
            output::rows(
                &stock,
                &COLUMNS,
                &format!("No number of {country} is in stock."),
            )
        }
        InventoryCommand::Remove { number, store } => {
            let ledger = store::open(&store).await;
            let removed = ledger.remove_stock(&number).await?;
            ensure!(
                removed == Saved::Done,
                "the number is not in stock; one that an account has is given back by the account"
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
            let ledger = store::open(&store).await;
            let served = ServedCountry {
                country,
                requires_address,
            };
            // Refused is one that is served just so.
            let _saved = ledger.serve_country(served).await?;
            let served = country_view(&served);
            if store.json {
                return output::json(&served);
            }
            output::record(&served, &["country", "requires_address"])
        }
        CountryCommand::List { store } => {
            let ledger = store::open(&store).await;
            let served = ledger.countries().await?;
            let served: Vec<Value> = served.iter().map(country_view).collect();
            if store.json {
                return output::json(&Value::Array(served));
            }
            output::rows(
                &served,
                &["country", "requires_address"],
                "No country is served.",
            )
        }
        CountryCommand::Remove { country, store } => {
            let ledger = store::open(&store).await;
            if ledger.drop_country(country).await? == Saved::Refused {
                bail!("{country} is not served");
            }
            let removed = json!({ "country": country, "removed": true });
            if store.json {
                return output::json(&removed);
            }
            output::record(&removed, &["country", "removed"])
        }
    }
}

/// Puts a number in stock; its place is known from then on, whatever becomes of the number.
///
/// # Errors
/// The store's.
pub async fn put(ledger: &Ledger, stock: &InventoryNumber) -> Result<Stocked, StoreError> {
    ledger.put_place(stock.country, &stock.place).await?;
    ledger.put_stock(stock, ids::guid()).await
}

fn view(stock: &InventoryNumber) -> Value {
    let InventoryNumber {
        number,
        kind,
        capabilities,
        country,
        place,
        price,
    } = stock;
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
