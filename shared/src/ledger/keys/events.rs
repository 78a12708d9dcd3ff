//! The keys of events (pattern 80), of how far the stream is published (81), of unmatched costs that are told of
//! after a day (82), of notices (83), and of refused requests (84).

use super::key::Key;
use crate::model::account::AccountId;
use crate::model::call::CostId;
use crate::model::event::Event;
use crate::model::id::CredentialId;
use crate::model::time::{Instant, UtcDay};

/// Prefix of the sort keys of pattern 80.
const EVENTS: &str = "EVENT#";

/// One shard of a day of pattern 80.
pub(in crate::ledger) fn events_partition(account: &AccountId, day: UtcDay, shard: u8) -> String {
    format!("A#{account}#EVENTS#{day}#{shard}")
}

/// Pattern 80: an event by the moment of its publication, and within that by its place.
pub(in crate::ledger) fn event(event: &Event, published: Instant, shard: u8) -> Key {
    let (place, id) = (&event.place, &event.id);
    Key::new(
        events_partition(&event.account, UtcDay::of(published), shard),
        format!("{}#{place}#{id}", event_key(published)),
    )
}

fn event_key(published: Instant) -> String {
    format!("{EVENTS}{:014}", published.millis().max(0))
}

/// The sort keys of pattern 80 behind `after`, of events published before a moment; both are inclusive.
pub(in crate::ledger) fn events_between(after: &str, before: Instant) -> (String, String) {
    // `!` sorts before every letter that a sort key goes on with.
    (format!("{EVENTS}{after}!"), event_key(before))
}

/// The part of a sort key of pattern 80 that says where a list goes on.
pub(in crate::ledger) fn event_place(sk: &str) -> Option<&str> {
    sk.strip_prefix(EVENTS)
}

/// What [`event_place`] returns for the first event published at a moment or later.
pub(in crate::ledger) fn events_from(published: Instant) -> String {
    format!("{:014}", published.minus(MILLISECOND).millis().max(0))
}

const MILLISECOND: std::time::Duration = std::time::Duration::from_millis(1);

/// Partition of pattern 81.
const PUBLISHED: &str = "PUBLISHED";

/// Pattern 81.
pub(in crate::ledger) fn published_shard(shard: &str) -> Key {
    Key::new(PUBLISHED, format!("SHARD#{shard}"))
}

/// Partition of pattern 82.
pub(in crate::ledger) fn unmatched_partition(account: &AccountId) -> String {
    format!("A#{account}#UNMATCHED")
}

/// Pattern 82.
pub(in crate::ledger) fn unmatched_due(account: &AccountId, due: Instant, id: &CostId) -> Key {
    Key::new(
        unmatched_partition(account),
        format!("{}#{}", due_key(due), id.as_str()),
    )
}

/// The sort keys of pattern 82 of what was due by a moment, both inclusive.
pub(in crate::ledger) fn unmatched_due_by(now: Instant) -> (String, String) {
    // `~` sorts behind the digits of a cost's id.
    (DUE.to_owned(), format!("{}#~", due_key(now)))
}

const DUE: &str = "DUE#";

fn due_key(due: Instant) -> String {
    format!("{DUE}{:014}", due.millis().max(0))
}

/// Pattern 83.
pub(in crate::ledger) fn notice(account: &AccountId, name: &str) -> Key {
    Key::new(format!("A#{account}#NOTICES"), format!("NOTICE#{name}"))
}

/// Partition of pattern 84.
pub(in crate::ledger) fn refused_requests_partition(account: &AccountId, day: UtcDay) -> String {
    format!("A#{account}#REQUESTS#{day}")
}

/// Pattern 84: the requests of a credential that were refused in one way within the hour of a moment.
pub(in crate::ledger) fn refused_request(
    account: &AccountId,
    credential: &CredentialId,
    signature: &str,
    moment: Instant,
) -> Key {
    let hour = refused_request_hour(moment);
    Key::new(
        refused_requests_partition(account, UtcDay::of(moment)),
        format!("{hour}{credential}#{signature}"),
    )
}

/// The beginning of the sort keys of pattern 84 in the hour of a moment.
fn refused_request_hour(moment: Instant) -> String {
    let hour = moment.seconds().div_euclid(3_600).rem_euclid(24);
    format!("REFUSED#{hour:02}#")
}

/// The sort keys of pattern 84 from the hour of one moment to that of another of the same day, both inclusive.
pub(in crate::ledger) fn refused_requests_between(from: Instant, to: Instant) -> (String, String) {
    // `~` sorts behind everything that a sort key goes on with.
    let to = format!("{}~", refused_request_hour(to));
    (refused_request_hour(from), to)
}
