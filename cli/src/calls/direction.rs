//! Tells inbound calls from outbound ones.

use anyhow::Result;

use super::profile::{DirectionRule, check_direction};
use crate::table::{RowCells, key};

/// How to tell the direction, with the keys of columns.
#[derive(Default)]
pub struct DirectionCells {
    filled_if_inbound: Vec<String>,
    from: Vec<String>,
    inbound: Vec<String>,
    outbound: Vec<String>,
    internal: Vec<String>,
    by_extension: bool,
    default: Option<&'static str>,
}

/// What a record says about its direction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Inbound,
    Outbound,
    Internal,
}

impl DirectionCells {
    /// The direction is a word in one column.
    #[must_use]
    pub fn of_column(from: Vec<String>) -> Self {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            from,
            inbound: words(&["inbound*", "incoming*", "in", "received"]),
            outbound: words(&["outbound*", "outgoing*", "out", "placed"]),
            internal: words(&["internal*"]),
            ..Self::default()
        }
    }

    /// The rule of a profile.
    ///
    /// # Errors
    /// Returns an error if its default is no direction.
    pub fn of(rule: &DirectionRule) -> Result<Self> {
        let keys = |names: &[String]| names.iter().map(|name| key(name)).collect::<Vec<_>>();
        let mut direction = Self::of_column(keys(&rule.from));
        for (own, given) in [
            (&mut direction.inbound, &rule.inbound),
            (&mut direction.outbound, &rule.outbound),
            (&mut direction.internal, &rule.internal),
        ] {
            if !given.is_empty() {
                *own = lower(given);
            }
        }
        direction.filled_if_inbound = keys(&rule.filled_if_inbound);
        direction.by_extension = rule.by_extension;
        direction.default = rule.default.as_deref().map(check_direction).transpose()?;
        Ok(direction)
    }

    /// Whether a file with these columns says the direction.
    pub fn is_told(&self, has: impl Fn(&str) -> bool) -> bool {
        self.default.is_some() || self.by_extension || self.from.iter().any(|key| has(key))
    }

    /// Returns what a row says. `is_inside` tells whether the number in one of its columns is an extension; `None` if
    /// there is none.
    pub fn tell(
        &self,
        cells: &dyn RowCells,
        is_inside: impl Fn(&str) -> Option<bool>,
    ) -> Option<Way> {
        let cell = |key: &String| cells.get(key).ok().flatten().unwrap_or_default();
        let filled = |key: &String| !cell(key).trim().is_empty();
        if self.filled_if_inbound.iter().any(filled) {
            return Some(Way::Inbound);
        }
        let by_extension = self.by_extension(is_inside);
        if by_extension == Some(Way::Internal) {
            return by_extension;
        }
        let word = self.from.iter().find(|key| filled(key)).map(cell);
        let word = word.unwrap_or_default().trim().to_lowercase();
        let is_one_of = |patterns: &[String]| {
            !word.is_empty() && patterns.iter().any(|pattern| matches(pattern, &word))
        };
        for (patterns, way) in [
            (&self.internal, Way::Internal),
            (&self.inbound, Way::Inbound),
            (&self.outbound, Way::Outbound),
        ] {
            if is_one_of(patterns) {
                return Some(way);
            }
        }
        by_extension.or_else(|| match self.default? {
            "outbound" => Some(Way::Outbound),
            _ => Some(Way::Inbound),
        })
    }

    fn by_extension(&self, is_inside: impl Fn(&str) -> Option<bool>) -> Option<Way> {
        if !self.by_extension {
            return None;
        }
        match (is_inside("call_from")?, is_inside("call_to")?) {
            (true, true) => Some(Way::Internal),
            (false, true) => Some(Way::Inbound),
            (true, false) => Some(Way::Outbound),
            (false, false) => None,
        }
    }
}

/// Returns words in lower case.
pub fn lower(words: &[String]) -> Vec<String> {
    words.iter().map(|word| word.to_lowercase()).collect()
}

fn matches(pattern: &str, word: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => word.starts_with(start),
        None => word == pattern,
    }
}
