//! The parameters of a report.

use callbook::dialect::teletracker::field;
use callbook::model::call::{CallingParty, Direction};
use callbook::model::cost_filter::callers;
use callbook::model::field::Field;
use callbook::model::phone::PhoneNumber;
use callbook::model::report::{CallFilter, Disposition};
use callbook::model::time::RangeEnd;
use callbook::problem::{Fault, Problem};
use callbook::request::reader::switch;
use callbook::request::{Parameters, Reader};

use callbook::dialect::teletracker::call_rows::Format;

/// The maximum number of rows that a client may ask for on one page.
pub const MOST_ROWS: usize = 10_000;

/// The parameters that a report takes. A misspelled filter would report what nobody asked for.
const FIELDS: [Field; 11] = [
    field::ACCOUNT_ID,
    field::START_DATE,
    field::END_DATE,
    field::DIRECTION,
    field::BILLED,
    field::DID,
    field::CID,
    field::DISPOSITION,
    field::LIMIT,
    field::NEXT_TOKEN,
    field::FORMAT,
];

/// The parameters of a report request.
pub struct ReportQuery {
    /// The account that the request names.
    pub account_id: Option<String>,
    /// The start: a day or an instant.
    pub start: RangeEnd,
    /// The end: a day, inclusive, or an instant, exclusive.
    pub end: RangeEnd,
    /// The calls to report.
    pub filter: CallFilter,
    /// The maximum number of rows on a page.
    pub limit: Option<usize>,
    /// The token of the page to return.
    pub next_token: Option<String>,
    /// The format of the rows.
    pub format: Format,
}

impl ReportQuery {
    /// Reads the parameters. If `named`, the request must name its account.
    ///
    /// # Errors
    /// Returns `Invalid` with every field at fault.
    pub fn read(parameters: &Parameters, named: bool) -> Result<Self, Problem> {
        let mut reader = Reader::new(parameters);
        let account_id = match named {
            true => reader.required(field::ACCOUNT_ID, Ok).map(Some),
            false => reader.optional(field::ACCOUNT_ID, Ok),
        };
        let next_token = reader.optional(field::NEXT_TOKEN, Ok);
        let end_of = |text: &str| RangeEnd::parse(text).map_err(Fault::invalid);
        let start = reader.required(field::START_DATE, end_of);
        let end = reader.required(field::END_DATE, end_of);
        let direction = reader.optional(field::DIRECTION, direction);
        let billed = reader.optional(field::BILLED, switch);
        let did = reader.optional(field::DID, |text| {
            PhoneNumber::parse(text).map_err(Fault::invalid)
        });
        let cid = reader.optional(field::CID, callers_of);
        let disposition = reader.optional(field::DISPOSITION, |text| {
            Disposition::parse(text).map_err(Fault::invalid)
        });
        let limit = reader.optional(field::LIMIT, |text| {
            let limit = text.parse().ok();
            limit
                .filter(|limit| (1..=MOST_ROWS).contains(limit))
                .ok_or_else(|| Fault::invalid("expected a whole number from 1 to 10000"))
        });
        let format = reader.optional(field::FORMAT, |text| {
            Format::parse(text).ok_or_else(|| Fault::invalid("expected json, csv or ndjson"))
        });
        reader.only(&FIELDS);
        let (start, end, direction, billed, did, cid, disposition, limit, format) =
            reader.finish((
                start,
                end,
                direction,
                billed,
                did,
                cid,
                disposition,
                limit,
                format,
            ))?;
        Ok(Self {
            // These two are read without a rule, so a fault of theirs was reported above.
            account_id: account_id.flatten().map(str::to_owned),
            next_token: next_token.flatten().map(str::to_owned),
            start,
            end,
            filter: CallFilter {
                direction,
                billed,
                did,
                cid: cid.unwrap_or_default(),
                dispositions: disposition.into_iter().collect(),
                ..CallFilter::default()
            },
            limit,
            format: format.unwrap_or(Format::Json),
        })
    }
}

fn direction(text: &str) -> Result<Direction, Fault> {
    match text.to_ascii_lowercase().as_str() {
        "inbound" => Ok(Direction::Inbound),
        "outbound" => Ok(Direction::Outbound),
        _ => Err(Fault::invalid("expected inbound or outbound")),
    }
}

/// Returns every reading of a caller: a number in any notation, the digits that a switch received, or both;
/// or a caller who withholds the number.
fn callers_of(text: &str) -> Result<Vec<CallingParty>, Fault> {
    callers(text).map_err(Fault::invalid)
}
