//! Queueing a callee for the dialer, once an hour.

use std::collections::BTreeSet;

use callbook::edge::App;
use callbook::model::credential::CredentialKind;
use callbook::model::queue::CallProcessId;
use callbook_tests::Reply;
use callbook_tests::faults::{self, Fault};
use callbook_tests::teletracker::{
    self, CALLEE, Desk, PROCESS, assert_refused, basic, good, integrator, respond,
};
use futures_util::future::join_all;
use serde_json::json;

#[tokio::test]
async fn a_callee_is_queued_and_answered_as_documented() {
    let desk = Desk::new().await;
    let reply = desk
        .respond(&[("callee", "(206) 973-5100"), ("whisper_text", " Größe 42 ")])
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let result = &reply.json()["result"];
    let id = result["callqueue_id"].as_u64().expect("an integer");
    assert!((1..1 << 53).contains(&id), "{id}");
    assert_eq!(
        *result,
        json!({
            "callprocess_id": PROCESS,
            "step_order": 1,
            "creation_date": "2026-11-21T12:00:00.000Z",
            "callqueue_status": "processing",
            "lead_numtocall": "+12069735100",
            "whisper_text": "Größe 42",
            "callqueue_id": id,
        })
    );
    let entry = desk.world.only("queue_entry").await;
    for (name, value) in [
        ("pk", format!("A#{}#QUEUE#2026-11-21", desk.account.id)),
        ("sk", format!("QUEUE#{id}")),
        ("account_id", desk.account.id.to_string()),
        ("callqueue_id", id.to_string()),
        ("callprocess_id", PROCESS.to_string()),
        ("step_order", "1".to_owned()),
        ("callqueue_status", "processing".to_owned()),
        ("lead_numtocall", "+12069735100".to_owned()),
        ("whisper_text", "Größe 42".to_owned()),
        ("credential_id", desk.user.credential.id.to_string()),
        ("guid", reply.header("x-request-guid").unwrap().to_owned()),
    ] {
        assert_eq!(entry.text(name), value, "{name}");
    }
}

#[tokio::test]
async fn all_missing_parameters_are_reported_at_once_and_sorted() {
    let desk = Desk::new().await;
    let session = desk
        .login_with(&desk.integrator, &[("account_id", desk.account_id())])
        .await;
    for (header, missing) in [
        (
            integrator(&desk.integrator),
            json!(["account_id", "callee", "whisper_text"]),
        ),
        (basic(&desk.user), json!(["callee", "whisper_text"])),
        (session.bearer(), json!(["callee", "whisper_text"])),
    ] {
        let reply = desk.respond_as(&header, &[]).await;
        assert_refused(&reply, 400, "MISSING_REQUIRED_PARAMS", &missing.to_string());
        assert_eq!(reply.json()["missingInputVars"], missing);
        // Missing parameters are reported before any other error.
        let reply = desk
            .respond_as(
                &header,
                &[
                    ("callee", "12"),
                    ("callprocess_id", "x"),
                    ("account_id", "1"),
                ],
            )
            .await;
        assert_refused(&reply, 400, "MISSING_REQUIRED_PARAMS", "and wrong");
        assert_eq!(reply.json()["missingInputVars"], json!(["whisper_text"]));
    }
    let reply = desk.respond(&[("callee", " "), ("whisper_text", "")]).await;
    assert_eq!(
        reply.json()["missingInputVars"],
        json!(["callee", "whisper_text"])
    );
}

#[tokio::test]
async fn every_invalid_parameter_has_its_code() {
    let desk = Desk::new().await;
    let longest = "ü".repeat(1_000);
    let too_long = "ü".repeat(1_001);
    for (name, value, code) in [
        ("callee", "12", "INVALID_PHONENUMBER"),
        ("callee", "0069735100", "INVALID_PHONENUMBER"),
        ("callee", "nobody", "INVALID_PHONENUMBER"),
        ("whisper_text", too_long.as_str(), "INVALID_PARAMETER"),
        ("callprocess_id", "x", "INVALID_CALLPROCESS"),
        ("callprocess_id", "0", "INVALID_CALLPROCESS"),
        ("callprocess_id", "-1", "INVALID_CALLPROCESS"),
        ("callprocess_id", "1.5", "INVALID_CALLPROCESS"),
        ("callprocess_id", "9007199254740992", "INVALID_CALLPROCESS"),
        ("callprocess_id", "999", "INVALID_CALLPROCESS"),
    ] {
        let mut parameters: Vec<_> = good()
            .into_iter()
            .filter(|(known, _)| *known != name)
            .collect();
        parameters.push((name, value));
        let reply = desk.respond(&parameters).await;
        let case = format!("{name} of {} characters", value.chars().count());
        assert_refused(&reply, 422, code, &case);
    }
    assert!(desk.world.items("queue_entry").await.is_empty());
    assert!(
        desk.world.items("queue_guard").await.is_empty(),
        "a refused request does not start the hour"
    );
    assert!(desk.world.items("lead").await.is_empty());
    let reply = desk
        .respond(&[("callee", CALLEE), ("whisper_text", &longest)])
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

#[tokio::test]
async fn a_call_process_must_belong_to_the_account() {
    let desk = Desk::new().await;
    let other = teletracker::account(&desk.world).await;
    teletracker::add_process(&desk.world, &other, 1).await;
    teletracker::add_process(&desk.world, &desk.account, 2).await;
    let with = |id| [good()[0], good()[1], ("callprocess_id", id)];
    let reply = desk.respond(&with("1")).await;
    assert_refused(&reply, 422, "INVALID_CALLPROCESS", "another account's");
    let reply = desk.respond(&with("2")).await;
    assert_eq!(
        reply.json()["result"]["callprocess_id"],
        2,
        "{}",
        reply.body
    );
}

#[tokio::test]
async fn without_a_default_a_call_process_must_be_named() {
    let desk = Desk::new().await;
    let bare = desk.world.account().await;
    teletracker::add_process(&desk.world, &bare, 7).await;
    let user = desk.world.credential(&bare, CredentialKind::User).await;
    let reply = desk.respond_as(&basic(&user), &good()).await;
    assert_refused(&reply, 422, "INVALID_CALLPROCESS", "no default");
    let named = [good()[0], good()[1], ("callprocess_id", "7")];
    let reply = desk.respond_as(&basic(&user), &named).await;
    assert_eq!(
        reply.json()["result"]["callprocess_id"],
        7,
        "{}",
        reply.body
    );
}

#[tokio::test]
async fn a_removed_default_call_process_is_invalid() {
    let desk = Desk::new().await;
    let process = CallProcessId::new(PROCESS).unwrap();
    desk.world
        .ledger
        .delete_call_process(&desk.account.id, process)
        .await
        .unwrap();
    desk.world.expect_finding(
        "account-process",
        (&format!("A#{}", desk.account.id), "ACCOUNT"),
        "the command that removes a call process clears the default in a later request",
    );
    assert_refused(
        &desk.respond(&good()).await,
        422,
        "INVALID_CALLPROCESS",
        "removed",
    );
}

#[tokio::test]
async fn the_same_callee_can_be_queued_again_after_exactly_one_hour_in_any_notation() {
    let desk = Desk::new().await;
    assert_eq!(desk.respond(&good()).await.status, 200);
    for callee in [
        CALLEE,
        "+12069735100",
        "(206) 973-5100",
        "1-206-973-5100 x9",
    ] {
        let reply = desk
            .respond(&[("callee", callee), ("whisper_text", "x")])
            .await;
        assert_refused(&reply, 409, "DUPLICATE_QUEUE_ENTRY", callee);
    }
    desk.world.wait(3_599);
    assert_refused(
        &desk.respond(&good()).await,
        409,
        "DUPLICATE_QUEUE_ENTRY",
        "3,599 s",
    );
    desk.world.wait(1);
    assert_eq!(desk.respond(&good()).await.status, 200, "3,600 s");
    desk.world.wait(3_599);
    assert_refused(
        &desk.respond(&good()).await,
        409,
        "DUPLICATE_QUEUE_ENTRY",
        "the next hour",
    );
    assert_eq!(desk.world.items("queue_entry").await.len(), 2);
}

#[tokio::test]
async fn another_callee_and_another_account_can_be_queued_at_once() {
    let desk = Desk::new().await;
    let second = teletracker::account(&desk.world).await;
    let user = desk.world.credential(&second, CredentialKind::User).await;
    assert_eq!(desk.respond(&good()).await.status, 200);
    let reply = desk.respond_as(&basic(&user), &good()).await;
    assert_eq!(reply.status, 200, "another account: {}", reply.body);
    let reply = desk
        .respond(&[("callee", "2069735101"), ("whisper_text", "x")])
        .await;
    assert_eq!(reply.status, 200, "another callee: {}", reply.body);
}

/// Repeats the request while it is answered 503, and returns the answer and the number of attempts. On a
/// machine that is busy with other tests, fifty concurrent requests can exceed the store's time limit.
async fn patiently(app: &App, header: &str, callee: &str) -> (Reply, usize) {
    for tries in 1..=20 {
        let reply = respond(app, header, &[("callee", callee), ("whisper_text", "x")]).await;
        if reply.status != 503 {
            return (reply, tries);
        }
    }
    panic!("the store never answered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_concurrent_requests_to_two_instances_one_is_queued() {
    let desk = Desk::new().await;
    let other = desk.world.another_instance();
    let header = basic(&desk.user);
    for app in [&desk.world.app, &other] {
        let reply = respond(app, &header, &[]).await;
        assert_eq!(reply.status, 400, "the user is cached now");
    }
    let requests = (0..50).map(|number| {
        let app = if number % 2 == 0 {
            &desk.world.app
        } else {
            &other
        };
        patiently(app, &header, CALLEE)
    });
    let replies = join_all(requests).await;
    let (queued, refused): (Vec<_>, Vec<_>) =
        replies.iter().partition(|(reply, _)| reply.status == 200);
    for (reply, _) in &refused {
        assert_refused(reply, 409, "DUPLICATE_QUEUE_ENTRY", "at the same moment");
    }
    // An entry may have been queued by an attempt that timed out, and then every answer is a refusal.
    let late = replies.iter().any(|(_, tries)| *tries > 1);
    assert!(
        queued.len() == 1 || (late && queued.is_empty()),
        "{}",
        queued.len()
    );
    desk.world.only("queue_entry").await;
    desk.world.only("lead").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_callees_queued_in_one_millisecond_have_different_ids() {
    let desk = Desk::new().await;
    let header = basic(&desk.user);
    let reply = desk.respond(&[]).await;
    assert_eq!(reply.status, 400, "the user is cached now");
    let callees: Vec<String> = (0..50)
        .map(|number| format!("20697351{number:02}"))
        .collect();
    let requests = callees
        .iter()
        .map(|callee| patiently(&desk.world.app, &header, callee));
    for (reply, tries) in join_all(requests).await {
        assert!(reply.status == 200 || tries > 1, "{}", reply.body);
    }
    let entries = desk.world.items("queue_entry").await;
    let ids: BTreeSet<_> = entries
        .iter()
        .map(|entry| entry.text("callqueue_id"))
        .collect();
    assert_eq!((ids.len(), entries.len()), (50, 50));
}

#[tokio::test]
async fn a_lead_is_created_if_there_is_none_and_otherwise_unchanged() {
    let desk = Desk::new().await;
    assert_eq!(desk.respond(&good()).await.status, 200);
    let lead = desk.world.only("lead").await;
    assert_eq!(lead.text("phone"), "+12069735100");
    assert_eq!(lead.text("vendor_id"), desk.account.vendor_id);
    assert_eq!(lead.text("v"), "1");
    assert!(!lead.text("lead_id").is_empty());
    assert_eq!(
        desk.world.only("queue_entry").await.text("lead_id"),
        lead.text("lead_id")
    );

    let mut account = desk.account.clone();
    desk.world
        .change(&mut account, |account| account.vendor_id = "8".to_owned())
        .await;
    desk.world.wait(3_600);
    assert_eq!(desk.respond(&good()).await.status, 200);
    assert_eq!(desk.world.only("lead").await, lead, "the lead is unchanged");
}

#[tokio::test]
async fn a_lead_created_here_gets_the_cost_of_a_later_call() {
    let platform = callbook_tests::tld::Platform::with(|account| {
        account.callprocess_id = Some(CallProcessId::new(PROCESS).unwrap());
    })
    .await;
    let world = &platform.world;
    teletracker::add_process(world, &platform.account, PROCESS).await;
    let user = world
        .credential(&platform.account, CredentialKind::User)
        .await;
    let parameters = [("callee", callbook_tests::tld::CID), ("whisper_text", "x")];
    let reply = respond(&world.app, &basic(&user), &parameters).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let lead = world.only("lead").await.text("lead_id");
    platform.call().await;
    let bill = platform.bill("25", &[]).await;
    assert_eq!(bill.json()["lead"]["lead_id"], json!(lead), "{}", bill.body);
}

#[tokio::test]
async fn a_callee_with_a_lost_answer_is_queued_once_and_not_reported_as_a_duplicate() {
    for forgetful in [false, true] {
        let (world, proxy) = faults::world().await;
        if forgetful {
            proxy.forget_tokens();
        }
        let desk = Desk::on(world).await;
        let once = std::sync::atomic::AtomicBool::new(true);
        proxy.plan(move |seen| {
            let first = seen.verb == "TransactWriteItems"
                && once.swap(false, std::sync::atomic::Ordering::SeqCst);
            first.then_some(Fault::LoseAnswer)
        });
        let reply = desk.respond(&good()).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let entry = desk.world.only("queue_entry").await;
        let queued_id = reply.json()["result"]["callqueue_id"].to_string();
        assert_eq!(entry.text("callqueue_id"), queued_id);
    }
}

#[tokio::test]
async fn a_request_of_a_cached_user_costs_one_transaction() {
    let (world, proxy) = faults::world().await;
    let desk = Desk::on(world).await;
    assert_eq!(desk.respond(&good()).await.status, 200);
    for (callee, status) in [("2069735101", 200), (CALLEE, 409)] {
        // Ids are random within a millisecond: two entries in the same one may collide and need a retry.
        desk.world.wait(1);
        proxy.heal();
        let reply = desk
            .respond(&[("callee", callee), ("whisper_text", "x")])
            .await;
        assert_eq!(reply.status, status);
        let mut verbs = proxy.verbs();
        // A refusal is noted, the first of its kind.
        let noted = verbs.remove("UpdateItem");
        assert_eq!(noted.is_some(), status == 409);
        let verbs: Vec<_> = verbs.into_iter().collect();
        assert_eq!(verbs, [("TransactWriteItems".to_owned(), 1)], "{status}");
    }
    for noted in [1, 0] {
        proxy.heal();
        assert_eq!(desk.respond(&[]).await.status, 400);
        assert_eq!(proxy.seen().len(), noted);
    }
}
