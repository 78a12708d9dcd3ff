//! What a report of calls is asked for, and where its reading goes on.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::assignment::NumberAssignments;
use super::call::{CallSid, CallingParty, Direction};
use super::phone::PhoneNumber;
use super::property::PropertySid;
use super::time::Instant;

/// Which calls of a range are meant; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct CallFilter {
    /// Which way they go.
    pub direction: Option<Direction>,
    /// Whether they were billed.
    pub billed: Option<bool>,
    /// The number that was called.
    pub did: Option<PhoneNumber>,
    /// Who called, in each way that what was asked for can be read; nobody in it does not matter.
    pub cid: Vec<CallingParty>,
    /// How they ended, in exactly one of these spellings; none of them does not matter.
    pub dispositions: BTreeSet<Disposition>,
    /// The account's own numbers that they came by.
    pub own_numbers: Option<BTreeSet<PhoneNumber>>,
    /// Whose calls they are.
    pub property: Option<OfProperty>,
    /// Whether their caller had called before.
    pub contact: Option<ContactFilter>,
}

/// The calls of one property.
#[derive(Clone, Debug)]
pub struct OfProperty {
    /// Which property.
    pub sid: PropertySid,
    /// Who held the numbers of calls that name no property themselves.
    pub assignments: Arc<NumberAssignments>,
}

/// Whether a caller had called the account before. Calls that the account placed, and those of callers who
/// showed no number, are neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactFilter {
    /// It is the first call of its caller.
    First,
    /// It is a later one.
    Repeated,
}

impl CallFilter {
    /// Whether every call is meant.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.direction.is_none()
            && self.billed.is_none()
            && self.did.is_none()
            && self.cid.is_empty()
            && self.dispositions.is_empty()
            && self.own_numbers.is_none()
            && self.property.is_none()
            && self.contact.is_none()
    }
}

/// How a call ended, in the words of whoever recorded it: 1 to 64 characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Disposition(String);

impl Disposition {
    /// Takes the text as it is.
    ///
    /// # Errors
    /// It is empty, or longer than 64 characters.
    pub fn parse(text: &str) -> Result<Self, InvalidDisposition> {
        if (1..=64).contains(&text.chars().take(65).count()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidDisposition)
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Disposition({} characters)", self.0.chars().count())
    }
}

/// The text is no disposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to 64 characters")]
pub struct InvalidDisposition;

/// Where the reading of a report goes on: behind a call, or from a moment on. They sort as reports go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(String);

impl Position {
    /// Behind a call.
    #[must_use]
    pub fn after(sid: &CallSid) -> Self {
        // It sorts behind the sid itself, and before every other one.
        Self(format!("{}!", sid.as_str()))
    }

    /// From a moment on.
    #[must_use]
    pub fn at(moment: Instant) -> Self {
        Self(CallSid::time_prefix(moment))
    }

    /// Reads what [`Self::as_str`] gave.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let position = Self(text.to_owned());
        position.sid().map(|_| position)
    }

    /// As tokens and sort keys have it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a call lies in front of it.
    #[must_use]
    pub fn is_behind(&self, sid: &CallSid) -> bool {
        sid.as_str() < self.as_str()
    }

    /// The moment that reading goes on from.
    #[must_use]
    pub fn moment(&self) -> Instant {
        self.sid()
            .map_or(Instant::from_millis(0), |sid| sid.started())
    }

    fn sid(&self) -> Option<CallSid> {
        let text = match self.0.strip_suffix('!') {
            Some(sid) => sid.to_owned(),
            None if self.0.len() == 10 => format!("{}{}", self.0, "A".repeat(22)),
            None => return None,
        };
        CallSid::parse(&text).ok()
    }
}
