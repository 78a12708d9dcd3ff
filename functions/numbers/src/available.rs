//! `GET /v2/AvailableNumbers`: what nobody has and can be bought.

use callbook::dialect::Answer;
use callbook::dialect::fonedynamics::list::Wanted;
use callbook::dialect::fonedynamics::{self, field};
use callbook::edge::App;
use callbook::model::country::{Country, InvalidCountry};
use callbook::model::inventory::{Capability, InvalidPlace, InventoryNumber, Place, PlaceName};
use callbook::problem::{Fault, Problem};
use callbook::request::fields::{Fields, invalid};
use callbook::request::page_token::ListQuestion;
use callbook::request::{Parameters, Request};
use serde::Serialize;

use crate::admit;
use crate::filter::Filter;

/// Lists the inventory of a country.
///
/// # Errors
/// Why not.
pub(crate) async fn list(app: &App, request: &Request) -> Result<Answer, Problem> {
    let (ledger, key) = (app.ledger()?, app.page_key()?);
    let caller = admit(app, request).await?;
    let query = request.query();
    let mut fields = Fields::new();
    let country = fields.required(
        field::COUNTRY_CODE,
        query.given(field::COUNTRY_CODE),
        country,
    );
    let place = place(&mut fields, query);
    let filter = Filter::read(&mut fields, query);
    let asked = asked(country, place.as_ref(), filter.as_ref());
    let question = ListQuestion {
        account: &caller.account.id,
        path: request.path().as_str(),
        filters: &asked,
    };
    let wanted = Wanted::read(&mut fields, query, key, &question);
    let (country, place, filter, wanted) = fields.finish((country, place, filter, wanted))?;
    if ledger.country(country).await?.is_none() {
        return Err(Problem::of(field::COUNTRY_CODE, Fault::Unavailable));
    }
    app.access()
        .count(ledger, &caller, request.received())
        .await?;
    let mut page = wanted.gather();
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
    let page = page.finish(key, &question);
    Ok(fonedynamics::success(&List {
        available_numbers: page.rows.iter().map(AvailableNumberView::of).collect(),
        total_count: page.total,
        next_page_token: page.next,
    }))
}

fn country(text: &str) -> Result<Country, Fault> {
    Country::parse(text).map_err(|error| match error {
        InvalidCountry::Form => invalid(error),
        InvalidCountry::Unassigned => Fault::NotFound,
    })
}

fn place(fields: &mut Fields, query: &Parameters) -> Option<Place> {
    let mut name = |field| {
        fields.optional(field, query.given(field), |text| {
            PlaceName::parse(text).map_err(|error| match error {
                InvalidPlace::TooLong => Fault::TooLong(error.to_string()),
                InvalidPlace::Empty | InvalidPlace::ControlCharacter => invalid(error),
            })
        })
    };
    let (region, locality) = (name(field::REGION), name(field::LOCALITY));
    Some(Place {
        region: region?,
        locality: locality?,
    })
}

/// What is asked for in one spelling, for the tokens of its pages.
fn asked(
    country: Option<Country>,
    place: Option<&Place>,
    filter: Option<&Filter>,
) -> Vec<(&'static str, String)> {
    let folded = |name: Option<&PlaceName>| name.map(PlaceName::folded).unwrap_or_default();
    let place = place.cloned().unwrap_or_default();
    let mut asked = filter.map(Filter::asked).unwrap_or_default();
    asked.extend([
        (
            field::COUNTRY_CODE,
            country.map(String::from).unwrap_or_default(),
        ),
        (field::REGION, folded(place.region.as_ref())),
        (field::LOCALITY, folded(place.locality.as_ref())),
    ]);
    asked
}

/// The narrower of the names that lead nowhere.
fn nowhere(place: &Place) -> &'static str {
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
