//! What is known of one pair: the calls between a DID and a caller, and what they cost.
//!
//! The ledger of a pair is a function of its facts: reports of calls, bills, and what people decided about
//! bills. [`grouping`] makes calls of reports, [`matching`] finds the call of a bill, [`state`] says which
//! bills count, and [`settle`] applies one fact to the part of a pair that it may change
//! (contracts/money-rules.md). Nothing here reads a store or a clock.

pub mod call;
mod distance;
pub mod entry;
pub mod external_id;
pub mod grouping;
pub mod matching;
mod placing;
pub mod settle;
pub mod source_report;
pub mod state;

use super::call::{CallingParty, Direction};
use super::phone::PhoneNumber;

/// A DID, a caller and a direction. All withheld callers of a DID are one pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Which way its calls go.
    pub direction: Direction,
    /// Who calls.
    pub from: CallingParty,
    /// Who is called.
    pub to: PhoneNumber,
}

impl Pair {
    /// The calls from `from` to the account's number `to`.
    #[must_use]
    pub fn inbound(from: CallingParty, to: PhoneNumber) -> Self {
        Self {
            direction: Direction::Inbound,
            from,
            to,
        }
    }

    /// Whether the callers withhold their numbers, so that two calls need not be of the same person.
    #[must_use]
    pub fn is_withheld(&self) -> bool {
        self.from == CallingParty::Withheld
    }

    /// The number of the caller of inbound calls: the number of a lead.
    #[must_use]
    pub fn lead(&self) -> Option<&PhoneNumber> {
        self.from
            .number()
            .filter(|_| self.direction == Direction::Inbound)
    }
}
