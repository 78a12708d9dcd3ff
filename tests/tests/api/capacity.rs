//! What a call costs from its start to its bill, and which partition bears how much of it: the figures that
//! `callbook plan` computes with.

use std::collections::BTreeMap;

use callbook_plan::measured::{BYTES, LIFE, PARTITIONS, Partitions, SUMS};
use callbook_tests::capacity::{self, Items, Used};
use callbook_tests::faults::{self, Proxy};
use callbook_tests::tld::{FORM, PATH, Platform, form};
use callbook_tests::truecnam::{self, Pbx};
use callbook_tests::{World, send_to};

const DID: &str = "18005550100";
/// Warms the process.
const FIRST: &str = "12069735100";
/// The caller whose call is measured, and who was never seen before.
const CALLER: &str = "12069735101";

/// The steps of a call, as `LIFE` has them.
const STEPS: [&str; 4] = ["orig_call_start", "terminating", "orig_call_end", "bill"];

async fn step(platform: &Platform, pbx: &Pbx, step: &str, caller: &str, notes: &str) {
    let world = &platform.world;
    if step == "bill" {
        let headers = platform.headers().into_iter();
        let headers: Vec<_> = headers.chain([("content-type", FORM)]).collect();
        let fields = [
            ("did", DID),
            ("cid", caller),
            ("cost", "25"),
            ("notes", notes),
        ];
        let body = form(&fields);
        let reply = send_to(&world.app, "POST", PATH, &headers, body.as_bytes()).await;
        assert_eq!(reply.status, 200);
        return;
    }
    let pair = truecnam::pair(step, caller, DID);
    let query = pbx.encoded(&[&pair[..], &[("resp_type", "extended")]].concat());
    let path = format!("{}?{query}", truecnam::PATH);
    let reply = send_to(&world.app, "GET", &path, &[], b"").await;
    assert_eq!(reply.json()["err"], "0", "{step}");
}

/// What each step of a call uses, and the table before and after.
async fn life(world: World, proxy: &Proxy) -> (Platform, Vec<Used>, Items) {
    let platform = Platform::on(world, |_| {}).await;
    let pbx = Pbx::carrier(&platform.world).await;
    for name in STEPS {
        step(&platform, &pbx, name, FIRST, "").await;
    }
    platform.world.wait(60);
    platform.world.catch_up().await;
    let begin = capacity::items(&platform.world);
    let mut all = Vec::new();
    for name in STEPS {
        platform.world.wait(20);
        let before = capacity::items(&platform.world);
        proxy.heal();
        step(&platform, &pbx, name, CALLER, "").await;
        all.push(capacity::used(&platform.world, proxy, &before).await);
    }
    (platform, all, begin)
}

/// Whether a partition is one of its account, its number or its key, or a shard of a day.
fn kind(pk: &str) -> Option<&'static str> {
    let parts: Vec<&str> = pk.split('#').collect();
    match parts.as_slice() {
        ["A", _, "DAY" | "BILLED", _, _] => Some("shard"),
        ["A", _, "LIVE"] | ["A", _] | ["A", _, "SUM"] => Some("account"),
        ["LIVE" | "LIVEREV" | "NUM", _] | ["A", _, "LIVE", _] => Some("did"),
        ["A", _, "LIMIT", _] => Some("key"),
        // Of one pair, one caller, one request or one day of sums.
        _ => None,
    }
}

#[tokio::test]
async fn a_call_uses_what_the_plan_computes_with() {
    let (world, proxy) = faults::world().await;
    let (platform, used, begin) = life(world, &proxy).await;
    let found: Vec<_> = used
        .iter()
        .map(|used| (used.write_units(), used.half_reads))
        .collect();
    let known: Vec<_> = LIFE
        .iter()
        .map(|request| (request.writes, request.half_reads))
        .collect();
    let mut partitions: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (pk, _, units) in used.iter().flat_map(|used| &used.writes) {
        if let Some(kind) = kind(pk) {
            *partitions.entry((kind, pk)).or_default() += units;
        }
    }
    let busiest = |wanted: &str| {
        let of = partitions.iter().filter(|((kind, _), _)| *kind == wanted);
        of.map(|(_, units)| *units).max().unwrap_or_default()
    };
    let busiest = Partitions {
        shard: busiest("shard"),
        account: busiest("account"),
        did: busiest("did"),
        key: busiest("key"),
    };
    let world = &platform.world;
    let after = capacity::items(world);
    let kept = |items: &Items| -> u64 {
        let lasting = items
            .values()
            .filter(|item| !item.contains_key("expires_at"));
        // DynamoDB adds 100 bytes to each item.
        lasting.map(|item| capacity::size(item) + 100).sum()
    };
    let bytes = kept(&after) - kept(&begin);
    let ledger = callbook::ledger::Ledger::new(proxy.client(), callbook_local::engine::TABLE);
    let records = world.stream_records();
    proxy.heal();
    world.deliver_records(&ledger, &records).await.unwrap();
    let sums = capacity::used(world, &proxy, &after).await.write_units();
    assert_eq!(
        (found, busiest, sums, bytes.div_ceil(100) * 100),
        (known, PARTITIONS, SUMS, BYTES),
        "found and known"
    );
}

#[tokio::test]
async fn notes_make_a_bill_dearer_by_what_they_weigh() {
    let (world, proxy) = faults::world().await;
    let (platform, _, _) = life(world, &proxy).await;
    let pbx = Pbx::carrier(&platform.world).await;
    platform.world.wait(86_400);
    step(&platform, &pbx, "terminating", CALLER, "").await;
    let notes = "n".repeat(4_000);
    let before = capacity::items(&platform.world);
    proxy.heal();
    step(&platform, &pbx, "bill", CALLER, &notes).await;
    let used = capacity::used(&platform.world, &proxy, &before).await;
    let after = capacity::items(&platform.world);
    let copies = after
        .values()
        .filter(|item| format!("{item:?}").contains(&notes));
    let more = used.write_units() - LIFE.last().unwrap().writes;
    assert_eq!(
        (copies.count(), more),
        (1, 8),
        "copies, and write units more"
    );
}
