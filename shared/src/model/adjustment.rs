//! Adjustments: signed amounts beside costs, such as credits, disputes won and late fees.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::call::{CostId, InvalidCostId};
use super::cost::{Cost, InvalidCost};
use super::short_text::ShortText;
use super::time::{CivilDay, Instant, InvalidDay};

/// Why a person adjusted, voided or moved a cost.
pub type Reason = ShortText<255>;

/// An amount with a sign: not zero, below 10^12 either way, at most four decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SignedAmount(Decimal);

impl SignedAmount {
    /// Reads what [`Cost::parse`] does, behind an optional `-` or `+`.
    ///
    /// # Errors
    /// Returns `InvalidSignedAmount` for zero, for more than four decimals, and for anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidSignedAmount> {
        let text = text.trim();
        let (negative, amount) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let amount = match Cost::parse(amount) {
            Ok(amount) => amount.decimal(),
            // A second sign.
            Err(InvalidCost::Negative) => return Err(InvalidCost::NotAnAmount.into()),
            Err(error) => return Err(error.into()),
        };
        match amount.is_zero() {
            true => Err(InvalidSignedAmount::Zero),
            false if negative => Ok(Self(-amount)),
            false => Ok(Self(amount)),
        }
    }

    /// Returns the amount, with the decimals it was written with.
    #[must_use]
    pub fn decimal(&self) -> Decimal {
        self.0
    }

    /// Returns the amount with exactly four decimals: `-7.5000`.
    #[must_use]
    pub fn four_places(&self) -> String {
        format!("{:.4}", self.0)
    }
}

impl TryFrom<String> for SignedAmount {
    type Error = InvalidSignedAmount;
    fn try_from(text: String) -> Result<Self, InvalidSignedAmount> {
        Self::parse(&text)
    }
}

impl From<SignedAmount> for String {
    fn from(amount: SignedAmount) -> Self {
        amount.0.to_string()
    }
}

/// Reason why a text is not a signed amount. No message repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSignedAmount {
    /// An adjustment of nothing.
    #[error("zero adjusts nothing")]
    Zero,
    /// Not an amount.
    #[error(transparent)]
    Amount(#[from] InvalidCost),
}

/// The id of an adjustment: the digits of a 63-bit integer that holds when it was made, as those of
/// costs do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AdjustmentId(CostId);

impl AdjustmentId {
    /// Takes an id of the form of a cost's.
    pub(crate) fn new(id: CostId) -> Self {
        Self(id)
    }

    /// Reads an id.
    ///
    /// # Errors
    /// Returns `InvalidCostId` if the text is not 1 to 19 digits of a 63-bit integer.
    pub fn parse(text: &str) -> Result<Self, InvalidCostId> {
        CostId::parse(text).map(Self)
    }

    /// Returns when the adjustment was made.
    #[must_use]
    pub fn made(&self) -> Instant {
        self.0.billed()
    }

    /// Returns the digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// A calendar month: `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month(CivilDay);

impl Month {
    /// Reads `YYYY-MM`.
    ///
    /// # Errors
    /// Returns `InvalidMonth` for anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidMonth> {
        match CivilDay::parse(&format!("{text}-01")) {
            Ok(first) => Ok(Self(first)),
            Err(InvalidDay::Form | InvalidDay::NotInCalendar) => Err(InvalidMonth),
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = self.0.to_string();
        f.pad(day.strip_suffix("-01").unwrap_or(&day))
    }
}

impl TryFrom<String> for Month {
    type Error = InvalidMonth;
    fn try_from(text: String) -> Result<Self, InvalidMonth> {
        Self::parse(&text)
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

/// The text is not a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a month such as 2026-11")]
pub struct InvalidMonth;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_amount_has_a_sign_and_four_decimals_at_most() {
        for (text, shown) in [
            ("-7.50", "-7.5000"),
            ("7.5", "7.5000"),
            ("+0.0001", "0.0001"),
            (" -$1,025.50 ", "-1025.5000"),
        ] {
            assert_eq!(SignedAmount::parse(text).unwrap().four_places(), shown);
        }
        for text in ["0", "-0.0000", "+$0"] {
            let zero = Err(InvalidSignedAmount::Zero);
            assert_eq!(SignedAmount::parse(text), zero, "{text}");
        }
        for text in [
            "",
            "-",
            "--1",
            "+-1",
            "-1.00001",
            "1e3",
            "NaN",
            "five",
            "-1000000000000",
        ] {
            let parsed = SignedAmount::parse(text);
            assert!(
                matches!(parsed, Err(InvalidSignedAmount::Amount(_))),
                "{text}: {parsed:?}"
            );
        }
    }

    #[test]
    fn a_month_is_a_year_and_a_month() {
        assert_eq!(Month::parse("2026-11").unwrap().to_string(), "2026-11");
        for text in ["", "2026", "2026-13", "2026-1", "11-2026", "2026-11-01"] {
            assert_eq!(Month::parse(text), Err(InvalidMonth), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parsers_panic(text in any::<String>()) {
            let _ = (SignedAmount::parse(&text), Month::parse(&text), AdjustmentId::parse(&text));
        }

        #[test]
        fn an_amount_is_read_again_as_it_was_stored(units in -1_000_000_i64..1_000_000, scale in 0_u32..=4) {
            if let Ok(amount) = SignedAmount::parse(&Decimal::new(units, scale).to_string()) {
                prop_assert_eq!(SignedAmount::try_from(String::from(amount)), Ok(amount));
            }
        }
    }
}
