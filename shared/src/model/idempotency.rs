//! Idempotency records: what identifies a retry, and for how long.
//!
//! The ledger writes the record in the same transaction as the effect, on condition that no record
//! exists yet (see [`crate::ledger`]). The effect never exists without the record, so a request that
//! crashes or times out leaves nothing to unlock.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::model::call::{Bill, Direction};
use crate::model::credential::Credential;
use crate::model::phone::PhoneNumber;
use crate::model::text::IdempotencyKey;
use crate::model::time::Instant;

/// How long a client's idempotency key replays the first answer (contracts/tld.md).
const KEY_LIFE: Duration = Duration::from_secs(24 * 3_600);

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
}

impl IdempotencyRecord {
    /// Makes the record of a bill, named by the client's key, or by the bill itself for `window`.
    ///
    /// Returns `None` without a key if the account's window is zero.
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

    /// Makes the record of a pair's recent calls, for calls that a switch reports without a start.
    ///
    /// Within a minute, the same pair is the same call unless that call is over, just as with call
    /// starts.
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
        }
    }
}

/// Returns what makes two bills equal: numbers, amount, notes and the dates that the vendor sent.
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
