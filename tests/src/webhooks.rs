//! Webhooks in tests: endpoints of this machine, events that are handed out, and the deliverer.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use callbook::deliver::Deliverer;
use callbook::ids;
use callbook::ledger::{Creation, Ledger};
use callbook::model::account::{Account, AccountId};
use callbook::model::event::{Event, EventId, EventType, LineKey};
use callbook::model::webhook::{
    Concurrency, Delivery, DeliveryState, Endpoint, EndpointId, EndpointState, EndpointUrl,
    SigningSecret, WebhookFormat,
};
use callbook::outbound::{Addresses, Outbound};
use serde_json::json;

use crate::World;
use crate::receiver::{Got, Manner, Receiver};

/// How long a receiver may take in tests.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// How many events a proof has at most whose table is audited.
const MOST_AUDITED: usize = 1_000;

/// A new endpoint of this machine that wants everything.
#[must_use]
pub fn endpoint(world: &World, url: &str) -> Endpoint {
    Endpoint {
        id: ids::endpoint_id(),
        url: EndpointUrl::parse_local(url).expect("a URL"),
        format: WebhookFormat::Standard,
        method: None,
        events: None,
        description: None,
        status: EndpointState::Enabled,
        off_reason: None,
        off_since: None,
        concurrency: Concurrency::default(),
        created_at: world.clock.now(),
        revision: 0,
    }
}

/// Creates an endpoint, and returns its secret.
///
/// # Panics
/// Panics if it is not created.
pub async fn create(world: &World, account: &Account, endpoint: &Endpoint) -> SigningSecret {
    let secret = ids::signing_secret().expect("entropy");
    let created = world
        .ledger
        .create_webhook(&account.id, endpoint.clone(), secret.clone(), None);
    let created = created.await.expect("the store answers");
    assert_eq!(created, Creation::Created(endpoint.clone()));
    secret
}

/// A deliverer for receivers of this machine.
#[must_use]
pub fn deliverer(world: &World, ledger: Ledger) -> Deliverer {
    impatient(world, ledger, PATIENCE)
}

/// A deliverer that waits so long for a receiver.
fn impatient(world: &World, ledger: Ledger, patience: Duration) -> Deliverer {
    let outbound = Outbound::new(Addresses::PublicAndLoopback).expect("TLS");
    Deliverer {
        ledger,
        outbound: outbound.with_patience(patience),
        clock: world.clock.clone(),
        name: None,
    }
}

/// The `nth` event of a line.
#[must_use]
pub fn event(world: &World, account: &AccountId, line: &str, nth: usize) -> Event {
    let time = world.clock.now();
    Event {
        id: EventId::of(&["test", line, &nth.to_string()]),
        kind: EventType::RapidResponseQueued,
        account: account.clone(),
        subject: format!("queue/{nth}"),
        time,
        line: LineKey::of(&[line]),
        place: format!("{:010}#{nth:040}#00", time.seconds()),
        data: json!({"id": nth, "callee": "+12065550100", "whisper_text": "Hello & welcome"}),
    }
}

/// The deliveries to an endpoint, the latest first.
pub async fn deliveries(world: &World, account: &Account, id: &EndpointId) -> Vec<Delivery> {
    let now = world.clock.now();
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = world
            .ledger
            .deliveries(&account.id, id, before.as_ref(), (100, now));
        let page = page.await.expect("the store answers");
        all.extend(page.deliveries);
        before = page.last;
        if before.is_none() {
            return all;
        }
    }
}

/// What a proof came to.
#[derive(Debug)]
pub struct Proof {
    /// How many events there were.
    pub events: usize,
    /// How many requests came to the receiver.
    pub requests: usize,
    /// How many times a receiver took an event that it had.
    pub repeats: usize,
    /// From the hand-out to the first time that the receiver took it, by the test's clock, sorted.
    pub delays: Vec<Duration>,
}

impl Proof {
    /// The delay that a share of the events did not exceed, in percent.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> Duration {
        let last = self.delays.len().saturating_sub(1);
        self.delays[last * percent / 100]
    }
}

/// A receiver that misbehaves with so many of a hundred requests.
fn misbehaving(percent: u8, seed: u64) -> impl FnMut(&Got) -> Manner + Send + 'static {
    let mut dice = fastrand::Rng::with_seed(seed);
    move |_| {
        if dice.u8(0..100) >= percent {
            return match dice.u8(0..10) {
                0 => Manner::Slow,
                _ => Manner::Take,
            };
        }
        match dice.u8(0..16) {
            0 => Manner::Hang,
            1 | 2 => Manner::Close,
            3 | 4 => Manner::TakeAndCut,
            5 => Manner::TakeAndCutLate,
            6 | 7 => Manner::Redirect,
            8 => Manner::Later(90),
            9 => Manner::Answer(400),
            10 => Manner::Answer(429),
            11 | 12 => Manner::Answer(500),
            _ => Manner::Answer(503),
        }
    }
}

/// How a proof goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Runs are cut off in the middle, and time leaps. Delays say nothing.
    Rough,
    /// A hundred events come every ten seconds, and what waits is looked for each minute, as the template does.
    /// Delays are those of the retries.
    Steady,
}

impl Pace {
    /// How many seconds pass after a round.
    fn pause(self, round: usize, is_handing_out: bool) -> u64 {
        match self {
            Self::Rough if round.is_multiple_of(5) => 600,
            Self::Rough => 7,
            Self::Steady if is_handing_out => 10,
            Self::Steady => 60,
        }
    }
}

/// Delivers events of `lines` lines to a receiver that misbehaves with `percent` of a hundred requests, with two
/// deliverers at once. Each event is handed out twice, and some runs are cut off in the middle.
///
/// # Panics
/// Panics if an event was not delivered, was delivered out of the order of its line, or came with two bodies.
pub async fn prove(events: usize, lines: usize, percent: u8, seed: u64) -> Proof {
    let world = World::new().await;
    let ledger = world.ledger.clone();
    let manner = (percent, seed, PATIENCE);
    prove_on(world, ledger, (events, lines), manner, Pace::Rough).await
}

/// As [`prove`], with deliverers that reach the store by `ledger`, which may fail them, and that wait so long for a
/// receiver.
///
/// # Panics
/// As [`prove`].
pub async fn prove_on(
    world: World,
    ledger: Ledger,
    (events, lines): (usize, usize),
    (percent, seed, patience): (u8, u64, Duration),
    pace: Pace,
) -> Proof {
    if events > MOST_AUDITED {
        world.leave_unaudited("the table is large, and tests audit smaller ones");
    }
    let account = world.account().await;
    let receiver = Receiver::start(&world.clock).await;
    let mut endpoint = endpoint(&world, &receiver.url("/hook"));
    endpoint.concurrency = Concurrency::new(Concurrency::MOST).expect("20");
    create(&world, &account, &endpoint).await;
    receiver.behave(misbehaving(percent, seed));
    let pair = [0, 1].map(|_| impatient(&world, ledger.clone(), patience));
    let mut handed = BTreeMap::new();
    let mut made: Vec<Event> = Vec::new();
    let mut round = 0;
    loop {
        // Events come while others are delivered.
        let from = made.len();
        let until = events.min(from + 100);
        let batch = from..until;
        let batch: Vec<Event> = batch
            .map(|nth| event(&world, &account.id, &format!("line {}", nth % lines), nth))
            .collect();
        let now = world.clock.now();
        // A batch of the stream may come twice.
        for _ in 0..2 {
            world
                .ledger
                .hand_out(&batch, now)
                .await
                .expect("the store answers");
        }
        handed.extend(
            batch
                .iter()
                .map(|event| (event.id.as_str().to_owned(), now)),
        );
        made.extend(batch);
        round += 1;
        match pace {
            Pace::Rough => deliver_once(&pair, round).await,
            Pace::Steady => drop(pair[0].deliver_all().await),
        }
        if made.len() == events && !is_pending(&world, &account, &endpoint.id).await {
            break;
        }
        assert!(round < 10_000, "deliveries do not come to an end");
        world.wait(pace.pause(round, made.len() < events));
    }
    let all = deliveries(&world, &account, &endpoint.id).await;
    assert_eq!(all.len(), events);
    let delivered = all
        .iter()
        .all(|delivery| delivery.state == DeliveryState::Delivered);
    assert!(delivered, "every event is delivered");
    checked(&made, &receiver.got(), &handed)
}

/// Runs both deliverers. Each third time one of them is cut off after a moment, in the middle of its work. What fails
/// stays due.
async fn deliver_once(pair: &[Deliverer; 2], round: usize) {
    let [one, other] = pair;
    if round.is_multiple_of(3) {
        let moment = Duration::from_millis(15);
        drop(tokio::time::timeout(moment, one.deliver_all()).await);
    }
    drop(tokio::join!(one.deliver_all(), other.deliver_all()));
}

async fn is_pending(world: &World, account: &Account, id: &EndpointId) -> bool {
    let far = world.clock.now().plus(Duration::from_secs(30 * 86_400));
    let due = world.ledger.due_deliveries(&account.id, id, far, 1);
    !due.await.expect("the store answers").is_empty()
}

/// Checks what the receiver got against what was handed out.
fn checked(
    made: &[Event],
    got: &[Got],
    handed: &BTreeMap<String, callbook::model::time::Instant>,
) -> Proof {
    let bodies: BTreeMap<&str, String> = made
        .iter()
        .map(|event| (event.id.as_str(), event.to_json()))
        .collect();
    let lines: BTreeMap<&str, (&str, &str)> = made
        .iter()
        .map(|event| {
            (
                event.id.as_str(),
                (event.line.as_str(), event.place.as_str()),
            )
        })
        .collect();
    let mut last: BTreeMap<&str, &str> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let (mut delays, mut repeats) = (Vec::new(), 0);
    for got in got {
        let id = got.header("webhook-id");
        assert_eq!(
            bodies.get(id),
            Some(&got.body),
            "the body of {id} is another one"
        );
        let (line, place) = lines[id];
        let before = last.insert(line, place);
        assert!(
            before.is_none_or(|before| before <= place),
            "{id} came after a later one"
        );
        if !got.taken {
            continue;
        }
        if seen.insert(id.to_owned()) {
            let delay = got.at.millis() - handed[id].millis();
            delays.push(Duration::from_millis(u64::try_from(delay).unwrap_or(0)));
        } else {
            repeats += 1;
        }
    }
    assert_eq!(seen.len(), made.len(), "some events never came");
    delays.sort_unstable();
    Proof {
        events: made.len(),
        requests: got.len(),
        repeats,
        delays,
    }
}
