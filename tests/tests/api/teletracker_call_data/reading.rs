//! How much of the table a report reads, and its time limit.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use callbook::ids;
use callbook::model::account::Account;
use callbook_local::engine::TABLE;
use callbook_tests::call_data::{report, rows, user};
use callbook_tests::faults::{self, Proxy};
use callbook_tests::{Key, World};
use serde_json::Value;

use super::{TODAY, column};

/// A call: the second of the day in which it started, its shard, and its direction.
type Filled = (u64, u8, &'static str);

/// Writes calls into the table, each with a different other party.
async fn fill(world: &World, account: &Account, calls: impl IntoIterator<Item = Filled>) {
    let midnight = world.clock.now().minus(Duration::from_secs(12 * 3_600));
    let client = world.engine.client();
    let (mut puts, mut alone) = (Vec::new(), BTreeSet::new());
    for (number, (second, shard, direction)) in calls.into_iter().enumerate() {
        let started = midnight.plus(Duration::from_secs(second));
        let sid = ids::call_sid(started, shard);
        let other = format!("+1206{:07}", 2_000_000 + number);
        let (from, to) = match direction {
            "inbound" => (other.as_str(), "+13105550142"),
            _ => ("+13105550142", other.as_str()),
        };
        let texts = [
            ("pk", format!("A#{}#DAY#2026-11-21#{shard}", account.id)),
            ("sk", format!("CALL#{}", sid.as_str())),
            ("type", "call".to_owned()),
            ("call_sid", sid.as_str().to_owned()),
            ("account_id", account.id.to_string()),
            ("direction", direction.to_owned()),
            ("call_from", from.to_owned()),
            ("call_to", to.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), AttributeValue::S(value)));
        let numbers = [("v", 1), ("started_at", started.millis())]
            .map(|(name, value)| (name.to_owned(), AttributeValue::N(value.to_string())));
        let sources = AttributeValue::L(vec![AttributeValue::S("cdr".to_owned())]);
        let sources = [("sources".to_owned(), sources)];
        let item: HashMap<_, _> = texts.into_iter().chain(numbers).chain(sources).collect();
        alone.insert(shard);
        let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
        puts.push(WriteRequest::builder().put_request(put).build());
    }
    for batch in puts.chunks(25) {
        let sent = client
            .batch_write_item()
            .request_items(TABLE, batch.to_vec());
        let left = sent.send().await.unwrap().unprocessed_items;
        assert!(left.is_none_or(|left| left.is_empty()));
    }
    for shard in alone {
        let day = format!("A#{}#DAY#2026-11-21#{shard}", account.id);
        for rule in ["call-lead", "call-pair"] {
            let reason = "the test writes its calls directly, without pairs and leads";
            world.expect_finding(rule, (&day, "CALL#"), reason);
        }
    }
}

async fn account(shards: u8) -> (World, Proxy, Account, Key) {
    let (world, proxy) = faults::world().await;
    let account = world.account_with(|account| account.shards = shards).await;
    let key = user(&world, &account).await;
    (world, proxy, account, key)
}

/// The number of keys in each batch request.
fn batches(proxy: &Proxy) -> Vec<usize> {
    let seen = proxy.seen().into_iter();
    seen.filter(|seen| seen.verb == "BatchGetItem")
        .map(|seen| {
            let keys = &seen.body["RequestItems"][TABLE]["Keys"];
            keys.as_array().unwrap().len()
        })
        .collect()
}

/// All pages of a report, as the starts of their rows.
async fn pages(world: &World, key: &Key, parameters: &[(&str, &str)]) -> Vec<Vec<String>> {
    let (mut pages, mut token) = (Vec::new(), None::<String>);
    loop {
        let mut parameters = parameters.to_vec();
        parameters.extend(token.as_deref().map(|token| ("next_token", token)));
        let reply = report(world, key, &parameters).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let answer = reply.json();
        pages.push(column(answer["data"].as_array().unwrap(), "call_date"));
        match &answer["nextToken"] {
            Value::String(next) => token = Some(next.clone()),
            _ => return pages,
        }
    }
}

#[tokio::test]
async fn feedback_is_read_once_per_row_however_uneven_the_shards_are() {
    let (world, proxy, account, key) = account(8).await;
    let imported = (0..2_500).map(|n| (n * 10, 0, "inbound"));
    let live = (1..8).map(|shard| (40_000 + u64::from(shard), shard, "inbound"));
    fill(&world, &account, imported.chain(live)).await;
    rows(&world, &key, &TODAY).await;
    proxy.heal();
    assert_eq!(rows(&world, &key, &TODAY).await.len(), 2_507);
    let asked = batches(&proxy);
    assert_eq!(asked.iter().sum::<usize>(), 2_507);
    assert!(
        asked.len() <= 26 + 3,
        "a shard is read in three parts at most: {asked:?}"
    );
}

#[tokio::test]
async fn a_filtered_page_reads_little_more_than_it_answers() {
    let (world, proxy, account, key) = account(1).await;
    let ways = ["outbound", "inbound"];
    let calls = (0..3_000).map(|n| (n, 0, ways[usize::from(n % 2 == 1)]));
    fill(&world, &account, calls).await;
    rows(&world, &key, &[&TODAY[..], &[("limit", "1")]].concat()).await;
    for (limit, most) in [("1", 64), ("40", 64 + 128), ("1000", 1_000 + 2_000)] {
        proxy.heal();
        let asked = [("direction", "inbound"), ("limit", limit)];
        let found = rows(&world, &key, &[&TODAY[..], &asked].concat()).await;
        let limit: usize = limit.parse().unwrap();
        assert_eq!(found.len(), limit);
        assert_eq!(batches(&proxy).iter().sum::<usize>(), limit);
        let seen = proxy.seen().into_iter();
        let looked: u64 = seen
            .filter(|seen| seen.verb == "Query")
            .map(|seen| seen.body["Limit"].as_u64().unwrap())
            .sum();
        assert!(looked <= most, "{looked} calls were read for {limit} rows");
    }
}

#[tokio::test]
async fn filtered_pages_contain_every_row_once_and_in_order_with_any_number_of_shards() {
    for shards in [1, 3, 8] {
        let (world, _proxy, account, key) = account(shards).await;
        // The shards cover different times, and the matching calls are spread unevenly.
        let calls = (0..900_u64).map(|n| {
            let shard = u8::try_from(n * n / 7 % u64::from(shards)).unwrap();
            let way = match n % 3 == 0 || n / 100 == 4 {
                true => "inbound",
                false => "outbound",
            };
            (n * 3, shard, way)
        });
        fill(&world, &account, calls).await;
        let inbound = [&TODAY[..], &[("direction", "inbound")]].concat();
        let whole = column(&rows(&world, &key, &inbound).await, "call_date");
        assert_eq!(whole.len(), 367);
        assert!(whole.is_sorted());
        for limit in ["7", "50", "366", "367"] {
            let limited = [&inbound[..], &[("limit", limit)]].concat();
            let pages = pages(&world, &key, &limited).await;
            assert_eq!(
                pages.concat(),
                whole,
                "{shards} shards, {limit} rows per page"
            );
            let limit: usize = limit.parse().unwrap();
            assert_eq!(pages.len(), 367_usize.div_ceil(limit));
        }
    }
}

/// Makes each query take `seconds`, by the clock that the functions read.
fn slow_down(world: &World, proxy: &Proxy, seconds: u64) {
    let clock = world.clock.clone();
    proxy.plan(move |seen| {
        if seen.verb == "Query" {
            clock.set(clock.now().plus(Duration::from_secs(seconds)));
        }
        None
    });
}

#[tokio::test]
async fn a_slow_page_ends_early_and_the_next_continues_after_it() {
    for shards in [1, 3] {
        let (world, proxy, account, key) = account(shards).await;
        let calls = (0..1_500_u64).map(|n| {
            let way = match n {
                0 | 700 | 1_499 => "inbound",
                _ => "outbound",
            };
            (n, u8::try_from(n % u64::from(shards)).unwrap(), way)
        });
        fill(&world, &account, calls).await;
        let asked = [&TODAY[..], &[("direction", "inbound"), ("limit", "10")]].concat();
        let whole = pages(&world, &key, &asked).await;
        assert_eq!((whole.len(), whole[0].len()), (1, 3));
        slow_down(&world, &proxy, 2);
        let slow = pages(&world, &key, &asked).await;
        assert!(slow.len() > 2, "{slow:?}");
        assert_eq!(slow.concat(), whole.concat(), "{shards} shards");
    }
}

#[tokio::test]
async fn a_slow_report_without_pages_is_refused() {
    let (world, proxy, account, key) = account(1).await;
    fill(&world, &account, [(0, 0, "inbound")]).await;
    let month = [("start_date", "2026-11-01"), ("end_date", "2026-11-21")];
    assert_eq!(rows(&world, &key, &month).await.len(), 1);
    slow_down(&world, &proxy, 1);
    let reply = report(&world, &key, &month).await;
    assert_eq!(
        (reply.status, &reply.json()["errorCode"]),
        (422, &"RESULT_TOO_LARGE".into())
    );
    let pages = pages(&world, &key, &[&month[..], &[("limit", "10")]].concat()).await;
    assert_eq!(pages.concat().len(), 1);
}
