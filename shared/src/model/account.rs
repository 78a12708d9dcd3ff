//! The account: the tenant that everything belongs to, and its settings.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::queue::CallProcessId;
use super::sid::AccountSid;
use super::text::{ResponseFormat, ResponseType};
use super::time::{Instant, Zone};

/// An account's number: 1 to 18 digits, as TeleTracker clients send it (`account_id=12345`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(String);

impl AccountId {
    pub(crate) fn from_number(number: u64) -> Self {
        Self(number.to_string())
    }

    /// Reads an account id.
    ///
    /// # Errors
    /// The text is not 1 to 18 digits without a leading zero.
    pub fn parse(text: &str) -> Result<Self, InvalidAccountId> {
        let text = text.trim();
        let digits = (1..=18).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if digits && !text.starts_with('0') {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidAccountId)
        }
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for AccountId {
    type Error = InvalidAccountId;
    fn try_from(text: String) -> Result<Self, InvalidAccountId> {
        Self::parse(&text)
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.0
    }
}

/// The text is no account id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an account id: 1 to 18 digits")]
pub struct InvalidAccountId;

/// An account and its settings; a function sees a change within 30 seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// The account's number.
    #[serde(rename = "account_id")]
    pub id: AccountId,
    /// The account's sid.
    #[serde(rename = "account_sid")]
    pub sid: AccountSid,
    /// What people call it.
    pub name: String,
    /// The zone that dates without an offset are read and answered in.
    #[serde(rename = "timezone")]
    pub zone: Zone,
    /// TrueCNAM `resp_type` where a query names none.
    pub resp_type: ResponseType,
    /// TrueCNAM `resp_format` where a query names none.
    pub resp_format: ResponseFormat,
    /// All its credentials may send `orig_call_end`.
    pub carrier: bool,
    /// Opted into TrueCLID: a number of this account without a recent start is likely spoofed.
    pub trueclid: bool,
    /// `Invalid DID` for a number that is not one of the account's.
    pub registered_dids_only: bool,
    /// TLD switch: `TLDialer Not Enabled` when off.
    pub tldialer: bool,
    /// TLD switch: `Advanced Call Log Not Enabled` when off.
    pub advanced_call_log: bool,
    /// How many days before its bill a call may have started.
    pub billing_window_days: u32,
    /// For how many minutes the same bill without an idempotency key is a repeat; 0 turns it off.
    pub repeat_window_minutes: u32,
    /// For how many hours a started call without an end is live.
    pub live_call_hours: u32,
    /// Into how many partitions a day of calls is spread. It only ever grows: a smaller number would
    /// hide what the larger one has written.
    pub shards: u8,
    /// The vendor that new leads are put down to.
    pub vendor_id: String,
    /// The call process of rapid responses that name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callprocess_id: Option<CallProcessId>,
    /// When it was made.
    pub created_at: Instant,
    /// How often it was changed.
    #[serde(default)]
    pub revision: u32,
}

impl Account {
    /// A new account with the settings that the contracts name as defaults.
    #[must_use]
    pub fn new(id: AccountId, sid: AccountSid, name: String, zone: Zone, now: Instant) -> Self {
        Self {
            id,
            sid,
            name,
            zone,
            resp_type: ResponseType::Basic,
            resp_format: ResponseFormat::Json,
            carrier: false,
            trueclid: false,
            registered_dids_only: false,
            tldialer: true,
            advanced_call_log: true,
            billing_window_days: 30,
            repeat_window_minutes: 10,
            live_call_hours: 4,
            shards: 1,
            vendor_id: "0".to_owned(),
            callprocess_id: None,
            created_at: now,
            revision: 0,
        }
    }
}
