//! Requests that meet: whatever order they come in, what is left holds together.

use std::cell::Cell;
use std::sync::Arc;

use callbook::model::phone::PhoneNumber;
use callbook_tests::fonedynamics::{FREE, NUMBER, Site, ask, done, path_of, token};
use callbook_tests::send_to;
use futures_util::future::{join, join_all};
use serde_json::json;

/// A number is linked to an address while the address is deleted, two hundred times in each order: one of the
/// two is refused.
async fn linking_meets_deletion(linked_first: bool) {
    let site = Site::new().await;
    let property = site.property("P").await;
    done(&site.buy(&property, NUMBER).await);
    let number = path_of(NUMBER);
    for round in 0..200 {
        let address = site.address(FREE).await;
        let path = format!("/v2/Addresses/{address}");
        let body = json!({ "AddressSid": address }).to_string();
        let (app, key) = (&site.world.app, &site.key);
        let link = ask(app, key, "POST", &number, &body);
        let delete = ask(app, key, "DELETE", &path, "");
        let (link, delete) = if linked_first {
            join(link, delete).await
        } else {
            let (delete, link) = join(delete, link).await;
            (link, delete)
        };
        let shown = done(&site.get(&number).await);
        let there = site.get(&path).await.status == 200;
        let linked = shown["AddressSid"] == json!(address);
        match (link.status, delete.status) {
            (200, 403) => assert!(linked && there, "{round}"),
            (400, 200) => assert!(!linked && !there, "{round}"),
            other => panic!("{round}: {other:?}: {} {}", link.body, delete.body),
        }
        if linked {
            let unlink = json!({ "AddressSid": "" }).to_string();
            done(&site.ask("POST", &number, &unlink).await);
            done(&site.delete(&path).await);
        }
    }
}

#[tokio::test]
async fn an_address_is_never_deleted_while_a_number_is_being_linked_to_it() {
    linking_meets_deletion(true).await;
}

#[tokio::test]
async fn a_number_is_never_linked_to_an_address_that_is_being_deleted() {
    linking_meets_deletion(false).await;
}

#[tokio::test]
async fn of_fifty_buyers_over_two_accounts_exactly_one_gets_the_number() {
    let site = Site::new().await;
    let other = site.world.account().await;
    let their_key = token(&site.world, &other).await;
    let app = &site.world.app;
    let mut buyers = Vec::new();
    for index in 0..50 {
        let key = if index % 2 == 0 {
            &site.key
        } else {
            &their_key
        };
        let made = ask(app, key, "POST", "/v2/Properties", "Name=P").await;
        let property = callbook_tests::fonedynamics::sid(&done(&made)["Property"], "PropertySid");
        buyers.push((key, format!("/v2/Properties/{property}/Numbers")));
    }
    for round in 0..2 {
        let body = json!({ "Number": NUMBER }).to_string();
        let buys = buyers
            .iter()
            .map(|(key, path)| ask(app, key, "POST", path, &body));
        let replies = join_all(buys).await;
        let won: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
        assert_eq!(won.len(), 1, "{round}");
        for reply in replies.iter().filter(|reply| reply.status != 200) {
            assert!(
                [400, 403].contains(&reply.status),
                "{round}: {}",
                reply.body
            );
        }
        let number = PhoneNumber::parse_e164(NUMBER).unwrap();
        let ledger = &site.world.ledger;
        let ours = ledger.number(&site.account.id, &number).await.unwrap();
        let theirs = ledger.number(&other.id, &number).await.unwrap();
        assert!(ours.is_some() != theirs.is_some(), "{round}");
        assert!(
            ledger.inventory_number(&number).await.unwrap().is_none(),
            "{round}"
        );

        // Everybody gives it back at once, and one of its owner's requests does.
        let owner = if ours.is_some() {
            &site.key
        } else {
            &their_key
        };
        let path = path_of(NUMBER);
        let gone = join_all((0..10).map(|_| ask(app, owner, "DELETE", &path, ""))).await;
        let done = gone.iter().filter(|reply| reply.status == 200).count();
        assert_eq!(done, 1, "{round}");
        assert!(
            ledger.inventory_number(&number).await.unwrap().is_some(),
            "{round}"
        );
    }
    let world = &site.world;
    let ours = world.assignments(&site.account.id).await;
    let theirs = world.assignments(&other.id).await;
    let assignments: Vec<_> = ours.into_iter().chain(theirs).collect();
    assert_eq!(assignments.len(), 2);
    assert!(assignments.iter().all(|one| one.until.is_some()));
}

#[tokio::test]
async fn a_release_takes_no_number_from_a_property_that_it_does_not_name() {
    let site = Site::new().await;
    let (property, other) = (site.property("P").await, site.property("Q").await);
    let path = path_of(NUMBER);
    let release = format!("{path}?PropertySid={property}");
    for round in 0..40 {
        done(&site.buy(&property, NUMBER).await);
        let released = Cell::new(false);
        let buyer = async {
            loop {
                let free = released.get();
                if site.buy(&other, NUMBER).await.status == 200 {
                    return;
                }
                assert!(!free, "{round}: released, and not for sale");
            }
        };
        let releases = async {
            let replies = join(site.delete(&release), site.delete(&release)).await;
            released.set(true);
            replies
        };
        let ((), (one, two)) = join(buyer, releases).await;
        assert!([one.status, two.status].contains(&200), "{round}");
        let shown = done(&site.get(&path).await);
        assert_eq!(shown["PropertySid"], json!(other), "{round}");
        done(&site.delete(&path).await);
    }
}

#[tokio::test]
async fn a_purchase_that_is_sent_twice_at_once_is_answered_twice() {
    let site = Site::new().await;
    let property = site.property("P").await;
    for round in 0..20 {
        let buys = join_all((0..6).map(|_| site.buy(&property, NUMBER))).await;
        for reply in buys {
            assert_eq!(reply.status, 200, "{round}: {}", reply.body);
        }
        done(&site.delete(&path_of(NUMBER)).await);
    }
}

#[tokio::test]
async fn as_many_changes_as_a_bulk_tool_sends_are_all_done() {
    let site = Site::new().await;
    let property = site.property("P").await;
    done(&site.buy(&property, NUMBER).await);
    let number = path_of(NUMBER);
    let names: Vec<_> = (0..30).map(|index| index.to_string()).collect();
    let changes = names.iter().map(|name| {
        let (site, number) = (&site, &number);
        async move { site.post(number, &[("Friendly", name)]).await }
    });
    for reply in join_all(changes).await {
        done(&reply);
    }
}

#[tokio::test]
async fn changes_that_meet_are_all_kept() {
    let site = Arc::new(Site::new().await);
    let property = site.property("P").await;
    done(&site.buy(&property, NUMBER).await);
    let number = path_of(NUMBER);
    let changes = [
        ("Friendly", "A"),
        ("Attribution_Source", "B"),
        ("Attribution_Medium", "C"),
        ("Attribution_Campaign", "D"),
        ("Attribution_Content", "E"),
        ("Recording", "Call"),
    ];
    let replies = join_all(
        changes
            .iter()
            .map(|change| site.post(&number, std::slice::from_ref(change))),
    );
    for reply in replies.await {
        done(&reply);
    }
    let shown = done(&site.get(&number).await);
    for (name, value) in changes {
        assert_eq!(shown[name], value, "{name}");
    }
}

#[tokio::test]
async fn one_idempotency_key_makes_one_property_however_many_send_it_at_once() {
    let site = Site::new().await;
    let pair = callbook_tests::teletracker::pair(&site.key.name, &site.key.secret);
    let basic = format!("Basic {pair}");
    let headers = [
        ("authorization", basic.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", "k"),
    ];
    let body = br#"{"Name":"Once"}"#;
    let app = &site.world.app;
    let replies = join_all((0..20).map(|_| send_to(app, "POST", "/v2/Properties", &headers, body)));
    let mut bodies: Vec<_> = replies.await.into_iter().map(|reply| reply.body).collect();
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
    assert_eq!(done(&site.get("/v2/Properties").await)["TotalCount"], 1);
}
