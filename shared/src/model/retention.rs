//! Retention: for how many days an account keeps its calls, costs, contacts, feedback and queue entries.
//!
//! What is kept for some days ends at midnight UTC, when that many whole days have passed since the day on which it
//! was recorded. So all rows of a day end at once, and a row that is written again on the same day keeps its end.

mod kept;
mod lifetime;

use std::time::Duration;

pub use self::kept::Kept;
pub use self::lifetime::{InvalidLifetime, KeptDays, Lifetime};
use super::feedback::Reputation;
use super::time::Instant;

/// How long after a change of the setting functions may still write by the former one. They see it within 30 seconds.
pub const SEEN_AFTER: Duration = Duration::from_secs(35);

/// The least number of days for which anything is kept: a vendor's call id names the same bill for 30, and an
/// idempotency record answers as long with the id of what was made.
const LEAST: u32 = 32;

/// The least number of days for which feedback is kept: it counts for the days of [`Reputation`] and on its own.
const LEAST_OF_FEEDBACK: u32 = Reputation::DAYS + 2;

/// How many days more than a call can be billed after its start it is kept at least.
const BEYOND_BILLING: u32 = 2;

/// What an account keeps for times of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Calls with their reports.
    pub calls: Kept,
    /// Costs with their history, adjustments and refused bills.
    pub costs: Kept,
    /// Leads and first contacts.
    pub contacts: Kept,
    /// Feedback, and what it says of a number in sum.
    pub feedback: Kept,
    /// Entries of the dialer's queue.
    pub queue: Kept,
}

/// Why something is not kept for so short a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooShort {
    /// What requests promise would not hold.
    #[error(
        "{what} must be kept for at least {least} days: a bill finds its call for {window} days \
         (`--billing-window-days`), and a vendor's call id names the same bill for 30"
    )]
    Promised {
        /// `calls` or `costs`.
        what: &'static str,
        /// The least number of days.
        least: u32,
        /// The account's billing window.
        window: u32,
    },
    /// A call would lose its costs.
    #[error(
        "costs must be kept for at least as long as calls ({calls}), because a call shows what it cost"
    )]
    CostsBeforeCalls {
        /// How long calls are kept.
        calls: Lifetime,
    },
    /// A call or a queue entry would lose its lead.
    #[error(
        "contacts must be kept for at least as long as {what} ({kept}), because these have a lead"
    )]
    ContactsBefore {
        /// `calls`, `costs` or `queue entries`.
        what: &'static str,
        /// How long these are kept.
        kept: Lifetime,
    },
    /// A reputation would count what is gone.
    #[error(
        "feedback must be kept for at least {LEAST_OF_FEEDBACK} days, because a number's reputation \
         counts that of today and of {} days before",
        Reputation::DAYS
    )]
    Feedback,
    /// A request that is sent again would be answered with the id of an entry that is gone.
    #[error(
        "queue entries must be kept for at least {LEAST} days, because an idempotency record \
         answers with their ids for up to 30"
    )]
    Queue,
}

impl Retention {
    /// The least number of days for which calls and costs are kept with this billing window.
    #[must_use]
    pub fn least(billing_window_days: u32) -> u32 {
        billing_window_days
            .saturating_add(BEYOND_BILLING)
            .max(LEAST)
    }

    /// All of it, in order.
    #[must_use]
    pub fn all(&self) -> [Kept; 5] {
        [
            self.calls,
            self.costs,
            self.contacts,
            self.feedback,
            self.queue,
        ]
    }

    /// When it was changed last, if rows from before are not marked by it yet.
    #[must_use]
    pub fn changed_at(&self) -> Option<Instant> {
        self.all().iter().filter_map(Kept::changed_at).max()
    }

    /// Checks what is kept against what requests promise, with a billing window.
    ///
    /// # Errors
    /// Returns every reason why it is too short.
    pub fn check(&self, billing_window_days: u32) -> Result<(), Vec<TooShort>> {
        let [calls, costs, contacts, feedback, queue] = self.all().map(|kept| kept.lifetime());
        let least = Self::least(billing_window_days);
        let shorter =
            |kept: Lifetime, least: u32| kept.as_days().is_some_and(|days| days.get() < least);
        let promised = [("calls", calls), ("costs", costs)];
        let promised = promised
            .into_iter()
            .filter(|(_, kept)| shorter(*kept, least));
        let mut reasons: Vec<TooShort> = promised
            .map(|(what, _)| TooShort::Promised {
                what,
                least,
                window: billing_window_days,
            })
            .collect();
        if costs < calls {
            reasons.push(TooShort::CostsBeforeCalls { calls });
        }
        let named = [("calls", calls), ("costs", costs), ("queue entries", queue)];
        let longest = named.into_iter().rev().max_by_key(|(_, kept)| *kept);
        reasons.extend(
            longest
                .filter(|(_, kept)| contacts < *kept)
                .map(|(what, kept)| TooShort::ContactsBefore { what, kept }),
        );
        if shorter(feedback, LEAST_OF_FEEDBACK) {
            reasons.push(TooShort::Feedback);
        }
        if shorter(queue, LEAST) {
            reasons.push(TooShort::Queue);
        }
        match reasons.is_empty() {
            true => Ok(()),
            false => Err(reasons),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(days: u32) -> Lifetime {
        Lifetime::parse(&days.to_string()).expect("a lifetime")
    }

    #[test]
    fn every_reason_why_a_time_is_too_short_is_said() {
        let kept = |lifetime| {
            let mut kept = Kept::default();
            kept.set(lifetime, Instant::from_millis(0));
            kept
        };
        let forever = Lifetime::FOREVER;
        let of = |calls, costs| Retention {
            calls: kept(calls),
            costs: kept(costs),
            ..Retention::default()
        };
        assert_eq!(of(forever, forever).check(30), Ok(()));
        assert_eq!(of(days(32), days(32)).check(30), Ok(()));
        assert_eq!(of(days(90), forever).check(30), Ok(()));
        assert_eq!(of(days(90), days(60)).check(30).unwrap_err().len(), 1);
        assert_eq!(of(days(30), days(20)).check(30).unwrap_err().len(), 3);
        let wide = of(days(90), days(90)).check(100).unwrap_err();
        assert!(
            wide[0].to_string().contains("at least 102 days"),
            "{}",
            wide[0]
        );
        assert_eq!(of(forever, days(90)).check(30).unwrap_err().len(), 1);
        let with = |contacts, feedback, queue| Retention {
            contacts: kept(contacts),
            feedback: kept(feedback),
            queue: kept(queue),
            ..of(days(60), days(90))
        };
        assert_eq!(with(days(90), days(92), days(32)).check(30), Ok(()));
        assert_eq!(
            with(days(89), days(91), days(31)).check(30),
            Err(vec![
                TooShort::ContactsBefore {
                    what: "costs",
                    kept: days(90)
                },
                TooShort::Feedback,
                TooShort::Queue,
            ])
        );
        assert_eq!(
            with(days(90), forever, forever).check(30),
            Err(vec![TooShort::ContactsBefore {
                what: "queue entries",
                kept: forever
            }])
        );
    }
}
