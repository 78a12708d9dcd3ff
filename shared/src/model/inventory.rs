//! Numbers that can be bought: their types, capabilities, places and prices.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::cost::Cost;
use super::country::Country;
use super::phone::PhoneNumber;

/// The type of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum NumberType {
    /// A number of a region or city.
    Local,
    /// Free for the caller.
    #[serde(rename = "Toll-Free")]
    TollFree,
    /// Caller and callee share the cost of a call.
    #[serde(rename = "Shared-Rate")]
    SharedRate,
    /// A number of a country, without a region or city.
    National,
}

impl NumberType {
    const ALL: [Self; 4] = [
        Self::Local,
        Self::TollFree,
        Self::SharedRate,
        Self::National,
    ];

    /// Reads a type in upper or lower case.
    ///
    /// # Errors
    /// Returns `UnknownNumberType` for any other word.
    pub fn parse(text: &str) -> Result<Self, UnknownNumberType> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(text.trim()))
            .ok_or(UnknownNumberType)
    }

    /// Reads a comma-separated list of at least one type.
    ///
    /// # Errors
    /// Returns `UnknownNumberType` if any item is not a type.
    pub fn parse_list(text: &str) -> Result<BTreeSet<Self>, UnknownNumberType> {
        text.split(',').map(Self::parse).collect()
    }

    /// Returns the type as requests and answers spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Local => "Local",
            Self::TollFree => "Toll-Free",
            Self::SharedRate => "Shared-Rate",
            Self::National => "National",
        }
    }
}

/// The text is not a type of number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected Local, Toll-Free, Shared-Rate or National")]
pub struct UnknownNumberType;

/// A capability of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Capability {
    /// Voice calls.
    Voice,
    /// Text messages.
    #[serde(rename = "SMS")]
    Sms,
    /// Picture messages.
    #[serde(rename = "MMS")]
    Mms,
}

impl Capability {
    const ALL: [Self; 3] = [Self::Voice, Self::Sms, Self::Mms];

    fn parse(text: &str) -> Result<Self, UnknownCapability> {
        Self::ALL
            .into_iter()
            .find(|known| known.as_str().eq_ignore_ascii_case(text.trim()))
            .ok_or(UnknownCapability)
    }

    /// Returns the capability as requests and answers spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Voice => "Voice",
            Self::Sms => "SMS",
            Self::Mms => "MMS",
        }
    }
}

/// The text is not a capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected Voice, SMS or MMS, or several with commas between them")]
pub struct UnknownCapability;

/// The capabilities of a number: at least one, each once, in a fixed order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities(BTreeSet<Capability>);

impl Capabilities {
    /// Reads a comma-separated list.
    ///
    /// # Errors
    /// Returns `UnknownCapability` if any item is not a capability, or if the text is empty.
    pub fn parse(text: &str) -> Result<Self, UnknownCapability> {
        text.split(',')
            .map(Capability::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether every capability in `wanted` is included.
    #[must_use]
    pub fn cover(&self, wanted: &Self) -> bool {
        wanted.0.is_subset(&self.0)
    }

    /// Returns the capabilities in order.
    pub fn iter(&self) -> impl Iterator<Item = Capability> {
        self.0.iter().copied()
    }
}

/// The name of a region or locality: 1 to 100 visible characters.
///
/// White space around the name is dropped. Names that differ only in case are equal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlaceName(String);

impl PlaceName {
    /// The maximum number of characters.
    pub const MOST: usize = 100;

    /// Reads a name and trims the white space around it.
    ///
    /// # Errors
    /// Returns `InvalidPlace` if the trimmed name is empty, too long, or contains control characters.
    pub fn parse(text: &str) -> Result<Self, InvalidPlace> {
        let text = text.trim();
        if text.is_empty() {
            Err(InvalidPlace::Empty)
        } else if text.chars().nth(Self::MOST).is_some() {
            Err(InvalidPlace::TooLong)
        } else if text.chars().any(char::is_control) {
            Err(InvalidPlace::ControlCharacter)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// Returns the name as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name folded to one case, so that names which differ only in case compare equal.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

impl PartialEq for PlaceName {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.folded() == other.folded()
    }
}

impl Eq for PlaceName {}

impl TryFrom<String> for PlaceName {
    type Error = InvalidPlace;
    fn try_from(text: String) -> Result<Self, InvalidPlace> {
        Self::parse(&text)
    }
}

impl From<PlaceName> for String {
    fn from(name: PlaceName) -> Self {
        name.0
    }
}

/// Reason why a text is not the name of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPlace {
    /// Only white space.
    #[error("the name of a place is expected")]
    Empty,
    /// More than 100 characters.
    #[error("at most {} characters are allowed", PlaceName::MOST)]
    TooLong,
    /// An invisible character other than a space.
    #[error("control characters are not allowed")]
    ControlCharacter,
}

/// A place, or a search for one. `None` means that the number has no such part, or that any will do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// State, province or another part of the country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<PlaceName>,
    /// City or town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locality: Option<PlaceName>,
}

impl Place {
    /// Whether this place matches the search `wanted`.
    #[must_use]
    pub fn is_in(&self, wanted: &Self) -> bool {
        let fits =
            |own: &Option<PlaceName>, wanted: &Option<PlaceName>| wanted.is_none() || own == wanted;
        fits(&self.region, &wanted.region) && fits(&self.locality, &wanted.locality)
    }

    /// Whether a search accepts every place.
    #[must_use]
    pub fn is_anywhere(&self) -> bool {
        self.region.is_none() && self.locality.is_none()
    }
}

/// A number in the inventory, or as it was there before it was bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InventoryNumber {
    /// The number.
    pub number: PhoneNumber,
    /// Its type.
    pub kind: NumberType,
    /// Its capabilities.
    pub capabilities: Capabilities,
    /// Its country.
    pub country: Country,
    /// Its region and locality.
    pub place: Place,
    /// Its price.
    pub price: Option<Cost>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(region: &str, locality: &str) -> Place {
        let name = |text: &str| PlaceName::parse(text).ok();
        Place {
            region: name(region),
            locality: name(locality),
        }
    }

    #[test]
    fn types_and_capabilities_ignore_case_and_refuse_unknown_words() {
        assert_eq!(NumberType::parse("toll-free"), Ok(NumberType::TollFree));
        for kind in NumberType::ALL {
            assert_eq!(NumberType::parse(kind.as_str()), Ok(kind));
        }
        assert_eq!(NumberType::parse_list("Local, NATIONAL").unwrap().len(), 2);
        for text in ["", "Local,", "Mobile", "Local;National"] {
            assert!(NumberType::parse_list(text).is_err(), "{text}");
        }
        let some = Capabilities::parse("sms,Voice,SMS").unwrap();
        let names: Vec<_> = some.iter().map(Capability::as_str).collect();
        assert_eq!(names, ["Voice", "SMS"]);
        for text in ["", "Voice,", "Fax", "Voice SMS"] {
            assert!(Capabilities::parse(text).is_err(), "{text}");
        }
        assert!(some.cover(&Capabilities::parse("sms").unwrap()));
        assert!(!some.cover(&Capabilities::parse("sms,mms").unwrap()));
    }

    #[test]
    fn places_ignore_case_in_any_script() {
        let own = place("Zürich", "Höngg");
        for (region, locality, inside) in [
            ("", "", true),
            ("ZÜRICH", "", true),
            ("", "höngg", true),
            (" zürich ", "HÖNGG", true),
            ("Zurich", "", false),
            ("Zürich", "Oerlikon", false),
        ] {
            assert_eq!(
                own.is_in(&place(region, locality)),
                inside,
                "{region} {locality}"
            );
        }
        assert!(!Place::default().is_in(&own));
        for (text, refused) in [
            ("  ", InvalidPlace::Empty),
            (&"x".repeat(101), InvalidPlace::TooLong),
            ("New\u{7}York", InvalidPlace::ControlCharacter),
        ] {
            assert_eq!(PlaceName::parse(text).unwrap_err(), refused);
        }
    }
}
