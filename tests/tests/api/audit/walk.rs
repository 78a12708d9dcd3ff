//! Concurrent random requests of every kind to a store that loses answers and refuses requests: whatever
//! their outcome, the table is correct.

use std::sync::Mutex;
use std::time::Duration;

use callbook::ids;
use callbook::ledger::{CostAct, CostDecision, Ledger, PastCall, StoreError};
use callbook::model::account::Account;
use callbook::model::call::{CallSid, CallingParty, CostId, Direction};
use callbook::model::cost::Cost;
use callbook::model::credential::{CredentialKind, Limits, Status};
use callbook::model::pair::external_id::ExternalId;
use callbook::model::phone::PhoneNumber;
use callbook_local::engine::TABLE;
use callbook_tests::faults::{self, Fault, Proxy};
use callbook_tests::fonedynamics::{FAR, FREE, NUMBER, OTHER, STRICT, Site, ask, path_of};
use callbook_tests::teletracker::{self, PROCESS, add_process};
use callbook_tests::tld::{FORM, PATH, form};
use callbook_tests::truecnam::{self, CALLING};
use callbook_tests::{Key, Reply, World, send_to};
use futures_util::{StreamExt, stream};
use serde_json::json;

/// Calling numbers, and called numbers below.
const CALLERS: [&str; 3] = ["+12065550177", "+12065550178", "+12065550179"];
const CALLERS_AND_WITHHELD: [&str; 4] = [CALLERS[0], CALLERS[1], CALLERS[2], "anonymous"];
const CALLED: [&str; 3] = [NUMBER, OTHER, "+16465557000"];

/// A pseudo-random generator with the same output on every machine: `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn index(&mut self, bound: usize) -> usize {
        let index = self.below(bound as u64);
        usize::try_from(index).expect("a small number")
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.index(of.len())]
    }
}

/// One deployment, and the ids that its clients know.
struct Walk {
    site: Site,
    bills: Key,
    calls: Key,
    feedback: Key,
    user: Key,
    /// Reaches the store as the functions do.
    ledger: Ledger,
    properties: Vec<String>,
    refresh_tokens: Mutex<Vec<String>>,
    seen_calls: Mutex<Vec<String>>,
    addresses: Mutex<Vec<String>>,
    costs: Mutex<Vec<String>>,
}

impl Walk {
    async fn new(world: World, proxy: &Proxy) -> Self {
        let site = Site::on(world, |account| account.carrier = true).await;
        let (world, account) = (&site.world, &site.account);
        add_process(world, account, PROCESS).await;
        let unlimited = |new: &mut callbook::model::credential::NewCredential| {
            new.limits = Limits::default();
        };
        let key = |kind| world.credential_with(account, kind, unlimited);
        let properties = vec![site.property("P").await, site.property("Q").await];
        Self {
            bills: key(CredentialKind::Tld).await,
            calls: key(CredentialKind::Truecnam).await,
            feedback: key(CredentialKind::Trestle).await,
            user: key(CredentialKind::User).await,
            properties,
            refresh_tokens: Mutex::default(),
            seen_calls: Mutex::default(),
            addresses: Mutex::default(),
            costs: Mutex::default(),
            ledger: Ledger::new(proxy.client(), TABLE),
            site,
        }
    }

    fn account(&self) -> &Account {
        &self.site.account
    }

    /// Sends one random request, and ignores whether it succeeds.
    async fn step(&self, random: &mut Random) {
        match random.below(15) {
            0 | 1 => self.call(random).await,
            2 | 3 => self.bill(random).await,
            11 => self.import(random).await,
            12 | 13 => self.decide(random).await,
            4 => self.say(random).await,
            5 => self.queue(random).await,
            6 => self.switch(random).await,
            7 | 8 => self.trade(random).await,
            9 => self.addresses(random).await,
            10 => self.sign_in(random).await,
            _ => self.operate(random).await,
        }
    }

    async fn call(&self, random: &mut Random) {
        let party = random.one(&[
            "terminating",
            "terminating",
            "orig_call_start",
            "orig_call_end",
        ]);
        let (calling, called) = match party {
            "terminating" => (random.one(&CALLERS), random.one(&CALLED)),
            _ => (CALLING, random.one(&CALLERS)),
        };
        let query = form(&[
            ("username", &self.calls.name),
            ("password", &self.calls.secret),
            ("call_party", party),
            ("calling_number", calling),
            ("called_number", called),
        ]);
        let path = format!("{}?{query}", truecnam::PATH);
        self.site.world.send("GET", &path, &[], b"").await;
    }

    async fn bill(&self, random: &mut Random) {
        let key = random.one(&["1", "2", "3", "", "", ""]);
        let cost = random.one(&["1", "2", "2.5"]);
        let mut headers = vec![
            ("tld-api-id", self.bills.name.as_str()),
            ("tld-api-key", self.bills.secret.as_str()),
            ("content-type", FORM),
        ];
        if !key.is_empty() {
            headers.push(("idempotency-key", key));
        }
        let (did, cid) = (random.one(&CALLED), random.one(&CALLERS_AND_WITHHELD));
        let now = self.site.world.clock.now().seconds();
        let moment = (now - 30).to_string();
        let date = random.one(&["", "", &moment, "2026-11-21", "2026-11-22"]);
        let id = random.one(&["", "", "i1", "i2", "{call_id}"]);
        let fields = [
            ("did", did),
            ("cid", cid),
            ("cost", cost),
            ("call_date", date),
            ("call_id", id),
        ];
        let fields: Vec<_> = fields
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .collect();
        let reply = self
            .site
            .world
            .send("POST", PATH, &headers, form(&fields).as_bytes())
            .await;
        self.remember(&self.costs, &reply, "cost_id");
    }

    /// Voids, pins or unpins a cost.
    async fn decide(&self, random: &mut Random) {
        let any = |list: &Mutex<Vec<String>>, random: &mut Random| {
            let list = list.lock().unwrap();
            let list: Vec<&str> = list.iter().map(String::as_str).collect();
            (!list.is_empty()).then(|| random.one(&list).to_owned())
        };
        let Some(cost) = any(&self.costs, random) else {
            return;
        };
        let call = any(&self.seen_calls, random).map(|sid| CallSid::parse(&sid).expect("a sid"));
        let decision = match (random.below(5), call) {
            (0, Some(call)) => CostDecision::Match(call),
            (1, _) => CostDecision::Unmatch,
            (2 | 3, _) => CostDecision::Void {
                all: random.below(2) == 0,
            },
            _ => CostDecision::Unpin,
        };
        let act = CostAct {
            account: self.account(),
            cost_id: &CostId::parse(&cost).expect("an id"),
            decision: &decision,
            by: "jane",
            reason: "a test",
            request: None,
            guid: ids::guid(),
            now: self.site.world.clock.now(),
        };
        let _decided = self.ledger.decide_cost(&act).await;
    }

    /// Imports a call of the past, with or without its cost.
    async fn import(&self, random: &mut Random) {
        let now = self.site.world.clock.now();
        let number = |text: &str| PhoneNumber::parse_e164(text).expect("a number");
        let started = now.minus(Duration::from_secs([0, 20, 50, 70, 4_000][random.index(5)]));
        let past = PastCall {
            started,
            direction: Direction::Inbound,
            from: CallingParty::Number(number(random.one(&CALLERS))),
            to: number(random.one(&CALLED)),
            ended: (random.below(2) == 0).then_some(now),
            seconds: None,
            disposition: None,
            cost: Cost::parse(random.one(&["", "1", "2"])).ok(),
            billed: None,
            notes: None,
            external_id: ExternalId::parse(random.one(&["", "i1", "i2"])).expect("an id"),
            call_sid: None,
        };
        let _imported = self.ledger.import_call(self.account(), &past, now).await;
    }

    async fn say(&self, random: &mut Random) {
        let name = Some(random.one(&["Jane", "John", ""])).filter(|name| !name.is_empty());
        let body = json!({
            "response_id": random.one(&["1", "2", "3", "4"]),
            "phone": random.one(&CALLERS),
            "name": name,
            "phone_status": random.one(&["Connected", "Disconnected"]),
            "phone_right_party_contact": random.below(4) > 0,
        });
        let headers = [("x-api-key", self.feedback.secret.as_str())];
        let body = body.to_string();
        self.site
            .world
            .send("POST", "/1.0/phone_feedback", &headers, body.as_bytes())
            .await;
    }

    async fn queue(&self, random: &mut Random) {
        let process = PROCESS.to_string();
        let parameters = [
            ("callee", random.one(&CALLERS)),
            ("whisper_text", "x"),
            ("callprocess_id", &process),
        ];
        let basic = teletracker::basic(&self.user);
        teletracker::respond(&self.site.world.app, &basic, &parameters).await;
    }

    /// Records or changes calls of another switch.
    async fn switch(&self, random: &mut Random) {
        let now = self.site.world.clock.now().seconds();
        let (started, ended) = ((now - 40).to_string(), (now - 10).to_string());
        let known = {
            let calls = self.seen_calls.lock().unwrap();
            let calls: Vec<&str> = calls.iter().map(String::as_str).collect();
            (!calls.is_empty() && random.below(3) == 0).then(|| random.one(&calls).to_owned())
        };
        let mut said = Vec::new();
        if random.below(2) == 0 {
            said.push(("Ended", ended.as_str()));
        }
        if random.below(2) == 0 {
            said.push(("Disposition", random.one(&["Answered", "Busy"])));
        }
        let path = match known {
            Some(sid) => format!("/v2/Calls/{sid}"),
            None => {
                let pair = match random.below(3) {
                    0 => [("From", random.one(&CALLED)), ("To", random.one(&CALLERS))],
                    _ => [("From", random.one(&CALLERS)), ("To", random.one(&CALLED))],
                };
                said.extend(pair);
                if random.below(2) == 0 {
                    said.push(("Started", &started));
                }
                format!("/v2/Properties/{}/Calls", self.property(random))
            }
        };
        let reply = self.site.post(&path, &said).await;
        self.remember(&self.seen_calls, &reply, "CallSid");
    }

    fn property(&self, random: &mut Random) -> &str {
        let properties: Vec<&str> = self.properties.iter().map(String::as_str).collect();
        let property = random.one(&properties);
        let found = self.properties.iter().find(|one| *one == property);
        found.expect("a property")
    }

    fn remember(&self, list: &Mutex<Vec<String>>, reply: &Reply, name: &str) {
        if reply.status == 200
            && let Some(text) = reply.json()[name].as_str()
        {
            list.lock().unwrap().push(text.to_owned());
        }
    }

    fn address(&self, random: &mut Random) -> Option<String> {
        let addresses = self.addresses.lock().unwrap();
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        (!addresses.is_empty()).then(|| random.one(&addresses).to_owned())
    }

    /// Buys, links or releases a number.
    async fn trade(&self, random: &mut Random) {
        let (app, key) = (&self.site.world.app, &self.site.key);
        let number = random.one(&[NUMBER, OTHER, FAR]);
        let address = self.address(random);
        match random.below(4) {
            0 | 1 => {
                let path = format!("/v2/Properties/{}/Numbers", self.property(random));
                let body = match address.filter(|_| random.below(2) == 0) {
                    Some(address) => json!({"Number": number, "AddressSid": address}),
                    None => json!({"Number": number}),
                };
                ask(app, key, "POST", &path, &body.to_string()).await;
            }
            2 => {
                let address = address.filter(|_| random.below(3) > 0).unwrap_or_default();
                let body = json!({ "AddressSid": address }).to_string();
                ask(app, key, "POST", &path_of(number), &body).await;
            }
            _ => {
                ask(app, key, "DELETE", &path_of(number), "").await;
            }
        }
    }

    async fn addresses(&self, random: &mut Random) {
        if let Some(address) = self.address(random).filter(|_| random.below(2) == 0) {
            self.site.delete(&format!("/v2/Addresses/{address}")).await;
            return;
        }
        let path = format!("/v2/Accounts/{}/Addresses", self.site.sid());
        let basic = teletracker::basic(&self.site.key);
        let headers = [
            ("authorization", basic.as_str()),
            ("content-type", callbook_tests::tld::JSON),
            ("idempotency-key", random.one(&["1", "2", "3", "4", "5"])),
        ];
        let country = random.one(&[FREE, STRICT]);
        let body = json!({"Line1": "1 Street", "City": "Town", "CountryCode": country}).to_string();
        let reply = send_to(
            &self.site.world.app,
            "POST",
            &path,
            &headers,
            body.as_bytes(),
        )
        .await;
        self.remember(&self.addresses, &reply, "AddressSid");
    }

    async fn sign_in(&self, random: &mut Random) {
        let app = &self.site.world.app;
        let token = {
            let tokens = self.refresh_tokens.lock().unwrap();
            // Mostly the latest token; an older one is treated as stolen.
            let back = if random.below(4) == 0 { 1 } else { 0 };
            tokens.iter().rev().nth(back).cloned()
        };
        let reply = match token.filter(|_| random.below(3) > 0) {
            Some(token) => {
                let parameters = [("refresh_token", token.as_str())];
                teletracker::post(app, teletracker::REFRESH, "", &parameters).await
            }
            None => teletracker::login(app, &self.user, &[]).await,
        };
        self.remember(&self.refresh_tokens, &reply, "refreshToken");
    }

    /// Delivers the stream in batches of any size, some of them twice or in part before the whole, to a store
    /// that still fails; what fails is delivered again.
    async fn follow(&self, random: &mut Random) {
        let world = &self.site.world;
        let records = world.stream_records();
        let mut left = records.as_slice();
        while !left.is_empty() {
            let (batch, rest) = left.split_at(1 + random.index(left.len().min(60)));
            if random.below(3) == 0 {
                let part = &batch[..random.index(batch.len())];
                world.deliver_records(&self.ledger, part).await;
            }
            let twice = random.below(4) == 0;
            for _ in 0..=usize::from(twice) {
                while world
                    .deliver_records(&self.ledger, batch)
                    .await
                    .is_none_or(|answer| answer["batchItemFailures"] != json!([]))
                {}
            }
            left = rest;
        }
    }

    /// Runs an operator's command, whose store requests do not fail.
    async fn operate(&self, random: &mut Random) {
        let (world, account) = (&self.site.world, self.account());
        let (ledger, now) = (&world.ledger, world.clock.now());
        let number = random
            .one(&[NUMBER, OTHER, FAR, &format!("+{CALLING}")])
            .to_owned();
        let number = PhoneNumber::parse_e164(&number).expect("a number");
        match random.below(6) {
            0 => {
                let registered = ledger.register_number(account, &number, now);
                let _registered = registered.await.unwrap();
            }
            1 => {
                let removed = ledger.remove_number(&account.id, &number, ids::guid(), now);
                let _removed = removed.await.unwrap();
            }
            2 | 3 => {
                let (opted_in, hours) =
                    (random.below(2) == 0, [1, 4, 48][random.below(3) as usize]);
                let changed = ledger.update_account(&account.id, |account| {
                    account.trueclid = opted_in;
                    account.live_call_hours = hours;
                    Ok::<_, StoreError>(())
                });
                changed.await.unwrap();
            }
            4 => {
                let status = [Status::Active, Status::Disabled][random.below(2) as usize];
                let id = &self.feedback.credential.id;
                let updated = ledger.set_credential_status(&account.id, id, status);
                let _updated = updated.await.unwrap();
            }
            _ => world.wait([1, 30, 90, 4_000, 90_000][random.below(5) as usize]),
        }
    }
}

/// The seeds of the walks. A seed does not determine how concurrent requests interleave, so a failure may not
/// recur on every run.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=3;

/// Requests per walk.
const STEPS: usize = 200;

/// Failures per thousand store requests: lost answers, transaction conflicts, throttled requests, and refused
/// connections.
const LOST: u64 = 60;
const CONFLICT: u64 = 60;
const THROTTLED: u64 = 40;
const DOWN: u64 = 20;

async fn walk(seed: u64) {
    let (world, proxy) = faults::world().await;
    let walk = Walk::new(world, &proxy).await;
    let faults = Mutex::new(Random(seed ^ u64::MAX));
    proxy.forget_tokens();
    proxy.plan(move |seen| {
        let chance = faults.lock().unwrap().below(1_000);
        let transaction = seen.verb == "TransactWriteItems";
        match chance {
            _ if chance < LOST => Some(Fault::LoseAnswer),
            _ if chance < LOST + CONFLICT => transaction.then_some(Fault::Conflict),
            _ if chance < LOST + CONFLICT + THROTTLED => Some(Fault::Throttle),
            _ if chance < LOST + CONFLICT + THROTTLED + DOWN => Some(Fault::Down),
            _ => None,
        }
    });
    let mut random = Random(seed);
    let seeds: Vec<u64> = (0..STEPS).map(|_| random.next()).collect();
    let walk = &walk;
    stream::iter(seeds)
        .for_each_concurrent(4, |seed| async move { walk.step(&mut Random(seed)).await })
        .await;
    walk.follow(&mut random).await;
    proxy.heal();
    walk.site.world.roll_up().await;
}

#[tokio::test]
async fn random_requests_with_failures_leave_a_correct_table() {
    for seed in SEEDS {
        walk(seed).await;
    }
}
