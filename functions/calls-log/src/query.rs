//! The parameters of the call log.

use callbook::dialect::callbook::{field, resource};
use callbook::ledger::CallRow;
use callbook::model::cost::Cost;
use callbook::model::cost_filter::{OfVendor, callers};
use callbook::model::field::Field;
use callbook::model::phone::PhoneNumber;
use callbook::model::report::{CallFilter, Disposition};
use callbook::model::summary::grouping::Numbers;
use callbook::model::summary::place::folded;
use callbook::model::time::{CivilDay, Range, Zone};
use callbook::problem::Fault;
use callbook::request::Reader;
use serde::Serialize;

use crate::number_filter::NumberFilter;

/// The maximum of a length of a call, in seconds.
const MOST_SECONDS: u64 = 999_999;

/// Selects calls of the log. Page tokens are bound to it.
#[derive(Serialize)]
pub struct LogQuery {
    pub range: Range,
    pub filter: CallFilter,
    vendor: Option<OfVendor>,
    min_seconds: Option<u64>,
    max_seconds: Option<u64>,
    hour: Option<u8>,
    weekday: Option<u8>,
    min_amount: Option<Cost>,
    max_amount: Option<Cost>,
    disposition: Option<OfDisposition>,
    pub number: NumberFilter,
}

/// How a call ended: in one of the ways that a summary tells apart.
#[derive(Serialize)]
struct OfDisposition(String);

impl OfDisposition {
    /// Stands for calls without a disposition.
    const NONE: &str = "(none)";

    fn parse(text: &str) -> Result<Self, Fault> {
        if text.eq_ignore_ascii_case(Self::NONE) {
            return Ok(Self(String::new()));
        }
        let disposition = Disposition::parse(text).map_err(Fault::invalid)?;
        Ok(Self(folded(disposition.as_str())))
    }

    fn is(&self, found: Option<&str>) -> bool {
        self.0 == folded(found.unwrap_or_default())
    }
}

impl LogQuery {
    /// The parameters, without those of the page.
    pub const FIELDS: [Field; 19] = [
        field::FROM,
        field::TO,
        field::DID,
        field::CALLER,
        field::VENDOR,
        field::DISPOSITION,
        field::BILLED,
        field::MIN_SECONDS,
        field::MAX_SECONDS,
        field::DIRECTION,
        field::HOUR,
        field::WEEKDAY,
        field::MIN_AMOUNT,
        field::MAX_AMOUNT,
        field::SOURCE,
        field::MEDIUM,
        field::CAMPAIGN,
        field::CONTENT,
        field::PROPERTY,
    ];

    /// Reads the parameters. Returns `None` if one is at fault.
    pub fn read(reader: &mut Reader<'_>, zone: &Zone) -> Option<Self> {
        let range = resource::range(reader, zone);
        let did = reader.optional(field::DID, |text| {
            PhoneNumber::parse(text).map_err(Fault::invalid)
        });
        let callers = reader.optional(field::CALLER, |text| callers(text).map_err(Fault::invalid));
        let vendor = reader.optional(field::VENDOR, |text| {
            OfVendor::parse(text).map_err(Fault::invalid)
        });
        let disposition = reader.optional(field::DISPOSITION, OfDisposition::parse);
        let billed = reader.optional(field::BILLED, |text| {
            field::billed(text).ok_or_else(|| Fault::invalid("expected true or false"))
        });
        let min_seconds = reader.optional(field::MIN_SECONDS, seconds);
        let max_seconds = reader.optional(field::MAX_SECONDS, seconds);
        let direction = reader.optional(field::DIRECTION, |text| {
            field::direction(text).ok_or_else(|| Fault::invalid("expected inbound or outbound"))
        });
        let hour = reader.optional(field::HOUR, |text| {
            field::hour(text).ok_or_else(|| Fault::invalid("expected an hour from 00 to 23"))
        });
        let weekday = reader.optional(field::WEEKDAY, |text| {
            field::weekday(text).ok_or_else(|| Fault::invalid("expected monday to sunday"))
        });
        let amount = |text: &str| Cost::parse(text).map_err(Fault::invalid);
        let min_amount = reader.optional(field::MIN_AMOUNT, amount);
        let max_amount = reader.optional(field::MAX_AMOUNT, amount);
        let number = NumberFilter::read(reader);
        Some(Self {
            range: range?,
            filter: CallFilter {
                direction: direction?,
                billed: billed?,
                did: did?,
                cid: callers?.unwrap_or_default(),
                ..CallFilter::default()
            },
            vendor: vendor?,
            min_seconds: min_seconds?,
            max_seconds: max_seconds?,
            hour: hour?,
            weekday: weekday?,
            min_amount: min_amount?,
            max_amount: max_amount?,
            disposition: disposition?,
            number: number?,
        })
    }

    /// Whether the ledger filters all that is asked for.
    pub fn is_of_ledger(&self) -> bool {
        let Self {
            range: _,
            filter: _,
            vendor,
            min_seconds,
            max_seconds,
            hour,
            weekday,
            min_amount,
            max_amount,
            disposition,
            number,
        } = self;
        let others = [
            vendor.is_some(),
            min_seconds.is_some(),
            max_seconds.is_some(),
            hour.is_some(),
            weekday.is_some(),
            min_amount.is_some(),
            max_amount.is_some(),
            disposition.is_some(),
            !number.is_open(),
        ];
        !others.contains(&true)
    }

    /// Whether a call passes what the ledger does not filter. A call of unknown length has none.
    pub fn selects(&self, call: &CallRow, zone: &Zone, numbers: &Numbers) -> bool {
        let vendor = call.details.vendor.as_ref();
        let least = self.min_seconds;
        let most = self.max_seconds;
        self.vendor.as_ref().is_none_or(|wanted| wanted.is(vendor))
            && least.is_none_or(|least| call.seconds.is_some_and(|seconds| seconds >= least))
            && most.is_none_or(|most| call.seconds.is_some_and(|seconds| seconds <= most))
            && self
                .hour
                .is_none_or(|hour| call.started.local_hour(zone) == hour)
            && self
                .weekday
                .is_none_or(|day| CivilDay::of(call.started, zone).weekday() == day)
            && self
                .disposition
                .as_ref()
                .is_none_or(|wanted| wanted.is(call.disposition.as_deref()))
            && self.costs_enough(call)
            && self.number.selects(call, zone, numbers)
    }
}

impl LogQuery {
    /// Whether the cost of a call lies in the range of amounts. A call without a cost has none.
    fn costs_enough(&self, call: &CallRow) -> bool {
        let cost = call.cost.as_deref().and_then(|cost| Cost::parse(cost).ok());
        let (least, most) = (self.min_amount, self.max_amount);
        let is = |cost: &Cost| cost.decimal();
        least.is_none_or(|least| cost.is_some_and(|cost| is(&cost) >= is(&least)))
            && most.is_none_or(|most| cost.is_some_and(|cost| is(&cost) <= is(&most)))
    }
}

fn seconds(text: &str) -> Result<u64, Fault> {
    let seconds = text.parse().ok();
    seconds
        .filter(|seconds| *seconds <= MOST_SECONDS)
        .ok_or_else(|| Fault::invalid(format!("expected a whole number from 0 to {MOST_SECONDS}")))
}
