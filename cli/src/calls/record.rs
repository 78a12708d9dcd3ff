//! Parses a row of an import file into a past call.

use std::time::Duration;

use callbook::ledger::PastCall;
use callbook::model::call::{CallSid, CallingParty, Direction};
use callbook::model::cost::Cost;
use callbook::model::pair::external_id::ExternalId;
use callbook::model::phone::{InvalidPhone, PhoneNumber, SwitchDigits};
use callbook::model::report::Disposition;
use callbook::model::text::Notes;
use callbook::model::time::{CLOCK_SKEW, Instant, Zone};
use callbook::model::withheld::is_withheld;

use crate::table::{Columns, Row};

/// The columns of an import file.
pub const COLUMNS: Columns = Columns {
    required: &["call_date", "direction", "call_from", "call_to"],
    optional: &[
        "end_date",
        "duration",
        "disposition",
        "cost",
        "date_billed",
        "notes",
        "external_id",
        "call_id",
    ],
};

/// Parses a row; dates without an offset are in `zone`. The times of the call are corrected by `clock`
/// seconds, by which the clock of the file was behind.
///
/// # Errors
/// Returns every column that is not valid, with the rule that it breaks. The text contains no value.
pub fn parse(mut row: Row<'_>, zone: &Zone, clock: i32, now: Instant) -> Result<PastCall, String> {
    let instant = |text: &str| Instant::parse(text, zone);
    let corrected = |at: Instant| Instant::from_millis(at.millis() + i64::from(clock) * 1_000);
    let timed = |text: &str| instant(text).map(corrected);
    let started = row.required("call_date", |text| {
        let at = timed(text).map_err(|error| error.to_string())?;
        past(at, now)
    });
    let direction = row.required("direction", parse_direction);
    let from = row.required("call_from", parse_caller);
    let to = row.required("call_to", PhoneNumber::parse);
    let ended = row.optional("end_date", timed);
    if let (Some(started), Some(Some(ended))) = (started, ended)
        && ended < started
    {
        row.invalid("end_date", "the call ends before it starts");
    }
    let seconds = row.optional("duration", |text| {
        text.parse::<u32>()
            .map_err(|_| "expected a whole number of seconds")
    });
    let disposition = row.optional("disposition", Disposition::parse);
    let cost = row.optional("cost", Cost::parse);
    let billed = row.optional("date_billed", instant);
    let notes = row.optional("notes", Notes::parse);
    let external_id = row.optional("external_id", ExternalId::parse);
    let call_id = row.optional("call_id", parse_external_id);
    row.finish(|| {
        let (started, seconds, cost, call_id) = (started?, seconds?, cost?, call_id?);
        let span = |ended: Instant| u32::try_from((ended.millis() - started.millis()) / 1_000).ok();
        let after = |seconds: u32| started.plus(Duration::from_secs(seconds.into()));
        let ended = ended?.or_else(|| seconds.map(after));
        Some(PastCall {
            started,
            direction: direction?,
            from: from?,
            to: to?,
            ended,
            seconds: seconds.or_else(|| ended.and_then(span)),
            disposition: disposition?,
            cost,
            // A call with a cost was billed. Without date_billed, the time is that of its end or, if the end
            // is not known, of its start.
            billed: billed?.or(cost.and(ended.or(Some(started)))),
            notes: notes?,
            call_sid: call_id.as_deref().and_then(|id| CallSid::parse(id).ok()),
            // A call ID from another ledger identifies the call as well as an external ID.
            external_id: external_id?
                .flatten()
                .or_else(|| call_id.and_then(|id| ExternalId::parse(&id).ok().flatten())),
        })
    })
}

fn past(at: Instant, now: Instant) -> Result<Instant, String> {
    match at.millis() >= 0 && at <= now.plus(CLOCK_SKEW) {
        true => Ok(at),
        false => Err("expected a time between 1970 and now".to_owned()),
    }
}

fn parse_direction(text: &str) -> Result<Direction, &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "inbound" => Ok(Direction::Inbound),
        "outbound" => Ok(Direction::Outbound),
        _ => Err("expected inbound or outbound"),
    }
}

fn parse_caller(text: &str) -> Result<CallingParty, InvalidPhone> {
    if is_withheld(text) {
        return Ok(CallingParty::Withheld);
    }
    match PhoneNumber::parse(text) {
        Ok(number) => Ok(CallingParty::Number(number)),
        // A switch may show digits that are not a phone number.
        Err(_) => SwitchDigits::parse(text).map(CallingParty::Digits),
    }
}

/// Parses the ID of a call in another system.
fn parse_external_id(text: &str) -> Result<String, &'static str> {
    match text.chars().nth(128) {
        None => Ok(text.to_owned()),
        Some(_) => Err("expected at most 128 characters"),
    }
}
