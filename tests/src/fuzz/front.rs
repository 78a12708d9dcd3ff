//! The deployed functions on a real table: requests near the documented ones, with credentials that may do
//! everything. None is our fault, and the table passes the audit afterwards.

use std::collections::HashMap;

use callbook::model::credential::{CredentialKind, Limits};
use callbook_local::gateway::event;
use serde_json::Value;

use super::dice::Dice;
use super::each;
use crate::documented::{Operation, operations};
use crate::teletracker::{self, pair};
use crate::{Key, World, deliver, fonedynamics};

/// Sends requests whose path, query, body and headers are near the documented ones.
pub fn requests(cases: u32, seed: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let world = runtime.block_on(World::new());
    let keys = runtime.block_on(async {
        fonedynamics::serve(&world).await;
        let account = teletracker::account(&world).await;
        let mut keys = HashMap::new();
        for kind in CredentialKind::ALL {
            let unlimited = |new: &mut callbook::model::credential::NewCredential| {
                new.limits = Limits {
                    starts_per_minute: Some(0),
                    ..Limits::default()
                };
            };
            keys.insert(kind, world.credential_with(&account, kind, unlimited).await);
        }
        keys
    });
    let operations = operations();
    let near = |dice: &mut Dice, text: &str| {
        let mut bytes = text.as_bytes().to_vec();
        dice.edit(&mut bytes, 4);
        bytes
    };
    each((cases, seed), |dice| {
        let operation = &operations[dice.below(operations.len())];
        let path = near(dice, operation.example_path().trim_start_matches('/'));
        let path: String = percent_encoded(&path, b"/.-_%+");
        let key = &keys[&kind_of(operation)];
        let mut query: Vec<(&str, &str)> = operation
            .query
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        if operation.function == "caller-id" {
            query.extend([("username", key.name.as_str()), ("password", &key.secret)]);
        }
        let query = near(dice, &crate::tld::form(&query));
        let query = percent_encoded(&query, b"=&%+-_.");
        let body = operation
            .bodies
            .get(dice.below(operation.bodies.len().max(1)));
        let text = body.map(|body| {
            body.text
                .replace("USERNAME", &key.name)
                .replace("PASSWORD", &key.secret)
        });
        let text = near(dice, &text.unwrap_or_default());
        let headers = headers(operation, key, body.map(|body| body.media_type));
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let Ok(event) = event::from_local(
            &operation.method,
            &format!("/{path}?{query}"),
            &headers,
            &text,
        ) else {
            return Ok(());
        };
        let reply = runtime.block_on(deliver(&world.app, &event));
        let line: Value = serde_json::from_str(&world.last_log().unwrap_or_default())
            .map_err(|error| error.to_string())?;
        match (reply.status, line["cause"].as_str()) {
            (200..500, None) => Ok(()),
            (status, cause) => Err(format!("{status}: {cause:?}: {event}")),
        }
    });
}

fn kind_of(operation: &Operation) -> CredentialKind {
    match operation.function.as_str() {
        "phone-feedback" => CredentialKind::Trestle,
        "inbound-billable" => CredentialKind::Tld,
        "caller-id" => CredentialKind::Truecnam,
        _ if operation.path.starts_with("/v2/") => CredentialKind::Fonedynamics,
        _ => CredentialKind::User,
    }
}

fn headers(
    operation: &Operation,
    key: &Key,
    media_type: Option<&'static str>,
) -> Vec<(&'static str, String)> {
    let mut headers = match operation.function.as_str() {
        "phone-feedback" => vec![("x-api-key", key.secret.clone())],
        "inbound-billable" => {
            vec![
                ("tld-api-id", key.name.clone()),
                ("tld-api-key", key.secret.clone()),
            ]
        }
        _ => vec![(
            "authorization",
            format!("Basic {}", pair(&key.name, &key.secret)),
        )],
    };
    headers.extend(media_type.map(|media_type| ("content-type", media_type.to_owned())));
    headers
}

/// Bytes as a part of a URL; those in `kept` stay as they are.
fn percent_encoded(bytes: &[u8], kept: &[u8]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || kept.contains(&byte);
    bytes
        .iter()
        .map(|byte| match plain(*byte) {
            true => char::from(*byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}
