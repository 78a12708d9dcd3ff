//! No effect twice: by which key a request is known again, and for how long.
//!
//! The record is written in the effect's own transaction, under the condition that it is not there yet
//! (see [`crate::ledger`]): there is no moment in which the effect exists and the record does not, so a
//! crashed or timed-out request leaves nothing to unlock.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::model::call::{Bill, Direction};
use crate::model::credential::Credential;
use crate::model::phone::PhoneNumber;
use crate::model::text::IdempotencyKey;
use crate::model::time::Instant;

/// For how long an explicit key gives the first answer again (contracts/tld.md).
const KEY_LIFE: Duration = Duration::from_secs(24 * 3_600);

/// For how long a call of the same pair is the same call.
pub const SAME_CALL: Duration = Duration::from_secs(60);

/// What a request is known again by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// 64 hex digits of what names the request.
    pub(crate) name: String,
    /// 64 hex digits of what it asks for: the same name with another payload is a mistake.
    pub(crate) payload: String,
    /// Until when it counts.
    pub(crate) until: Instant,
}

impl IdempotencyRecord {
    /// The key of a bill: the client's own, or, without one, what the bill says, for `window`. `None` when
    /// the client gave no key and the account has turned repeats off.
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

    /// The key of the calls of a pair that another switch reports without saying when they started: for a
    /// minute the same pair is the same call, as it is in starts of calls, unless that is over.
    #[must_use]
    pub fn of_calls(direction: Direction, from: &str, to: &PhoneNumber, now: Instant) -> Self {
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
}

impl IdempotencyRecord {
    /// The key of making something of `kind`, by the client's own: `said` is what it is to be.
    #[must_use]
    pub fn of_making(
        credential: &Credential,
        kind: &str,
        key: &IdempotencyKey,
        said: &[&str],
        now: Instant,
    ) -> Self {
        Self {
            name: digest(&[kind, credential.id.as_str(), "key", key.as_str()]),
            payload: digest(said),
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
