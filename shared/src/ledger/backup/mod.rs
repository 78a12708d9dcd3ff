//! Exporting every item, and restoring an export into an empty table (`docs/decisions.md`, D-729 and D-730).
//!
//! Both go through the whole table, past the access patterns: what no pattern reads would be missing otherwise.

pub(in crate::ledger) mod export;
mod json;
pub(in crate::ledger) mod restore;

/// The types that say how far a table and its functions are. They mean nothing in another table.
pub(in crate::ledger) const OF_THE_TABLE: [&str; 4] =
    ["pulse", "rollup_shard", "published_shard", "restore"];
