//! Phone feedback, and the reputation of a number that follows from it.

use super::phone::PhoneNumber;
use super::text::{PersonName, PhoneStatus, ResponseId};

/// The result of dialing a number (contracts/trestle.md).
#[derive(Clone, Debug)]
pub struct Feedback {
    /// The id of the vendor's response that the feedback is about.
    pub response_id: ResponseId,
    /// The number that was dialed.
    pub phone: PhoneNumber,
    /// Who answered, if known.
    pub name: Option<PersonName>,
    /// Whether anybody could be reached.
    pub status: PhoneStatus,
    /// Whether it was the intended person.
    pub right_party: bool,
}

/// A summary of an account's own feedback about a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reputation {
    /// The latest name reported with right party contact.
    pub name: Option<PersonName>,
    /// The number of reports in the last 90 days.
    pub recent: u32,
    /// The number of those that say disconnected or wrong party.
    pub recent_bad: u32,
}

impl Reputation {
    /// How many days a report counts towards the spam score.
    pub const DAYS: u32 = 90;

    /// Returns the share of bad reports in percent, rounded half up.
    #[must_use]
    pub fn spam_score(&self) -> u32 {
        (self.recent_bad * 200 + self.recent)
            .checked_div(self.recent * 2)
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spam_score_is_the_rounded_share_of_bad_feedback() {
        let score = |recent, recent_bad| {
            Reputation {
                name: None,
                recent,
                recent_bad,
            }
            .spam_score()
        };
        assert_eq!(score(0, 0), 0);
        assert_eq!(score(3, 1), 33);
        assert_eq!(score(3, 2), 67);
        assert_eq!(score(2, 2), 100);
    }
}
