//! Reports of calls: which calls a report has, and where its reading continues.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::assignment::NumberAssignments;
use super::call::{CallSid, CallingParty, Direction};
use super::phone::PhoneNumber;
use super::property::PropertySid;
use super::time::Instant;

/// Selects calls of a range. A field that is `None` or empty selects every call.
///
/// Page tokens are bound to the serialized form, so every field that narrows a report belongs in it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CallFilter {
    /// Calls in this direction.
    pub direction: Option<Direction>,
    /// Calls that were billed, or calls that were not.
    pub billed: Option<bool>,
    /// Calls to this number.
    pub did: Option<PhoneNumber>,
    /// Calls to one of these numbers.
    pub called: BTreeSet<PhoneNumber>,
    /// Calls from one of these callers: every reading of what the client sent.
    pub cid: Vec<CallingParty>,
    /// Calls that ended in one of these ways, in either case.
    pub dispositions: BTreeSet<Disposition>,
    /// Calls whose own end, the account's, is one of these numbers; none if the set is empty.
    pub own_numbers: Option<BTreeSet<PhoneNumber>>,
    /// Calls of this property.
    pub property: Option<OfProperty>,
    /// First calls of their callers, or repeated ones.
    pub contact: Option<ContactFilter>,
}

/// The calls of one property.
#[derive(Clone, Debug, Serialize)]
pub struct OfProperty {
    /// The property.
    pub sid: PropertySid,
    /// The assignments of the numbers of calls that name no property themselves.
    // Skipped, because it is what the ledger knows and not what the client asked for: a number that is
    // purchased between two pages must not invalidate the page token.
    #[serde(skip)]
    pub assignments: Arc<NumberAssignments>,
}

/// Whether a caller had called the account before. Outbound calls, and calls from callers who showed no
/// number, are neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ContactFilter {
    /// The caller's first call.
    First,
    /// A later call of the caller.
    Repeated,
}

impl CallFilter {
    /// Whether every call is selected.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.direction.is_none()
            && self.billed.is_none()
            && self.did.is_none()
            && self.called.is_empty()
            && self.cid.is_empty()
            && self.dispositions.is_empty()
            && self.own_numbers.is_none()
            && self.property.is_none()
            && self.contact.is_none()
    }
}

/// How a call ended, in the words of whoever recorded it: 1 to 64 characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Disposition(String);

impl Disposition {
    /// Takes the text as it is.
    ///
    /// # Errors
    /// Returns `InvalidDisposition` if the text is empty or longer than 64 characters.
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

impl Disposition {
    /// Whether a text names the same, in either case.
    #[must_use]
    pub fn is_called(&self, text: &str) -> bool {
        self.0.eq_ignore_ascii_case(text) || self.0.to_lowercase() == text.to_lowercase()
    }
}

impl TryFrom<String> for Disposition {
    type Error = InvalidDisposition;
    fn try_from(text: String) -> Result<Self, InvalidDisposition> {
        Self::parse(&text)
    }
}

impl From<Disposition> for String {
    fn from(disposition: Disposition) -> Self {
        disposition.0
    }
}

impl fmt::Debug for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Disposition({} characters)", self.0.chars().count())
    }
}

/// The text is empty or too long for a disposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to 64 characters")]
pub struct InvalidDisposition;

/// Where a report continues: after a call, or from a moment on. Positions sort in the order of a report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(String);

impl Position {
    /// The position directly after a call.
    #[must_use]
    pub fn after(sid: &CallSid) -> Self {
        // Sorts after the sid itself and before every other sid.
        Self(format!("{}!", sid.as_str()))
    }

    /// The position of the first call that started at `moment` or later.
    #[must_use]
    pub fn at(moment: Instant) -> Self {
        Self(CallSid::time_prefix(moment))
    }

    /// Reads a position from the text that [`Self::as_str`] returned.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let position = Self(text.to_owned());
        position.sid().map(|_| position)
    }

    /// The position as page tokens and sort keys spell it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a call comes before this position.
    #[must_use]
    pub fn is_behind(&self, sid: &CallSid) -> bool {
        sid.as_str() < self.as_str()
    }

    /// The moment that the report continues from.
    #[must_use]
    pub fn moment(&self) -> Instant {
        self.sid()
            .map_or(Instant::from_millis(0), |sid| sid.started())
    }

    /// The call that the position is directly after; `None` if it begins at a moment.
    #[must_use]
    pub(crate) fn last(&self) -> Option<CallSid> {
        let sid = self.0.strip_suffix('!')?;
        CallSid::parse(sid).ok()
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
