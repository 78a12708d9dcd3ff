//! The keys of the dialer's queue (pattern 27).

use super::key::Key;
use crate::model::account::AccountId;
use crate::model::queue::QueueId;
use crate::model::time::UtcDay;

/// Prefix of the sort keys of pattern 27.
const QUEUE: &str = "QUEUE#";

/// Pattern 27: a queue entry, for good.
pub(in crate::ledger) fn queue_entry(account: &AccountId, day: UtcDay, id: QueueId) -> Key {
    Key::new(format!("A#{account}#QUEUE#{day}"), format!("{QUEUE}{id}"))
}

/// Partition of pattern 27 of the entries that wait.
pub(in crate::ledger) fn waiting_partition(account: &AccountId) -> String {
    format!("A#{account}#WAITING")
}

/// Pattern 27: a queue entry that waits. The sort keys have the order of the ids, which is that of time.
pub(in crate::ledger) fn waiting(account: &AccountId, id: QueueId) -> Key {
    Key::new(waiting_partition(account), waiting_key(u64::from(id)))
}

fn waiting_key(id: u64) -> String {
    format!("{QUEUE}{id:0>16}")
}

/// The sort keys of the entries that wait with ids from one to another, both inclusive.
pub(in crate::ledger) fn waiting_between(from: u64, to: u64) -> (String, String) {
    (waiting_key(from), waiting_key(to))
}
