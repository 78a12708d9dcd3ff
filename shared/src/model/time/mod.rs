//! Instants, time zones, days and time ranges.

mod instant;
mod range;
mod scan;

#[cfg(test)]
mod tests;

pub use instant::{CLOCK_SKEW, Instant, InvalidInstant, UnknownZone, UtcDay, Zone};
pub use range::{CivilDay, InvalidDay, InvalidRange, InvalidRangeEnd, Range, RangeEnd};
