//! A ledger that an earlier version wrote, and what that version answered (`tests/fixtures`).

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use callbook::ledger::{Ledger, Migrated};
use callbook::model::account::{Account, AccountId};
use callbook::model::time::Instant;
use callbook_local::engine::{Engine, Storage, TABLE};
use callbook_local::template;
use serde_json::Value;

use crate::{Reply, World};
use callbook_audit::Item;

const ITEMS: &str = include_str!("../fixtures/before-pairs/items.json");
const ANSWERS: &str = include_str!("../fixtures/before-pairs/answers.json");

/// What the earlier version answered.
pub struct Answers(Value);

impl Answers {
    /// Reads them.
    #[must_use]
    pub fn read() -> Self {
        Self(serde_json::from_str(ANSWERS).expect("JSON"))
    }

    /// When the last request was sent.
    #[must_use]
    pub fn at(&self) -> Instant {
        Instant::from_millis(self.0["at"].as_i64().expect("milliseconds"))
    }

    /// The ids of its accounts: the one with all the traffic, and the second.
    #[must_use]
    pub fn accounts(&self) -> [AccountId; 2] {
        ["account_id", "second_account_id"]
            .map(|name| AccountId::parse(self.text(&[name])).expect("an account id"))
    }

    /// A text by its path.
    #[must_use]
    pub fn text(&self, path: &[&str]) -> &str {
        let found = path.iter().fold(&self.0, |value, name| &value[*name]);
        found.as_str().expect("a text")
    }

    /// The requests and answers in order.
    #[must_use]
    pub fn all(&self) -> &[Value] {
        self.0["answers"].as_array().expect("a list")
    }

    /// A request with its answer, by name.
    #[must_use]
    pub fn named(&self, name: &str) -> &Value {
        let mut all = self.all().iter();
        all.find(|one| one["name"] == name).expect("the request")
    }

    /// Each bill that was acknowledged, once: its answer, and the guid of its request.
    #[must_use]
    pub fn acknowledged(&self) -> Vec<(&Value, &str)> {
        let mut found: Vec<(&Value, &str)> = Vec::new();
        for one in self.all() {
            let answer = &one["answer"];
            let known = found
                .iter()
                .any(|(other, _)| other["cost_id"] == answer["cost_id"]);
            if answer["cost_id"].is_string() && !known {
                found.push((answer, one["guid"].as_str().expect("a guid")));
            }
        }
        found
    }

    /// The headers of a request of the first account's call platform.
    #[must_use]
    pub fn platform(&self) -> [(&str, &str); 3] {
        [
            ("tld-api-id", self.text(&["tld", "api_id"])),
            ("tld-api-key", self.text(&["tld", "api_key"])),
            ("content-type", "application/x-www-form-urlencoded"),
        ]
    }

    /// The `Authorization` of the first account's user.
    #[must_use]
    pub fn user(&self) -> String {
        let (name, secret) = (
            self.text(&["user", "username"]),
            self.text(&["user", "password"]),
        );
        basic(name, secret)
    }

    /// The `Authorization` of the first account's token.
    #[must_use]
    pub fn token(&self) -> String {
        let token = self.text(&["fonedynamics", "token"]);
        basic(self.text(&["account_sid"]), token)
    }
}

fn basic(name: &str, secret: &str) -> String {
    format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("{name}:{secret}"))
    )
}

/// The items of the earlier version's table.
#[must_use]
pub fn items() -> Vec<Item> {
    let items: Vec<HashMap<String, Value>> = serde_json::from_str(ITEMS).expect("JSON");
    items.into_iter().map(item).collect()
}

fn item(attributes: HashMap<String, Value>) -> Item {
    let attributes = attributes.into_iter();
    attributes
        .map(|(name, value)| (name, attribute(&value)))
        .collect()
}

fn attribute(value: &Value) -> AttributeValue {
    let (kind, value) = only(value);
    let text = || value.as_str().expect("a text").to_owned();
    match kind {
        "S" => AttributeValue::S(text()),
        "N" => AttributeValue::N(text()),
        "BOOL" => AttributeValue::Bool(value.as_bool().expect("a flag")),
        "L" => AttributeValue::L(
            value
                .as_array()
                .expect("a list")
                .iter()
                .map(attribute)
                .collect(),
        ),
        "M" => {
            let members = value.as_object().expect("a map").clone();
            AttributeValue::M(item(members.into_iter().collect()))
        }
        other => panic!("no item has a {other}"),
    }
}

fn only(value: &Value) -> (&str, &Value) {
    let members = value.as_object().expect("an attribute");
    let (kind, value) = members.iter().next().expect("its kind");
    (kind, value)
}

/// Puts every item into a table.
pub async fn load(client: &Client) {
    for item in items() {
        let put = client.put_item().table_name(TABLE).set_item(Some(item));
        put.send().await.expect("the item is put");
    }
}

/// A deployment of this version on the earlier version's table, a minute later. `client` makes the client
/// by which its functions reach the store.
pub async fn world(client: impl AsyncFnOnce(&Engine) -> Client) -> World {
    let engine = Engine::start(Storage::Memory)
        .await
        .expect("the engine starts");
    template::create_table(&engine.client(), TABLE)
        .await
        .expect("the table is made");
    load(&engine.client()).await;
    let client = client(&engine).await;
    let world = World::on(engine, client);
    world.clock.set(Answers::read().at());
    world.wait(60);
    world
}

/// Migrates every account by this ledger, and returns what was done, in the order of the accounts' ids.
///
/// # Panics
/// The store does not answer.
pub async fn migrate(world: &World, ledger: &Ledger) -> Vec<Migrated> {
    let mut found = ledger.find_old(&|_| {}).await.expect("the table is read");
    let mut done = Vec::new();
    for id in Answers::read().accounts() {
        let account = account(ledger, &id).await;
        let old = found.remove(&id).unwrap_or_default();
        let now = world.clock.now();
        let migrated = ledger.migrate(&account, &old, now, &|| {}).await;
        done.push(migrated.expect("it is migrated"));
    }
    assert!(found.is_empty(), "no other account has items");
    done
}

/// An account.
///
/// # Panics
/// There is none.
pub async fn account(ledger: &Ledger, id: &AccountId) -> Account {
    let found = ledger.account(id).await.expect("the table is read");
    found.expect("the account")
}

impl World {
    /// Sends a bill of the earlier version's first call platform.
    pub async fn bill_of_earlier(&self, answers: &Answers, form: &str, key: Option<&str>) -> Reply {
        let mut headers = answers.platform().to_vec();
        headers.extend(key.map(|key| ("idempotency-key", key)));
        self.send("POST", crate::tld::PATH, &headers, form.as_bytes())
            .await
    }
}
