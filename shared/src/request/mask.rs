//! Masks what a client sent, for the log.
//!
//! A value is shown if it has the form that its parameter expects and is not personal data. Of a phone
//! number, only the last digits are shown. Of everything else, only the length is shown, because a
//! client may put a secret, a number or a name anywhere: also in parameter names and in the path.

use crate::model::cost::Cost;
use crate::model::field::{Field, Privacy};
use crate::model::phone::mask_digits;
use crate::model::time::{Instant, Zone};

/// The parameters whose names the log may show, by dialect. Other names are masked too.
pub(crate) type KnownFields = &'static [&'static [Field]];

/// Masks a parameter's name and value.
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

/// Masks a decoded path.
///
/// Segments of the product's own paths are shown, possible numbers by their last digits, and everything
/// else by its length.
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

/// Counts the digits of a text, in any script.
pub(crate) fn digits(text: &str) -> usize {
    text.chars().filter(|c| c.is_numeric()).count()
}

/// Whether a text is a number with fewer digits than a phone number.
pub(crate) fn is_small(text: &str) -> bool {
    (1..7).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text is an amount with fewer digits than a phone number.
pub(crate) fn is_cost(text: &str) -> bool {
    digits(text) < 7 && Cost::parse(text).is_ok()
}

/// Whether a text is a date. Unix seconds do not count, because they look like a phone number.
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
    fn only_the_products_own_parts_of_a_path_are_shown() {
        assert_eq!(own_path("/1.0/phone_feedback"), "/1.0/phone_feedback");
        assert_eq!(own_path("/api/v1/Waidong Syrws"), "/api/v1/<13 characters>");
        assert_eq!(own_path("/"), "/");
    }
}
