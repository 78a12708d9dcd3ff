//! The one retry policy of the ledger, for work that others were in the way of.
//!
//! | attempt | a loop that plans again | a transaction that is sent again |
//! |---|---|---|
//! | 1 | at once | at once |
//! | 2 | at once | after 12 to 25 ms |
//! | 3 | after 12 to 25 ms | after 25 to 50 ms |
//! | 4 | after 25 to 50 ms | after 50 to 100 ms |
//! | ... | doubling up to 200 to 400 ms | doubling up to 200 to 400 ms |
//! | 16, the last | 3.3 s after the first, on average | 3.6 s after the first, on average |
//!
//! A loop that plans again has read what others left, so its second attempt most likely fits; it waits only
//! if they were faster once more. A transaction that met another one changes nothing, so it waits first.
//! The pauses are jittered: rivals that met once do not meet again at the same moment.
//!
//! Lost connections, timeouts and throttled requests are the SDK's to retry; see
//! [`Ledger::sdk_config`](crate::ledger::Ledger::sdk_config).

use std::time::Duration;

use crate::ids;
use crate::ledger::table::error::StoreError;

/// How often the work is attempted before it is given up as contended.
const ATTEMPTS: u32 = 16;

/// The longest first pause, in milliseconds; each later one is twice as long, up to 16 times this.
const FIRST_PAUSE: u64 = 25;

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
}

impl Retry {
    /// For a loop that reads again what others left, and plans anew. `what` completes the sentence "too
    /// many concurrent updates of ...".
    pub(in crate::ledger) fn planning(what: &'static str) -> Self {
        Self {
            what,
            made: 0,
            at_once: 2,
        }
    }

    /// For the same request, sent again without a change.
    pub(in crate::ledger) fn sending(what: &'static str) -> Self {
        Self {
            what,
            made: 0,
            at_once: 1,
        }
    }

    /// Waits for the moment of the next attempt.
    ///
    /// # Errors
    /// Returns [`StoreError::Contended`] if there were as many attempts as the policy allows.
    pub(in crate::ledger) async fn next(&mut self) -> Result<(), StoreError> {
        if self.made >= ATTEMPTS {
            return Err(StoreError::Contended(self.what));
        }
        if let Some(most) = longest_pause(self.made, self.at_once) {
            let pause = most / 2 + ids::jitter_millis(most / 2);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        self.made += 1;
        Ok(())
    }
}

/// The longest pause before the attempt that follows `made` others, in milliseconds.
fn longest_pause(made: u32, at_once: u32) -> Option<u64> {
    let paused = made.checked_sub(at_once)?;
    Some(FIRST_PAUSE << paused.min(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(at_once: u32) -> Vec<Option<u64>> {
        (0..ATTEMPTS)
            .map(|made| longest_pause(made, at_once))
            .collect()
    }

    #[test]
    fn the_pauses_are_the_policys() {
        let sending = pauses(1);
        let first = [None, Some(25), Some(50), Some(100), Some(200), Some(400)];
        assert_eq!(sending[..6], first);
        assert!(sending[6..].iter().all(|pause| *pause == Some(400)));
        let planning = pauses(2);
        assert_eq!(planning[..3], [None, None, Some(25)]);
        assert_eq!(planning[2..], sending[1..15]);
        // Half of each is certain, and half is jitter.
        let average = |pauses: &[Option<u64>]| pauses.iter().flatten().sum::<u64>() * 3 / 4;
        assert_eq!((average(&planning), average(&sending)), (3_281, 3_581));
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
