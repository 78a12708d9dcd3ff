//! Lines of a statement, from the cells of a table or the members of JSON rows.

use std::collections::BTreeMap;

use super::amounts::{DecimalMark, Written, read_amounts};
use super::column::Column;
use super::fault::{StatementFault, StatementPlace};
use super::line::StatementLine;
use crate::model::account::{Account, DateOrder};
use crate::model::call::CallingParty;
use crate::model::pair::external_id::ExternalId;
use crate::model::phone::{PhoneNumber, SwitchDigits};
use crate::model::time::{CallDate, Zone};
use crate::model::withheld::is_withheld;

/// The cells of a line, as they were written. An empty one says nothing.
#[derive(Clone, Debug, Default)]
pub struct RawLine {
    /// The line of the file, or the place among the rows, from 1.
    pub line: u64,
    /// The date of the call.
    pub date: String,
    /// The time of the call, if it is not in the date.
    pub time: String,
    /// The number that was called.
    pub did: String,
    /// Who called.
    pub caller: String,
    /// What the vendor asks for.
    pub amount: String,
    /// Whether the amount is a JSON number.
    pub amount_is_number: bool,
    /// The call's id at the vendor.
    pub call_id: String,
}

impl RawLine {
    /// A line without cells.
    #[must_use]
    pub fn new(line: u64) -> Self {
        Self {
            line,
            ..Self::default()
        }
    }

    /// Sets a cell.
    pub fn set(&mut self, column: Column, cell: &str) {
        let place = match column {
            Column::Date => &mut self.date,
            Column::Time => &mut self.time,
            Column::Did => &mut self.did,
            Column::Caller => &mut self.caller,
            Column::Amount => &mut self.amount,
            Column::CallId => &mut self.call_id,
        };
        cell.trim().clone_into(place);
    }
}

/// Reads the lines of a statement for an account, whose zone and order of dates hold.
///
/// # Errors
/// Returns every fault of every line: money cannot be compared in part.
pub fn read_lines(
    raw: &[RawLine],
    mark: Option<DecimalMark>,
    account: &Account,
) -> Result<Vec<StatementLine>, Vec<StatementFault>> {
    let mut cells = Cells {
        zone: &account.zone,
        order: account.date_order,
        numbers: BTreeMap::new(),
        faults: Vec::new(),
    };
    let mut lines: Vec<StatementLine> = raw.iter().map(|raw| cells.line(raw)).collect();
    let written: Vec<Written<'_>> = raw
        .iter()
        .map(|raw| Written {
            line: raw.line,
            text: &raw.amount,
            is_number: raw.amount_is_number,
        })
        .collect();
    let mut faults = cells.faults;
    match read_amounts(&written, mark, account.currency) {
        Ok(amounts) => {
            for (line, amount) in lines.iter_mut().zip(amounts) {
                line.amount = amount;
            }
        }
        Err(more) => faults.extend(more),
    }
    if faults.is_empty() {
        return Ok(lines);
    }
    faults.sort_by_key(|fault| match fault.place {
        StatementPlace::Statement | StatementPlace::Column(_) => (0, Column::Date),
        StatementPlace::Line(line) => (line, Column::Date),
        StatementPlace::Cell(line, column) => (line, column),
    });
    Err(faults)
}

/// Reads cells. A statement repeats few DIDs, and a number is dear to parse.
struct Cells<'a> {
    zone: &'a Zone,
    order: DateOrder,
    numbers: BTreeMap<&'a str, Option<PhoneNumber>>,
    faults: Vec<StatementFault>,
}

impl<'a> Cells<'a> {
    fn line(&mut self, raw: &'a RawLine) -> StatementLine {
        let call_id = match ExternalId::parse(&raw.call_id) {
            Ok(id) => id,
            Err(error) => {
                self.fault(raw, Column::CallId, &error.to_string());
                None
            }
        };
        // A call id alone names the call; without it the line has to say who called what, and when.
        let optional = call_id.is_some();
        let date = self.date(raw, optional);
        let did = self.did(raw, optional);
        let caller = self.caller(raw, optional);
        StatementLine {
            line: raw.line,
            date,
            did,
            caller,
            amount: rust_decimal::Decimal::ZERO,
            call_id,
        }
    }

    fn fault(&mut self, raw: &RawLine, column: Column, rule: &str) {
        let place = StatementPlace::Cell(raw.line, column);
        self.faults.push(StatementFault::new(place, rule));
    }

    fn missing(&mut self, raw: &RawLine, column: Column, optional: bool) {
        if !optional {
            let rule = "missing; a line has a call id, or a date, a DID and a caller. Remove a line of totals";
            self.fault(raw, column, rule);
        }
    }

    fn date(&mut self, raw: &RawLine, optional: bool) -> Option<CallDate> {
        if raw.date.is_empty() {
            self.missing(raw, Column::Date, optional);
            return None;
        }
        let text = match raw.time.as_str() {
            "" => raw.date.clone(),
            time => format!("{} {time}", raw.date),
        };
        let (text, order) =
            dotted(&text).map_or((text, self.order), |slashed| (slashed, DateOrder::Dmy));
        match CallDate::parse(&text, self.zone, order) {
            Ok(date) => Some(date),
            Err(error) => {
                self.fault(raw, Column::Date, &error.to_string());
                None
            }
        }
    }

    fn did(&mut self, raw: &'a RawLine, optional: bool) -> Option<PhoneNumber> {
        if raw.did.is_empty() {
            self.missing(raw, Column::Did, optional);
            return None;
        }
        let parse = || PhoneNumber::parse(&raw.did).ok();
        let number = self
            .numbers
            .entry(raw.did.as_str())
            .or_insert_with(parse)
            .clone();
        if number.is_none() {
            self.fault(raw, Column::Did, "expected a phone number");
        }
        number
    }

    fn caller(&mut self, raw: &RawLine, optional: bool) -> Option<CallingParty> {
        if raw.caller.is_empty() {
            self.missing(raw, Column::Caller, optional);
            return None;
        }
        if is_withheld(&raw.caller) {
            return Some(CallingParty::Withheld);
        }
        if let Ok(number) = PhoneNumber::parse(&raw.caller) {
            return Some(CallingParty::Number(number));
        }
        let digits = SwitchDigits::parse(&raw.caller).ok();
        if digits.is_none() {
            let rule = "expected a phone number, digits, or a word such as anonymous";
            self.fault(raw, Column::Caller, rule);
        }
        digits.map(CallingParty::Digits)
    }
}

/// A date such as `21.11.2026` with slashes. Between dots the day is first, whatever the account's order.
fn dotted(text: &str) -> Option<String> {
    let (date, rest) = match text.split_once([' ', 'T']) {
        Some((date, rest)) => (date, format!(" {rest}")),
        None => (text, String::new()),
    };
    match date.split('.').collect::<Vec<_>>().as_slice() {
        [day, month, year] if year.len() == 4 => Some(format!("{day}/{month}/{year}{rest}")),
        _ => None,
    }
}
