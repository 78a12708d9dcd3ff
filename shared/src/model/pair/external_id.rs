//! The id that another system gave a call.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A call's id in another system: 1 to 255 printable characters.
///
/// Vendors send it with a bill (`call_id`), and switches and CDR files with a call.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExternalId(String);

/// The signs around a macro that call platforms replace before they send.
const MACROS: &[(&str, &str)] = &[
    ("[", "]"),
    ("{", "}"),
    ("${", "}"),
    ("<", ">"),
    ("%", "%"),
    ("--A--", "--B--"),
];

impl ExternalId {
    /// Reads an id and trims the white space around it. `None` stands for no id: an empty text, or a macro
    /// that the sender did not replace.
    ///
    /// # Errors
    /// Returns `InvalidExternalId` if it is longer than 255 characters or has a control character.
    pub fn parse(text: &str) -> Result<Option<Self>, InvalidExternalId> {
        let text = text.trim();
        let unreplaced = MACROS.iter().any(|(before, after)| {
            text.len() > before.len() && text.starts_with(before) && text.ends_with(after)
        });
        if text.is_empty() || unreplaced {
            return Ok(None);
        }
        if text.chars().any(char::is_control) || text.chars().nth(255).is_some() {
            return Err(InvalidExternalId);
        }
        Ok(Some(Self(text.to_owned())))
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExternalId({} characters)", self.0.chars().count())
    }
}

impl TryFrom<String> for ExternalId {
    type Error = InvalidExternalId;
    fn try_from(text: String) -> Result<Self, InvalidExternalId> {
        Self::parse(&text)?.ok_or(InvalidExternalId)
    }
}

impl From<ExternalId> for String {
    fn from(id: ExternalId) -> Self {
        id.0
    }
}

/// The text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to 255 printable characters")]
pub struct InvalidExternalId;
