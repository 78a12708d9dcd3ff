//! Properties, which an account buys numbers for, and the assignments of numbers to them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::phone::PhoneNumber;
use super::short_text::ShortText;
pub use super::sid::PropertySid;
use super::time::{Instant, Zone};

/// A property's name for people.
pub type PropertyName = ShortText<100>;

/// The site that a property's visitors use: a host name such as `www.example.com`, in lower case.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Domain(String);

impl Domain {
    /// The maximum number of characters in a host name.
    const MOST: usize = 253;

    /// Reads a host name in upper or lower case.
    ///
    /// # Errors
    /// Returns `InvalidDomain` if the text is not a host name.
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

    /// Returns the host name.
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

/// Reason why a text is not a host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDomain {
    /// Not letters, digits and hyphens, separated by dots.
    #[error("expected the name of a host, such as www.example.com")]
    Form,
    /// Longer than a host name may be.
    #[error("at most {} characters are allowed", Domain::MOST)]
    TooLong,
}

/// A property: what an account buys numbers for, such as a web site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Property {
    /// The sid that requests use.
    #[serde(rename = "property_sid")]
    pub sid: PropertySid,
    /// A name for people.
    pub name: PropertyName,
    /// The site that its visitors use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main_domain: Option<Domain>,
    /// The time zone of its calls' days, if it differs from the account's.
    #[serde(default, rename = "timezone", skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// The time zone as the client named it, if not as [`Self::zone`] does.
    #[serde(
        default,
        rename = "timezone_sent",
        skip_serializing_if = "Option::is_none"
    )]
    pub zone_sent: Option<ZoneName>,
    /// Whether its numbers are meant to take messages. The product has none; it keeps what the client says.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sms_enabled: bool,
    /// Whether its calls are meant to be recorded. See [`Self::sms_enabled`].
    #[serde(default, skip_serializing_if = "is_false")]
    pub call_recording_enabled: bool,
    /// Whether it is out of use. See [`Self::sms_enabled`].
    #[serde(default, skip_serializing_if = "is_false")]
    pub inactive: bool,
    /// When the property was created.
    pub created_at: Instant,
}

/// A time zone's name as a client sent it.
pub type ZoneName = ShortText<100>;

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Property {
    /// Makes a property of a name, and nothing else.
    #[must_use]
    pub fn new(sid: PropertySid, name: PropertyName, created_at: Instant) -> Self {
        Self {
            sid,
            name,
            main_domain: None,
            zone: None,
            zone_sent: None,
            sms_enabled: false,
            call_recording_enabled: false,
            inactive: false,
            created_at,
        }
    }

    /// Returns the name of the time zone, as the client sent it.
    #[must_use]
    pub fn zone_name(&self) -> Option<&str> {
        let sent = self.zone_sent.as_ref().map(ZoneName::as_str);
        sent.or_else(|| self.zone.as_ref().map(Zone::name))
    }
}

/// The assignment of a number to a property, past or current.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberAssignment {
    /// The number.
    pub number: PhoneNumber,
    /// The property.
    pub property_sid: PropertySid,
    /// The start, inclusive.
    pub from: Instant,
    /// The end, exclusive. `None` while the assignment lasts.
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
