//! A call start, and the live call that it leaves.

use serde::{Deserialize, Serialize};

use crate::model::account::{Account, AccountId};
use crate::model::call::CallSid;
use crate::model::id::{CredentialId, Guid};
use crate::model::phone::PhoneNumber;
use crate::model::time::Instant;

/// A call that is being placed.
pub struct CallStart<'a> {
    /// Who places it.
    pub account: &'a Account,
    /// The credential that reports it.
    pub credential: &'a CredentialId,
    /// Whether that credential has carrier service, of its own or by its account.
    pub carrier: bool,
    /// Its sid, which also says when it started.
    pub sid: CallSid,
    /// The number it is placed from.
    pub calling: &'a PhoneNumber,
    /// The number it goes to.
    pub called: &'a PhoneNumber,
    /// The request.
    pub guid: Guid,
}

/// A live call. Its end deletes the item; without an end it counts until `live_until`.
#[derive(Serialize, Deserialize)]
pub(in crate::ledger) struct LiveItem {
    pub(in crate::ledger) call_sid: CallSid,
    pub(in crate::ledger) account_id: AccountId,
    /// The credential that started it. Calls that an earlier version started have none and are not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::ledger) credential_id: Option<CredentialId>,
    /// Whether that credential had carrier service.
    #[serde(default)]
    pub(in crate::ledger) carrier: bool,
    pub(in crate::ledger) calling: PhoneNumber,
    pub(in crate::ledger) started_at: Instant,
    pub(in crate::ledger) live_until: Instant,
    /// `live_until` in seconds, for the table's own clean-up.
    pub(in crate::ledger) expires_at: i64,
    pub(in crate::ledger) guid: String,
}
