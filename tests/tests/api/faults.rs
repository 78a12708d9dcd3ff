//! A store that throttles, loses answers, refuses transactions or is unreachable.

use std::collections::BTreeSet;
use std::time::Duration;

use callbook::model::credential::CredentialKind;
use callbook::model::time::Instant;
use callbook_tests::faults::{self, Fault, Proxy};
use callbook_tests::tld::{CID, DID, FORM, Platform, form};
use callbook_tests::{Key, NOON, Reply, World};
use futures_util::{StreamExt, stream};
use serde_json::json;

async fn platform() -> (Platform, Proxy) {
    let (world, proxy) = faults::world().await;
    (Platform::on(world, |_| {}).await, proxy)
}

async fn feedback(world: &World, key: &Key, response_id: &str) -> Reply {
    let body = json!({
        "response_id": response_id, "phone": CID, "phone_status": "Connected",
        "phone_right_party_contact": true,
    });
    let headers = [("x-api-key", key.secret.as_str())];
    world
        .send(
            "POST",
            "/1.0/phone_feedback",
            &headers,
            body.to_string().as_bytes(),
        )
        .await
}

async fn terminating(platform: &Platform, cid: &str) -> Reply {
    let query = form(&[
        ("username", &platform.switch.name),
        ("password", &platform.switch.secret),
        ("calling_number", cid),
        ("called_number", DID),
    ]);
    platform
        .world
        .send("GET", &format!("/api/v1?{query}"), &[], b"")
        .await
}

/// Gives the `n`th request its own millisecond: ids are random only within one, and hundreds in the same
/// one could collide.
fn tick(world: &World, n: i64) {
    world.clock.set(Instant::from_millis(NOON + n));
}

/// The amount of every cost in the table.
async fn costs(world: &World) -> Vec<String> {
    let mut costs: Vec<_> = world
        .items("cost")
        .await
        .iter()
        .map(|item| item.text("cost"))
        .collect();
    costs.sort();
    costs
}

#[tokio::test]
async fn no_request_fails_when_every_tenth_store_request_is_throttled() {
    let (platform, proxy) = platform().await;
    let key = platform
        .world
        .credential(&platform.account, CredentialKind::Trestle)
        .await;
    // A request fails after four throttled attempts. One in 10,000 would, so fourth attempts pass.
    proxy.plan(|seen| (seen.number % 10 == 3 && seen.attempt < 4).then_some(Fault::Throttle));
    let (platform, key) = (&platform, &key);
    let replies: Vec<Reply> = stream::iter(0..300)
        .map(|n| async move {
            tick(&platform.world, n);
            match n % 3 {
                0 => feedback(&platform.world, key, &format!("T_{n}")).await,
                1 => platform.bill(&format!("{n}"), &[]).await,
                _ => terminating(platform, &format!("+1206973{n:04}")).await,
            }
        })
        .buffer_unordered(8)
        .collect()
        .await;
    for reply in &replies {
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
    let throttled = proxy.seen().iter().filter(|seen| seen.attempt > 1).count();
    assert!(throttled >= 40, "the store throttled {throttled} requests");
    assert_eq!(platform.world.items("feedback").await.len(), 100);
    assert_eq!(platform.world.items("cost").await.len(), 100);
    assert_eq!(platform.world.items("call").await.len(), 100);
}

/// Sends 300 bills while every twentieth answer of the store is lost.
async fn bills_with_lost_answers(platform: &Platform, proxy: &Proxy) {
    platform.call().await;
    proxy.plan(|seen| (seen.number % 20 == 7 && seen.attempt < 4).then_some(Fault::LoseAnswer));
    let replies: Vec<Reply> = stream::iter(0..300)
        .map(|n| async move {
            tick(&platform.world, n);
            platform.bill(&format!("{n}.25"), &[]).await
        })
        .buffer_unordered(8)
        .collect()
        .await;
    let again = proxy.seen().iter().filter(|seen| seen.attempt > 1).count();
    assert!(again >= 20, "only {again} requests were retried");
    let mut ids = BTreeSet::new();
    for reply in &replies {
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(
            reply.header("idempotent-replayed"),
            None,
            "the client sent each bill once"
        );
        ids.insert(reply.json()["cost_id"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids.len(), 300, "every bill has its own cost");
    let stored = platform.world.items("cost").await;
    let stored: BTreeSet<_> = stored.iter().map(|item| item.text("cost_id")).collect();
    assert_eq!(stored, ids, "the stored costs are the answered ones");
    assert_eq!(costs(&platform.world).await.len(), 300);
}

#[tokio::test]
async fn a_bill_with_a_lost_answer_is_recorded_once_and_not_marked_as_a_repeat() {
    let (platform, proxy) = platform().await;
    bills_with_lost_answers(&platform, &proxy).await;
}

#[tokio::test]
async fn a_bill_with_a_lost_answer_is_recorded_once_without_transaction_tokens() {
    let (platform, proxy) = platform().await;
    proxy.forget_tokens();
    bills_with_lost_answers(&platform, &proxy).await;
}

#[tokio::test]
async fn a_bill_with_a_lost_answer_is_recorded_once_without_a_repeat_window() {
    let (world, proxy) = faults::world().await;
    proxy.forget_tokens();
    let platform = Platform::on(world, |account| account.repeat_window_minutes = 0).await;
    for with_call in [false, true] {
        if with_call {
            platform.call().await;
        }
        let before = costs(&platform.world).await.len();
        proxy.plan(|seen| {
            let first = seen.verb == "TransactWriteItems" && seen.number <= 6;
            first.then_some(Fault::LoseAnswer)
        });
        let reply = platform.bill("25", &[]).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert!(
            proxy.verbs()["TransactWriteItems"] > 1,
            "the lost answer is retried"
        );
        assert_eq!(
            costs(&platform.world).await.len(),
            before + 1,
            "with a call: {with_call}"
        );
        proxy.heal();
    }
}

#[tokio::test]
async fn a_client_can_safely_repeat_a_bill_that_was_not_answered() {
    let (platform, proxy) = platform().await;
    proxy.plan(|seen| (seen.verb == "TransactWriteItems").then_some(Fault::LoseAnswer));
    let lost = platform.bill("25", &[]).await;
    assert_eq!(lost.status, 503);
    proxy.heal();
    let again = platform.bill("25", &[]).await;
    assert_eq!(again.status, 200);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let cost = platform.world.only("cost").await;
    assert_eq!(again.json()["cost_id"], cost.text("cost_id"));
}

#[tokio::test]
async fn feedback_and_calls_with_a_lost_answer_are_recorded_once() {
    let (platform, proxy) = platform().await;
    proxy.forget_tokens();
    let key = platform
        .world
        .credential(&platform.account, CredentialKind::Trestle)
        .await;
    let lose_first_write = |verb: &'static str| {
        let lost = std::sync::atomic::AtomicBool::new(false);
        proxy.plan(move |seen| {
            let first = seen.verb == verb && !lost.swap(true, std::sync::atomic::Ordering::Relaxed);
            first.then_some(Fault::LoseAnswer)
        });
    };
    lose_first_write("TransactWriteItems");
    assert_eq!(feedback(&platform.world, &key, "T_1").await.status, 200);
    assert_eq!(
        proxy.verbs()["TransactWriteItems"],
        2,
        "the lost answer is retried"
    );
    platform.world.only("feedback").await;
    platform.world.only("latest_feedback").await;
    lose_first_write("TransactWriteItems");
    assert_eq!(terminating(&platform, CID).await.status, 200);
    assert_eq!(
        proxy.verbs()["TransactWriteItems"],
        2,
        "the lost answer is retried"
    );
    platform.world.only("call").await;
    platform.world.only("lead").await;
}

#[tokio::test]
async fn a_transaction_that_conflicts_with_another_is_retried() {
    let (platform, proxy) = platform().await;
    platform.call().await;
    proxy.plan(|seen| {
        let early = seen.verb == "TransactWriteItems" && seen.number < 12;
        early.then_some(Fault::Conflict)
    });
    let reply = platform.bill("25", &[]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.header("idempotent-replayed"), None);
    assert!(
        proxy.verbs()["TransactWriteItems"] > 2,
        "the store refused the first attempts"
    );
    assert_eq!(platform.world.only("call").await.text("cost"), "25");
    platform.world.only("cost").await;
}

#[tokio::test]
async fn a_transaction_that_always_conflicts_is_answered_503() {
    let (platform, proxy) = platform().await;
    proxy.plan(|seen| (seen.verb == "TransactWriteItems").then_some(Fault::Conflict));
    let reply = platform.bill("25", &[]).await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.json(), json!({"error": "TLDialer Connection Error"}));
    assert_eq!(platform.world.items("cost").await, []);
}

/// Sends one request of each dialect and asserts that all are answered 503.
async fn assert_all_unavailable(platform: &Platform, key: &Key) {
    let billed = platform.bill("25", &[]).await;
    assert_eq!(billed.status, 503);
    assert_eq!(billed.json(), json!({"error": "TLDialer Connection Error"}));
    let kept = feedback(&platform.world, key, "T_1").await;
    assert_eq!(kept.status, 503);
    assert_eq!(kept.json()["error"], "service_unavailable");
    assert!(
        kept.json()["message"]
            .as_str()
            .is_some_and(|message| !message.is_empty())
    );
    let called = terminating(platform, CID).await;
    assert_eq!(called.status, 503);
    assert_eq!(called.json()["err"], "9");
    assert_eq!(
        called.json()["error_msg"],
        "Temporary failure, please retry"
    );
    for reply in [billed, kept, called] {
        let seconds = reply
            .header("retry-after")
            .and_then(|seconds| seconds.parse::<u32>().ok());
        assert!(
            seconds.is_some_and(|seconds| seconds > 0),
            "retry-after: {seconds:?}"
        );
    }
}

#[tokio::test]
async fn an_unreachable_store_is_a_503_in_every_dialect_and_nothing_is_recorded() {
    let (platform, proxy) = platform().await;
    let key = platform
        .world
        .credential(&platform.account, CredentialKind::Trestle)
        .await;
    let before = platform.world.all_items().await.len();
    proxy.plan(|_| Some(Fault::Down));
    assert_all_unavailable(&platform, &key).await;
    assert_eq!(platform.world.all_items().await.len(), before);
}

#[tokio::test]
async fn a_store_that_fails_before_the_write_is_a_503_and_nothing_is_recorded() {
    let (platform, proxy) = platform().await;
    let key = platform
        .world
        .credential(&platform.account, CredentialKind::Trestle)
        .await;
    let before = platform.world.all_items().await.len();
    proxy.plan(|seen| {
        let write = matches!(
            seen.verb.as_str(),
            "UpdateItem" | "TransactWriteItems" | "PutItem"
        );
        write.then_some(Fault::Down)
    });
    assert_all_unavailable(&platform, &key).await;
    assert_eq!(platform.world.all_items().await.len(), before);
}

#[tokio::test]
async fn a_store_that_hangs_is_a_503_in_every_dialect_at_the_deadline() {
    let (mut platform, proxy) = platform().await;
    let key = platform
        .world
        .credential(&platform.account, CredentialKind::Trestle)
        .await;
    let before = platform.world.all_items().await.len();
    proxy.plan(|_| Some(Fault::Hang));
    // A short deadline is safe on a busy machine: this store never answers.
    let deadline = Some(Duration::from_millis(200));
    platform
        .world
        .configure(|config| config.deadline = deadline);
    assert_all_unavailable(&platform, &key).await;
    for line in platform.world.logs() {
        assert!(line.contains("given up at its deadline"), "{line}");
    }
    assert_eq!(platform.world.all_items().await.len(), before);
}

#[tokio::test]
async fn a_store_that_recovers_is_used_again() {
    let (platform, proxy) = platform().await;
    proxy.plan(|_| Some(Fault::Down));
    assert_eq!(platform.bill("25", &[]).await.status, 503);
    proxy.heal();
    let reply = platform
        .post(
            "",
            FORM,
            &form(&[("did", DID), ("cid", CID), ("cost", "25")]),
        )
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.header("idempotent-replayed"),
        None,
        "nothing was recorded while the store was down"
    );
    platform.world.only("cost").await;
}
