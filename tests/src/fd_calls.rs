//! A Fone Dynamics client's calls, and what they are a property's by.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use callbook::ids;
use callbook::ledger::Creation;
use callbook::model::account::Account;
use callbook::model::property::{Property, PropertySid};
use callbook::model::short_text::ShortText;
use callbook::model::time::{Instant, Zone};
use callbook_local::engine::TABLE;
use serde_json::Value;

pub use crate::fonedynamics::token;
use crate::tld::form;
use crate::{Key, Reply, World, teletracker};

/// A new property.
pub async fn property(world: &World, account: &Account, zone: Option<&str>) -> PropertySid {
    let property = Property {
        sid: ids::property_sid(),
        name: ShortText::parse("Test").expect("a name"),
        main_domain: None,
        zone: zone.map(|zone| Zone::parse(zone).expect("a zone")),
        created_at: world.clock.now(),
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

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

async fn put(world: &World, account: &Account, sk: String, attributes: &[(&str, AttributeValue)]) {
    let mut item: HashMap<String, AttributeValue> = attributes
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    item.insert("pk".to_owned(), s(&format!("A#{}", account.id)));
    item.insert("sk".to_owned(), s(&sk));
    item.insert("v".to_owned(), n(1));
    let client = world.engine.client();
    let put = client.put_item().table_name(TABLE).set_item(Some(item));
    put.send().await.expect("the item is written");
}

/// Has a property hold a number, in E.164, from a moment until before another.
pub async fn hold(
    world: &World,
    account: &Account,
    number: &str,
    property: &PropertySid,
    from: i64,
    until: Option<i64>,
) {
    let mut attributes = vec![
        ("type", s("tenure")),
        ("number", s(number)),
        ("property_sid", s(property.as_str())),
        ("from", n(from)),
    ];
    attributes.extend(until.map(|until| ("until", n(until))));
    let sk = format!("TENURE#{number}#{from:014}#{}", ids::guid());
    put(world, account, sk, &attributes).await;
}

/// Sets a number, in E.164, up: where its calls are routed to, and source, medium, campaign and content of
/// its callers, each empty for none.
pub async fn set_up(
    world: &World,
    account: &Account,
    number: &str,
    endpoint: &str,
    attribution: [&str; 4],
) {
    let names = ["source", "medium", "campaign", "content"];
    let attribution = names
        .into_iter()
        .zip(attribution)
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| (name.to_owned(), s(text)))
        .collect();
    let mut settings = HashMap::from([("attribution".to_owned(), AttributeValue::M(attribution))]);
    if !endpoint.is_empty() {
        settings.insert("endpoint_number".to_owned(), s(endpoint));
        settings.insert("routing_method".to_owned(), s("Endpoint"));
    }
    let attributes = [
        ("type", s("number")),
        ("number", s(number)),
        ("registered_at", n(world.clock.now().millis())),
        ("settings", AttributeValue::M(settings)),
    ];
    put(world, account, format!("NUMBER#{number}"), &attributes).await;
}

/// Asks for a path with parameters in the query string.
pub async fn get(world: &World, key: &Key, path: &str, parameters: &[(&str, &str)]) -> Reply {
    let authorization = teletracker::basic(key);
    let headers = [("authorization", authorization.as_str())];
    let path = format!("{path}?{}", form(parameters));
    world.send("GET", &path, &headers, b"").await
}

/// Sends parameters to a path, as a form.
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

/// Records a call, which is done, and gives it as it is shown.
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

/// A list's answer, which is one.
pub async fn list(world: &World, key: &Key, path: &str, parameters: &[(&str, &str)]) -> Value {
    let reply = get(world, key, path, parameters).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()
}

/// One member of every call of a list, as texts.
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

/// The codes of an answer's field errors with their fields.
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

/// Seconds of a moment, as clients write them.
#[must_use]
pub fn seconds(moment: Instant) -> String {
    moment.seconds().to_string()
}
