//! Webhooks: an account's endpoints, and the deliveries to them.

pub(in crate::ledger) mod deliveries;
pub(in crate::ledger) mod due;
pub(in crate::ledger) mod endpoints;
pub(in crate::ledger) mod hand_out;
pub(in crate::ledger) mod progress;
pub(in crate::ledger) mod resend;
pub(in crate::ledger) mod secrets;
