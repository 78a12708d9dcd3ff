//! Whether the month or the day comes first in dates such as `01/02/2026`.

use serde::{Deserialize, Serialize};

use crate::model::text::UnexpectedWord;

/// The order of month and day in dates such as `01/02/2026`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateOrder {
    /// Month, day, year.
    #[default]
    Mdy,
    /// Day, month, year.
    Dmy,
}

impl DateOrder {
    /// Reads the word.
    ///
    /// # Errors
    /// Returns `UnexpectedWord` for any other word.
    pub fn parse(text: &str) -> Result<Self, UnexpectedWord> {
        match text {
            "mdy" => Ok(Self::Mdy),
            "dmy" => Ok(Self::Dmy),
            _ => Err(UnexpectedWord {
                expected: "mdy or dmy",
            }),
        }
    }

    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mdy => "mdy",
            Self::Dmy => "dmy",
        }
    }
}
