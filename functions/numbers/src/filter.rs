//! The filter of lists of numbers: by type and by capability.

use std::collections::BTreeSet;

use callbook::dialect::fonedynamics::field;
use callbook::model::field::Field;
use callbook::model::inventory::{Capabilities, InventoryNumber, NumberType};
use callbook::problem::Fault;
use callbook::request::Reader;
use serde::Serialize;

/// Selects numbers of a list; a field that is `None` selects every number. Page tokens are bound to it.
#[derive(Serialize)]
pub(crate) struct Filter {
    types: Option<BTreeSet<NumberType>>,
    capabilities: Option<Capabilities>,
}

impl Filter {
    /// The parameters.
    pub(crate) const FIELDS: [Field; 2] = [field::TYPE, field::CAPABILITIES];

    /// Reads `Type` and `Capabilities`; `None` if one of them is at fault.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let types = reader.list(field::TYPE, |text| {
            NumberType::parse_list(text).map_err(Fault::invalid)
        });
        let capabilities = reader.list(field::CAPABILITIES, |text| {
            Capabilities::parse(text).map_err(Fault::invalid)
        });
        Some(Self {
            types: types?,
            capabilities: capabilities?,
        })
    }

    /// Whether a number is selected. One whose type and capabilities are unknown matches no filter on them.
    pub(crate) fn takes(&self, number: Option<&InventoryNumber>) -> bool {
        let of_type =
            |types: &BTreeSet<_>| number.is_some_and(|number| types.contains(&number.kind));
        let can = |wanted| number.is_some_and(|number| number.capabilities.cover(wanted));
        self.types.as_ref().is_none_or(of_type) && self.capabilities.as_ref().is_none_or(can)
    }
}
