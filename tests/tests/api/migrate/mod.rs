//! `callbook migrate` on the ledger of an earlier version, which that version itself wrote.

mod between;
mod cut_off;
mod ledger;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use callbook_audit::{Item, masked, text};
use callbook_tests::World;
use callbook_tests::earlier::{self, Answers};
use rust_decimal::Decimal;

/// A deployment of this version on the earlier version's table.
async fn earlier_world() -> World {
    earlier::world(async |engine| engine.client()).await
}

/// Items by their keys: their attributes as texts.
type Items = BTreeMap<(String, String), BTreeMap<String, String>>;

/// Asserts that two tables have the same items, and names those that differ.
fn assert_same(one: &Items, other: &Items) {
    let keys = one.keys().chain(other.keys());
    let differ: BTreeSet<_> = keys.filter(|key| one.get(key) != other.get(key)).collect();
    let told = |key: &(String, String)| {
        let attribute = |items: &Items, name: &String| {
            let item = items.get(key)?;
            item.get(name).cloned()
        };
        let names = [one, other].map(|items| items.get(key).into_iter().flatten());
        let [a, b] = names;
        let names: BTreeSet<&String> = a.chain(b).map(|(name, _)| name).collect();
        let names = names.into_iter();
        let names: Vec<_> = names
            .filter(|name| attribute(one, name) != attribute(other, name))
            .collect();
        format!("{}: {names:?}", masked(&key.0, &key.1))
    };
    let told: Vec<_> = differ.into_iter().map(told).collect();
    assert!(told.is_empty(), "these differ:\n  {}", told.join("\n  "));
}

/// Every item of a table by its key, without what differs from one migration to another: when and by which
/// request an item was written, and how often.
fn comparable(world: &World) -> Items {
    let items = world.engine.items().expect("the table is read");
    let items = items.iter();
    items
        .map(|item| {
            let key = |name| text(item, name).unwrap_or_default().to_owned();
            ((key("pk"), key("sk")), without_times(item))
        })
        .collect()
}

fn without_times(item: &Item) -> BTreeMap<String, String> {
    let attributes = item.iter();
    attributes
        .filter(|(name, _)| !["version", "guid", "revision", "turn"].contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), told(value)))
        .collect()
}

fn told(value: &AttributeValue) -> String {
    match value {
        AttributeValue::M(map) => format!("{:?}", without_times(map)),
        AttributeValue::L(list) => {
            // The history of an entry depends on the order in which calls are converted.
            let list: Vec<String> = list.iter().map(told).collect();
            format!("{list:?}")
        }
        AttributeValue::Ss(set) => {
            let mut set = set.clone();
            set.sort();
            format!("{set:?}")
        }
        other => format!("{other:?}"),
    }
}

/// The amounts of every cost entry of an account in a state, or in any.
async fn sum(world: &World, account: &str, state: Option<&str>) -> Decimal {
    let costs = world.items("cost").await.into_iter();
    costs
        .filter(|cost| cost.text("pk").starts_with(&format!("A#{account}#")))
        .filter(|cost| state.is_none_or(|state| cost.text("state") == state))
        .map(|cost| cost.text("amount").parse::<Decimal>().expect("an amount"))
        .sum()
}

/// The sum of what the earlier version acknowledged to one account, and of what it imported.
fn acknowledged(answers: &Answers, account: usize) -> Decimal {
    let second = |did: &str| did.contains("800555");
    let bills = answers.acknowledged().into_iter();
    let bills = bills.filter(|(answer, _)| {
        let did = answer["inserted"]["call_to"].as_str().unwrap_or_default();
        second(did) == (account == 1)
    });
    let bills = bills.map(|(answer, _)| {
        let cost = answer["cost"].as_str().unwrap_or_default();
        cost.parse::<Decimal>().expect("an amount")
    });
    let imported = match account {
        0 => Decimal::new(IMPORTED, 2),
        _ => Decimal::ZERO,
    };
    bills.sum::<Decimal>() + imported
}

/// The costs of the imported calls in hundredths: 25.00, 12.50, 1.10 and 2.20. Another one cost 7.00, but a
/// bill replaced that before, and the earlier version kept no record of it.
const IMPORTED: i64 = 4_080;
