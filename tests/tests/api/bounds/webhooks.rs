//! An endpoint with a long past, and with a long queue.

use callbook_local::engine::TABLE;
use callbook_tests::faults;
use callbook_tests::filled::set;
use callbook_tests::receiver::{Manner, Receiver};
use callbook_tests::team::Team;
use callbook_tests::webhooks::{create, deliverer, endpoint, event};
use serde_json::Value;

use super::{Figures, MANY, reads};

#[tokio::test]
async fn twelve_thousand_deliveries_cost_a_deliverer_no_more_than_its_page() {
    let (world, proxy) = faults::world().await;
    let team = Team::on(world).await;
    let world = &team.world;
    let figures = Figures::read();
    let receiver = Receiver::start(&world.clock).await;
    let own = endpoint(world, &receiver.url("/"));
    create(world, &team.account, &own).await;
    // After one 410, nothing more is sent.
    receiver.behave(|_| Manner::Answer(410));
    let event = event(world, &team.account.id, "line", 0);
    world
        .ledger
        .hand_out(&[event], world.clock.now())
        .await
        .unwrap();
    for (kind, prefix) in [
        ("delivery", "LOG#"),
        ("delivery_due", "DUE#"),
        ("delivery_line", "LINE#"),
    ] {
        let item = world.raw_items(kind).remove(0);
        let sk = item["sk"].as_s().unwrap().clone();
        assert!(sk.starts_with(prefix), "{sk}");
        let (before, event) = sk.rsplit_once('#').unwrap();
        let (before, event) = (before.to_owned(), event.to_owned());
        world
            .fill(&item, MANY, move |nth, copy| {
                let tail = format!("{nth:06}");
                let event = format!("{}{tail}", &event[..10]);
                set(copy, "sk", format!("{before}#{event}"));
                let id = copy["delivery_id"].as_s().unwrap().clone();
                let (head, _) = id.rsplit_once('_').unwrap();
                set(copy, "delivery_id", format!("{head}_{event}"));
            })
            .await;
    }
    proxy.heal();
    let ledger = callbook::ledger::Ledger::new(proxy.client(), TABLE);
    let done = deliverer(world, ledger).deliver_all().await.unwrap();
    assert_eq!(done.switched_off.len(), 1);
    let found = reads(world, &proxy).await;
    // One look for the lease, one for the page, and one for the line.
    assert!(found["93"] <= 3.0 * figures.most("93", 1), "{found:?}");
    for one in ["90", "91"] {
        assert!(found[one] <= 2.0 * figures.most(one, 1), "{found:?}");
    }
    assert!(found["94"] <= figures.most("94", 1), "{found:?}");

    proxy.heal();
    let path = format!("/callbook/v1/webhooks/{}/deliveries?limit=20", own.id);
    let page = team.ask("GET", &path, &Value::Null).await.json();
    assert_eq!(page["deliveries"].as_array().map(Vec::len), Some(20));
    let found = reads(world, &proxy).await;
    assert!(found["92"] <= figures.most("92", 22), "{found:?}");
}
