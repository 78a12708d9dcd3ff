//! The table itself: items, transactions, idempotency records, the connection.

pub(in crate::ledger) mod connect;
pub(in crate::ledger) mod create;
pub(in crate::ledger) mod idempotency;
pub(in crate::ledger) mod item;
pub(in crate::ledger) mod store;
pub(in crate::ledger) mod transaction;
