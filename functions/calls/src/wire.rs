//! What is asked of a call, and how a call is shown.

use std::borrow::Cow;

use callbook::dialect::fonedynamics::field;
use callbook::ledger::{CallChange, CallRow, StartTime};
use callbook::model::call::{CallSid, Direction};
use callbook::model::cost;
use callbook::model::phone::PhoneNumber;
use callbook::model::report::Disposition;
use callbook::model::sid::AccountSid;
use callbook::model::time::{CLOCK_SKEW, Instant, RangeEnd, Zone};
use callbook::problem::{Fault, Problem};
use callbook::request::faults::Faults;
use callbook::request::{Parameters, Reader};
use serde::Serialize;

use crate::scene::CallContext;

/// How a call can end.
const DISPOSITIONS: [&str; 5] = ["Answered", "IVR", "Busy", "NoAnswer", "Failed"];

/// Reads how a call ended, in either case.
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

/// A call of another switch.
pub struct Recording {
    /// Who called.
    pub from: PhoneNumber,
    /// Who was called.
    pub to: PhoneNumber,
    /// Which way it went.
    pub direction: Direction,
    started: Option<RangeEnd>,
    changing: Changing,
}

impl Recording {
    /// Reads the parameters; of a time that is a date, whose zone is not known yet, [`Self::times`] says
    /// whether it is in order.
    ///
    /// # Errors
    /// Every parameter that is missing or wrong.
    pub fn read(parameters: &Parameters, now: Instant) -> Result<Self, Problem> {
        let mut reader = Reader::new(parameters);
        let from = reader.required(field::FROM, number);
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

    /// When it started, and what became of it; days are those of `zone`.
    ///
    /// # Errors
    /// It starts in the future, or ends before it starts.
    pub fn times(&self, zone: &Zone, now: Instant) -> Result<(StartTime, CallChange), Problem> {
        let started = self.started.map(|started| started.moment(zone));
        let change = self.changing.in_zone(zone);
        let mut faults = Faults::default();
        check_start(&mut faults, started, now);
        check_end(&mut faults, started, change.ended, now);
        faults.check()?;
        // A call that is told of when it is over started before that.
        let assumed = change.ended.map_or(now, |ended| ended.min(now));
        Ok((
            started.map_or(StartTime::Inferred(assumed), StartTime::Reported),
            change,
        ))
    }
}

/// What is to be set of a call.
pub struct Changing {
    disposition: Option<Disposition>,
    ended: Option<RangeEnd>,
}

impl Changing {
    /// Reads the parameters of a change of the call with this sid; of an end that is a date, whose zone is
    /// not known yet, [`Self::since`] says whether it is in order.
    ///
    /// # Errors
    /// There is no such call, there is none of the parameters, or one is wrong.
    pub fn read(
        parameters: &Parameters,
        sid: &str,
        now: Instant,
    ) -> Result<(CallSid, Self), Problem> {
        let mut reader = Reader::new(parameters);
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

    /// Whether the zone has to be known to tell when the call ended.
    #[must_use]
    pub fn depends_on_zone(&self) -> bool {
        self.ended.is_some_and(|ended| ended.is_day())
    }

    /// What is to be set of a call that started at `started`; days are those of `zone`.
    ///
    /// # Errors
    /// It ends before it starts, or in the future.
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

/// A moment that is the same in every zone.
fn known(time: Option<RangeEnd>) -> Option<Instant> {
    time.filter(|time| !time.is_day())
        .map(|time| time.moment(&Zone::utc()))
}

/// Notes what is wrong with when a call started.
fn check_start(faults: &mut Faults, started: Option<Instant>, now: Instant) {
    if let Some(why) = started.and_then(|started| out_of_time(started, now)) {
        faults.add(field::STARTED, Fault::invalid(why));
    }
}

/// Notes what is wrong with when a call that started at `started` was over.
fn check_end(faults: &mut Faults, started: Option<Instant>, ended: Option<Instant>, now: Instant) {
    // Clients that count in seconds cannot say when within its second a call ended.
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

/// A call as it is shown.
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
    /// Shows a call of the account with the sid `account`.
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
            started: seconds(call.sid.started()),
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
