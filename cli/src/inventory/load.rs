//! `callbook inventory load`: sets numbers in the inventory to what a file says.

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
use crate::table::{CONCURRENCY, Columns, Layout, OpenTable, Row};
use crate::{output, store};

/// The columns of an inventory file.
const COLUMNS: Columns = Columns {
    required: &["number", "type", "capabilities", "country"],
    optional: &["region", "locality", "price"],
};

/// Runs the command.
///
/// # Errors
/// Returns an error if a file cannot be read or written, rows were rejected, or DynamoDB does not answer in
/// time.
pub async fn run(args: LoadArgs) -> Result<()> {
    let table = OpenTable::open(&args.file, "inventory", |head| Layout::own(head, COLUMNS))?;
    let mut rows = table.rows()?;
    let mut load = Load {
        ledger: store::open(&args.store).await?,
        places: BTreeSet::new(),
        counts: Counts::default(),
    };
    let served = load.ledger.countries().await?;
    let served: BTreeSet<Country> = served.into_iter().map(|served| served.country).collect();
    let mut seen = BTreeMap::new();
    loop {
        let (numbers, more) = rows.chunk(|row| check_first(parse(row, &served)?, &mut seen))?;
        let numbers = numbers.into_iter().filter_map(|row| row.value).collect();
        load.put(numbers).await.with_context(|| {
            format!(
                "{} loaded before this error; run the same command again to continue",
                output::counted_were(load.counts.total(), "number")
            )
        })?;
        rows.set_message(output::counted(load.counts.total(), "number"));
        if !more {
            break;
        }
    }
    let Counts {
        added,
        updated,
        unchanged,
        owned,
    } = load.counts;
    let counts = [
        ("added", added),
        ("updated", updated),
        ("unchanged", unchanged),
        ("owned", owned),
    ];
    rows.finish(&counts, args.store.json)
}

#[derive(Clone, Copy, Default)]
struct Counts {
    added: usize,
    updated: usize,
    unchanged: usize,
    owned: usize,
}

impl Counts {
    fn total(&self) -> usize {
        self.added + self.updated + self.unchanged + self.owned
    }

    fn add(&mut self, outcome: Upsert<NumberOwned>) {
        *match outcome {
            Upsert::Created => &mut self.added,
            Upsert::Updated => &mut self.updated,
            Upsert::Unchanged => &mut self.unchanged,
            Upsert::Refused(NumberOwned) => &mut self.owned,
        } += 1;
    }
}

struct Load {
    ledger: Ledger,
    /// The places that this run has written, as their keys are: with folded names.
    places: BTreeSet<(Country, Option<String>, Option<String>)>,
    counts: Counts,
}

impl Load {
    /// Writes numbers, and their places first: no number may be without its place.
    async fn put(&mut self, numbers: Vec<InventoryNumber>) -> Result<(), StoreError> {
        let mut places: BTreeMap<_, &Place> = BTreeMap::new();
        for InventoryNumber { country, place, .. } in &numbers {
            let folded = |name: &Option<PlaceName>| name.as_ref().map(PlaceName::folded);
            let key = (*country, folded(&place.region), folded(&place.locality));
            if !self.places.contains(&key) {
                places.insert(key, place);
            }
        }
        let ledger = &self.ledger;
        stream::iter(&places)
            .map(|((country, ..), place)| ledger.put_place(*country, place))
            .buffer_unordered(CONCURRENCY)
            .try_collect::<Vec<()>>()
            .await?;
        self.places.extend(places.into_keys());
        let mut outcomes = stream::iter(&numbers)
            .map(|number| ledger.put_inventory_number(number, ids::guid()))
            .buffer_unordered(CONCURRENCY);
        while let Some(outcome) = outcomes.try_next().await? {
            self.counts.add(outcome);
        }
        Ok(())
    }
}

/// Returns a number the first time that the file describes it, and `None` for an identical row.
///
/// # Errors
/// Returns an error for a different row: every run would change the number to one and then to the other.
fn check_first(
    number: InventoryNumber,
    seen: &mut BTreeMap<PhoneNumber, InventoryNumber>,
) -> Result<Option<InventoryNumber>, String> {
    match seen.get(&number.number) {
        Some(first) if *first == number => Ok(None),
        Some(_) => Err("number: an earlier row describes the same number differently".to_owned()),
        None => {
            seen.insert(number.number.clone(), number.clone());
            Ok(Some(number))
        }
    }
}

/// Parses a row.
///
/// # Errors
/// Returns every column that is not valid, with the rule that it breaks. The text contains no value.
fn parse(mut row: Row<'_>, served: &BTreeSet<Country>) -> Result<InventoryNumber, String> {
    let country = row.required("country", Country::parse);
    if let Some(country) = country.filter(|country| !served.contains(country)) {
        let rule = format!(
            "{country} is not served; run `callbook inventory country add {country}` first"
        );
        row.invalid("country", rule);
    }
    let number = row.required("number", |text| match country {
        Some(country) => PhoneNumber::parse_e164_in(text, country),
        None => PhoneNumber::parse_e164(text),
    });
    let kind = row.required("type", NumberType::parse);
    let capabilities = row.required("capabilities", parse_capabilities);
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

/// Parses capabilities: a list in one cell, or the array of a JSON object.
fn parse_capabilities(text: &str) -> Result<Capabilities, UnknownCapability> {
    if text.starts_with('[') {
        let names: Vec<String> = serde_json::from_str(text).map_err(|_| UnknownCapability)?;
        return Capabilities::parse(&names.join(","));
    }
    Capabilities::parse(&text.replace([';', '|', ' '], ","))
}
