//! What a log line may hold of what a client sent.
//!
//! A value is shown where it reads as what its parameter is for, and that says nothing about a person; a
//! phone number is shown by its last digits, and everything else by its length alone: a client may put a
//! secret, a number or a name anywhere, into the names of parameters and into the path too.

use crate::model::account::AccountId;
use crate::model::cost::Cost;
use crate::model::country::Country;
use crate::model::inventory::{Capabilities, NumberType};
use crate::model::number::{Recording, RoutingMethod};
use crate::model::phone::mask_digits;
use crate::model::text::{PhoneStatus, ResponseFormat, ResponseType};
use crate::model::time::{Instant, Zone};
use crate::request::fields::switch;

/// What a parameter is for.
#[derive(Clone, Copy)]
enum Kind {
    /// A phone number.
    Number,
    /// Something harmless, where the value is that.
    Plain(fn(&str) -> bool),
    /// A secret, or something about a person.
    Private,
}

/// Every parameter of every dialect; the names of others are not shown.
const PARAMETERS: &[(&str, Kind)] = &[
    ("phone", Kind::Number),
    ("did", Kind::Number),
    ("cid", Kind::Number),
    ("inbound_number", Kind::Number),
    ("number_dialed", Kind::Number),
    ("call_to", Kind::Number),
    ("call_from", Kind::Number),
    ("phone_number", Kind::Number),
    ("calling_number", Kind::Number),
    ("called_number", Kind::Number),
    ("callee", Kind::Number),
    ("number", Kind::Number),
    ("from", Kind::Number),
    ("to", Kind::Number),
    (
        "phone_status",
        Kind::Plain(|text| PhoneStatus::parse(text).is_ok()),
    ),
    (
        "phone_right_party_contact",
        Kind::Plain(|text| ["true", "false"].contains(&text)),
    ),
    ("cost", Kind::Plain(is_cost)),
    ("date_billed", Kind::Plain(is_date)),
    ("call_date", Kind::Plain(is_date)),
    (
        "call_party",
        Kind::Plain(|text| CALL_PARTIES.contains(&text)),
    ),
    (
        "resp_type",
        Kind::Plain(|text| ResponseType::parse(text).is_ok()),
    ),
    (
        "resp_format",
        Kind::Plain(|text| ResponseFormat::parse(text).is_ok()),
    ),
    (
        "account_id",
        Kind::Plain(|text| AccountId::parse(text).is_ok() && digits(text) < 7),
    ),
    ("start_date", Kind::Plain(is_date)),
    ("end_date", Kind::Plain(is_date)),
    (
        "direction",
        Kind::Plain(|text| ["inbound", "outbound"].contains(&text)),
    ),
    (
        "format",
        Kind::Plain(|text| ["json", "csv", "ndjson"].contains(&text)),
    ),
    ("billed", Kind::Plain(is_switch)),
    ("limit", Kind::Plain(is_small)),
    ("callprocess_id", Kind::Plain(is_small)),
    ("auth_only", Kind::Plain(is_switch)),
    ("disposition", Kind::Private),
    ("whisper_text", Kind::Private),
    ("refresh_token", Kind::Private),
    ("next_token", Kind::Private),
    ("endpointnumber", Kind::Number),
    ("endpoint", Kind::Number),
    ("results_count", Kind::Plain(is_small)),
    ("results_skip", Kind::Plain(is_small)),
    (
        "type",
        Kind::Plain(|text| NumberType::parse_list(text).is_ok()),
    ),
    (
        "capabilities",
        Kind::Plain(|text| Capabilities::parse(text).is_ok()),
    ),
    (
        "capabilites",
        Kind::Plain(|text| Capabilities::parse(text).is_ok()),
    ),
    (
        "countrycode",
        Kind::Plain(|text| Country::parse(text).is_ok()),
    ),
    ("timezone", Kind::Plain(|text| Zone::parse(text).is_ok())),
    (
        "routingmethod",
        Kind::Plain(|text| RoutingMethod::parse(text).is_ok()),
    ),
    (
        "recording",
        Kind::Plain(|text| Recording::parse(text).is_ok()),
    ),
    (
        "unique",
        Kind::Plain(|text| ["All", "Unique", "Repeat"].contains(&text)),
    ),
    ("date_from", Kind::Plain(is_date)),
    ("date_to", Kind::Plain(is_date)),
    ("started", Kind::Plain(is_date)),
    ("ended", Kind::Plain(is_date)),
    ("maindomain", Kind::Private),
    ("propertysid", Kind::Private),
    ("addresssid", Kind::Private),
    ("friendly", Kind::Private),
    ("attribution_source", Kind::Private),
    ("attribution_medium", Kind::Private),
    ("attribution_campaign", Kind::Private),
    ("attribution_content", Kind::Private),
    ("flow", Kind::Private),
    ("region", Kind::Private),
    ("locality", Kind::Private),
    ("reference", Kind::Private),
    ("line1", Kind::Private),
    ("line2", Kind::Private),
    ("city", Kind::Private),
    ("postalcode", Kind::Private),
    ("pagetoken", Kind::Private),
    ("response_id", Kind::Private),
    ("name", Kind::Private),
    ("notes", Kind::Private),
    ("username", Kind::Private),
    ("password", Kind::Private),
    ("api_id", Kind::Private),
    ("api_key", Kind::Private),
    ("api", Kind::Private),
    ("apikey", Kind::Private),
];

const CALL_PARTIES: [&str; 3] = ["orig_call_start", "orig_call_end", "terminating"];

/// A parameter as a line may hold it: its name and its value.
pub(super) fn parameter(name: &str, value: &str) -> (String, String) {
    let known = PARAMETERS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    match known {
        Some((_, Kind::Number)) => (name.to_owned(), number(value)),
        Some((_, Kind::Plain(is_plain))) if is_plain(value) => (name.to_owned(), value.to_owned()),
        Some(_) => (name.to_owned(), length(value)),
        None => (length(name), length(value)),
    }
}

/// A decoded path as a line may hold it: what is the product's own as it is, what may be a number by its last
/// digits, everything else by its length.
#[must_use]
pub(crate) fn path<I>(path: &str, routes: impl Fn() -> I) -> String
where
    I: Iterator<Item = &'static str>,
{
    let own = |segment: &str| routes().any(|route| route.split('/').any(|own| own == segment));
    path.split('/')
        .take(16)
        .map(|segment| match segment {
            segment if own(segment) => segment.to_owned(),
            segment
                if segment
                    .chars()
                    .all(|c| c.is_numeric() || "+-(). ".contains(c)) =>
            {
                number(segment)
            }
            segment => length(segment),
        })
        .collect::<Vec<_>>()
        .join("/")
}

fn number(text: &str) -> String {
    let digits = text
        .chars()
        .filter(|c| c.is_numeric() || *c == '+')
        .take(24);
    mask_digits(&digits.collect::<String>())
}

fn length(text: &str) -> String {
    format!("<{} characters>", text.chars().count())
}

fn digits(text: &str) -> usize {
    text.chars().filter(|c| c.is_numeric()).count()
}

fn is_switch(text: &str) -> bool {
    switch(text).is_ok()
}

/// A number with fewer digits than a phone number has.
fn is_small(text: &str) -> bool {
    (1..7).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// With fewer digits than a phone number has, which could be read as money too.
fn is_cost(text: &str) -> bool {
    digits(text) < 7 && Cost::parse(text).is_ok()
}

/// Unix seconds are left out: they look like a phone number.
fn is_date(text: &str) -> bool {
    let mut runs = text.split(|c: char| !c.is_numeric());
    runs.all(|run| digits(run) < 7) && Instant::parse(text, &Zone::utc()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own_path(text: &str) -> String {
        path(text, || {
            ["/1.0/phone_feedback", "/billable", "/api/v1"].into_iter()
        })
    }

    #[test]
    fn what_is_not_known_to_be_harmless_is_told_by_its_length() {
        for (name, value, expected) in [
            ("api_key", "s3cret", "<6 characters>"),
            ("apikey", "s3cret", "<6 characters>"),
            ("password", "s3cret", "<6 characters>"),
            ("name", "Waidong Syrws", "<13 characters>"),
            ("cost", "25.50", "25.50"),
            ("cost", "$1,025.5", "$1,025.5"),
            ("cost", "12069735100", "<11 characters>"),
            ("cost", "206-973-5100", "<12 characters>"),
            ("cost", "s3cret", "<6 characters>"),
            ("call_party", "terminating", "terminating"),
            ("call_party", "Waidong", "<7 characters>"),
            ("phone_status", "Connected", "Connected"),
            ("phone_status", "s3cret", "<6 characters>"),
            ("call_date", "2026-11-21 12:00:00", "2026-11-21 12:00:00"),
            ("call_date", "11/21/2026", "11/21/2026"),
            ("call_date", "206-973-5100", "<12 characters>"),
            ("call_date", "2069735100", "<10 characters>"),
            ("billed", "true", "true"),
            ("auth_only", "1", "1"),
            ("auth_only", "206973", "<6 characters>"),
            ("account_id", "12345", "12345"),
            ("account_id", "2069735100", "<10 characters>"),
        ] {
            let shown = parameter(name, value);
            assert_eq!(shown, (name.to_owned(), expected.to_owned()), "{value}");
        }
    }

    #[test]
    fn the_name_of_an_unknown_parameter_is_told_by_its_length_too() {
        let (name, value) = parameter("{\"name\":\"Waidong\"}", "");
        assert_eq!(
            (name.as_str(), value.as_str()),
            ("<18 characters>", "<0 characters>")
        );
        assert_eq!(parameter("Phone", "").0, "Phone");
    }

    #[test]
    fn a_number_keeps_its_last_four_digits_only() {
        for name in ["phone", "DID", "calling_number"] {
            let (_, shown) = parameter(name, "+1 (206) 973-5100");
            assert!(
                shown.ends_with("5100") && !shown.contains("973"),
                "{name}: {shown}"
            );
        }
        let shown = own_path("/billable/12069735100/(206) 973-5101");
        assert!(
            shown.starts_with("/billable/") && shown.ends_with("5101"),
            "{shown}"
        );
        assert!(!shown.contains("973"), "{shown}");
    }

    #[test]
    fn of_a_path_only_what_is_the_products_own_is_shown() {
        assert_eq!(own_path("/1.0/phone_feedback"), "/1.0/phone_feedback");
        assert_eq!(own_path("/api/v1/Waidong Syrws"), "/api/v1/<13 characters>");
        assert_eq!(own_path("/"), "/");
    }
}
