//! The filter of a list of addresses: each parameter selects exact matches.

use callbook::dialect::fonedynamics::field;
use callbook::model::address::{Address, AddressLine, PostalCode};
use callbook::model::country::Country;
use callbook::model::field::Field;
use callbook::request::Reader;
use serde::Serialize;

use crate::wire::{country_fault, short};

/// Selects addresses; a field that is `None` selects every address. Page tokens are bound to it.
#[derive(Serialize)]
pub(crate) struct Filter {
    friendly: Option<AddressLine>,
    reference: Option<AddressLine>,
    city: Option<AddressLine>,
    region: Option<AddressLine>,
    country: Option<Country>,
    postal_code: Option<PostalCode>,
}

impl Filter {
    /// The parameters.
    pub(crate) const FIELDS: [Field; 6] = [
        field::FRIENDLY,
        field::REFERENCE,
        field::CITY,
        field::REGION,
        field::COUNTRY_CODE,
        field::POSTAL_CODE,
    ];

    /// Reads the parameters. Returns `None` if one is at fault.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let friendly = reader.optional(field::FRIENDLY, short);
        let reference = reader.optional(field::REFERENCE, short);
        let city = reader.optional(field::CITY, short);
        let region = reader.optional(field::REGION, short);
        let country = reader.optional(field::COUNTRY_CODE, |text| {
            Country::parse(text).map_err(country_fault)
        });
        let postal_code = reader.optional(field::POSTAL_CODE, short);
        Some(Self {
            friendly: friendly?,
            reference: reference?,
            city: city?,
            region: region?,
            country: country?,
            postal_code: postal_code?,
        })
    }

    /// Whether an address is selected.
    pub(crate) fn selects(&self, address: &Address) -> bool {
        let line = |wanted: &Option<AddressLine>, found: Option<&AddressLine>| {
            wanted.is_none() || wanted.as_ref() == found
        };
        line(&self.friendly, address.friendly.as_ref())
            && line(&self.reference, address.reference.as_ref())
            && line(&self.city, Some(&address.city))
            && line(&self.region, address.region.as_ref())
            && self
                .country
                .is_none_or(|country| country == address.country)
            && (self.postal_code.is_none() || self.postal_code == address.postal_code)
    }
}
