//! Currencies, by their ISO 4217 codes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Every code that ISO 4217 assigns to a currency in use, as of 2026.
///
/// Precious metals, funds and the codes for testing are not among them.
const ASSIGNED: &str = "\
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN \
    BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS \
    GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW \
    KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD \
    NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD \
    SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED \
    VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

/// A currency: three upper case letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// The US dollar, the currency of accounts that name none.
    pub const USD: Self = Self(*b"USD");

    /// Reads a code in upper or lower case.
    ///
    /// # Errors
    /// Returns `InvalidCurrency` if the text is not three letters, or no currency has that code.
    pub fn parse(text: &str) -> Result<Self, InvalidCurrency> {
        let currency = Self::from_stored(&text.trim().to_ascii_uppercase())?;
        match ASSIGNED.split(' ').any(|code| code == currency.as_str()) {
            true => Ok(currency),
            false => Err(InvalidCurrency),
        }
    }

    /// Reads a stored code. The code of a currency that is no longer used stays readable.
    fn from_stored(text: &str) -> Result<Self, InvalidCurrency> {
        match <[u8; 3]>::try_from(text.as_bytes()) {
            Ok(letters) if letters.iter().all(u8::is_ascii_uppercase) => Ok(Self(letters)),
            _ => Err(InvalidCurrency),
        }
    }

    /// Returns the three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // ASCII letters are always valid UTF-8.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl Default for Currency {
    fn default() -> Self {
        Self::USD
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Currency({self})")
    }
}

impl TryFrom<String> for Currency {
    type Error = InvalidCurrency;
    fn try_from(text: String) -> Result<Self, InvalidCurrency> {
        Self::from_stored(&text)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

/// The text is not the code of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected the ISO 4217 code of a currency, such as USD")]
pub struct InvalidCurrency;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_codes_are_each_listed_once_and_sorted() {
        let codes: Vec<_> = ASSIGNED.split(' ').collect();
        assert!(codes.windows(2).all(|two| two[0] < two[1]));
        for code in codes {
            assert_eq!(
                Currency::parse(code).map(|one| one.to_string()),
                Ok(code.to_owned())
            );
        }
    }

    #[test]
    fn only_codes_in_use_are_read() {
        assert_eq!(Currency::parse(" usd "), Ok(Currency::USD));
        for text in ["", "US", "USDX", "XXX", "DEM", "US$", "ÜSD", "840"] {
            assert_eq!(Currency::parse(text), Err(InvalidCurrency), "{text}");
        }
        assert!(
            Currency::try_from("DEM".to_owned()).is_ok(),
            "a stored code"
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in any::<String>()) {
            if let Ok(currency) = Currency::parse(&text) {
                prop_assert_eq!(Currency::parse(currency.as_str()), Ok(currency));
            }
        }
    }
}
