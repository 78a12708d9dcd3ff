//! The team that runs a ledger: an admin and a viewer of one account, and what they ask of Callbook's own API.

use callbook::edge::App;
use callbook::model::account::Account;
use callbook::model::credential::{CredentialKind, Role};
use serde_json::Value;

use crate::teletracker::basic;
use crate::tld::JSON;
use crate::{Key, Reply, World, send_to};

/// The path of vendors.
pub const VENDORS: &str = "/callbook/v1/vendors";
/// The path of who is signed in.
pub const ME: &str = "/callbook/v1/me";

/// An account with those who run it.
pub struct Team {
    /// The deployment.
    pub world: World,
    /// The account.
    pub account: Account,
    /// A user who reads and writes.
    pub admin: Key,
    /// A user who only reads.
    pub viewer: Key,
}

impl Team {
    /// On a deployment of its own.
    pub async fn new() -> Self {
        Self::on(World::new().await).await
    }

    /// On a deployment that is there.
    pub async fn on(world: World) -> Self {
        let account = world.account().await;
        let kind = CredentialKind::User;
        let admin = world.credential(&account, kind).await;
        let viewer = world
            .credential_with(&account, kind, |new| new.role = Some(Role::Viewer))
            .await;
        Self {
            world,
            account,
            admin,
            viewer,
        }
    }

    /// A request by the admin.
    pub async fn ask(&self, method: &str, path: &str, body: &Value) -> Reply {
        ask(&self.world.app, &basic(&self.admin), method, path, body).await
    }

    /// A request by the admin, with an idempotency key.
    pub async fn once(&self, key: &str, method: &str, path: &str, body: &Value) -> Reply {
        let authorization = basic(&self.admin);
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", JSON),
            ("idempotency-key", key),
        ];
        let body = body.to_string();
        send_to(&self.world.app, method, path, &headers, body.as_bytes()).await
    }

    /// What the admin reads.
    pub async fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &Value::Null).await
    }

    /// The admin creates a vendor.
    pub async fn vendor(&self, id: &str) -> Value {
        let body = serde_json::json!({ "vendor_id": id, "name": id });
        let reply = self.ask("POST", VENDORS, &body).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply.json()
    }
}

/// A request with whatever `authorization` says; `null` is no body.
pub async fn ask(app: &App, authorization: &str, method: &str, path: &str, body: &Value) -> Reply {
    let mut headers = vec![("content-type", JSON)];
    if !authorization.is_empty() {
        headers.push(("authorization", authorization));
    }
    let body = match body {
        Value::Null => String::new(),
        body => body.to_string(),
    };
    send_to(app, method, path, &headers, body.as_bytes()).await
}

/// A problem has this status and this word in its type, and is told as RFC 9457 says.
pub fn assert_problem(reply: &Reply, status: u16, code: &str, case: &str) {
    assert_eq!(reply.status, status, "{case}: {}", reply.body);
    let media = reply.header("content-type");
    assert_eq!(media, Some("application/problem+json"), "{case}");
    let problem = reply.json();
    assert_eq!(
        problem["type"],
        format!("urn:callbook:problem:{code}"),
        "{case}"
    );
    assert_eq!(problem["status"], status, "{case}");
    let guid = problem["guid"].as_str();
    assert_eq!(guid, reply.header("x-request-guid"), "{case}");
    for name in ["title", "detail"] {
        assert!(
            problem[name].as_str().is_some_and(|text| !text.is_empty()),
            "{case}"
        );
    }
    assert!(problem["errors"].is_array(), "{case}");
}

/// The fields at fault, with their messages, in the order of the answer.
#[must_use]
pub fn faults(reply: &Reply) -> Vec<(String, String)> {
    let problem = reply.json();
    let errors = problem["errors"].as_array().expect("errors").iter();
    let text = |error: &Value, name: &str| error[name].as_str().expect("a text").to_owned();
    errors
        .map(|error| (text(error, "field"), text(error, "message")))
        .collect()
}
