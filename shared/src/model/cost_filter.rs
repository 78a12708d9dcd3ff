//! Which cost entries a list has.

use serde::Serialize;

use super::call::CallingParty;
use super::cost::Cost;
use super::expectation::Expectation;
use super::pair::entry::State;
use super::phone::PhoneNumber;
use super::text::UnexpectedWord;
use super::vendor::VendorId;

/// Selects cost entries of a range. A field that is `None` or empty selects every entry.
///
/// Page tokens are bound to the serialized form, so every field that narrows a list belongs in it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CostFilter {
    /// Entries of one vendor, or of none.
    pub vendor: Option<OfVendor>,
    /// Entries for calls to this number.
    pub did: Option<PhoneNumber>,
    /// Entries for calls from one of these callers: every reading of what the client sent.
    pub callers: Vec<CallingParty>,
    /// Entries in this state.
    pub state: Option<State>,
    /// Entries that are matched to a call, or entries that are not.
    pub matched: Option<bool>,
    /// Entries with this flag.
    pub flag: Option<CostFlag>,
    /// Entries of which the terms of their vendor make this.
    pub expectation: Option<Expectation>,
    /// Entries of this amount or more.
    pub min: Option<Cost>,
    /// Entries of this amount or less.
    pub max: Option<Cost>,
    /// Entries whose bill this credential sent, by its id.
    pub credential: Option<String>,
}

/// Whose a cost is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum OfVendor {
    /// A vendor's.
    Vendor(VendorId),
    /// No vendor's.
    Nobody,
}

impl OfVendor {
    /// Stands for no vendor; no vendor's id has brackets.
    pub const NOBODY: &str = "(none)";

    /// Reads a vendor's id, or [`Self::NOBODY`].
    ///
    /// # Errors
    /// Returns the error of [`VendorId::parse`].
    pub fn parse(text: &str) -> Result<Self, super::vendor::InvalidVendorId> {
        match text {
            Self::NOBODY => Ok(Self::Nobody),
            _ => VendorId::parse(text).map(Self::Vendor),
        }
    }

    /// Whether this is whose something is.
    #[must_use]
    pub fn is(&self, vendor: Option<&VendorId>) -> bool {
        match self {
            Self::Vendor(wanted) => vendor == Some(wanted),
            Self::Nobody => vendor.is_none(),
        }
    }
}

/// Something about an entry that a person should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum CostFlag {
    /// Two billers have entries in force on its call.
    TwoVendors,
    /// A repeat of its bill may have been for a second call.
    MaybeSecond,
    /// Its credential had sent its call id for another pair.
    IdReused,
    /// It came at another price than was agreed with its vendor at that moment.
    OtherPrice,
    /// Its call had no room for it.
    Crowded,
}

impl CostFlag {
    /// Every flag.
    pub const ALL: [Self; 5] = [
        Self::TwoVendors,
        Self::MaybeSecond,
        Self::IdReused,
        Self::OtherPrice,
        Self::Crowded,
    ];

    /// Reads a flag, in any case.
    ///
    /// # Errors
    /// Returns `UnexpectedWord` for any other word.
    pub fn parse(text: &str) -> Result<Self, UnexpectedWord> {
        let mut all = Self::ALL.into_iter();
        let found = all.find(|flag| flag.as_str().eq_ignore_ascii_case(text));
        found.ok_or(UnexpectedWord {
            expected: "two_vendors, maybe_second, id_reused, other_price or crowded",
        })
    }

    /// Returns the flag as answers spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TwoVendors => "two_vendors",
            Self::MaybeSecond => "maybe_second",
            Self::IdReused => "id_reused",
            Self::OtherPrice => "other_price",
            Self::Crowded => "crowded",
        }
    }
}

/// By which time a list of cost entries goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum CostOrder {
    /// When they were billed.
    #[default]
    Billed,
    /// When the calls started that they are matched to.
    Call,
}

impl CostOrder {
    /// Reads `billed` or `call`, in any case.
    ///
    /// # Errors
    /// Returns `UnexpectedWord` for any other word.
    pub fn parse(text: &str) -> Result<Self, UnexpectedWord> {
        match text.to_ascii_lowercase().as_str() {
            "billed" => Ok(Self::Billed),
            "call" => Ok(Self::Call),
            _ => Err(UnexpectedWord {
                expected: "billed or call",
            }),
        }
    }

    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Billed => "billed",
            Self::Call => "call",
        }
    }
}

/// Every way to read a caller that a client looks for: a number in any notation, the digits that a switch
/// received, or a word for a caller who withholds the number.
///
/// # Errors
/// Returns `InvalidPhone` if the text is none of them.
pub fn callers(text: &str) -> Result<Vec<CallingParty>, super::phone::InvalidPhone> {
    if super::withheld::is_withheld(text) {
        return Ok(vec![CallingParty::Withheld]);
    }
    let number = PhoneNumber::parse(text);
    let digits = super::phone::SwitchDigits::parse(text).ok();
    let as_shown = digits.filter(|digits| digits.digits() == text);
    match (number, as_shown) {
        (Err(error), None) => Err(error),
        (number, as_shown) => {
            let number = number.ok().map(CallingParty::Number).into_iter();
            Ok(number.chain(as_shown.map(CallingParty::Digits)).collect())
        }
    }
}

impl State {
    /// Reads a state, in any case.
    ///
    /// # Errors
    /// Returns `UnexpectedWord` for any other word.
    pub fn parse(text: &str) -> Result<Self, UnexpectedWord> {
        let all = [Self::InForce, Self::Superseded, Self::Void];
        let found = all
            .into_iter()
            .find(|state| state.as_str().eq_ignore_ascii_case(text));
        found.ok_or(UnexpectedWord {
            expected: "in_force, superseded or void",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_either_case() {
        assert_eq!(State::parse("IN_FORCE").unwrap(), State::InForce);
        assert_eq!(CostOrder::parse("Call").unwrap(), CostOrder::Call);
        for flag in CostFlag::ALL {
            assert_eq!(CostFlag::parse(flag.as_str()).unwrap(), flag);
            assert_eq!(
                CostFlag::parse(&flag.as_str().to_uppercase()).unwrap(),
                flag
            );
        }
        assert!(CostFlag::parse("").is_err() && State::parse("lost").is_err());
    }

    #[test]
    fn a_caller_is_a_number_the_digits_of_a_switch_or_withheld() {
        let read = |text| callers(text).unwrap();
        assert_eq!(read("Anonymous"), [CallingParty::Withheld]);
        assert_eq!(read("(206) 973-5100").len(), 1);
        assert_eq!(read("000").first().map(CallingParty::as_str), Some("000"));
        assert!(callers("nobody").is_err());
    }
}
