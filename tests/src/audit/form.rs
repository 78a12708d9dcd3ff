//! The written forms of single values.

use jiff::Timestamp;

/// The numbers of letters in a call's sid for its start, in milliseconds, and for its shard.
const START_LETTERS: usize = 10;
const SHARD_LETTERS: usize = 2;

/// Whether a text has the form of the attribute, or the part of a key, with that name. Names without a form
/// accept any text.
#[must_use]
pub fn fits(name: &str, text: &str) -> bool {
    match name {
        "phone" | "number" | "calling" | "called" | "did" | "cid" | "call_to"
        | "lead_numtocall" => is_phone(text),
        "account" | "account_id" => {
            (1..=18).contains(&text.len()) && digits(text) && !text.starts_with('0')
        }
        "account_sid" | "call_sid" | "property_sid" | "address_sid" | "latest" => {
            text.len() == 32 && text.bytes().all(|letter| letter.is_ascii_uppercase())
        }
        "guid" | "ended_by" => is_guid(text),
        "hash" | "payload" | "sha256" | "secret_sha256" | "refresh_sha256" => {
            text.len() == 64 && is_hex(text)
        }
        "direction" => matches!(text, "inbound" | "outbound"),
        "cost_id" | "lead_id" => digits(text),
        _ => true,
    }
}

/// Whether a text is a phone number in E.164.
#[must_use]
pub fn is_phone(text: &str) -> bool {
    text.strip_prefix('+')
        .is_some_and(|number| (3..=20).contains(&number.len()) && digits(number))
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_hex(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn is_guid(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let lengths: Vec<_> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12] && parts.iter().all(|part| is_hex(part))
}

/// The start of a call, in milliseconds, from its sid.
#[must_use]
pub fn started(sid: &str) -> Option<i64> {
    base26(sid.get(..START_LETTERS)?)
}

/// The shard of a call, from its sid.
#[must_use]
pub fn shard(sid: &str) -> Option<i64> {
    base26(sid.get(START_LETTERS..START_LETTERS + SHARD_LETTERS)?)
}

fn base26(letters: &str) -> Option<i64> {
    letters.bytes().try_fold(0_i64, |number, letter| {
        let digit = letter.checked_sub(b'A').filter(|digit| *digit < 26)?;
        Some(number * 26 + i64::from(digit))
    })
}

/// The UTC day of an instant in milliseconds: `2026-11-21`.
#[must_use]
pub fn day(millis: i64) -> Option<String> {
    let at = Timestamp::from_millisecond(millis).ok()?;
    Some(at.strftime("%Y-%m-%d").to_string())
}
