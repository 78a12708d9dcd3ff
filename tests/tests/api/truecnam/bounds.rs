//! What other accounts have started makes no query cost more, and hides nothing.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use callbook::ids;
use callbook_local::engine::TABLE;
use callbook_tests::faults::{self, Proxy};
use callbook_tests::truecnam::{CALLED, CALLING, Pbx};
use callbook_tests::{World, units};
use serde_json::Value;

/// How many calls of a neighbour are live.
const CROWD: usize = 12_000;

type Item = HashMap<String, AttributeValue>;

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// A live call and its copy, as a start leaves them.
fn live(world: &World, neighbour: &Pbx, calling: &str) -> [Item; 2] {
    let now = world.clock.now();
    let account = neighbour.account.id.as_str();
    let (started, until) = (now.millis(), now.millis() + 4 * 3_600_000);
    let item = |pk: String, sk: String, kind: &str| -> Item {
        [
            ("pk", s(pk)),
            ("sk", s(sk)),
            ("type", s(kind)),
            ("v", n(1)),
            ("account_id", s(account)),
            ("calling", s(format!("+{calling}"))),
            ("started_at", n(started)),
            ("live_until", n(until)),
            ("expires_at", n(until / 1_000)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    };
    let reversed: String = calling.chars().rev().collect();
    let mut call = item(
        format!("LIVE#+{CALLED}"),
        format!("+{calling}#{account}"),
        "live_call",
    );
    let credential = neighbour.key.credential.id.as_str();
    let sid = ids::call_sid(now, 0);
    call.extend([
        ("call_sid".to_owned(), s(sid.as_str())),
        ("credential_id".to_owned(), s(credential)),
        ("carrier".to_owned(), AttributeValue::Bool(false)),
        ("guid".to_owned(), s(ids::guid().to_string())),
    ]);
    let copy = item(
        format!("LIVEREV#+{CALLED}"),
        format!("{reversed}#{account}"),
        "reversed_live_call",
    );
    [call, copy]
}

/// Puts live calls into the table: from every number that begins as [`CALLING`] does, and from others that
/// end so.
async fn crowd(world: &World, neighbour: &Pbx) {
    let beginning = (0..10_000).map(|last| format!("1206973{last:04}"));
    let ending = (0..).map(|area| format!("44{area:05}35100"));
    let callers = beginning.chain(ending).take(CROWD);
    let callers = callers.filter(|calling| calling != CALLING);
    let items: Vec<Item> = callers
        .flat_map(|calling| live(world, neighbour, &calling))
        .collect();
    let client = world.engine.client();
    for items in items.chunks(25) {
        let puts = items.iter().map(|item| {
            let put = PutRequest::builder().set_item(Some(item.clone()));
            let put = put.build().expect("an item");
            WriteRequest::builder().put_request(put).build()
        });
        let write = client
            .batch_write_item()
            .request_items(TABLE, puts.collect());
        write.send().await.expect("the items are written");
    }
    let because = "the test puts the calls into the table without what a start writes beside them";
    let called = format!("LIVE#+{CALLED}");
    for rule in ["live-call", "live-start"] {
        world.expect_finding(rule, (&called, "+"), because);
    }
    let account = neighbour.account.id.as_str();
    for (pk, sk) in [
        (format!("A#{account}#LIVE"), "COUNT#"),
        (format!("A#{account}#LIVE#+{CALLED}"), "KEY#"),
    ] {
        world.expect_finding("live-count", (&pk, sk), because);
    }
}

/// Asks, and returns the answer with the read units of what was read of live calls.
async fn ask(world: &World, proxy: &Proxy, pbx: &Pbx, calling: &str) -> (Value, f64) {
    proxy.heal();
    let answer = pbx.ask(world, calling, Some(CALLED)).await;
    let mut units = Vec::new();
    for seen in proxy.seen() {
        let pk = seen.body["ExpressionAttributeValues"][":pk"]["S"].as_str();
        if pk.is_some_and(|pk| pk.starts_with("LIVE")) {
            units.push(units::of(world, &seen).await);
        }
    }
    (answer, units.iter().sum())
}

#[tokio::test]
async fn twelve_thousand_live_calls_cost_a_query_three_units_and_hide_nothing() {
    let (world, proxy) = faults::world().await;
    let (owner, called) = (Pbx::new(&world).await, Pbx::new(&world).await);
    owner.register(&world, CALLING).await;
    called.register(&world, CALLED).await;
    crowd(&world, &Pbx::new(&world).await).await;
    world.wait(1);
    owner.start(&world, CALLING, CALLED).await;
    for (received, verdict, proposed) in [
        (CALLING, "verified", ""),
        ("2069735100", "unknown", CALLING),
        ("9735100", "unknown", CALLING),
        ("0012069735100", "unknown", CALLING),
        ("1206973510099", "unknown", CALLING),
        ("912069735100", "unknown", CALLING),
        ("19995550100", "unknown", ""),
        ("13105550142", "unknown", ""),
        ("12069735101", "verified", ""),
    ] {
        let (answer, units) = ask(&world, &proxy, &called, received).await;
        assert_eq!(answer["proposed_calling_number"], proposed, "{received}");
        assert_eq!(answer["true_clid"], verdict, "{received}");
        assert!(units <= 3.0, "{received}: {units} units");
    }
    // Where more numbers fit than a page has, the answer is one of them.
    let (answer, units) = ask(&world, &proxy, &called, "1206973").await;
    let proposed = answer["proposed_calling_number"].as_str().expect("text");
    assert!(proposed.starts_with("1206973"), "{proposed}");
    assert!(units <= 3.0, "{units} units");
}

#[tokio::test]
async fn starts_of_other_accounts_hide_no_start_of_the_owner() {
    let (world, proxy) = faults::world().await;
    let (owner, called) = (Pbx::new(&world).await, Pbx::new(&world).await);
    owner.register(&world, CALLING).await;
    for _ in 0..30 {
        let neighbour = Pbx::new(&world).await;
        neighbour.start(&world, CALLING, CALLED).await;
    }
    let (answer, units) = ask(&world, &proxy, &called, CALLING).await;
    assert_eq!((&answer["true_clid"], units), (&"unknown".into(), 1.0));
    owner.start(&world, CALLING, CALLED).await;
    let (answer, _) = ask(&world, &proxy, &called, CALLING).await;
    assert_eq!(answer["true_clid"], "verified");
    let reads = proxy.seen();
    for seen in &reads {
        if seen.verb.ends_with("GetItem") {
            let units = units::of(&world, seen).await;
            assert!(units <= 2.0, "{units} units for {}", seen.verb);
        }
    }
}
