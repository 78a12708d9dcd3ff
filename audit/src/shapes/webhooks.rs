//! The stored format of webhooks and their deliveries.

use super::shape::{NONE, Shape};

/// An endpoint.
pub(super) const WEBHOOK: Shape = Shape {
    kind: "webhook",
    keys: &[("A#{account}", "WEBHOOK#{endpoint_id}")],
    texts: "endpoint_id url format method? description? status off_reason?",
    numbers: "off_since? concurrency created_at revision",
    lists: "events?",
    ..NONE
};

/// The secrets that sign its deliveries.
pub(super) const WEBHOOK_SECRETS: Shape = Shape {
    kind: "webhook_secrets",
    keys: &[("A#{account}#HOOK#{endpoint_id}", "SECRET")],
    numbers: "revision",
    lists: "secrets",
    ..NONE
};

/// Who delivers to it, and how it went so far.
pub(super) const WEBHOOK_PROGRESS: Shape = Shape {
    kind: "webhook_progress",
    keys: &[("HOOKS#{shard}", "{account_id}#{endpoint_id}")],
    texts: "account_id endpoint_id lease_by?",
    numbers: "failures failing_since? open_until? lease_until? knocked?",
    ..NONE
};

/// A delivery.
pub(super) const DELIVERY: Shape = Shape {
    kind: "delivery",
    keys: &[(
        "A#{account}#HOOK#{endpoint_of}",
        "LOG#{delivery_moment}#{delivery_event}",
    )],
    texts: "delivery_id event_id event_type event line place status",
    numbers: "attempts round queued_at due? ended_at? expires_at",
    lists: "tries",
    ..NONE
};

/// A pending delivery, by its time.
pub(super) const DELIVERY_DUE: Shape = Shape {
    kind: "delivery_due",
    keys: &[(
        "A#{account}#HOOK#{endpoint_of}",
        "DUE#{due_key}#{place}#{delivery_moment}#{delivery_event}",
    )],
    texts: "delivery_id line place",
    numbers: "due expires_at",
    ..NONE
};

/// A pending delivery, in its line.
pub(super) const DELIVERY_LINE: Shape = Shape {
    kind: "delivery_line",
    keys: &[(
        "A#{account}#HOOK#{endpoint_of}",
        "LINE#{line}#{place}#{delivery_moment}#{delivery_event}",
    )],
    texts: "delivery_id line place",
    numbers: "due expires_at",
    ..NONE
};
