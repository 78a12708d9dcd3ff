//! Erasing a person's number: no digit of it is left, and every sum is what it was.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use callbook::ledger::{
    ErasureOutcome, ErasureReceipt, ErasureRefusal, ErasureRequest, KindCounts, Ledger, PastCall,
};
use callbook::model::account::{Account, AccountId};
use callbook::model::call::{CallingParty, Direction};
use callbook::model::cost::Cost;
use callbook::model::pair::external_id::ExternalId;
use callbook::model::phone::PhoneNumber;
use callbook::model::time::Instant;
use callbook_audit::{Item, text};
use callbook_local::engine::TABLE;
use callbook_tests::faults::{self, Fault};
use callbook_tests::tld::{CID, DID, Platform};
use callbook_tests::{World, truecnam};

use crate::audit::correct;

fn phone(number: &str) -> PhoneNumber {
    PhoneNumber::parse(number).expect("a number")
}

fn request<'a>(world: &World, account: &'a Account, number: &'a PhoneNumber) -> ErasureRequest<'a> {
    ErasureRequest {
        account,
        number,
        by: "jane",
        reason: "asked by letter",
        despite_repeats: false,
        now: world.clock.now(),
    }
}

async fn erase(world: &World, account: &Account, number: &PhoneNumber) -> ErasureOutcome {
    let request = request(world, account, number);
    let erased = world.ledger.erase_number(&request, &|_| {}).await;
    erased.expect("the store")
}

fn receipt(outcome: ErasureOutcome) -> ErasureReceipt {
    match outcome {
        ErasureOutcome::Erased(receipt) => receipt,
        other => panic!("it is erased: {other:?}"),
    }
}

/// Whether any item of the table, or its key, has the digits in any notation that people use.
fn left(world: &World, number: &PhoneNumber) -> Vec<String> {
    let national = number.national_digits();
    let reversed: String = number.digits().chars().rev().collect();
    let items = world.engine.items().expect("the table is read");
    let has = |item: &&Item| {
        let plain: String = format!("{item:?}")
            .chars()
            .filter(|letter| !" -().".contains(*letter))
            .collect();
        plain.contains(&national) || plain.contains(&reversed)
    };
    let found = items.iter().filter(has);
    found
        .map(|item| text(item, "type").unwrap_or_default().to_owned())
        .collect()
}

/// Every amount of the table by the type of its item and what it counts as.
fn sums(world: &World) -> BTreeMap<String, Vec<String>> {
    let mut sums: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for item in world.engine.items().expect("the table is read") {
        let kind = text(&item, "type").unwrap_or_default().to_owned();
        let state = text(&item, "state").unwrap_or_default();
        for name in ["cost", "total_cost", "adjusted"] {
            if let Some(amount) = item.get(name).and_then(|amount| amount.as_n().ok()) {
                let all = sums.entry(format!("{kind} {state} {name}")).or_default();
                all.push(amount.clone());
            }
        }
    }
    for all in sums.values_mut() {
        all.sort();
    }
    sums
}

/// A deployment with the table that the tests of the auditor use: every type of item.
async fn everything() -> (World, Account) {
    let correct = correct::correct().await;
    let world = World::new().await;
    let client = world.engine.client();
    // What the stream made is made again from what is written here.
    let derived = ["sums", "callers", "settling", "rollup_shard"];
    for item in correct.items {
        if !derived.contains(&text(&item, "type").unwrap_or_default()) {
            let put = client.put_item().table_name(TABLE).set_item(Some(item));
            put.send().await.expect("the item is written");
        }
    }
    world.clock.set(Instant::from_millis(correct.now));
    let id = AccountId::parse(&correct.account).expect("an id");
    let account = world.ledger.account(&id).await.expect("the store");
    (world, account.expect("the account"))
}

#[tokio::test]
async fn each_person_of_a_table_with_everything_is_erased_and_the_audit_is_content() {
    let (world, account) = everything().await;
    // What is live and what counts for a day is over.
    world.wait(2 * 86_400);
    let persons = [
        correct::REGULAR,
        correct::ONCE,
        correct::REUSED,
        correct::SOLD,
        correct::IMPORTED,
        CID,
        truecnam::OTHER,
    ];
    for person in persons {
        let person = phone(person);
        let before = sums(&world);
        assert_ne!(
            left(&world, &person),
            Vec::<String>::new(),
            "{}",
            person.masked()
        );
        let plan = request(&world, &account, &person);
        let plan = world
            .ledger
            .plan_erasure(&plan, &|_| {})
            .await
            .expect("the store");
        assert_eq!(plan.refusal, None, "{}", person.masked());
        let unchanged = sums(&world);
        assert_eq!(before, unchanged, "a plan changes nothing");
        let receipt = receipt(erase(&world, &account, &person).await);
        assert_eq!(
            left(&world, &person),
            Vec::<String>::new(),
            "{}",
            person.masked()
        );
        assert_eq!(sums(&world), before, "every cent is where it was");
        assert_eq!(receipt.found, plan.found);
        assert_eq!(receipt.changed, receipt.found);
        assert!(receipt.finished.is_some());
        assert!(receipt.pseudonym.as_e164().starts_with("+999"));
        let told = format!("{receipt:?}");
        assert!(!told.contains(&person.national_digits()), "{told}");
        assert_eq!(
            erase(&world, &account, &person).await,
            ErasureOutcome::Nothing
        );
    }
    let receipts = world.ledger.erasures(&account.id).await.expect("the store");
    // The table had one before.
    assert_eq!(receipts.len(), persons.len() + 1);
    // The stream takes the callers out of the sums and puts the pseudonyms in.
    world.roll_up().await;
}

/// A platform whose caller has calls, bills with and without a call, feedback and a lead.
async fn billed(platform: &Platform) {
    let Platform { world, .. } = platform;
    platform.call().await;
    for (cost, more) in [
        ("1", vec![("call_id", "x-2069735101")]),
        ("2.50", vec![("notes", "Call (206) 973-5101 back")]),
    ] {
        let reply = platform.bill(cost, &more).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        world.wait(61);
    }
}

#[tokio::test]
async fn a_number_in_notes_and_ids_of_vendors_is_replaced_wherever_it_stands() {
    let platform = Platform::new().await;
    billed(&platform).await;
    platform.world.wait(86_400);
    let cid = phone(CID);
    let receipt = receipt(erase(&platform.world, &platform.account, &cid).await);
    assert_eq!(left(&platform.world, &cid), Vec::<String>::new());
    let digits = receipt.pseudonym.digits().to_owned();
    let items = platform.world.items("cost").await;
    let rest = digits.strip_prefix("999").unwrap();
    let notes = format!("Call (998{} back", &rest[..7]);
    assert!(
        items.iter().any(|cost| cost.text("notes") == notes),
        "{notes}"
    );
    let id = format!("x-998{}", &rest[..7]);
    assert!(items.iter().any(|cost| cost.text("call_id") == id), "{id}");
}

#[tokio::test]
async fn what_comes_after_an_erasure_is_of_an_unknown_person() {
    let platform = Platform::new().await;
    billed(&platform).await;
    platform.world.wait(86_400);
    let cid = phone(CID);
    receipt(erase(&platform.world, &platform.account, &cid).await);
    platform.call().await;
    let again = platform.bill("7", &[]).await;
    assert_eq!((again.status, &again.json()["updated"]), (200, &1.into()));
    platform.world.wait(86_400);
    let second = receipt(erase(&platform.world, &platform.account, &cid).await);
    let receipts = platform
        .world
        .ledger
        .erasures(&platform.account.id)
        .await
        .unwrap();
    assert_eq!(receipts.len(), 2);
    assert!(
        receipts
            .iter()
            .filter(|one| one.pseudonym == second.pseudonym)
            .count()
            == 1
    );
}

#[tokio::test]
async fn a_number_of_the_account_or_in_use_is_not_erased() {
    let platform = Platform::new().await;
    let (world, account) = (&platform.world, &platform.account);
    let did = phone(DID);
    world
        .ledger
        .register_number(account, &did, world.clock.now())
        .await
        .expect("the store");
    let own = erase(world, account, &did).await;
    let ErasureOutcome::Refused(ErasureRefusal::Settings(kinds)) = own else {
        panic!("{own:?}");
    };
    assert!(kinds.contains(&"number".to_owned()), "{kinds:?}");
    let cid = phone(CID);
    platform.call().await;
    assert_eq!(platform.bill("3", &[]).await.status, 200);
    let now = world.clock.now();
    let early = erase(world, account, &cid).await;
    let until = now.plus(Duration::from_secs(600));
    assert_eq!(
        early,
        ErasureOutcome::Refused(ErasureRefusal::Repeats(until))
    );
    let request = ErasureRequest {
        despite_repeats: true,
        ..request(world, account, &cid)
    };
    let erased = world.ledger.erase_number(&request, &|_| {}).await.unwrap();
    receipt(erased);
    assert_eq!(left(world, &cid), Vec::<String>::new());
}

/// Imports calls of a caller, each with a cost, so many that no transaction holds them.
async fn import(world: &World, account: &Account, caller: &str, calls: u64) {
    let now = world.clock.now();
    for call in 0..calls {
        let started = now.minus(Duration::from_secs((calls - call) * 3_600));
        let past = PastCall {
            started,
            direction: Direction::Inbound,
            from: CallingParty::Number(phone(caller)),
            to: phone(DID),
            ended: None,
            seconds: Some(60),
            disposition: None,
            cost: Cost::parse("0.25").ok(),
            billed: Some(started),
            notes: None,
            external_id: ExternalId::parse(&format!("x{call}")).expect("an id"),
            call_sid: None,
        };
        let imported = world.ledger.import_call(account, &past, now).await;
        imported.expect("the store");
    }
}

fn of(counts: &KindCounts, kind: &str) -> u64 {
    counts.get(kind).copied().unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_that_is_cut_off_anywhere_is_finished_by_the_next() {
    const CALLS: u64 = 40;
    // The writes after which the store is gone for the command; each is another run of the same erasure.
    for cuts in [1, 2, 3] {
        let (world, proxy) = faults::world().await;
        let account = world.account().await;
        import(&world, &account, CID, CALLS).await;
        let before = sums(&world);
        let cid = phone(CID);
        let client = Ledger::new(proxy.client(), TABLE);
        let mut runs = 0;
        let erased = loop {
            let written = Arc::new(AtomicUsize::new(0));
            proxy.plan(move |seen| {
                let cut = seen.verb == "TransactWriteItems"
                    && written.fetch_add(1, Ordering::Relaxed) >= cuts;
                cut.then_some(Fault::Down)
            });
            let request = request(&world, &account, &cid);
            runs += 1;
            match client.erase_number(&request, &|_| {}).await {
                Ok(outcome) => break receipt(outcome),
                Err(_) => assert!(runs < 60, "it goes on"),
            }
        };
        proxy.heal();
        assert!(runs > 1, "{cuts}: it was cut off");
        assert_eq!(left(&world, &cid), Vec::<String>::new(), "{cuts}");
        assert_eq!(sums(&world), before, "{cuts}");
        assert_eq!(
            of(&erased.changed, "pair_call"),
            CALLS,
            "{cuts}: {erased:?}"
        );
        assert_eq!(erased.changed, erased.found, "{cuts}");
        let receipts = world.ledger.erasures(&account.id).await.unwrap();
        assert_eq!(receipts.len(), 1, "{cuts}: one pseudonym");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_pair_is_refused_until_an_erasure_that_was_cut_off_is_finished() {
    let (mut world, proxy) = faults::world().await;
    // The vendor's requests do not go through the proxy, which cuts the command off.
    world.app = world.another_instance();
    let platform = Platform::on(world, |_| {}).await;
    let (world, account) = (&platform.world, &platform.account);
    import(world, account, CID, 40).await;
    let cid = phone(CID);
    let request = request(world, account, &cid);
    let plan = world.ledger.plan_erasure(&request, &|_| {}).await.unwrap();
    assert!(plan.halts_pairs);
    let marked = || {
        let heads = world.raw_items("pair");
        heads.iter().any(|head| head.contains_key("moving"))
    };
    let client = Ledger::new(proxy.client(), TABLE);
    for cuts in 1..20 {
        let written = AtomicUsize::new(0);
        proxy.plan(move |seen| {
            let cut = seen.verb == "TransactWriteItems"
                && written.fetch_add(1, Ordering::Relaxed) >= cuts;
            cut.then_some(Fault::Down)
        });
        let cut = client.erase_number(&request, &|_| {}).await;
        assert!(cut.is_err(), "{cuts}: it was cut off");
        if marked() {
            break;
        }
    }
    assert!(marked());
    assert_eq!(platform.bill("9", &[]).await.status, 503);
    let other = [("cid", "+13105550111")];
    let fields = [&[("did", DID), ("cost", "9")][..], &other].concat();
    assert_eq!(platform.form(&fields).await.status, 200, "another caller");
    let calls = world.items("call").await;
    assert_eq!(calls.len(), 40, "calls are listed meanwhile");
    receipt(world.ledger.erase_number(&request, &|_| {}).await.unwrap());
    assert!(!marked());
    assert_eq!(platform.bill("9", &[]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bills_that_come_during_an_erasure_are_recorded_once_and_found() {
    let (mut world, proxy) = faults::world().await;
    // The vendor's requests do not go through the proxy, which waits for them.
    world.app = world.another_instance();
    let platform = Arc::new(Platform::on(world, |_| {}).await);
    billed(&platform).await;
    platform.world.wait(86_400);
    let before: usize = sums(&platform.world).values().map(Vec::len).sum();
    let client = Ledger::new(proxy.client(), TABLE);
    let late = Arc::clone(&platform);
    // The record of the erasure is written, and then the caller calls and is billed.
    proxy.before_next("Scan", async move {
        late.call().await;
        let reply = late.bill("9", &[]).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    });
    let cid = phone(CID);
    let request = ErasureRequest {
        despite_repeats: true,
        ..request(&platform.world, &platform.account, &cid)
    };
    let erased = client.erase_number(&request, &|_| {}).await.unwrap();
    receipt(erased);
    assert_eq!(left(&platform.world, &cid), Vec::<String>::new());
    let after: usize = sums(&platform.world).values().map(Vec::len).sum();
    assert!(after > before, "the bill is there");
}

#[tokio::test]
async fn another_account_keeps_what_it_knows_of_the_person() {
    let platform = Platform::new().await;
    billed(&platform).await;
    let account = platform.world.account().await;
    import(&platform.world, &account, CID, 2).await;
    platform.world.wait(86_400);
    let cid = phone(CID);
    receipt(erase(&platform.world, &platform.account, &cid).await);
    let kinds = left(&platform.world, &cid);
    assert!(kinds.contains(&"pair_call".to_owned()), "{kinds:?}");
    receipt(erase(&platform.world, &account, &cid).await);
    assert_eq!(left(&platform.world, &cid), Vec::<String>::new());
}
