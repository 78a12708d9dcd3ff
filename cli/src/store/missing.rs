//! That no ledger is named.

/// Why no ledger is worked on: wrong usage, as opposed to a failure.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoLedger(pub String);
