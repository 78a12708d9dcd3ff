//! The examples in `openapi.yaml` match its schemas, and the functions accept them.

use callbook::model::credential::CredentialKind;
use callbook_tests::tld::{JSON, Platform, form};
use callbook_tests::{World, fd_calls, fonedynamics, vendor};
use serde_json::{Value, json};

use crate::answers_teletracker as teletracker;
use crate::contract::Contract;
use crate::repository::{Operation, members, operations};

/// Collects every schema with examples, and the examples; `at` is the place of `value`.
fn examples<'a>(value: &'a Value, at: &str, found: &mut Vec<(String, &'a Value, &'a Value)>) {
    if let Some(schema) = value.get("schema") {
        let single = value.get("example").into_iter();
        let several = members(&value["examples"]).map(|(_, example)| &example["value"]);
        found.extend(
            single
                .chain(several)
                .map(|example| (at.to_owned(), schema, example)),
        );
    }
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                examples(value, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(values) => {
            for value in values {
                examples(value, at, found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_documented_example_matches_its_schema() {
    let contract = Contract::read();
    let document = contract.document();
    let mut found = Vec::new();
    examples(document, "", &mut found);
    for (name, schema) in members(&document["components"]["schemas"]) {
        let own = schema["examples"].as_array().into_iter().flatten();
        found.extend(own.map(|example| (name.to_owned(), schema, example)));
    }
    assert!(found.len() > 40, "only {} examples were found", found.len());
    for (at, schema, example) in found {
        let faults = contract.faults(schema, example);
        assert!(faults.is_empty(), "{at}: {faults:?}");
    }
}

#[test]
fn a_schema_refuses_values_of_another_shape() {
    let contract = Contract::read();
    let schema = json!({"$ref": "#/components/schemas/TldError"});
    for (instance, good) in [
        (json!({"error": "x"}), true),
        (json!({"error": 1}), false),
        (json!({"error": "x", "more": 1}), false),
        (json!({}), false),
    ] {
        assert_eq!(
            contract.faults(&schema, &instance).is_empty(),
            good,
            "{instance}"
        );
    }
}

#[tokio::test]
async fn every_documented_request_is_accepted() {
    let contract = Contract::read();
    let world = World::new().await;
    let account = world.account().await;
    let trestle = world.credential(&account, CredentialKind::Trestle).await;
    let tld = world.credential(&account, CredentialKind::Tld).await;
    let truecnam = world.credential(&account, CredentialKind::Truecnam).await;
    let desk = teletracker::account(&world).await;
    let user = world.credential(&desk, CredentialKind::User).await;
    let refresh = teletracker::refresh_token(&world, &user).await;
    let authorization = callbook_tests::teletracker::basic(&user);
    let token = world.credential(&desk, CredentialKind::Fonedynamics).await;
    let property = fd_calls::property(&world, &desk, None).await;
    let call = [("From", "+12069735100"), ("To", "+18005550100")];
    let call = fd_calls::record(&world, &token, &property, &call).await;
    let addresses = format!("/v2/Accounts/{}/Addresses", desk.sid.as_str());
    let body = r#"{"Line1":"1 Main St","City":"Seattle","CountryCode":"US"}"#;
    let made = fonedynamics::ask(&world.app, &token, "POST", &addresses, body).await;
    let address = fonedynamics::sid(&fonedynamics::done(&made), "AddressSid");
    let sids = [
        ("/v2/Addresses/{sid}", address.as_str()),
        (
            "/callbook/v1/calls/{sid}",
            call["CallSid"].as_str().unwrap(),
        ),
        ("/v2/Calls/{sid}", call["CallSid"].as_str().unwrap()),
        ("/v2/Properties/{sid}", property.as_str()),
        ("/v2/Accounts/{sid}", desk.sid.as_str()),
        ("/v2/Numbers/{number}", "12065550122"),
    ];
    let with_sid = |path: &str| {
        let found = sids.iter().find(|(own, _)| path.starts_with(own));
        found.map_or_else(
            || path.to_owned(),
            |(_, sid)| path.replace("{sid}", sid).replace("{number}", sid),
        )
    };
    let account_token = callbook_tests::teletracker::basic(&token);
    fonedynamics::serve(&world).await;
    for e164 in [fonedynamics::NUMBER, "+12065550122"] {
        let number = fonedynamics::number(e164, fonedynamics::FREE, "Local", "Voice,SMS");
        fonedynamics::load(&world, &number).await;
    }
    let buy = format!("/v2/Properties/{}/Numbers", property.as_str());
    let body = r#"{"Number":"+12065550122"}"#;
    fonedynamics::done(&fonedynamics::ask(&world.app, &token, "POST", &buy, body).await);
    vendor::add(&world, &desk, "acme").await;
    let platform = Platform::of(world, &desk).await;
    platform.call().await;
    let billed = platform.bill("25", &[]).await.json();
    let cost = billed["cost_id"].as_str().expect("an id");
    let world = platform.world;
    let taker = [
        ("authorization", authorization.as_str()),
        ("content-type", JSON),
    ];
    let callee = [("callee", "2065550177"), ("whisper_text", "Hello")];
    let queued = callbook_tests::teletracker::respond(&world.app, &authorization, &callee).await;
    assert_eq!(queued.status, 200, "{}", queued.body);
    let path = "/callbook/v1/queue/take";
    let taken = world.send("POST", path, &taker, b"{}").await.json();
    let entry = taken["entries"][0]["id"].to_string();
    let hook = callbook_tests::webhooks::endpoint(&world, "https://example.com/");
    callbook_tests::webhooks::create(&world, &desk, &hook).await;
    let with_ids = |path: &str| {
        let id = if path.contains("/costs/") {
            cost
        } else if path.contains("/queue/") {
            entry.as_str()
        } else if path.contains("/webhooks/") {
            hook.id.as_str()
        } else {
            "acme"
        };
        let path = with_sid(path).replace("{id}", id);
        path.replace("{did}", "8005550100")
            .replace("{cid}", "2069735100")
    };
    let authorization_of = |operation: &Operation| -> &str {
        match operation.path.starts_with("/v2/") {
            true => &account_token,
            false => &authorization,
        }
    };
    let mut sent = 0;
    for operation in operations() {
        let path = with_ids(&operation.path);
        let body = contract.resolved(&operation.body["requestBody"]);
        for (media, content) in members(&body["content"]) {
            let Some(example) = content.get("example") else {
                continue;
            };
            let body = if media == JSON {
                example.to_string()
            } else {
                fields_of(example)
            };
            let login = match operation.function.as_str() {
                "caller-id" => &truecnam,
                _ => &user,
            };
            let body = body
                .replace("USERNAME", &login.name)
                .replace("PASSWORD", &login.secret)
                .replace("REFRESH_TOKEN", &refresh)
                .replace("ACCOUNT", desk.id.as_str());
            let headers = [
                ("content-type", media),
                ("x-api-key", &trestle.secret),
                ("tld-api-id", &tld.name),
                ("tld-api-key", &tld.secret),
                ("authorization", authorization_of(&operation)),
            ];
            // The example's CID and DID are in the body, which takes precedence over the path.
            let reply = world
                .send(&operation.method, &path, &headers, body.as_bytes())
                .await;
            assert!(
                [200, 201].contains(&reply.status),
                "{} {media}: {}",
                operation.key(),
                reply.body
            );
            assert_eq!(
                reply.json().get("err").unwrap_or(&json!("0")),
                "0",
                "{}",
                operation.key()
            );
            contract.check(&operation, &reply, &operation.key());
            sent += 1;
        }
    }
    let login = form(&[("username", &truecnam.name), ("password", &truecnam.secret)]);
    for get in operations().into_iter().filter(|one| one.method == "GET") {
        let key = get.key();
        let example = fields_of(&contract.query_example(&get));
        let path = with_ids(&get.path);
        // TrueCNAM takes its credential with the parameters; lists refuse what they do not know.
        let path = match get.function == "caller-id" {
            true => format!("{path}?{example}&{login}"),
            false => format!("{path}?{example}"),
        };
        let headers = [("authorization", authorization_of(&get))];
        let reply = world.send("GET", &path, &headers, b"").await;
        assert_eq!(reply.status, 200, "{key}: {}", reply.body);
        assert_eq!(reply.json().get("err").unwrap_or(&json!("0")), "0", "{key}");
        contract.check(&get, &reply, &key);
    }
    assert_eq!(sent, 31, "the number of documented requests with a body");
}

/// Generators of clients send each query parameter by its own name only if it is described by itself.
#[test]
fn every_query_parameter_is_described_by_itself() {
    let contract = Contract::read();
    for operation in operations() {
        let parameters = operation.body["parameters"]
            .as_array()
            .into_iter()
            .flatten();
        for parameter in parameters {
            let parameter = contract.resolved(parameter);
            let schema = contract.resolved(&parameter["schema"]);
            assert_ne!(
                schema["type"],
                "object",
                "{}: {}",
                operation.key(),
                parameter["name"]
            );
        }
    }
}

/// Generators of clients make no type of an enum over several types.
#[test]
fn every_enum_has_values_of_one_type() {
    fn check(value: &Value, at: &str) {
        if let Some(values) = value.get("enum").and_then(Value::as_array) {
            let mut kinds = values.iter().filter(|value| !value.is_null());
            let kind = std::mem::discriminant(kinds.next().expect("a value"));
            let same = kinds.all(|value| std::mem::discriminant(value) == kind);
            assert!(same, "{at}: {values:?}");
        }
        match value {
            Value::Object(object) => object
                .iter()
                .for_each(|(name, value)| check(value, &format!("{at}/{name}"))),
            Value::Array(values) => values.iter().for_each(|value| check(value, at)),
            _ => {}
        }
    }
    check(Contract::read().document(), "");
}

fn fields_of(example: &Value) -> String {
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let fields: Vec<_> = members(example)
        .map(|(name, value)| (name.to_owned(), text(value)))
        .collect();
    let fields: Vec<_> = fields
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    form(&fields)
}
