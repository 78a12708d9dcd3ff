//! What each read costs at most, however much an account, its neighbours and their past have written: the
//! table of `shared/src/ledger/keys/bounds.rs`, held with partitions that are filled.

mod account;
mod assignments;
mod calls;
mod events;
mod figures;
mod inventory;
mod queue;
mod webhooks;

use std::collections::BTreeMap;

use callbook_tests::faults::{Proxy, Seen};
use callbook_tests::{World, units};
use serde_json::Value;

pub use figures::Figures;

/// How many items a partition is filled with.
pub const MANY: usize = 12_000;

/// The pattern of `keys.rs` that a read follows, from its keys.
fn pattern(seen: &Seen, pk: &str, sk: &str) -> &'static str {
    let begins = |names: &[(&str, &'static str)]| {
        let found = names.iter().find(|(prefix, _)| sk.starts_with(prefix));
        found.map(|(_, pattern)| *pattern)
    };
    let parts: Vec<&str> = pk.split('#').collect();
    let found = match parts.as_slice() {
        ["A", _] => begins(&[
            ("ACCOUNT", "1"),
            ("CRED#", "4"),
            ("NUMBER#", "19"),
            ("PROPERTY#", "20"),
            ("ADDRESS#", "23"),
            ("PROCESS#", "26"),
            ("TENURE#", "30"),
            ("VENDOR#", "60"),
            ("NUMBERVENDOR#", "61"),
            ("WEBHOOK#", "90"),
        ]),
        ["ACCOUNTS"] => Some("2"),
        ["CRED", ..] => Some("3"),
        ["TOKEN", ..] => Some("6"),
        ["A", _, "LIMIT", ..] => Some("5"),
        ["A", _, "SESSION", ..] => Some("7"),
        ["A", _, "DAY", ..] if seen.verb == "Query" => Some("8"),
        ["A", _, "DAY", ..] => Some("9"),
        ["A", _, "PAIR", ..] => begins(&[
            ("BILL#", "16"),
            ("ID#", "17"),
            ("ADJ#", "37"),
            ("HEAD", "10"),
            ("CALL", "10"),
        ]),
        ["LIVE" | "LIVEREV", ..] => Some("11"),
        ["A", _, "LIVE", ..] => Some("12"),
        ["NUM", ..] => begins(&[
            ("STOCK", "24"),
            ("OWNER", "13"),
            ("START", "13"),
            ("CARRIERS", "13"),
        ]),
        ["A", _, "N", ..] if sk == "LATEST" => Some("29"),
        ["A", _, "N", ..] => Some("14"),
        ["A", _, "ONCE", ..] => Some("18"),
        ["A", _, "QUEUE", ..] | ["A", _, "WAITING"] => Some("27"),
        ["STOCK", ..] => Some("24"),
        ["PLACE", ..] => Some("31"),
        ["COUNTRIES"] => Some("32"),
        ["A", _, "ENDED"] => Some("33"),
        ["A", _, "BILLED"] => Some("41"),
        ["A", _, "BILLED", ..] => Some("34"),
        ["A", _, "ADJUSTED", ..] => Some("35"),
        ["A", _, "CALLER", ..] => Some("36"),
        ["A", _, "REFUSED", ..] => Some("38"),
        ["A", _, "SENT", ..] => Some("39"),
        ["A", _, "FORMER", ..] => Some("40"),
        ["A", _, "SUM"] => Some("73"),
        ["A", _, "SUM", ..] => Some("70"),
        ["ROLLUP"] => Some("72"),
        ["A", _, "EVENTS", ..] => Some("80"),
        ["PUBLISHED"] => Some("81"),
        ["A", _, "UNMATCHED"] => Some("82"),
        ["A", _, "REQUESTS", ..] => Some("84"),
        ["A", _, "HOOK", ..] => begins(&[
            ("SECRET", "91"),
            ("LOG#", "92"),
            ("DUE#", "93"),
            ("LINE#", "93"),
        ]),
        ["HOOKS", ..] => Some("94"),
        _ => None,
    };
    found.unwrap_or_else(|| panic!("say which pattern {pk} {sk} is"))
}

/// The keys that a read asks for: partition, and sort key or where its range begins.
fn keys(seen: &Seen) -> Vec<(String, String)> {
    let text = |value: &Value| value["S"].as_str().unwrap_or_default().to_owned();
    let key = |key: &Value| (text(&key["pk"]), text(&key["sk"]));
    match seen.verb.as_str() {
        "Query" => {
            let values = &seen.body["ExpressionAttributeValues"];
            let from = match text(&values[":prefix"]) {
                prefix if prefix.is_empty() => text(&values[":from"]),
                prefix => prefix,
            };
            vec![(text(&values[":pk"]), from)]
        }
        "GetItem" => vec![key(&seen.body["Key"])],
        "BatchGetItem" => {
            let tables = seen.body["RequestItems"].as_object().expect("tables");
            let keys = tables
                .values()
                .flat_map(|table| table["Keys"].as_array().expect("keys"));
            keys.map(key).collect()
        }
        _ => Vec::new(),
    }
}

/// The read units of every pattern since the proxy's plan was made. A batch counts for its first pattern.
pub async fn reads(world: &World, proxy: &Proxy) -> BTreeMap<&'static str, f64> {
    let mut found: BTreeMap<&'static str, Vec<f64>> = BTreeMap::new();
    for seen in proxy.seen() {
        if let Some((pk, sk)) = keys(&seen).first() {
            let units = units::of(world, &seen).await;
            let pattern = pattern(&seen, pk, sk);
            found.entry(pattern).or_default().push(units);
        }
    }
    let sums = found.into_iter();
    sums.map(|(pattern, units)| (pattern, units.iter().sum()))
        .collect()
}

/// Asserts that no pattern costs more than its figure for `many` of what it may grow with, and adds the
/// patterns to `seen`.
pub async fn assert_bounded(
    (world, proxy): (&World, &Proxy),
    figures: &Figures,
    many: usize,
    case: &str,
) -> BTreeMap<&'static str, f64> {
    let found = reads(world, proxy).await;
    for (pattern, units) in &found {
        let most = figures.most(pattern, many);
        assert!(
            *units <= most,
            "{case}: pattern {pattern}: {units} units, at most {most}"
        );
    }
    found
}
