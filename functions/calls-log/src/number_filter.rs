//! Filters by what is known of the number that was called: its attribution, and the property that had it.
//!
//! They select the calls that a summary by the same dimension counts: the attribution is the one that the number has now, and the
//! property the one that had it at the hour of the call.

use std::collections::BTreeSet;

use callbook::dialect::callbook::field;
use callbook::ledger::CallRow;
use callbook::model::field::Field;
use callbook::model::number::{Attribution, AttributionText};
use callbook::model::phone::PhoneNumber;
use callbook::model::property::PropertySid;
use callbook::model::summary::grouping::{GroupBy, Numbers};
use callbook::model::summary::place::Slot;
use callbook::model::time::Zone;
use callbook::problem::Fault;
use callbook::request::Reader;
use serde::Serialize;

/// Stands for calls to numbers without one.
const NOTHING: &str = "(none)";

/// A filter by what a number may have: this, or nothing.
#[derive(Serialize)]
enum Wanted<T> {
    This(T),
    Nothing,
}

impl<T: PartialEq> Wanted<T> {
    fn is(&self, found: Option<&T>) -> bool {
        match self {
            Self::This(wanted) => found == Some(wanted),
            Self::Nothing => found.is_none(),
        }
    }
}

/// Selects calls by the number that was called.
#[derive(Serialize)]
pub struct NumberFilter {
    source: Option<Wanted<AttributionText>>,
    medium: Option<Wanted<AttributionText>>,
    campaign: Option<Wanted<AttributionText>>,
    content: Option<Wanted<AttributionText>>,
    property: Option<Wanted<PropertySid>>,
}

impl NumberFilter {
    /// The parameters.
    pub const FIELDS: [Field; 5] = [
        field::SOURCE,
        field::MEDIUM,
        field::CAMPAIGN,
        field::CONTENT,
        field::PROPERTY,
    ];

    /// Reads the parameters. Returns `None` if one is at fault.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let [source, medium, campaign, content, _] = Self::FIELDS;
        let text = |text: &str| AttributionText::parse(text).map_err(Fault::invalid);
        let source = reader.optional(source, |sent| wanted(sent, text));
        let medium = reader.optional(medium, |sent| wanted(sent, text));
        let campaign = reader.optional(campaign, |sent| wanted(sent, text));
        let content = reader.optional(content, |sent| wanted(sent, text));
        let property = reader.optional(field::PROPERTY, |sent| {
            wanted(sent, |text| {
                PropertySid::parse(text).map_err(Fault::invalid)
            })
        });
        Some(Self {
            source: source?,
            medium: medium?,
            campaign: campaign?,
            content: content?,
            property: property?,
        })
    }

    /// Whether every call is selected.
    pub fn is_open(&self) -> bool {
        self.dimensions().is_empty()
    }

    /// What has to be known of the numbers.
    pub fn dimensions(&self) -> Vec<GroupBy> {
        let dimensions = [
            (self.source.is_some(), GroupBy::Source),
            (self.medium.is_some(), GroupBy::Medium),
            (self.campaign.is_some(), GroupBy::Campaign),
            (self.content.is_some(), GroupBy::Content),
            (self.property.is_some(), GroupBy::Property),
        ];
        let wanted = dimensions.into_iter().filter(|(wanted, _)| *wanted);
        wanted.map(|(_, by)| by).collect()
    }

    /// The numbers with the attribution that is asked for; `None` if numbers without one are meant as well.
    pub fn called(&self, numbers: &Numbers) -> Option<BTreeSet<PhoneNumber>> {
        let attributions = [&self.source, &self.medium, &self.campaign, &self.content];
        let mut attributions = attributions.into_iter().flatten();
        if !attributions.any(|wanted| matches!(wanted, Wanted::This(_))) {
            return None;
        }
        let known = numbers.attributions.iter();
        let called = known.filter(|(_, attribution)| self.is_attributed(Some(attribution)));
        let called = called.filter_map(|(number, _)| PhoneNumber::from_stored(number).ok());
        Some(called.collect())
    }

    /// Whether a call is selected.
    pub fn selects(&self, call: &CallRow, zone: &Zone, numbers: &Numbers) -> bool {
        let holder = || {
            let hour = Slot::of(call.started, zone).begins(call.started);
            numbers.assignments.holder(&call.to, hour)
        };
        let property = self.property.as_ref();
        self.is_attributed(numbers.attributions.get(&call.to))
            && property.is_none_or(|property| property.is(holder()))
    }

    fn is_attributed(&self, attribution: Option<&Attribution>) -> bool {
        let of = |text: fn(&Attribution) -> Option<&AttributionText>| attribution.and_then(text);
        let pairs = [
            (&self.source, of(|found| found.source.as_ref())),
            (&self.medium, of(|found| found.medium.as_ref())),
            (&self.campaign, of(|found| found.campaign.as_ref())),
            (&self.content, of(|found| found.content.as_ref())),
        ];
        let mut pairs = pairs.into_iter();
        pairs.all(|(wanted, found)| wanted.as_ref().is_none_or(|wanted| wanted.is(found)))
    }
}

fn wanted<T>(text: &str, read: impl Fn(&str) -> Result<T, Fault>) -> Result<Wanted<T>, Fault> {
    match text {
        NOTHING => Ok(Wanted::Nothing),
        _ => read(text).map(Wanted::This),
    }
}
