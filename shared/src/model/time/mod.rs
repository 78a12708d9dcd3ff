//! Instants, time zones, days and time ranges.

mod call_date;
mod duration_text;
mod file_date;
mod http_date;
mod instant;
mod order;
mod plain;
mod range;
mod reading;
mod scan;
mod windows;

#[cfg(test)]
mod tests;

pub use call_date::CallDate;
pub use duration_text::{InvalidDuration, whole_seconds};
pub use file_date::{DateFormat, FileDate, InvalidFormat, OrderProof, Readings};
pub use instant::{CLOCK_SKEW, Instant, InvalidInstant, UnknownZone, UtcDay, Zone};
pub use order::DateOrder;
pub use range::{CivilDay, InvalidDay, InvalidRange, InvalidRangeEnd, Range, RangeEnd};
