//! A client of Fone Dynamics' paths, and the inventory that it buys from.

use callbook::edge::App;
use callbook::ids;
use callbook::ledger::Upsert;
use callbook::model::account::Account;
use callbook::model::country::{Country, ServedCountry};
use callbook::model::credential::{CredentialKind, Limits};
use callbook::model::inventory::{Capabilities, InventoryNumber, NumberType, Place, PlaceName};
use callbook::model::phone::PhoneNumber;
use serde_json::{Value, json};

use crate::teletracker::pair;
use crate::tld::{FORM, JSON, form};
use crate::{Key, Reply, World, send_to};

/// A country that requires no address.
pub const FREE: &str = "US";
/// A country that requires an address.
pub const STRICT: &str = "AU";
/// An inventory number in [`FREE`].
pub const NUMBER: &str = "+12065550111";
/// Another inventory number in [`FREE`].
pub const OTHER: &str = "+12065550112";
/// An inventory number in [`STRICT`].
pub const FAR: &str = "+61291234567";
/// A sid that no resource has.
pub const NOBODY: &str = "ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ";

/// An account on a deployment, and a client of it that has no limits.
pub struct Site {
    /// The deployment.
    pub world: World,
    /// The account.
    pub account: Account,
    /// Its sid and a token.
    pub key: Key,
}

/// A token of an account, without limits.
pub async fn token(world: &World, account: &Account) -> Key {
    let limits = Limits::default();
    let kind = CredentialKind::Fonedynamics;
    world
        .credential_with(account, kind, |new| new.limits = limits)
        .await
}

/// Sends a request to an instance of the functions; the body is JSON if it starts like JSON, else a form.
pub async fn ask(app: &App, key: &Key, method: &str, path: &str, body: &str) -> Reply {
    let basic = format!("Basic {}", pair(&key.name, &key.secret));
    let media = match body.starts_with('{') {
        true => JSON,
        false => FORM,
    };
    let mut headers = vec![("authorization", basic.as_str())];
    if !body.is_empty() {
        headers.push(("content-type", media));
    }
    send_to(app, method, path, &headers, body.as_bytes()).await
}

/// The body of a successful answer.
pub fn done(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()
}

/// The status and the code of a refusal, and each field's code and name.
#[must_use]
pub fn refusal(reply: &Reply) -> (u16, String, Vec<(String, String)>) {
    let body = reply.json();
    let status = &body["ResponseStatus"];
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let errors = status["Errors"].as_array().expect("errors").iter();
    let errors = errors
        .map(|error| (text(&error["ErrorCode"]), text(&error["FieldName"])))
        .collect();
    (reply.status, text(&status["ErrorCode"]), errors)
}

/// Asserts the status of a refusal, and the codes and names of its fields.
pub fn refused(reply: &Reply, status: u16, fields: &[(&str, &str)]) {
    let (found, code, errors) = refusal(reply);
    let errors: Vec<_> = errors
        .iter()
        .map(|(code, field)| (code.as_str(), field.as_str()))
        .collect();
    assert_eq!(found, status, "{}", reply.body);
    assert_eq!(errors, fields, "{}", reply.body);
    assert_eq!(
        code, fields[0].0,
        "the outer code is that of the first field"
    );
}

/// Makes the deployment serve [`FREE`] and [`STRICT`].
pub async fn serve(world: &World) {
    for (country, requires_address) in [(FREE, false), (STRICT, true)] {
        let served = ServedCountry {
            country: Country::parse(country).expect("a country"),
            requires_address,
        };
        world.ledger.serve_country(served).await.unwrap();
    }
}

/// An inventory number as an operator loads it.
#[must_use]
pub fn number(number: &str, country: &str, kind: &str, capabilities: &str) -> InventoryNumber {
    let place = match country {
        FREE => ("WA", "Seattle"),
        _ => ("NSW", "Sydney"),
    };
    InventoryNumber {
        number: PhoneNumber::parse_e164(number).expect("a number"),
        kind: NumberType::parse(kind).expect("a type"),
        capabilities: Capabilities::parse(capabilities).expect("capabilities"),
        country: Country::parse(country).expect("a country"),
        place: Place {
            region: PlaceName::parse(place.0).ok(),
            locality: PlaceName::parse(place.1).ok(),
        },
        price: None,
    }
}

/// Loads a number into the inventory.
pub async fn load(world: &World, number: &InventoryNumber) {
    let (country, place) = (number.country, &number.place);
    world.ledger.put_place(country, place).await.unwrap();
    let put = world.ledger.put_inventory_number(number, ids::guid());
    assert_eq!(put.await.unwrap(), Upsert::Created);
}

impl Site {
    /// A site on a new deployment, with [`NUMBER`], [`OTHER`] and [`FAR`] in the inventory.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// The same, with changed account settings.
    pub async fn with(change: impl FnOnce(&mut Account)) -> Self {
        Self::on(World::new().await, change).await
    }

    /// The same, on an existing empty deployment.
    pub async fn on(world: World, change: impl FnOnce(&mut Account)) -> Self {
        serve(&world).await;
        for (e164, country) in [(NUMBER, FREE), (OTHER, FREE), (FAR, STRICT)] {
            load(&world, &number(e164, country, "Local", "Voice,SMS")).await;
        }
        let account = world.account_with(change).await;
        let key = token(&world, &account).await;
        Self {
            world,
            account,
            key,
        }
    }

    /// The account's sid.
    #[must_use]
    pub fn sid(&self) -> &str {
        self.account.sid.as_str()
    }

    /// Sends a request with the account's token.
    pub async fn ask(&self, method: &str, path: &str, body: &str) -> Reply {
        ask(&self.world.app, &self.key, method, path, body).await
    }

    /// Sends a GET.
    pub async fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, "").await
    }

    /// Sends a POST with a form.
    pub async fn post(&self, path: &str, parameters: &[(&str, &str)]) -> Reply {
        self.ask("POST", path, &form(parameters)).await
    }

    /// Sends a POST with JSON.
    pub async fn post_json(&self, path: &str, body: &Value) -> Reply {
        self.ask("POST", path, &body.to_string()).await
    }

    /// Sends a DELETE.
    pub async fn delete(&self, path: &str) -> Reply {
        self.ask("DELETE", path, "").await
    }

    /// Creates a property and returns its sid.
    pub async fn property(&self, name: &str) -> String {
        let made = self
            .post_json("/v2/Properties", &json!({ "Name": name }))
            .await;
        sid(&done(&made)["Property"], "PropertySid")
    }

    /// Creates an address and returns its sid.
    pub async fn address(&self, country: &str) -> String {
        let path = format!("/v2/Accounts/{}/Addresses", self.sid());
        let body =
            json!({"Line1": "1 Example Street", "City": "Exampleton", "CountryCode": country});
        sid(&done(&self.post_json(&path, &body).await), "AddressSid")
    }

    /// Buys a number for a property.
    pub async fn buy(&self, property: &str, number: &str) -> Reply {
        let path = format!("/v2/Properties/{property}/Numbers");
        self.post_json(&path, &json!({ "Number": number })).await
    }

    /// Buys a number for a property, linked to an address.
    pub async fn buy_at(&self, property: &str, number: &str, address: &str) -> Reply {
        let path = format!("/v2/Properties/{property}/Numbers");
        let body = json!({"Number": number, "AddressSid": address});
        self.post_json(&path, &body).await
    }
}

/// A sid in an answer; it must have 32 upper-case letters.
#[must_use]
pub fn sid(answer: &Value, name: &str) -> String {
    let sid = answer[name].as_str().expect("a sid").to_owned();
    let letters = sid.bytes().all(|byte| byte.is_ascii_uppercase());
    assert!(sid.len() == 32 && letters, "{name}");
    sid
}

/// The path of a number.
#[must_use]
pub fn path_of(number: &str) -> String {
    format!("/v2/Numbers/{}", number.trim_start_matches('+'))
}
