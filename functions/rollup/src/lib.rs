//! On the table's stream: keeps the sums that summaries read (contracts/money-rules.md, Summary), and decides
//! the entries that a request left.
//!
//! One schedule writes pulses, so that every shard of the stream says how far it was followed. Another looks for
//! costs that have been without a call for more than a day, and a third for credentials that fell silent and
//! callees that nobody calls; both count what they find in metrics.

use callbook::edge::StreamFunction;

/// The `rollup` function.
pub const FUNCTION: StreamFunction = StreamFunction {
    name: "rollup",
    batch: |ledger, batch| Box::pin(ledger.follow_batch(batch)),
    tick: |ledger, now| Box::pin(ledger.pulse(now)),
    unmatched: |ledger, now| Box::pin(ledger.unmatched_costs(now)),
    watch: |ledger, now| Box::pin(ledger.watch(now)),
};
