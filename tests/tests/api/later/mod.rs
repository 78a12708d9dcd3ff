//! A rolled-back function and an old command against a newer table: what a later version wrote survives, or is
//! refused.

mod scene;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use callbook_audit::shapes::SHAPES;
use callbook_audit::{Item, text};
use callbook_local::engine::TABLE;
use callbook_tests::World;
use scene::Done;
pub use scene::Scene;

/// The types whose items are written once, and why.
const ONCE: &[(&str, &str)] = &[
    ("account_entry", "says that an account exists"),
    ("token", "is exchanged for another"),
    ("adjustment", "is never changed"),
    ("pair_adjustment", "is a copy of one"),
    ("refused_bill", "is never changed"),
    ("billed_caller", "says where a bill is"),
    ("place", "says that a place exists"),
    ("tenure", "is moved to another key when it ends"),
    ("past_tenure", "is a copy of an assignment that has ended"),
    ("property", "cannot be changed"),
    ("call_process", "cannot be changed"),
    ("joined_report", "says which call its report joined"),
    ("event", "is never changed"),
    ("unmatched_due", "is deleted when it is due"),
    ("notice", "is never changed"),
    ("delivery_due", "is replaced by one of another time"),
];

/// The types that the scene does not have, and why. What writes them updates them.
const ABSENT: &[(&str, &str)] = &[
    ("joined_call", "takes three reports that become one call"),
    ("former_cost", "only a migration writes it"),
    ("settling", "takes more entries than a transaction holds"),
    (
        "former_credential",
        "takes the rotation of a key without a name",
    ),
    ("erasure", "only an erasure writes it"),
    ("retention", "only a retention that is applied writes it"),
    ("restore", "only a restore writes it"),
    (
        "account_deletion",
        "only the deletion of an account writes it",
    ),
];

/// The types whose items are replaced by one that is about something else, such as the next call.
const REPLACED: &[&str] = &["live_call", "reversed_live_call", "once", "queue_guard"];

/// The types that nothing in the scene reads or writes a second time.
const UNREAD: &[&str] = &["joined_report", "billed_caller"];

fn kinds(list: &[(&'static str, &str)]) -> BTreeSet<&'static str> {
    list.iter().map(|(kind, _)| *kind).collect()
}

fn kind(item: &Item) -> &str {
    text(item, "type").expect("a type")
}

/// The items by their keys.
fn by_key(items: Vec<Item>) -> BTreeMap<(String, String), Item> {
    let key = |item: &Item| {
        let part = |name| text(item, name).expect("a key").to_owned();
        (part("pk"), part("sk"))
    };
    items.into_iter().map(|item| (key(&item), item)).collect()
}

fn table(world: &World) -> BTreeMap<(String, String), Item> {
    by_key(world.engine.items().expect("the table is read"))
}

/// Updates every item of the table for which `wanted` holds.
async fn change(world: &World, wanted: impl Fn(&Item) -> bool, expression: &str) {
    let client = world.engine.client();
    for ((pk, sk), item) in table(world) {
        if wanted(&item) {
            let update = client
                .update_item()
                .table_name(TABLE)
                .key("pk", AttributeValue::S(pk))
                .key("sk", AttributeValue::S(sk))
                .update_expression(expression);
            update.send().await.expect("the item is changed");
        }
    }
}

#[tokio::test]
async fn every_type_of_item_is_written_again_or_listed_as_one_that_is_not() {
    let (world, scene) = Scene::new().await;
    let found: BTreeSet<_> = table(&world)
        .values()
        .map(|item| kind(item).to_owned())
        .collect();
    let mut wanted: BTreeSet<_> = SHAPES.iter().map(|shape| shape.kind.to_owned()).collect();
    wanted.retain(|kind| !ABSENT.iter().any(|(absent, _)| absent == kind));
    assert_eq!(found, wanted, "the scene has every type");
    drop((world, scene));
}

#[tokio::test]
async fn an_attribute_that_this_version_does_not_know_survives_every_write() {
    let (world, scene) = Scene::new().await;
    change(&world, |_| true, "SET later_attribute = pk").await;
    let before = table(&world);
    let done = scene.act(&world).await;
    for (what, result) in &done {
        assert_eq!(result, &Ok(()), "{what}");
    }
    let after = table(&world);
    let mut rewritten = BTreeSet::new();
    for (key, old) in &before {
        let Some(new) = after.get(key) else { continue };
        if new == old {
            continue;
        }
        rewritten.insert(kind(old).to_owned());
        if !REPLACED.contains(&kind(old)) {
            let kept = new.get("later_attribute") == old.get("later_attribute");
            assert!(kept, "{} of {key:?} lost it", kind(old));
        }
    }
    let mut accounted: BTreeSet<String> = rewritten.clone();
    for kind in kinds(ONCE).union(&kinds(ABSENT)) {
        assert!(
            accounted.insert((*kind).to_owned()),
            "{kind} is written again"
        );
    }
    let all: BTreeSet<_> = SHAPES.iter().map(|shape| shape.kind.to_owned()).collect();
    assert_eq!(accounted, all, "each type is written again, or is listed");
    for kind in REPLACED {
        assert!(rewritten.contains(*kind), "{kind} is replaced");
    }
    // Without the attributes of the later version, the table is correct.
    change(&world, |_| true, "REMOVE later_attribute").await;
}

#[tokio::test]
async fn an_item_of_a_later_version_is_neither_read_nor_written() {
    let (world, scene) = Scene::new().await;
    drop(world);
    let (absent, mut unread) = (kinds(ABSENT), Vec::new());
    for shape in SHAPES.iter().filter(|shape| !absent.contains(shape.kind)) {
        let newer = |item: &mut Item| {
            if kind(item) == shape.kind {
                item.insert("v".to_owned(), AttributeValue::N("2".to_owned()));
            }
        };
        let world = scene.load(shape.kind.ends_with("_shard"), newer).await;
        let of_kind = |(key, item): (_, Item)| (kind(&item) == shape.kind).then_some((key, item));
        let before: BTreeMap<_, _> = table(&world).into_iter().filter_map(of_kind).collect();
        let done = scene.act(&world).await;
        let after = table(&world);
        for (key, old) in &before {
            if old.get("v") == Some(&AttributeValue::N("2".to_owned())) {
                assert_eq!(after.get(key), Some(old), "a {} was changed", shape.kind);
            }
        }
        let words = format!(
            "a later version of Callbook wrote this {} (item version 2",
            shape.kind.replace('_', " ")
        );
        let refused = refusals(&world, &done)
            .filter(|cause| cause.contains(&words))
            .count();
        if refused == 0 {
            unread.push(shape.kind);
        }
        // With the version of this one, what was left is correct.
        restore(&world).await;
        // Reading the accounts finishes what was refused halfway.
        world.ledger.accounts().await.expect("the store");
    }
    assert_eq!(unread, UNREAD, "types of which nothing was refused");
}

/// Gives every item the version of this one.
async fn restore(world: &World) {
    let client = world.engine.client();
    for ((pk, sk), item) in table(world) {
        if item.get("v") == Some(&AttributeValue::N("2".to_owned())) {
            let update = client
                .update_item()
                .table_name(TABLE)
                .key("pk", AttributeValue::S(pk))
                .key("sk", AttributeValue::S(sk))
                .update_expression("SET v = :one")
                .expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
            update.send().await.expect("the item is changed");
        }
    }
}

/// The causes of what was refused: in the answers of the ledger, and in the log lines of requests.
fn refusals(world: &World, done: &[Done]) -> impl Iterator<Item = String> {
    let answers: Vec<_> = done
        .iter()
        .filter_map(|(_, result)| result.clone().err())
        .collect();
    let lines = world.logs().into_iter().filter_map(|line| {
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        line["cause"].as_str().map(str::to_owned)
    });
    answers.into_iter().chain(lines.collect::<Vec<_>>())
}

#[tokio::test]
async fn a_client_is_asked_to_come_back_where_a_later_version_wrote_its_account() {
    let (world, scene) = Scene::new().await;
    drop(world);
    for (name, value) in [("v", "2"), ("layout", "3")] {
        let world = scene
            .load(false, |item| {
                if kind(item) == "account" {
                    item.insert(name.to_owned(), AttributeValue::N(value.to_owned()));
                }
            })
            .await;
        for (what, reply) in scene.of_each_dialect(&world).await {
            assert_eq!(reply.status, 503, "{what}: {}", reply.body);
            assert_eq!(reply.header("retry-after"), Some("1"), "{what}");
            assert!(
                !reply.body.contains("later version"),
                "{what}: {}",
                reply.body
            );
        }
        for ((pk, sk), item) in table(&world) {
            if kind(&item) == "account" {
                let of = |number: &str| AttributeValue::N(number.to_owned());
                let update = world
                    .engine
                    .client()
                    .update_item()
                    .table_name(TABLE)
                    .key("pk", AttributeValue::S(pk))
                    .key("sk", AttributeValue::S(sk))
                    .update_expression("SET v = :one, layout = :two")
                    .expression_attribute_values(":one", of("1"))
                    .expression_attribute_values(":two", of("2"));
                update.send().await.expect("the account is changed");
            }
        }
    }
}
