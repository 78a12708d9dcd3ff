//! Numbers as answers show them.

use callbook::model::account::Account;
use callbook::model::inventory::{Capability, InventoryNumber, PlaceName};
use callbook::model::number::{NumberStatus, Recording, RegisteredNumber, RoutingMethod, Settings};
use callbook::model::phone::PhoneNumber;
use serde::Serialize;

/// One number of an account.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NumberView<'a> {
    number: &'a str,
    account_sid: &'a str,
    property_sid: Option<&'a str>,
    status: &'static str,
    friendly: Option<&'a str>,
    r#type: Option<&'static str>,
    capabilities: Vec<&'static str>,
    country_code: Option<&'a str>,
    region: Option<&'a str>,
    locality: Option<&'a str>,
    address_sid: Option<&'a str>,
    #[serde(rename = "Attribution_Source")]
    attribution_source: Option<&'a str>,
    #[serde(rename = "Attribution_Medium")]
    attribution_medium: Option<&'a str>,
    #[serde(rename = "Attribution_Campaign")]
    attribution_campaign: Option<&'a str>,
    #[serde(rename = "Attribution_Content")]
    attribution_content: Option<&'a str>,
    routing_method: Option<&'static str>,
    endpoint_number: Option<&'a str>,
    flow: Option<&'a str>,
    recording: &'static str,
    created: i64,
}

impl<'a> NumberView<'a> {
    pub(crate) fn of(number: &'a RegisteredNumber, account: &'a Account) -> Self {
        let Settings {
            friendly,
            attribution,
            routing_method,
            endpoint_number,
            flow,
            recording,
        } = &number.settings;
        let inventory = number.inventory.as_ref();
        let place = inventory.map(|inventory| &inventory.place);
        let assignment = number.assignment.as_ref();
        Self {
            number: number.number.as_e164(),
            account_sid: account.sid.as_str(),
            property_sid: number.property_sid().map(|sid| sid.as_str()),
            status: number.status.as_str(),
            friendly: friendly.as_ref().map(|text| text.as_str()),
            r#type: inventory.map(|inventory| inventory.kind.as_str()),
            capabilities: capabilities(inventory),
            country_code: inventory.map(|inventory| inventory.country.as_str()),
            region: place
                .and_then(|place| place.region.as_ref())
                .map(PlaceName::as_str),
            locality: place
                .and_then(|place| place.locality.as_ref())
                .map(PlaceName::as_str),
            address_sid: number.address_sid.as_ref().map(|sid| sid.as_str()),
            attribution_source: attribution.source.as_ref().map(|text| text.as_str()),
            attribution_medium: attribution.medium.as_ref().map(|text| text.as_str()),
            attribution_campaign: attribution.campaign.as_ref().map(|text| text.as_str()),
            attribution_content: attribution.content.as_ref().map(|text| text.as_str()),
            routing_method: routing_method.map(RoutingMethod::as_str),
            endpoint_number: endpoint_number.as_ref().map(PhoneNumber::as_e164),
            flow: flow.as_ref().map(|text| text.as_str()),
            recording: recording.unwrap_or(Recording::Off).as_str(),
            created: assignment
                .map_or(number.registered_at, |assignment| assignment.since)
                .seconds(),
        }
    }
}

fn capabilities(inventory: Option<&InventoryNumber>) -> Vec<&'static str> {
    inventory.map_or_else(Vec::new, |number| {
        number.capabilities.iter().map(Capability::as_str).collect()
    })
}

/// The answer to a purchase.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PurchaseView<'a> {
    number: &'a str,
    status: &'static str,
}

impl<'a> PurchaseView<'a> {
    pub(crate) fn new(number: &'a PhoneNumber, status: NumberStatus) -> Self {
        Self {
            number: number.as_e164(),
            status: status.as_str(),
        }
    }
}

/// A page of numbers.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct List<'a> {
    pub(crate) numbers: Vec<NumberView<'a>>,
    pub(crate) total_count: usize,
    pub(crate) next_page_token: Option<String>,
}

/// The answer to a release.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Released<'a> {
    pub(crate) number: &'a str,
}
