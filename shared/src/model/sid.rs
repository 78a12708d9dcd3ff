//! Sids of an account and its resources: 32 upper case letters, opaque.

use serde::{Deserialize, Serialize};

use super::id::LETTERS;

macro_rules! sid {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub(crate) fn from_letters(letters: [u8; 32]) -> Self {
                Self(letters.iter().copied().map(char::from).collect())
            }

            /// Reads a sid.
            ///
            /// # Errors
            /// Returns `InvalidSid` if the text is not 32 upper case letters.
            pub fn parse(text: &str) -> Result<Self, InvalidSid> {
                if text.len() == 32 && text.bytes().all(|b| LETTERS.contains(&b)) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidSid)
                }
            }

            /// Returns the letters.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidSid;
            fn try_from(text: String) -> Result<Self, InvalidSid> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(sid: $name) -> Self {
                sid.0
            }
        }
    };
}

/// The text is not a sid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a sid: 32 upper case letters")]
pub struct InvalidSid;

sid!(
    /// An account's sid, which Fone Dynamics clients use.
    AccountSid
);
sid!(
    /// A property's sid.
    PropertySid
);
sid!(
    /// An address's sid.
    AddressSid
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sid_is_32_upper_case_letters_and_nothing_else() {
        for (text, good) in [
            ("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF", true),
            ("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDE", false),
            ("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG", false),
            ("abcdefghijklmnopqrstuvwxyzabcdef", false),
            ("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDE1", false),
            (" BCDEFGHIJKLMNOPQRSTUVWXYZABCDEF", false),
            ("", false),
        ] {
            assert_eq!(PropertySid::parse(text).is_ok(), good, "{text}");
            assert_eq!(AddressSid::parse(text).is_ok(), good, "{text}");
        }
    }
}
