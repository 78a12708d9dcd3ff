//! Idempotency records: what identifies a retry, and for how long.
//!
//! The ledger writes the record in the same transaction as the effect, on condition that no record
//! exists yet (see [`crate::ledger`]). The effect never exists without the record, so a request that
//! crashes or times out leaves nothing to unlock.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::model::account::Account;
use crate::model::call::{Bill, CallingParty};
use crate::model::credential::Credential;
use crate::model::pair::external_id::ExternalId;
use crate::model::text::{IdempotencyKey, Notes};
use crate::model::time::{CallDate, Instant};

/// How long a client's idempotency key replays the first answer (contracts/tld.md).
const KEY_LIFE: Duration = Duration::from_secs(24 * 3_600);

/// How long a vendor's call id names the same bill (contracts/money-rules.md 7).
pub const SAME_BILL: Duration = Duration::from_secs(30 * 86_400);

/// The first part of the names of the records of bills.
const BILL: &str = "inbound-billable";

/// How long another call of the same pair counts as the same call.
pub const SAME_CALL: Duration = Duration::from_secs(60);

/// An idempotency record: what identifies a request when it is retried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// SHA-256, in hex, of what names the request.
    pub(crate) name: String,
    /// SHA-256, in hex, of the parameters. The same name with another payload is the client's mistake.
    pub(crate) payload: String,
    /// The moment at which the record stops counting.
    pub(crate) until: Instant,
    /// The moment until which the answer is kept, which may be later.
    pub(crate) kept: Instant,
}

impl IdempotencyRecord {
    /// Makes the record of a bill, named by the client's key, or by the bill itself for the account's repeat
    /// window. Withheld callers are strangers at one price, so their window is a minute.
    ///
    /// Returns `None` without a key and a call id if the window is zero. With a call id the answer is kept
    /// for as long as the id names the same bill.
    #[must_use]
    pub fn of_bill(
        credential: &Credential,
        key: Option<&IdempotencyKey>,
        bill: &Bill,
        account: &Account,
        now: Instant,
    ) -> Option<Self> {
        let minutes = Duration::from_secs(u64::from(account.repeat_window_minutes) * 60);
        let window = match bill.cid {
            CallingParty::Withheld => minutes.min(SAME_CALL),
            CallingParty::Number(_) | CallingParty::Digits(_) => minutes,
        };
        let payload = digest(&payload_of(bill));
        let (kind, name, life) = match key {
            Some(key) => ("key", key.as_str(), KEY_LIFE),
            None if window.is_zero() && bill.call_id.is_none() => return None,
            None => ("payload", payload.as_str(), window),
        };
        let name = digest(&[BILL, credential.id.as_str(), kind, name]);
        let until = now.plus(life);
        Some(Self {
            name,
            payload,
            until,
            kept: match bill.call_id {
                Some(_) => until.max(now.plus(SAME_BILL)),
                None => until,
            },
        })
    }

    /// Returns the name of the record of a bill without a key, from the hash of its parameters.
    #[must_use]
    pub(crate) fn name_of_payload(credential: &str, payload: &str) -> String {
        digest(&[BILL, credential, "payload", payload])
    }

    /// Returns what the entries are marked with that a take from the queue is given, from the client's key and what the
    /// request asks for: a repeat finds them by it.
    #[must_use]
    pub fn name_of_take(
        credential: &Credential,
        key: &IdempotencyKey,
        parameters: &[&str],
    ) -> String {
        let asked = digest(parameters);
        digest(&["take", credential.id.as_str(), key.as_str(), &asked])
    }

    /// Makes the record of creating a resource of `kind` from `parameters`, named by the client's key.
    #[must_use]
    pub fn of_creation(
        credential: &Credential,
        kind: &str,
        key: &IdempotencyKey,
        parameters: &[&str],
        now: Instant,
    ) -> Self {
        Self {
            name: digest(&[kind, credential.id.as_str(), "key", key.as_str()]),
            payload: digest(parameters),
            until: now.plus(KEY_LIFE),
            kept: now.plus(KEY_LIFE),
        }
    }
}

/// Returns what makes two bills equal: numbers, amount, notes, call id and the dates that the vendor sent.
fn payload_of(bill: &Bill) -> [String; 7] {
    let date = |date: Option<Instant>| date.map_or(String::new(), |date| date.millis().to_string());
    let call_date = bill.call_date.map(|date| match date {
        CallDate::Moment(moment) => moment.millis().to_string(),
        CallDate::Day { begins, .. } => format!("day {}", begins.millis()),
    });
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    [
        bill.did.as_e164().to_owned(),
        bill.cid.as_str().to_owned(),
        bill.cost.four_places(),
        date(bill.date_billed),
        call_date.unwrap_or_default(),
        text(bill.notes.as_ref().map(Notes::as_str)),
        text(bill.call_id.as_ref().map(ExternalId::as_str)),
    ]
}

/// Returns the SHA-256 of the parts. Each is hashed with its length, so that different lists never
/// collide.
fn digest<T: AsRef<str>>(parts: &[T]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let part = part.as_ref().as_bytes();
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}
