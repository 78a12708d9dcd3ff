//! Phone numbers in E.164. The only module that uses the phone number library (`docs/decisions.md`,
//! D-045).

use std::fmt;

use rlibphonenumber::{
    NotANumberError, NumberLengthType, PHONE_NUMBER_UTIL, ParseError, PhoneNumberFormat, Region,
    ValidationError, get_national_significant_number_owned,
};
use serde::{Deserialize, Serialize};

use super::country::Country;

/// The longest text that is parsed, in bytes.
///
/// No notation of a number is longer, and the parser's work grows with its input.
const MAX_TEXT: usize = 250;

/// The most digits that a country code and its numbering plan allow together.
///
/// Some domestic plans exceed the 15 digits of E.164.
const MAX_DIGITS: usize = 20;

/// A possible phone number in E.164: a `+` and digits, such as `+12065550100`.
///
/// A possible number has a valid length for its country and, for +1, area and exchange codes that start
/// with 2 to 9. It may be in an unassigned range. Numbers compare equal however they were written.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number in any notation. Without a country code, it is a +1 number.
    ///
    /// The parser understands punctuation, `tel:` URIs, full-width and Arabic-Indic digits, vanity
    /// letters and the prefix 011, and it drops extensions. If the text is not a +1 number, a leading
    /// space is read as the `+` that it was in a query string: ` 442071838750` is `+442071838750`.
    ///
    /// # Errors
    /// Returns `InvalidPhone` if the text contains no number, or the number is not possible.
    pub fn parse(text: &str) -> Result<Self, InvalidPhone> {
        let invalid = match parse_with(text, Some(Region::US)) {
            Ok(number) => return Ok(number),
            Err(invalid) => invalid,
        };
        match text.strip_prefix(' ') {
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => {
                parse_with(&format!("+{rest}"), None).map_err(|_| invalid)
            }
            _ => Err(invalid),
        }
    }

    /// Reads strict E.164: country code and number in ASCII digits, with or without `+`.
    ///
    /// A leading space is accepted too, because a `+` becomes a space in a query string.
    ///
    /// # Errors
    /// Returns `InvalidPhone` if the text is not E.164, is a North American number without its country
    /// code, or is not possible.
    pub fn parse_e164(text: &str) -> Result<Self, InvalidPhone> {
        let (international, digits) = strict_digits(text)?;
        if digits.starts_with('0') {
            return Err(InvalidPhone::LeadingZero);
        }
        if !international && is_north_american(digits) {
            return Err(InvalidPhone::CountryCodeMissing);
        }
        let number = parse_with(&format!("+{digits}"), None)?;
        // They differ if a trunk prefix follows the country code, as in +44 0 20...
        if number.digits() == digits {
            Ok(number)
        } else {
            Err(InvalidPhone::NotPossible)
        }
    }

    /// Reads strict E.164, as [`PhoneNumber::parse_e164`] does, of a number in `country`.
    ///
    /// Only the calling code is compared. Countries that share a code are not distinguished, and a
    /// country without a numbering plan accepts any number.
    ///
    /// # Errors
    /// Returns `InvalidPhone` if the text is not E.164, or has another country's calling code.
    pub fn parse_e164_in(text: &str, country: Country) -> Result<Self, InvalidPhone> {
        let number = Self::parse_e164(text)?;
        let region = Region::from_code(country.as_str()).ok();
        let code = region.and_then(|region| PHONE_NUMBER_UTIL.get_country_code_for_region(region));
        let own = PHONE_NUMBER_UTIL
            .parse(number.as_e164(), None)
            .map_err(|error| unparsed(&error))?
            .country_code;
        match code {
            Some(code) if code != own => Err(InvalidPhone::OtherCountry),
            _ => Ok(number),
        }
    }

    /// Reads a stored number, as [`PhoneNumber::as_e164`] returned it.
    ///
    /// Only the form is checked, so stored numbers stay readable when numbering plans change.
    ///
    /// # Errors
    /// Returns `InvalidPhone` if the text is not `+` and digits.
    pub fn from_stored(text: &str) -> Result<Self, InvalidPhone> {
        let digits = text.strip_prefix('+').ok_or(InvalidPhone::NotE164)?;
        let plausible = (3..=MAX_DIGITS).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        if plausible {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidPhone::NotE164)
        }
    }

    /// Returns the number as `+` and digits.
    #[must_use]
    pub fn as_e164(&self) -> &str {
        &self.0
    }

    /// Returns country code and number without the `+`.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.0.strip_prefix('+').unwrap_or(&self.0)
    }

    /// Returns the digits without the country code, or all of them if the country code is not known.
    #[must_use]
    pub fn national_digits(&self) -> String {
        match PHONE_NUMBER_UTIL.parse(&self.0, None) {
            Ok(number) => get_national_significant_number_owned(&number),
            Err(_) => self.digits().to_owned(),
        }
    }

    /// Returns the number as logs show it: `+1206***0100`.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("+{}", mask(self.digits()))
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber({})", self.masked())
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = InvalidPhone;
    fn try_from(text: String) -> Result<Self, InvalidPhone> {
        Self::from_stored(&text)
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

/// The calling number that a switch received: 3 to 20 ASCII digits, possibly truncated or prefixed.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
pub struct SwitchDigits {
    digits: String,
    international: bool,
}

impl SwitchDigits {
    /// Reads 3 to 20 digits with an optional leading `+`.
    ///
    /// A leading space is accepted too, because a `+` becomes a space in a query string.
    ///
    /// # Errors
    /// Returns `InvalidPhone` if the text has other characters, or fewer or more digits.
    pub fn parse(text: &str) -> Result<Self, InvalidPhone> {
        let (international, digits) = strict_digits(text)?;
        match digits.len() {
            0..3 => Err(InvalidPhone::TooShort),
            3..=MAX_DIGITS => Ok(Self {
                digits: digits.to_owned(),
                international,
            }),
            _ => Err(InvalidPhone::TooLong),
        }
    }

    /// Returns the digits as received, without `+`.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// Returns the phone number, if [`PhoneNumber::parse_e164`] accepts the digits.
    #[must_use]
    pub fn as_phone(&self) -> Option<PhoneNumber> {
        let plus = if self.international { "+" } else { "" };
        PhoneNumber::parse_e164(&format!("{plus}{}", self.digits)).ok()
    }

    /// Returns the digits as logs show them: `1206***0100`.
    #[must_use]
    pub fn masked(&self) -> String {
        mask(&self.digits)
    }
}

impl fmt::Debug for SwitchDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SwitchDigits({})", self.masked())
    }
}

/// Reason why a text is not a phone number.
///
/// The messages complete the sentence "it is invalid because". No message repeats the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPhone {
    /// Only white space.
    #[error("the value is empty; a phone number is expected")]
    Empty,
    /// Text without a digit.
    #[error("there is no digit in it")]
    NoDigits,
    /// Other characters where only digits are allowed.
    #[error("only the digits 0 to 9 are allowed, with an optional leading +")]
    NotE164,
    /// A zero where the country code starts.
    #[error("a number with its country code does not start with 0")]
    LeadingZero,
    /// A North American number of ten digits.
    #[error("the country code is missing; a North American number starts with 1")]
    CountryCodeMissing,
    /// A country code that does not belong to the expected country.
    #[error("its country code is another country's")]
    OtherCountry,
    /// Fewer digits than any number of its country has.
    #[error("it has too few digits")]
    TooShort,
    /// More digits than any number of its country has.
    #[error("it has too many digits")]
    TooLong,
    /// An unknown country code, a length that its country does not use, or a +1 area or
    /// exchange code that starts with 0 or 1.
    #[error("no number of its country looks like this")]
    NotPossible,
}

/// Masks every digit but the last four, in a text that may contain a number.
#[must_use]
pub fn mask_digits(text: &str) -> String {
    let hidden = text
        .chars()
        .filter(|c| c.is_numeric())
        .count()
        .saturating_sub(4);
    let mut seen = 0;
    text.chars()
        .map(|c| {
            seen += usize::from(c.is_numeric());
            if c.is_numeric() && seen <= hidden {
                '*'
            } else {
                c
            }
        })
        .collect()
}

/// Masks digits. At most the first four and the last four are shown, with at least three masked
/// between.
fn mask(digits: &str) -> String {
    let count = digits.chars().count();
    let tail = if count >= 7 {
        4
    } else {
        count.saturating_sub(3)
    };
    let head = count.saturating_sub(tail + 3).min(4);
    let start: String = digits.chars().take(head).collect();
    let end: String = digits.chars().skip(count - tail).collect();
    format!("{start}***{end}")
}

/// Returns whether there is a leading `+`, and the digits, at least one.
fn strict_digits(text: &str) -> Result<(bool, &str), InvalidPhone> {
    if text.trim().is_empty() {
        return Err(InvalidPhone::Empty);
    }
    let (international, digits) = match text.strip_prefix(['+', ' ']) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        Ok((international, digits))
    } else if text.chars().any(char::is_numeric) {
        Err(InvalidPhone::NotE164)
    } else {
        Err(InvalidPhone::NoDigits)
    }
}

/// Whether ten digits have area and exchange codes that start with 2 to 9.
fn is_north_american(national: &str) -> bool {
    let starts_well = |at: usize| {
        national
            .as_bytes()
            .get(at)
            .is_some_and(|b| (b'2'..=b'9').contains(b))
    };
    national.len() == 10 && starts_well(0) && starts_well(3)
}

/// Reads a number, without a country code in `region`.
fn parse_with(text: &str, region: Option<Region>) -> Result<PhoneNumber, InvalidPhone> {
    match plain_north_american(text, region.is_some()) {
        Some(number) => Ok(number),
        None => parse_in_library(text, region),
    }
}

/// Reads a +1 number in its usual notations: 10 digits, or 11 with the 1, in any grouping by blanks and
/// `-.()`, with or without a leading `+`. Returns `None` for every other text.
///
/// Most numbers are written so. The library answers the same, but decodes the numbering plans of all
/// countries first, which costs a new process more than the rest of its start (`docs/decisions.md`,
/// D-200). Without a `+`, the text is a +1 number only if that is the default.
fn plain_north_american(text: &str, by_default: bool) -> Option<PhoneNumber> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let (international, rest) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if !international && !by_default {
        return None;
    }
    let longest = "+12065550100".len();
    let mut e164 = String::with_capacity(longest);
    e164.push('+');
    for byte in rest.bytes() {
        match byte {
            b'0'..=b'9' if e164.len() < longest => e164.push(char::from(byte)),
            b' ' | b'-' | b'.' | b'(' | b')' => {}
            _ => return None,
        }
    }
    if !international && e164.len() == "+2065550100".len() {
        e164.insert(1, '1');
    }
    let national = e164.strip_prefix("+1")?;
    is_north_american(national).then_some(PhoneNumber(e164))
}

fn parse_in_library(text: &str, region: Option<Region>) -> Result<PhoneNumber, InvalidPhone> {
    if text.trim().is_empty() {
        return Err(InvalidPhone::Empty);
    }
    if text.len() > MAX_TEXT {
        return Err(InvalidPhone::TooLong);
    }
    if PHONE_NUMBER_UTIL.normalize_digits_only(text).is_empty() {
        return Err(InvalidPhone::NoDigits);
    }
    if has_late_scheme(text) {
        return Err(InvalidPhone::NotPossible);
    }
    let number = PHONE_NUMBER_UTIL
        .parse(text, region)
        .map_err(|error| unparsed(&error))?;
    match PHONE_NUMBER_UTIL.is_possible_number_with_reason(&number) {
        Ok(NumberLengthType::IsPossible) => {}
        Ok(NumberLengthType::IsPossibleLocalOnly) | Err(ValidationError::TooShort) => {
            return Err(InvalidPhone::TooShort);
        }
        Err(ValidationError::TooLong) => return Err(InvalidPhone::TooLong),
        Err(ValidationError::InvalidLength | ValidationError::InvalidCountryCode) => {
            return Err(InvalidPhone::NotPossible);
        }
    }
    let national = get_national_significant_number_owned(&number);
    if number.country_code == 1 && !is_north_american(&national) {
        return Err(InvalidPhone::NotPossible);
    }
    let e164 = PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164);
    // Zeros behind a country code can be trunk prefixes and digits at once. A number whose E.164 form is read
    // as another number would not be found by it.
    let again = PHONE_NUMBER_UTIL.parse(&e164, None);
    let again = again.map_err(|error| unparsed(&error))?;
    match PHONE_NUMBER_UTIL.format(&again, PhoneNumberFormat::E164) == e164 {
        true => PhoneNumber::from_stored(&e164),
        false => Err(InvalidPhone::NotPossible),
    }
}

/// Whether `tel:` follows `;phone-context=`.
///
/// The library cuts from one to the other and panics if they come in this order.
fn has_late_scheme(text: &str) -> bool {
    match (text.find(";phone-context="), text.find("tel:")) {
        (Some(context), Some(scheme)) => scheme > context,
        _ => false,
    }
}

fn unparsed(error: &ParseError) -> InvalidPhone {
    match error {
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => InvalidPhone::TooShort,
        ParseError::TooLongNsn
        | ParseError::NotANumber(NotANumberError::FailedToParseNumberAsInt(_)) => {
            InvalidPhone::TooLong
        }
        ParseError::InvalidCountryCode | ParseError::NotANumber(_) => InvalidPhone::NotPossible,
    }
}

#[cfg(test)]
mod tests;
