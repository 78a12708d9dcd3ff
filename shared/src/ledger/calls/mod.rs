//! Calls: what their sources report, and the pairs that the reports and bills of a call lie in.

pub(in crate::ledger) mod change;
mod change_entries;
pub(in crate::ledger) mod contact;
pub(in crate::ledger) mod ends;
pub(in crate::ledger) mod import;
pub(in crate::ledger) mod live;
pub(in crate::ledger) mod live_counts;
pub(in crate::ledger) mod live_item;
pub(in crate::ledger) mod live_read;
pub(in crate::ledger) mod others;
pub(in crate::ledger) mod pair;
pub(in crate::ledger) mod record;
pub(in crate::ledger) mod starts;
pub(in crate::ledger) mod story;
pub(in crate::ledger) mod switch;
pub(in crate::ledger) mod tag;
