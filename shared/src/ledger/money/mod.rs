//! Costs: bills that become entries, and what people decide about entries.

pub(in crate::ledger) mod adjustment;
pub(in crate::ledger) mod bill;
pub(in crate::ledger) mod bill_entry;
pub(in crate::ledger) mod bill_id;
pub(in crate::ledger) mod cost;
pub(in crate::ledger) mod decide;
pub(in crate::ledger) mod expectation;
pub(in crate::ledger) mod filter;
pub(in crate::ledger) mod import;
mod invoice;
pub(in crate::ledger) mod known_days;
pub(in crate::ledger) mod list;
mod list_days;
pub(in crate::ledger) mod prices;
pub(in crate::ledger) mod refused;
pub(in crate::ledger) mod repeat;
pub(in crate::ledger) mod sent_id;
pub(in crate::ledger) mod span;
pub(in crate::ledger) mod totals;
