//! A dialer's queue: call processes, and the callees queued for them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::phone::PhoneNumber;
use super::text::{UnexpectedWord, WhisperText};
use super::time::Instant;

/// The first integer that a JSON reader may round, because many readers use binary floats.
const EXACT: u64 = 1 << 53;

/// 2020-01-01T00:00:00Z in milliseconds, the epoch of numbered ids.
const EPOCH: i64 = 1_577_836_800_000;

/// The number of random bits at the end of an id.
const RANDOM_BITS: u32 = 12;

/// Makes a number from `now`: milliseconds since 2020 and 12 random bits, below 2^53 until 2089.
///
/// Two numbers of the same millisecond can be equal. Whoever stores one must check that it is not
/// taken.
#[must_use]
pub(crate) fn numbered(now: Instant, random: u16) -> u64 {
    let millis = u64::try_from(now.millis() - EPOCH).unwrap_or(0);
    let random = u64::from(random) & ((1 << RANDOM_BITS) - 1);
    ((millis << RANDOM_BITS) | random) & (EXACT - 1)
}

macro_rules! numbered_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "u64", into = "u64")]
        pub struct $name(u64);

        impl $name {
            /// Takes a number as an id.
            ///
            /// # Errors
            /// Returns `InvalidNumber` if it is 0, or 2^53 or above.
            pub fn new(number: u64) -> Result<Self, InvalidNumber> {
                if (1..EXACT).contains(&number) {
                    Ok(Self(number))
                } else {
                    Err(InvalidNumber)
                }
            }

            /// Reads an id.
            ///
            /// # Errors
            /// Returns `InvalidNumber` if the text is not the digits of a number from 1 to 2^53 - 1.
            pub fn parse(text: &str) -> Result<Self, InvalidNumber> {
                let text = text.trim();
                let digits = text.bytes().all(|byte| byte.is_ascii_digit());
                let number = text.parse().ok().filter(|_| digits);
                number.ok_or(InvalidNumber).and_then(Self::new)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl TryFrom<u64> for $name {
            type Error = InvalidNumber;
            fn try_from(number: u64) -> Result<Self, InvalidNumber> {
                Self::new(number)
            }
        }

        impl From<$name> for u64 {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

numbered_id!(
    /// The id of a call process, which tells a dialer how to call: 1 to 2^53 - 1.
    CallProcessId
);
numbered_id!(
    /// The id of a queue entry, one callee to be called: 1 to 2^53 - 1.
    QueueId
);

impl QueueId {
    /// Returns when the entry was queued: its id begins with the time, to the millisecond.
    #[must_use]
    pub fn queued_at(self) -> Instant {
        let millis = i64::try_from(self.0 >> RANDOM_BITS).unwrap_or(0);
        Instant::from_millis(EPOCH.saturating_add(millis))
    }

    /// Returns a number that no id of an entry queued before `moment` reaches.
    #[must_use]
    pub fn first_at(moment: Instant) -> u64 {
        numbered(moment, 0)
    }
}

/// What a taker says of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueResult {
    /// The callee was called.
    Completed,
    /// The callee could not be called.
    Failed,
}

impl QueueResult {
    /// Reads `completed` or `failed`.
    ///
    /// # Errors
    /// Returns `UnexpectedWord` for any other word.
    pub fn parse(text: &str) -> Result<Self, UnexpectedWord> {
        let mut all = [Self::Completed, Self::Failed].into_iter();
        all.find(|result| result.as_str() == text)
            .ok_or(UnexpectedWord {
                expected: "completed or failed",
            })
    }

    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        QueueStatus::of(self).as_str()
    }
}

/// What has become of an entry: `callqueue_status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueStatus {
    /// It is offered, or a taker has it.
    Processing,
    /// A taker called the callee.
    Completed,
    /// A taker could not, or no taker said anything in all attempts.
    Failed,
    /// No taker came in time.
    Expired,
}

impl QueueStatus {
    /// Returns the status of an entry that ends with a result.
    #[must_use]
    pub fn of(result: QueueResult) -> Self {
        match result {
            QueueResult::Completed => Self::Completed,
            QueueResult::Failed => Self::Failed,
        }
    }

    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }
}

/// The text or number is not an id of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a whole number from 1 to 9007199254740991")]
pub struct InvalidNumber;

/// A call process of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallProcess {
    /// The id that requests use.
    #[serde(rename = "callprocess_id")]
    pub id: CallProcessId,
    /// A name for people.
    pub name: String,
    /// When the call process was created.
    pub created_at: Instant,
}

/// A request to call somebody, with the text for the agent.
#[derive(Clone, Debug)]
pub struct RapidResponse {
    /// The call process that places the call.
    pub process: CallProcessId,
    /// The number to call.
    pub callee: PhoneNumber,
    /// The text that the agent hears.
    pub whisper_text: WhisperText,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_exact_in_json_until_at_least_2080() {
        let year_2080 = Instant::from_millis(3_471_292_800_000);
        let (first, last) = (numbered(year_2080, 0), numbered(year_2080, u16::MAX));
        assert!(last < EXACT && last - first == (1 << RANDOM_BITS) - 1);
        let next = Instant::from_millis(year_2080.millis() + 1);
        assert!(numbered(next, 0) > last, "ids sort by time");
        assert_eq!(QueueId::new(last).unwrap().queued_at(), year_2080);
        assert_eq!(QueueId::first_at(year_2080), first);
    }

    #[test]
    fn an_id_is_a_whole_number_that_json_readers_keep_exact() {
        for (text, good) in [
            ("1", true),
            (" 42 ", true),
            ("9007199254740991", true),
            ("9007199254740992", false),
            ("0", false),
            ("-1", false),
            ("+1", false),
            ("1.0", false),
            ("1e3", false),
            ("", false),
            ("one", false),
        ] {
            assert_eq!(CallProcessId::parse(text).is_ok(), good, "{text}");
        }
    }
}
