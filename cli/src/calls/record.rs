//! A row of text as a call, or what is wrong with it.

use std::time::Duration;

use callbook::ledger::PastCall;
use callbook::model::call::{CallSid, CallingParty, Direction};
use callbook::model::cost::Cost;
use callbook::model::phone::{InvalidPhone, PhoneNumber, SwitchDigits};
use callbook::model::report::Disposition;
use callbook::model::text::Notes;
use callbook::model::time::{CLOCK_SKEW, Instant, Zone};

use crate::table::{Columns, Row};

/// What is read of a row.
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

/// Reads a row; dates without an offset are in `zone`.
///
/// # Errors
/// Every column that is at fault with the rule that it breaks; no value is repeated.
pub fn read(mut row: Row<'_>, zone: &Zone, now: Instant) -> Result<PastCall, String> {
    let instant = |text: &str| Instant::parse(text, zone);
    let started = row.required("call_date", |text| past(text, zone, now));
    let direction = row.required("direction", direction);
    let from = row.required("call_from", caller);
    let to = row.required("call_to", PhoneNumber::parse);
    let ended = row.optional("end_date", instant);
    if let (Some(started), Some(Some(ended))) = (started, ended)
        && ended < started
    {
        row.fault("end_date", "the call ends before it starts");
    }
    let seconds = row.optional("duration", |text| {
        text.parse::<u32>()
            .map_err(|_| "expected a whole number of seconds")
    });
    let disposition = row.optional("disposition", Disposition::parse);
    let cost = row.optional("cost", Cost::parse);
    let billed = row.optional("date_billed", instant);
    let notes = row.optional("notes", Notes::parse);
    let external_id = row.optional("external_id", name);
    let call_id = row.optional("call_id", name);
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
            // What has a cost was billed, at the latest when it was over.
            billed: billed?.or(cost.and(ended.or(Some(started)))),
            notes: notes?,
            call_sid: call_id.as_deref().and_then(|id| CallSid::parse(id).ok()),
            // What a call is called in another ledger tells it apart as well.
            external_id: external_id?.or(call_id),
        })
    })
}

fn past(text: &str, zone: &Zone, now: Instant) -> Result<Instant, String> {
    let at = Instant::parse(text, zone).map_err(|error| error.to_string())?;
    match at.millis() >= 0 && at <= now.plus(CLOCK_SKEW) {
        true => Ok(at),
        false => Err("expected a moment from 1970 until now".to_owned()),
    }
}

fn direction(text: &str) -> Result<Direction, &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "inbound" => Ok(Direction::Inbound),
        "outbound" => Ok(Direction::Outbound),
        _ => Err("expected inbound or outbound"),
    }
}

fn caller(text: &str) -> Result<CallingParty, InvalidPhone> {
    match PhoneNumber::parse(text) {
        Ok(number) => Ok(CallingParty::Number(number)),
        // What a switch was shown need not be a number.
        Err(_) => SwitchDigits::parse(text).map(CallingParty::Digits),
    }
}

/// What a call is called elsewhere.
fn name(text: &str) -> Result<String, &'static str> {
    match text.chars().nth(128) {
        None => Ok(text.to_owned()),
        Some(_) => Err("at most 128 characters are allowed"),
    }
}
