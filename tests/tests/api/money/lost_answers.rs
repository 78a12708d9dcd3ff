//! Bills on a store that loses answers, garbles them and is slow. Clients send again whatever is answered with
//! 503, and some send what was acknowledged again: each bill is acknowledged once, and stands in the ledger once.

use std::collections::BTreeMap;

use callbook::model::credential::{CredentialKind, Limits};
use callbook::model::time::Instant;
use callbook_tests::faults::{self, Proxy};
use callbook_tests::office::{Office, column, sum, text};
use callbook_tests::tld::{FORM, PATH, Platform, form};
use callbook_tests::{Key, NOON, Reply, World, send_to};
use futures_util::{StreamExt, stream};

/// How many bills are sent, always and by hand.
const SOME: usize = 300;
const MANY: usize = 10_000;

/// Bills in a row that share a pair, and come one after the other.
const OF_A_PAIR: usize = 5;

/// How a platform is known to send its bills.
#[derive(Clone, Copy)]
struct Habit {
    /// The account's repeat window, in minutes.
    repeat_window: u32,
    /// Whether each bill carries the platform's id of the call.
    call_ids: bool,
}

struct Bill {
    did: String,
    cid: String,
    /// In ten-thousandths, another for each bill.
    amount: usize,
    call_id: String,
}

impl Bill {
    fn new(index: usize) -> Self {
        let pair = index / OF_A_PAIR;
        Self {
            did: format!("+1310555{:04}", 100 + pair % 20),
            cid: format!("+120697{:05}", 30_000 + pair),
            amount: 10_000 + index,
            call_id: format!("ring-{index}"),
        }
    }

    fn body(&self, habit: Habit) -> String {
        let cost = format!("{}.{:04}", self.amount / 10_000, self.amount % 10_000);
        let mut fields = vec![
            ("did", self.did.as_str()),
            ("cid", self.cid.as_str()),
            ("cost", cost.as_str()),
        ];
        if habit.call_ids {
            fields.push(("call_id", self.call_id.as_str()));
        }
        form(&fields)
    }
}

/// Sends a bill until it is not answered with 503.
async fn acknowledged(world: &World, key: &Key, body: &str) -> Reply {
    let headers = [
        ("tld-api-id", key.name.as_str()),
        ("tld-api-key", key.secret.as_str()),
        ("content-type", FORM),
    ];
    for _ in 0..50 {
        world
            .clock
            .set(Instant::from_millis(world.clock.now().millis() + 1));
        let reply = send_to(&world.app, "POST", PATH, &headers, body.as_bytes()).await;
        if reply.status != 503 {
            return reply;
        }
    }
    panic!("answered with 503 again and again");
}

/// The bills of one pair, in order. Every third is sent once more after its answer. Returns the amount of
/// each cost id.
async fn bill_pair(office: &Office, key: &Key, habit: Habit, pair: usize) -> Vec<(String, usize)> {
    let mut told = Vec::new();
    for index in pair * OF_A_PAIR..(pair + 1) * OF_A_PAIR {
        let bill = Bill::new(index);
        let body = bill.body(habit);
        let reply = acknowledged(office.world(), key, &body).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let id = text(&reply.json()["cost_id"]);
        let known = habit.call_ids || habit.repeat_window > 0;
        if known && index % 3 == 0 {
            let again = acknowledged(office.world(), key, &body).await;
            assert_eq!(text(&again.json()["cost_id"]), id, "{}", again.body);
        }
        told.push((id, bill.amount));
    }
    told
}

/// Every cost of the day by its id, in ten-thousandths, and the sum that the list ends with.
async fn listed(office: &Office) -> (BTreeMap<String, String>, (u64, String)) {
    let mut costs = BTreeMap::new();
    let mut cursor = String::new();
    loop {
        let mut more = vec![("limit", "200")];
        if !cursor.is_empty() {
            more.push(("cursor", cursor.as_str()));
        }
        let list = office.costs(&more).await;
        let ids = column(&list["costs"], "cost_id");
        costs.extend(ids.into_iter().zip(column(&list["costs"], "amount")));
        match list["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return (costs, sum(&list, "acknowledged")),
        }
    }
}

async fn send_all(proxy: &Proxy, office: &Office, habit: Habit, bills: usize) {
    let world = office.world();
    let key = world
        .credential_with(&office.platform.account, CredentialKind::Tld, |new| {
            new.limits = Limits::default();
        })
        .await;
    let mut told = Vec::new();
    let pairs: Vec<usize> = (0..bills / OF_A_PAIR).collect();
    for some in pairs.chunks(100) {
        proxy.break_answers();
        let billed = some
            .iter()
            .map(|pair| bill_pair(office, &key, habit, *pair));
        let billed: Vec<_> = stream::iter(billed).buffer_unordered(8).collect().await;
        told.extend(billed.into_iter().flatten());
    }
    proxy.heal();
    let sent: usize = told.iter().map(|(_, amount)| amount).sum();
    let told: BTreeMap<String, String> = told
        .into_iter()
        .map(|(id, amount)| (id, format!("{}.{:04}", amount / 10_000, amount % 10_000)))
        .collect();
    let (listed, (count, amount)) = listed(office).await;
    assert_eq!(told.len(), bills, "each acknowledged once");
    assert_eq!(listed, told);
    assert_eq!(count, bills as u64);
    assert_eq!(amount, format!("{}.{:04}", sent / 10_000, sent % 10_000));
}

async fn every_bill_counts_once(habit: Habit, bills: usize) {
    let (world, proxy) = faults::world().await;
    world.clock.set(Instant::from_millis(NOON));
    // A store that has forgotten its tokens leaves it to the ledger to know its own writes.
    proxy.forget_tokens();
    let platform = Platform::on(world, |account| {
        account.repeat_window_minutes = habit.repeat_window;
    });
    let office = Office::of(platform.await).await;
    send_all(&proxy, &office, habit, bills).await;
}

const WINDOW: Habit = Habit {
    repeat_window: 10,
    call_ids: false,
};
const CALL_IDS: Habit = Habit {
    repeat_window: 0,
    call_ids: true,
};

#[tokio::test]
async fn bills_without_ids_count_once_within_the_repeat_window() {
    every_bill_counts_once(WINDOW, SOME).await;
}

#[tokio::test]
async fn bills_with_call_ids_count_once_without_a_repeat_window() {
    every_bill_counts_once(CALL_IDS, SOME).await;
}

#[tokio::test]
#[ignore = "takes minutes: the same with fewer bills runs always"]
async fn ten_thousand_bills_without_ids_count_once() {
    every_bill_counts_once(WINDOW, MANY).await;
}

#[tokio::test]
#[ignore = "takes minutes: the same with fewer bills runs always"]
async fn ten_thousand_bills_with_call_ids_count_once() {
    every_bill_counts_once(CALL_IDS, MANY).await;
}
