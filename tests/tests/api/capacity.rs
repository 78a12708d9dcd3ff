//! What a call costs from its start to its bill, what follows it, and which partition bears how much of it: the
//! figures that `callbook plan` computes with.

use std::collections::BTreeMap;

use callbook::edge::log::Sink;
use callbook::edge::{DeliverApp, PublishApp, deliver};
use callbook::ledger::Ledger;
use callbook::model::credential::Limits;
use callbook_local::engine::TABLE;
use callbook_plan::measured::{BYTES, EVENTS, LIFE, PARTITIONS, Partitions, SUMS, WEBHOOK};
use callbook_tests::bus::TestBus;
use callbook_tests::capacity::{self, Items, Used};
use callbook_tests::faults::{self, Proxy};
use callbook_tests::receiver::Receiver;
use callbook_tests::tld::{FORM, PATH, Platform, form};
use callbook_tests::truecnam::{self, Pbx};
use callbook_tests::webhooks::{create, deliverer, endpoint};
use callbook_tests::{World, send_to};
use serde_json::{Value, json};

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

/// A deployment whose stream is followed after each step of a call.
struct Scene {
    platform: Platform,
    pbx: Pbx,
    proxy: Proxy,
    ledger: Ledger,
    bus: TestBus,
    publish: PublishApp,
    deliver: DeliverApp,
    receiver: Receiver,
    /// How many records and events were followed.
    followed: [usize; 3],
}

/// What a call used.
#[derive(Default)]
struct Life {
    steps: Vec<Used>,
    sums: Used,
    /// The log of events, and what is handed out of it.
    events: Used,
    /// Deliveries.
    deliveries: Used,
    /// How many events came on the bus.
    on_bus: u64,
}

fn add(sum: &mut Used, more: Used) {
    sum.half_reads += more.half_reads;
    sum.writes.extend(more.writes);
}

impl Scene {
    async fn new(webhooks: usize) -> Self {
        let (world, proxy) = faults::world().await;
        let platform = Platform::on(world, |account| account.carrier = true).await;
        let world = &platform.world;
        let pbx = Pbx::of(world, platform.account.clone(), Limits::default()).await;
        let receiver = Receiver::start(&world.clock).await;
        for _ in 0..webhooks {
            let endpoint = endpoint(world, &receiver.url("/hook"));
            create(world, &platform.account, &endpoint).await;
        }
        let ledger = Ledger::new(proxy.client(), TABLE);
        let bus = TestBus::start().await;
        let publish = world.publish_app(&ledger, Some(bus.client()));
        let deliver = DeliverApp {
            deliverer: deliverer(world, ledger.clone()),
            sink: Sink::each(|_| {}),
            stack: None,
        };
        let mut scene = Self {
            platform,
            pbx,
            proxy,
            ledger,
            bus,
            publish,
            deliver,
            receiver,
            followed: [0; 3],
        };
        scene.life(FIRST).await;
        scene.platform.world.wait(60);
        scene
    }

    /// What was used since the proxy was healed.
    async fn used(&self, before: &Items) -> Used {
        let used = capacity::used(&self.platform.world, &self.proxy, before).await;
        self.proxy.heal();
        used
    }

    /// A call. What each step changes is followed before the next.
    async fn life(&mut self, caller: &str) -> Life {
        let mut life = Life::default();
        for name in STEPS {
            self.platform.world.wait(20);
            self.proxy.heal();
            let before = capacity::items(&self.platform.world);
            step(&self.platform, &self.pbx, name, caller, "").await;
            life.steps.push(self.used(&before).await);
            self.follow(&mut life).await;
        }
        life
    }

    async fn follow(&mut self, life: &mut Life) {
        let world = &self.platform.world;
        let [summed, told, woken] = self.followed;
        let before = capacity::items(world);
        let records = world.stream_records();
        let answer = world.deliver_records(&self.ledger, &records[summed..]);
        assert_eq!(answer.await.unwrap()["batchItemFailures"], json!([]));
        add(&mut life.sums, self.used(&before).await);

        let before = capacity::items(world);
        let news = world.told_records();
        let left = world.publish_records(&self.publish, &news[told..]).await;
        assert_eq!(left, Ok(None));
        add(&mut life.events, self.used(&before).await);

        let before = capacity::items(world);
        let on_bus = self.bus.taken();
        let event = wakes(&on_bus[woken..]);
        let done = deliver(&self.deliver, &::deliver::FUNCTION, event.as_bytes());
        done.await.unwrap();
        add(&mut life.deliveries, self.used(&before).await);
        life.on_bus += u64::try_from(on_bus.len() - woken).unwrap();
        self.followed = [records.len(), news.len(), on_bus.len()];
    }
}

/// The messages that events of the bus become in the queue.
fn wakes(events: &[Value]) -> String {
    let records = events.iter().map(|entry| {
        let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
        let body = json!({"source": "callbook", "detail": detail}).to_string();
        json!({"messageId": "1", "eventSource": "aws:sqs", "body": body})
    });
    json!({"Records": records.collect::<Vec<_>>()}).to_string()
}

/// What a partition is one of, if a call is not alone in it.
fn kind(pk: &str) -> Option<&'static str> {
    let parts: Vec<&str> = pk.split('#').collect();
    match parts.as_slice() {
        ["A", _, "DAY" | "BILLED" | "EVENTS", _, _] => Some("shard"),
        ["A", _, "LIVE"] | ["A", _] | ["A", _, "SUM"] => Some("account"),
        ["LIVE" | "LIVEREV" | "NUM", _] | ["A", _, "LIVE", _] => Some("did"),
        ["A", _, "LIMIT", _] => Some("key"),
        ["A", _, "SUM", _] => Some("sums"),
        ["A", _, "HOOK", _] => Some("endpoint"),
        // Of one pair, one caller or one request.
        _ => None,
    }
}

/// The busiest partition of each kind.
fn busiest<'a>(all: impl Iterator<Item = &'a Used>) -> Partitions {
    let mut partitions: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (pk, _, units) in all.flat_map(|used| &used.writes) {
        if let Some(kind) = kind(pk) {
            *partitions.entry((kind, pk)).or_default() += units;
        }
    }
    let busiest = |wanted: &str| {
        let of = partitions.iter().filter(|((kind, _), _)| *kind == wanted);
        of.map(|(_, units)| *units).max().unwrap_or_default()
    };
    Partitions {
        shard: busiest("shard"),
        account: busiest("account"),
        did: busiest("did"),
        key: busiest("key"),
        sums: busiest("sums"),
        endpoint: busiest("endpoint"),
    }
}

/// Bytes that a table keeps of some items. DynamoDB adds 100 bytes to each.
fn kept(items: &Items, lasting: bool) -> u64 {
    let of = items.values().filter(|item| {
        let kind = item["type"].as_s().unwrap().as_str();
        match item.contains_key("expires_at") {
            false => lasting,
            true => !lasting && ["event", "delivery"].contains(&kind),
        }
    });
    of.map(|item| capacity::size(item) + 100).sum()
}

/// What a call used, and the bytes that it left for good and for 30 days.
async fn measured(webhooks: usize) -> (Life, [u64; 2]) {
    let mut scene = Scene::new(webhooks).await;
    let begin = capacity::items(&scene.platform.world);
    let delivered = scene.receiver.got().len();
    let life = scene.life(CALLER).await;
    let after = capacity::items(&scene.platform.world);
    let delivered = scene.receiver.got().len() - delivered;
    let each = usize::try_from(life.on_bus).unwrap();
    assert_eq!(delivered, each * webhooks, "every event comes");
    let left = [true, false].map(|lasting| kept(&after, lasting) - kept(&begin, lasting));
    (life, left.map(|bytes| bytes.div_ceil(100) * 100))
}

fn units(used: &Used) -> (u64, u64) {
    (used.write_units(), used.half_reads)
}

#[tokio::test]
async fn a_call_and_what_follows_it_use_what_the_plan_computes_with() {
    let (life, [lasting, passing]) = measured(0).await;
    let all = life.steps.iter().chain([&life.sums, &life.events]);
    let found: Vec<_> = life.steps.iter().map(units).collect();
    let known: Vec<_> = LIFE
        .iter()
        .map(|request| (request.writes, request.half_reads))
        .collect();
    let mut events = Used::default();
    let busiest = busiest(all);
    add(&mut events, life.events);
    add(&mut events, life.deliveries);
    let endpoint = PARTITIONS.endpoint;
    let followed = (units(&life.sums), units(&events), life.on_bus);
    let planned = (
        (SUMS.writes, SUMS.half_reads),
        (EVENTS.writes, EVENTS.half_reads),
        EVENTS.events,
    );
    let of_account = Partitions {
        endpoint,
        ..busiest
    };
    assert_eq!(
        (found, followed, of_account, [lasting, passing]),
        (known, planned, PARTITIONS, [BYTES, EVENTS.bytes]),
        "found and known"
    );
}

#[tokio::test]
async fn each_webhook_endpoint_uses_what_the_plan_computes_with() {
    let (life, [_, passing]) = measured(1).await;
    let all = [&life.events, &life.deliveries].into_iter();
    let endpoint = busiest(all).endpoint;
    let (written, read) = units(&life.events);
    let (more, looked) = units(&life.deliveries);
    let (writes, half_reads) = (written + more, read + looked);
    assert_eq!(
        (
            writes - EVENTS.writes,
            half_reads - EVENTS.half_reads,
            passing - EVENTS.bytes,
            endpoint
        ),
        (
            WEBHOOK.writes,
            WEBHOOK.half_reads,
            WEBHOOK.bytes,
            PARTITIONS.endpoint
        ),
        "found and known"
    );
}

#[tokio::test]
async fn notes_make_a_bill_dearer_by_what_they_weigh() {
    let scene = Scene::new(0).await;
    let world: &World = &scene.platform.world;
    for name in STEPS {
        step(&scene.platform, &scene.pbx, name, CALLER, "").await;
        world.wait(20);
    }
    world.wait(86_400);
    step(&scene.platform, &scene.pbx, "terminating", CALLER, "").await;
    let notes = "n".repeat(4_000);
    let before = capacity::items(world);
    scene.proxy.heal();
    step(&scene.platform, &scene.pbx, "bill", CALLER, &notes).await;
    let used = scene.used(&before).await;
    let after = capacity::items(world);
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
