//! Numbers that can be bought: of what kind, what they can do, and where they are.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::cost::Cost;
use super::country::Country;
use super::phone::PhoneNumber;

/// What kind of number it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum NumberType {
    /// Of a place.
    Local,
    /// Free for the caller.
    #[serde(rename = "Toll-Free")]
    TollFree,
    /// Caller and called share the price.
    #[serde(rename = "Shared-Rate")]
    SharedRate,
    /// Of a country and no place in it.
    National,
}

impl NumberType {
    const ALL: [Self; 4] = [
        Self::Local,
        Self::TollFree,
        Self::SharedRate,
        Self::National,
    ];

    /// Reads a type in either case.
    ///
    /// # Errors
    /// There is no such type.
    pub fn parse(text: &str) -> Result<Self, UnknownNumberType> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(text.trim()))
            .ok_or(UnknownNumberType)
    }

    /// Reads a list with commas, of at least one type.
    ///
    /// # Errors
    /// One of them is no type.
    pub fn parse_list(text: &str) -> Result<BTreeSet<Self>, UnknownNumberType> {
        text.split(',').map(Self::parse).collect()
    }

    /// The type as requests and answers spell it.
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

/// The text is no type of number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected Local, Toll-Free, Shared-Rate or National")]
pub struct UnknownNumberType;

/// Something that a number can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Capability {
    /// Calls.
    Voice,
    /// Short messages.
    #[serde(rename = "SMS")]
    Sms,
    /// Messages with pictures.
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

    /// The capability as requests and answers spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Voice => "Voice",
            Self::Sms => "SMS",
            Self::Mms => "MMS",
        }
    }
}

/// The text is nothing that a number can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected Voice, SMS or MMS, or several with commas between them")]
pub struct UnknownCapability;

/// What a number can do: at least one thing, each once, in one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities(BTreeSet<Capability>);

impl Capabilities {
    /// Reads a list with commas.
    ///
    /// # Errors
    /// One of them is no capability; so is an empty text.
    pub fn parse(text: &str) -> Result<Self, UnknownCapability> {
        text.split(',')
            .map(Capability::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether everything in `wanted` is among them.
    #[must_use]
    pub fn cover(&self, wanted: &Self) -> bool {
        wanted.0.is_subset(&self.0)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Capability> {
        self.0.iter().copied()
    }
}

/// The name of a region or locality: 1 to 100 characters, no white space around them, none that cannot be
/// seen. Two that differ in nothing but case are the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlaceName(String);

impl PlaceName {
    /// The most characters.
    pub const MOST: usize = 100;

    /// Takes the name without the white space around it.
    ///
    /// # Errors
    /// Nothing is left of it, or too much, or something that cannot be seen.
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

    /// The name as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that names which differ in case alone share.
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

/// Why a text is no name of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPlace {
    /// Nothing but white space.
    #[error("the name of a place is expected")]
    Empty,
    /// More than 100 characters.
    #[error("at most {} characters are allowed", PlaceName::MOST)]
    TooLong,
    /// A character that cannot be seen and is no space.
    #[error("control characters are not allowed")]
    ControlCharacter,
}

/// Where a number is, or is looked for: what is `None` is nowhere in particular, or does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Which part of the country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<PlaceName>,
    /// Which city or town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locality: Option<PlaceName>,
}

impl Place {
    /// Whether this place is one of those that are looked for.
    #[must_use]
    pub fn is_in(&self, wanted: &Self) -> bool {
        let fits =
            |own: &Option<PlaceName>, wanted: &Option<PlaceName>| wanted.is_none() || own == wanted;
        fits(&self.region, &wanted.region) && fits(&self.locality, &wanted.locality)
    }

    /// Whether every place is looked for.
    #[must_use]
    pub fn is_anywhere(&self) -> bool {
        self.region.is_none() && self.locality.is_none()
    }
}

/// A number that nobody has, or had not when it was bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InventoryNumber {
    /// The number.
    pub number: PhoneNumber,
    /// Of what kind.
    pub kind: NumberType,
    /// What it can do.
    pub capabilities: Capabilities,
    /// In which country.
    pub country: Country,
    /// Where in it.
    pub place: Place,
    /// What it costs.
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
    fn types_and_capabilities_are_read_in_either_case_and_one_wrong_word_is_too_many() {
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
    fn places_are_the_same_in_any_case_and_in_any_script() {
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
