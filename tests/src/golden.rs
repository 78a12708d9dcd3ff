//! Golden files: exchanges from the vendor's document, checked against the front door.
//!
//! `tests/golden/<vendor>/<name>.json` is `{"source", "given"?, "request", "answer"}`. A request is
//! `{method, path, headers?, body?}`; a body that is not a string is sent as JSON. An answer is
//! `{status, headers?, body}`; a string body is compared byte for byte, and any other body as JSON, with
//! `"<any>"` in place of ids. `given` are requests sent before. `{{name}}` is a placeholder, whose value the
//! test that runs the files supplies.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::{Reply, World};

/// The values of the placeholders, by name.
pub type Placeholders = BTreeMap<&'static str, String>;

/// The golden files of a vendor, by name.
#[must_use]
pub fn files(vendor: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("golden")
        .join(vendor);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .expect("the vendor's golden files")
        .map(|entry| {
            let path = entry.expect("a file").path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let text = std::fs::read_to_string(&path).expect("a readable file");
            let golden = serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{name} is not JSON: {error}"));
            (name, golden)
        })
        .collect();
    assert!(!files.is_empty(), "{vendor} has golden files");
    files.sort_by(|(a, _), (b, _)| a.cmp(b));
    files
}

/// Runs one golden file in a world that meets its needs.
pub async fn check(world: &World, name: &str, golden: &Value, placeholders: &Placeholders) {
    assert!(golden["source"].is_string(), "{name} names its source");
    let filled = |text: &str| {
        placeholders
            .iter()
            .fold(text.to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{{{name}}}}}"), value)
            })
    };
    for given in golden["given"].as_array().into_iter().flatten() {
        let reply = send(world, given, &filled).await;
        assert!(
            reply.status < 300,
            "{name}: a given request is accepted: {}",
            reply.status
        );
    }
    let reply = send(world, &golden["request"], &filled).await;
    let answer = &golden["answer"];
    assert_eq!(
        u64::from(reply.status),
        answer["status"],
        "{name}: status of {}",
        reply.body
    );
    for (header, value) in answer["headers"].as_object().into_iter().flatten() {
        assert_eq!(reply.header(header), value.as_str(), "{name}: {header}");
    }
    match &answer["body"] {
        Value::String(body) => assert_eq!(reply.body, filled(body), "{name}: body"),
        body => {
            let body: Value = serde_json::from_str(&filled(&body.to_string())).expect("JSON");
            assert_eq!(redacted(reply.json(), &body), body, "{name}: body");
        }
    }
}

async fn send(world: &World, request: &Value, filled: &impl Fn(&str) -> String) -> Reply {
    let text = |value: &Value| filled(value.as_str().expect("text"));
    let headers: Vec<_> = request["headers"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), text(value)))
        .collect();
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let body = match &request["body"] {
        Value::Null => String::new(),
        Value::String(body) => filled(body),
        body => filled(&body.to_string()),
    };
    let (method, path) = (text(&request["method"]), text(&request["path"]));
    world.send(&method, &path, &headers, body.as_bytes()).await
}

/// `found`, with `"<any>"` where `wanted` has it and `found` has a non-empty value.
fn redacted(found: Value, wanted: &Value) -> Value {
    match (found, wanted) {
        (Value::Object(found), Value::Object(wanted)) => found
            .into_iter()
            .map(|(name, value)| {
                let wanted = wanted.get(&name).unwrap_or(&Value::Null);
                let value = redacted(value, wanted);
                (name, value)
            })
            .collect(),
        (Value::Array(found), Value::Array(wanted)) => {
            let wanted = wanted.iter().chain(std::iter::repeat(&Value::Null));
            let pairs = found.into_iter().zip(wanted);
            pairs
                .map(|(found, wanted)| redacted(found, wanted))
                .collect()
        }
        (Value::String(found), Value::String(wanted)) if wanted == "<any>" && !found.is_empty() => {
            Value::String(wanted.clone())
        }
        (Value::Number(_), Value::String(wanted)) if wanted == "<any>" => {
            Value::String(wanted.clone())
        }
        (found, _) => found,
    }
}
