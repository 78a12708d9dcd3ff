//! Calls in requests and answers.

use std::borrow::Cow;

use callbook::dialect::fonedynamics::{field, resource};
use callbook::ledger::{CallChange, CallRow, StartTime};
use callbook::model::call::{CallSid, CallingParty, Direction};
use callbook::model::cost;
use callbook::model::field::Field;
use callbook::model::phone::PhoneNumber;
use callbook::model::report::Disposition;
use callbook::model::sid::AccountSid;
use callbook::model::time::{CLOCK_SKEW, Instant, RangeEnd, Zone};
use callbook::model::withheld::is_withheld;
use callbook::problem::{Fault, Problem};
use callbook::request::faults::Faults;
use callbook::request::{Parameters, Reader};
use serde::Serialize;

use crate::scene::CallContext;

/// The dispositions of a call.
const DISPOSITIONS: [&str; 5] = ["Answered", "IVR", "Busy", "NoAnswer", "Failed"];

/// Reads a disposition, in upper or lower case.
pub fn disposition(text: &str) -> Result<Disposition, Fault> {
    let known = DISPOSITIONS.into_iter();
    let word = known
        .into_iter()
        .find(|word| word.eq_ignore_ascii_case(text.trim()));
    let word = word.and_then(|word| Disposition::parse(word).ok());
    word.ok_or_else(|| Fault::invalid(format!("expected one of {}", DISPOSITIONS.join(", "))))
}

/// Reads E.164.
pub fn number(text: &str) -> Result<PhoneNumber, Fault> {
    PhoneNumber::parse_e164(text).map_err(Fault::invalid)
}

/// Reads E.164, or one of the ways to say that a caller withholds the number.
fn caller(text: &str) -> Result<CallingParty, Fault> {
    match is_withheld(text) {
        true => Ok(CallingParty::Withheld),
        false => number(text).map(CallingParty::Number),
    }
}

/// Reads Unix seconds, RFC 3339 or a date.
pub fn time(text: &str) -> Result<RangeEnd, Fault> {
    RangeEnd::parse_or_unix(text).map_err(|_| {
        Fault::invalid(
            "expected Unix seconds, RFC 3339 with an offset, or a date such as 2026-11-21",
        )
    })
}

fn direction(text: &str) -> Result<Direction, Fault> {
    match text {
        _ if text.eq_ignore_ascii_case("inbound") => Ok(Direction::Inbound),
        _ if text.eq_ignore_ascii_case("outbound") => Ok(Direction::Outbound),
        _ => Err(Fault::invalid("expected Inbound or Outbound")),
    }
}

/// A request to record a call of another switch.
pub struct Recording {
    /// The caller.
    pub from: CallingParty,
    /// The callee.
    pub to: PhoneNumber,
    /// The direction.
    pub direction: Direction,
    started: Option<RangeEnd>,
    changing: Changing,
}

impl Recording {
    /// The parameters. A typed client repeats what the path says.
    const FIELDS: [Field; 7] = [
        field::PROPERTY_SID,
        field::FROM,
        field::TO,
        field::DIRECTION,
        field::STARTED,
        field::ENDED,
        field::DISPOSITION,
    ];

    /// Reads the parameters.
    ///
    /// A day cannot be checked yet, because its zone is not known. [`Self::times`] checks it.
    ///
    /// # Errors
    /// Returns `Invalid` with every field at fault.
    pub fn read(parameters: &Parameters, now: Instant) -> Result<Self, Problem> {
        let mut reader = Reader::new(parameters);
        resource::only(&mut reader, &Self::FIELDS);
        let from = reader.required(field::FROM, caller);
        let to = reader.required(field::TO, number);
        let direction = reader.optional(field::DIRECTION, direction);
        let started = reader.optional(field::STARTED, time);
        let changing = Changing::of(&mut reader);
        let began = known(started.flatten());
        let ended = known(changing.as_ref().and_then(|changing| changing.ended));
        check_start(reader.faults(), began, now);
        check_end(reader.faults(), began, ended, now);
        let (from, to, direction, started, changing) =
            reader.finish((from, to, direction, started, changing))?;
        Ok(Self {
            from,
            to,
            direction: direction.unwrap_or(Direction::Inbound),
            started,
            changing,
        })
    }

    /// Returns the call's start, end and disposition, with days in `zone`.
    ///
    /// # Errors
    /// Returns `Invalid` if the call starts in the future, or ends before it starts.
    pub fn times(&self, zone: &Zone, now: Instant) -> Result<(StartTime, CallChange), Problem> {
        let started = self.started.map(|started| started.moment(zone));
        let change = self.changing.in_zone(zone);
        let mut faults = Faults::default();
        check_start(&mut faults, started, now);
        check_end(&mut faults, started, change.ended, now);
        faults.check()?;
        // If only the end of a call is reported, its start is set to its end.
        let assumed = change.ended.map_or(now, |ended| ended.min(now));
        Ok((
            started.map_or(StartTime::Inferred(assumed), StartTime::Reported),
            change,
        ))
    }
}

/// A request to change a call.
pub struct Changing {
    disposition: Option<Disposition>,
    ended: Option<RangeEnd>,
}

impl Changing {
    /// Reads the parameters of a change to the call with this sid.
    ///
    /// If the end is a day, it cannot be checked yet, because its zone is not known. [`Self::since`]
    /// checks it.
    ///
    /// # Errors
    /// Returns `Invalid` if the sid is not valid, no parameter is present, or one is at fault.
    pub fn read(
        parameters: &Parameters,
        sid: &str,
        now: Instant,
    ) -> Result<(CallSid, Self), Problem> {
        let mut reader = Reader::new(parameters);
        resource::only(
            &mut reader,
            &[field::CALL_SID, field::DISPOSITION, field::ENDED],
        );
        let sid = reader.in_path(field::CALL_SID, sid, |sid| {
            CallSid::parse(sid).map_err(|_| Fault::NotFound)
        });
        let changing = Self::of(&mut reader);
        if let Some(Self {
            disposition: None,
            ended: None,
        }) = changing
        {
            reader.fault(field::DISPOSITION_OR_ENDED, Fault::Missing);
        }
        let ended = known(changing.as_ref().and_then(|changing| changing.ended));
        let started = sid.as_ref().map(CallSid::started);
        check_end(reader.faults(), started, ended, now);
        reader.finish((sid, changing))
    }

    fn of(reader: &mut Reader<'_>) -> Option<Self> {
        let ended = reader.optional(field::ENDED, time);
        let disposition = reader.optional(field::DISPOSITION, disposition);
        Some(Self {
            disposition: disposition?,
            ended: ended?,
        })
    }

    /// Whether the time of the end depends on the zone.
    #[must_use]
    pub fn depends_on_zone(&self) -> bool {
        self.ended.is_some_and(|ended| ended.is_day())
    }

    /// Returns the changes to a call that started at `started`, with days in `zone`.
    ///
    /// # Errors
    /// Returns `Invalid` if the call ends before it starts, or in the future.
    pub fn since(
        &self,
        started: Instant,
        zone: &Zone,
        now: Instant,
    ) -> Result<CallChange, Problem> {
        let change = self.in_zone(zone);
        let mut faults = Faults::default();
        check_end(&mut faults, Some(started), change.ended, now);
        faults.check()?;
        Ok(change)
    }

    fn in_zone(&self, zone: &Zone) -> CallChange {
        CallChange {
            disposition: self.disposition.clone(),
            ended: self.ended.map(|ended| ended.moment(zone)),
        }
    }
}

/// Returns the instant, if it is the same in every zone.
fn known(time: Option<RangeEnd>) -> Option<Instant> {
    time.filter(|time| !time.is_day())
        .map(|time| time.moment(&Zone::utc()))
}

/// Adds a fault if a call starts in the future.
fn check_start(faults: &mut Faults, started: Option<Instant>, now: Instant) {
    if let Some(why) = started.and_then(|started| out_of_time(started, now)) {
        faults.add(field::STARTED, Fault::invalid(why));
    }
}

/// Adds a fault if a call that started at `started` ends before its start or in the future.
fn check_end(faults: &mut Faults, started: Option<Instant>, ended: Option<Instant>, now: Instant) {
    // Clients that count in seconds cannot tell when within its second a call ended.
    let early = |ended: Instant| started.is_some_and(|it| ended.seconds() < it.seconds());
    let why = ended.and_then(|ended| match early(ended) {
        true => Some("this is before the call started"),
        false => out_of_time(ended, now),
    });
    if let Some(why) = why {
        faults.add(field::ENDED, Fault::invalid(why));
    }
}

fn out_of_time(time: Instant, now: Instant) -> Option<&'static str> {
    match time {
        time if time > now.plus(CLOCK_SKEW) => Some("this is in the future"),
        time if time < Instant::from_millis(0) => Some("no call is older than 1970"),
        _ => None,
    }
}

/// A call in an answer.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Call<'a> {
    call_sid: &'a str,
    account_sid: &'a str,
    property_sid: Option<&'a str>,
    from: &'a str,
    to: &'a str,
    direction: &'static str,
    started: i64,
    ended: Option<i64>,
    duration: Option<u64>,
    disposition: Option<&'a str>,
    cost: Option<Cow<'a, str>>,
    billed: Option<i64>,
    #[serde(rename = "Attribution_Source")]
    source: Option<&'a str>,
    #[serde(rename = "Attribution_Medium")]
    medium: Option<&'a str>,
    #[serde(rename = "Attribution_Campaign")]
    campaign: Option<&'a str>,
    #[serde(rename = "Attribution_Content")]
    content: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// Makes the view of a call of the account with the sid `account`.
    #[must_use]
    pub fn of(call: &'a CallRow, account: &'a AccountSid, scene: &'a CallContext) -> Self {
        let attribution = scene.attribution(call.own_party());
        let property = call.property(&scene.assignments);
        let seconds = |instant: Instant| instant.seconds();
        Self {
            call_sid: call.sid.as_str(),
            account_sid: account.as_str(),
            property_sid: property.map(|sid| sid.as_str()),
            from: &call.from,
            to: &call.to,
            direction: match call.direction {
                Direction::Inbound => "Inbound",
                Direction::Outbound => "Outbound",
            },
            started: seconds(call.started),
            ended: call.ended.map(seconds),
            duration: call.seconds,
            disposition: call.disposition.as_deref(),
            cost: call.cost.as_deref().map(cost::four_places_of),
            billed: call.billed.map(seconds),
            source: attribution.and_then(|a| a.source.as_ref().map(|text| text.as_str())),
            medium: attribution.and_then(|a| a.medium.as_ref().map(|text| text.as_str())),
            campaign: attribution.and_then(|a| a.campaign.as_ref().map(|text| text.as_str())),
            content: attribution.and_then(|a| a.content.as_ref().map(|text| text.as_str())),
        }
    }
}
