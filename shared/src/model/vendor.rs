//! Vendors: who an account's calls come from, on what terms, and which numbers are whose.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::cost::Cost;
use super::short_text::ShortText;
use super::text::UnexpectedWord;
use super::time::{CivilDay, Instant};

/// A vendor's name for people.
pub type VendorName = ShortText<100>;

/// A vendor's id, which the account chooses: 1 to 64 ASCII letters, digits, `_`, `.` and `-`.
///
/// Ids are compared as they are written: `Acme` and `acme` are two vendors.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VendorId(String);

impl VendorId {
    /// The maximum number of characters.
    const MOST: usize = 64;

    /// Reads an id.
    ///
    /// # Errors
    /// Returns `InvalidVendorId` if the text is empty, longer than 64 characters, or has any other
    /// character.
    pub fn parse(text: &str) -> Result<Self, InvalidVendorId> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
        match (1..=Self::MOST).contains(&text.len()) && text.bytes().all(allowed) {
            true => Ok(Self(text.to_owned())),
            false => Err(InvalidVendorId),
        }
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VendorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for VendorId {
    type Error = InvalidVendorId;
    fn try_from(text: String) -> Result<Self, InvalidVendorId> {
        Self::parse(&text)
    }
}

impl From<VendorId> for String {
    fn from(id: VendorId) -> Self {
        id.0
    }
}

/// The text is not a vendor's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to 64 letters, digits, underscores, dots and hyphens")]
pub struct InvalidVendorId;

/// The status of a vendor, for people. It refuses nothing: a bill is recorded whatever it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VendorStatus {
    /// The account buys calls from the vendor.
    Active,
    /// The account does not buy calls from the vendor for now.
    Paused,
}

impl VendorStatus {
    /// Every status.
    pub const ALL: [Self; 2] = [Self::Active, Self::Paused];

    /// Reads a status.
    ///
    /// # Errors
    /// Returns `UnexpectedWord` for any other word.
    pub fn parse(text: &str) -> Result<Self, UnexpectedWord> {
        let found = Self::ALL.into_iter().find(|status| status.as_str() == text);
        found.ok_or(UnexpectedWord {
            expected: "active or paused",
        })
    }

    /// Returns the status as text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
        }
    }
}

/// What is agreed with a vendor from a day on.
///
/// Terms never refuse a bill. They say what a cost was expected to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The first day that they hold, in the account's zone.
    pub from: CivilDay,
    /// The price of one call, in the account's currency.
    #[serde(with = "price")]
    pub price: Cost,
    /// How many seconds a call must last to be billable.
    #[serde(default)]
    pub minimum_seconds: u32,
    /// For how many days another call of the same caller is not billable. 0 means that every call is.
    #[serde(default)]
    pub duplicate_days: u32,
}

impl Terms {
    /// The maximum of [`Terms::minimum_seconds`]: a day.
    pub const MOST_SECONDS: u32 = 86_400;

    /// The maximum of [`Terms::duplicate_days`]: ten years.
    pub const MOST_DAYS: u32 = 3_650;
}

/// Stores a price as the text that it was written as, which keeps its decimals.
mod price {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use super::Cost;

    pub(super) fn serialize<S: Serializer>(price: &Cost, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(price)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Cost, D::Error> {
        let text = String::deserialize(from)?;
        Cost::parse(&text).map_err(de::Error::custom)
    }
}

/// A vendor of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vendor {
    /// The id.
    #[serde(rename = "vendor_id")]
    pub id: VendorId,
    /// A name for people.
    pub name: VendorName,
    /// The status.
    pub status: VendorStatus,
    /// The terms, from the earliest day to the latest. Each holds until the next.
    #[serde(default)]
    pub terms: Vec<Terms>,
    /// When the vendor was created.
    pub created_at: Instant,
    /// How many times the vendor was changed.
    #[serde(default)]
    pub revision: u32,
}

impl Vendor {
    /// The maximum number of terms of a vendor, so that a vendor is one small item.
    pub const MOST_TERMS: usize = 100;

    /// Creates an active vendor without terms.
    #[must_use]
    pub fn new(id: VendorId, name: VendorName, now: Instant) -> Self {
        Self {
            id,
            name,
            status: VendorStatus::Active,
            terms: Vec::new(),
            created_at: now,
            revision: 0,
        }
    }

    /// Whether a request to create `other` asks for what this vendor is.
    #[must_use]
    pub fn is_as_created(&self, other: &Self) -> bool {
        self.id == other.id && self.name == other.name && self.status == other.status
    }

    /// Returns the terms that hold on a day, or `None` before the first of them.
    #[must_use]
    pub fn terms_on(&self, day: CivilDay) -> Option<&Terms> {
        let begun = self.terms.iter().filter(|terms| terms.from <= day);
        begun.max_by_key(|terms| terms.from)
    }

    /// Sets the terms that hold from a day on, in place of others from the same day.
    ///
    /// # Errors
    /// Returns `TooManyTerms` if the vendor would have more than [`Vendor::MOST_TERMS`].
    pub fn set_terms(&mut self, new: Terms) -> Result<(), TooManyTerms> {
        let mut terms = self.terms.clone();
        terms.retain(|terms| terms.from != new.from);
        terms.push(new);
        terms.sort_by_key(|terms| terms.from);
        if terms.len() > Self::MOST_TERMS {
            return Err(TooManyTerms);
        }
        self.terms = terms;
        Ok(())
    }
}

/// A vendor has as many terms as it can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a vendor has at most {} terms", Vendor::MOST_TERMS)]
pub struct TooManyTerms;

/// A change of a vendor. `None` leaves a setting as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VendorChange {
    /// See [`Vendor::name`].
    pub name: Option<VendorName>,
    /// See [`Vendor::status`].
    pub status: Option<VendorStatus>,
    /// See [`Vendor::set_terms`].
    pub terms: Option<Terms>,
}

impl VendorChange {
    /// Returns the vendor with the change applied.
    ///
    /// # Errors
    /// Returns `TooManyTerms` if the vendor cannot have the terms as well.
    pub fn applied_to(&self, vendor: &Vendor) -> Result<Vendor, TooManyTerms> {
        let mut vendor = vendor.clone();
        if let Some(name) = &self.name {
            vendor.name.clone_from(name);
        }
        vendor.status = self.status.unwrap_or(vendor.status);
        if let Some(terms) = self.terms {
            vendor.set_terms(terms)?;
        }
        Ok(vendor)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn terms(from: &str, price: &str) -> Terms {
        Terms {
            from: CivilDay::parse(from).unwrap(),
            price: Cost::parse(price).unwrap(),
            minimum_seconds: 0,
            duplicate_days: 0,
        }
    }

    fn vendor() -> Vendor {
        let id = VendorId::parse("acme").unwrap();
        let name = VendorName::parse("Acme").unwrap();
        Vendor::new(id, name, Instant::from_millis(0))
    }

    #[test]
    fn an_id_is_short_and_plain() {
        let longest = "a".repeat(64);
        for text in ["a", "Acme_1.eu-west", "...", longest.as_str()] {
            assert_eq!(VendorId::parse(text).unwrap().as_str(), text);
        }
        let longer = "a".repeat(65);
        for text in ["", " a", "a b", "a#b", "a/b", "é", longer.as_str()] {
            assert_eq!(VendorId::parse(text), Err(InvalidVendorId), "{text}");
        }
    }

    #[test]
    fn terms_hold_from_their_day_to_the_next() {
        let mut vendor = vendor();
        for (from, price) in [
            ("2026-03-01", "9"),
            ("2026-01-01", "7"),
            ("2026-03-01", "8.50"),
        ] {
            vendor.set_terms(terms(from, price)).unwrap();
        }
        assert_eq!(vendor.terms.len(), 2, "the same day again replaces");
        for (day, price) in [
            ("2025-12-31", None),
            ("2026-01-01", Some("7")),
            ("2026-02-28", Some("7")),
            ("2026-03-01", Some("8.50")),
            ("2030-01-01", Some("8.50")),
        ] {
            let held = vendor.terms_on(CivilDay::parse(day).unwrap());
            let held = held.map(|terms| terms.price.to_string());
            assert_eq!(held.as_deref(), price, "{day}");
        }
    }

    #[test]
    fn a_vendor_has_at_most_a_hundred_terms() {
        let mut vendor = vendor();
        for number in 0..100 {
            let day = format!("20{number:02}-01-01");
            vendor.set_terms(terms(&day, "1")).unwrap();
        }
        let one_more = VendorChange {
            terms: Some(terms("2100-01-01", "1")),
            ..VendorChange::default()
        };
        assert_eq!(one_more.applied_to(&vendor), Err(TooManyTerms));
        vendor.set_terms(terms("2050-01-01", "2")).unwrap();
        assert_eq!(vendor.terms.len(), 100);
    }

    #[test]
    fn a_vendor_is_read_again_as_it_was_stored() {
        let mut vendor = vendor();
        vendor.set_terms(terms("2026-01-01", "7.50")).unwrap();
        let stored = serde_json::to_string(&vendor).unwrap();
        assert_eq!(serde_json::from_str::<Vendor>(&stored).unwrap(), vendor);
        assert!(stored.contains("\"7.50\""), "{stored}");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parsers_panic(text in any::<String>()) {
            let _ = (VendorId::parse(&text), VendorStatus::parse(&text), CivilDay::parse(&text));
        }
    }
}
