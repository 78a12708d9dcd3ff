//! Instants, time zones and days: kept in UTC to the millisecond, read and shown in a zone.

mod instant;
mod range;
mod scan;

#[cfg(test)]
mod tests;

pub use instant::{CLOCK_SKEW, Instant, InvalidInstant, UnknownZone, UtcDay, Zone};
pub use range::{CivilDay, InvalidRange, InvalidRangeEnd, Range, RangeEnd};
