//! A repeat does not bill twice.

use std::collections::BTreeSet;

use callbook::model::credential::CredentialKind;
use callbook::model::phone::PhoneNumber;
use callbook::model::time::Instant;
use callbook_tests::tld::{CID, DID, FORM, PATH, Platform, form};
use callbook_tests::{NOON, Reply, send_to};
use futures_util::future::join_all;
use serde_json::json;

/// Asserts the same answer as before, marked as replayed.
fn assert_replay(reply: &Reply, first: &Reply) {
    assert_eq!((reply.status, first.status), (200, 200), "{}", reply.body);
    assert_eq!(reply.body, first.body);
    assert_eq!(reply.header("idempotent-replayed"), Some("true"));
    assert_eq!(first.header("idempotent-replayed"), None);
}

/// Asserts an answer to a new bill, not marked as replayed.
fn assert_new(reply: &Reply, first: &Reply) {
    assert_eq!((reply.status, first.status), (200, 200), "{}", reply.body);
    assert_ne!(reply.json()["cost_id"], first.json()["cost_id"]);
    assert_eq!(reply.header("idempotent-replayed"), None);
}

async fn costs(platform: &Platform) -> usize {
    platform.world.items("cost").await.len()
}

#[tokio::test]
async fn the_same_bill_is_a_repeat_for_ten_minutes_and_a_new_bill_afterwards() {
    let platform = Platform::new().await;
    let first = platform.bill("25", &[]).await;
    platform.world.wait(599);
    assert_replay(&platform.bill("25", &[]).await, &first);
    assert_eq!(costs(&platform).await, 1);
    platform.world.wait(2);
    let second = platform.bill("25", &[]).await;
    assert_new(&second, &first);
    platform.world.wait(599);
    assert_replay(&platform.bill("25", &[]).await, &second);
    assert_eq!(costs(&platform).await, 2);
}

#[tokio::test]
async fn the_account_sets_the_repeat_window_and_zero_disables_it() {
    let platform = Platform::with(|account| account.repeat_window_minutes = 60).await;
    let first = platform.bill("25", &[]).await;
    platform.world.wait(3_599);
    assert_replay(&platform.bill("25", &[]).await, &first);
    platform.world.wait(2);
    assert_new(&platform.bill("25", &[]).await, &first);

    let platform = Platform::with(|account| account.repeat_window_minutes = 0).await;
    let first = platform.bill("25", &[]).await;
    assert_new(&platform.bill("25", &[]).await, &first);
    assert_eq!(costs(&platform).await, 2);
    let first = platform.bill_once("k", "25", &[]).await;
    assert_replay(&platform.bill_once("k", "25", &[]).await, &first);
}

#[tokio::test]
async fn repeats_are_compared_by_value_wherever_the_parameters_are() {
    let platform = Platform::new().await;
    let first = platform
        .bill("25", &[("call_date", "2026-11-21 11:00"), ("notes", "n")])
        .await;
    let query = form(&[
        ("cost", "$25.00"),
        ("call_date", "11/21/2026 11:00 AM"),
        ("notes", "n"),
    ]);
    let other = platform
        .post(&format!("/2069735100/(206)%20973-5101?{query}"), FORM, "")
        .await;
    assert_replay(&other, &first);
    let json = json!({
        "inbound_number": "2069735100", "phone": "12069735101", "cost": 25.0000,
        "call_date": "2026-11-21T11:00:00Z", "notes": "n",
    });
    assert_replay(&platform.json(&json).await, &first);
    assert_eq!(costs(&platform).await, 1);
}

#[tokio::test]
async fn a_bill_that_differs_in_any_field_is_a_new_bill() {
    let platform = Platform::new().await;
    let first = platform.bill("25", &[]).await;
    let other = platform
        .world
        .credential(&platform.account, CredentialKind::Tld)
        .await;
    for fields in [
        &[("did", DID), ("cid", CID), ("cost", "25.01")][..],
        &[("did", DID), ("cid", "+12069735109"), ("cost", "25")],
        &[("did", "+12069735109"), ("cid", CID), ("cost", "25")],
        &[("did", CID), ("cid", DID), ("cost", "25")],
        &[("did", DID), ("cid", CID), ("cost", "25"), ("notes", "x")],
        &[
            ("did", DID),
            ("cid", CID),
            ("cost", "25"),
            ("date_billed", "2026-11-21 12:00"),
        ],
        &[
            ("did", DID),
            ("cid", CID),
            ("cost", "25"),
            ("call_date", "2026-11-21 12:00"),
        ],
        &[
            ("did", DID),
            ("cid", CID),
            ("cost", "25"),
            ("call_date", "2026-11-21 12:00:01"),
        ],
    ] {
        let reply = platform.form(fields).await;
        assert_new(&reply, &first);
        assert_replay(&platform.form(fields).await, &reply);
    }
    assert_eq!(costs(&platform).await, 9);
    let platform = Platform {
        key: other,
        ..platform
    };
    assert_new(&platform.bill("25", &[]).await, &first);
}

#[tokio::test]
async fn the_same_bill_of_another_account_is_a_new_bill() {
    let theirs = Platform::new().await;
    let first = theirs.bill("25", &[]).await;
    let first_once = theirs.bill_once("k", "26", &[]).await;
    let ours = Platform::on(theirs.world, |_| {}).await;
    assert_new(&ours.bill("25", &[]).await, &first);
    assert_new(&ours.bill_once("k", "26", &[]).await, &first_once);
}

#[tokio::test]
async fn a_refused_bill_leaves_its_key_unused() {
    let platform = Platform::new().await;
    assert_eq!(platform.bill_once("k", "NaN", &[]).await.status, 400);
    let first = platform.bill_once("k", "25", &[]).await;
    assert_eq!(
        (first.status, first.header("idempotent-replayed")),
        (200, None)
    );
}

#[tokio::test]
async fn a_key_replays_the_first_answer_for_24_hours() {
    let platform = Platform::new().await;
    platform.call().await;
    let first = platform.bill_once("k-1", "25", &[]).await;
    for wait in [1, 3_600, 86_400 - 3_602] {
        platform.world.wait(wait);
        assert_replay(&platform.bill_once("k-1", "25", &[]).await, &first);
    }
    assert_eq!(costs(&platform).await, 1);
    platform.world.wait(2);
    assert_new(&platform.bill_once("k-1", "25", &[]).await, &first);
}

#[tokio::test]
async fn equal_bills_with_different_keys_are_different_bills() {
    let platform = Platform::new().await;
    let first = platform.bill_once("k-1", "25", &[]).await;
    assert_new(&platform.bill_once("k-2", "25", &[]).await, &first);
    assert_new(&platform.bill_once("K-1", "25", &[]).await, &first);
    assert_eq!(costs(&platform).await, 3);
}

#[tokio::test]
async fn a_key_reused_with_other_parameters_is_a_conflict() {
    let platform = Platform::new().await;
    let first = platform.bill_once("k", "25", &[]).await;
    for fields in [
        &[("notes", "x")][..],
        &[("date_billed", "2026-11-20")],
        &[("call_date", "2026-11-20")],
    ] {
        let reply = platform.bill_once("k", "25", fields).await;
        let conflict = json!({"error": "Idempotency Key Reused With Different Parameters"});
        assert_eq!((reply.status, reply.json()), (409, conflict));
    }
    assert_eq!(platform.bill_once("k", "26", &[]).await.status, 409);
    assert_eq!(costs(&platform).await, 1);
    assert_replay(&platform.bill_once("k", "25.00", &[]).await, &first);
}

#[tokio::test]
async fn idempotency_keys_are_separate_for_each_credential() {
    let platform = Platform::new().await;
    let first = platform.bill_once("k", "25", &[]).await;
    let key = platform
        .world
        .credential(&platform.account, CredentialKind::Tld)
        .await;
    let platform = Platform { key, ..platform };
    assert_new(&platform.bill_once("k", "26", &[]).await, &first);
}

#[tokio::test]
async fn a_repeat_leaves_later_bills_and_calls_unchanged() {
    let platform = Platform::new().await;
    platform.call().await;
    let first = platform.bill("25", &[]).await;
    platform.bill("30", &[]).await;
    platform.world.wait(60);
    platform.call().await;
    assert_replay(&platform.bill("25", &[]).await, &first);
    let calls = platform.world.items("call").await;
    let costs: BTreeSet<_> = calls.iter().map(|call| call.text("cost")).collect();
    assert_eq!(costs, BTreeSet::from(["30".to_owned(), String::new()]));
}

#[tokio::test]
async fn another_instance_recognizes_a_repeat() {
    let platform = Platform::new().await;
    let first = platform.bill("25", &[]).await;
    let body = form(&[("did", DID), ("cid", CID), ("cost", "25")]);
    let [id, key] = platform.headers();
    let headers = [id, key, ("content-type", FORM)];
    let other = platform.world.another_instance();
    assert_replay(
        &send_to(&other, "POST", PATH, &headers, body.as_bytes()).await,
        &first,
    );
}

/// Sends 50 requests concurrently to two instances in turn; `body` makes the body of each.
async fn at_once(
    platform: &Platform,
    once: Option<&str>,
    body: impl Fn(usize) -> String,
) -> Vec<Reply> {
    let other = platform.world.another_instance();
    let [id, key] = platform.headers();
    let mut headers = vec![id, key, ("content-type", FORM)];
    headers.extend(once.map(|once| ("idempotency-key", once)));
    let bodies: Vec<_> = (0..50).map(body).collect();
    let headers = &headers;
    let sent = bodies.iter().zip(0..).map(|(body, n)| {
        let app = if n % 2 == 0 {
            &platform.world.app
        } else {
            &other
        };
        async move {
            // Ids are random only within their millisecond, and the test clock stands still unless it is set.
            platform.world.clock.set(Instant::from_millis(NOON + n));
            send_to(app, "POST", PATH, headers, body.as_bytes()).await
        }
    });
    join_all(sent).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_concurrent_identical_bills_are_recorded_once() {
    for once in [None, Some("k")] {
        let platform = Platform::new().await;
        platform.call().await;
        let same = |_| form(&[("did", DID), ("cid", CID), ("cost", "25")]);
        let replies = at_once(&platform, once, same).await;
        let bodies: BTreeSet<_> = replies
            .iter()
            .map(|reply| (reply.status, reply.body.as_str()))
            .collect();
        assert_eq!(bodies.len(), 1, "{once:?}: the answers differ: {bodies:?}");
        assert_eq!(replies[0].status, 200, "{once:?}");
        let replayed = |reply: &&Reply| reply.header("idempotent-replayed") == Some("true");
        assert_eq!(replies.iter().filter(replayed).count(), 49, "{once:?}");
        let cost = platform.world.only("cost").await;
        assert_eq!(replies[0].json()["cost_id"], cost.text("cost_id"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_concurrent_different_bills_are_all_recorded_and_the_call_has_one_cost() {
    let platform = Platform::new().await;
    platform.call().await;
    let different = |n: usize| {
        form(&[
            ("did", DID),
            ("cid", CID),
            ("cost", &format!("{}.5", n + 1)),
        ])
    };
    let replies = at_once(&platform, None, different).await;
    for reply in &replies {
        assert_eq!(
            (reply.status, reply.header("idempotent-replayed")),
            (200, None),
            "{}",
            reply.body
        );
    }
    let costs = platform.world.items("cost").await;
    let ids: BTreeSet<_> = costs.iter().map(|cost| cost.text("cost_id")).collect();
    assert_eq!((costs.len(), ids.len()), (50, 50));
    let carried: BTreeSet<_> = costs.iter().map(|cost| cost.text("cost")).collect();
    assert_eq!(carried.len(), 50);
    let call = platform.world.only("call").await.text("cost");
    assert!(carried.contains(&call));
    assert_eq!(
        platform.world.only("lead").await.text("total_cost"),
        call,
        "the lead has the cost of the call"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_different_bills_with_one_key_one_is_recorded_and_49_conflict() {
    let platform = Platform::new().await;
    let different = |n: usize| form(&[("did", DID), ("cid", CID), ("cost", &(n + 1).to_string())]);
    let replies = at_once(&platform, Some("k"), different).await;
    let count = |status: u16| {
        replies
            .iter()
            .filter(|reply| reply.status == status)
            .count()
    };
    assert_eq!((count(200), count(409)), (1, 49));
    platform.world.only("cost").await;
}

#[tokio::test]
async fn an_account_can_accept_bills_for_its_own_numbers_only() {
    let platform = Platform::with(|account| account.registered_dids_only = true).await;
    platform.call().await;
    let refused = platform.bill("25", &[]).await;
    assert_eq!(
        (refused.status, refused.json()),
        (400, json!({"error": "Invalid DID"}))
    );
    assert_eq!(costs(&platform).await, 0);
    assert!(
        !platform.world.only("call").await.has("cost"),
        "a refused bill leaves the call unchanged"
    );

    let did = PhoneNumber::parse(DID).unwrap();
    let now = platform.world.clock.now();
    platform
        .world
        .ledger
        .register_number(&platform.account, &did, now)
        .await
        .unwrap();
    let first = platform.bill("25", &[]).await;
    assert_eq!(
        (first.status, first.header("idempotent-replayed")),
        (200, None)
    );
    assert_replay(&platform.bill("25", &[]).await, &first);

    let theirs = platform
        .world
        .account_with(|account| account.registered_dids_only = true)
        .await;
    let key = platform
        .world
        .credential(&theirs, CredentialKind::Tld)
        .await;
    let theirs = Platform {
        key,
        account: theirs,
        ..platform
    };
    let refused = theirs.bill("25", &[]).await;
    assert_eq!(
        (refused.status, refused.json()),
        (400, json!({"error": "Invalid DID"})),
        "another account's number"
    );
}
