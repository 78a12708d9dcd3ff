//! Properties, which an account's numbers are purchased for, and the assignments of numbers to them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::phone::PhoneNumber;
use super::short_text::ShortText;
pub use super::sid::PropertySid;
use super::time::{Instant, Zone};

/// What people call a property.
pub type PropertyName = ShortText<100>;

/// Where a property's visitors come from: a host's name such as `www.example.com`, in lower case.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Domain(String);

impl Domain {
    /// The most characters of a host's name.
    const MOST: usize = 253;

    /// Reads a host's name in either case.
    ///
    /// # Errors
    /// The text is no name of a host.
    pub fn parse(text: &str) -> Result<Self, InvalidDomain> {
        let text = text.trim().trim_end_matches('.').to_lowercase();
        if text.len() > Self::MOST {
            return Err(InvalidDomain::TooLong);
        }
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        match text.split('.').all(is_label) {
            true => Ok(Self(text)),
            false => Err(InvalidDomain::Form),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Domain({} characters)", self.0.chars().count())
    }
}

impl TryFrom<String> for Domain {
    type Error = InvalidDomain;
    fn try_from(text: String) -> Result<Self, InvalidDomain> {
        Self::parse(&text)
    }
}

impl From<Domain> for String {
    fn from(domain: Domain) -> Self {
        domain.0
    }
}

/// Why a text is no name of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDomain {
    /// Letters, digits and hyphens between dots are.
    #[error("expected the name of a host, such as www.example.com")]
    Form,
    /// Longer than any.
    #[error("at most {} characters are allowed", Domain::MOST)]
    TooLong,
}

/// A property.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Property {
    /// What requests call it.
    #[serde(rename = "property_sid")]
    pub sid: PropertySid,
    /// What people call it.
    pub name: PropertyName,
    /// Where its visitors come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main_domain: Option<Domain>,
    /// The zone of its calls' days, where it is not the account's.
    #[serde(default, rename = "timezone", skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// When it was made.
    pub created_at: Instant,
}

/// The assignment of a number to a property, past or present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberAssignment {
    /// The number.
    pub number: PhoneNumber,
    /// The property.
    pub property_sid: PropertySid,
    /// When it began.
    pub from: Instant,
    /// When it ended, exclusive; `None` while it is in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_letters_digits_and_hyphens_between_dots() {
        for (text, expected) in [
            ("Example.COM", Ok("example.com")),
            ("a", Ok("a")),
            ("xn--bcher-kva.example.", Ok("xn--bcher-kva.example")),
            ("bücher.example", Ok("bücher.example")),
            ("", Err(InvalidDomain::Form)),
            ("a..b", Err(InvalidDomain::Form)),
            ("-a.b", Err(InvalidDomain::Form)),
            ("http://a.b", Err(InvalidDomain::Form)),
            ("a b", Err(InvalidDomain::Form)),
        ] {
            let read = Domain::parse(text);
            assert_eq!(read.as_ref().map(Domain::as_str).map_err(|e| *e), expected);
        }
        let long = ["a"; 128].join(".");
        assert_eq!(Domain::parse(&long), Err(InvalidDomain::TooLong));
    }
}
