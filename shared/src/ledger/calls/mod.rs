//! Calls from every source, live calls, and the bills for them.

pub(in crate::ledger) mod billing;
pub(in crate::ledger) mod import;
pub(in crate::ledger) mod live;
pub(in crate::ledger) mod recent;
pub(in crate::ledger) mod record;
pub(in crate::ledger) mod switch;
