//! A row of text as a call, or what is wrong with it.

use std::time::Duration;

use callbook::ledger::PastCall;
use callbook::model::call::{CallSid, CallingParty, Direction};
use callbook::model::cost::Cost;
use callbook::model::phone::{PhoneNumber, SwitchDigits};
use callbook::model::report::Disposition;
use callbook::model::text::Notes;
use callbook::model::time::{Instant, Zone};

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

/// How far ahead of this machine's clock another one may be.
const CLOCK_SKEW: Duration = Duration::from_secs(300);

/// Reads a row; dates without an offset are in `zone`.
///
/// # Errors
/// Which column breaks which rule; its value is not repeated.
pub fn read(row: &Row<'_>, zone: &Zone, now: Instant) -> Result<PastCall, String> {
    let instant = |text: &str| Instant::parse(text, zone);
    let started = row.required("call_date", instant)?;
    if started.millis() < 0 || started > now.plus(CLOCK_SKEW) {
        return Err("call_date: expected a moment from 1970 until now".to_owned());
    }
    let direction = row.required("direction", |text| {
        match text.to_ascii_lowercase().as_str() {
            "inbound" => Ok(Direction::Inbound),
            "outbound" => Ok(Direction::Outbound),
            _ => Err("expected inbound or outbound"),
        }
    })?;
    let from = row.required("call_from", |text| match PhoneNumber::parse(text) {
        Ok(number) => Ok(CallingParty::Number(number)),
        // What a switch was shown need not be a number.
        Err(_) => SwitchDigits::parse(text).map(CallingParty::Digits),
    })?;
    let to = row.required("call_to", PhoneNumber::parse)?;
    let seconds: Option<u32> = row.optional("duration", |text| {
        text.parse()
            .map_err(|_| "expected a whole number of seconds")
    })?;
    let ended = row.optional("end_date", instant)?;
    if ended.is_some_and(|ended| ended < started) {
        return Err("end_date: the call ends before it starts".to_owned());
    }
    let cost = row.optional("cost", Cost::parse)?;
    let billed = row.optional("date_billed", instant)?;
    let external_id = row.optional("external_id", name)?;
    let call_id = row.optional("call_id", name)?;
    let span = |ended: Instant| u32::try_from((ended.millis() - started.millis()) / 1_000).ok();
    let after = |seconds: u32| started.plus(Duration::from_secs(seconds.into()));
    let ended = ended.or_else(|| seconds.map(after));
    Ok(PastCall {
        started,
        direction,
        from,
        to,
        ended,
        seconds: seconds.or_else(|| ended.and_then(span)),
        disposition: row.optional("disposition", Disposition::parse)?,
        cost,
        // What has a cost was billed, at the latest when it was over.
        billed: billed.or(cost.and(ended.or(Some(started)))),
        notes: row.optional("notes", Notes::parse)?,
        call_sid: call_id.as_deref().and_then(|id| CallSid::parse(id).ok()),
        // What a call is called in another ledger tells it apart as well.
        external_id: external_id.or(call_id),
    })
}

/// What a call is called elsewhere.
fn name(text: &str) -> Result<String, &'static str> {
    match text.chars().nth(128) {
        None => Ok(text.to_owned()),
        Some(_) => Err("at most 128 characters are allowed"),
    }
}
