//! A store that loses answers: nothing is done twice, and a completed request is not answered with an error.

use std::sync::atomic::{AtomicUsize, Ordering};

use callbook_tests::faults::{self, Fault, Proxy};
use callbook_tests::fonedynamics::{FREE, NUMBER, Site, done, path_of};
use serde_json::json;

/// A deployment whose store loses the answer to the first attempt of each transaction, and ignores the
/// transaction token that would identify the second.
async fn losing() -> (Site, Proxy) {
    let (world, proxy) = faults::world().await;
    let site = Site::on(world, |_| {}).await;
    proxy.forget_tokens();
    lose(&proxy);
    (site, proxy)
}

fn lose(proxy: &Proxy) {
    proxy.plan(|seen| {
        let first = seen.verb == "TransactWriteItems" && seen.attempt == 1;
        first.then_some(Fault::LoseAnswer)
    });
}

fn lost(proxy: &Proxy) -> usize {
    let seen = proxy.seen();
    let again = seen.iter().filter(|seen| seen.attempt > 1);
    again.count()
}

#[tokio::test]
async fn a_property_and_an_address_with_lost_answers_are_created_once() {
    let (site, proxy) = losing().await;
    site.property("P").await;
    site.address(FREE).await;
    assert!(lost(&proxy) >= 2, "answers were lost");
    assert_eq!(done(&site.get("/v2/Properties").await)["TotalCount"], 1);
    let path = format!("/v2/Accounts/{}/Addresses", site.sid());
    assert_eq!(done(&site.get(&path).await)["TotalCount"], 1);
}

#[tokio::test]
async fn a_number_with_lost_answers_is_bought_linked_changed_and_released_once() {
    let (site, proxy) = losing().await;
    let (property, address) = (site.property("P").await, site.address(FREE).await);
    let own = format!("/v2/Addresses/{address}");
    lose(&proxy);
    assert_eq!(
        done(&site.buy_at(&property, NUMBER, &address).await)["Status"],
        "Active"
    );
    assert_eq!(lost(&proxy), 1, "an answer was lost");
    let path = path_of(NUMBER);

    let second = site.address(FREE).await;
    let link = json!({"AddressSid": second, "Friendly": "Line"});
    let changed = done(&site.post_json(&path, &link).await);
    assert_eq!(changed["AddressSid"], json!(second));
    done(&site.delete(&own).await);

    assert_eq!(
        done(&site.delete(&path).await),
        json!({ "Number": NUMBER }),
        "the retry recognizes its own first attempt"
    );
    done(&site.delete(&format!("/v2/Addresses/{second}")).await);
    let assignments = site.world.assignments(&site.account.id).await;
    assert_eq!(assignments.len(), 1);
    assert_eq!(assignments[0].until, Some(assignments[0].from));
    let number = callbook::model::phone::PhoneNumber::parse_e164(NUMBER).unwrap();
    let number = site.world.ledger.inventory_number(&number).await.unwrap();
    assert!(number.is_some(), "the number is back in the inventory");
}

#[tokio::test]
async fn throttling_and_conflicts_are_retried_until_they_pass() {
    let (world, proxy) = faults::world().await;
    let site = Site::on(world, |_| {}).await;
    for fault in [Fault::Throttle, Fault::Conflict] {
        // By its place among the transactions: a request that plans again has read in between.
        let transactions = AtomicUsize::new(0);
        proxy.plan(move |seen| {
            let write = seen.verb == "TransactWriteItems";
            let place = transactions.fetch_add(usize::from(write), Ordering::Relaxed);
            (write && place % 3 != 2).then_some(fault)
        });
        let property = site.property("P").await;
        done(&site.buy(&property, NUMBER).await);
        done(&site.delete(&path_of(NUMBER)).await);
    }
    proxy.heal();
    let assignments = site.world.assignments(&site.account.id).await;
    assert_eq!(assignments.len(), 2);
}
