//! Every event is delivered at least once, with one id and one body, in the order of its line.

use callbook_tests::webhooks::prove;

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
