//! The keys of webhooks and their deliveries (patterns 90 to 94).

use super::key::Key;
use crate::model::account::AccountId;
use crate::model::time::Instant;
use crate::model::webhook::{DeliveryId, EndpointId};

/// Prefix of the sort keys of pattern 90.
pub(in crate::ledger) const ENDPOINTS: &str = "WEBHOOK#";

/// Pattern 90: an endpoint.
pub(in crate::ledger) fn endpoint(account: &AccountId, id: &EndpointId) -> Key {
    Key::new(format!("A#{account}"), format!("{ENDPOINTS}{id}"))
}

/// Partition of patterns 91 to 93: what belongs to one endpoint.
pub(in crate::ledger) fn endpoint_partition(account: &AccountId, id: &EndpointId) -> String {
    format!("A#{account}#HOOK#{id}")
}

/// Pattern 91: the secrets that sign deliveries.
pub(in crate::ledger) fn signing_secrets(account: &AccountId, id: &EndpointId) -> Key {
    Key::new(endpoint_partition(account, id), "SECRET")
}

/// Prefix of the sort keys of pattern 92.
const DELIVERIES: &str = "LOG#";

/// Pattern 92: a delivery.
pub(in crate::ledger) fn delivery(account: &AccountId, id: &DeliveryId) -> Key {
    let partition = endpoint_partition(account, id.endpoint());
    Key::new(partition, format!("{DELIVERIES}{}", id.place()))
}

/// The sort keys of pattern 92 up to a place, both inclusive; of all of them without one.
pub(in crate::ledger) fn deliveries_until(place: Option<&str>) -> (String, String) {
    let until = place.unwrap_or("~");
    (DELIVERIES.to_owned(), format!("{DELIVERIES}{until}"))
}

/// Pattern 93: a pending delivery, by when it is due.
pub(in crate::ledger) fn due_delivery(
    account: &AccountId,
    id: &DeliveryId,
    due: Instant,
    place: &str,
) -> Key {
    let partition = endpoint_partition(account, id.endpoint());
    Key::new(
        partition,
        format!("{}#{place}#{}", due_key(due), id.place()),
    )
}

/// The sort keys of pattern 93 of what is due by a moment, both inclusive.
pub(in crate::ledger) fn due_until(now: Instant) -> (String, String) {
    ("DUE#".to_owned(), format!("{}~", due_key(now)))
}

fn due_key(due: Instant) -> String {
    format!("DUE#{:014}", due.millis().max(0))
}

/// Pattern 93: a pending delivery, in its line.
pub(in crate::ledger) fn line_delivery(
    account: &AccountId,
    id: &DeliveryId,
    line: &str,
    place: &str,
) -> Key {
    let partition = endpoint_partition(account, id.endpoint());
    Key::new(
        partition,
        format!("{}{place}#{}", line_prefix(line), id.place()),
    )
}

/// Prefix of the sort keys of pattern 93 in a line.
pub(in crate::ledger) fn line_prefix(line: &str) -> String {
    format!("LINE#{line}#")
}

/// In how many partitions the progress of all endpoints lies.
const SHARDS: usize = 16;

/// Pattern 94: who delivers to an endpoint now, and how it went so far.
pub(in crate::ledger) fn endpoint_progress(account: &AccountId, id: &EndpointId) -> Key {
    let bytes = id.as_str().bytes();
    let shard = bytes.fold(0, |sum, byte| sum + usize::from(byte)) % SHARDS;
    Key::new(progress_partition(shard), format!("{account}#{id}"))
}

/// Prefix of the partitions of pattern 94.
pub(in crate::ledger) const ENDPOINT_PROGRESS: &str = "HOOKS#";

/// The partitions of pattern 94.
pub(in crate::ledger) fn progress_partitions() -> impl Iterator<Item = String> {
    (0..SHARDS).map(progress_partition)
}

fn progress_partition(shard: usize) -> String {
    format!("{ENDPOINT_PROGRESS}{shard}")
}
