//! How long something is kept: a number of days, or for ever.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::time::Instant;

const DAY: Duration = Duration::from_secs(86_400);

/// A number of days: 1 to 36,500.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct KeptDays(u32);

impl KeptDays {
    /// Makes a number of days.
    ///
    /// # Errors
    /// Returns `InvalidLifetime` if it is not between 1 and 36,500.
    pub fn new(days: u32) -> Result<Self, InvalidLifetime> {
        match days {
            1..=36_500 => Ok(Self(days)),
            _ => Err(InvalidLifetime),
        }
    }

    /// Returns the number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for KeptDays {
    type Error = InvalidLifetime;
    fn try_from(days: u32) -> Result<Self, InvalidLifetime> {
        Self::new(days)
    }
}

impl From<KeptDays> for u32 {
    fn from(days: KeptDays) -> Self {
        days.0
    }
}

/// How long something is kept. The order is that of time, with `Forever` last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lifetime(Option<KeptDays>);

impl Lifetime {
    /// Without an end.
    pub const FOREVER: Self = Self(None);

    /// So many days.
    #[must_use]
    pub fn days(days: KeptDays) -> Self {
        Self(Some(days))
    }

    /// Reads a number of days, or `forever`.
    ///
    /// # Errors
    /// Returns `InvalidLifetime` for anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidLifetime> {
        match text {
            "forever" => Ok(Self::FOREVER),
            text => KeptDays::new(text.parse().map_err(|_| InvalidLifetime)?).map(Self::days),
        }
    }

    /// Returns the number of days; `None` for `forever`.
    #[must_use]
    pub fn as_days(self) -> Option<KeptDays> {
        self.0
    }

    /// Whether it is `forever`.
    #[must_use]
    pub fn is_forever(&self) -> bool {
        self.0.is_none()
    }

    /// The first moment of which something is still kept at `now`.
    pub(super) fn since(self, now: Instant) -> Option<Instant> {
        let days = self.0?;
        Some(now.utc_day().begins().minus(DAY * days.0))
    }

    /// When what was recorded at `recorded` ends, in seconds; `None` if it does not.
    #[must_use]
    pub fn end(self, recorded: Instant) -> Option<i64> {
        let days = self.0?;
        let end = recorded.utc_day().begins().plus(DAY * (days.0 + 1));
        Some(end.seconds())
    }
}

impl PartialOrd for Lifetime {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Lifetime {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let days = |one: &Self| one.0.map_or(u32::MAX, KeptDays::get);
        days(self).cmp(&days(other))
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(KeptDays(1)) => f.pad("1 day"),
            Some(KeptDays(days)) => f.pad(&format!("{days} days")),
            None => f.pad("forever"),
        }
    }
}

/// The text is no lifetime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a number of days, 1 to 36500, or forever")]
pub struct InvalidLifetime;

#[cfg(test)]
mod tests {
    use super::*;

    fn days(days: u32) -> Lifetime {
        Lifetime::parse(&days.to_string()).expect("a lifetime")
    }

    #[test]
    fn a_lifetime_is_a_number_of_days_or_forever() {
        assert_eq!(Lifetime::parse("forever"), Ok(Lifetime::FOREVER));
        assert_eq!(days(90).as_days().map(KeptDays::get), Some(90));
        assert_eq!(days(90).to_string(), "90 days");
        for bad in [
            "",
            "0",
            "-1",
            "36501",
            "90 days",
            "1.5",
            "Forever",
            "99999999999",
        ] {
            assert_eq!(Lifetime::parse(bad), Err(InvalidLifetime), "{bad:?}");
        }
        assert!(days(90) < Lifetime::FOREVER && days(30) < days(90));
    }
}
