//! What a search for available numbers reads, beside numbers that were sold and accounts that bought them.

use callbook_tests::filled::{set, text};
use callbook_tests::fonedynamics::{self, FREE, Site, done, load, number, path_of, token};
use callbook_tests::{Reply, faults};

use super::{Figures, MANY, assert_bounded, reads};

const SEARCH: &str = "/v2/AvailableNumbers?CountryCode=US&Region=WA&Locality=Seattle";

async fn search(site: &Site) -> Reply {
    fonedynamics::ask(&site.world.app, &site.key, "GET", SEARCH, "").await
}

#[tokio::test]
async fn numbers_that_were_sold_cost_a_search_nothing() {
    let (world, proxy) = faults::world().await;
    let site = Site::on(world, |_| {}).await;
    let world = &site.world;
    // A neighbour buys numbers, releases some, and buys them again.
    let neighbour = world.account().await;
    let key = token(world, &neighbour).await;
    let made = fonedynamics::ask(&world.app, &key, "POST", "/v2/Properties", "Name=P").await;
    let property = fonedynamics::sid(&done(&made)["Property"], "PropertySid");
    let path = format!("/v2/Properties/{property}/Numbers");
    for nth in 0..40 {
        let e164 = format!("+1206556{nth:04}");
        load(world, &number(&e164, FREE, "Local", "Voice,SMS")).await;
        let body = format!("{{\"Number\": \"{e164}\"}}");
        for _ in 0..2 {
            done(&fonedynamics::ask(&world.app, &key, "POST", &path, &body).await);
            done(&fonedynamics::ask(&world.app, &key, "DELETE", &path_of(&e164), "").await);
        }
        done(&fonedynamics::ask(&world.app, &key, "POST", &path, &body).await);
    }
    // Many more numbers that others own, and their assignments in the past.
    for kind in ["number", "number_owner", "tenure"] {
        let item = world.raw_items(kind).remove(0);
        world
            .fill(&item, MANY, |nth, copy| {
                let e164 = format!("+1415{:07}", 2_000_000 + nth);
                // An owner's item has its number in its key alone.
                let own = match kind {
                    "number_owner" => text(copy, "pk").replace("NUM#", ""),
                    _ => text(copy, "number"),
                };
                for key in ["pk", "sk"] {
                    let moved = text(copy, key).replace(&own, &e164);
                    set(copy, key, moved);
                }
                if kind != "number_owner" {
                    set(copy, "number", e164);
                }
            })
            .await;
    }
    proxy.heal();
    let reply = search(&site).await;
    assert_eq!(done(&reply)["TotalCount"], 2, "{}", reply.body);
    let found = reads(world, &proxy).await;
    assert!(found["24"] <= 1.0 && !found.contains_key("31"), "{found:?}");
}

#[tokio::test]
async fn a_search_costs_what_is_for_sale_in_its_place() {
    let (world, proxy) = faults::world().await;
    let site = Site::on(world, |_| {}).await;
    let world = &site.world;
    let by_place = |item: &callbook_tests::filled::Item| text(item, "pk").starts_with("STOCK#US");
    let item = world.raw_items("stock").into_iter().find(by_place);
    let item = item.expect("a number for sale");
    let sk = text(&item, "sk");
    let here = sk.rsplit_once('#').expect("a number").0.to_owned();
    for place in [here.as_str(), "or#portland#Local"] {
        world
            .fill(&item, MANY, |nth, copy| {
                let e164 = format!("+1503{:07}", 2_000_000 + nth);
                set(copy, "sk", format!("{place}#{e164}"));
                set(copy, "number", e164);
            })
            .await;
    }
    proxy.heal();
    let reply = search(&site).await;
    assert_eq!(done(&reply)["TotalCount"], MANY + 2, "{}", reply.status);
    let figures = Figures::read();
    assert_bounded((world, &proxy), &figures, MANY + 2, "a search").await;
    // Nothing is for sale, and there are many places: one of them may have had a number.
    let place = world.raw_items("place").into_iter();
    let american = |item: &callbook_tests::filled::Item| text(item, "pk") == "PLACE#US";
    let item = place.filter(american).last().expect("a place");
    world
        .fill(&item, MANY, |nth, copy| {
            set(copy, "sk", format!("or#town {nth:05}#"));
            set(copy, "region", "OR");
            set(copy, "locality", format!("Town {nth:05}"));
        })
        .await;
    let path = "/v2/AvailableNumbers?CountryCode=US&Region=OR&Locality=Nowhere";
    proxy.heal();
    let reply = fonedynamics::ask(&world.app, &site.key, "GET", path, "").await;
    assert_eq!(reply.status, 400, "{}", reply.body);
    let found = reads(world, &proxy).await;
    assert!(found["31"] <= 1.0, "{found:?}");
}
