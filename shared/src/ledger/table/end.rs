//! The end of rows that are kept for a time (D-734): whoever reads sees them until then and no longer, however late
//! DynamoDB deletes them.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::ledger::table::item::{Item, n, number, text};
use crate::model::account::Account;
use crate::model::time::Instant;

/// The table's TTL attribute, in seconds.
pub(in crate::ledger) const END: &str = "expires_at";

/// The condition that no item has the key, or one that has ended at `:now`.
pub(in crate::ledger) const ABSENT_OR_ENDED: &str =
    "attribute_not_exists(pk) OR expires_at <= :now";

/// The types of rows that are gone for every reader when they end. Other types that have an end are judged by whoever
/// reads them: some of their writes have to see what has ended.
pub(in crate::ledger) const ENDING: [&str; 15] = [
    "call",
    "joined_call",
    "joined_report",
    "pair_call",
    "pair_bill",
    "cost",
    "billed_caller",
    "adjustment",
    "pair_adjustment",
    "refused_bill",
    "lead",
    "first_contact",
    "feedback",
    "latest_feedback",
    "queue_entry",
];

/// An item that is still there, or nothing. An item without a type is a part of a row.
pub(in crate::ledger) fn kept(item: Item, now: Instant) -> Option<Item> {
    let ends = text(&item, "type").is_none_or(|kind| ENDING.contains(&kind));
    let over = has_ended(&item, now);
    (!(ends && over)).then_some(item)
}

/// When an item ends, in seconds.
pub(in crate::ledger) fn end_of(item: &Item) -> Option<i64> {
    number(item, END)
}

/// Whether an item has ended, although DynamoDB has not deleted it yet.
pub(in crate::ledger) fn has_ended(item: &Item, now: Instant) -> bool {
    end_of(item).is_some_and(|end| end <= now.seconds())
}

/// The end of a row as a named attribute; without one, the attribute is taken away.
pub(in crate::ledger) fn end(end: Option<i64>) -> (String, Option<AttributeValue>) {
    (END.to_owned(), end.map(n))
}

/// An update expression that sets an end as well, to `:end`, or takes it away.
pub(in crate::ledger) fn with_end(set: &str, end: Option<i64>) -> String {
    match end {
        Some(_) => format!("{set}, {END} = :end"),
        None => format!("{set} REMOVE {END}"),
    }
}

/// An update expression that sets an end alone, or takes it away, with its value.
pub(in crate::ledger) fn end_alone(
    end: Option<i64>,
) -> (String, Option<(&'static str, AttributeValue)>) {
    match end {
        Some(end) => (format!("SET {END} = :end"), Some((":end", n(end)))),
        None => (format!("REMOVE {END}"), None),
    }
}

/// An item with its end.
pub(in crate::ledger) fn ending(mut item: Item, end: Option<i64>) -> Item {
    if let Some(end) = end {
        item.insert(END.to_owned(), n(end));
    }
    item
}

/// The later of two ends; none is the latest.
pub(in crate::ledger) fn later_end(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    one.zip(other).map(|(one, other)| one.max(other))
}

/// The end of what is kept as long as any call or cost of its pair. There is none until a change of the setting is
/// applied, since rows from before may be there for longer than the setting says.
pub(in crate::ledger) fn end_of_all(account: &Account, now: Instant) -> Option<i64> {
    let kept = [account.calls_kept, account.costs_kept];
    if kept.iter().any(|kept| kept.changed_at().is_some()) {
        return None;
    }
    let [calls, costs] = kept.map(|kept| kept.end(now));
    later_end(calls, costs)
}

/// The end of a lead or a first contact, given when it ends so far, after something of its number was recorded. It ends
/// later than anything that names it, so there is none until a change of what is kept is applied.
pub(in crate::ledger) fn end_of_contact(
    account: &Account,
    so_far: Option<Option<i64>>,
    now: Instant,
) -> Option<i64> {
    let kept = account.retention();
    let named = [kept.calls, kept.costs, kept.contacts, kept.queue];
    if named.iter().any(|kept| kept.changed_at().is_some()) {
        return None;
    }
    let end = kept.contacts.end(now);
    so_far.map_or(end, |so_far| later_end(so_far, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::table::item::s;

    #[test]
    fn only_rows_that_are_kept_for_a_time_are_gone_when_they_end() {
        let now = Instant::from_millis(10_000);
        let of = |kind: Option<&str>, end: Option<i64>| {
            let mut item = ending(Item::new(), end);
            if let Some(kind) = kind {
                item.insert("type".to_owned(), s(kind));
            }
            kept(item, now).is_some()
        };
        for (kind, end, there) in [
            (Some("call"), None, true),
            (Some("call"), Some(11), true),
            (Some("call"), Some(10), false),
            (None, Some(9), false),
            (Some("live_call"), Some(9), true),
            (Some("pair"), Some(9), true),
        ] {
            assert_eq!(of(kind, end), there, "{kind:?} {end:?}");
        }
    }
}
