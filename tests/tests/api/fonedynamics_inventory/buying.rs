//! Numbers that can be bought are those that no account owns.

use callbook::ids;
use callbook::ledger::{Creation, NumberOwned, Upsert};
use callbook::model::phone::PhoneNumber;
use callbook_tests::fd_calls::{property, token};
use callbook_tests::tld::form;
use callbook_tests::{Key, Reply, teletracker};

use super::{INVENTORY, Shop, inventory_number, put};

impl Shop {
    async fn act(&self, key: &Key, method: &str, path: &str, parameters: &[(&str, &str)]) -> Reply {
        let authorization = teletracker::basic(key);
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let body = form(parameters);
        self.world
            .send(method, path, &headers, body.as_bytes())
            .await
    }
}

#[tokio::test]
async fn a_number_is_available_to_every_account_until_it_is_bought_and_again_after_its_release() {
    let shop = Shop::new().await;
    let other = shop.world.account().await;
    let other = token(&shop.world, &other).await;
    let property = property(&shop.world, &shop.account, None).await;
    let albany = [("CountryCode", "US"), ("Locality", "Albany")];
    let path = format!("/v2/Properties/{}/Numbers", property.as_str());
    for round in 0..2 {
        for key in [&shop.key, &other] {
            let list = shop.ask_as(key, &albany).await.json();
            assert_eq!(list["TotalCount"], 1, "round {round}");
        }
        let bought = shop
            .act(&shop.key, "POST", &path, &[("Number", "+12125550102")])
            .await;
        assert_eq!(bought.status, 200, "{}", bought.body);
        for key in [&shop.key, &other] {
            let reply = shop.ask_as(key, &albany).await;
            assert_eq!(
                reply.status, 200,
                "a place whose numbers are all sold still exists"
            );
            assert_eq!(reply.json()["TotalCount"], 0, "round {round}");
        }
        assert_eq!(
            put(&shop.world, INVENTORY[1]).await,
            Upsert::Refused(NumberOwned),
            "loading it again does not make it available"
        );
        let released = shop
            .act(&shop.key, "DELETE", "/v2/Numbers/12125550102", &[])
            .await;
        assert_eq!(released.status, 200, "{}", released.body);
    }
    let list = shop.list(&albany).await;
    assert_eq!(
        list["AvailableNumbers"][0]["Capabilities"],
        serde_json::json!(["Voice", "SMS", "MMS"]),
        "it is available with its earlier details"
    );
    assert_eq!(put(&shop.world, INVENTORY[1]).await, Upsert::Unchanged);
}

#[tokio::test]
async fn a_number_that_the_operator_registers_is_unavailable_until_it_is_released() {
    let shop = Shop::new().await;
    let number = PhoneNumber::parse_e164(INVENTORY[0][0]).unwrap();
    let ledger = &shop.world.ledger;
    let now = shop.world.clock.now();
    let registered = ledger.register_number(&shop.account, &number, now).await;
    assert_eq!(registered.unwrap(), Creation::Created(()));
    assert!(!shop.american(&[]).await.contains(&"01".to_owned()));
    assert!(ledger.inventory_number(&number).await.unwrap().is_none());
    ledger
        .remove_number(&shop.account.id, &number, ids::guid(), now)
        .await
        .unwrap();
    assert!(shop.american(&[]).await.contains(&"01".to_owned()));
    assert_eq!(
        ledger.inventory_number(&number).await.unwrap(),
        Some(inventory_number(INVENTORY[0]))
    );
}

#[tokio::test]
async fn concurrent_loads_of_a_number_leave_it_in_one_place() {
    let shop = Shop::new().await;
    let [number, kind, capabilities, country, ..] = INVENTORY[0];
    let rounds = (0..40).map(|round| {
        let place = ["Reno", "Elko", "Ely"][round % 3];
        put(
            &shop.world,
            [number, kind, capabilities, country, "Nevada", place, ""],
        )
    });
    futures_util::future::join_all(rounds).await;
    let listed = shop.american(&[("Region", "Nevada")]).await;
    assert_eq!(listed, ["01"], "in one place");
    assert!(shop.american(&[("Region", "New York")]).await == ["02"]);
    let ledger = &shop.world.ledger;
    let number = PhoneNumber::parse_e164(number).unwrap();
    let found = ledger.inventory_number(&number).await.unwrap().unwrap();
    let place = found.place.locality.as_ref().unwrap().as_str();
    assert_eq!(
        shop.american(&[("Region", "Nevada"), ("Locality", place)])
            .await,
        ["01"],
        "both of its items have the same place"
    );
}
