//! What a call uses from its start to its bill, and what follows it, as measured: `tests/tests/api/capacity.rs`
//! holds every figure against what the functions really write and read.

use crate::cost::{Cost, runs, table};
use crate::prices::{EVENT, LOG_KILOBYTE, QUEUE_REQUEST, TRAFFIC_KILOBYTE};
use crate::requests::{LOG_BYTES, MILLISECONDS, Request};

/// What a call costs from its start to its bill: `orig_call_start`, `terminating`, `orig_call_end` and a bill, of
/// a caller who was never seen before.
pub const LIFE: &[Request] = &[
    Request::new(
        ("caller-id", "GET /api/v1"),
        "its `orig_call_start`",
        (17, 10, 1),
    ),
    Request::new(
        ("caller-id", "GET /api/v1"),
        "its `terminating`",
        (10, 12, 1),
    ),
    Request::new(
        ("caller-id", "GET /api/v1"),
        "its `orig_call_end`",
        (15, 10, 1),
    ),
    Request::new(
        (
            "inbound-billable",
            "POST /api/ingress/calls/inbound/billable",
        ),
        "its bill",
        (12, 8, 1),
    ),
];

/// What follows such a call, beside its requests. Each of its steps is followed alone here: where several calls come
/// at once, one run follows all of them, and each costs less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Follower {
    /// What is done.
    pub name: &'static str,
    /// Write units.
    pub writes: u64,
    /// Halves of read units.
    pub half_reads: u64,
    /// The most runs of a function with 128 MB.
    pub runs: u64,
    /// How long these take at most together, in milliseconds.
    pub milliseconds: u64,
    /// Events that are put on the bus.
    pub events: u64,
    /// The most requests to a queue.
    pub messages: u64,
    /// The most kilobytes that leave AWS.
    pub kilobytes: u64,
    /// Bytes that it leaves in the table for 30 days.
    pub bytes: u64,
}

impl Follower {
    /// What it costs, without storage.
    #[must_use]
    pub fn cost(&self) -> Cost {
        Cost {
            table: table(self.writes, self.half_reads),
            function: runs(self.runs, 128, self.milliseconds),
            rest: self.events * EVENT
                + self.messages * QUEUE_REQUEST
                + self.runs * LOG_BYTES * LOG_KILOBYTE / 1_000
                + self.kilobytes * TRAFFIC_KILOBYTE,
        }
    }
}

/// The steps of a call.
const STEPS: u64 = 4;

/// How long a receiver of webhooks takes, and what is noted of it, in milliseconds.
const RECEIVER: u64 = 120;

/// How many events a call has.
pub const EVENTS_OF_A_CALL: u64 = 7;

/// The sums that `rollup` keeps.
pub const SUMS: Follower = Follower {
    name: "its sums",
    writes: 14,
    half_reads: 16,
    runs: STEPS,
    milliseconds: STEPS * MILLISECONDS,
    events: 0,
    messages: 0,
    kilobytes: 0,
    bytes: 0,
};

/// Its events: `publish` keeps them in the log and puts them on the bus, which wakes `deliver` by a queue, whether
/// or not anybody listens. A message is sent, received and deleted; those of a step are received together.
pub const EVENTS: Follower = Follower {
    name: "its events",
    writes: 16,
    half_reads: 34,
    runs: 2 * STEPS,
    milliseconds: 2 * STEPS * MILLISECONDS,
    events: EVENTS_OF_A_CALL,
    messages: EVENTS_OF_A_CALL + 2 * STEPS,
    kilobytes: 0,
    bytes: 8_200,
};

/// What each webhook endpoint adds that takes every event, with a receiver that answers within 100 ms.
pub const WEBHOOK: Follower = Follower {
    name: "each webhook endpoint",
    writes: 116,
    half_reads: 74,
    runs: 0,
    milliseconds: EVENTS_OF_A_CALL * RECEIVER,
    events: 0,
    messages: 0,
    kilobytes: 2 * EVENTS_OF_A_CALL,
    bytes: 9_400,
};

/// Bytes that a call leaves in the table for good.
pub const BYTES: u64 = 3_900;

/// Write units of one such call in the busiest partition of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partitions {
    /// A shard of the account's day: its calls, costs or events.
    pub shard: u64,
    /// What the account has one of.
    pub account: u64,
    /// What a called number has one of.
    pub did: u64,
    /// What a credential with limits has one of.
    pub key: u64,
    /// The sums of an account's day.
    pub sums: u64,
    /// What a webhook endpoint has one of.
    pub endpoint: u64,
}

/// See [`Partitions`].
pub const PARTITIONS: Partitions = Partitions {
    shard: 12,
    account: 4,
    did: 4,
    key: 2,
    sums: 6,
    endpoint: 104,
};

/// `ThrottlingRate` of the template, unless it is set.
pub const THROTTLING_RATE: u64 = 1_000;

/// Shards that an account's day can have.
pub const MOST_SHARDS: u64 = 16;

/// Webhook endpoints that an account can have.
pub const MOST_WEBHOOKS: u64 = 20;
