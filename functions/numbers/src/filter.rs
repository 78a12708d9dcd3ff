//! Of what type numbers are, and what they can do.

use callbook::dialect::fonedynamics::field;
use callbook::model::inventory::{Capabilities, Capability, InventoryNumber, NumberType};
use callbook::request::Parameters;
use callbook::request::fields::{Fields, invalid};

/// Which numbers of a list.
pub(crate) struct Filter {
    types: Option<Vec<NumberType>>,
    capabilities: Option<Capabilities>,
}

impl Filter {
    pub(crate) fn read(fields: &mut Fields, query: &Parameters) -> Option<Self> {
        let types = fields.optional(field::TYPE, query.list(field::TYPE), |text| {
            let types = NumberType::parse_list(&text).map_err(invalid)?;
            Ok(types.into_iter().collect())
        });
        let capabilities = query
            .list(field::CAPABILITIES)
            .or_else(|| query.list("Capabilites"));
        let capabilities = fields.optional(field::CAPABILITIES, capabilities, |text| {
            Capabilities::parse(&text).map_err(invalid)
        });
        Some(Self {
            types: types?,
            capabilities: capabilities?,
        })
    }

    /// The filter in one spelling, for the tokens of its pages.
    pub(crate) fn asked(&self) -> Vec<(&'static str, String)> {
        let types = self.types.iter().flatten().map(|kind| kind.as_str());
        let capabilities = self.capabilities.iter().flat_map(Capabilities::iter);
        vec![
            (field::TYPE, types.collect::<Vec<_>>().join(",")),
            (
                field::CAPABILITIES,
                capabilities
                    .map(Capability::as_str)
                    .collect::<Vec<_>>()
                    .join(","),
            ),
        ]
    }

    /// What is not known of a number is not what is looked for.
    pub(crate) fn takes(&self, number: Option<&InventoryNumber>) -> bool {
        let of_type = |types: &Vec<_>| number.is_some_and(|number| types.contains(&number.kind));
        let can = |wanted| number.is_some_and(|number| number.capabilities.cover(wanted));
        self.types.as_ref().is_none_or(of_type) && self.capabilities.as_ref().is_none_or(can)
    }
}
