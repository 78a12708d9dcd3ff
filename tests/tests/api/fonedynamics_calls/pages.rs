//! Pages of calls.

use std::collections::BTreeSet;
use std::time::Duration;

use callbook_tests::NOON;
use callbook_tests::faults as store;
use callbook_tests::fd_calls::{each, faults, get, list, of_account, of_property, property, token};
use serde_json::{Value, json};

use super::{Desk, JANE, JOHN, OTHER, OURS};

/// Records one call for each of `seconds`, counted from an hour ago.
async fn record(desk: &Desk, seconds: impl IntoIterator<Item = u64>) {
    for second in seconds {
        let started = (1_795_258_800 + second).to_string();
        desk.record(JANE, OURS, &[("Started", &started)]).await;
    }
}

fn seconds(list: &Value) -> Vec<i64> {
    let calls = list["Calls"].as_array().unwrap().iter();
    calls
        .map(|call| call["Started"].as_i64().unwrap() - 1_795_258_800)
        .collect()
}

fn next(list: &Value) -> Option<String> {
    list["NextPageToken"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn pages_contain_every_call_once_in_order_of_start() {
    let desk = Desk::new().await;
    record(&desk, [5, 1, 3, 2, 4]).await;
    for count in 1..=6 {
        let count = count.to_string();
        let (mut found, mut token) = (Vec::new(), None::<String>);
        loop {
            let mut parameters = vec![("Results_Count", count.as_str())];
            parameters.extend(token.as_deref().map(|token| ("PageToken", token)));
            let page = desk.calls(&parameters).await;
            assert_eq!(page["TotalCount"], 5, "{count}");
            found.extend(seconds(&page));
            token = next(&page);
            if token.is_none() {
                break;
            }
            assert_eq!(seconds(&page).len().to_string(), count);
        }
        assert_eq!(found, [1, 2, 3, 4, 5], "{count}");
    }
}

#[tokio::test]
async fn calls_recorded_between_two_pages_do_not_shift_the_others() {
    let desk = Desk::new().await;
    record(&desk, [10, 20, 30, 40]).await;
    let two = ("Results_Count", "2");
    let first = desk.calls(&[two]).await;
    assert_eq!(seconds(&first), [10, 20]);
    desk.world.wait(600);
    record(&desk, [5, 35, 50]).await;
    let token = next(&first).unwrap();
    let second = desk.calls(&[two, ("PageToken", &token)]).await;
    assert_eq!(
        seconds(&second),
        [30, 35],
        "the second page continues after the first"
    );
    assert_eq!(
        second["TotalCount"], 4,
        "the total of the first page is kept"
    );
    let token = next(&second).unwrap();
    let third = desk.calls(&[two, ("PageToken", &token)]).await;
    assert_eq!(seconds(&third), [40, 50]);
    assert_eq!(next(&third), None);
    assert_eq!(desk.calls(&[]).await["TotalCount"], 7);
}

#[tokio::test]
async fn a_list_can_start_at_an_offset() {
    let desk = Desk::new().await;
    record(&desk, 1..=5).await;
    for (skip, count, expected, more) in [
        ("0", "2", vec![1, 2], true),
        ("2", "2", vec![3, 4], true),
        ("3", "2", vec![4, 5], false),
        ("4", "2", vec![5], false),
        ("5", "2", vec![], false),
        ("99", "200", vec![], false),
    ] {
        let parameters = [("Results_Skip", skip), ("Results_Count", count)];
        let page = desk.calls(&parameters).await;
        assert_eq!(seconds(&page), expected, "{skip}");
        assert_eq!(next(&page).is_some(), more, "{skip}");
        assert_eq!(page["TotalCount"], 5, "{skip}");
    }
    let page = desk
        .calls(&[("Results_Skip", "1"), ("Results_Count", "2")])
        .await;
    let token = next(&page).unwrap();
    let page = desk.calls(&[("PageToken", &token)]).await;
    assert_eq!(
        seconds(&page),
        [4, 5],
        "a token continues where its page ended"
    );
}

#[tokio::test]
async fn a_page_has_200_calls_by_default() {
    let desk = Desk::new().await;
    record(&desk, 0..203).await;
    let page = desk.calls(&[]).await;
    assert_eq!(seconds(&page).len(), 200);
    assert_eq!(page["TotalCount"], 203);
    let token = next(&page).unwrap();
    let page = desk.calls(&[("PageToken", &token)]).await;
    assert_eq!(seconds(&page), [200, 201, 202]);
}

#[tokio::test]
async fn pages_of_a_filtered_list_count_matching_calls_only() {
    let desk = Desk::new().await;
    record(&desk, 1..=3).await;
    for second in [11, 12, 13] {
        let started = (1_795_258_800 + second).to_string();
        let busy = [("Started", started.as_str()), ("Disposition", "Busy")];
        desk.record(JOHN, OURS, &busy).await;
        record(&desk, [second + 10]).await;
    }
    let busy = [("Disposition", "Busy"), ("Results_Count", "2")];
    let first = desk.calls(&busy).await;
    assert_eq!(
        (seconds(&first), &first["TotalCount"]),
        (vec![11, 12], &3.into())
    );
    let token = next(&first).unwrap();
    let second = desk
        .calls(&[&busy[..], &[("PageToken", &token)]].concat())
        .await;
    assert_eq!((seconds(&second), next(&second)), (vec![13], None));
}

#[tokio::test]
async fn calls_of_several_days_and_shards_are_in_one_order() {
    let mut desk = Desk::new().await;
    desk.world
        .change(&mut desk.account, |account| account.shards = 3)
        .await;
    desk.world.wait(60);
    // Enough calls that they never all fall into one shard.
    for _ in 0..18 {
        desk.world.wait(20_000);
        desk.record(JANE, OURS, &[]).await;
        desk.record(JOHN, OURS, &[]).await;
    }
    let shards: BTreeSet<String> = desk
        .world
        .items("call")
        .await
        .iter()
        .map(|item| item.text("call_sid")[10..12].to_owned())
        .collect();
    assert!(shards.len() > 1, "all calls are in one shard");
    let (mut found, mut token) = (Vec::new(), String::new());
    for _ in 0..18 {
        let parameters = [("Results_Count", "2"), ("PageToken", token.as_str())];
        let page = desk.all(&parameters).await;
        assert_eq!(page["TotalCount"], 36);
        found.extend(each(&page, "CallSid"));
        token = next(&page).unwrap_or_default();
    }
    assert_eq!(token, "");
    let mut sorted = found.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(found, sorted);
    assert_eq!(found.len(), 36);
}

#[tokio::test]
async fn a_page_token_is_valid_for_its_own_list_only() {
    let desk = Desk::new().await;
    record(&desk, 1..=3).await;
    let (world, key) = (&desk.world, &desk.key);
    let path = of_property(&desk.property);
    let asked = [("Results_Count", "1"), ("To", OURS)];
    let page = list(world, key, &path, &asked).await;
    let page_token = next(&page).unwrap();
    let good = [("PageToken", page_token.as_str()), ("To", OURS)];
    assert_eq!(get(world, key, &path, &good).await.status, 200);
    let sister = of_property(&property(world, &desk.account, None).await);
    let stranger = token(world, &world.account().await).await;
    let mut forged = page_token.clone();
    forged.replace_range(4..5, if &forged[4..5] == "A" { "B" } else { "A" });
    for filter in [
        ("Date_From", "2026-11-01"),
        ("Date_To", "2026-11-22"),
        ("Disposition", "Busy"),
        ("Endpoint", OTHER),
        ("Attribution_Source", "x"),
        ("Attribution_Medium", "x"),
        ("Attribution_Campaign", "x"),
        ("Attribution_Content", "x"),
        ("Unique", "Unique"),
        ("Unique", "Repeat"),
    ] {
        let reply = get(world, key, &path, &[good[0], good[1], filter]).await;
        assert_eq!(reply.status, 400, "{filter:?}: {}", reply.body);
        let errors = &reply.json()["ResponseStatus"]["Errors"];
        let message = "PageToken: the PageToken is not valid for this request; \
                       start again without it.";
        assert_eq!(
            *errors,
            json!([{"ErrorCode": "PARAMETER_INVALID", "FieldName": "PageToken", "Message": message}])
        );
    }
    for (key, path, parameters) in [
        (key, &path, vec![good[0]]),
        (key, &path, vec![good[0], ("To", JANE)]),
        (key, &path, vec![good[0], good[1], ("Results_Skip", "1")]),
        (key, &path, vec![("PageToken", &forged), good[1]]),
        (key, &sister, good.to_vec()),
        (key, &of_account(&desk.account), good.to_vec()),
        (&stranger, &path, good.to_vec()),
    ] {
        let reply = get(world, key, path, &parameters).await;
        assert_eq!(reply.status, 400, "{parameters:?}: {}", reply.body);
        let found = faults(&reply);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, "PARAMETER_INVALID");
    }
}

#[tokio::test]
async fn a_slow_first_page_is_refused_and_a_slow_later_page_ends_early() {
    let (world, proxy) = store::world().await;
    let desk = Desk::on(world).await;
    for (day, disposition) in [(0, "Busy"), (1, "Busy"), (12, "Failed"), (20, "Busy")] {
        let started = NOON / 1_000 - 20 * 86_400 + day * 86_400;
        let started = started.to_string();
        let said = [("Started", started.as_str()), ("Disposition", disposition)];
        desk.record(JANE, OURS, &said).await;
    }
    let asked = [("Disposition", "Busy"), ("Results_Count", "1")];
    let mut list = desk.all(&asked).await;
    assert_eq!(list["TotalCount"], 3);
    let clock = desk.world.clock.clone();
    proxy.plan(move |seen| {
        if seen.verb == "Query" {
            clock.set(clock.now().plus(Duration::from_secs(2)));
        }
        None
    });
    let (mut found, mut pages) = (each(&list, "CallSid"), 1);
    while let Some(token) = next(&list) {
        list = desk
            .all(&[&asked[..], &[("PageToken", &token)]].concat())
            .await;
        assert_eq!(list["TotalCount"], 3);
        found.extend(each(&list, "CallSid"));
        pages += 1;
    }
    assert_eq!(found.len(), 3);
    assert!(pages > 3, "no page ended before it found a call");
    let reply = get(&desk.world, &desk.key, &of_account(&desk.account), &asked).await;
    assert_eq!(reply.status, 400, "{}", reply.body);
}

#[tokio::test]
async fn a_later_page_reads_its_own_calls_only() {
    let (world, proxy) = store::world().await;
    let desk = Desk::on(world).await;
    record(&desk, 1..=3).await;
    let days = [
        ("Date_From", "2026-11-21"),
        ("Date_To", "2026-11-22"),
        ("Results_Count", "1"),
    ];
    let first = desk.all(&days).await;
    let token = next(&first).unwrap();
    proxy.heal();
    let second = desk
        .all(&[&days[..], &[("PageToken", &token)]].concat())
        .await;
    assert_eq!(seconds(&second), [2]);
    // Numbers, assignments that last, five classes of past ones, and one page of one day.
    assert_eq!(
        proxy.verbs().into_iter().collect::<Vec<_>>(),
        [("Query".to_owned(), 8)]
    );
}
