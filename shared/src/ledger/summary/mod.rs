//! Summaries: sums of each day that the table's stream keeps (patterns 70 to 74).
//!
//! [`event`] reads a batch of the stream, [`apply`] adds what it changes to the sums exactly once, in
//! transactions of a [`step`] each, [`read`] folds the sums of a range into groups, [`rebuild`] makes them
//! again from the rows, and [`unmatched`] finds costs that have been without a call for more than a day.
//! [`parts`] says how callers are divided among items.

pub(in crate::ledger) mod apply;
pub(in crate::ledger) mod callers;
pub(in crate::ledger) mod checkpoint;
pub(in crate::ledger) mod event;
pub(in crate::ledger) mod facts;
pub(in crate::ledger) mod flagged;
mod left;
pub(in crate::ledger) mod names;
pub(in crate::ledger) mod parts;
pub(in crate::ledger) mod read;
pub(in crate::ledger) mod rebuild;
pub(in crate::ledger) mod step;
pub(in crate::ledger) mod unmatched;
