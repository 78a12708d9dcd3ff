//! The table itself: items, queries, transactions, retries, idempotency records, the connection.

pub(in crate::ledger) mod condition;
pub(in crate::ledger) mod connect;
pub(in crate::ledger) mod create;
pub(in crate::ledger) mod delete;
mod dial;
pub(in crate::ledger) mod end;
pub(in crate::ledger) mod error;
pub(in crate::ledger) mod http;
pub(in crate::ledger) mod idempotency;
pub(in crate::ledger) mod item;
pub(in crate::ledger) mod query;
pub(in crate::ledger) mod retry;
pub(in crate::ledger) mod scan;
pub(in crate::ledger) mod store;
pub(in crate::ledger) mod stream;
pub(in crate::ledger) mod transaction;
pub(in crate::ledger) mod trust;
pub(in crate::ledger) mod update;
