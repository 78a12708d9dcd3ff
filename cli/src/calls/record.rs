//! Parses a row of an import file into a past call.

use std::time::Duration;

use callbook::ledger::PastCall;
use callbook::model::call::{CallSid, CallingParty, Direction};
use callbook::model::cost::Cost;
use callbook::model::pair::external_id::ExternalId;
use callbook::model::phone::{InvalidPhone, PhoneNumber, SwitchDigits};
use callbook::model::report::Disposition;
use callbook::model::text::Notes;
use callbook::model::time::{
    CLOCK_SKEW, DateOrder, FileDate, Instant, InvalidInstant, Readings, Zone, whole_seconds,
};
use callbook::model::withheld::is_withheld;

use super::repeated::settle;
use crate::args::{OPTIONAL_COLUMNS, REQUIRED_COLUMNS};
use crate::table::{Columns, Row};

/// 2200-01-01T00:00:00Z: bills are dated before it, as those of requests are.
const LAST_BILLED: i64 = 7_258_118_400_000;

/// The rule of an end that cannot have been yet.
const NOT_YET: &str = "the call would not have ended yet";

/// The columns of an import file.
pub const COLUMNS: Columns = Columns {
    required: &REQUIRED_COLUMNS,
    optional: &OPTIONAL_COLUMNS,
};

/// How the dates of a file are read.
pub struct Dates<'a> {
    /// The zone of dates without an offset.
    pub zone: &'a Zone,
    /// The order of day and month.
    pub order: DateOrder,
    /// Seconds by which the clock of the file was behind.
    pub clock: i32,
    /// When the file is read.
    pub now: Instant,
}

impl Dates<'_> {
    fn readings(&self, text: &str) -> Result<Readings, InvalidInstant> {
        FileDate::parse(text, self.order)?.in_zone(self.zone)
    }

    fn corrected(&self, at: Instant) -> Instant {
        Instant::from_millis(at.millis() + i64::from(self.clock) * 1_000)
    }

    fn has_been(&self, at: Instant) -> bool {
        at.millis() >= 0 && at <= self.now.plus(CLOCK_SKEW)
    }
}

/// Parses a row. The times of the call are corrected by the clock of the file.
///
/// # Errors
/// Returns every column that is not valid, with the rule that it breaks. The text contains no value.
pub fn parse(mut row: Row<'_>, dates: &Dates<'_>) -> Result<PastCall, String> {
    let started = row.required("call_date", |text| dates.readings(text));
    let direction = row.required("direction", parse_direction);
    let from = row.required("call_from", parse_caller);
    let to = row.required("call_to", PhoneNumber::parse);
    let ended = row.optional("end_date", |text| dates.readings(text));
    let seconds = row.optional("duration", whole_seconds);
    let elapsed = row.optional("elapsed", whole_seconds);
    let mut times = None;
    if let (Some(started), Some(ended)) = (started, ended) {
        let known = |seconds: Option<Option<u32>>| seconds.flatten();
        let length = known(elapsed).or(known(seconds));
        let (started, ended) = settle(started, ended, length);
        let (started, ended) = (
            dates.corrected(started),
            ended.map(|at| dates.corrected(at)),
        );
        let after = |seconds: u32| started.plus(Duration::from_secs(seconds.into()));
        if !dates.has_been(started) {
            row.invalid("call_date", "expected a time between 1970 and now");
        } else if ended.is_some_and(|ended| ended < started) {
            row.invalid("end_date", "the call ends before it starts");
        } else if ended.is_some_and(|ended| !dates.has_been(ended)) {
            row.invalid("end_date", NOT_YET);
        } else {
            for (name, seconds) in [("duration", known(seconds)), ("elapsed", known(elapsed))] {
                if seconds.is_some_and(|seconds| !dates.has_been(after(seconds))) {
                    row.invalid(name, NOT_YET);
                }
            }
        }
        times = Some((started, ended.or_else(|| length.map(after))));
    }
    let disposition = row.optional("disposition", Disposition::parse);
    let cost = row.optional("cost", Cost::parse);
    let billed = row.optional("date_billed", |text| {
        let at = dates
            .readings(text)
            .map_err(|error| error.to_string())?
            .first;
        match (0..LAST_BILLED).contains(&at.millis()) {
            true => Ok(at),
            false => Err("expected a date from 1970 to 2199".to_owned()),
        }
    });
    let notes = row.optional("notes", Notes::parse);
    let external_id = row.optional("external_id", ExternalId::parse);
    let call_id = row.optional("call_id", parse_external_id);
    row.finish(|| {
        let ((started, ended), seconds, cost, call_id) = (times?, seconds?, cost?, call_id?);
        elapsed?;
        let span = |ended: Instant| u32::try_from((ended.millis() - started.millis()) / 1_000).ok();
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
