//! A store that loses answers while calls are recorded.

use callbook_tests::Reply;
use callbook_tests::faults::{self, Fault, Proxy};
use callbook_tests::fd_calls::{each, of_property, post};

use super::{Desk, JANE, OURS, path_of};

async fn desk() -> (Desk, Proxy) {
    let (world, proxy) = faults::world().await;
    let desk = Desk::on(world).await;
    // Caches the token, so that later store requests belong to the call alone.
    desk.all(&[]).await;
    proxy.forget_tokens();
    (desk, proxy)
}

async fn send(desk: &Desk, more: &[(&str, &str)]) -> Reply {
    let call = [&[("From", JANE), ("To", OURS)][..], more].concat();
    post(&desk.world, &desk.key, &of_property(&desk.property), &call).await
}

#[tokio::test]
async fn a_call_with_a_lost_answer_is_recorded_once() {
    for started in [vec![], vec![("Started", "1795262000")]] {
        let (desk, proxy) = desk().await;
        proxy.heal();
        assert_eq!(send(&desk, &[("Started", "1795261000")]).await.status, 200);
        let requests = proxy.seen().len();
        for lost in 0..requests {
            let (desk, proxy) = self::desk().await;
            proxy.plan(move |seen| (seen.number == lost).then_some(Fault::LoseAnswer));
            let reply = send(&desk, &started).await;
            assert_eq!(reply.status, 200, "{lost}: {}", reply.body);
            proxy.heal();
            let again = send(&desk, &started).await;
            assert_eq!(again.json(), reply.json(), "{lost}");
            for (kind, count) in [
                ("call", 1),
                ("pair_call", 1),
                ("lead", 1),
                ("first_contact", 1),
            ] {
                assert_eq!(desk.world.items(kind).await.len(), count, "{lost}: {kind}");
            }
        }
    }
}

#[tokio::test]
async fn an_unreachable_store_is_a_503_and_the_request_can_be_repeated() {
    let (desk, proxy) = desk().await;
    proxy.plan(|seen| (seen.verb == "TransactWriteItems").then_some(Fault::Down));
    let reply = send(&desk, &[]).await;
    assert_eq!(reply.status, 503);
    let body = reply.json();
    assert_eq!(body["ResponseStatus"]["ErrorCode"], "SERVICE_UNAVAILABLE");
    proxy.heal();
    assert_eq!(send(&desk, &[]).await.status, 200);
    assert_eq!(each(&desk.calls(&[]).await, "From"), [JANE]);
}

#[tokio::test]
async fn conflicting_transactions_are_retried() {
    let (desk, proxy) = desk().await;
    proxy.plan(|seen| {
        (seen.verb == "TransactWriteItems" && seen.number < 4).then_some(Fault::Conflict)
    });
    assert_eq!(send(&desk, &[]).await.status, 200);
    assert_eq!(desk.world.items("call").await.len(), 1);
}

#[tokio::test]
async fn a_change_with_a_lost_answer_is_made_and_answered() {
    let (desk, proxy) = desk().await;
    let call = desk.record(JANE, OURS, &[]).await;
    proxy
        .plan(|seen| (seen.verb == "UpdateItem" && seen.attempt == 1).then_some(Fault::LoseAnswer));
    let set = [("Disposition", "Busy")];
    let reply = post(&desk.world, &desk.key, &path_of(&call), &set).await;
    assert_eq!(
        (reply.status, &reply.json()["Disposition"]),
        (200, &"Busy".into())
    );
}

#[tokio::test]
async fn recording_a_call_costs_the_expected_store_requests() {
    let (desk, proxy) = desk().await;
    for (caller, started) in [
        ("a new caller", "1795262000"),
        ("a known caller", "1795262001"),
    ] {
        proxy.heal();
        assert_eq!(send(&desk, &[("Started", started)]).await.status, 200);
        let verbs: Vec<_> = proxy.verbs().into_iter().collect();
        // GetItem: property, number, and the number's vendor. Query: the caller, and the pair.
        let expected = [("GetItem", 3), ("Query", 2), ("TransactWriteItems", 1)];
        let expected: Vec<_> = expected.map(|(verb, n)| (verb.to_owned(), n)).into();
        assert_eq!(verbs, expected, "{caller}");
    }
}
