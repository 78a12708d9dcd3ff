//! What an account knows of a phone number: contact, lead, feedback, queued rapid responses.

pub(in crate::ledger) mod contact;
pub(in crate::ledger) mod feedback;
pub(in crate::ledger) mod feedback_sums;
mod latest;
pub(in crate::ledger) mod queue;
pub(in crate::ledger) mod queue_ends;
pub(in crate::ledger) mod taking;
pub(in crate::ledger) mod waiting;
