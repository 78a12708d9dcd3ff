//! What something costs, in whole nanodollars: 0.001 USD a million.

use std::ops::{Add, Mul};

use crate::prices::{GIGABYTE_SECOND, INVOCATION, READ_UNIT, WRITE_UNIT};

/// The parts of a cost, in nanodollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// The table.
    pub table: u64,
    /// The function: its runs and how long they take.
    pub function: u64,
    /// Gateway, logs, bus, queue and traffic.
    pub rest: u64,
}

impl Cost {
    /// All of it.
    #[must_use]
    pub const fn all(&self) -> u64 {
        self.table + self.function + self.rest
    }
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            table: self.table + other.table,
            function: self.function + other.function,
            rest: self.rest + other.rest,
        }
    }
}

impl Mul<u64> for Cost {
    type Output = Self;

    fn mul(self, times: u64) -> Self {
        Self {
            table: self.table * times,
            function: self.function * times,
            rest: self.rest * times,
        }
    }
}

/// What units of the table cost.
pub(crate) const fn table(writes: u64, half_reads: u64) -> u64 {
    writes * WRITE_UNIT + half_reads * READ_UNIT / 2
}

/// What so many runs cost that take so many milliseconds together, with a memory in MB.
pub(crate) const fn runs(runs: u64, memory: u64, milliseconds: u64) -> u64 {
    runs * INVOCATION + memory * milliseconds * GIGABYTE_SECOND / 1_024_000
}
