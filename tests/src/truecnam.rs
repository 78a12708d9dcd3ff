//! A PBX that reports calls to TrueCLID and queries them, and its account's feedback about numbers.

use callbook::ids;
use callbook::ledger::{Creation, Deletion};
use callbook::model::account::Account;
use callbook::model::credential::{CredentialKind, Limits};
use callbook::model::phone::PhoneNumber;
use serde_json::{Value, json};

use crate::tld::{FORM, form};
use crate::{Key, Reply, World};

/// The path.
pub const PATH: &str = "/api/v1";
/// A caller's number as clients write it.
pub const CALLING: &str = "12069735100";
/// A called number as clients write it.
pub const CALLED: &str = "16465557000";
/// Another called number.
pub const OTHER: &str = "13105550142";

/// An account with a PBX and a client that reports feedback about its calls.
pub struct Pbx {
    /// The account.
    pub account: Account,
    /// The PBX's username and password, without limits.
    pub key: Key,
    /// The key for feedback.
    pub reporter: Key,
}

impl Pbx {
    /// A PBX of a new account with default settings.
    pub async fn new(world: &World) -> Self {
        Self::with(world, |_| {}).await
    }

    /// A PBX of a new carrier account.
    pub async fn carrier(world: &World) -> Self {
        Self::with(world, |account| account.carrier = true).await
    }

    /// A PBX of a new account with changed settings.
    pub async fn with(world: &World, change: impl FnOnce(&mut Account)) -> Self {
        Self::limited(world, Limits::default(), change).await
    }

    /// A PBX of a new account with changed settings, and with limits.
    pub async fn limited(world: &World, limits: Limits, change: impl FnOnce(&mut Account)) -> Self {
        let account = world.account_with(change).await;
        Self::of(world, account, limits).await
    }

    /// A PBX of an existing account, with limits.
    pub async fn of(world: &World, account: Account, limits: Limits) -> Self {
        let kind = CredentialKind::Truecnam;
        let key = world
            .credential_with(&account, kind, |new| new.limits = limits)
            .await;
        let reporter = world.credential(&account, CredentialKind::Trestle).await;
        Self {
            account,
            key,
            reporter,
        }
    }

    /// The credential and the parameters, encoded as a query string or a form.
    #[must_use]
    pub fn encoded(&self, parameters: &[(&str, &str)]) -> String {
        let credential = [
            ("username", self.key.name.as_str()),
            ("password", &self.key.secret),
        ];
        form(&[&credential, parameters].concat())
    }

    /// Sends a GET.
    pub async fn get(&self, world: &World, parameters: &[(&str, &str)]) -> Reply {
        let path = format!("{PATH}?{}", self.encoded(parameters));
        world.send("GET", &path, &[], b"").await
    }

    /// Sends a POST with a form.
    pub async fn post(&self, world: &World, parameters: &[(&str, &str)]) -> Reply {
        let body = self.encoded(parameters);
        world
            .send("POST", PATH, &[("content-type", FORM)], body.as_bytes())
            .await
    }

    /// Reports the start or the end of a call, and returns the basic answer in JSON.
    pub async fn tell(&self, world: &World, party: &str, calling: &str, called: &str) -> Value {
        let pair = pair(party, calling, called);
        let form = [("resp_type", "basic"), ("resp_format", "json")];
        let reply = self.get(world, &[&pair[..], &form].concat()).await;
        assert_eq!(reply.status, 200, "{party}");
        reply.json()
    }

    /// Reports the start of a call, which must be recorded.
    pub async fn start(&self, world: &World, calling: &str, called: &str) {
        let answer = self.tell(world, "orig_call_start", calling, called).await;
        assert_eq!(answer, json!({"status": "ok", "err": "0", "error_msg": ""}));
    }

    /// Reports the end of a call, and returns the `err` of the answer.
    pub async fn end(&self, world: &World, calling: &str, called: &str) -> String {
        let answer = self.tell(world, "orig_call_end", calling, called).await;
        answer["err"].as_str().expect("err is text").to_owned()
    }

    /// Queries a caller, and returns the extended answer in JSON.
    pub async fn ask(&self, world: &World, calling: &str, called: Option<&str>) -> Value {
        let mut parameters = vec![
            ("calling_number", calling),
            ("resp_type", "extended"),
            ("resp_format", "json"),
        ];
        parameters.extend(called.map(|called| ("called_number", called)));
        let reply = self.get(world, &parameters).await;
        assert_eq!(reply.status, 200);
        reply.json()
    }

    /// The `true_clid` answered for a call from `calling` to `called`.
    pub async fn true_clid(&self, world: &World, calling: &str, called: &str) -> String {
        let answer = self.ask(world, calling, Some(called)).await;
        assert_eq!(answer["err"], "0");
        answer["true_clid"]
            .as_str()
            .expect("true_clid is text")
            .to_owned()
    }

    /// Reports feedback with a name: connected, right party.
    pub async fn name(&self, world: &World, phone: &str, name: &str) {
        let id = format!("{phone} {}", world.clock.now().millis());
        self.report(world, &id, phone, Some(name), "Connected", true)
            .await;
    }

    /// Reports feedback about a call to a number.
    pub async fn report(
        &self,
        world: &World,
        response_id: &str,
        phone: &str,
        name: Option<&str>,
        status: &str,
        right_party: bool,
    ) {
        let body = json!({
            "response_id": response_id,
            "phone": format!("+{phone}"),
            "name": name,
            "phone_status": status,
            "phone_right_party_contact": right_party,
        });
        let headers = [("x-api-key", self.reporter.secret.as_str())];
        let body = body.to_string();
        let reply = world
            .send("POST", "/1.0/phone_feedback", &headers, body.as_bytes())
            .await;
        assert_eq!(reply.status, 200, "feedback is accepted");
    }

    /// Registers a number to the account.
    pub async fn register(&self, world: &World, number: &str) {
        let number = e164(number);
        let now = world.clock.now();
        let done = world
            .ledger
            .register_number(&self.account, &number, now)
            .await;
        assert_eq!(done.expect("the store"), Creation::Created(()));
    }

    /// Releases a number.
    pub async fn unregister(&self, world: &World, number: &str) {
        let done = world
            .ledger
            .remove_number(
                &self.account.id,
                &e164(number),
                ids::guid(),
                world.clock.now(),
            )
            .await;
        assert_eq!(done.expect("the store"), Deletion::Deleted);
    }
}

/// Party, calling and called number as parameters.
#[must_use]
pub fn pair<'a>(party: &'a str, calling: &'a str, called: &'a str) -> [(&'a str, &'a str); 3] {
    [
        ("call_party", party),
        ("calling_number", calling),
        ("called_number", called),
    ]
}

fn e164(number: &str) -> PhoneNumber {
    PhoneNumber::parse_e164(number).expect("a number")
}
