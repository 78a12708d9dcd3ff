//! The dialects by name: their fields, and how they render problems.

use super::answer::Answer;
use super::{callbook, console, fonedynamics, neutral, teletracker, tld, trestle, truecnam};
use crate::problem::Problem;
use crate::request::Request;
use crate::request::mask::KnownFields;

/// A vendor's dialect, for requests and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Trestle: `contracts/trestle.md`.
    Trestle,
    /// TLD: `contracts/tld.md`.
    Tld,
    /// TrueCNAM: `contracts/truecnam.md`.
    Truecnam,
    /// TeleTracker: `contracts/teletracker.md`.
    Teletracker,
    /// Fone Dynamics: `contracts/fonedynamics.md`.
    Fonedynamics,
    /// Callbook's own API: `contracts/callbook.md`.
    Callbook,
    /// Pages for people: `docs/console.md`.
    Console,
    /// The dialect of paths that belong to no vendor.
    Neutral,
}

impl Dialect {
    /// Returns the name that logs use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trestle => "trestle",
            Self::Tld => "tld",
            Self::Truecnam => "truecnam",
            Self::Teletracker => "teletracker",
            Self::Fonedynamics => "fonedynamics",
            Self::Callbook => "callbook",
            Self::Console => "console",
            Self::Neutral => "neutral",
        }
    }

    /// Returns the parameters that a request may have.
    ///
    /// A path of no vendor may be a misspelled path of any vendor, so it may have the parameters of
    /// all. Callbook's own are not among them: its `from` is a date, where a vendor's is a phone number.
    pub(crate) fn fields(self) -> KnownFields {
        match self {
            Self::Trestle => &[trestle::field::FIELDS],
            Self::Tld => &[tld::field::FIELDS],
            Self::Truecnam => &[truecnam::field::FIELDS],
            Self::Teletracker => &[teletracker::field::FIELDS],
            Self::Fonedynamics => &[fonedynamics::field::FIELDS],
            // A page has the filters of the API.
            Self::Callbook | Self::Console => {
                &[callbook::field::FIELDS, callbook::invoice_field::FIELDS]
            }
            Self::Neutral => &[
                trestle::field::FIELDS,
                tld::field::FIELDS,
                truecnam::field::FIELDS,
                teletracker::field::FIELDS,
                fonedynamics::field::FIELDS,
            ],
        }
    }

    /// Renders a problem of a request, in the form that its query string asks for.
    #[must_use]
    pub fn refuse(self, problem: Problem, request: &Request) -> Answer {
        match self {
            Self::Trestle => trestle::refuse(problem),
            Self::Tld => tld::refuse(problem),
            Self::Truecnam => truecnam::refuse_unread(problem, request.query()),
            Self::Teletracker => teletracker::refuse(problem, request.guid()),
            Self::Fonedynamics => fonedynamics::refuse(problem),
            Self::Callbook => callbook::refuse(problem, request.guid()),
            Self::Console => console::refuse(problem, request.guid()),
            Self::Neutral => neutral::refuse(problem),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::field::Privacy;
    use crate::request::mask;

    fn parameter(name: &str, value: &str) -> (String, String) {
        mask::parameter(Dialect::Neutral.fields(), name, value)
    }

    #[test]
    fn values_not_known_to_be_harmless_are_shown_as_their_length() {
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
    fn the_name_of_an_unknown_parameter_is_shown_as_its_length() {
        let (name, value) = parameter("{\"name\":\"Waidong\"}", "");
        assert_eq!(
            (name.as_str(), value.as_str()),
            ("<18 characters>", "<0 characters>")
        );
        assert_eq!(parameter("Phone", "").0, "Phone");
    }

    #[test]
    fn a_dialect_shows_the_names_of_its_own_parameters_only() {
        let shown = |dialect: Dialect| mask::parameter(dialect.fields(), "phone_status", "").0;
        assert_eq!(shown(Dialect::Trestle), "phone_status");
        assert_eq!(shown(Dialect::Tld), "<12 characters>");
    }

    /// In the path of no vendor, a parameter is masked as in the first dialect that declares it.
    #[test]
    fn a_parameter_is_masked_equally_in_every_dialect() {
        let kind = |privacy| match privacy {
            Privacy::PhoneNumber => 0,
            Privacy::PlainIf(_) => 1,
            Privacy::Private => 2,
        };
        let fields = || Dialect::Neutral.fields().iter().copied().flatten();
        let named = || fields().flat_map(|field| field.names().map(|name| (name, field.privacy)));
        for (name, privacy) in named() {
            for (other, other_privacy) in named() {
                if name.eq_ignore_ascii_case(other) {
                    assert_eq!(kind(privacy), kind(other_privacy), "{name}");
                }
            }
        }
    }
}
