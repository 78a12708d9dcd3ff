//! On the table's stream: keeps the sums that summaries read (contracts/money-rules.md, Summary), and decides
//! the entries that a request left.
//!
//! Its schedule writes pulses, so that every shard of the stream says how far it was followed.

use callbook::edge::StreamFunction;

/// The `rollup` function.
pub const FUNCTION: StreamFunction = StreamFunction {
    name: "rollup",
    batch: |ledger, batch| Box::pin(ledger.follow_batch(batch)),
    tick: |ledger, now| Box::pin(ledger.pulse(now)),
};
