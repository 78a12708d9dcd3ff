//! The filter of a report: DynamoDB applies all of it that an expression can say, and the rest is applied
//! to the rows here.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::ledger::report::row::CallRow;
use crate::ledger::table::item::s;
use crate::ledger::table::query::RangeQuery;
use crate::model::call::{CallingParty, Direction};
use crate::model::phone::PhoneNumber;
use crate::model::report::{CallFilter, ContactFilter, OfProperty};

/// The most values of a list in an expression: two lists of numbers, each once for either party, take half
/// of the 4 KB that DynamoDB allows an expression. A longer list is applied to the rows.
const MOST_LISTED: usize = 50;

/// A filter expression that is being built: its conditions, all of which have to hold, and their values.
#[derive(Default)]
pub(in crate::ledger) struct Conditions {
    all: Vec<String>,
    values: Vec<(String, AttributeValue)>,
}

impl Conditions {
    /// The part of `filter` that an expression can say. `#direction` stands for that attribute.
    pub(in crate::ledger) fn of(filter: &CallFilter) -> Self {
        let CallFilter {
            direction,
            billed,
            did,
            called,
            cid,
            // DynamoDB compares case.
            dispositions: _,
            own_numbers,
            property,
            contact,
        } = filter;
        let mut conditions = Self::default();
        if let Some(direction) = direction {
            let word = match direction {
                Direction::Inbound => "inbound",
                Direction::Outbound => "outbound",
            };
            conditions.equal("#direction", ":direction", word);
        }
        if let Some(did) = did {
            conditions.equal("call_to", ":did", did.as_e164());
        }
        let called: Vec<&str> = called.iter().map(PhoneNumber::as_e164).collect();
        if let Some(list) = conditions.list("called", &called) {
            conditions.push(format!("call_to IN {list}"));
        }
        let callers: Vec<&str> = cid.iter().map(CallingParty::as_str).collect();
        if let Some(list) = conditions.list("cid", &callers) {
            conditions.push(format!("call_from IN {list}"));
        }
        match billed {
            Some(true) => conditions.push("attribute_exists(date_billed)"),
            Some(false) => conditions.push("attribute_not_exists(date_billed)"),
            None => {}
        }
        if let Some(numbers) = own_numbers {
            let either = conditions.either_party("own", numbers);
            conditions.all.extend(either);
        }
        if let Some(property) = property {
            conditions.property(property);
        }
        match contact {
            Some(ContactFilter::First) => conditions.push("attribute_exists(first_contact)"),
            Some(ContactFilter::Repeated) => {
                conditions.push("attribute_not_exists(first_contact)");
                conditions.push("#direction = :repeated AND begins_with(call_from, :plus)");
                conditions.value(":repeated", "inbound");
                conditions.value(":plus", "+");
            }
            None => {}
        }
        conditions
    }

    /// Adds the conditions to a query that gives their names to attributes.
    pub(in crate::ledger) fn apply(self, query: RangeQuery) -> RangeQuery {
        if self.all.is_empty() {
            return query;
        }
        let query = query.filter(self.all.join(" AND "));
        let values = self.values.into_iter();
        values.fold(query, |query, (place, value)| query.value(place, value))
    }

    /// A call that names its property decides by that. Of the others, those match whose parties include a
    /// number that was assigned to the property in the range.
    fn property(&mut self, property: &OfProperty) {
        let numbers = property.assignments.numbers_of(&property.sid);
        let others = match self.either_party("held", numbers) {
            Some(either) => format!("attribute_not_exists(property_sid) AND {either}"),
            None => "attribute_not_exists(property_sid)".to_owned(),
        };
        self.all
            .push(format!("(property_sid = :property OR ({others}))"));
        self.value(":property", property.sid.as_str());
    }

    /// Either party is one of `numbers`; `None` if there are too many to list, or none.
    fn either_party<'a>(
        &mut self,
        place: &str,
        numbers: impl IntoIterator<Item = &'a PhoneNumber>,
    ) -> Option<String> {
        let numbers: Vec<&str> = numbers.into_iter().map(PhoneNumber::as_e164).collect();
        let list = self.list(place, &numbers)?;
        Some(format!("(call_to IN {list} OR call_from IN {list})"))
    }

    pub(in crate::ledger) fn list(&mut self, place: &str, values: &[&str]) -> Option<String> {
        if values.is_empty() || values.len() > MOST_LISTED {
            return None;
        }
        let names: Vec<_> = (0..values.len())
            .map(|index| format!(":{place}{index}"))
            .collect();
        for (name, value) in names.iter().zip(values) {
            self.value(name, value);
        }
        Some(format!("({})", names.join(", ")))
    }

    pub(in crate::ledger) fn equal(&mut self, attribute: &str, place: &str, value: &str) {
        self.all.push(format!("{attribute} = {place}"));
        self.value(place, value);
    }

    pub(in crate::ledger) fn push(&mut self, condition: impl Into<String>) {
        self.all.push(condition.into());
    }

    fn value(&mut self, place: &str, value: &str) {
        self.values.push((place.to_owned(), s(value)));
    }
}

/// Whether a row passes what no expression can say: the disposition in either case, which party is the account's own number,
/// which property it was assigned to at the time, and lists that are too long for an expression.
pub(in crate::ledger) fn matches(filter: &CallFilter, row: &CallRow) -> bool {
    let own = filter.own_numbers.as_ref();
    let own = own.is_none_or(|numbers| {
        PhoneNumber::from_stored(row.own_party()).is_ok_and(|number| numbers.contains(&number))
    });
    let property = filter.property.as_ref();
    let property =
        property.is_none_or(|property| row.property(&property.assignments) == Some(&property.sid));
    let ended = row.disposition.as_deref();
    let mut dispositions = filter.dispositions.iter();
    let disposition = filter.dispositions.is_empty()
        || ended.is_some_and(|ended| dispositions.any(|wanted| wanted.is_called(ended)));
    let called = filter.called.is_empty()
        || PhoneNumber::from_stored(&row.to).is_ok_and(|number| filter.called.contains(&number));
    own && property && disposition && called
}
