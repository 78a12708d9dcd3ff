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
        "shard" => text.parse::<u8>().is_ok(),
        "account_sid" | "call_sid" | "report_sid" | "joined_into" | "property_sid"
        | "address_sid" => {
            text.len() == 32 && text.bytes().all(|letter| letter.is_ascii_uppercase())
        }
        "guid" => is_guid(text),
        "hash" | "payload" | "sha256" | "secret_sha256" | "refresh_sha256" => {
            text.len() == 64 && is_hex(text)
        }
        "signature" => text.len() == 16 && is_hex(text),
        "secret_argon2" => text.len() == 64,
        "day" | "first_day" | "last_day" => {
            text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-')
        }
        "vendor" => {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
            text == "*" || (!text.is_empty() && text.bytes().all(allowed))
        }
        "part" => (1..=16).contains(&text.len()) && is_hex(text),
        "direction" => matches!(text, "inbound" | "outbound"),
        "way" => matches!(text, "in" | "out"),
        "counter" => (1..=2).contains(&text.len()) && digits(text),
        "caller" | "call_from" => is_phone(text) || text == "withheld" || digits(text),
        "dating" => matches!(text, "none" | "moment" | "day"),
        "state" => matches!(text, "in_force" | "superseded" | "void"),
        "cost_id" | "former_id" | "reprices" | "next_price" | "lead_id" => digits(text),
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

/// The first letters of the sids of calls that start at an instant, in milliseconds.
#[must_use]
pub fn letters(millis: i64) -> String {
    let last = 26_i64.pow(START_LETTERS as u32) - 1;
    let mut rest = millis.clamp(0, last);
    let mut letters = vec![b'A'; START_LETTERS];
    for letter in letters.iter_mut().rev() {
        let digit = u8::try_from(rest % 26).unwrap_or_default();
        *letter = b'A' + digit;
        rest /= 26;
    }
    letters.into_iter().map(char::from).collect()
}

/// When a cost was billed, in milliseconds, and the shard of its row, from its id: 43 bits, 8 bits, and 12
/// random ones.
#[must_use]
pub fn billed(cost_id: &str) -> Option<(i64, i64)> {
    let id: i64 = cost_id.parse().ok()?;
    Some((id >> 20, (id >> 12) & 0xff))
}

/// The UTC day of an instant in milliseconds: `2026-11-21`.
#[must_use]
pub fn day(millis: i64) -> Option<String> {
    let at = Timestamp::from_millisecond(millis).ok()?;
    Some(at.strftime("%Y-%m-%d").to_string())
}
