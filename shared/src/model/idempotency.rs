//! Idempotency: what identifies a request that is sent again, and for how long.
//!
//! The ledger writes the record in the transaction of the effect itself, on condition that there is none
//! yet (see [`crate::ledger`]). There is no moment in which the effect exists and the record does not, so a
//! crashed or timed-out request leaves nothing to unlock.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::model::call::{Bill, Direction};
use crate::model::credential::Credential;
use crate::model::phone::PhoneNumber;
use crate::model::text::IdempotencyKey;
use crate::model::time::Instant;

/// For how long a client's own key replays the first answer (contracts/tld.md).
const KEY_LIFE: Duration = Duration::from_secs(24 * 3_600);

/// For how long a call of the same pair is the same call.
pub const SAME_CALL: Duration = Duration::from_secs(60);

/// An idempotency record: what identifies a request when it is sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// SHA-256, in hex, of what names the request.
    pub(crate) name: String,
    /// SHA-256, in hex, of what it asks for. The same name with another payload is the client's mistake.
    pub(crate) payload: String,
    /// Until when the record counts.
    pub(crate) until: Instant,
}

impl IdempotencyRecord {
    /// The record of a bill: named by the client's key, or without one by what the bill says, for `window`.
    /// `None` if there is no key and the account's window is zero.
    #[must_use]
    pub fn of_bill(
        credential: &Credential,
        key: Option<&IdempotencyKey>,
        bill: &Bill,
        window: Duration,
        now: Instant,
    ) -> Option<Self> {
        let payload = digest(&payload_of(bill));
        let (kind, name, life) = match key {
            Some(key) => ("key", key.as_str(), KEY_LIFE),
            None if window.is_zero() => return None,
            None => ("payload", payload.as_str(), window),
        };
        let name = digest(&["inbound-billable", credential.id.as_str(), kind, name]);
        Some(Self {
            name,
            payload,
            until: now.plus(life),
        })
    }

    /// The record of a pair's recent calls, which another switch reports without their start. For a minute
    /// the same pair is the same call, as it is where calls are started, unless that call is over.
    #[must_use]
    pub fn of_recent_calls(
        direction: Direction,
        from: &str,
        to: &PhoneNumber,
        now: Instant,
    ) -> Self {
        let direction = match direction {
            Direction::Inbound => "in",
            Direction::Outbound => "out",
        };
        Self {
            name: digest(&["recent calls", direction, from, to.as_e164()]),
            payload: String::new(),
            until: now.plus(SAME_CALL),
        }
    }

    /// The record of creating something of `kind` from `parameters`, named by the client's key.
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
        }
    }
}

/// What makes two bills the same: numbers and money by value, dates only where the vendor gave them.
fn payload_of(bill: &Bill) -> [String; 6] {
    let date = |date: Option<Instant>| date.map_or(String::new(), |date| date.millis().to_string());
    [
        bill.did.as_e164().to_owned(),
        bill.cid.as_e164().to_owned(),
        bill.cost.four_places(),
        date(bill.date_billed),
        date(bill.call_date),
        bill.notes
            .as_ref()
            .map_or(String::new(), |notes| notes.as_str().to_owned()),
    ]
}

/// SHA-256 over the parts, each with its length, so that no two lists of parts run together.
fn digest<T: AsRef<str>>(parts: &[T]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let part = part.as_ref().as_bytes();
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}
