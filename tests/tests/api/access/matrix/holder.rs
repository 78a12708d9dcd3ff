//! What an account has, for requests that name it: by its owner, and by a neighbour.

use callbook::model::account::Account;
use callbook::model::credential::{CredentialKind, Limits};
use callbook_tests::fonedynamics::{self, FREE, load, number, sid};
use callbook_tests::teletracker::{self, basic};
use callbook_tests::tld::{FORM, JSON, PATH, form};
use callbook_tests::{Key, World, vendor};
use serde_json::{Value, json};

/// Stands in every name that the neighbour gives, and in no answer to anybody else.
pub const MARK: &str = "Neighbour";

/// An account with one resource of each kind.
pub struct Holder {
    pub account: Account,
    pub property: String,
    pub address: String,
    pub number: String,
    pub call: String,
    pub vendor: String,
    pub cost: String,
    pub entry: String,
    pub webhook: String,
    pub delivery: String,
}

impl Holder {
    /// Makes the account's resources through the front door. `name` stands in each of them that has a name.
    pub async fn new(world: &World, name: &str, vendor_id: &str, number_of: &str) -> Self {
        let account = teletracker::account(world).await;
        let token = key(world, &account, CredentialKind::Fonedynamics).await;
        let ask = async |method: &str, path: &str, body: Value| {
            let body = body.to_string();
            let reply = fonedynamics::ask(&world.app, &token, method, path, &body).await;
            fonedynamics::done(&reply)
        };
        let made = ask("POST", "/v2/Properties", json!({ "Name": name })).await;
        let property = sid(&made["Property"], "PropertySid");
        let path = format!("/v2/Accounts/{}/Addresses", account.sid.as_str());
        let place = json!({"Friendly": name, "Line1": name, "City": name, "CountryCode": FREE});
        let address = sid(&ask("POST", &path, place).await, "AddressSid");
        load(world, &number(number_of, FREE, "Local", "Voice,SMS")).await;
        let numbers = format!("/v2/Properties/{property}/Numbers");
        ask("POST", &numbers, json!({ "Number": number_of })).await;
        let calls = format!("/v2/Properties/{property}/Calls");
        let call = json!({"From": "+12125551212", "To": number_of, "Disposition": "Answered"});
        let call = sid(&ask("POST", &calls, call).await, "CallSid");
        vendor::add(world, &account, vendor_id).await;
        let user = key(world, &account, CredentialKind::User).await;
        let renamed = json!({ "name": name }).to_string();
        let authorization = basic(&user);
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", JSON),
        ];
        let path = format!("/callbook/v1/vendors/{vendor_id}");
        let reply = world
            .send("PATCH", &path, &headers, renamed.as_bytes())
            .await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let platform = key(world, &account, CredentialKind::Tld).await;
        let bill = form(&[("did", number_of), ("cid", "2125551212"), ("cost", "7")]);
        let headers = [
            ("tld-api-id", platform.name.as_str()),
            ("tld-api-key", &platform.secret),
            ("content-type", FORM),
        ];
        let reply = world.send("POST", PATH, &headers, bill.as_bytes()).await;
        let cost = reply.json()["cost_id"].as_str().expect("an id").to_owned();
        let reporter = key(world, &account, CredentialKind::Trestle).await;
        let feedback = json!({
            "response_id": "T_1", "phone": "2125551212", "name": name, "phone_status": "Connected",
            "phone_right_party_contact": true,
        });
        let headers = [("x-api-key", reporter.secret.as_str())];
        let body = feedback.to_string();
        let reply = world.send("POST", "/1.0/phone_feedback", &headers, body.as_bytes());
        assert_eq!(reply.await.status, 200);
        let text = [("callee", "2125551212"), ("whisper_text", name)];
        let queued = teletracker::respond(&world.app, &authorization, &text).await;
        let entry = queued.json()["result"]["callqueue_id"].to_string();
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", JSON),
        ];
        let take = json!({ "lease_seconds": 3600 }).to_string();
        let path = "/callbook/v1/queue/take";
        let taken = world.send("POST", path, &headers, take.as_bytes()).await;
        assert_eq!(taken.json()["entries"][0]["id"].to_string(), entry);
        let path = "/callbook/v1/webhooks";
        let hook = json!({"url": "https://example.com/", "description": name}).to_string();
        let made = world.send("POST", path, &headers, hook.as_bytes()).await;
        let webhook = made.json()["id"].as_str().expect("an id").to_owned();
        let path = format!("{path}/{webhook}/test");
        let queued = world.send("POST", &path, &headers, b"").await;
        let delivery = queued.json()["id"].as_str().expect("an id").to_owned();
        Self {
            webhook,
            delivery,
            account,
            property,
            address,
            entry,
            number: number_of.to_owned(),
            call,
            vendor: vendor_id.to_owned(),
            cost,
        }
    }

    /// What a parameter in a path names: the account's own resource behind the segment `before` it.
    pub fn named(&self, before: &str) -> Option<&str> {
        Some(match before {
            "Accounts" => self.account.sid.as_str(),
            "Properties" => &self.property,
            "Addresses" => &self.address,
            "Numbers" => self.number.trim_start_matches('+'),
            "Calls" | "calls" => &self.call,
            "vendors" => &self.vendor,
            "costs" => &self.cost,
            "queue" => &self.entry,
            "webhooks" => &self.webhook,
            "deliveries" => &self.delivery,
            _ => return None,
        })
    }
}

async fn key(world: &World, account: &Account, kind: CredentialKind) -> Key {
    let unlimited = |new: &mut callbook::model::credential::NewCredential| {
        new.limits = Limits::default();
    };
    world.credential_with(account, kind, unlimited).await
}
