//! What a report is asked for.

use callbook::dialect::teletracker::field;
use callbook::model::call::{CallingParty, Direction};
use callbook::model::phone::{PhoneNumber, SwitchDigits};
use callbook::model::report::{CallFilter, Disposition};
use callbook::model::time::RangeEnd;
use callbook::problem::{Fault, Problem};
use callbook::request::Parameters;
use callbook::request::fields::{Fields, invalid, switch};

use callbook::dialect::teletracker::call_rows::Format;

/// The most rows that a page may be asked for.
pub const MOST_ROWS: usize = 10_000;

/// A request's parameters.
pub struct Query {
    /// Whose calls.
    pub account_id: Option<String>,
    /// The first day or instant.
    pub start: RangeEnd,
    /// The last day, or the instant behind the last.
    pub end: RangeEnd,
    /// Which of them.
    pub filter: CallFilter,
    /// How many rows a page has.
    pub limit: Option<usize>,
    /// Which page.
    pub next_token: Option<String>,
    /// How the rows are written.
    pub format: Format,
}

impl Query {
    /// Reads the parameters of the body and, where it has not got them, of the query string.
    ///
    /// # Errors
    /// Every parameter that is missing or wrong.
    pub fn read(body: &Parameters, query: &Parameters, named: bool) -> Result<Self, Problem> {
        let get = |name| body.get(name).or_else(|| query.get(name));
        let get_number = |name| body.number(name).or_else(|| query.number(name));
        let mut fields = Fields::of(body);
        let account_id = get(field::ACCOUNT_ID);
        let account_id = match named {
            true => fields.required(field::ACCOUNT_ID, account_id, Ok).map(Some),
            false => fields.optional(field::ACCOUNT_ID, account_id, Ok),
        };
        let next_token = fields.optional("next_token", get("next_token"), Ok);
        let end_of = |text| RangeEnd::parse(text).map_err(invalid);
        let number = |text| PhoneNumber::parse(text).map_err(invalid);
        let start = fields.required(field::START_DATE, get(field::START_DATE), end_of);
        let end = fields.required(field::END_DATE, get(field::END_DATE), end_of);
        let direction = fields.optional("direction", get("direction"), |text| match text {
            "inbound" => Ok(Direction::Inbound),
            "outbound" => Ok(Direction::Outbound),
            _ => Err(invalid("expected inbound or outbound")),
        });
        let billed = fields.optional("billed", get("billed"), switch);
        let did = fields.optional(field::DID, get_number(field::DID), number);
        let cid = fields.optional(field::CID, get_number(field::CID), callers);
        let disposition = fields.optional("disposition", get("disposition"), |text| {
            Disposition::parse(text).map_err(invalid)
        });
        let limit = fields.optional("limit", get("limit"), |text| {
            let limit = text.parse().ok();
            limit
                .filter(|limit| (1..=MOST_ROWS).contains(limit))
                .ok_or_else(|| invalid("expected a whole number from 1 to 10000"))
        });
        let format = fields.optional("format", get("format"), |text| {
            Format::parse(text).ok_or_else(|| invalid("expected json, csv or ndjson"))
        });
        let (start, end, direction, billed, did, cid, disposition, limit, format) =
            fields.finish((
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
            // These have no rule of their own: at fault or not was settled with the others.
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

/// Whoever a report may show as the caller: a number in any notation, digits as a switch was shown them, or
/// what reads as both.
fn callers(text: &str) -> Result<Vec<CallingParty>, Fault> {
    let number = PhoneNumber::parse(text);
    let digits = SwitchDigits::parse(text).ok();
    let as_shown = digits.filter(|digits| digits.digits() == text);
    match (number, as_shown) {
        (Err(error), None) => Err(invalid(error)),
        (number, as_shown) => {
            let number = number.ok().map(CallingParty::Number).into_iter();
            Ok(number.chain(as_shown.map(CallingParty::Digits)).collect())
        }
    }
}
