//! The team that works with an account's money, and the platform that bills it.

use callbook::model::account::Account;
use callbook::model::credential::{CredentialKind, Limits, Role};
use serde_json::{Value, json};

use crate::tld::{CID, DID, JSON, Platform, form};
use crate::{Key, Reply, World, teletracker};

/// The range of a day around noon.
pub const TODAY: [(&str, &str); 2] = [("from", "2026-11-21"), ("to", "2026-11-21")];

/// An account with users, and a call platform that bills it.
pub struct Office {
    /// The platform.
    pub platform: Platform,
    /// A user who may do everything.
    pub admin: Key,
    /// A user who only reads.
    pub viewer: Key,
}

impl Office {
    /// An office on a new deployment, with an account in UTC.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// An office on a new deployment, with changed account settings.
    pub async fn with(change: impl FnOnce(&mut Account)) -> Self {
        Self::of(Platform::with(change).await).await
    }

    /// The office of a platform's account.
    pub async fn of(platform: Platform) -> Self {
        let admin = user(&platform.world, &platform.account, Role::Admin).await;
        let viewer = user(&platform.world, &platform.account, Role::Viewer).await;
        Self {
            platform,
            admin,
            viewer,
        }
    }

    /// The deployment.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.platform.world
    }

    /// Another platform of the account, without limits.
    pub async fn another_platform(&self, vendor: Option<&str>) -> Key {
        let world = self.world();
        let kind = CredentialKind::Tld;
        world
            .credential_with(&self.platform.account, kind, |new| {
                new.limits = Limits::default();
                new.vendor = vendor.map(crate::vendor::id);
            })
            .await
    }

    /// Reads a path of the own API as the admin, with parameters.
    pub async fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Reply {
        self.get_as(&self.admin, path, parameters).await
    }

    /// Reads a path of the own API as a user.
    pub async fn get_as(&self, user: &Key, path: &str, parameters: &[(&str, &str)]) -> Reply {
        let query = match parameters {
            [] => String::new(),
            parameters => format!("?{}", form(parameters)),
        };
        let path = format!("/callbook/v1/{path}{query}");
        let authorization = teletracker::basic(user);
        let headers = [("authorization", authorization.as_str())];
        self.world().send("GET", &path, &headers, b"").await
    }

    /// Reads a path and returns what a good answer says.
    pub async fn read(&self, path: &str, parameters: &[(&str, &str)]) -> Value {
        let reply = self.get(path, parameters).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply.json()
    }

    /// The costs of the day, with more parameters.
    pub async fn costs(&self, more: &[(&str, &str)]) -> Value {
        self.read("costs", &[&TODAY[..], more].concat()).await
    }

    /// Sends JSON to a path of the own API as the admin.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.post_as(&self.admin, path, body, "").await
    }

    /// Sends JSON to a path of the own API as a user, with an idempotency key unless it is empty.
    pub async fn post_as(&self, user: &Key, path: &str, body: &Value, once: &str) -> Reply {
        let authorization = teletracker::basic(user);
        let mut headers = vec![
            ("authorization", authorization.as_str()),
            ("content-type", JSON),
        ];
        if !once.is_empty() {
            headers.push(("idempotency-key", once));
        }
        let path = format!("/callbook/v1/{path}");
        let body = body.to_string();
        self.world()
            .send("POST", &path, &headers, body.as_bytes())
            .await
    }

    /// Bills a call and returns the id of the entry.
    pub async fn bill(&self, cost: &str, more: &[(&str, &str)]) -> String {
        self.bill_of(CID, cost, more).await
    }

    /// Bills a call of another caller and returns the id of the entry.
    pub async fn bill_of(&self, cid: &str, cost: &str, more: &[(&str, &str)]) -> String {
        let fields = [&[("did", DID), ("cid", cid), ("cost", cost)][..], more].concat();
        let reply = self.platform.form(&fields).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        text(&reply.json()["cost_id"])
    }

    /// Voids an entry and returns the answer.
    pub async fn void(&self, id: &str) -> Value {
        let body = json!({"reason": "agreed with the vendor"});
        let reply = self.post(&format!("costs/{id}/void"), &body).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()
    }
}

async fn user(world: &World, account: &Account, role: Role) -> Key {
    let kind = CredentialKind::User;
    world
        .credential_with(account, kind, |new| {
            new.limits = Limits::default();
            new.role = Some(role);
        })
        .await
}

/// A text of an answer.
#[must_use]
pub fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// The values of one member of each row, in order.
#[must_use]
pub fn column(rows: &Value, name: &str) -> Vec<String> {
    let rows = rows.as_array().expect("rows").iter();
    rows.map(|row| match &row[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    })
    .collect()
}

/// The fields at fault in a refusal, in order.
#[must_use]
pub fn faults(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.status, 400, "{}", reply.body);
    column(&reply.json()["errors"], "field")
}

/// Count and amount of one of the sums that a list ends with.
#[must_use]
pub fn sum(list: &Value, name: &str) -> (u64, String) {
    let sum = &list["totals"][name];
    (
        sum["count"].as_u64().expect("a count"),
        text(&sum["amount"]),
    )
}
