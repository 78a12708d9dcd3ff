//! The records of what operators do with whole tables and accounts.

use super::shape::{NONE, Shape};

/// The export that was restored into the table.
pub(super) const RESTORE: Shape = Shape {
    kind: "restore",
    keys: &[("RESTORE", "RESTORE")],
    texts: "export",
    numbers: "started_at lines? finished_at?",
    ..NONE
};

/// What was deleted of an account.
pub(super) const ACCOUNT_DELETION: Shape = Shape {
    kind: "account_deletion",
    keys: &[("DELETIONS", "{account_id}")],
    texts: "account_id by",
    numbers: "started_at finished_at? done_",
    ..NONE
};

/// What an erasure found and did.
pub(super) const ERASURE: Shape = Shape {
    kind: "erasure",
    keys: &[("A#{account}", "ERASURE#{erasure_id}")],
    texts: "erasure_id number? pseudonym by reason",
    numbers: "started_at finished_at? found_ done_",
    ..NONE
};

/// What a retention that was applied has changed.
pub(super) const RETENTION: Shape = Shape {
    kind: "retention",
    keys: &[("A#{account}", "RETENTION#{retention_id}")],
    texts: "retention_id by calls costs contacts? feedback? queue?",
    numbers: "started_at finished_at? ended_ lifted_",
    ..NONE
};
