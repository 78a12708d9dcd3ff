//! What is asked of a call, and how a call is shown.

use std::borrow::Cow;
use std::time::Duration;

use callbook::dialect::fonedynamics::field;
use callbook::edge::Parameters;
use callbook::fields::{Fields, invalid};
use callbook::ledger::{CallChange, CallRow};
use callbook::model::call::Direction;
use callbook::model::cost;
use callbook::model::phone::PhoneNumber;
use callbook::model::report::Disposition;
use callbook::model::sid::AccountSid;
use callbook::model::time::{Instant, RangeEnd, Zone};
use callbook::problem::{Fault, Problem};
use serde::Serialize;

use crate::scene::Scene;

/// How a call can end.
const DISPOSITIONS: [&str; 5] = ["Answered", "IVR", "Busy", "NoAnswer", "Failed"];

/// How far a switch's clock may be ahead of this one.
pub const CLOCK_SKEW: Duration = Duration::from_secs(300);

/// Reads how a call ended, in either case.
pub fn disposition(text: &str) -> Result<Disposition, Fault> {
    let known = DISPOSITIONS.into_iter();
    let word = known
        .into_iter()
        .find(|word| word.eq_ignore_ascii_case(text.trim()));
    let word = word.and_then(|word| Disposition::parse(word).ok());
    word.ok_or_else(|| invalid(format!("expected one of {}", DISPOSITIONS.join(", "))))
}

/// Reads E.164.
pub fn number(text: &str) -> Result<PhoneNumber, Fault> {
    PhoneNumber::parse_e164(text).map_err(invalid)
}

/// Reads Unix seconds, RFC 3339 or a date.
pub fn time(text: &str) -> Result<RangeEnd, Fault> {
    RangeEnd::parse_or_unix(text).map_err(|_| {
        invalid("expected Unix seconds, RFC 3339 with an offset, or a date such as 2026-11-21")
    })
}

/// A number that is there and not empty.
pub fn given_number<'a>(parameters: &'a Parameters, name: &str) -> Option<&'a str> {
    parameters
        .sent_number(name)
        .filter(|value| !value.is_empty())
}

fn direction(text: &str) -> Result<Direction, Fault> {
    match text {
        _ if text.eq_ignore_ascii_case("inbound") => Ok(Direction::Inbound),
        _ if text.eq_ignore_ascii_case("outbound") => Ok(Direction::Outbound),
        _ => Err(invalid("expected Inbound or Outbound")),
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
    /// Reads the parameters; whether they are in order in time is for [`Self::times`] to say, where a
    /// time's zone is not known yet.
    ///
    /// # Errors
    /// Every parameter that is missing or wrong.
    pub fn read(parameters: &Parameters) -> Result<Self, Problem> {
        let mut fields = Fields::of(parameters);
        let from = fields.required(field::FROM, given_number(parameters, field::FROM), number);
        let to = fields.required(field::TO, given_number(parameters, field::TO), number);
        let text = parameters.given(field::DIRECTION);
        let direction = fields.optional(field::DIRECTION, text, direction);
        let started = fields.optional(field::STARTED, parameters.given(field::STARTED), time);
        let changing = Changing::of(&mut fields, parameters);
        let (from, to, direction, started, changing) =
            fields.finish((from, to, direction, started, changing))?;
        Ok(Self {
            from,
            to,
            direction: direction.unwrap_or(Direction::Inbound),
            started,
            changing,
        })
    }

    /// When it started, where that is said, and what became of it; days are those of `zone`.
    ///
    /// # Errors
    /// It starts in the future, or ends before it starts.
    pub fn times(
        &self,
        zone: &Zone,
        now: Instant,
    ) -> Result<(Option<Instant>, CallChange), Problem> {
        let started = self.started.map(|started| started.moment(zone));
        if let Some(started) = started {
            let mut fields = Fields::new();
            if started > now.plus(CLOCK_SKEW) {
                fields.fault(field::STARTED, invalid("this is in the future"));
            } else if started < Instant::from_millis(0) {
                fields.fault(field::STARTED, invalid("no call is older than 1970"));
            }
            fields.check()?;
        }
        let change = self.changing.since(started.unwrap_or(now), zone, now)?;
        Ok((started, change))
    }
}

/// What is to be set of a call.
pub struct Changing {
    disposition: Option<Disposition>,
    ended: Option<RangeEnd>,
}

impl Changing {
    /// Reads the parameters of a change.
    ///
    /// # Errors
    /// There is none of them, or one is wrong.
    pub fn read(parameters: &Parameters) -> Result<Self, Problem> {
        let mut fields = Fields::of(parameters);
        let changing = Self::of(&mut fields, parameters);
        if let Some(Self {
            disposition: None,
            ended: None,
        }) = changing
        {
            fields.fault(field::DISPOSITION_OR_ENDED, Fault::Missing);
        }
        match changing {
            Some(changing) if fields.all_good() => Ok(changing),
            _ => Err(fields.into_problem()),
        }
    }

    fn of(fields: &mut Fields, parameters: &Parameters) -> Option<Self> {
        let ended = fields.optional(field::ENDED, parameters.given(field::ENDED), time);
        let text = parameters.given(field::DISPOSITION);
        let disposition = fields.optional(field::DISPOSITION, text, disposition);
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
        let ended = self.ended.map(|ended| ended.moment(zone));
        let mut fields = Fields::new();
        if let Some(ended) = ended {
            // Clients that count in seconds cannot say when within its second a call ended.
            if ended.seconds() < started.seconds() {
                fields.fault(field::ENDED, invalid("this is before the call started"));
            } else if ended > now.plus(CLOCK_SKEW) {
                fields.fault(field::ENDED, invalid("this is in the future"));
            }
        }
        fields.check()?;
        Ok(CallChange {
            disposition: self.disposition.clone(),
            ended,
        })
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
    pub fn of(call: &'a CallRow, account: &'a AccountSid, scene: &'a Scene) -> Self {
        let attribution = scene.attribution(call.own_party());
        let property = call.property(&scene.holdings);
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
