//! Every parser of the model: no text makes one panic, and what it read is read again as the same.

use std::fmt::{self, Debug, Write};
use std::sync::LazyLock;

use callbook::model::account::{AccountId, Rebill};
use callbook::model::adjustment::{AdjustmentId, Month, SignedAmount};
use callbook::model::call::{CallSid, CostId};
use callbook::model::chosen_secret::ChosenSecret;
use callbook::model::cost::Cost;
use callbook::model::cost_filter::{self, CostFlag, CostOrder, OfVendor};
use callbook::model::country::Country;
use callbook::model::credential::CredentialKind;
use callbook::model::currency::Currency;
use callbook::model::event::{Event, EventId, EventType};
use callbook::model::expectation::Expectation;
use callbook::model::id::{CredentialId, Guid};
use callbook::model::inventory::{Capabilities, NumberType, PlaceName};
use callbook::model::invoice::amounts::DecimalMark;
use callbook::model::invoice::column::Column;
use callbook::model::number::{NumberStatus, Recording, RoutingMethod};
use callbook::model::pair::entry::State;
use callbook::model::pair::external_id::ExternalId;
use callbook::model::phone::{PhoneNumber, SwitchDigits};
use callbook::model::product::Role;
use callbook::model::property::Domain;
use callbook::model::proxies::TrustedProxies;
use callbook::model::queue::{CallProcessId, QueueId, QueueResult};
use callbook::model::report::{Disposition, Position};
use callbook::model::retention::Lifetime;
use callbook::model::rules::{EndpointRule, IpRule, NormalPath};
use callbook::model::short_text::ShortText;
use callbook::model::sid::{AccountSid, AddressSid, PropertySid};
use callbook::model::summary::grouping::GroupBy;
use callbook::model::summary::place::Slot;
use callbook::model::text::{
    IdempotencyKey, Notes, PersonName, PhoneStatus, ResponseFormat, ResponseId, ResponseType,
    WhisperText,
};
use callbook::model::time::{
    CallDate, CivilDay, DateFormat, DateOrder, FileDate, Instant, RangeEnd, UtcDay, Zone,
    whole_seconds,
};
use callbook::model::token::Token;
use callbook::model::vendor::{VendorId, VendorStatus};
use callbook::model::webhook::{
    DeliveryId, DeliveryState, EndpointId, EndpointState, EndpointUrl, SigningSecret,
    WebhookFormat, WebhookMethod,
};

use super::browser::{self, ZONES};
use super::each;

/// A parser: its file in `shared/src/model`, or its function, its name, and a check of one text.
pub type Parser = (&'static str, &'static str, fn(&str) -> Result<(), String>);

/// Every parser of the model, and what the console reads of a browser.
pub const PARSERS: &[Parser] = &[
    ("account", "AccountId::parse", |text| {
        same(text, AccountId::parse, |id| id.as_str().to_owned())
    }),
    ("event/mod", "EventId::parse", |text| {
        same(text, EventId::parse, |id| id.as_str().to_owned())
    }),
    ("event/kind", "EventType::parse", |text| {
        same(text, EventType::parse, |kind| kind.as_str().to_owned())
    }),
    ("event/mod", "Event::read", |text| {
        same(text, Event::read, Event::to_json)
    }),
    ("account", "Rebill::parse", |text| read(Rebill::parse(text))),
    ("time/order", "DateOrder::parse", |text| {
        read(DateOrder::parse(text))
    }),
    ("adjustment", "SignedAmount::parse", |text| {
        same(text, SignedAmount::parse, SignedAmount::four_places)
    }),
    ("adjustment", "AdjustmentId::parse", |text| {
        same(text, AdjustmentId::parse, |id| id.as_str().to_owned())
    }),
    ("adjustment", "Month::parse", |text| {
        same(text, Month::parse, ToString::to_string)
    }),
    ("call", "CallSid::parse", |text| {
        same(text, CallSid::parse, |sid| sid.as_str().to_owned())
    }),
    ("call", "CostId::parse", |text| {
        same(text, CostId::parse, |id| id.as_str().to_owned())
    }),
    ("chosen_secret", "ChosenSecret::parse", |text| {
        for kind in [CredentialKind::Trestle, CredentialKind::User] {
            match ChosenSecret::parse(kind, Some("name"), text) {
                Ok(secret) if secret.reveal() != text => {
                    return Err("the secret is kept as another one".to_owned());
                }
                parsed => read(parsed)?,
            }
        }
        Ok(())
    }),
    ("cost", "Cost::parse", |text| {
        read(Cost::parse(text))?;
        // Four places is how money is shown; what they cannot show is read over.
        let shown = Cost::parse(text).ok().map(|cost| cost.four_places());
        shown.map_or(Ok(()), |shown| {
            same(&shown, Cost::parse, |cost| cost.four_places())
        })
    }),
    ("cost_filter", "OfVendor::parse", |text| {
        read(OfVendor::parse(text))
    }),
    ("cost_filter", "CostFlag::parse", |text| {
        read(CostFlag::parse(text))
    }),
    ("cost_filter", "CostOrder::parse", |text| {
        read(CostOrder::parse(text))
    }),
    ("cost_filter", "State::parse", |text| {
        read(State::parse(text))
    }),
    ("cost_filter", "callers", |text| {
        read(cost_filter::callers(text))
    }),
    ("country", "Country::parse", |text| {
        same(text, Country::parse, |one| one.as_str().to_owned())
    }),
    ("currency", "Currency::parse", |text| {
        same(text, Currency::parse, |one| one.as_str().to_owned())
    }),
    ("expectation", "Expectation::parse", |text| {
        read(Expectation::parse(text))
    }),
    ("id", "Guid::parse", |text| {
        same(text, Guid::parse, ToString::to_string)
    }),
    ("id", "CredentialId::parse", |text| {
        same(text, CredentialId::parse, |id| id.as_str().to_owned())
    }),
    ("inventory", "NumberType::parse", |text| {
        same(text, NumberType::parse, |one| one.as_str().to_owned())
    }),
    ("inventory", "NumberType::parse_list", |text| {
        read(NumberType::parse_list(text))
    }),
    ("inventory", "Capabilities::parse", |text| {
        read(Capabilities::parse(text))
    }),
    ("inventory", "PlaceName::parse", |text| {
        same(text, PlaceName::parse, |one| one.as_str().to_owned())
    }),
    ("invoice/amounts", "DecimalMark::parse", |text| {
        read(DecimalMark::parse(text))
    }),
    ("invoice/column", "Column::parse", |text| {
        read(Column::parse(text).ok_or(()))
    }),
    ("number", "RoutingMethod::parse", |text| {
        read(RoutingMethod::parse(text))
    }),
    ("number", "Recording::parse", |text| {
        read(Recording::parse(text))
    }),
    ("number", "NumberStatus::parse", |text| {
        read(NumberStatus::parse(text))
    }),
    ("pair/external_id", "ExternalId::parse", |text| {
        read(ExternalId::parse(text))
    }),
    ("phone", "PhoneNumber::parse", |text| {
        same(text, PhoneNumber::parse, |one| one.as_e164().to_owned())
    }),
    ("phone", "PhoneNumber::parse_e164", |text| {
        same(text, PhoneNumber::parse_e164, |one| {
            one.as_e164().to_owned()
        })
    }),
    ("phone", "PhoneNumber::parse_e164_in", |text| {
        let country = Country::parse("AU").map_err(|error| error.to_string())?;
        let in_country = |text: &str| PhoneNumber::parse_e164_in(text, country);
        same(text, in_country, |one| one.as_e164().to_owned())
    }),
    ("phone", "SwitchDigits::parse", |text| {
        read(SwitchDigits::parse(text))
    }),
    ("product", "Role::parse", |text| {
        same(text, Role::parse, |one| one.as_str().to_owned())
    }),
    ("property", "Domain::parse", |text| {
        same(text, Domain::parse, |one| one.as_str().to_owned())
    }),
    ("queue", "CallProcessId::parse", |text| {
        same(text, CallProcessId::parse, ToString::to_string)
    }),
    ("queue", "QueueId::parse", |text| {
        same(text, QueueId::parse, ToString::to_string)
    }),
    ("queue", "QueueResult::parse", |text| {
        same(text, QueueResult::parse, |one| one.as_str().to_owned())
    }),
    ("report", "Disposition::parse", |text| {
        read(Disposition::parse(text))
    }),
    ("report", "Position::parse", |text| {
        read(Position::parse(text).ok_or(()))
    }),
    ("rules", "NormalPath::of", |text| {
        let path = NormalPath::of(text);
        let whole = path.as_str().starts_with('/') && !path.as_str().contains("//");
        whole.then_some(()).ok_or_else(|| format!("{path:?}"))
    }),
    ("rules", "EndpointRule::parse", |text| {
        same(text, EndpointRule::parse, ToString::to_string)
    }),
    ("rules", "IpRule::parse", |text| {
        same(text, IpRule::parse, ToString::to_string)
    }),
    ("proxies", "TrustedProxies::parse", |text| {
        read(TrustedProxies::parse(text))
    }),
    ("retention/lifetime", "Lifetime::parse", |text| {
        same(text, Lifetime::parse, |time| {
            let days = time.as_days().map(|days| days.get().to_string());
            days.unwrap_or_else(|| "forever".to_owned())
        })
    }),
    ("short_text", "ShortText::parse", |text| {
        same(text, ShortText::<50>::parse, |one| one.as_str().to_owned())
    }),
    ("sid", "AccountSid::parse", |text| {
        same(text, AccountSid::parse, |sid| sid.as_str().to_owned())
    }),
    ("sid", "PropertySid::parse", |text| {
        same(text, PropertySid::parse, |sid| sid.as_str().to_owned())
    }),
    ("sid", "AddressSid::parse", |text| {
        same(text, AddressSid::parse, |sid| sid.as_str().to_owned())
    }),
    ("summary/grouping", "GroupBy::parse", |text| {
        read(GroupBy::parse(text))
    }),
    ("summary/place", "Slot::parse", |text| {
        read(Slot::parse(text).ok_or(()))
    }),
    ("text", "ResponseId::parse", |text| {
        same(text, ResponseId::parse, |one| one.as_str().to_owned())
    }),
    ("text", "PersonName::parse", |text| {
        let cnam = PersonName::parse(text).map(|name| name.cnam());
        match cnam {
            Ok(cnam) if cnam.chars().count() > 15 => Err(format!("{cnam:?} is too long")),
            _ => same(text, PersonName::parse, |one| one.as_str().to_owned()),
        }
    }),
    ("text", "Notes::parse", |text| {
        same(text, Notes::parse, |one| one.as_str().to_owned())
    }),
    ("text", "WhisperText::parse", |text| {
        same(text, WhisperText::parse, |one| one.as_str().to_owned())
    }),
    ("text", "IdempotencyKey::parse", |text| {
        same(text, IdempotencyKey::parse, |one| one.as_str().to_owned())
    }),
    ("text", "PhoneStatus::parse", |text| {
        read(PhoneStatus::parse(text))
    }),
    ("text", "ResponseFormat::parse", |text| {
        read(ResponseFormat::parse(text))
    }),
    ("text", "ResponseType::parse", |text| {
        read(ResponseType::parse(text))
    }),
    ("time/call_date", "CallDate::parse", |text| {
        in_zones(|zone| CallDate::parse(text, zone, DateOrder::Mdy))?;
        in_zones(|zone| CallDate::parse(text, zone, DateOrder::Dmy))
    }),
    ("time/duration_text", "whole_seconds", |text| {
        read(whole_seconds(text))
    }),
    ("time/file_date", "DateFormat::parse", |text| {
        same(text, DateFormat::parse, |format| format.as_str().to_owned())
    }),
    ("time/file_date", "FileDate::parse", |text| {
        for order in [DateOrder::Mdy, DateOrder::Dmy] {
            let parsed = FileDate::parse(text, order);
            if let Ok(date) = &parsed {
                read(date.canonical(None))?;
                in_zones(|zone| date.in_zone(zone))?;
            }
            read(parsed)?;
        }
        Ok(())
    }),
    ("time/file_date", "FileDate::parse_as", |text| {
        for format in ["%Y-%m-%d %H:%M:%S", "%d/%m/%Y %I:%M %p", "%s", "%c %z"] {
            if let Ok(format) = DateFormat::parse(format) {
                read(FileDate::parse_as(text, &format))?;
            }
        }
        match DateFormat::parse(text) {
            Ok(format) => read(FileDate::parse_as("2026-11-21 09:30:00", &format)),
            Err(_) => Ok(()),
        }
    }),
    ("time/reading", "Instant::parse_in", |text| {
        in_zones(|zone| Instant::parse_in(text, zone, DateOrder::Dmy))
    }),
    ("time/reading", "Instant::parse", |text| {
        in_zones(|zone| Instant::parse(text, zone))?;
        let utc = Zone::utc();
        let written = Instant::parse(text, &utc).map(|instant| instant.rfc3339(&utc));
        let parse = |text: &str| Instant::parse(text, &Zone::utc());
        written.map_or(Ok(()), |written| {
            same(&written, parse, |one| one.rfc3339(&Zone::utc()))
        })
    }),
    ("time/http_date", "Instant::parse_http_date", |text| {
        read(Instant::parse_http_date(text).ok_or(()))
    }),
    ("time/instant", "Zone::parse", |text| {
        read(Zone::parse(text))
    }),
    ("time/instant", "Zone::parse_any", |text| {
        read(Zone::parse_any(text))
    }),
    ("time/instant", "UtcDay::parse", |text| {
        same(text, UtcDay::parse, ToString::to_string)
    }),
    ("time/range", "CivilDay::parse", |text| {
        read(CivilDay::parse(text))
    }),
    ("time/range", "RangeEnd::parse", |text| {
        read(RangeEnd::parse(text))
    }),
    ("time/range", "RangeEnd::parse_or_unix", |text| {
        read(RangeEnd::parse_or_unix(text))
    }),
    ("token", "Token::parse", |text| read(Token::parse(text))),
    ("vendor", "VendorId::parse", |text| {
        same(text, VendorId::parse, |id| id.as_str().to_owned())
    }),
    ("vendor", "VendorStatus::parse", |text| {
        read(VendorStatus::parse(text))
    }),
    ("webhook/ids", "EndpointId::parse", |text| {
        same(text, EndpointId::parse, ToString::to_string)
    }),
    ("webhook/ids", "DeliveryId::parse", |text| {
        same(text, DeliveryId::parse, ToString::to_string)
    }),
    ("webhook/secret", "SigningSecret::parse", |text| {
        same(text, SigningSecret::parse, SigningSecret::reveal)
    }),
    ("webhook/url", "EndpointUrl::parse", |text| {
        same(text, EndpointUrl::parse, |url| url.as_str().to_owned())
    }),
    ("webhook/url", "EndpointUrl::parse_local", |text| {
        read(EndpointUrl::parse_local(text))
    }),
    ("webhook/url", "WebhookFormat::parse", |text| {
        read(WebhookFormat::parse(text))
    }),
    ("webhook/url", "WebhookMethod::parse", |text| {
        read(WebhookMethod::parse(text))
    }),
    ("webhook/endpoint", "EndpointState::parse", |text| {
        read(EndpointState::parse(text))
    }),
    ("webhook/delivery", "DeliveryState::parse", |text| {
        read(DeliveryState::parse(text))
    }),
    ("console", "Session::parse", browser::cookie),
    ("console", "next", browser::next),
    ("console", "Days::read", browser::days),
];

/// It was read or refused, and shows itself in a log.
fn read<T: Debug, E: Debug>(result: Result<T, E>) -> Result<(), String> {
    let shown = match result {
        Ok(value) => write!(Nowhere, "{value:?}"),
        Err(error) => write!(Nowhere, "{error:?}"),
    };
    shown.map_err(|error| error.to_string())
}

/// Forgets what is written.
struct Nowhere;

impl Write for Nowhere {
    fn write_str(&mut self, _: &str) -> fmt::Result {
        Ok(())
    }
}

/// What was read is written as something that is read as the same.
pub(super) fn same<T: PartialEq + Debug, E: Debug>(
    text: &str,
    parse: impl Fn(&str) -> Result<T, E>,
    write: impl Fn(&T) -> String,
) -> Result<(), String> {
    let first = match parse(text) {
        Ok(first) => first,
        refused => return read(refused),
    };
    let written = write(&first);
    match parse(&written) {
        Ok(again) if again == first => Ok(()),
        other => Err(format!(
            "{first:?} is written as {written:?}, which is {other:?}"
        )),
    }
}

/// Reads a time in zones that change their clocks, and in those that are far from UTC.
fn in_zones<T: Debug, E: Debug>(parse: impl Fn(&Zone) -> Result<T, E>) -> Result<(), String> {
    ZONES.iter().try_for_each(|zone| read(parse(zone)))
}

/// What the parsers read in the documentation.
static EXAMPLES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let own = [
        "",
        "+12065550100",
        "(206) 555-0100",
        "2069735100",
        "+442071838750",
        "+61291234567",
        "25.50",
        "$1,025.50",
        "-7.50",
        "2026-11-21 09:30:00",
        "2026-11-21T09:30:00.123Z",
        "11/21/2026 9:30 AM",
        "1795262400",
        "2026-11-21",
        "2026-11",
        "America/Los_Angeles",
        "AUS Eastern Standard Time",
        "acme",
        "none",
        "any",
        "unmatched",
        "Local,National",
        "Voice,SMS",
        "[Voice,SMS]",
        "US",
        "USD",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF",
        "1882469071585280986",
        "32396530",
        "b5d031b8-e8a3-4eef-8fa8-d87d3b7e386f",
        "203.0.113.0/24",
        "2001:db8::/32",
        "::ffff:10.0.0.1",
        "/v2/Properties",
        "/api/*/billable*",
        "www.example.com",
        "Jane Doe",
        "qualified",
        "ringba-RGB0123456789",
        "Connected",
        "json",
        "extended",
        "answered",
        "admin",
        "active",
        "vendor,hour",
        "Endpoint",
        "4021",
        "anonymous",
        "unexpected",
        "sum",
        "amount",
        "comma",
    ];
    let documented = crate::documented::operations()
        .into_iter()
        .flat_map(|operation| {
            let pairs = operation.in_path.into_iter().chain(operation.query);
            let values: Vec<String> = pairs.map(|(_, value)| value).collect();
            values
        });
    let sent = browser::EXAMPLES.map(str::to_owned);
    own.map(str::to_owned)
        .into_iter()
        .chain(sent)
        .chain(documented)
        .collect()
});

/// Tries each parser with the same texts near the examples.
pub fn run(parsers: &[Parser], cases: u32, seed: u64) {
    each((cases, seed), |dice| {
        let text = dice.text_near(&EXAMPLES);
        parsers.iter().try_for_each(|(_, name, check)| {
            dice.doing(name);
            check(&text).map_err(|wrong| format!("{name}: {wrong}"))
        })
    });
}
