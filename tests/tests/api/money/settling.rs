//! Entries that are decided in steps, because a report moves more than one transaction holds.

use std::sync::atomic::{AtomicBool, Ordering};

use callbook::ids;
use callbook::ledger::{Contact, Ledger, NewCall, StreamBatch};
use callbook::model::call::CallingParty;
use callbook::model::phone::PhoneNumber;
use callbook_local::engine::{Stream, TABLE};
use callbook_tests::faults::{self, Fault, Proxy};
use callbook_tests::office::{Office, TODAY, text};
use callbook_tests::tld::{CID, DID, Platform};
use serde_json::{Value, json};

const BILLS: usize = 25;

/// An office whose call was recorded behind its bills, by a request that stopped after its first transaction.
async fn stopped() -> (Office, Proxy) {
    let (world, proxy) = faults::world().await;
    let office = Office::of(Platform::on(world, |_| {}).await).await;
    for bill in 0..BILLS {
        let id = format!("x{bill}");
        office.bill("25", &[("call_id", &id)]).await;
    }
    let recorded = AtomicBool::new(false);
    proxy.plan(move |seen| {
        let stops = recorded.load(Ordering::Relaxed);
        if seen.verb == "TransactWriteItems" {
            recorded.store(true, Ordering::Relaxed);
        }
        stops.then_some(Fault::Down)
    });
    let number = |text| PhoneNumber::parse(text).unwrap();
    let (calling, called) = (CallingParty::Number(number(CID)), number(DID));
    let world = office.world();
    let call = NewCall {
        account: &office.platform.account,
        sid: ids::call_sid(world.clock.now(), 0),
        calling: &calling,
        called: &called,
        contact: &Contact::default(),
        guid: ids::guid(),
    };
    let ledger = Ledger::new(proxy.client(), TABLE);
    assert!(ledger.record_lookup(&call).await.is_err());
    let seen = proxy.seen();
    let first = seen.iter().find(|seen| seen.verb == "TransactWriteItems");
    let items = first.unwrap().body["TransactItems"]
        .as_array()
        .unwrap()
        .len();
    // For each entry its row and its place in the pair; and head, call, row, lead and first contact.
    assert_eq!(items, 2 * 20 + 5, "of the 100 that DynamoDB takes");
    proxy.heal();
    (office, proxy)
}

/// What says whether entries are being decided: the lists, and the story of the call.
async fn said(office: &Office) -> Vec<Value> {
    let costs = office.costs(&[]).await;
    let calls = office.read("calls", &TODAY).await;
    let path = format!("calls/{}", text(&calls["calls"][0]["call_sid"]));
    let story = office.read(&path, &[]).await;
    let said = [costs, calls, story];
    said.iter()
        .map(|answer| answer["settling"].clone())
        .collect()
}

#[tokio::test]
async fn lists_and_answers_say_it_until_the_stream_has_finished_it() {
    let (office, _proxy) = stopped().await;
    let world = office.world();
    let records = world.stream_records();
    let event = json!({"Records": records, "shardId": Stream::SHARD}).to_string();
    let batch = StreamBatch::read(event.as_bytes()).unwrap();
    let rolled = world.ledger.roll_up(&batch).await;
    assert!(rolled.failed.is_none(), "{rolled:?}");
    assert_eq!(said(&office).await, [true, true, true]);
    let unmatched = office.costs(&[("match", "unmatched")]).await;
    assert_eq!(unmatched["costs"].as_array().unwrap().len(), BILLS - 20);

    let answer = world
        .deliver_records(&world.ledger, &records)
        .await
        .unwrap();
    assert_eq!(answer["batchItemFailures"], json!([]));
    world.roll_up().await;
    assert_eq!(said(&office).await, [false, false, false]);
    let unmatched = office.costs(&[("match", "unmatched")]).await;
    assert_eq!(unmatched["costs"], json!([]));
    let calls = office.read("calls", &TODAY).await;
    assert_eq!(calls["calls"][0]["cost"], "625.0000");
}

#[tokio::test]
async fn a_batch_whose_pair_cannot_be_finished_comes_again() {
    let (office, proxy) = stopped().await;
    let world = office.world();
    let records = world.stream_records();
    // Sums need no pair; deciding its entries does.
    proxy.plan(|seen| (seen.verb == "Query").then_some(Fault::Down));
    let ledger = Ledger::new(proxy.client(), TABLE);
    let answer = world.deliver_records(&ledger, &records).await.unwrap();
    let first = &records[0]["dynamodb"]["SequenceNumber"];
    assert_eq!(
        answer["batchItemFailures"],
        json!([{"itemIdentifier": first}])
    );
    proxy.heal();
    let answer = world
        .deliver_records(&world.ledger, &records)
        .await
        .unwrap();
    assert_eq!(answer["batchItemFailures"], json!([]));
    world.roll_up().await;
    assert_eq!(said(&office).await, [false, false, false]);
}
