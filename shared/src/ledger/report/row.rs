//! One call of a report, as it is read from the table, and the latest feedback about its other party.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::ledger::keys;
use crate::ledger::table::item::{Item, instant, number, text};
use crate::ledger::table::query::RangeQuery;
use crate::model::assignment::NumberAssignments;
use crate::model::call::{CallSid, CostId, Direction};
use crate::model::property::PropertySid;
use crate::model::time::Instant;
use crate::model::vendor::VendorId;

/// The latest phone feedback about a number.
#[derive(Clone, Debug, Default)]
pub struct LatestFeedback {
    /// The latest name that came with right party contact.
    pub name: Option<String>,
    /// Whether anybody could be reached: `Connected` or `Disconnected`.
    pub status: Option<String>,
    /// Whether it was the right party.
    pub right_party: Option<bool>,
}

/// The attributes that every row is made of. A call's sid is in its sort key.
const ATTRIBUTES: &str = "sk, #direction, call_from, call_to, ended_at, duration_seconds, disposition, \
     #cost, date_billed, lead_id, noted_by, notes, reported_notes, property_sid, started_at";

/// The attributes of [`CallDetails`].
const DETAILS: &str = "sources, external_ids, first_contact, two_vendors, crowded, vendor_id";

/// Asks for the attributes that a row is made of, with its details or without.
pub(in crate::ledger) fn projected(query: RangeQuery, details: bool) -> RangeQuery {
    let attributes = match details {
        true => format!("{ATTRIBUTES}, {DETAILS}"),
        false => ATTRIBUTES.to_owned(),
    };
    query
        .projection(attributes)
        .name("#direction", "direction")
        .name("#cost", "cost")
}

/// One call of a report.
#[derive(Clone, Debug)]
pub struct CallRow {
    /// Which call.
    pub sid: CallSid,
    /// When it started, as its best report says.
    pub started: Instant,
    /// Which way it went.
    pub direction: Direction,
    /// Who called: E.164, or the digits that reached the switch.
    pub from: String,
    /// Who was called.
    pub to: String,
    /// When it was over.
    pub ended: Option<Instant>,
    /// How long it was, in seconds.
    pub seconds: Option<u64>,
    /// How it ended.
    pub disposition: Option<String>,
    /// What it cost: a decimal number as the store spells it.
    pub cost: Option<String>,
    /// When it was billed.
    pub billed: Option<Instant>,
    /// Its caller's lead.
    pub lead: Option<String>,
    /// Anything that was noted, as far as the reader of the row looked for it.
    pub notes: Option<String>,
    /// Whether a report of the call has the notes that it shows.
    pub reported_notes: bool,
    /// The bill whose notes it shows.
    pub noted_by: Option<CostId>,
    /// The property that it was recorded for, where it was for one.
    pub recorded_for: Option<PropertySid>,
    /// The latest feedback about the other party's number.
    pub latest_feedback: Option<Arc<LatestFeedback>>,
    /// Where it is known from, as far as the reader of the row asked.
    pub details: CallDetails,
}

/// Where a call is known from, and what a person should look at. Empty in reports that do not ask for it.
#[derive(Clone, Debug, Default)]
pub struct CallDetails {
    /// The sources of its reports.
    pub sources: Vec<String>,
    /// Its ids at its sources.
    pub external_ids: Vec<String>,
    /// Whether it is the first call of its caller.
    pub first_contact: bool,
    /// Whether two billers have entries in force on it.
    pub two_vendors: bool,
    /// Whether it was left alone because too many reports lay around it.
    pub crowded: bool,
    /// The vendor of the number that was called, when the call started.
    pub vendor: Option<VendorId>,
}

impl CallDetails {
    fn of(item: &Item) -> Self {
        let texts = |name: &str| {
            let list = item.get(name).and_then(|value| value.as_l().ok());
            let texts = list.into_iter().flatten();
            texts
                .filter_map(|text| text.as_s().ok().cloned())
                .collect::<Vec<_>>()
        };
        let mut sources = texts("sources");
        // Each source once, in the order of its first report.
        let mut seen = Vec::new();
        sources.retain(|source| {
            let new = !seen.contains(source);
            seen.push(source.clone());
            new
        });
        Self {
            sources,
            external_ids: texts("external_ids"),
            first_contact: item.contains_key("first_contact"),
            two_vendors: item.contains_key("two_vendors"),
            crowded: item.contains_key("crowded"),
            vendor: text(item, "vendor_id").and_then(|id| VendorId::parse(id).ok()),
        }
    }
}

impl CallRow {
    /// Reads an item that [`projected`] asked for; `None` for one that no version of the product wrote.
    pub(in crate::ledger) fn of(mut item: Item) -> Option<Self> {
        let started = instant(&item, "started_at");
        let details = CallDetails::of(&item);
        let reported_notes = item.contains_key("reported_notes");
        let mut take = |name: &str| match item.remove(name) {
            Some(AttributeValue::S(text) | AttributeValue::N(text)) => Some(text),
            _ => None,
        };
        let sid = keys::sid_of(&take("sk")?)?;
        let started = started.unwrap_or_else(|| sid.started());
        let direction = match take("direction")?.as_str() {
            "inbound" => Direction::Inbound,
            "outbound" => Direction::Outbound,
            _ => return None,
        };
        Some(Self {
            sid,
            direction,
            started,
            from: take("call_from")?,
            to: take("call_to")?,
            disposition: take("disposition"),
            cost: take("cost"),
            lead: take("lead_id"),
            notes: take("notes"),
            reported_notes,
            noted_by: take("noted_by").and_then(|id| CostId::parse(&id).ok()),
            recorded_for: take("property_sid").and_then(|sid| PropertySid::parse(&sid).ok()),
            ended: instant(&item, "ended_at"),
            seconds: number(&item, "duration_seconds"),
            billed: instant(&item, "date_billed"),
            latest_feedback: None,
            details,
        })
    }

    /// The account's own number: the called number of an inbound call, the calling number of an outbound one.
    #[must_use]
    pub fn own_party(&self) -> &str {
        match self.direction {
            Direction::Inbound => &self.to,
            Direction::Outbound => &self.from,
        }
    }

    /// The property that the call belongs to: the one it was recorded for, or else the one that the
    /// account's number was assigned to when the call started.
    #[must_use]
    pub fn property<'a>(&'a self, assignments: &'a NumberAssignments) -> Option<&'a PropertySid> {
        let holder = || assignments.holder(self.own_party(), self.started);
        self.recorded_for.as_ref().or_else(holder)
    }

    /// The other party's number; `None` for a caller without a number in E.164.
    pub(in crate::ledger) fn other_party(&self) -> Option<&str> {
        let party = match self.direction {
            Direction::Inbound => &self.from,
            Direction::Outbound => &self.to,
        };
        party.starts_with('+').then_some(party)
    }
}
