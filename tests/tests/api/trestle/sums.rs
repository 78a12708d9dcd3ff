//! The spam score: kept sums that equal the feedback, whatever was sent when.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use callbook::model::retention::{KeptDays, Lifetime};
use callbook_local::engine::TABLE;
use callbook_tests::truecnam::{CALLED, CALLING, Pbx};
use callbook_tests::{World, faults, units};

use crate::retention::delete_ended;

const DAY: u64 = 86_400;

/// How much feedback one number has.
const CROWD: usize = 40_000;

/// A pseudo-random generator with the same output on every machine: `SplitMix64`.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// The day of the latest feedback of each response, and whether it is bad.
type Model = BTreeMap<u64, (i64, bool)>;

fn score(model: &Model, today: i64) -> (u64, u64) {
    let recent = model.values().filter(|(day, _)| *day >= today - 90);
    let all = recent.clone().count() as u64;
    let bad = recent.filter(|(_, bad)| *bad).count() as u64;
    let share = (bad * 200 + all).checked_div(all * 2).unwrap_or(0);
    (share, u64::from(all > 0))
}

/// Sends feedback of a few responses over years, and compares the score with the model after each. The audit
/// at the end compares the sums with the records.
#[tokio::test]
async fn sums_equal_the_feedback_through_new_repeated_changed_and_old_feedback() {
    for (seed, kept) in [(0, None), (1, None), (2, Some(92)), (3, Some(92))] {
        let mut random = Random(seed);
        let world = World::new().await;
        let pbx = Pbx::with(&world, |account| {
            let kept = kept.map_or(Lifetime::FOREVER, |days| {
                Lifetime::days(KeptDays::new(days).expect("a number of days"))
            });
            account.feedback_kept.set(kept, account.created_at);
            let read = account.retention();
            account.retention_applied(&read, account.created_at);
        })
        .await;
        let mut model = Model::new();
        for step in 0..40 {
            let days = [0, 0, 0, 0, 1, 1, 5, 30, 37, 38, 39, 90, 91, 128, 300];
            let index = usize::try_from(random.below(15)).expect("a small number");
            world.wait(days[index] * DAY + random.below(DAY));
            let response = random.below(6);
            let (right, status) = match random.below(4) {
                0 => (false, "Connected"),
                1 => (true, "Disconnected"),
                _ => (true, "Connected"),
            };
            let bad = !right || status == "Disconnected";
            let id = format!("T_{response}");
            pbx.report(&world, &id, CALLING, None, status, right).await;
            let today = world.clock.now().seconds().div_euclid(86_400);
            model.insert(response, (today, bad));
            if random.below(3) == 0 {
                world.wait(random.below(130) * DAY);
            }
            let part = usize::try_from(random.below(3)).expect("a small number");
            delete_ended(&world, |place| place % 3 <= part).await;
            let today = world.clock.now().seconds().div_euclid(86_400);
            let answer = pbx.ask(&world, CALLING, None).await;
            let said = ["spam_score", "spam_score_match"].map(|name| answer[name].as_u64());
            let (share, any) = score(&model, today);
            assert_eq!(said, [Some(share), Some(any)], "seed {seed}, step {step}");
        }
    }
}

#[tokio::test]
async fn feedback_of_a_build_without_sums_is_counted_by_the_next() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    for (id, status) in [
        ("1", "Connected"),
        ("2", "Disconnected"),
        ("3", "Disconnected"),
    ] {
        pbx.report(&world, id, CALLING, None, status, true).await;
    }
    // As the earlier build left it.
    let latest = world.only("latest_feedback").await;
    let text = |text: String| AttributeValue::S(text);
    let day = world
        .clock
        .now()
        .seconds()
        .div_euclid(86_400)
        .rem_euclid(128);
    let client = world.engine.client();
    let write = client
        .update_item()
        .table_name(TABLE)
        .key("pk", text(latest.text("pk")))
        .key("sk", text(latest.text("sk")))
        .update_expression(format!("REMOVE summed, all_{day}, bad_{day}"));
    write.send().await.expect("the item is written");
    assert_eq!(pbx.ask(&world, CALLING, None).await["spam_score"], 67);
    world.wait(DAY);
    // It replaces one of them.
    pbx.report(&world, "3", CALLING, None, "Connected", true)
        .await;
    assert_eq!(pbx.ask(&world, CALLING, None).await["spam_score"], 33);
    world.wait(1);
    pbx.report(&world, "4", CALLING, None, "Connected", true)
        .await;
    assert_eq!(pbx.ask(&world, CALLING, None).await["spam_score"], 25);
    assert_eq!(world.only("latest_feedback").await.text("summed"), "true");
}

#[tokio::test]
async fn forty_thousand_pieces_of_feedback_cost_a_lookup_three_units() {
    let (world, proxy) = faults::world().await;
    let pbx = Pbx::new(&world).await;
    pbx.report(&world, "0", CALLING, Some("Jane Doe"), "Disconnected", true)
        .await;
    crowd(&world).await;
    world.wait(1);
    pbx.report(&world, "last", CALLING, None, "Connected", true)
        .await;
    proxy.heal();
    let answer = pbx.ask(&world, CALLING, Some(CALLED)).await;
    assert_eq!(answer["spam_score"], 100, "all but one are bad");
    assert_eq!(answer["name"], "JANE DOE");
    let mut all = 0.0;
    for seen in proxy.seen() {
        let pk = seen.body["ExpressionAttributeValues"][":pk"]["S"].as_str();
        if pk.is_some_and(|pk| pk.ends_with(&format!("#N#+{CALLING}"))) {
            all += units::of(&world, &seen).await;
        }
    }
    assert!((1.0..=3.0).contains(&all), "{all} units");
}

/// Copies the only feedback 40,000 times, and counts the copies as their writes would.
async fn crowd(world: &World) {
    let items = world.engine.items().expect("the table is read");
    let kind = |item: &HashMap<String, AttributeValue>, kind: &str| {
        item.get("type") == Some(&AttributeValue::S(kind.to_owned()))
    };
    let of = |name| items.iter().find(|item| kind(item, name)).expect("an item");
    let (feedback, mut latest) = (of("feedback"), of("latest_feedback").clone());
    let day = world
        .clock
        .now()
        .seconds()
        .div_euclid(86_400)
        .rem_euclid(128);
    for name in ["all", "bad"] {
        let count = AttributeValue::N((CROWD + 1).to_string());
        latest.insert(format!("{name}_{day}"), count);
    }
    let copies = (1..=CROWD).map(|number| {
        let mut copy = feedback.clone();
        let text = |text: String| AttributeValue::S(text);
        copy.insert("sk".to_owned(), text(format!("FEEDBACK#{number}")));
        copy.insert("response_id".to_owned(), text(number.to_string()));
        copy
    });
    let all: Vec<_> = copies.chain([latest]).collect();
    let client = world.engine.client();
    for items in all.chunks(25) {
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
}
