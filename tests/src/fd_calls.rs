//! A Fone Dynamics client that records and lists calls, and the properties and numbers it needs.

use callbook::ids;
use callbook::ledger::{Creation, NumberOwned};
use callbook::model::account::Account;
use callbook::model::phone::PhoneNumber;
use callbook::model::property::{Property, PropertySid};
use callbook::model::short_text::ShortText;
use callbook::model::time::{Instant, Zone};
use serde_json::{Value, json};

pub use crate::fonedynamics::token;
use crate::fonedynamics::{ask, done, path_of};
use crate::tld::form;
use crate::{Key, Reply, World, teletracker};

/// A new property.
pub async fn property(world: &World, account: &Account, zone: Option<&str>) -> PropertySid {
    let name = ShortText::parse("Test").expect("a name");
    let property = Property {
        zone: zone.map(|zone| Zone::parse(zone).expect("a zone")),
        ..Property::new(ids::property_sid(), name, world.clock.now())
    };
    let created = world
        .ledger
        .create_property(&account.id, property, None)
        .await;
    match created.expect("the store") {
        Creation::Created(property) => property.sid,
        other => panic!("{other:?}"),
    }
}

/// Registers a number, in E.164, unless the account already owns it.
async fn register(world: &World, account: &Account, number: &str) {
    let number = PhoneNumber::parse_e164(number).expect("a number");
    let registered = world
        .ledger
        .register_number(account, &number, world.clock.now())
        .await;
    let registered = registered.expect("the store");
    assert_ne!(registered, Creation::Refused(NumberOwned));
}

/// Assigns a number, in E.164, to a property from `from` until before `until`.
pub async fn hold(
    world: &World,
    account: &Account,
    number: &str,
    property: &PropertySid,
    from: i64,
    until: Option<i64>,
) {
    let today = world.clock.now();
    let (app, key) = (world.another_instance(), token(world, account).await);
    world.clock.set(Instant::from_millis(from));
    register(world, account, number).await;
    let numbers = format!("/v2/Properties/{}/Numbers", property.as_str());
    let bought = json!({ "Number": number }).to_string();
    done(&ask(&app, &key, "POST", &numbers, &bought).await);
    if let Some(until) = until {
        world.clock.set(Instant::from_millis(until));
        done(&ask(&app, &key, "DELETE", &path_of(number), "").await);
    }
    world.clock.set(today);
}

/// Sets the endpoint of a number, in E.164, and its attribution: source, medium, campaign and content, each
/// empty for none.
pub async fn set_up(
    world: &World,
    account: &Account,
    number: &str,
    endpoint: &str,
    attribution: [&str; 4],
) {
    register(world, account, number).await;
    let (app, key) = (world.another_instance(), token(world, account).await);
    let names =
        ["Source", "Medium", "Campaign", "Content"].map(|name| format!("Attribution_{name}"));
    let names = names.iter().map(String::as_str);
    let parameters: Vec<_> = names
        .zip(attribution)
        .chain([("EndpointNumber", endpoint)])
        .collect();
    let changed = ask(&app, &key, "POST", &path_of(number), &form(&parameters)).await;
    done(&changed);
}

/// Sends a GET with parameters in the query string.
pub async fn get(world: &World, key: &Key, path: &str, parameters: &[(&str, &str)]) -> Reply {
    let authorization = teletracker::basic(key);
    let headers = [("authorization", authorization.as_str())];
    let path = format!("{path}?{}", form(parameters));
    world.send("GET", &path, &headers, b"").await
}

/// Sends a POST with parameters as a form.
pub async fn post(world: &World, key: &Key, path: &str, parameters: &[(&str, &str)]) -> Reply {
    let authorization = teletracker::basic(key);
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", crate::tld::FORM),
    ];
    let body = form(parameters);
    world.send("POST", path, &headers, body.as_bytes()).await
}

/// The path of a property's calls.
#[must_use]
pub fn of_property(property: &PropertySid) -> String {
    format!("/v2/Properties/{}/Calls", property.as_str())
}

/// The path of an account's calls.
#[must_use]
pub fn of_account(account: &Account) -> String {
    format!("/v2/Accounts/{}/Calls", account.sid.as_str())
}

/// Records a call, which must succeed, and returns it as answered.
pub async fn record(
    world: &World,
    key: &Key,
    property: &PropertySid,
    parameters: &[(&str, &str)],
) -> Value {
    let reply = post(world, key, &of_property(property), parameters).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()
}

/// Requests a list, which must succeed, and returns the answer.
pub async fn list(world: &World, key: &Key, path: &str, parameters: &[(&str, &str)]) -> Value {
    let reply = get(world, key, path, parameters).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()
}

/// One member of every call in a list, as text.
#[must_use]
pub fn each(list: &Value, member: &str) -> Vec<String> {
    let calls = list["Calls"].as_array().expect("calls").iter();
    calls
        .map(|call| match &call[member] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
        .collect()
}

/// The field errors of an answer: code and field.
#[must_use]
pub fn faults(reply: &Reply) -> Vec<(String, String)> {
    let body = reply.json();
    let errors = body["ResponseStatus"]["Errors"].as_array().cloned();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    errors
        .unwrap_or_default()
        .iter()
        .map(|error| (text(&error["ErrorCode"]), text(&error["FieldName"])))
        .collect()
}

/// An instant in Unix seconds, as clients write it.
#[must_use]
pub fn seconds(moment: Instant) -> String {
    moment.seconds().to_string()
}
