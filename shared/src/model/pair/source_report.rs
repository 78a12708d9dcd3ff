//! One report of a call: what one source said about it, once.

use serde::{Deserialize, Serialize};

use super::external_id::ExternalId;
use crate::model::call::CallSid;
use crate::model::property::PropertySid;
use crate::model::report::Disposition;
use crate::model::text::Notes;
use crate::model::time::Instant;
use crate::model::vendor::VendorId;

/// Who reports a call, the best source first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A switch, when the call takes place.
    Switch,
    /// A file of call detail records.
    Cdr,
    /// The start and the end of a call, as the calling side announces them.
    StartEnd,
    /// A query for the caller's name.
    Lookup,
}

impl Source {
    /// All sources, the best first.
    pub const ALL: [Self; 4] = [Self::Switch, Self::Cdr, Self::StartEnd, Self::Lookup];
}

/// A report of a call. It is written once and kept as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceReport {
    /// Its own id. The call that it is in has the sid of the report that was recorded first.
    pub sid: CallSid,
    /// Who reports.
    pub source: Source,
    /// When the call started.
    #[serde(rename = "started_at")]
    pub start: Instant,
    /// Whether the source said so; otherwise `start` is when it reported, or when the call ended.
    pub stated: bool,
    /// When the call was over.
    #[serde(rename = "ended_at", default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Instant>,
    /// How long it was, in seconds, where the source says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<Disposition>,
    /// The call's id at the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<ExternalId>,
    /// The property that it was reported for.
    #[serde(
        rename = "property_sid",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub property: Option<PropertySid>,
    /// Anything that was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Notes>,
    /// The vendor of the number that was called, at the start; fixed when the report is recorded.
    #[serde(rename = "vendor_id", default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<VendorId>,
    /// For how many seconds around its start other reports may be of the same call, by the account's
    /// setting at the time.
    pub within: u32,
    /// Counts up where a source corrects itself: the latest correction is what it says.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub revision: i64,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// The request that recorded it.
    pub guid: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

impl SourceReport {
    /// How far apart the starts of two reports are, in milliseconds.
    pub(crate) fn gap(&self, other: &Self) -> i64 {
        (self.start.millis() - other.start.millis()).abs()
    }

    /// How far apart the starts of two reports may be, in milliseconds.
    pub(crate) fn reach(&self, other: &Self) -> i64 {
        i64::from(self.within.min(other.within)) * 1_000
    }

    /// The same report says the same, whoever recorded it and when.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        let same = Self {
            sid: other.sid.clone(),
            recorded_at: other.recorded_at,
            guid: other.guid.clone(),
            vendor: other.vendor.clone(),
            within: other.within,
            ..self.clone()
        };
        same == *other
    }
}
