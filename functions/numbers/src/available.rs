//! `GET /v2/AvailableNumbers`: the inventory, numbers that can be bought.

use callbook::access::Context;
use callbook::dialect::Answer;
use callbook::dialect::fonedynamics::list::PageRequest;
use callbook::dialect::fonedynamics::{self, field, resource};
use callbook::model::country::{Country, InvalidCountry};
use callbook::model::field::Field;
use callbook::model::inventory::{Capability, InvalidPlace, InventoryNumber, Place, PlaceName};
use callbook::problem::{Fault, Problem};
use callbook::request::Reader;
use callbook::request::page_token::{PageKey, Pager};
use serde::{Serialize, Serializer};

use crate::filter::Filter;

/// Selects numbers of the inventory. Page tokens are bound to it.
#[derive(Serialize)]
struct Search {
    country: Country,
    #[serde(serialize_with = "in_lower_case")]
    place: Place,
    filter: Filter,
}

/// Writes a place in the form that names which differ in case alone share.
fn in_lower_case<S: Serializer>(place: &Place, serializer: S) -> Result<S::Ok, S::Error> {
    let Place { region, locality } = place;
    [region, locality]
        .map(|name| name.as_ref().map(PlaceName::folded))
        .serialize(serializer)
}

impl Search {
    /// Reads the parameters; `None` if one of them is at fault.
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let country = reader.required(field::COUNTRY_CODE, country);
        let place = place(reader);
        let filter = Filter::read(reader);
        Some(Self {
            country: country?,
            place: place?,
            filter: filter?,
        })
    }
}

/// Lists the numbers of the inventory in a country, or in a place of it.
///
/// # Errors
/// Returns `Invalid` for parameters at fault, a country that is not served or a place that never had
/// numbers, `Unavailable` if the table cannot be reached in time, and the refusals of access.
pub(crate) async fn list(context: &Context<'_>, key: &PageKey) -> Result<Answer, Problem> {
    let (ledger, request) = (context.ledger(), context.request());
    let mut reader = Reader::new(request.query());
    let own = [field::COUNTRY_CODE, field::REGION, field::LOCALITY];
    resource::only(
        &mut reader,
        &[&own[..], &Filter::FIELDS, &PageRequest::FIELDS].concat(),
    );
    let search = Search::read(&mut reader);
    let pager = Pager::new(key, &context.account().id, request.path(), &search)?;
    let page = PageRequest::read(&mut reader, pager);
    let (search, page) = reader.finish((search, page))?;
    let Search {
        country,
        place,
        filter,
    } = search;
    if ledger.country(country).await?.is_none() {
        return Err(Problem::of(field::COUNTRY_CODE, Fault::Unavailable));
    }
    context.throttle().await?;
    let mut page = page.builder();
    let mut empty = true;
    let each = |number: InventoryNumber| {
        empty = false;
        if filter.takes(Some(&number)) {
            page.add(number.number.as_e164().to_owned(), number);
        }
    };
    ledger.each_inventory_number(country, &place, each).await?;
    // A place whose numbers are all sold still exists; a place that never had numbers does not.
    if empty && !place.is_anywhere() && !ledger.knows_place(country, &place).await? {
        return Err(Problem::of(nowhere(&place), Fault::NotFound));
    }
    let page = page.finish();
    Ok(fonedynamics::success(&List {
        available_numbers: page.rows.iter().map(AvailableNumberView::of).collect(),
        total_count: page.total,
        next_page_token: page.next_token,
    }))
}

fn country(text: &str) -> Result<Country, Fault> {
    Country::parse(text).map_err(|error| match error {
        InvalidCountry::Form => Fault::invalid(error),
        InvalidCountry::Unassigned => Fault::NotFound,
    })
}

fn place_name(text: &str) -> Result<PlaceName, Fault> {
    PlaceName::parse(text).map_err(|error| match error {
        InvalidPlace::TooLong => Fault::TooLong(error.to_string()),
        InvalidPlace::Empty | InvalidPlace::ControlCharacter => Fault::invalid(error),
    })
}

fn place(reader: &mut Reader<'_>) -> Option<Place> {
    let region = reader.optional(field::REGION, place_name);
    let locality = reader.optional(field::LOCALITY, place_name);
    Some(Place {
        region: region?,
        locality: locality?,
    })
}

/// The narrower of the names that lead nowhere.
fn nowhere(place: &Place) -> Field {
    match place.locality {
        Some(_) => field::LOCALITY,
        None => field::REGION,
    }
}

/// A page of what can be bought.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct List<'a> {
    available_numbers: Vec<AvailableNumberView<'a>>,
    total_count: usize,
    next_page_token: Option<String>,
}

/// A number that can be bought; its price has four decimals.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AvailableNumberView<'a> {
    number: &'a str,
    r#type: &'static str,
    capabilities: Vec<&'static str>,
    country_code: &'a str,
    region: Option<&'a str>,
    locality: Option<&'a str>,
    price: Option<String>,
}

impl<'a> AvailableNumberView<'a> {
    fn of(available: &'a InventoryNumber) -> Self {
        let InventoryNumber {
            number,
            kind,
            capabilities,
            country,
            place: Place { region, locality },
            price,
        } = available;
        Self {
            number: number.as_e164(),
            r#type: kind.as_str(),
            capabilities: capabilities.iter().map(Capability::as_str).collect(),
            country_code: country.as_str(),
            region: region.as_ref().map(PlaceName::as_str),
            locality: locality.as_ref().map(PlaceName::as_str),
            price: price.map(|price| price.four_places()),
        }
    }
}
