//! Numbers of an account and of the inventory, the properties that hold them, and addresses.

pub(in crate::ledger) mod addresses;
pub(in crate::ledger) mod assignments;
pub(in crate::ledger) mod countries;
pub(in crate::ledger) mod inventory;
pub(in crate::ledger) mod properties;
pub(in crate::ledger) mod purchase;
pub(in crate::ledger) mod registration;
pub(in crate::ledger) mod release;
pub(in crate::ledger) mod update;
