//! What is to be set for a load, and at how many calls a second each limit is reached.

use crate::measured::{MOST_SHARDS, PARTITIONS, THROTTLING_RATE};
use crate::prices::{
    BUS_EVENTS, CONCURRENCY, GATEWAY_REQUESTS, NEW_TABLE_WRITES, PARTITION_WRITES, TABLE_WRITES,
};
use crate::text::{number, row};
use crate::{Plan, requests_of_a_call};

/// Calls a second until a partition is full that each needs so many write units of.
pub(crate) fn per_second(units: u64) -> u64 {
    PARTITION_WRITES / units.max(1)
}

/// The most calls a second of one account.
pub(crate) fn most_of_an_account(webhooks: u64) -> u64 {
    let most = per_second(PARTITIONS.account)
        .min(per_second(PARTITIONS.shard) * MOST_SHARDS)
        .min(per_second(PARTITIONS.sums));
    match webhooks {
        0 => most,
        _ => most.min(per_second(PARTITIONS.endpoint)),
    }
}

/// What is to be set for a load.
pub(crate) fn settings(plan: &Plan) -> Vec<(String, String)> {
    let route = plan.calls * requests_of_a_route();
    let mut rows = vec![
        row("accounts to spread the calls over", number(plan.accounts())),
        row(
            "`callbook account update --shards`, each",
            plan.shards().to_string(),
        ),
        row(
            "`ThrottlingRate`, with room for twice the load",
            number(2 * route),
        ),
        row("`ThrottlingBurst`", number(4 * route)),
    ];
    if plan.writes() > NEW_TABLE_WRITES {
        rows.push(row(
            "`WarmWriteUnits`, before the first day, and `WarmReadUnits`",
            format!(
                "{}, {}",
                number(plan.writes()),
                number(plan.reads().max(12_000))
            ),
        ));
    }
    for (what, needed, quota) in [
        ("write units of a table", plan.writes(), TABLE_WRITES),
        (
            "requests a second to API Gateway",
            2 * plan.requests(),
            GATEWAY_REQUESTS,
        ),
        ("concurrent executions", 2 * plan.concurrency(), CONCURRENCY),
        ("`PutEvents` a second", 2 * plan.events(), BUS_EVENTS),
    ] {
        if needed > quota {
            rows.push(row(
                &format!("quota to raise with AWS: {what}"),
                format!("{} (is {})", number(needed), number(quota)),
            ));
        }
    }
    rows.push(row(
        "`MaxWriteUnits`, so that a fault costs no more than twice the load",
        number(2 * plan.writes()),
    ));
    rows
}

/// The limits of one thing, from the lowest to the highest.
pub(crate) fn limits(webhooks: u64) -> Vec<(String, String)> {
    let unit = Plan { calls: 1, webhooks };
    let mut limits = vec![
        ("one shard of an account", per_second(PARTITIONS.shard)),
        (
            "one account with 16 shards",
            per_second(PARTITIONS.shard) * MOST_SHARDS,
        ),
        (
            "one account: its live calls",
            per_second(PARTITIONS.account),
        ),
        (
            "one account: the sums of its day, which are late above it",
            per_second(PARTITIONS.sums),
        ),
        ("one called number", per_second(PARTITIONS.did)),
        (
            "one credential with limits, for its switch",
            per_second(PARTITIONS.key),
        ),
        (
            "`ThrottlingRate` at its default",
            THROTTLING_RATE / requests_of_a_route(),
        ),
        (
            "a new table in its first minutes",
            NEW_TABLE_WRITES / unit.writes(),
        ),
        ("the default quota of a table", TABLE_WRITES / unit.writes()),
        (
            "the default quota of API Gateway",
            GATEWAY_REQUESTS / unit.requests(),
        ),
        (
            "the default quota of the event bus",
            BUS_EVENTS / unit.events().max(1),
        ),
        (
            "the default concurrency of an AWS account",
            CONCURRENCY * 1_000 / crate::milliseconds_of_a_call(),
        ),
    ];
    if webhooks > 0 {
        limits.push((
            "one webhook endpoint, whose deliveries are late above it",
            per_second(PARTITIONS.endpoint),
        ));
    }
    limits.sort_by_key(|(_, calls)| *calls);
    let rows = limits.into_iter();
    rows.map(|(name, calls)| (name.to_owned(), number(calls)))
        .collect()
}

/// The requests of a call by the busiest route: all but the bill come from the switch.
fn requests_of_a_route() -> u64 {
    requests_of_a_call() - 1
}
