//! Summaries: sums of each day that the table's stream keeps (patterns 70 to 74).
//!
//! [`event`] reads a batch of the stream, [`apply`] adds what it changes to the sums exactly once, and [`read`]
//! folds the sums of a range into groups.

pub(in crate::ledger) mod apply;
pub(in crate::ledger) mod callers;
pub(in crate::ledger) mod checkpoint;
pub(in crate::ledger) mod event;
pub(in crate::ledger) mod facts;
pub(in crate::ledger) mod read;
