//! One line a request, and nothing in it that is a secret or says who somebody is.

use callbook::edge::dispatch;
use callbook::model::credential::{CredentialKind, Limits, Status};
use callbook_tests::tld::{self, FORM, form};
use callbook_tests::truecnam::{Pbx, pair};
use callbook_tests::{Key, Reply, World};
use serde_json::{Value, json};

const PERSON: &str = "Waidong Syrws";
const CALLER: &str = "+12069735100";
const DIALED: &str = "+16465557321";

/// Ways in which somebody may write [`CALLER`].
const NOTATIONS: [&str; 9] = [
    "+12069735100",
    "12069735100",
    "2069735100",
    "+1 (206) 973-5100",
    "206-973-5100",
    "206.973.5100",
    "tel:+1-206-973-5100;ext=7",
    "\u{FF12}\u{FF10}\u{FF16}\u{FF19}\u{FF17}\u{FF13}\u{FF15}\u{FF11}\u{FF10}\u{FF10}",
    "\u{662}\u{660}\u{666}\u{669}\u{667}\u{663}\u{665}\u{661}\u{660}\u{660}",
];

/// Every parameter of every dialect, and some of none.
const FIELDS: [&str; 34] = [
    "response_id",
    "phone",
    "name",
    "phone_status",
    "phone_right_party_contact",
    "inbound_number",
    "number_dialed",
    "call_to",
    "did",
    "phone_number",
    "cid",
    "call_from",
    "cost",
    "date_billed",
    "call_date",
    "notes",
    "username",
    "password",
    "resp_type",
    "resp_format",
    "calling_number",
    "called_number",
    "call_party",
    "api_id",
    "api_key",
    "api",
    "apikey",
    "account_id",
    "callee",
    "number",
    "from",
    "to",
    "unheard_of",
    "Phone",
];

/// A request with what it was answered.
struct Sent {
    case: String,
    reply: Reply,
    /// The function that took it, and the credential that it was known by.
    function: &'static str,
    credential: Option<String>,
}

struct Story {
    world: World,
    trestle: Key,
    tld: Key,
    pbx: Pbx,
    sent: Vec<Sent>,
}

impl Story {
    async fn new() -> Self {
        let world = World::new().await;
        let pbx = Pbx::carrier(&world).await;
        let trestle = world
            .credential(&pbx.account, CredentialKind::Trestle)
            .await;
        let tld = world.credential(&pbx.account, CredentialKind::Tld).await;
        Self {
            world,
            trestle,
            tld,
            pbx,
            sent: Vec::new(),
        }
    }

    fn secrets(&self) -> [&str; 3] {
        [&self.trestle.secret, &self.tld.secret, &self.pbx.key.secret]
    }

    async fn send(
        &mut self,
        function: &'static str,
        known: Option<&Key>,
        request: (&str, &str),
        headers: &[(&str, &str)],
        body: &str,
    ) {
        let (method, path) = request;
        let reply = self
            .world
            .send(method, path, headers, body.as_bytes())
            .await;
        let credential = known.map(|key| key.credential.id.as_str().to_owned());
        let case = format!("request {} to {function}", self.sent.len());
        self.sent.push(Sent {
            case,
            reply,
            function,
            credential,
        });
    }

    async fn feedback(&mut self, key: &str, known: bool, body: &str) {
        let headers = [("x-api-key", key)];
        let trestle = self.trestle.credential.clone();
        let known = known.then_some(Key {
            credential: trestle,
            name: String::new(),
            secret: String::new(),
        });
        let request = ("POST", "/1.0/phone_feedback");
        self.send("phone-feedback", known.as_ref(), request, &headers, body)
            .await;
    }

    async fn billable(&mut self, known: bool, rest: &str, media_type: &str, body: &str) {
        let (name, secret) = (self.tld.name.clone(), self.tld.secret.clone());
        let secret = if known { secret } else { "wrong".to_owned() };
        let headers = [
            ("tld-api-id", name.as_str()),
            ("tld-api-key", secret.as_str()),
            ("content-type", media_type),
        ];
        let key = Key {
            credential: self.tld.credential.clone(),
            name: String::new(),
            secret,
        };
        let key_known = known.then_some(&key);
        let path = format!("{}{rest}", tld::PATH);
        let secret = key.secret.clone();
        let headers = headers.map(|(name, value)| match name {
            "tld-api-key" => (name, secret.as_str()),
            _ => (name, value),
        });
        self.send(
            "inbound-billable",
            key_known,
            ("POST", &path),
            &headers,
            body,
        )
        .await;
    }
}
