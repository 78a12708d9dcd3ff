//! What requests use of the table: write units by the sizes of the items, as DynamoDB counts them, and read units
//! as the engine does.

use std::cell::RefCell;
use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use callbook_local::engine::TABLE;
use callbook_plan::requests;
use callbook_plan::requests::LOG_BYTES;
use serde_json::Value;

use crate::faults::{Proxy, Seen};
use crate::{Reply, World, units};

/// The items of a table, by their keys.
pub type Items = HashMap<(String, String), HashMap<String, AttributeValue>>;

/// What requests used.
#[derive(Debug, Default)]
pub struct Used {
    /// Half read units.
    pub half_reads: u64,
    /// Each write: its partition, its sort key and its write units.
    pub writes: Vec<(String, String, u64)>,
}

impl Used {
    /// All write units.
    #[must_use]
    pub fn write_units(&self) -> u64 {
        self.writes.iter().map(|(_, _, units)| units).sum()
    }
}

/// The items that a table has now.
#[must_use]
pub fn items(world: &World) -> Items {
    let items = world.engine.items().expect("the table is read");
    let key = |item: &HashMap<String, AttributeValue>, name: &str| {
        item[name].as_s().expect("a key is a text").clone()
    };
    let keyed = items.into_iter();
    keyed
        .map(|item| ((key(&item, "pk"), key(&item, "sk")), item))
        .collect()
}

/// What the requests used that a proxy has seen since it was healed, when the table had these items.
pub async fn used(world: &World, proxy: &Proxy, before: &Items) -> Used {
    let after = items(world);
    let mut used = Used::default();
    for seen in proxy.seen() {
        let writes = writes(&seen);
        if writes.is_empty() {
            let units = units::of(world, &seen).await;
            used.half_reads += halves(units);
        }
        for (key, times) in writes {
            let size = |items: &Items| items.get(&key).map_or(0, size);
            let units = size(before).max(size(&after)).div_ceil(1_024).max(1);
            used.writes.push((key.0, key.1, times * units));
        }
    }
    used
}

#[expect(clippy::float_arithmetic, reason = "the engine's own figure")]
fn halves(units: f64) -> u64 {
    (units * 2.0).round() as u64
}

thread_local! {
    /// The figures of `plan/src/requests.rs` that are wrong, as they should be.
    static WRONG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Holds what `callbook plan` knows of a request against what it used, answered and logged.
///
/// # Panics
/// Panics if the line in the log is longer than the plan says.
pub fn hold(world: &World, name: &str, used: &Used, reply: &Reply) {
    let known = requests::all().find(|request| request.name == name);
    let headers = reply.headers.iter();
    let headers = headers.map(|(name, value)| name.len() + value.len() + 4);
    let answered = bytes(reply.body.len() + headers.sum::<usize>());
    // Ids make an answer some bytes longer or shorter: a figure holds that is up to a kilobyte too large.
    let fits = |kilobytes: u64| (answered..answered + 2_000).contains(&(kilobytes * 1_000));
    let (writes, half_reads) = (used.write_units(), used.half_reads);
    let holds = known.is_some_and(|known| {
        (known.writes, known.half_reads) == (writes, half_reads) && fits(known.kilobytes)
    });
    if !holds {
        let kilobytes = (answered + 500).div_ceil(1_000);
        let line = format!("{name:?}, ({writes}, {half_reads}, {kilobytes})");
        WRONG.with_borrow_mut(|wrong| wrong.push(line));
    }
    let line = world.last_log().map_or(0, |line| bytes(line.len()));
    // With the line of the access log.
    assert!(line + 400 <= LOG_BYTES, "{name} logs {line} bytes");
}

/// Sends a request, which must be done, and holds what it used.
///
/// # Panics
/// Panics if it is refused.
pub async fn price(
    world: &World,
    proxy: &Proxy,
    name: &str,
    send: impl AsyncFnOnce() -> Reply,
) -> Reply {
    let before = items(world);
    proxy.heal();
    let reply = send().await;
    assert!(
        (200..400).contains(&reply.status),
        "{name}: {} {}",
        reply.status,
        reply.body
    );
    hold(world, name, &used(world, proxy, &before).await, &reply);
    reply
}

/// Ends a test that held figures.
///
/// # Panics
/// Panics if some were wrong.
pub fn assert_held() {
    let wrong = WRONG.take();
    assert!(
        wrong.is_empty(),
        "plan/src/requests.rs should have:\n{}",
        wrong.join("\n")
    );
}

/// The keys that a request writes or checks, and how much more than a plain write each costs.
fn writes(seen: &Seen) -> Vec<((String, String), u64)> {
    let body = &seen.body;
    match seen.verb.as_str() {
        "TransactWriteItems" => {
            let parts = body["TransactItems"].as_array().expect("parts").iter();
            let keys = parts.map(|part| {
                let (verb, part) = part.as_object().unwrap().iter().next().unwrap();
                (key(&part[if verb == "Put" { "Item" } else { "Key" }]), 2)
            });
            keys.collect()
        }
        "PutItem" => vec![(key(&body["Item"]), 1)],
        "UpdateItem" | "DeleteItem" => vec![(key(&body["Key"]), 1)],
        "BatchWriteItem" => panic!("say what {TABLE} is written in batches for"),
        _ => Vec::new(),
    }
}

fn key(item: &Value) -> (String, String) {
    let text = |name: &str| item[name]["S"].as_str().expect("a key").to_owned();
    (text("pk"), text("sk"))
}

/// The bytes of an item, as DynamoDB counts them.
#[must_use]
pub fn size(item: &HashMap<String, AttributeValue>) -> u64 {
    let attributes = item.iter();
    attributes
        .map(|(name, value)| bytes(name.len()) + of(value))
        .sum()
}

fn bytes(length: usize) -> u64 {
    u64::try_from(length).expect("a length")
}

fn of(value: &AttributeValue) -> u64 {
    match value {
        AttributeValue::S(text) => bytes(text.len()),
        AttributeValue::N(digits) => number(digits),
        AttributeValue::B(blob) => bytes(blob.as_ref().len()),
        AttributeValue::Ss(texts) => texts.iter().map(|text| bytes(text.len())).sum(),
        AttributeValue::Ns(numbers) => numbers.iter().map(|digits| number(digits)).sum(),
        AttributeValue::Bs(blobs) => blobs.iter().map(|blob| bytes(blob.as_ref().len())).sum(),
        AttributeValue::L(list) => 3 + list.iter().map(|value| 1 + of(value)).sum::<u64>(),
        AttributeValue::M(map) => 3 + bytes(map.len()) + size(map),
        _ => 1,
    }
}

/// A byte for every two digits, and one more.
fn number(digits: &str) -> u64 {
    let digits = digits.chars().filter(char::is_ascii_digit);
    bytes(digits.count()).div_ceil(2) + 1
}
