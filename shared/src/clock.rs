//! The only module that reads the system clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::model::time::Instant;

/// Tells the time: the system's, or a time that a test sets.
#[derive(Clone, Debug, Default)]
pub struct Clock(Source);

#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    System,
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// Creates a clock that reads the system time.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// Creates a clock that stands at `now` until [`Clock::set`] moves it. Clones share it.
    #[must_use]
    pub fn set_to(now: Instant) -> Self {
        Self(Source::Set(Arc::new(AtomicI64::new(now.millis()))))
    }

    /// Moves a clock made by [`Clock::set_to`]. Has no effect on the system clock.
    pub fn set(&self, now: Instant) {
        if let Source::Set(millis) = &self.0 {
            millis.store(now.millis(), Ordering::SeqCst);
        }
    }

    /// Returns the current time, to the millisecond.
    #[must_use]
    pub fn now(&self) -> Instant {
        match &self.0 {
            #[expect(clippy::disallowed_methods, reason = "this is the clock")]
            Source::System => Instant::from_millis(
                SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .map_or(0, |since| {
                        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
                    }),
            ),
            Source::Set(millis) => Instant::from_millis(millis.load(Ordering::SeqCst)),
        }
    }
}
