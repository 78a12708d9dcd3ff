//! Addresses in requests and answers.

use callbook::dialect::fonedynamics::field;
use callbook::ids;
use callbook::model::account::Account;
use callbook::model::address::Address;
use callbook::model::country::{Country, InvalidCountry};
use callbook::model::field::Field;
use callbook::model::short_text::ShortText;
use callbook::model::time::Instant;
use callbook::problem::Fault;
use callbook::request::Reader;
use serde::Serialize;

/// The parameters of a new address. A typed client repeats what the path says.
pub(crate) const CREATED: [Field; 9] = [
    field::ACCOUNT_SID,
    field::FRIENDLY,
    field::REFERENCE,
    field::LINE1,
    field::LINE2,
    field::CITY,
    field::REGION,
    field::COUNTRY_CODE,
    field::POSTAL_CODE,
];

/// Reads a new address. Returns `None` if a field is at fault.
pub(crate) fn read(reader: &mut Reader<'_>, now: Instant) -> Option<Address> {
    let friendly = reader.optional(field::FRIENDLY, short);
    let reference = reader.optional(field::REFERENCE, short);
    let line1 = reader.required_sent(field::LINE1, short);
    let line2 = reader.optional(field::LINE2, short);
    let city = reader.required_sent(field::CITY, short);
    let region = reader.optional(field::REGION, short);
    let country = reader.required(field::COUNTRY_CODE, |text| {
        Country::parse(text).map_err(country_fault)
    });
    let postal_code = reader.optional(field::POSTAL_CODE, short);
    Some(Address {
        sid: ids::address_sid(),
        friendly: friendly?,
        reference: reference?,
        line1: line1?,
        line2: line2?,
        city: city?,
        region: region?,
        country: country?,
        postal_code: postal_code?,
        created_at: now,
        links: 0,
    })
}

pub(crate) fn short<const MOST: usize>(text: &str) -> Result<ShortText<MOST>, Fault> {
    Ok(ShortText::parse(text)?)
}

pub(crate) fn country_fault(error: InvalidCountry) -> Fault {
    match error {
        InvalidCountry::Form => Fault::invalid(error),
        InvalidCountry::Unassigned => Fault::NotFound,
    }
}

/// Returns the parameters that identify a request to create an address, for idempotency.
pub(crate) fn said(address: &Address) -> [&str; 8] {
    let AddressView {
        friendly,
        reference,
        line1,
        line2,
        city,
        region,
        country_code,
        postal_code,
        ..
    } = AddressView::with(address, "");
    [
        friendly.unwrap_or_default(),
        reference.unwrap_or_default(),
        line1,
        line2.unwrap_or_default(),
        city,
        region.unwrap_or_default(),
        country_code,
        postal_code.unwrap_or_default(),
    ]
}

/// One address.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AddressView<'a> {
    address_sid: &'a str,
    account_sid: &'a str,
    friendly: Option<&'a str>,
    reference: Option<&'a str>,
    line1: &'a str,
    line2: Option<&'a str>,
    city: &'a str,
    region: Option<&'a str>,
    country_code: &'a str,
    postal_code: Option<&'a str>,
    /// An address of this product needs no verification.
    status: &'static str,
    created: i64,
}

impl<'a> AddressView<'a> {
    pub(crate) fn of(address: &'a Address, account: &'a Account) -> Self {
        Self::with(address, account.sid.as_str())
    }

    fn with(address: &'a Address, account_sid: &'a str) -> Self {
        Self {
            address_sid: address.sid.as_str(),
            account_sid,
            friendly: address.friendly.as_ref().map(ShortText::as_str),
            reference: address.reference.as_ref().map(ShortText::as_str),
            line1: address.line1.as_str(),
            line2: address.line2.as_ref().map(ShortText::as_str),
            city: address.city.as_str(),
            region: address.region.as_ref().map(ShortText::as_str),
            country_code: address.country.as_str(),
            postal_code: address.postal_code.as_ref().map(ShortText::as_str),
            status: "Active",
            created: address.created_at.seconds(),
        }
    }
}

/// A page of addresses.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct List<'a> {
    pub(crate) addresses: Vec<AddressView<'a>>,
    pub(crate) total_count: usize,
    pub(crate) next_page_token: Option<String>,
}

/// The answer to a deletion.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Deleted<'a> {
    pub(crate) address_sid: &'a str,
}
