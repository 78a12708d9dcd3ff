//! The only module that uses randomness: it makes guids, sids, ids and secrets.

use crate::model::account::AccountId;
use crate::model::adjustment::AdjustmentId;
use crate::model::call::{CallSid, CostId};
use crate::model::credential::Salt;
use crate::model::id::{CredentialId, Guid, LETTERS};
use crate::model::queue::numbered;
use crate::model::sid::{AccountSid, AddressSid, PropertySid};
use crate::model::time::Instant;
use crate::model::token::{Token, TokenPair};
use crate::model::webhook::{EndpointId, SigningSecret};

/// Returns random bytes from the operating system, or `None` if it cannot provide any.
///
/// Zeros in their place would make a guessable secret, so callers that make secrets pass `None` on.
fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0_u8; N];
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where randomness is asked for"
    )]
    let filled = getrandom::fill(&mut bytes);
    filled.ok().map(|()| bytes)
}

/// Returns a new request id (UUID, version 4).
#[must_use]
pub fn guid() -> Guid {
    #[expect(clippy::disallowed_methods, reason = "this is where ids are made")]
    Guid::from_uuid(uuid::Uuid::new_v4())
}

/// Returns `N` upper case letters, each of the 26 equally likely.
fn letters<const N: usize>() -> [u8; N] {
    let mut letters = [b'A'; N];
    for letter in &mut letters {
        // 234 is the largest multiple of 26 in a byte. Bytes above it would favor the first letters.
        while let Some([byte]) = random::<1>() {
            if byte < 234 {
                *letter = LETTERS.get(usize::from(byte % 26)).copied().unwrap_or(b'A');
                break;
            }
        }
    }
    letters
}

/// Returns a new sid for a call that started at `started` and lies in report shard `shard`.
#[must_use]
pub fn call_sid(started: Instant, shard: u8) -> CallSid {
    CallSid::new(started, shard, letters())
}

/// Returns one of `count` report shards, each equally likely.
#[must_use]
pub fn shard(count: u8) -> u8 {
    match random::<2>() {
        Some(bytes) if count > 1 => {
            u8::try_from(u16::from_le_bytes(bytes) % u16::from(count)).unwrap_or(0)
        }
        _ => 0,
    }
}

/// Returns so many decimal digits, each equally likely, or `None` if the system has no entropy.
#[must_use]
pub fn digits(count: usize) -> Option<String> {
    let mut digits = String::new();
    while digits.len() < count {
        let [byte] = random::<1>()?;
        // 250 is the largest multiple of 10 in a byte.
        if byte < 250 {
            digits.push(char::from(b'0' + byte % 10));
        }
    }
    Some(digits)
}

/// Returns a new account sid: 32 upper case letters.
#[must_use]
pub fn account_sid() -> AccountSid {
    AccountSid::from_letters(letters())
}

/// Returns a new property sid.
#[must_use]
pub fn property_sid() -> PropertySid {
    PropertySid::from_letters(letters())
}

/// Returns a new address sid.
#[must_use]
pub fn address_sid() -> AddressSid {
    AddressSid::from_letters(letters())
}

/// Returns a new account id: eight digits.
#[must_use]
pub fn account_id() -> AccountId {
    let number = random().map_or(0, u64::from_le_bytes);
    AccountId::from_number(10_000_000 + number % 90_000_000)
}

/// Returns a new id for a cost that was billed at `billed` and lies in `shard`.
///
/// Bills that name a whole second, such as the beginning of a day, may be many, and have ids from all over that
/// second. Others have ids of their millisecond.
#[must_use]
pub fn cost_id(billed: Instant, shard: u8) -> CostId {
    match billed.millis() % 1_000 {
        0 => other_cost_id(billed, shard),
        _ => CostId::new(billed, shard, thirty_two_bits()),
    }
}

/// Returns another id for a cost whose first one is taken.
#[must_use]
pub fn other_cost_id(billed: Instant, shard: u8) -> CostId {
    CostId::within_second(billed, shard, thirty_two_bits())
}

/// Returns a new id for an adjustment that is made at `made`.
#[must_use]
pub fn adjustment_id(made: Instant) -> AdjustmentId {
    AdjustmentId::new(CostId::new(made, 0, thirty_two_bits()))
}

fn thirty_two_bits() -> u32 {
    random().map_or(0, u32::from_le_bytes)
}

/// Returns a new credential id: `cred_` and 16 hex digits. Logs and support use it; it is not secret.
#[must_use]
pub fn credential_id() -> CredentialId {
    CredentialId::from_bytes(random().unwrap_or_default())
}

/// Returns the public name of a new credential (API id, username): 16 hex digits.
#[must_use]
pub fn credential_name() -> String {
    hex::encode(random::<8>().unwrap_or_default())
}

/// Returns a new 256-bit secret as 64 hex digits, or `None` if the system has no entropy.
#[must_use]
pub fn secret() -> Option<String> {
    random::<32>().map(hex::encode)
}

/// Returns a new salt for the slow hash of a secret, or `None` if the system has no entropy.
#[must_use]
pub fn salt() -> Option<Salt> {
    random().map(Salt::from_bytes)
}

/// Returns a new token and refresh token, valid from `now`, or `None` if the system has no entropy.
#[must_use]
pub fn token_pair(now: Instant) -> Option<TokenPair> {
    let token = || {
        random().map(|bytes| Token::from_uuid(uuid::Builder::from_random_bytes(bytes).into_uuid()))
    };
    Some(TokenPair::issued(token()?, token()?, now))
}

/// Returns a new number for a queue entry or a call process. Numbers sort by `now`. See
/// [`crate::model::queue`] for the layout.
#[must_use]
pub fn number(now: Instant) -> u64 {
    numbered(now, random().map_or(0, u16::from_le_bytes))
}

/// Returns a random number below `count`, or 0 if that is 0.
#[must_use]
pub fn below(count: usize) -> usize {
    random().map_or(0, usize::from_le_bytes) % count.max(1)
}

/// Returns a random pause of up to `most` milliseconds, so that competing retries do not collide again.
#[must_use]
pub fn jitter_millis(most: u64) -> u64 {
    random().map_or(most, |bytes| u64::from_le_bytes(bytes) % most.max(1))
}

/// Returns a new id for a webhook endpoint.
#[must_use]
pub fn endpoint_id() -> EndpointId {
    EndpointId::from_bytes(random().unwrap_or_default())
}

/// Returns a new secret that signs deliveries, or `None` if the system has no entropy.
#[must_use]
pub fn signing_secret() -> Option<SigningSecret> {
    random().map(SigningSecret::from_bytes)
}
