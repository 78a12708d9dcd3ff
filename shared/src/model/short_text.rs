//! Short texts that people write: names, streets, cities.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::InvalidText;

/// A text of 1 to `MOST` visible characters, without white space around it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShortText<const MOST: usize>(String);

impl<const MOST: usize> ShortText<MOST> {
    /// Reads a text and trims the white space around it.
    ///
    /// # Errors
    /// Returns `InvalidText` if the trimmed text is empty, longer than `MOST` characters, or contains a
    /// control character.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let text = text.trim();
        if text.is_empty() {
            Err(InvalidText::Empty)
        } else if text.chars().nth(MOST).is_some() {
            Err(InvalidText::TooLong { most: MOST })
        } else if text.chars().any(char::is_control) {
            Err(InvalidText::ControlCharacter)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MOST: usize> fmt::Debug for ShortText<MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ShortText({} characters)", self.0.chars().count())
    }
}

impl<const MOST: usize> TryFrom<String> for ShortText<MOST> {
    type Error = InvalidText;
    fn try_from(text: String) -> Result<Self, InvalidText> {
        Self::parse(&text)
    }
}

impl<const MOST: usize> From<ShortText<MOST>> for String {
    fn from(line: ShortText<MOST>) -> Self {
        line.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bounds_count_characters_and_both_ends_are_allowed() {
        for character in ["a", "é", "🙂"] {
            assert!(ShortText::<3>::parse(&format!(" {} ", character.repeat(3))).is_ok());
            assert_eq!(
                ShortText::<3>::parse(&character.repeat(4)),
                Err(InvalidText::TooLong { most: 3 })
            );
            assert!(ShortText::<3>::parse(character).is_ok());
        }
        assert_eq!(ShortText::<3>::parse(" \t"), Err(InvalidText::Empty));
        assert_eq!(
            ShortText::<3>::parse("a\nb"),
            Err(InvalidText::ControlCharacter)
        );
    }

    proptest! {
        #[test]
        fn a_short_text_is_read_back_unchanged(text in any::<String>()) {
            if let Ok(line) = ShortText::<20>::parse(&text) {
                prop_assert_eq!(ShortText::parse(line.as_str()), Ok(line));
            }
        }
    }
}
