//! What a credential may be used for, and what a user may do.

use serde::{Deserialize, Serialize};

use super::text::UnexpectedWord;

/// A product that a credential may use: the work of one function, in one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Product {
    /// Trestle phone feedback, version 1.0.
    #[serde(rename = "phone-feedback/1.0")]
    PhoneFeedback,
    /// TLD inbound billable.
    #[serde(rename = "inbound-billable")]
    InboundBillable,
    /// TrueCNAM TrueCLID, version 1.
    #[serde(rename = "caller-id/1")]
    CallerId,
    /// TeleTracker call data.
    #[serde(rename = "call-data")]
    CallData,
    /// TeleTracker rapid response.
    #[serde(rename = "rapid-response")]
    RapidResponse,
    /// Fone Dynamics properties, version 2.
    #[serde(rename = "properties/2")]
    Properties,
    /// Fone Dynamics numbers, version 2.
    #[serde(rename = "numbers/2")]
    Numbers,
    /// Fone Dynamics addresses, version 2.
    #[serde(rename = "addresses/2")]
    Addresses,
    /// Fone Dynamics calls, version 2.
    #[serde(rename = "calls/2")]
    Calls,
    /// Callbook's own API, version 1.
    #[serde(rename = "callbook/1")]
    Callbook,
}

impl Product {
    /// Every product.
    pub const ALL: [Self; 10] = [
        Self::PhoneFeedback,
        Self::InboundBillable,
        Self::CallerId,
        Self::CallData,
        Self::RapidResponse,
        Self::Properties,
        Self::Numbers,
        Self::Addresses,
        Self::Calls,
        Self::Callbook,
    ];

    /// The products of TeleTracker.
    pub(super) const TELETRACKER: [Self; 2] = [Self::CallData, Self::RapidResponse];

    /// Returns the product as commands spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PhoneFeedback => "phone-feedback/1.0",
            Self::InboundBillable => "inbound-billable",
            Self::CallerId => "caller-id/1",
            Self::CallData => "call-data",
            Self::RapidResponse => "rapid-response",
            Self::Properties => "properties/2",
            Self::Numbers => "numbers/2",
            Self::Addresses => "addresses/2",
            Self::Calls => "calls/2",
            Self::Callbook => "callbook/1",
        }
    }
}

/// What a user may do in the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The user reads and writes.
    Admin,
    /// The user only reads.
    Viewer,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 2] = [Self::Admin, Self::Viewer];

    /// Reads a role.
    ///
    /// # Errors
    /// Returns `UnexpectedWord` for any other word.
    pub fn parse(text: &str) -> Result<Self, UnexpectedWord> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == text);
        found.ok_or(UnexpectedWord {
            expected: "admin or viewer",
        })
    }

    /// Returns the role as commands spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Viewer => "viewer",
        }
    }
}
