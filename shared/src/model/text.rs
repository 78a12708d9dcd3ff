//! Texts and fixed words of the dialects, each with its own limits.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Reason why a text is not valid. No message repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Empty, or only white space.
    #[error("the value is empty")]
    Empty,
    /// More characters than allowed.
    #[error("at most {most} characters are allowed")]
    TooLong {
        /// The maximum number of characters.
        most: usize,
    },
    /// An invisible character other than a space.
    #[error("control characters are not allowed")]
    ControlCharacter,
    /// The replacement character for bytes outside UTF-8. Two different texts could look the same with
    /// it.
    #[error("the value cannot be read as UTF-8")]
    Undecodable,
}

fn at_most(most: usize, text: &str) -> Result<(), InvalidText> {
    // A character has at least one byte, so a long text is not counted to its end.
    if text.len() > most && text.chars().nth(most).is_some() {
        Err(InvalidText::TooLong { most })
    } else {
        Ok(())
    }
}

/// What every text has: access to its characters, a masked `Debug`, and storage as a string.
///
/// `Debug` shows only the number of characters, because names and notes are personal data and a key may
/// be a phone number.
macro_rules! text {
    ($name:ident) => {
        impl $name {
            /// Returns the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(
                    f,
                    concat!(stringify!($name), "({} characters)"),
                    self.0.chars().count()
                )
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidText;
            fn try_from(text: String) -> Result<Self, InvalidText> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}

/// The id of the vendor's response that feedback is about: 1 to 128 characters, opaque.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResponseId(String);
text!(ResponseId);

impl ResponseId {
    /// Takes the id as it is.
    ///
    /// # Errors
    /// Returns `InvalidText` if it is empty or longer than 128 characters.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        if text.is_empty() {
            return Err(InvalidText::Empty);
        }
        at_most(128, text)?;
        Ok(Self(text.to_owned()))
    }
}

/// The name of a person or company: 1 to 256 characters, without white space around it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);
text!(PersonName);

impl PersonName {
    /// The maximum number of characters that a phone displays.
    const CNAM: usize = 15;

    /// Reads a name and trims the white space around it.
    ///
    /// # Errors
    /// Returns `InvalidText` if the trimmed name is empty or longer than 256 characters.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidText::Empty);
        }
        at_most(256, text)?;
        Ok(Self(text.to_owned()))
    }

    /// Returns the name as a phone displays it: ASCII in upper case, at most 15 characters.
    ///
    /// Letters of other alphabets are transliterated: `Müller` becomes `MULLER`. Runs of white space become
    /// one space, and invisible characters, marks of direction and pictures are removed.
    #[must_use]
    pub fn cnam(&self) -> String {
        let ascii: String = self.0.chars().map(ascii).collect();
        let words: Vec<&str> = ascii.split_whitespace().collect();
        let words = words.join(" ");
        let visible = words.chars().filter(|c| *c == ' ' || c.is_ascii_graphic());
        let shown: String = visible.take(Self::CNAM).collect();
        shown.trim_end().to_ascii_uppercase()
    }
}

/// Returns the ASCII text that a character of a name is shown as.
fn ascii(character: char) -> Cow<'static, str> {
    match character {
        space if space.is_whitespace() => Cow::Borrowed(" "),
        hidden if hidden.is_control() || is_format(hidden) => Cow::Borrowed(""),
        ascii if ascii.is_ascii() => Cow::Owned(ascii.to_string()),
        shown if shown.is_alphanumeric() || is_punctuation(shown) => {
            Cow::Borrowed(deunicode::deunicode_char(shown).unwrap_or_default())
        }
        _ => Cow::Borrowed(""),
    }
}

/// Whether a character outside ASCII is punctuation that names have: quotes, dashes, dots, brackets.
fn is_punctuation(character: char) -> bool {
    matches!(
        character,
        '\u{A1}'..='\u{BF}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205E}' | '\u{3001}'..='\u{303F}'
            | '\u{FF01}'..='\u{FF0F}'
    )
}

/// Whether a character is invisible and only changes how others are shown.
///
/// These are marks of direction, joiners, zero-width spaces and tags.
fn is_format(character: char) -> bool {
    matches!(
        character,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}'
    )
}

/// A vendor's notes on a cost: 0 to 4,096 characters.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Notes(String);
text!(Notes);

impl Notes {
    /// Takes the notes as they are.
    ///
    /// # Errors
    /// Returns `InvalidText` if they are longer than 4,096 characters.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        at_most(4_096, text)?;
        Ok(Self(text.to_owned()))
    }
}

/// The text that an agent hears before a call is connected: 1 to 1,000 characters, trimmed.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WhisperText(String);
text!(WhisperText);

impl WhisperText {
    /// Reads a text and trims the white space around it.
    ///
    /// # Errors
    /// Returns `InvalidText` if the trimmed text is empty or longer than 1,000 characters.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidText::Empty);
        }
        at_most(1_000, text)?;
        Ok(Self(text.to_owned()))
    }
}

/// A client's idempotency key for one request and its retries: 1 to 255 characters.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdempotencyKey(String);
text!(IdempotencyKey);

impl IdempotencyKey {
    /// Reads a key and trims the white space around it.
    ///
    /// # Errors
    /// Returns `InvalidText` if the trimmed key is empty, longer than 255 characters, or contains a
    /// control character or bytes outside UTF-8.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidText::Empty);
        }
        at_most(255, text)?;
        if text.chars().any(char::is_control) {
            return Err(InvalidText::ControlCharacter);
        }
        if text.contains(char::REPLACEMENT_CHARACTER) {
            return Err(InvalidText::Undecodable);
        }
        Ok(Self(text.to_owned()))
    }
}

/// The text is not one of the expected words, which the message lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct UnexpectedWord {
    /// The expected words, as they read in a sentence.
    pub expected: &'static str,
}

/// Defines an enum of fixed words with exact spelling.
macro_rules! words {
    ($name:ident, $expected:literal, $($word:ident = $text:literal),+) => {
        impl $name {
            /// Reads the word in exactly this spelling.
            ///
            /// # Errors
            /// Returns `UnexpectedWord` for any other text.
            pub fn parse(text: &str) -> Result<Self, UnexpectedWord> {
                match text {
                    $($text => Ok(Self::$word),)+
                    _ => Err(UnexpectedWord { expected: $expected }),
                }
            }

            /// Returns the word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$word => $text,)+
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = UnexpectedWord;
            fn try_from(text: String) -> Result<Self, UnexpectedWord> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> Self {
                word.as_str().to_owned()
            }
        }
    };
}

/// Whether a number could be reached: `phone_status` of phone feedback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum PhoneStatus {
    /// A person or a machine answered.
    Connected,
    /// The number is out of service.
    Disconnected,
}
words!(
    PhoneStatus,
    "Connected or Disconnected",
    Connected = "Connected",
    Disconnected = "Disconnected"
);

/// The format of an answer: `resp_format` of a caller id query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ResponseFormat {
    /// One record without a header line.
    Csv,
    /// One object.
    Json,
    /// One `<response>` element.
    Xml,
    /// The bare name and nothing else, for switches that display the body.
    Text,
}
words!(
    ResponseFormat,
    "csv, json, xml or text",
    Csv = "csv",
    Json = "json",
    Xml = "xml",
    Text = "text"
);

/// The level of detail of an answer: `resp_type` of a caller id query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ResponseType {
    /// Only the name.
    Simple,
    /// Name, error and spam score.
    Basic,
    /// Every field.
    Extended,
}
words!(
    ResponseType,
    "simple, basic or extended",
    Simple = "simple",
    Basic = "basic",
    Extended = "extended"
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bounds_count_characters_and_both_ends_are_allowed() {
        for character in ["a", "é", "🙂"] {
            assert!(ResponseId::parse(&character.repeat(128)).is_ok());
            assert_eq!(
                ResponseId::parse(&character.repeat(129)),
                Err(InvalidText::TooLong { most: 128 })
            );
            assert!(PersonName::parse(&format!(" {} ", character.repeat(256))).is_ok());
            assert!(PersonName::parse(&character.repeat(257)).is_err());
            assert!(Notes::parse(&character.repeat(4_096)).is_ok());
            assert!(Notes::parse(&character.repeat(4_097)).is_err());
            assert!(IdempotencyKey::parse(&character.repeat(255)).is_ok());
            assert!(IdempotencyKey::parse(&character.repeat(256)).is_err());
        }
        assert_eq!(ResponseId::parse(""), Err(InvalidText::Empty));
        assert_eq!(PersonName::parse(" \t "), Err(InvalidText::Empty));
        assert_eq!(IdempotencyKey::parse("  "), Err(InvalidText::Empty));
        assert!(Notes::parse("").is_ok());
    }

    #[test]
    fn a_key_has_no_control_characters() {
        assert_eq!(
            IdempotencyKey::parse("a\u{7}b"),
            Err(InvalidText::ControlCharacter)
        );
        assert_eq!(
            IdempotencyKey::parse("order \u{FFFD}"),
            Err(InvalidText::Undecodable)
        );
        assert_eq!(
            IdempotencyKey::parse(" order 7 ").unwrap().as_str(),
            "order 7"
        );
    }

    #[test]
    fn a_caller_name_has_at_most_15_upper_case_characters() {
        let table = [
            ("Jane Doe", "JANE DOE"),
            ("Acme Insurance Brokers", "ACME INSURANCE"),
            ("Abcdefghijklmno pq", "ABCDEFGHIJKLMNO"),
            ("  Jane\t\u{7} Doe\r\n", "JANE DOE"),
            ("José Ñandú", "JOSE NANDU"),
            ("Jose\u{301} Müller", "JOSE MULLER"),
            ("Łukasz Ørsted", "LUKASZ ORSTED"),
            ("Владимир", "VLADIMIR"),
            ("O’Neil – Söhne", "O'NEIL - SOHNE"),
            ("Smith, Bob", "SMITH, BOB"),
            ("Ana 🙂 Doe", "ANA DOE"),
            ("北京", "BEI JING"),
            ("Straßenbau Weiß", "STRASSENBAU WEI"),
            ("\u{1}", ""),
            ("\u{202E}Jane\u{200B} Doe\u{2069}", "JANE DOE"),
            ("\u{FEFF}\u{200F}", ""),
        ];
        for (name, shown) in table {
            assert_eq!(PersonName::parse(name).unwrap().cnam(), shown, "{name:?}");
        }
    }

    #[test]
    fn words_are_exact_and_the_error_names_them() {
        assert_eq!(PhoneStatus::parse("Connected"), Ok(PhoneStatus::Connected));
        for wrong in ["connected", "CONNECTED", " Connected", "Busy", ""] {
            assert_eq!(
                PhoneStatus::parse(wrong).unwrap_err().to_string(),
                "expected Connected or Disconnected"
            );
        }
        assert_eq!(
            ResponseFormat::parse("xml").map(ResponseFormat::as_str),
            Ok("xml")
        );
        assert_eq!(
            ResponseType::parse("extended").map(ResponseType::as_str),
            Ok("extended")
        );
        assert!(ResponseType::parse("full").is_err());
    }

    #[test]
    fn debug_output_contains_no_names_and_notes() {
        let shown = format!("{:?}", Notes::parse("call +12065550100").unwrap());
        assert_eq!(shown, "Notes(17 characters)");
    }

    proptest! {
        #[test]
        fn parsers_never_panic(text in any::<String>()) {
            let _ = (ResponseId::parse(&text), Notes::parse(&text), IdempotencyKey::parse(&text));
            let _ = PhoneStatus::parse(&text);
            if let Ok(name) = PersonName::parse(&text) {
                let shown = name.cnam();
                prop_assert!(shown.chars().count() <= 15);
                prop_assert!(shown.chars().all(|c| c == ' ' || c.is_ascii_graphic()));
                prop_assert_eq!(shown.trim(), &shown);
            }
        }
    }
}
