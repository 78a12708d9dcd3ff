//! On the table's stream: tells what happened, as events, to the log that `events` lists, to webhooks and to the bus
//! (docs/events/README.md).
//!
//! Schedules mark costs that have had no call for a day, and note credentials that end soon; the stream tells of
//! the marks and notes.

use callbook::edge::PublishFunction;

/// The `publish` function.
pub const FUNCTION: PublishFunction = PublishFunction {
    name: "publish",
    batch: |publisher, batch| Box::pin(publisher.publish(batch)),
    hour: |ledger, now| Box::pin(ledger.mark_overdue(now)),
    day: |ledger, now| Box::pin(ledger.note_expiring(now)),
};
