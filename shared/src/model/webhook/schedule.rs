//! When a delivery is tried again, and when an endpoint is left in peace.

use std::time::Duration;

use crate::model::time::Instant;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// The pauses after each attempt, by the Standard Webhooks specification: three days and some hours in all.
pub const PAUSES: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * MINUTE),
    Duration::from_secs(30 * MINUTE),
    Duration::from_secs(2 * HOUR),
    Duration::from_secs(5 * HOUR),
    Duration::from_secs(10 * HOUR),
    Duration::from_secs(14 * HOUR),
    Duration::from_secs(20 * HOUR),
    Duration::from_secs(24 * HOUR),
];

/// The longest pause that a receiver can ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(24 * HOUR);

/// How many failures in a row open the circuit.
pub const OPENS_AFTER: u32 = 10;

/// How long an endpoint that fails all the time is tried before it is switched off.
pub const SWITCHED_OFF_AFTER: Duration = Duration::from_secs(5 * 24 * HOUR);

/// Returns the pause after so many attempts of a delivery; `None` if that was the last one.
///
/// `asked` is what the receiver's `Retry-After` says. `jitter`, 0 to 99, lengthens the pause by up to a fifth, so
/// that deliveries that failed together do not return together.
#[must_use]
pub fn pause(attempts: u32, asked: Option<Duration>, jitter: u32) -> Option<Duration> {
    let index = usize::try_from(attempts.max(1) - 1).ok()?;
    let planned = PAUSES.get(index)?;
    let longer = *planned + *planned * jitter.min(99) / 5 / 100;
    let asked = asked.unwrap_or_default().min(LONGEST_ASKED);
    Some(longer.max(asked))
}

/// Returns until when an endpoint that failed so often in a row is left in peace; `None` while its circuit is
/// closed. The pause doubles from a minute to an hour.
#[must_use]
pub fn open_until(failures: u32, now: Instant) -> Option<Instant> {
    let beyond = failures.checked_sub(OPENS_AFTER)?;
    let minutes = 1_u64.checked_shl(beyond.min(6)).unwrap_or(1).min(60);
    Some(now.plus(Duration::from_secs(minutes * MINUTE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_those_of_the_specification_and_end_after_three_days() {
        let all: Duration = PAUSES.iter().sum();
        assert!((72..80).contains(&(all.as_secs() / HOUR)), "{all:?}");
        for (attempts, planned) in (1..).zip(PAUSES) {
            assert_eq!(pause(attempts, None, 0), Some(planned));
            let longest = pause(attempts, None, 99).unwrap();
            assert!(longest > planned && longest < planned * 6 / 5);
        }
        assert_eq!(pause(10, None, 0), None);
        assert_eq!(pause(u32::MAX, None, 0), None);
        assert_eq!(pause(0, None, 0), Some(PAUSES[0]));
    }

    #[test]
    fn a_receiver_can_ask_for_more_time_but_not_for_ever() {
        let asked = |seconds| {
            pause(1, Some(Duration::from_secs(seconds)), 0)
                .unwrap()
                .as_secs()
        };
        assert_eq!((asked(1), asked(60), asked(u64::MAX)), (5, 60, 24 * HOUR));
    }

    #[test]
    fn the_circuit_opens_for_longer_and_longer() {
        let now = Instant::from_millis(0);
        let minutes = |failures| open_until(failures, now).map(|until| until.seconds() / 60);
        assert_eq!(minutes(OPENS_AFTER - 1), None);
        let opened: Vec<_> = (0..8)
            .map(|more| minutes(OPENS_AFTER + more).unwrap())
            .collect();
        assert_eq!(opened, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(minutes(u32::MAX), Some(60));
    }
}
