//! Instants, time zones, days and time ranges.

mod call_date;
mod instant;
mod range;
mod scan;

#[cfg(test)]
mod tests;

pub use call_date::CallDate;
pub use instant::{CLOCK_SKEW, Instant, InvalidInstant, UnknownZone, UtcDay, Zone};
pub use range::{CivilDay, InvalidDay, InvalidRange, InvalidRangeEnd, Range, RangeEnd};
