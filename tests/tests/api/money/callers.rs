//! Unique callers of busy numbers: sets of callers are divided before an item reaches DynamoDB's 400 KB.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use callbook::clock::Clock;
use callbook::ledger::Ledger;
use callbook::model::credential::CredentialKind;
use callbook_local::engine::TABLE;
use callbook_tests::World;
use callbook_tests::fd_calls::{self, seconds};
use callbook_tests::tld::DID;
use serde_json::{Value, json};

use super::summary::{platform, summary};

/// How many callers come in one hour: more than two levels of parts take.
const CROWD: usize = 3_000;

/// How many callers of 8 bytes each fill an item to its last 400 bytes.
const FULL: usize = 51_150;

/// How many records a batch of the stream has, as in the template.
const BATCH: usize = 500;

/// Whether a type of items is that of callers.
fn is_callers(kind: &AttributeValue) -> bool {
    kind.as_s().is_ok_and(|kind| kind == "callers")
}

/// The sets of callers: the sort key of the item, the hour, and the callers.
fn sets(world: &World) -> Vec<(String, String, BTreeSet<Vec<u8>>)> {
    let items = world.engine.items().unwrap();
    let callers = items
        .iter()
        .filter(|item| item.get("type").is_some_and(is_callers));
    let sets = callers.flat_map(|item| {
        let sk = item["sk"].as_s().unwrap().clone();
        item.iter().filter_map(move |(name, value)| {
            let set = value.as_bs().ok()?.iter();
            let set = set.map(|hash| hash.as_ref().to_vec());
            Some((sk.clone(), name.clone(), set.collect()))
        })
    });
    sets.collect()
}

/// A record of the stream: as the template, of another caller.
fn record(template: &Value, sequence: u128, caller: usize) -> Value {
    let mut record = template.clone();
    let change = &mut record["dynamodb"];
    change["SequenceNumber"] = json!(sequence.to_string());
    change["NewImage"]["call_from"] = json!({"S": format!("+1206{caller:07}")});
    record
}

/// Delivers a batch, and again while some of it fails, as Lambda does: a busy machine may take longer for a
/// transaction than a function waits.
async fn deliver(world: &World, ledger: &Ledger, records: &[Value]) {
    for _ in 0..50 {
        let answer = world.deliver_records(ledger, records).await;
        if answer.is_some_and(|answer| answer["batchItemFailures"] == json!([])) {
            return;
        }
    }
    panic!("a batch fails again and again");
}

#[tokio::test]
async fn a_number_may_have_more_callers_than_an_item_holds() {
    let (platform, user) = platform().await;
    let world = &platform.world;
    platform.call().await;
    world.roll_up().await;
    let of_call = |record: &&Value| record["dynamodb"]["NewImage"]["type"]["S"] == "call";
    let records = world.stream_records();
    let template = records.iter().find(of_call).unwrap();
    let last = records.last().unwrap()["dynamodb"]["SequenceNumber"].clone();
    let last: u128 = last.as_str().unwrap().parse().unwrap();
    // An earlier version filled the item of the day, and could add nothing more.
    let full = (0_u64..)
        .take(FULL)
        .map(|hash| Blob::new(hash.to_be_bytes()));
    let item = world.engine.items().unwrap().into_iter();
    let item = item.filter(|item| item.get("type").is_some_and(is_callers));
    let item = item.collect::<Vec<_>>().pop().unwrap();
    let update = world.engine.client().update_item().table_name(TABLE);
    let update = update
        .key("pk", item["pk"].clone())
        .key("sk", item["sk"].clone())
        .update_expression("SET h_11 = :full")
        .expression_attribute_values(":full", AttributeValue::Bs(full.collect()));
    update.send().await.unwrap();

    let crowd: Vec<usize> = (0..CROWD).collect();
    for callers in crowd.chunks(BATCH) {
        let records = callers.iter().map(|caller| {
            let sequence = last + 1 + u128::try_from(*caller).unwrap();
            record(template, sequence, *caller)
        });
        let records: Vec<Value> = records.collect();
        deliver(world, &world.ledger, &records).await;
    }
    let answer = summary(world, &user, "unique_callers=true").await;
    assert_eq!(answer["totals"]["calls"], CROWD + 1);
    assert_eq!(answer["totals"]["unique_callers"], FULL + CROWD + 1);
    let noon = sets(world)
        .into_iter()
        .filter(|(_, hour, _)| hour == "h_12");
    let noon: Vec<_> = noon.collect();
    assert!(noon.iter().all(|(_, _, callers)| callers.len() < 256));
    // The full item, 16 parts behind it, and those behind these.
    let digits = |sk: &str| sk.rsplit('#').next().unwrap().len();
    let deepest = noon.iter().filter(|(sk, ..)| digits(sk) == 2).count();
    assert!(
        deepest > 16 && noon.len() == 17 + deepest,
        "{} parts",
        noon.len()
    );

    // Another process, which knows no full part, finds the same places.
    let another = Ledger::new(world.engine.client(), TABLE);
    let next = last + 1 + u128::try_from(CROWD).unwrap();
    let more: Vec<Value> = (0..BATCH)
        .map(|nth| record(template, next + u128::try_from(nth).unwrap(), CROWD + nth))
        .collect();
    deliver(world, &another, &more).await;
    let answer = summary(world, &user, "unique_callers=true").await;
    assert_eq!(answer["totals"]["unique_callers"], FULL + CROWD + BATCH + 1);
}

#[tokio::test]
async fn callers_of_every_part_come_and_go_and_are_made_again() {
    let (platform, user) = platform().await;
    let world = &platform.world;
    for caller in 0..140 {
        platform.call_of(&format!("+1206973{caller:04}"), DID).await;
    }
    world.wait(3_590);
    let late = ["+12069739001", "+12069739002", "+12069739003"];
    for caller in late {
        platform.call_of(caller, DID).await;
    }
    world.roll_up().await;
    let parts: BTreeSet<String> = sets(world).into_iter().map(|(sk, ..)| sk).collect();
    assert!(parts.len() > 1, "{parts:?}");
    let by_hour = async || {
        let answer = summary(world, &user, "by=hour&unique_callers=true").await;
        let groups = answer["groups"].as_array().unwrap().iter();
        groups
            .map(|group| json!([group["keys"]["hour"], group["unique_callers"]]))
            .collect::<Value>()
    };
    assert_eq!(by_hour().await, json!([["12", 143]]));

    // The switch says that the last calls began in the next hour.
    world.wait(15);
    let switch = world
        .credential(&platform.account, CredentialKind::Fonedynamics)
        .await;
    let property = fd_calls::property(world, &platform.account, None).await;
    let began = seconds(world.clock.now());
    for caller in late {
        let call = [("From", caller), ("To", DID), ("Started", began.as_str())];
        fd_calls::record(world, &switch, &property, &call).await;
    }
    world.roll_up().await;
    assert_eq!(by_hour().await, json!([["12", 140], ["13", 3]]));

    // Every part is damaged in its own way: a set is lost, and a stranger joins another one.
    for (nth, (sk, name, callers)) in sets(world).into_iter().enumerate().take(4) {
        let pk = format!(
            "A#{}#SUM#{}",
            platform.account.id,
            world.clock.now().utc_day()
        );
        let key = |text: &str| AttributeValue::S(text.to_owned());
        let stranger = AttributeValue::Bs(vec![Blob::new(*b"stranger")]);
        let client = world.engine.client();
        let update = client.update_item().table_name(TABLE);
        let update = update.key("pk", key(&pk)).key("sk", key(&sk));
        let update = update.expression_attribute_names("#n", name);
        let update = match nth % 2 {
            0 => update.update_expression("REMOVE #n"),
            _ => update
                .update_expression("ADD #n :s")
                .expression_attribute_values(":s", stranger),
        };
        assert!(!callers.is_empty());
        update.send().await.unwrap();
    }
    let clock = Clock::system();
    let following = world.follow_stream().await;
    let day = world.clock.now().utc_day();
    let rebuilt = world.ledger.rebuild_sums(&platform.account, day, &clock);
    let rebuilt = rebuilt.await.unwrap();
    following.abort();
    assert!(rebuilt.corrected > 0 && rebuilt.left == 0, "{rebuilt:?}");
    world.check_sums();
    assert_eq!(by_hour().await, json!([["12", 140], ["13", 3]]));
}
