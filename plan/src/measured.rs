//! What requests use, as measured: `tests/tests/api/request_counts.rs` and `tests/tests/api/capacity.rs` hold
//! every figure against what the functions really write and read.

use crate::prices::{
    GATEWAY_REQUEST, GIGABYTE_SECOND, INVOCATION, LOG_KILOBYTE, READ_UNIT, WRITE_UNIT,
};

/// How long a run of a function takes at most, in milliseconds, with a store that answers within 5 ms. It matters
/// little: at 128 MB it is a hundredth of what a write costs.
pub const MILLISECONDS: u64 = 40;

/// The most bytes of a request's line and of its line in the access log, in most requests.
pub const LOG_BYTES: u64 = 1_500;

/// What a request to a warm function uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which request.
    pub name: &'static str,
    /// The memory of its function, in MB.
    pub memory: u64,
    /// Write units.
    pub writes: u64,
    /// Halves of read units.
    pub half_reads: u64,
}

impl Request {
    const fn new(name: &'static str, memory: u64, writes: u64, half_reads: u64) -> Self {
        Self {
            name,
            memory,
            writes,
            half_reads,
        }
    }

    /// What it costs at the table, in nanodollars.
    #[must_use]
    pub const fn store(&self) -> u64 {
        self.writes * WRITE_UNIT + self.half_reads * READ_UNIT / 2
    }

    /// What it costs in nanodollars, which is 0.001 USD a million.
    #[must_use]
    pub const fn nanodollars(&self) -> u64 {
        let lambda = INVOCATION + self.memory * MILLISECONDS * GIGABYTE_SECOND / 1_024_000;
        GATEWAY_REQUEST + lambda + self.store() + LOG_BYTES * LOG_KILOBYTE / 1_000
    }
}

/// Every request of the table in `docs/performance.md`, each by a warm process.
pub const REQUESTS: &[Request] = &[
    Request::new("feedback", 128, 4, 0),
    Request::new("bill", 128, 8, 6),
    Request::new("`terminating`, extended", 128, 10, 12),
    Request::new("`orig_call_start`", 128, 17, 6),
    Request::new("`orig_call_end`", 128, 15, 6),
    Request::new("numbers for sale: list", 128, 0, 4),
    Request::new("number: purchase", 128, 14, 8),
    Request::new("numbers of a property: list", 128, 0, 4),
    Request::new("number: show", 128, 0, 2),
    Request::new("number: update", 128, 2, 2),
    Request::new("number: release", 128, 14, 2),
    Request::new("report of a day without calls", 1_024, 0, 2),
    Request::new("sign-in", 128, 6, 0),
    Request::new("renewal of a sign-in", 128, 6, 4),
    Request::new("rapid response", 128, 10, 0),
    Request::new("report of a day, one page of calls", 1_024, 0, 3),
    Request::new("property: show", 128, 0, 2),
    Request::new("properties: list", 128, 0, 2),
    Request::new("address: show", 128, 0, 2),
    Request::new("addresses: list", 128, 0, 2),
    Request::new("calls of a property: list", 1_024, 0, 78),
    Request::new("calls of an account: list", 1_024, 0, 76),
    Request::new("property: create", 128, 2, 0),
    Request::new("address: create", 128, 2, 0),
    Request::new("address: delete", 128, 2, 2),
    Request::new("call of another switch: record", 1_024, 6, 10),
    Request::new("call: show", 1_024, 0, 4),
    Request::new("call: update", 1_024, 8, 12),
];

/// What a call costs from its start to its bill: `orig_call_start`, `terminating`, `orig_call_end` and a bill, of
/// a caller who was never seen before.
pub const LIFE: &[Request] = &[
    Request::new("a call's `orig_call_start`", 128, 17, 10),
    Request::new("its `terminating`", 128, 10, 12),
    Request::new("its `orig_call_end`", 128, 15, 10),
    Request::new("its bill", 128, 8, 10),
];

/// Write units of the sums that `rollup` keeps, for one such call. Batches with several calls of one DID use less.
pub const SUMS: u64 = 8;

/// Bytes that a call leaves in the table for good.
pub const BYTES: u64 = 4_200;

/// Write units of one such call in the busiest partition of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partitions {
    /// A shard of the account's day.
    pub shard: u64,
    /// What the account has one of.
    pub account: u64,
    /// What a called number has one of.
    pub did: u64,
    /// What a credential with limits has one of.
    pub key: u64,
}

/// See [`Partitions`].
pub const PARTITIONS: Partitions = Partitions {
    shard: 8,
    account: 4,
    did: 4,
    key: 2,
};

/// `ThrottlingRate` of the template, unless it is set.
pub const THROTTLING_RATE: u64 = 1_000;

/// Shards that an account's day can have.
pub const MOST_SHARDS: u64 = 16;
