//! Countries, by their ISO 3166-1 alpha-2 codes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Every code that ISO 3166-1 assigns, as of 2026.
const ASSIGNED: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE \
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM \
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC \
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA \
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW \
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO \
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// A country: two upper case letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

impl Country {
    /// Reads a code in upper or lower case.
    ///
    /// # Errors
    /// Returns `InvalidCountry` if the text is not two letters, or no country has that code.
    pub fn parse(text: &str) -> Result<Self, InvalidCountry> {
        let country = Self::from_stored(&text.to_ascii_uppercase())?;
        if ASSIGNED.split(' ').any(|code| code == country.as_str()) {
            Ok(country)
        } else {
            Err(InvalidCountry::Unassigned)
        }
    }

    /// Reads a stored code. The code of a country that no longer exists stays readable.
    fn from_stored(text: &str) -> Result<Self, InvalidCountry> {
        match text.as_bytes() {
            [first @ b'A'..=b'Z', second @ b'A'..=b'Z'] => Ok(Self([*first, *second])),
            _ => Err(InvalidCountry::Form),
        }
    }

    /// Returns the two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // ASCII letters are always valid UTF-8.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Country({self})")
    }
}

impl TryFrom<String> for Country {
    type Error = InvalidCountry;
    fn try_from(text: String) -> Result<Self, InvalidCountry> {
        Self::from_stored(&text)
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.as_str().to_owned()
    }
}

/// Reason why a text is not a country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCountry {
    /// Not two letters.
    #[error("expected the two letters of ISO 3166-1, such as US")]
    Form,
    /// Two letters that are not assigned to a country.
    #[error("no country of ISO 3166-1 has these letters")]
    Unassigned,
}

/// A country in which the deployment offers numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServedCountry {
    /// The country.
    pub country: Country,
    /// Whether a number there stays pending until it is linked to an address in the country.
    pub requires_address: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_code_is_two_letters_of_an_existing_country() {
        for (text, expected) in [
            ("US", Ok("US")),
            ("gb", Ok("GB")),
            ("uK", Err(InvalidCountry::Unassigned)),
            ("XX", Err(InvalidCountry::Unassigned)),
            ("A ", Err(InvalidCountry::Form)),
            ("", Err(InvalidCountry::Form)),
            ("USA", Err(InvalidCountry::Form)),
            ("1A", Err(InvalidCountry::Form)),
            ("ÄÖ", Err(InvalidCountry::Form)),
            ("Ü", Err(InvalidCountry::Form)),
        ] {
            let read = Country::parse(text);
            assert_eq!(read.as_ref().map(Country::as_str).map_err(|e| *e), expected);
        }
    }

    #[test]
    fn the_standard_assigns_249_codes_each_once_and_in_order() {
        let codes: Vec<_> = ASSIGNED.split(' ').collect();
        assert_eq!(codes.len(), 249);
        assert!(codes.is_sorted_by(|a, b| a < b));
    }
}
