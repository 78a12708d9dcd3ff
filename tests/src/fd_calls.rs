//! A Fone Dynamics client's calls, and what they are a property's by.

use callbook::ids;
use callbook::ledger::{Bought, Buying, Changed, Changing, Creation, Numbered, Saved};
use callbook::model::account::Account;
use callbook::model::number::{NumberChange, RegisteredNumber, RoutingMethod};
use callbook::model::phone::PhoneNumber;
use callbook::model::property::{Property, PropertySid};
use callbook::model::short_text::ShortText;
use callbook::model::time::{Instant, Zone};
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

/// Registers a number, in E.164, to the account, unless it is the account's already.
async fn register(world: &World, account: &Account, number: &str) -> RegisteredNumber {
    let number = PhoneNumber::parse_e164(number).expect("E.164");
    let now = world.clock.now();
    let outcome = world.ledger.add_number(account, &number, now).await;
    assert_ne!(outcome.expect("the store"), Numbered::Taken);
    let found = world.ledger.number(&account.id, &number).await;
    found.expect("the store").expect("the number")
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
    let number = register(world, account, number).await.number;
    let purchase = Buying {
        account,
        property,
        number: &number,
        address: None,
        guid: ids::guid(),
        now: Instant::from_millis(from),
    };
    let ledger = &world.ledger;
    let context = ledger.market(&purchase).await.expect("the store");
    let bought = ledger.buy(&purchase, context).await;
    assert!(matches!(bought.expect("the store"), Bought::Done(_)));
    if let Some(until) = until {
        let until = Instant::from_millis(until);
        let released = ledger.remove_number(&account.id, &number, ids::guid(), until);
        assert_eq!(released.await.expect("the store"), Saved::Done);
    }
}

/// Sets up a number, in E.164: where its calls are routed to, and the source, medium, campaign and content
/// of its callers, each empty for none.
pub async fn set_up(
    world: &World,
    account: &Account,
    number: &str,
    endpoint: &str,
    attribution: [&str; 4],
) {
    let text = |text| Some(ShortText::parse(text).expect("a text"));
    let [source, medium, campaign, content] =
        attribution.map(|value| (!value.is_empty()).then(|| text(value)));
    let endpoint =
        (!endpoint.is_empty()).then(|| PhoneNumber::parse_e164(endpoint).expect("E.164"));
    let change = NumberChange {
        source,
        medium,
        campaign,
        content,
        routing_method: endpoint.as_ref().map(|_| Some(RoutingMethod::Endpoint)),
        endpoint_number: endpoint.map(Some),
        ..NumberChange::default()
    };
    let number = register(world, account, number).await;
    let update = Changing {
        account: &account.id,
        change: &change,
    };
    let changed = world.ledger.change_number(&update, number, None).await;
    assert!(matches!(changed.expect("the store"), Changed::Done(_)));
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
