//! Numbers of accounts and of the inventory, the properties that they are assigned to, and addresses.

pub(in crate::ledger) mod addresses;
pub(in crate::ledger) mod assignments;
pub(in crate::ledger) mod countries;
pub(in crate::ledger) mod inventory;
pub(in crate::ledger) mod linking;
pub(in crate::ledger) mod owned;
pub(in crate::ledger) mod properties;
pub(in crate::ledger) mod purchase;
pub(in crate::ledger) mod registration;
pub(in crate::ledger) mod release;
pub(in crate::ledger) mod update;
