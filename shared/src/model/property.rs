//! Properties, and the numbers they hold.

use serde::{Deserialize, Serialize};

use super::id::LETTERS;
use super::phone::PhoneNumber;
use super::time::{Instant, Zone};

/// A property's name: 32 upper case letters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PropertySid(String);

impl PropertySid {
    /// Reads a sid.
    ///
    /// # Errors
    /// The text is not 32 upper case letters.
    pub fn parse(text: &str) -> Result<Self, InvalidPropertySid> {
        if text.len() == 32 && text.bytes().all(|b| LETTERS.contains(&b)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidPropertySid)
        }
    }

    /// The letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PropertySid {
    type Error = InvalidPropertySid;
    fn try_from(text: String) -> Result<Self, InvalidPropertySid> {
        Self::parse(&text)
    }
}

impl From<PropertySid> for String {
    fn from(sid: PropertySid) -> Self {
        sid.0
    }
}

/// The text is no sid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a sid: 32 upper case letters")]
pub struct InvalidPropertySid;

/// A property.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Property {
    /// Its name.
    pub sid: PropertySid,
    /// Its time zone, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
}

/// A number's time with a property.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenure {
    /// The number.
    pub number: PhoneNumber,
    /// Whose it was.
    pub property_sid: PropertySid,
    /// From when on.
    pub from: Instant,
    /// Until when, this moment not included; `None` while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
}
