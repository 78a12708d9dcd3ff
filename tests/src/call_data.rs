//! Clients that read call data from TeleTracker's paths.

use callbook::model::account::{Account, AccountId};
use callbook::model::credential::{CredentialKind, Limits};
use serde_json::Value;

use crate::tld::form;
use crate::{Key, Reply, World, teletracker};

/// The path of call data.
pub const CALL_DATA: &str = "/reports/call-data";

/// A user of one account, without limits.
pub async fn user(world: &World, account: &Account) -> Key {
    let limits = Limits::default();
    let kind = CredentialKind::User;
    world
        .credential_with(account, kind, |new| new.limits = limits)
        .await
}

/// An integrator that can act for `accounts` and belongs to `home`.
pub async fn integrator(world: &World, home: &Account, accounts: &[AccountId]) -> Key {
    let accounts = accounts.to_vec();
    let kind = CredentialKind::Integrator;
    world
        .credential_with(home, kind, |new| {
            new.limits = Limits::default();
            new.accounts = accounts;
        })
        .await
}

/// The `Authorization` header of a credential.
#[must_use]
pub fn authorization(key: &Key) -> String {
    match key.credential.kind {
        CredentialKind::Integrator => teletracker::integrator(key),
        _ => teletracker::basic(key),
    }
}

/// Requests call data with the parameters in the query string.
pub async fn report(world: &World, key: &Key, parameters: &[(&str, &str)]) -> Reply {
    let path = format!("{CALL_DATA}?{}", form(parameters));
    let authorization = authorization(key);
    let headers = [("authorization", authorization.as_str())];
    world.send("GET", &path, &headers, b"").await
}

/// Requests call data and returns the rows of the answer.
pub async fn rows(world: &World, key: &Key, parameters: &[(&str, &str)]) -> Vec<Value> {
    let reply = report(world, key, parameters).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let mut answer = reply.json();
    assert_eq!(answer["success"], true);
    match answer["data"].take() {
        Value::Array(rows) => rows,
        other => panic!("rows are not an array: {other}"),
    }
}
