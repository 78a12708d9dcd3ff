//! What a client asks of a summary.

use std::time::Duration;

use callbook::dialect::callbook::field;
use callbook::model::field::Field;
use callbook::model::phone::PhoneNumber;
use callbook::model::summary::grouping::{GroupBy, MOST_GROUPINGS, Question};
use callbook::model::time::{CivilDay, Instant, Range, RangeEnd, Zone};
use callbook::model::vendor::VendorId;
use callbook::problem::Fault;
use callbook::request::Reader;

/// A request's parameters.
pub struct Ask {
    /// What is asked for.
    pub question: Question,
    /// The same for the period before, if it is compared with.
    pub previous: Option<Question>,
    /// Whether unique callers are counted.
    pub unique_callers: bool,
}

impl Ask {
    /// The parameters.
    pub const FIELDS: [Field; 7] = [
        field::FROM,
        field::TO,
        field::BY,
        field::VENDOR,
        field::DID,
        field::COMPARE,
        field::UNIQUE_CALLERS,
    ];

    /// Reads the parameters. Returns `None` if one of them is at fault.
    ///
    /// The default of `to` is today, and that of `from` the first day of the month of `to`.
    pub fn read(reader: &mut Reader<'_>, zone: &Zone, now: Instant) -> Option<Self> {
        let end = |text: &str| RangeEnd::parse(text).map_err(Fault::invalid);
        let from = reader.optional(field::FROM, end);
        let to = reader.optional(field::TO, end);
        let by = reader.optional(field::BY, groupings);
        let vendor = reader.optional(field::VENDOR, |text| {
            VendorId::parse(text).map_err(Fault::invalid)
        });
        let did = reader.optional(field::DID, |text| {
            PhoneNumber::parse(text).map_err(Fault::invalid)
        });
        let compare = reader.optional(field::COMPARE, |text| match text {
            "previous" => Ok(()),
            _ => Err(Fault::invalid("expected previous")),
        });
        let unique_callers = reader.optional(field::UNIQUE_CALLERS, |text| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Fault::invalid("expected true or false")),
        });
        let unique_callers = unique_callers?.unwrap_or(false);
        let by = by?.unwrap_or_default();
        if unique_callers && by.iter().flatten().any(|by| *by == GroupBy::Disposition) {
            let fault = "unique callers are not known by disposition; leave out one of the two";
            reader.fault(field::UNIQUE_CALLERS, Fault::invalid(fault));
        }
        let (from, to) = (from?, to?);
        let today = RangeEnd::Day(CivilDay::of(now, zone));
        let to = to.unwrap_or(today);
        let from = from.unwrap_or_else(|| first_of_month(to, zone));
        let range = match Range::new(from, to, zone) {
            Ok(range) => range,
            Err(fault) => {
                reader.fault(field::FROM, Fault::invalid(fault));
                return None;
            }
        };
        for (field, at) in [(field::FROM, range.from), (field::TO, range.to)] {
            if !is_whole(at, zone) {
                let fault = "expected a day, or an instant at the beginning of an hour";
                reader.fault(field, Fault::invalid(fault));
            }
        }
        let question = Question {
            range,
            zone: zone.clone(),
            by,
            vendor: vendor?,
            did: did?.map(|did| did.as_e164().to_owned()),
            shift: 0,
            overdue: now.minus(Duration::from_secs(86_400)),
        };
        let previous = compare?.map(|()| question.before(from, to));
        Some(Self {
            question,
            previous,
            unique_callers,
        })
    }
}

/// Reads groupings with semicolons between them.
fn groupings(text: &str) -> Result<Vec<Vec<GroupBy>>, Fault> {
    let groupings = text.split(';').map(grouping);
    let groupings: Vec<_> = groupings.collect::<Result<_, _>>()?;
    let repeated = groupings
        .iter()
        .enumerate()
        .any(|(place, by)| groupings.iter().take(place).any(|other| other == by));
    if repeated || groupings.len() > MOST_GROUPINGS {
        let rule = format!("expected at most {MOST_GROUPINGS} groupings that differ");
        return Err(Fault::invalid(rule));
    }
    Ok(groupings)
}

/// Reads one or two dimensions.
fn grouping(text: &str) -> Result<Vec<GroupBy>, Fault> {
    let words: Vec<_> = text.split(',').map(str::trim).collect();
    let by = words.iter().map(|word| GroupBy::parse(word));
    let by: Vec<_> = by.collect::<Result<_, _>>().map_err(Fault::invalid)?;
    match by.as_slice() {
        [first, second] if first == second => Err(Fault::invalid("expected two that differ")),
        [] | [_, _, _, ..] => Err(Fault::invalid("expected at most two dimensions")),
        _ => Ok(by),
    }
}

fn first_of_month(to: RangeEnd, zone: &Zone) -> RangeEnd {
    let day = match to {
        RangeEnd::Day(day) => day,
        RangeEnd::At(at) => CivilDay::of(at, zone),
    };
    CivilDay::parse(&format!("{}-01", day.month())).map_or(to, RangeEnd::Day)
}

/// Whether sums can be told apart there: they are kept by the hour, or by the quarter of one.
fn is_whole(at: Instant, zone: &Zone) -> bool {
    let unit = match at.is_on_utc_hours(zone) {
        true => 3_600_000,
        false => 900_000,
    };
    at.millis() % unit == 0
}
