//! `callbook inventory load`: the inventory becomes what the file says.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use callbook::ids;
use callbook::ledger::{Ledger, NumberOwned, StoreError, Upsert};
use callbook::model::cost::Cost;
use callbook::model::country::Country;
use callbook::model::inventory::{
    Capabilities, InventoryNumber, NumberType, Place, PlaceName, UnknownCapability,
};
use callbook::model::phone::PhoneNumber;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::args::LoadArgs;
use crate::store;
use crate::table::{AT_ONCE, Columns, Intake, Row};

/// What is read of a row.
const COLUMNS: Columns = Columns {
    required: &["number", "type", "capabilities", "country"],
    optional: &["region", "locality", "price"],
};

/// Runs the command.
///
/// # Errors
/// What the person at the terminal is told.
pub async fn run(args: LoadArgs) -> Result<()> {
    let mut intake = Intake::open(&args.file, "inventory", COLUMNS)?;
    let mut load = Load {
        ledger: store::open(&args.store).await,
        places: BTreeSet::new(),
        counts: Counts::default(),
    };
    let served = load.ledger.countries().await?;
    let served: BTreeSet<Country> = served.into_iter().map(|one| one.country).collect();
    let mut seen = BTreeMap::new();
    loop {
        let (rows, more) = intake.chunk(|row| once(read(row, &served)?, &mut seen))?;
        let rows = rows.into_iter().filter_map(|taken| taken.row).collect();
        load.put(rows).await.with_context(|| {
            format!(
                "{} numbers were loaded before; the same command goes on from there",
                load.counts.all()
            )
        })?;
        intake.say(format!("{} numbers", load.counts.all()));
        if !more {
            break;
        }
    }
    let Counts {
        created,
        updated,
        unchanged,
        owned,
    } = load.counts;
    let counts = [
        ("added", created),
        ("updated", updated),
        ("unchanged", unchanged),
        ("owned", owned),
    ];
    intake.finish(&counts, args.store.json)
}

#[derive(Clone, Copy, Default)]
struct Counts {
    created: usize,
    updated: usize,
    unchanged: usize,
    owned: usize,
}

impl Counts {
    fn all(&self) -> usize {
        self.created + self.updated + self.unchanged + self.owned
    }

    fn add(&mut self, outcome: Upsert<NumberOwned>) {
        *match outcome {
            Upsert::Created => &mut self.created,
            Upsert::Updated => &mut self.updated,
            Upsert::Unchanged => &mut self.unchanged,
            Upsert::Refused(NumberOwned) => &mut self.owned,
        } += 1;
    }
}

struct Load {
    ledger: Ledger,
    /// The places that this run has told the ledger, in the form of their keys.
    places: BTreeSet<(Country, Option<String>, Option<String>)>,
    counts: Counts,
}

impl Load {
    /// A number's place is known before the number is there.
    async fn put(&mut self, rows: Vec<InventoryNumber>) -> Result<(), StoreError> {
        let mut places: BTreeMap<_, &Place> = BTreeMap::new();
        for InventoryNumber { country, place, .. } in &rows {
            let folded = |name: &Option<PlaceName>| name.as_ref().map(PlaceName::folded);
            let at = (*country, folded(&place.region), folded(&place.locality));
            if !self.places.contains(&at) {
                places.insert(at, place);
            }
        }
        let ledger = &self.ledger;
        stream::iter(&places)
            .map(|((country, ..), place)| ledger.put_place(*country, place))
            .buffer_unordered(AT_ONCE)
            .try_collect::<Vec<()>>()
            .await?;
        self.places.extend(places.into_keys());
        let mut outcomes = stream::iter(&rows)
            .map(|number| ledger.put_inventory_number(number, ids::guid()))
            .buffer_unordered(AT_ONCE);
        while let Some(outcome) = outcomes.try_next().await? {
            self.counts.add(outcome);
        }
        Ok(())
    }
}

/// A number the first time that the file has it; nothing where it says the same again.
///
/// # Errors
/// It says something else: the number would become the one and the other with every run.
fn once(
    number: InventoryNumber,
    seen: &mut BTreeMap<PhoneNumber, InventoryNumber>,
) -> Result<Option<InventoryNumber>, String> {
    match seen.get(&number.number) {
        Some(first) if *first == number => Ok(None),
        Some(_) => Err("number: an earlier row says something else of it".to_owned()),
        None => {
            seen.insert(number.number.clone(), number.clone());
            Ok(Some(number))
        }
    }
}

/// Reads a row.
///
/// # Errors
/// Every column that is at fault with the rule that it breaks; no value is repeated.
fn read(mut row: Row<'_>, served: &BTreeSet<Country>) -> Result<InventoryNumber, String> {
    let country = row.required("country", Country::parse);
    if let Some(country) = country.filter(|country| !served.contains(country)) {
        let rule = format!("not served; `callbook inventory country add {country}` first");
        row.fault("country", rule);
    }
    let number = row.required("number", |text| match country {
        Some(country) => PhoneNumber::parse_e164_in(text, country),
        None => PhoneNumber::parse_e164(text),
    });
    let kind = row.required("type", NumberType::parse);
    let capabilities = row.required("capabilities", capabilities);
    let region = row.optional("region", PlaceName::parse);
    let locality = row.optional("locality", PlaceName::parse);
    let price = row.optional("price", Cost::parse);
    row.finish(|| {
        Some(InventoryNumber {
            number: number?,
            kind: kind?,
            capabilities: capabilities?,
            country: country?,
            place: Place {
                region: region?,
                locality: locality?,
            },
            price: price?,
        })
    })
}

/// A list in one cell, or the array of a JSON object.
fn capabilities(text: &str) -> Result<Capabilities, UnknownCapability> {
    if text.starts_with('[') {
        let names: Vec<String> = serde_json::from_str(text).map_err(|_| UnknownCapability)?;
        return Capabilities::parse(&names.join(","));
    }
    Capabilities::parse(&text.replace([';', '|', ' '], ","))
}
