//! The account: the tenant that everything belongs to, and its settings.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::currency::Currency;
use super::queue::CallProcessId;
use super::retention::{Kept, Retention};
use super::sid::AccountSid;
use super::text::{ResponseFormat, ResponseType, UnexpectedWord};
pub use super::time::DateOrder;
use super::time::{Instant, Zone};

/// An account's id: 1 to 18 digits, as TeleTracker clients send it (`account_id=12345`).
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
    /// Returns `InvalidAccountId` if the text is not 1 to 18 digits without a leading zero.
    pub fn parse(text: &str) -> Result<Self, InvalidAccountId> {
        let text = text.trim();
        let digits = (1..=18).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if digits && !text.starts_with('0') {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidAccountId)
        }
    }

    /// Returns the digits.
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

/// The text is not an account id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an account id: 1 to 18 digits")]
pub struct InvalidAccountId;

/// What a later bill for the same call means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rebill {
    /// The same vendor's later bill replaces its earlier one, as a vendor corrects a price.
    #[default]
    Replace,
    /// Every bill adds to the call's cost.
    Add,
}

impl Rebill {
    /// Reads the word.
    ///
    /// # Errors
    /// Returns `UnexpectedWord` for any other word.
    pub fn parse(text: &str) -> Result<Self, UnexpectedWord> {
        match text {
            "replace" => Ok(Self::Replace),
            "add" => Ok(Self::Add),
            _ => Err(UnexpectedWord {
                expected: "replace or add",
            }),
        }
    }

    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Add => "add",
        }
    }
}

/// The default of [`Account::same_call_seconds`].
fn same_call_seconds() -> u32 {
    60
}

/// The layout of calls and costs that this version reads and writes.
pub const LAYOUT: u8 = 2;

/// The layout of accounts without a mark: that of versions before the mark.
fn first_layout() -> u8 {
    1
}

/// An account and its settings. Functions see a change within 30 seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// The account's id.
    #[serde(rename = "account_id")]
    pub id: AccountId,
    /// The account's sid.
    #[serde(rename = "account_sid")]
    pub sid: AccountSid,
    /// A name for people.
    pub name: String,
    /// The time zone in which dates without an offset are read and dates are shown.
    #[serde(rename = "timezone")]
    pub zone: Zone,
    /// TrueCNAM `resp_type` of a query that does not set one.
    pub resp_type: ResponseType,
    /// TrueCNAM `resp_format` of a query that does not set one.
    pub resp_format: ResponseFormat,
    /// Whether all its credentials may send `orig_call_end`.
    pub carrier: bool,
    /// Whether the account uses TrueCLID.
    ///
    /// If so, a call from one of its numbers without a recent start is likely spoofed.
    pub trueclid: bool,
    /// Whether `trueclid` was changed and its copies with the account's numbers may not agree yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trueclid_pending: bool,
    /// Whether bills for numbers other than the account's are refused with `Invalid DID`.
    pub registered_dids_only: bool,
    /// Whether TLDialer is enabled. If not, bills are refused with `TLDialer Not Enabled`.
    pub tldialer: bool,
    /// Whether the advanced call log is enabled. If not, bills are refused with `Advanced Call Log Not
    /// Enabled`.
    pub advanced_call_log: bool,
    /// How many days a call may have started before its bill arrives.
    pub billing_window_days: u32,
    /// How many minutes an equal bill without an idempotency key counts as a repeat. 0 turns this off.
    pub repeat_window_minutes: u32,
    /// How many hours a started call without an end stays live.
    pub live_call_hours: u32,
    /// How many seconds two reports of one pair may differ in their start and still be of one call.
    ///
    /// 0 means that every report is a call of its own; at most 600.
    #[serde(default = "same_call_seconds")]
    pub same_call_seconds: u32,
    /// What a later bill for the same call means.
    #[serde(default)]
    pub rebill: Rebill,
    /// The order of month and day in dates such as `01/02/2026`.
    #[serde(default)]
    pub date_order: DateOrder,
    /// The currency of its costs and prices. It never changes, because amounts are not converted.
    #[serde(default)]
    pub currency: Currency,
    /// The number of partitions that a day of calls is spread over.
    ///
    /// It may only grow: readers with a smaller number would miss the calls in the other partitions.
    pub shards: u8,
    /// The vendor that new leads are attributed to.
    pub vendor_id: String,
    /// The call process of rapid responses that do not name one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callprocess_id: Option<CallProcessId>,
    /// When the account was created.
    pub created_at: Instant,
    /// The layout of its calls and costs; lower than [`LAYOUT`] until `callbook migrate` converts them.
    #[serde(default = "first_layout")]
    pub layout: u8,
    /// Whether the days of its costs are noted. Those of accounts of earlier versions are not known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keeps_span: bool,
    /// How long its calls are kept, with their reports.
    #[serde(default, skip_serializing_if = "Kept::is_untouched")]
    pub calls_kept: Kept,
    /// How long its costs are kept, with their history, adjustments and refused bills.
    #[serde(default, skip_serializing_if = "Kept::is_untouched")]
    pub costs_kept: Kept,
    /// How long its leads and first contacts are kept.
    #[serde(default, skip_serializing_if = "Kept::is_untouched")]
    pub contacts_kept: Kept,
    /// How long feedback is kept. Its credentials say so too: feedback does not read its account.
    #[serde(default, skip_serializing_if = "Kept::is_untouched")]
    pub feedback_kept: Kept,
    /// How long entries of its queue are kept.
    #[serde(default, skip_serializing_if = "Kept::is_untouched")]
    pub queue_kept: Kept,
    /// How many times the account was changed.
    #[serde(default)]
    pub revision: u32,
    /// When the account was closed, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Instant>,
    /// From when on everything of it may be deleted, if that was asked for. Until then it can be opened again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_after: Option<Instant>,
    /// Whether it is being deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleting: bool,
}

impl Account {
    /// Creates an account with the default settings that the contracts state.
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
            trueclid_pending: false,
            registered_dids_only: false,
            tldialer: true,
            advanced_call_log: true,
            billing_window_days: 30,
            repeat_window_minutes: 10,
            live_call_hours: 4,
            same_call_seconds: same_call_seconds(),
            rebill: Rebill::Replace,
            date_order: DateOrder::Mdy,
            currency: Currency::USD,
            shards: 1,
            vendor_id: "0".to_owned(),
            callprocess_id: None,
            created_at: now,
            layout: LAYOUT,
            keeps_span: true,
            calls_kept: Kept::default(),
            costs_kept: Kept::default(),
            contacts_kept: Kept::default(),
            feedback_kept: Kept::default(),
            queue_kept: Kept::default(),
            revision: 0,
            closed_at: None,
            delete_after: None,
            deleting: false,
        }
    }

    /// Whether it is closed: nobody acts for it.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed_at.is_some()
    }

    /// How long what is kept.
    #[must_use]
    pub fn retention(&self) -> Retention {
        Retention {
            calls: self.calls_kept,
            costs: self.costs_kept,
            contacts: self.contacts_kept,
            feedback: self.feedback_kept,
            queue: self.queue_kept,
        }
    }

    /// Says that all rows are marked by the retention that was read, where that was not changed again.
    pub fn retention_applied(&mut self, read: &Retention, now: Instant) {
        let kept = [
            &mut self.calls_kept,
            &mut self.costs_kept,
            &mut self.contacts_kept,
            &mut self.feedback_kept,
            &mut self.queue_kept,
        ];
        for (kept, read) in kept.into_iter().zip(read.all()) {
            kept.apply(read.changed_at(), now);
        }
    }

    /// Whether its calls and costs have the present layout. If not, some of them may be missing from lists
    /// and sums until `callbook migrate` has converted them (`docs/migrate.md`).
    #[must_use]
    pub fn is_migrated(&self) -> bool {
        self.layout >= LAYOUT
    }
}
