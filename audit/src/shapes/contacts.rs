//! What is known of a number, and the dialer's queue.

use super::shape::{NONE, Shape};

/// A lead: who calls in, or is to be called.
pub(super) const LEAD: Shape = Shape {
    kind: "lead",
    keys: &[("A#{account}#N#{phone}", "LEAD")],
    texts: "lead_id vendor_id phone",
    numbers: "created_at total_cost? expires_at?",
    ..NONE
};

/// A caller's earliest inbound call.
pub(super) const FIRST_CONTACT: Shape = Shape {
    kind: "first_contact",
    keys: &[("A#{account}#N#{phone}", "FIRST")],
    texts: "call_sid report_sid? phone",
    numbers: "contacted_at expires_at?",
    ..NONE
};

/// A piece of feedback about a number.
pub(super) const FEEDBACK: Shape = Shape {
    kind: "feedback",
    keys: &[("A#{account}#N#{phone}", "FEEDBACK#{response_id}")],
    texts: "response_id phone phone_status credential_id name?",
    numbers: "received_at first_received_at expires_at?",
    flags: "right_party",
    ..NONE
};

/// The latest feedback about a number, with the sums of all.
pub(super) const LATEST_FEEDBACK: Shape = Shape {
    kind: "latest_feedback",
    keys: &[("A#{account}#N#{phone}", "LATEST")],
    texts: "phone_status name? named_by?",
    numbers: "received_at named_at? all_ bad_ expires_at?",
    flags: "right_party summed?",
    ..NONE
};

/// A call process of the dialer.
pub(super) const CALL_PROCESS: Shape = Shape {
    kind: "call_process",
    keys: &[("A#{account}", "PROCESS#{callprocess_id}")],
    texts: "name",
    numbers: "callprocess_id created_at",
    ..NONE
};

/// What became of a callee.
pub(super) const QUEUE_ENTRY: Shape = Shape {
    kind: "queue_entry",
    keys: &[("A#{account_id}#QUEUE#{created_day}", "QUEUE#{callqueue_id}")],
    texts: "account_id callqueue_status lead_numtocall lead_id whisper_text credential_id guid",
    numbers: "callqueue_id callprocess_id step_order created_at attempts? ended_at? \
                  expires_at?",
    ..NONE
};

/// A callee who waits for a dialer.
pub(super) const QUEUE_WAITING: Shape = Shape {
    kind: "queue_waiting",
    keys: &[("A#{account}#WAITING", "QUEUE#{queue_digits}")],
    texts: "lead_numtocall whisper_text taken_by?",
    numbers: "callqueue_id callprocess_id created_at attempts lease_until? expires_at",
    ..NONE
};

/// What keeps a callee from being queued twice within the hour.
pub(super) const QUEUE_GUARD: Shape = Shape {
    kind: "queue_guard",
    keys: &[("A#{account}#N#{phone}", "GUARD")],
    texts: "guid",
    numbers: "callqueue_id until expires_at",
    ..NONE
};
