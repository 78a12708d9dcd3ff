//! Accounts, credentials, their limits, and the sessions of sign-ins.

pub(in crate::ledger) mod accounts;
pub(in crate::ledger) mod closing;
pub(in crate::ledger) mod credentials;
pub(in crate::ledger) mod decoy;
pub(in crate::ledger) mod deletion;
pub(in crate::ledger) mod limits;
pub(in crate::ledger) mod rotation;
pub(in crate::ledger) mod sessions;
