//! Calls by day, filtered and paged, for reports and lists.

pub(in crate::ledger) mod filter;
pub(in crate::ledger) mod latest_feedback;
pub(in crate::ledger) mod notes;
pub(in crate::ledger) mod read;
pub(in crate::ledger) mod row;
pub(in crate::ledger) mod shards;
