//! A PBX that tells and asks TrueCLID about calls, and what its account knows of the numbers.

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
/// A number that is called, as clients write it.
pub const CALLED: &str = "16465557000";
/// Another number that is called.
pub const OTHER: &str = "13105550142";

/// An account with a PBX and with somebody who reports what became of its calls.
pub struct Pbx {
    /// The account.
    pub account: Account,
    /// The PBX's username and password, without limits.
    pub key: Key,
    /// The reporter's key.
    pub reporter: Key,
}

impl Pbx {
    /// Of a new account with a new account's settings.
    pub async fn new(world: &World) -> Self {
        Self::with(world, |_| {}).await
    }

    /// Of a new account of a carrier.
    pub async fn carrier(world: &World) -> Self {
        Self::with(world, |account| account.carrier = true).await
    }

    /// Of a new account with other settings.
    pub async fn with(world: &World, change: impl FnOnce(&mut Account)) -> Self {
        Self::limited(world, Limits::default(), change).await
    }

    /// Of a new account with other settings, and with limits.
    pub async fn limited(world: &World, limits: Limits, change: impl FnOnce(&mut Account)) -> Self {
        let account = world.account_with(change).await;
        Self::of(world, account, limits).await
    }

    /// Of an account that is there, with limits.
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

    /// The parameters with the credential in front of them, as they stand in a query string or a form.
    #[must_use]
    pub fn encoded(&self, parameters: &[(&str, &str)]) -> String {
        let credential = [
            ("username", self.key.name.as_str()),
            ("password", &self.key.secret),
        ];
        form(&[&credential, parameters].concat())
    }

    /// Asks with GET.
    pub async fn get(&self, world: &World, parameters: &[(&str, &str)]) -> Reply {
        let path = format!("{PATH}?{}", self.encoded(parameters));
        world.send("GET", &path, &[], b"").await
    }

    /// Asks with POST and a form.
    pub async fn post(&self, world: &World, parameters: &[(&str, &str)]) -> Reply {
        let body = self.encoded(parameters);
        world
            .send("POST", PATH, &[("content-type", FORM)], body.as_bytes())
            .await
    }

    /// Tells about a call that is being placed or is over; the basic form, in JSON.
    pub async fn tell(&self, world: &World, party: &str, calling: &str, called: &str) -> Value {
        let pair = pair(party, calling, called);
        let form = [("resp_type", "basic"), ("resp_format", "json")];
        let reply = self.get(world, &[&pair[..], &form].concat()).await;
        assert_eq!(reply.status, 200, "{party}");
        reply.json()
    }

    /// Tells that a call is being placed, which is recorded.
    pub async fn start(&self, world: &World, calling: &str, called: &str) {
        let told = self.tell(world, "orig_call_start", calling, called).await;
        assert_eq!(told, json!({"status": "ok", "err": "0", "error_msg": ""}));
    }

    /// Tells that a call is over, and gives the `err` of the answer.
    pub async fn end(&self, world: &World, calling: &str, called: &str) -> String {
        let told = self.tell(world, "orig_call_end", calling, called).await;
        told["err"].as_str().expect("err is text").to_owned()
    }

    /// Asks who is calling; the extended form, in JSON.
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

    /// What TrueCLID says about a call from `calling` to `called`.
    pub async fn true_clid(&self, world: &World, calling: &str, called: &str) -> String {
        let told = self.ask(world, calling, Some(called)).await;
        assert_eq!(told["err"], "0");
        told["true_clid"]
            .as_str()
            .expect("true_clid is text")
            .to_owned()
    }

    /// Reports who answered at a number: the right party, connected.
    pub async fn name(&self, world: &World, phone: &str, name: &str) {
        let id = format!("{phone} {}", world.clock.now().millis());
        self.report(world, &id, phone, Some(name), "Connected", true)
            .await;
    }

    /// Reports what became of a call to a number.
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
        assert_eq!(reply.status, 200, "feedback is taken");
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

    /// Gives a number back.
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
