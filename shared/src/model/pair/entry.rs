//! Cost entries, as far as their pair decides about them.

use serde::{Deserialize, Deserializer, Serialize};

use super::external_id::ExternalId;
use crate::model::call::{CallSid, CostId};
use crate::model::cost::Cost;
use crate::model::time::Instant;
use crate::model::vendor::VendorId;

/// What a bill says about the time of its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dating {
    /// Nothing: the moment of the entry is its receipt.
    None,
    /// A date and a time.
    Moment,
    /// A day. The moment of the entry is its last, or the receipt while the day lasts.
    Day,
}

/// Where a person put an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pin {
    /// To the call that this report is in.
    Call(CallSid),
    /// To no call.
    None,
}

/// Whether an entry counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It counts.
    InForce,
    /// A later bill took its place.
    Superseded,
    /// A person took it back.
    Void,
}

impl State {
    /// Returns the state as answers and items spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::Superseded => "superseded",
            Self::Void => "void",
        }
    }
}

/// A cost entry. What the bill said never changes; the last seven attributes do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostEntry {
    /// Its id.
    pub cost_id: CostId,
    /// The time by which its call is found.
    pub moment: Instant,
    /// What the bill says about that time.
    pub dating: Dating,
    /// For how many days before the moment its call may have started.
    pub window_days: u32,
    /// When it was received; of two entries the later is the biller's last word.
    pub received_at: Instant,
    /// Its place among the writes of its pair, which orders bills of one millisecond.
    #[serde(default)]
    pub turn: u64,
    /// Who bills: a vendor, or a credential that belongs to none.
    pub biller: String,
    /// The amount.
    pub amount: Cost,
    /// When the call was billed, as the vendor says, or else the receipt.
    pub date_billed: Instant,
    /// Whether the bill has notes. Its row keeps them; pairs that an earlier version wrote have them here too.
    #[serde(
        default,
        rename = "notes",
        skip_serializing,
        deserialize_with = "is_there"
    )]
    pub noted: bool,
    /// The call's id at the vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<ExternalId>,
    /// The entry of the same bill whose price this one replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reprices: Option<CostId>,
    /// Whether it replaces nothing but the price of its own bill.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adds: bool,
    /// The entry with the next price of the bill, whatever became of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_price: Option<CostId>,
    /// Whether an entry that counts, or one that is replaced itself, has the bill's newer price.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repriced: bool,
    /// Whether a person took it back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub void: bool,
    /// Where a person put it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<Pin>,
    /// Whether the call that it is on is of another pair than its bill: a person matched it there, or the
    /// bill whose new price it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other_pair: bool,
    /// Whether it counts.
    pub state: State,
}

/// Whether a text is there, whatever it says.
fn is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Option::<String>::deserialize(deserializer).map(|text| text.is_some())
}

impl CostEntry {
    /// Whether it belongs where the bill went that it is the new price of, and not where its time says.
    #[must_use]
    pub fn follows(&self) -> Option<&CostId> {
        match (self.dating, &self.pin) {
            (Dating::None, None) => self.reprices.as_ref(),
            _ => None,
        }
    }

    /// The vendor that bills; `None` for a credential of no vendor.
    #[must_use]
    pub fn vendor(&self) -> Option<VendorId> {
        let id = self.biller.strip_prefix("vendor:")?;
        VendorId::parse(id).ok()
    }

    /// The order of receipt.
    pub(crate) fn receipt(&self) -> (Instant, u64, &str) {
        (self.received_at, self.turn, self.cost_id.as_str())
    }
}
