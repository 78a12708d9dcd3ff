//! The items of events.

use super::shape::{NONE, Shape};

/// An event as it was published.
pub(super) const EVENT: Shape = Shape {
    kind: "event",
    keys: &[(
        "A#{account}#EVENTS#{published_day}#{shard}",
        "EVENT#{published_digits}#{rest}",
    )],
    texts: "event_id event_type event",
    numbers: "published_at expires_at",
    ..NONE
};

/// How far a shard of the stream is published.
pub(super) const PUBLISHED_SHARD: Shape = Shape {
    kind: "published_shard",
    keys: &[("PUBLISHED", "SHARD#{shard_id}")],
    texts: "shard_id sequence",
    numbers: "expires_at",
    ..NONE
};

/// A cost without a call, which is told of when it is due.
pub(super) const UNMATCHED_DUE: Shape = Shape {
    kind: "unmatched_due",
    keys: &[("A#{account}#UNMATCHED", "DUE#{due_digits}#{cost_id}")],
    texts: "cost_id pair bill",
    numbers: "expires_at",
    ..NONE
};

/// What is told of without an item of its own.
pub(super) const NOTICE: Shape = Shape {
    kind: "notice",
    keys: &[(
        "A#{account}#NOTICES",
        "NOTICE#{kind}#{credential_id}#{window}",
    )],
    texts: "kind credential_id label detail window",
    numbers: "noticed_at ends? expires_at",
    ..NONE
};

/// Requests that were refused.
pub(super) const REFUSED_REQUEST: Shape = Shape {
    kind: "refused_request",
    keys: &[(
        "A#{account}#REQUESTS#{refused_request_day}",
        "REFUSED#{refused_request_hour}#{credential_id}#{signature}",
    )],
    texts: "credential_id label vendor_id? dialect function method route error error_code? reason guid",
    numbers: "status times first_at last_at expires_at",
    lists: "fields",
    ..NONE
};
