//! What clients send: a statement as JSON rows, or as CSV with its parameters in the query string.

use callbook::dialect::callbook::{invoice_field as field, resource};
use callbook::model::account::Account;
use callbook::model::cost_filter::CostOrder;
use callbook::model::field::{Field, Subject};
use callbook::model::invoice::amounts::DecimalMark;
use callbook::model::invoice::column::Column;
use callbook::model::invoice::columns::Mapping;
use callbook::model::invoice::compare::{MOST_LINES, MOST_TOLERANCE, TOLERANCE};
use callbook::model::invoice::fault::{StatementFault, StatementPlace};
use callbook::model::invoice::line::StatementLine;
use callbook::model::invoice::read::{RawLine, read_lines};
use callbook::model::invoice::table::{read_table, too_many};
use callbook::model::time::{Range, RangeEnd};
use callbook::model::vendor::VendorId;
use callbook::problem::{Fault, Problem};
use callbook::request::reader::{json_count, json_string, json_string_or_number};
use callbook::request::{JsonObject, Request};
use serde_json::value::RawValue;

/// A statement that is to be compared.
pub struct Check {
    pub vendor: VendorId,
    pub range: Range,
    /// By which time entries are of the range.
    pub by: CostOrder,
    /// Seconds.
    pub tolerance: u32,
    pub lines: Vec<StatementLine>,
}

/// The parameters that both forms have.
const COMMON: [Field; 6] = [
    field::VENDOR,
    field::FROM,
    field::TO,
    field::BY,
    field::TOLERANCE_SECONDS,
    field::DECIMAL,
];

/// How many faults of lines an answer tells.
const MOST_FAULTS: usize = 20;

/// Reads a statement of JSON rows.
///
/// # Errors
/// Returns `Invalid` with every field at fault, and the first lines at fault.
pub fn of_json(
    request: &Request,
    object: &JsonObject,
    account: &Account,
) -> Result<Check, Problem> {
    let fields: Vec<Field> = COMMON.into_iter().chain([field::ROWS]).collect();
    let mut reader = resource::body(request, object, &fields);
    let vendor = reader.required(field::VENDOR, |value| vendor(&json_string(value)?));
    let from = reader.required(field::FROM, |value| range_end(&json_string(value)?));
    let to = reader.required(field::TO, |value| range_end(&json_string(value)?));
    let by = reader.optional(field::BY, |value| order(&json_string(value)?));
    let tolerance = reader.optional(field::TOLERANCE_SECONDS, |value| {
        json_count(value, MOST_TOLERANCE)
    });
    let decimal = reader.optional(field::DECIMAL, |value| decimal(&json_string(value)?));
    let range = in_order(from, to, account).unwrap_or_else(|fault| {
        reader.fault(field::TO, fault);
        None
    });
    let rows = reader.required(field::ROWS, |value| {
        let rows: Result<Vec<JsonObject>, _> = serde_json::from_str(value.get());
        rows.map_err(|_| Fault::invalid("expected an array of objects"))
    });
    let raw = rows.map(|rows| raw_lines(&rows));
    let lines = raw.map(|raw| raw.and_then(|raw| read_lines(&raw, decimal.flatten(), account)));
    let lines = lines.and_then(|lines| {
        lines
            .map_err(|faults| shown(faults, |subject, fault| reader.fault(subject, fault)))
            .ok()
    });
    let asked = (vendor, range, by, tolerance, decimal, lines);
    let (vendor, range, by, tolerance, _, lines) = reader.finish(asked)?;
    Ok(Check {
        vendor,
        range,
        by: by.unwrap_or_default(),
        tolerance: tolerance.unwrap_or(TOLERANCE),
        lines,
    })
}

/// Reads a statement of CSV.
///
/// # Errors
/// Returns `Invalid` with every parameter at fault, and the first lines at fault.
pub fn of_csv(request: &Request, body: &[u8], account: &Account) -> Result<Check, Problem> {
    let columns = Column::ALL.map(field::name_of);
    let fields: Vec<Field> = COMMON.into_iter().chain(columns).collect();
    let mut reader = resource::query(request, &fields);
    let vendor = reader.required(field::VENDOR, vendor);
    let from = reader.required(field::FROM, range_end);
    let to = reader.required(field::TO, range_end);
    let by = reader.optional(field::BY, order);
    let tolerance = reader.optional(field::TOLERANCE_SECONDS, |text| {
        let seconds = text
            .parse()
            .ok()
            .filter(|seconds| *seconds <= MOST_TOLERANCE);
        seconds.ok_or_else(|| {
            Fault::invalid(format!(
                "expected a whole number from 0 to {MOST_TOLERANCE}"
            ))
        })
    });
    let decimal = reader.optional(field::DECIMAL, decimal);
    let range = in_order(from, to, account).unwrap_or_else(|fault| {
        reader.fault(field::TO, fault);
        None
    });
    let mut mapping = Mapping::new();
    for column in Column::ALL {
        let named = reader.optional(field::name_of(column), |name| Ok(name.to_owned()));
        if let Some(Some(name)) = named {
            mapping.insert(column, name);
        }
    }
    let lines = match std::str::from_utf8(body) {
        Ok(text) => read_table(text, &mapping)
            .and_then(|raw| read_lines(&raw, decimal.flatten(), account))
            .map_err(|faults| shown(faults, |subject, fault| reader.fault(subject, fault)))
            .ok(),
        Err(_) => {
            reader.fault(field::ROWS, Fault::invalid("expected CSV in UTF-8"));
            None
        }
    };
    let asked = (vendor, range, by, tolerance, decimal, lines);
    let (vendor, range, by, tolerance, _, lines) = reader.finish(asked)?;
    Ok(Check {
        vendor,
        range,
        by: by.unwrap_or_default(),
        tolerance: tolerance.unwrap_or(TOLERANCE),
        lines,
    })
}

fn vendor(text: &str) -> Result<VendorId, Fault> {
    VendorId::parse(text).map_err(Fault::invalid)
}

fn order(text: &str) -> Result<CostOrder, Fault> {
    CostOrder::parse(text).map_err(Fault::invalid)
}

fn range_end(text: &str) -> Result<RangeEnd, Fault> {
    RangeEnd::parse(text).map_err(Fault::invalid)
}

fn decimal(text: &str) -> Result<DecimalMark, Fault> {
    DecimalMark::parse(text).map_err(Fault::invalid)
}

/// The range, if both of its ends could be read.
fn in_order(
    from: Option<RangeEnd>,
    to: Option<RangeEnd>,
    account: &Account,
) -> Result<Option<Range>, Fault> {
    let ends = from.zip(to);
    let range = ends.map(|(from, to)| Range::new(from, to, &account.zone));
    range.transpose().map_err(Fault::invalid)
}

fn raw_lines(rows: &[JsonObject]) -> Result<Vec<RawLine>, Vec<StatementFault>> {
    if rows.len() > MOST_LINES {
        return Err(vec![too_many()]);
    }
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    for (row, number) in rows.iter().zip(1..) {
        let mut line = RawLine::new(number);
        for (name, value) in row.iter().filter(|(_, value)| value.get() != "null") {
            let place = Column::parse(name).map(|column| StatementPlace::Cell(number, column));
            let place = place.unwrap_or(StatementPlace::Line(number));
            if let Err(rule) = set(&mut line, name, value) {
                faults.push(StatementFault { place, rule });
            }
        }
        lines.push(line);
    }
    if faults.is_empty() {
        Ok(lines)
    } else {
        Err(faults)
    }
}

fn set(line: &mut RawLine, name: &str, value: &RawValue) -> Result<(), String> {
    let column = Column::parse(name)
        .ok_or("a row has date, time, did, caller, amount and call_id, and no other member")?;
    if column == Column::Amount {
        let text = json_string_or_number(value).map_err(|fault| fault.to_string())?;
        line.amount_is_number = !value.get().starts_with('"');
        line.set(column, &text);
    } else {
        line.set(
            column,
            &json_string(value).map_err(|fault| fault.to_string())?,
        );
    }
    Ok(())
}

/// Tells the faults of a statement: those of columns by their parameters, others by `rows`.
fn shown(faults: Vec<StatementFault>, mut tell: impl FnMut(Subject, Fault)) {
    let more = faults.len().saturating_sub(MOST_FAULTS);
    for fault in faults.into_iter().take(MOST_FAULTS) {
        match fault.place {
            StatementPlace::Column(column) => {
                tell(field::name_of(column).into(), Fault::invalid(fault.rule));
            }
            _ => tell(field::ROWS.into(), Fault::invalid(fault)),
        }
    }
    if more > 0 {
        let rule = format!("{more} more cells are at fault");
        tell(field::ROWS.into(), Fault::invalid(rule));
    }
}
