//! The one retry policy of the ledger, for work that others were in the way of.
//!
//! | attempt | a loop that plans again | a transaction that is sent again |
//! |---|---|---|
//! | 1 | at once | at once |
//! | 2 | at once | after 12 to 25 ms |
//! | 3 | after 12 to 25 ms | after 25 to 50 ms |
//! | 4 | after 25 to 50 ms | after 50 to 100 ms |
//! | ... | doubling up to 200 to 400 ms | doubling up to 200 to 400 ms |
//! | 32, the last | 8.1 s after the first, on average | 8.4 s after the first, on average |
//!
//! The table holds where an attempt takes a few milliseconds. A pause grows with the attempt before it: its
//! upper end is twice that attempt's duration, up to 30 s, if that is longer than the table's. Where a store or
//! a machine is slow because many rivals keep it busy, pauses of milliseconds would add to the load instead
//! of waiting for it to end.
//!
//! A function's work ends 7 s after it began ([`PATIENCE`]): a pause is shortened to what leaves room for one
//! more attempt as long as the last, and without that room the work is given up. Commands and local
//! deployments have no such limit, only that of 32 attempts.
//!
//! A loop that plans again has read what others left, so its second attempt most likely fits; it waits only
//! if they were faster once more. A transaction that met another one changes nothing, so it waits first.
//! The pauses are jittered: rivals that met once do not meet again at the same moment.
//!
//! Lost connections, timeouts and throttled requests are the SDK's to retry; see
//! [`Ledger::sdk_config`](crate::ledger::Ledger::sdk_config). Writes whose answer was lost all the same are
//! sent again by this policy, up to [`UNCERTAIN_SENDS`] times in all.

use std::time::Duration;

use tokio::time::Instant;

use crate::ids;
use crate::ledger::table::error::StoreError;

/// How long a function's work may take, with its attempts and pauses: less than the 8.5 s after which a
/// request is given up (`docs/decisions.md`, D-002 and D-230).
pub(in crate::ledger) const PATIENCE: Duration = Duration::from_secs(7);

/// How often a write is sent whose answers are lost or unreadable.
pub(in crate::ledger) const UNCERTAIN_SENDS: u32 = 3;

/// How often the work is attempted before it is given up as contended.
const ATTEMPTS: u32 = 32;

/// The longest first pause, in milliseconds; each later one is twice as long, up to 16 times this.
const FIRST_PAUSE: u64 = 25;

/// The longest pause after a slow attempt, in milliseconds.
const LONGEST_PAUSE: u64 = 30_000;

/// Waits for something that others do.
pub(in crate::ledger) async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// The attempts of one piece of work. [`Retry::next`] precedes each of them, the first as well. Read after
/// that call, not before: whatever was read before the pause is out of date.
///
/// ```ignore
/// let mut retry = Retry::planning("this number");
/// loop {
///     retry.next().await?;
///     // Read and plan; return if the plan was carried out.
/// }
/// ```
#[derive(Debug)]
pub(in crate::ledger) struct Retry {
    /// What is contended, for the error.
    what: &'static str,
    /// How many attempts there were.
    made: u32,
    /// How many attempts are made without a pause.
    at_once: u32,
    /// How long all of it may take.
    patience: Duration,
    begun: Instant,
    /// When the latest attempt began, after its pause.
    resumed: Instant,
}

/// How an attempt begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ledger) enum Start {
    /// Right after the attempt before; what that one found is up to date.
    AtOnce,
    /// After a pause; what was read before it is out of date.
    AfterPause,
}

impl Retry {
    /// For a loop that reads again what others left, and plans anew. `what` completes the sentence "too
    /// many concurrent updates of ...".
    pub(in crate::ledger) fn planning(what: &'static str) -> Self {
        Self::new(what, 2)
    }

    /// For the same request, sent again without a change.
    pub(in crate::ledger) fn sending(what: &'static str) -> Self {
        Self::new(what, 1)
    }

    fn new(what: &'static str, at_once: u32) -> Self {
        let now = Instant::now();
        Self {
            what,
            made: 0,
            at_once,
            patience: PATIENCE,
            begun: now,
            resumed: now,
        }
    }

    /// The same policy, with other patience than a function's.
    pub(in crate::ledger) fn within(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// What is left of the patience.
    pub(in crate::ledger) fn left(&self) -> Duration {
        self.patience.saturating_sub(self.begun.elapsed())
    }

    /// How many attempts there were.
    pub(in crate::ledger) fn made(&self) -> u32 {
        self.made
    }

    /// Waits for the moment of the next attempt.
    ///
    /// # Errors
    /// Returns [`StoreError::Contended`] if there were as many attempts as the policy allows, or if another
    /// one would not end in time.
    pub(in crate::ledger) async fn next(&mut self) -> Result<Start, StoreError> {
        if self.made == 0 {
            self.made = 1;
            self.resumed = Instant::now();
            return Ok(Start::AtOnce);
        }
        let range = pause_after(self.made, self.at_once, self.resumed.elapsed(), self.left());
        let (least, most) = range.ok_or(StoreError::Contended(self.what))?;
        self.made += 1;
        if most > 0 {
            let pause = least + ids::jitter_millis(most - least);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        self.resumed = Instant::now();
        Ok(match most {
            0 => Start::AtOnce,
            _ => Start::AfterPause,
        })
    }
}

/// The shortest and the longest pause before the attempt that follows `made` others, in milliseconds, if the
/// last of them took `attempt` and all that follows has `left`. `None` if there is to be no other attempt.
fn pause_after(made: u32, at_once: u32, attempt: Duration, left: Duration) -> Option<(u64, u64)> {
    let attempt = millis(attempt);
    let room = millis(left).checked_sub(attempt)?;
    if made >= ATTEMPTS {
        return None;
    }
    let Some(paused) = made.checked_sub(at_once) else {
        return Some((0, 0));
    };
    let fixed = FIRST_PAUSE << paused.min(4);
    let scaled = attempt.saturating_mul(2).min(LONGEST_PAUSE);
    let least = fixed / 2;
    (least <= room).then(|| (least, fixed.max(scaled).min(room)))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Duration = Duration::from_millis(8);

    fn pauses(at_once: u32) -> Vec<Option<(u64, u64)>> {
        (1..=ATTEMPTS)
            .map(|made| pause_after(made, at_once, QUICK, PATIENCE))
            .collect()
    }

    #[test]
    fn after_quick_attempts_the_pauses_are_the_tables() {
        let sending = pauses(1);
        let first = [(12, 25), (25, 50), (50, 100), (100, 200), (200, 400)];
        assert_eq!(sending[..5], first.map(Some));
        assert!(
            sending[5..31]
                .iter()
                .all(|pause| *pause == Some((200, 400)))
        );
        assert_eq!(sending[31], None, "there are 32 attempts");
        let planning = pauses(2);
        assert_eq!(planning[0], Some((0, 0)), "the second attempt is at once");
        assert_eq!(planning[1..31], sending[..30]);
        let average = |pauses: &[Option<(u64, u64)>]| {
            let pauses = pauses.iter().flatten();
            pauses.map(|(least, most)| least + most).sum::<u64>() / 2
        };
        assert_eq!((average(&planning), average(&sending)), (8_081, 8_381));
    }

    #[test]
    fn pauses_grow_with_the_attempt_before_and_not_without_end() {
        let longest =
            |made, attempt| pause_after(made, 2, Duration::from_millis(attempt), Duration::MAX);
        assert_eq!(longest(2, 12), Some((12, 25)), "the fixed pause is longer");
        assert_eq!(longest(2, 120), Some((12, 240)));
        assert_eq!(longest(6, 120), Some((200, 400)));
        assert_eq!(longest(6, 1_000), Some((200, 2_000)));
        assert_eq!(longest(6, 40_000), Some((200, 30_000)));
        assert_eq!(longest(1, 40_000), Some((0, 0)));
    }

    #[test]
    fn an_attempt_that_would_not_end_in_time_is_not_made() {
        let with = |attempt, left| {
            let millis = Duration::from_millis;
            pause_after(6, 2, millis(attempt), millis(left))
        };
        assert_eq!(with(500, 2_000), Some((200, 1_000)));
        assert_eq!(with(500, 1_000), Some((200, 500)), "the pause is shortened");
        assert_eq!(with(500, 700), Some((200, 200)));
        assert_eq!(with(500, 699), None);
        assert_eq!(with(500, 400), None);
        let no_pause = pause_after(1, 2, Duration::from_secs(4), Duration::from_secs(3));
        assert_eq!(no_pause, None);
    }

    #[test]
    fn what_is_contended_is_named() {
        let error = StoreError::Contended(Retry::planning("this number").what);
        assert_eq!(
            error.to_string(),
            "too many concurrent updates of this number; retry"
        );
    }
}
