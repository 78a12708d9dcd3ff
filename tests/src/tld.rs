//! A call platform that bills an account, and the calls that it bills.

use callbook::model::account::Account;
use callbook::model::credential::{CredentialKind, Limits};
use serde_json::Value;

use crate::{Key, Reply, World, send_to};

/// The path without DID and CID.
pub const PATH: &str = "/api/ingress/calls/inbound/billable";
/// The media type of a form.
pub const FORM: &str = "application/x-www-form-urlencoded";
/// The media type of JSON.
pub const JSON: &str = "application/json";
/// A called number, in E.164.
pub const DID: &str = "+12069735100";
/// Its caller, in E.164.
pub const CID: &str = "+12069735101";

/// An account with a call platform that bills it and a switch that reports its calls.
pub struct Platform {
    /// The deployment.
    pub world: World,
    /// The account.
    pub account: Account,
    /// The platform's API ID and key, without limits.
    pub key: Key,
    /// The switch's username and password, without limits.
    pub switch: Key,
}

impl Platform {
    /// A platform on a new deployment, with an account in UTC.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A platform on a new deployment, with changed account settings.
    pub async fn with(change: impl FnOnce(&mut Account)) -> Self {
        Self::on(World::new().await, change).await
    }

    /// A desk on an existing deployment.
    pub async fn on(world: World, change: impl FnOnce(&mut Account)) -> Self {
        let account = world.account_with(change).await;
        Self::of(world, &account).await
    }

    /// The platform and the switch of an account.
    pub async fn of(world: World, account: &Account) -> Self {
        let account = account.clone();
        let key = world.credential(&account, CredentialKind::Tld).await;
        let unlimited = Limits::default();
        let switch = world
            .credential_with(&account, CredentialKind::Truecnam, |new| {
                new.limits = unlimited;
            })
            .await;
        Self {
            world,
            account,
            key,
            switch,
        }
    }

    /// The platform's credential as headers.
    #[must_use]
    pub fn headers(&self) -> [(&str, &str); 2] {
        [
            ("tld-api-id", &self.key.name),
            ("tld-api-key", &self.key.secret),
        ]
    }

    /// Sends a body of a media type, with the credential in the headers; `rest` is what follows the path.
    pub async fn post(&self, rest: &str, media_type: &str, body: &str) -> Reply {
        let path = format!("{PATH}{rest}");
        let [id, key] = self.headers();
        let headers = [id, key, ("content-type", media_type)];
        self.world
            .send("POST", &path, &headers, body.as_bytes())
            .await
    }

    /// Sends a POST with a form.
    pub async fn form(&self, fields: &[(&str, &str)]) -> Reply {
        self.post("", FORM, &form(fields)).await
    }

    /// Sends a POST with JSON.
    pub async fn json(&self, body: &Value) -> Reply {
        self.post("", JSON, &body.to_string()).await
    }

    /// Bills a call from [`CID`] to [`DID`], with additional fields.
    pub async fn bill(&self, cost: &str, more: &[(&str, &str)]) -> Reply {
        self.form(&bill(cost, more)).await
    }

    /// The same with an idempotency key.
    pub async fn bill_once(&self, key: &str, cost: &str, more: &[(&str, &str)]) -> Reply {
        let [id, secret] = self.headers();
        let headers = [id, secret, ("content-type", FORM), ("Idempotency-Key", key)];
        let body = form(&bill(cost, more));
        send_to(&self.world.app, "POST", PATH, &headers, body.as_bytes()).await
    }

    /// Records an inbound call from [`CID`] to [`DID`] now.
    pub async fn call(&self) {
        self.call_of(CID, DID).await;
    }

    /// Records an inbound call now.
    pub async fn call_of(&self, cid: &str, did: &str) {
        let body = form(&[
            ("username", &self.switch.name),
            ("password", &self.switch.secret),
            ("resp_type", "extended"),
            ("call_party", "terminating"),
            ("calling_number", cid),
            ("called_number", did),
        ]);
        let headers = [("content-type", FORM)];
        let reply = self
            .world
            .send("POST", "/api/v1", &headers, body.as_bytes())
            .await;
        assert_eq!(
            (reply.status, reply.json()["err"].as_str()),
            (200, Some("0")),
            "a call"
        );
    }
}

fn bill<'a>(cost: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![("did", DID), ("cid", CID), ("cost", cost)];
    fields.extend_from_slice(more);
    fields
}

/// The fields encoded as a form or a query string.
#[must_use]
pub fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}
