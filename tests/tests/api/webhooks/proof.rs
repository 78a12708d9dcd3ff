//! Every event is delivered at least once, with one id and one body, in the order of its line.

use callbook::ledger::Ledger;
use callbook_local::engine::TABLE;
use callbook_tests::faults::{self, Fault};
use callbook_tests::webhooks::{PATIENCE, Pace, prove, prove_on};

#[tokio::test]
async fn receivers_that_misbehave_get_every_event_in_order() {
    for (events, percent, seed) in [(100, 10, 1), (200, 30, 2)] {
        let proof = prove(events, 30, percent, seed).await;
        assert!(
            proof.requests > proof.events,
            "something went wrong at times: {proof:?}"
        );
        assert!(proof.repeats > 0, "an answer was lost at times");
    }
}

/// A delivery whose outcome could not be written is sent again, with the same id, before the next one of its line.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_fails_loses_no_delivery_and_no_order() {
    let (world, proxy) = faults::world().await;
    proxy.plan(|seen| match seen.number % 29 {
        3 => Some(Fault::Throttle),
        7 => Some(Fault::LoseAnswer),
        11 => Some(Fault::Down),
        17 => Some(Fault::Garble),
        23 if seen.verb == "TransactWriteItems" => Some(Fault::Conflict),
        _ => None,
    });
    let ledger = Ledger::new(proxy.client(), TABLE);
    let proof = prove_on(world, ledger, (120, 12), (5, 3, PATIENCE), Pace::Rough).await;
    assert!(proof.requests >= proof.events, "{proof:?}");
}
