//! What a log line may hold of what a client sent.
//!
//! A value is shown where it reads as what its parameter is for, and that says nothing about a person; a
//! phone number is shown by its last digits, and everything else by its length alone: a client may put a
//! secret, a number or a name anywhere, into the names of parameters and into the path too.

use crate::model::cost::Cost;
use crate::model::field::{Field, Privacy};
use crate::model::phone::mask_digits;
use crate::model::time::{Instant, Zone};

/// The parameters that a log line may name, by dialect. Of any other not even the name is shown.
pub(crate) type KnownFields = &'static [&'static [Field]];

/// A parameter as a line may hold it: its name and its value.
pub(crate) fn parameter(known: KnownFields, name: &str, value: &str) -> (String, String) {
    let is_it = |field: &&Field| {
        let mut names = field.names();
        names.any(|known| known.eq_ignore_ascii_case(name))
    };
    let field = known.iter().copied().flatten().find(is_it);
    match field.map(|field| field.privacy) {
        Some(Privacy::PhoneNumber) => (name.to_owned(), number(value)),
        Some(Privacy::PlainIf(is_plain)) if is_plain(value) => (name.to_owned(), value.to_owned()),
        Some(Privacy::PlainIf(_) | Privacy::Private) => (name.to_owned(), length(value)),
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

/// How many digits of any script a text has.
pub(crate) fn digits(text: &str) -> usize {
    text.chars().filter(|c| c.is_numeric()).count()
}

/// A number with fewer digits than a phone number has.
pub(crate) fn is_small(text: &str) -> bool {
    (1..7).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// With fewer digits than a phone number has, which could be read as money too.
pub(crate) fn is_cost(text: &str) -> bool {
    digits(text) < 7 && Cost::parse(text).is_ok()
}

/// Unix seconds are left out: they look like a phone number.
pub(crate) fn is_date(text: &str) -> bool {
    let mut runs = text.split(|c: char| !c.is_numeric());
    runs.all(|run| digits(run) < 7) && Instant::parse(text, &Zone::utc()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::field::Codes;

    fn own_path(text: &str) -> String {
        path(text, || {
            ["/1.0/phone_feedback", "/billable", "/api/v1"].into_iter()
        })
    }

    #[test]
    fn a_number_keeps_its_last_four_digits_only() {
        const KNOWN: KnownFields = &[&[Field::phone_number("did", &Codes::all(""))]];
        for name in ["did", "DID"] {
            let (_, shown) = parameter(KNOWN, name, "+1 (206) 973-5100");
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
