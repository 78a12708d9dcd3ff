//! Costs of calls, as exact decimal amounts.

mod binary;

use std::borrow::Cow;
use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The maximum number of decimals kept.
const PLACES: usize = 4;

/// The maximum number of digits before the decimal point.
const INTEGER_DIGITS: usize = 12;

/// An amount of money in the account's currency: not negative, below 10^12, at most four decimals.
///
/// It keeps the number of decimals that it was written with: `25.50` is shown as `25.50`, and equals
/// `25.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cost(Decimal);

impl Cost {
    /// Reads an amount: digits, with an optional `$`, thousands separators and decimals.
    ///
    /// Separators stand between groups of three digits. Zeros beyond the fourth decimal are dropped, and so
    /// is the noise of a binary floating point number: `0.30000000000000004` is 0.3 (see
    /// [`binary::nearest`]).
    ///
    /// # Errors
    /// Returns `InvalidCost` for anything else: a negative amount, more than four decimals, an
    /// exponent, `NaN`, or a macro that the sender did not replace.
    pub fn parse(text: &str) -> Result<Self, InvalidCost> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidCost::Empty);
        }
        let amount = text.strip_prefix('$').map_or(text, str::trim_start);
        if amount
            .strip_prefix('-')
            .is_some_and(|rest| rest.starts_with(['$', '.']) || starts_digit(rest))
        {
            return Err(InvalidCost::Negative);
        }
        let (integer, decimals) = match amount.split_once('.') {
            Some((_, "")) => return Err(InvalidCost::NotAnAmount),
            Some((integer, decimals)) => (integer, decimals),
            None if amount.is_empty() => return Err(InvalidCost::NotAnAmount),
            None => (amount, ""),
        };
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if !digits(decimals) || !integer.split(',').all(digits) {
            return Err(InvalidCost::NotAnAmount);
        }
        if !grouped_by_three(integer) {
            return Err(InvalidCost::Separators);
        }
        let kept = match decimals.split_at_checked(PLACES) {
            Some((_, beyond)) if beyond.bytes().any(|b| b != b'0') => {
                let written = format!("{}.{decimals}", integer.replace(',', ""));
                let nearest = binary::nearest(&written).ok_or(InvalidCost::TooFine)?;
                return Self::from_decimal(nearest);
            }
            Some((kept, _)) => kept,
            None => decimals,
        };
        let integer = integer.replace(',', "");
        let integer = integer.trim_start_matches('0');
        if integer.len() > INTEGER_DIGITS {
            return Err(InvalidCost::TooLarge);
        }
        // At most 16 digits, so they fit, and so does the number of decimals.
        let units = format!("0{integer}{kept}")
            .parse()
            .map_err(|_| InvalidCost::TooLarge)?;
        let scale = u32::try_from(kept.len()).map_err(|_| InvalidCost::TooFine)?;
        Ok(Self(Decimal::new(units, scale)))
    }

    /// Takes a decimal as an amount.
    ///
    /// # Errors
    /// Returns `InvalidCost` if it is negative, has more than four decimals, or is 10^12 or above.
    pub fn from_decimal(amount: Decimal) -> Result<Self, InvalidCost> {
        if amount.is_sign_negative() {
            return Err(InvalidCost::Negative);
        }
        let mut kept = amount;
        kept.rescale(amount.scale().min(4));
        if kept != amount {
            return Err(InvalidCost::TooFine);
        }
        if kept >= Decimal::new(1_000_000_000_000, 0) {
            return Err(InvalidCost::TooLarge);
        }
        Ok(Self(kept))
    }

    /// Adds an amount. A sum beyond what a decimal holds stays at the largest.
    #[must_use]
    pub fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Returns the amount, with the decimals it was written with.
    #[must_use]
    pub fn decimal(&self) -> Decimal {
        self.0
    }

    /// Returns the amount with exactly four decimals: `25.5000`.
    #[must_use]
    pub fn four_places(&self) -> String {
        format!("{:.4}", self.0)
    }
}

impl TryFrom<String> for Cost {
    type Error = InvalidCost;
    fn try_from(text: String) -> Result<Self, InvalidCost> {
        Self::parse(&text)
    }
}

impl From<Cost> for String {
    fn from(cost: Cost) -> Self {
        cost.to_string()
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Formats a stored amount with exactly four decimals, as [`Cost::four_places`] does.
///
/// A text that is not a plain decimal number is returned unchanged.
#[must_use]
pub fn four_places_of(stored: &str) -> Cow<'_, str> {
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let (integer, decimals) = stored.split_once('.').unwrap_or((stored, ""));
    if plain(integer) && plain(decimals) && decimals.len() <= PLACES {
        return Cow::Owned(format!("{integer}.{decimals:0<PLACES$}"));
    }
    match Decimal::from_scientific(stored) {
        Ok(amount) => Cow::Owned(format!("{amount:.4}")),
        Err(_) => Cow::Borrowed(stored),
    }
}

/// Reason why a text is not an amount. No error message repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCost {
    /// Nothing but white space.
    #[error("the value is empty; expected an amount such as 25 or 25.50")]
    Empty,
    /// Below zero, or a negative zero.
    #[error("an amount is not negative")]
    Negative,
    /// More than four significant decimals.
    #[error("an amount has at most 4 decimals")]
    TooFine,
    /// More than twelve digits before the point.
    #[error("an amount has at most 12 digits before the point")]
    TooLarge,
    /// Thousands separators in the wrong places.
    #[error(
        "thousands separators stand before groups of three digits, as in 1,234.50; decimals follow a point"
    )]
    Separators,
    /// Not digits: an exponent, `NaN`, a macro that was not replaced.
    #[error(
        "expected an amount such as 25 or 25.50; macros have to be replaced before they are sent"
    )]
    NotAnAmount,
}

fn starts_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// One to three digits, then groups of three; or no separator at all.
fn grouped_by_three(integer: &str) -> bool {
    match integer.split_once(',') {
        None => true,
        Some((first, rest)) => {
            (1..=3).contains(&first.len()) && rest.split(',').all(|group| group.len() == 3)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_in_every_notation_and_shown_normalised() {
        let table = [
            ("25", "25", "25.0000"),
            ("25.5", "25.5", "25.5000"),
            ("25.5000", "25.5000", "25.5000"),
            ("1.00000", "1.0000", "1.0000"),
            (".5", "0.5", "0.5000"),
            ("0", "0", "0.0000"),
            ("0.00", "0.00", "0.0000"),
            // What JavaScript prints for 0.1 + 0.2, 25.3 - 25.1, 1.1 * 3 and 4.35 * 100.
            ("0.30000000000000004", "0.3", "0.3000"),
            ("0.1999999999999993", "0.2", "0.2000"),
            ("3.3000000000000003", "3.3", "3.3000"),
            ("434.99999999999994", "435", "435.0000"),
            ("$1,234.5600000000002", "1234.56", "1234.5600"),
            ("0007", "7", "7.0000"),
            ("$12.50", "12.50", "12.5000"),
            ("$ 12.50 ", "12.50", "12.5000"),
            ("1,234.5", "1234.5", "1234.5000"),
            ("$1,234,567.8901", "1234567.8901", "1234567.8901"),
            (
                "999999999999.9999",
                "999999999999.9999",
                "999999999999.9999",
            ),
            (
                "0.1000000000000000000000000000000000000000",
                "0.1000",
                "0.1000",
            ),
        ];
        for (text, shown, four) in table {
            let cost = Cost::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(cost.to_string(), shown, "{text}");
            assert_eq!(cost.four_places(), four, "{text}");
        }
    }

    #[test]
    fn stored_amounts_are_shown_with_four_places() {
        for (stored, shown) in [
            ("25.5", "25.5000"),
            ("0", "0.0000"),
            ("0.0001", "0.0001"),
            ("1E+3", "1000.0000"),
            ("999999999999.9999", "999999999999.9999"),
        ] {
            assert_eq!(four_places_of(stored), shown);
        }
    }

    #[test]
    fn an_invalid_amount_is_refused_with_its_reason() {
        use InvalidCost::*;
        let table = [
            ("", Empty),
            (" \t", Empty),
            ("-1", Negative),
            ("-0", Negative),
            ("-.5", Negative),
            ("$-5", Negative),
            ("-$5", Negative),
            ("1.00001", TooFine),
            ("0.12345", TooFine),
            ("0.123456789012345678", TooFine),
            // Amounts that somebody wrote, and not the shortest form of a double.
            ("0.3000000000000000400", TooFine),
            ("0.30000000000001", TooFine),
            ("0.300000001", TooFine),
            ("0.00001", TooFine),
            ("1234567890.12345", TooFine),
            ("1000000000000", TooLarge),
            ("99999999999999999999999999", TooLarge),
            ("12,34", Separators),
            ("1234,567", Separators),
            ("1,,234", Separators),
            (",123", Separators),
            ("25,50", Separators),
            ("1e3", NotAnAmount),
            ("1E-3", NotAnAmount),
            ("NaN", NotAnAmount),
            ("Infinity", NotAnAmount),
            ("+5", NotAnAmount),
            ("5.", NotAnAmount),
            (".", NotAnAmount),
            ("$", NotAnAmount),
            ("$$5", NotAnAmount),
            ("1.2.3", NotAnAmount),
            ("1.234,50", NotAnAmount),
            ("1 234", NotAnAmount),
            ("0x10", NotAnAmount),
            ("٢٥", NotAnAmount),
            ("25 USD", NotAnAmount),
            ("[Call:ConversionPayout]", NotAnAmount),
            ("{{payout}}", NotAnAmount),
            ("--A--x--B--", NotAnAmount),
            ("null", NotAnAmount),
        ];
        for (text, reason) in table {
            assert_eq!(Cost::parse(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn a_decimal_becomes_a_cost_within_the_same_bounds() {
        let cost = |text: &str| Cost::from_decimal(text.parse().unwrap());
        assert_eq!(cost("25.500000").unwrap().to_string(), "25.5000");
        assert_eq!(cost("0.00001"), Err(InvalidCost::TooFine));
        assert_eq!(cost("-1"), Err(InvalidCost::Negative));
        assert_eq!(cost("1000000000000"), Err(InvalidCost::TooLarge));
    }

    proptest! {
        #[test]
        fn the_parser_never_panics(text in any::<String>()) {
            let _ = Cost::parse(&text);
        }

        #[test]
        fn the_parser_never_panics_on_amount_characters(text in "[-$ ,.0-9eE]{0,24}") {
            if let Ok(cost) = Cost::parse(&text) {
                prop_assert_eq!(Cost::parse(&cost.to_string()), Ok(cost));
                prop_assert_eq!(Cost::from_decimal(cost.decimal()), Ok(cost));
            }
        }

        #[test]
        fn an_amount_is_read_back_from_every_notation(units in 0_i64..10_000_000_000_000_000, scale in 0_u32..=4) {
            let units = units / 10_i64.pow(4 - scale);
            let plain = Decimal::new(units, scale).to_string();
            let (integer, decimals) = plain.split_once('.').unwrap_or((&plain, ""));
            let point = if decimals.is_empty() { "" } else { "." };
            let mut grouped = String::new();
            for (index, digit) in integer.chars().enumerate() {
                if index > 0 && (integer.len() - index).is_multiple_of(3) {
                    grouped.push(',');
                }
                grouped.push(digit);
            }
            for text in [
                plain.clone(),
                format!("${plain}"),
                format!(" 00{plain} "),
                format!("$ {grouped}{point}{decimals}"),
            ] {
                let cost = Cost::parse(&text).map_err(|e| TestCaseError::fail(format!("{text}: {e}")))?;
                prop_assert_eq!(cost.to_string(), plain.as_str());
                prop_assert_eq!(cost.decimal(), Decimal::new(units, scale));
            }
        }
    }
}
