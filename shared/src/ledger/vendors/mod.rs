//! Vendors, and the periods in which numbers are theirs.

pub(in crate::ledger) mod number_vendors;
pub(in crate::ledger) mod vendor;
