//! `GET /v2/AvailableNumbers` (contracts/fonedynamics.md): the deployment's numbers that no account owns.

mod buying;
mod filters;
mod pages;
mod refusals;

use callbook::ids;
use callbook::ledger::{NumberOwned, Upsert};
use callbook::model::account::Account;
use callbook::model::cost::Cost;
use callbook::model::country::{Country, ServedCountry};
use callbook::model::inventory::{Capabilities, InventoryNumber, NumberType, Place, PlaceName};
use callbook::model::phone::PhoneNumber;
use callbook_tests::fd_calls::token;
use callbook_tests::tld::form;
use callbook_tests::{Key, Reply, World, teletracker};
use serde_json::Value;

/// The path.
const PATH: &str = "/v2/AvailableNumbers";

/// Number, type, capabilities, country, region, locality, price.
type Row = [&'static str; 7];

/// The initial inventory.
const INVENTORY: [Row; 7] = [
    [
        "+12125550101",
        "Local",
        "Voice,SMS",
        "US",
        "New York",
        "New York",
        "1.5",
    ],
    [
        "+12125550102",
        "Local",
        "Voice,SMS,MMS",
        "US",
        "New York",
        "Albany",
        "",
    ],
    [
        "+13105550103",
        "Local",
        "Voice",
        "US",
        "California",
        "Los Angeles",
        "2",
    ],
    [
        "+13105550104",
        "Shared-Rate",
        "SMS",
        "US",
        "California",
        "New York",
        "",
    ],
    ["+18005550105", "Toll-Free", "Voice", "US", "", "", "9.9999"],
    ["+19005550106", "National", "Voice,MMS", "US", "", "", ""],
    [
        "+61255501107",
        "Local",
        "Voice",
        "AU",
        "New South Wales",
        "Sydney",
        "",
    ],
];

/// A deployment with an inventory, and an account that reads it.
struct Shop {
    world: World,
    account: Account,
    key: Key,
}

impl Shop {
    async fn new() -> Self {
        Self::on(World::new().await).await
    }

    async fn on(world: World) -> Self {
        for (code, requires_address) in [("US", false), ("AU", true), ("NZ", false)] {
            serve(&world, code, requires_address).await;
        }
        for row in INVENTORY {
            assert_eq!(put(&world, row).await, Upsert::Created);
        }
        let account = world.account().await;
        let key = token(&world, &account).await;
        Self {
            world,
            account,
            key,
        }
    }

    /// Requests the list with `parameters`.
    async fn ask(&self, parameters: &[(&str, &str)]) -> Reply {
        self.ask_as(&self.key, parameters).await
    }

    async fn ask_as(&self, key: &Key, parameters: &[(&str, &str)]) -> Reply {
        self.send(key, "GET", &format!("{PATH}?{}", form(parameters)))
            .await
    }

    async fn send(&self, key: &Key, method: &str, path: &str) -> Reply {
        let authorization = teletracker::basic(key);
        let headers = [("authorization", authorization.as_str())];
        self.world.send(method, path, &headers, b"").await
    }

    /// The answer to a request that must succeed.
    async fn list(&self, parameters: &[(&str, &str)]) -> Value {
        let reply = self.ask(parameters).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()
    }

    /// The last two digits of the numbers listed for `CountryCode=US` and `parameters`.
    async fn american(&self, parameters: &[(&str, &str)]) -> Vec<String> {
        let list = self
            .list(&[&[("CountryCode", "US")], parameters].concat())
            .await;
        assert_eq!(list["NextPageToken"], Value::Null);
        let numbers = endings(&list);
        assert_eq!(list["TotalCount"], numbers.len());
        numbers
    }
}

/// The last two digits of the numbers of a page.
fn endings(list: &Value) -> Vec<String> {
    let rows = list["AvailableNumbers"].as_array().expect("rows").iter();
    rows.map(|row| {
        let number = row["Number"].as_str().expect("a number");
        number[number.len() - 2..].to_owned()
    })
    .collect()
}

async fn serve(world: &World, code: &str, requires_address: bool) {
    let served = ServedCountry {
        country: Country::parse(code).unwrap(),
        requires_address,
    };
    world.ledger.serve_country(served).await.unwrap();
}

fn inventory_number(row: Row) -> InventoryNumber {
    let [number, kind, capabilities, country, region, locality, price] = row;
    InventoryNumber {
        number: PhoneNumber::parse_e164(number).unwrap(),
        kind: NumberType::parse(kind).unwrap(),
        capabilities: Capabilities::parse(capabilities).unwrap(),
        country: Country::parse(country).unwrap(),
        place: Place {
            region: PlaceName::parse(region).ok(),
            locality: PlaceName::parse(locality).ok(),
        },
        price: Cost::parse(price).ok(),
    }
}

async fn put(world: &World, row: Row) -> Upsert<NumberOwned> {
    let number = inventory_number(row);
    let known = world.ledger.put_place(number.country, &number.place).await;
    known.unwrap();
    let put = world.ledger.put_inventory_number(&number, ids::guid());
    put.await.unwrap()
}
