//! Calls, their leads and first contacts, and their costs.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::cost::Cost;
use super::id::LETTERS;
use super::pair::external_id::ExternalId;
use super::phone::{PhoneNumber, SwitchDigits};
use super::sid::AccountSid;
use super::text::Notes;
use super::time::{CallDate, Instant};
use super::withheld::WITHHELD;

/// A call's id in every dialect: 32 upper case letters, opaque to clients.
///
/// The first ten letters encode the start in milliseconds, the next two the report shard, and the rest
/// is random. The sid alone therefore tells where the call is stored, and sids sort by start.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CallSid(String);

const START_LETTERS: u32 = 10;
const SHARD_LETTERS: u32 = 2;

impl CallSid {
    /// Makes the sid of a call that started at `started`, 1970 or later, in `shard`.
    pub(crate) fn new(started: Instant, shard: u8, random: [u8; 32]) -> Self {
        let mut text = Self::time_prefix(started);
        push_base26(&mut text, u64::from(shard), SHARD_LETTERS);
        text.extend(random.iter().take(20).copied().map(char::from));
        Self(text)
    }

    /// Makes the sid of an imported call. The same call gets the same sid however often it is imported.
    ///
    /// The call lies in shard 0, because changing the number of shards must not change the sid.
    #[must_use]
    pub fn of_past(
        account: &AccountSid,
        started: Instant,
        direction: Direction,
        from: &str,
        to: &PhoneNumber,
        external_id: Option<&str>,
    ) -> Self {
        let direction = match direction {
            Direction::Inbound => "in",
            Direction::Outbound => "out",
        };
        // Only the last part may contain a separator.
        let identity = [
            account.as_str(),
            direction,
            from,
            to.as_e164(),
            external_id.unwrap_or_default(),
        ];
        let digest = Sha256::digest(identity.join("#"));
        let mut letters = [b'A'; 32];
        for (letter, byte) in letters.iter_mut().zip(digest) {
            let found = LETTERS.get(usize::from(byte % 26));
            *letter = found.copied().unwrap_or(b'A');
        }
        Self::new(started, 0, letters)
    }

    /// Returns the prefix of the sids of all calls that started at `started`.
    ///
    /// Starts before 1970 get the first prefix, and starts after the year 6443, where ten letters run
    /// out, the last one. Prefixes therefore always sort by start.
    #[must_use]
    pub fn time_prefix(started: Instant) -> String {
        let mut text = String::with_capacity(32);
        let millis = u64::try_from(started.millis()).unwrap_or(0);
        let last = 26_u64.pow(START_LETTERS) - 1;
        push_base26(&mut text, millis.min(last), START_LETTERS);
        text
    }

    /// Returns a sid that sorts before those of all calls that started at `moment` or later.
    pub(crate) fn before(moment: Instant) -> Self {
        Self::new(moment, 0, [b'A'; 32])
    }

    /// Reads a sid.
    ///
    /// # Errors
    /// Returns `InvalidCallSid` if the text is not 32 upper case letters that this product could have
    /// made.
    pub fn parse(text: &str) -> Result<Self, InvalidCallSid> {
        let letters = text.len() == 32 && text.bytes().all(|b| LETTERS.contains(&b));
        let sid = Self(text.to_owned());
        if letters
            && sid.digits(0, START_LETTERS + SHARD_LETTERS).is_some()
            && sid.shard_number() < 256
        {
            Ok(sid)
        } else {
            Err(InvalidCallSid)
        }
    }

    /// Returns the call's start.
    #[must_use]
    pub fn started(&self) -> Instant {
        let millis = self.digits(0, START_LETTERS).unwrap_or(0);
        Instant::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
    }

    /// Returns the report shard that the call is stored in.
    #[must_use]
    pub fn shard(&self) -> u8 {
        u8::try_from(self.shard_number()).unwrap_or(0)
    }

    /// Returns the letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn shard_number(&self) -> u64 {
        self.digits(START_LETTERS, SHARD_LETTERS)
            .unwrap_or(u64::MAX)
    }

    fn digits(&self, from: u32, count: u32) -> Option<u64> {
        let (from, count) = (usize::try_from(from).ok()?, usize::try_from(count).ok()?);
        self.0
            .bytes()
            .skip(from)
            .take(count)
            .try_fold(0_u64, |number, letter| {
                let digit = u64::from(letter.checked_sub(b'A')?);
                number.checked_mul(26)?.checked_add(digit)
            })
    }
}

fn push_base26(text: &mut String, number: u64, letters: u32) {
    for place in (0..letters).rev() {
        let digit = number / 26_u64.pow(place) % 26;
        let letter = usize::try_from(digit)
            .ok()
            .and_then(|digit| LETTERS.get(digit));
        text.push(char::from(letter.copied().unwrap_or(b'A')));
    }
}

impl TryFrom<String> for CallSid {
    type Error = InvalidCallSid;
    fn try_from(text: String) -> Result<Self, InvalidCallSid> {
        Self::parse(&text)
    }
}

impl From<CallSid> for String {
    fn from(sid: CallSid) -> Self {
        sid.0
    }
}

/// The text is not a call sid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a call sid: 32 upper case letters")]
pub struct InvalidCallSid;

/// The id of a cost entry: the digits of a 63-bit integer.
///
/// It holds the second in which the cost was billed, and the shard that the entry lies in, so the id alone
/// tells where. Ids sort by the second of billing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CostId(String);

/// Below the milliseconds of a cost id: 8 bits of shard and 12 random ones.
const COST_BITS: u32 = 20;
const COST_SHARD_BITS: u32 = 12;

impl CostId {
    /// Makes the id of a cost that was billed at `billed`, in `shard`, with the lowest 12 bits of `random`.
    /// Times before 1970 count as 1970, and those after 2248 as 2248.
    ///
    /// A millisecond and shard has 4,096 of these ids.
    pub(crate) fn new(billed: Instant, shard: u8, random: u32) -> Self {
        let last = (u64::MAX >> 1) >> COST_BITS;
        let millis = u64::try_from(billed.millis()).unwrap_or(0).min(last);
        let low = u64::from(shard) << COST_SHARD_BITS | u64::from(random & 0xFFF);
        Self((millis << COST_BITS | low).to_string())
    }

    /// Makes the id of a cost that was billed within the second of `billed`, whose milliseconds are random too.
    ///
    /// A vendor may give every bill of a day the same time, so a second and shard has four million of these.
    pub(crate) fn within_second(billed: Instant, shard: u8, random: u32) -> Self {
        let second = billed.millis() - billed.millis().rem_euclid(1_000);
        let millis = i64::from((random >> 12) % 1_000);
        Self::new(Instant::from_millis(second + millis), shard, random)
    }

    /// Reads an id.
    ///
    /// # Errors
    /// Returns `InvalidCostId` if the text is not 1 to 19 digits of a 63-bit integer.
    pub fn parse(text: &str) -> Result<Self, InvalidCostId> {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let canonical = text == "0" || !text.starts_with('0');
        match text.parse::<i64>() {
            Ok(_) if digits && canonical => Ok(Self(text.to_owned())),
            _ => Err(InvalidCostId),
        }
    }

    /// Returns the second in which the cost was billed.
    #[must_use]
    pub fn billed(&self) -> Instant {
        let millis = i64::try_from(self.number() >> COST_BITS).unwrap_or(i64::MAX);
        Instant::from_millis(millis - millis % 1_000)
    }

    /// Returns the shard that the entry is stored in.
    #[must_use]
    pub fn shard(&self) -> u8 {
        u8::try_from(self.number() >> COST_SHARD_BITS & 0xFF).unwrap_or(0)
    }

    /// Returns the id directly before this one; of 0, 0 itself.
    #[must_use]
    pub(crate) fn before(&self) -> Self {
        Self(self.number().saturating_sub(1).to_string())
    }

    /// Returns the digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn number(&self) -> u64 {
        self.0.parse().unwrap_or(0)
    }
}

impl TryFrom<String> for CostId {
    type Error = InvalidCostId;
    fn try_from(text: String) -> Result<Self, InvalidCostId> {
        Self::parse(&text)
    }
}

impl From<CostId> for String {
    fn from(id: CostId) -> Self {
        id.0
    }
}

/// The text is not a cost id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a cost id: up to 19 digits")]
pub struct InvalidCostId;

/// The id of an account's lead for one number: the digits of a 63-bit integer.
///
/// It is computed from account and number, so two concurrent requests that create the same lead agree
/// on its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LeadId(String);

impl LeadId {
    /// Computes the id of the lead of `phone` in the account with the sid `account`.
    #[must_use]
    pub fn of(account: &AccountSid, phone: &PhoneNumber) -> Self {
        let digest = Sha256::new()
            .chain_update(account.as_str())
            .chain_update("#lead#")
            .chain_update(phone.as_e164())
            .finalize();
        let number = digest
            .iter()
            .take(8)
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        Self((number >> 1).to_string())
    }

    /// Returns the digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LeadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The direction of a call, seen from the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From a caller to the account.
    Inbound,
    /// From the account to a callee.
    Outbound,
}

/// The caller: a phone number, or the digits that a switch received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum CallingParty {
    /// A possible number.
    Number(PhoneNumber),
    /// Anything else that a switch received.
    Digits(SwitchDigits),
    /// A caller who withholds the number; see [`is_withheld`](super::withheld::is_withheld).
    Withheld,
}

impl CallingParty {
    /// Reads what [`Self::as_str`] returned.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        match PhoneNumber::from_stored(text) {
            Ok(number) => Some(Self::Number(number)),
            Err(_) if text == WITHHELD => Some(Self::Withheld),
            Err(_) => SwitchDigits::parse(text).ok().map(Self::Digits),
        }
    }

    /// Returns E.164 for a number, the digits as received, or `withheld`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Number(number) => number.as_e164(),
            Self::Digits(digits) => digits.digits(),
            Self::Withheld => WITHHELD,
        }
    }

    /// Returns the number, or `None` for digits that are not one.
    #[must_use]
    pub fn number(&self) -> Option<&PhoneNumber> {
        match self {
            Self::Number(number) => Some(number),
            Self::Digits(_) | Self::Withheld => None,
        }
    }
}

/// The lead of a call's caller, as a bill for the call is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadRef {
    /// The lead's id.
    pub lead_id: LeadId,
    /// The vendor that the lead is attributed to.
    pub vendor_id: String,
    /// Whether the call is the lead's first contact.
    pub first_contact: bool,
}

/// A vendor's statement of what a call cost.
#[derive(Clone, Debug)]
pub struct Bill {
    /// The number that was called.
    pub did: PhoneNumber,
    /// The caller: a number, or withheld.
    pub cid: CallingParty,
    /// The amount.
    pub cost: Cost,
    /// When the call was billed, if the vendor says so.
    pub date_billed: Option<Instant>,
    /// When the call took place, if the vendor says so.
    pub call_date: Option<CallDate>,
    /// The call's id at the vendor.
    pub call_id: Option<ExternalId>,
    /// Free text from the vendor.
    pub notes: Option<Notes>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sid_contains_its_start_and_shard_and_sorts_by_start() {
        let early = CallSid::new(Instant::from_millis(1_795_000_000_123), 7, [b'Q'; 32]);
        let late = CallSid::new(Instant::from_millis(1_795_000_000_124), 0, [b'A'; 32]);
        assert_eq!(early.as_str().len(), 32);
        assert_eq!(early.started().millis(), 1_795_000_000_123);
        assert_eq!(early.shard(), 7);
        assert!(early < late);
        assert_eq!(CallSid::parse(early.as_str()), Ok(early));
    }

    #[test]
    fn a_sid_with_an_impossible_shard_is_refused() {
        assert_eq!(
            CallSid::parse(&format!("AAAAAAAAAAZZ{}", "A".repeat(20))),
            Err(InvalidCallSid)
        );
        assert_eq!(CallSid::parse("AAAA"), Err(InvalidCallSid));
        assert_eq!(CallSid::parse(&"a".repeat(32)), Err(InvalidCallSid));
    }
}
