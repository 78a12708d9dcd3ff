#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test bed fails by panicking"
)]
//! The test bed: the embedded engine, the very functions, and real API Gateway events in between.
//!
//! Every [`World`] has an engine of its own in memory, so tests run side by side, and a clock that
//! stands still until a test moves it.

pub mod call_data;
pub mod faults;
pub mod fd_calls;
pub mod fonedynamics;
pub mod golden;
pub mod items;
pub mod teletracker;
pub mod tld;
pub mod truecnam;
pub mod vendors;
pub mod written;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use callbook::clock::Clock;
use callbook::edge::log::Sink;
use callbook::edge::{App, Function, dispatch};
use callbook::ids;
use callbook::ledger::{Ledger, Saved, StoreError};
use callbook::model::account::Account;
use callbook::model::credential::{
    Credential, CredentialKind, IssuedSecret, Limits, NewCredential,
};
use callbook::model::time::{Instant, Zone};
use callbook::request::page_token::PageKey;
use callbook_local::engine::{self, Engine, Storage};
use callbook_local::gateway::event;
use callbook_local::template;
use serde_json::Value;

/// 2026-11-21T12:00:00Z: when every world begins.
pub const NOON: i64 = 1_795_262_400_000;

/// One deployment.
pub struct World {
    /// The store.
    pub engine: Engine,
    /// What the functions run on.
    pub app: App,
    /// What the functions read the time from.
    pub clock: Clock,
    /// The ledger, as an operator's tool sees it.
    pub ledger: Ledger,
    logs: Arc<Mutex<Vec<String>>>,
}

/// What a client was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: HashMap<String, String>,
    /// The body as it is.
    pub body: String,
}

impl Reply {
    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {} {}", self.status, self.body))
    }

    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

impl World {
    /// A new deployment with an empty table.
    pub async fn new() -> Self {
        let engine = Engine::start(Storage::Memory)
            .await
            .expect("the engine starts");
        template::create_table(&engine.client(), engine::TABLE)
            .await
            .expect("the table is made");
        let client = engine.client();
        Self::on(engine, client)
    }

    /// A deployment whose functions reach the store by `client`: a proxy that counts, say.
    #[must_use]
    pub fn on(engine: Engine, client: Client) -> Self {
        let clock = Clock::set_to(Instant::from_millis(NOON));
        let ledger = Ledger::new(engine.client(), engine::TABLE);
        let logs = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&logs);
        let sink = Sink::each(move |line| lines.lock().unwrap().push(line.to_owned()));
        let app = App::new(Ledger::new(client, engine::TABLE), clock.clone(), sink)
            .with_page_key(page_key());
        Self {
            engine,
            app,
            clock,
            ledger,
            logs,
        }
    }

    /// The functions as another process would run them: nothing cached, the same store and clock.
    #[must_use]
    pub fn another_instance(&self) -> App {
        let lines = Arc::clone(&self.logs);
        let sink = Sink::each(move |line| lines.lock().unwrap().push(line.to_owned()));
        App::new(self.ledger.clone(), self.clock.clone(), sink).with_page_key(page_key())
    }

    /// Moves the clock on.
    pub fn wait(&self, seconds: u64) {
        self.clock
            .set(self.clock.now().plus(Duration::from_secs(seconds)));
    }

    /// Every log line so far.
    #[must_use]
    pub fn logs(&self) -> Vec<String> {
        self.logs.lock().unwrap().clone()
    }

    /// A new account, in UTC.
    pub async fn account(&self) -> Account {
        self.account_with(|_| {}).await
    }

    /// A new account with other settings.
    pub async fn account_with(&self, change: impl FnOnce(&mut Account)) -> Account {
        let mut account = Account::new(
            ids::account_id(),
            ids::account_sid(),
            "Test".to_owned(),
            Zone::utc(),
            self.clock.now(),
        );
        change(&mut account);
        assert_eq!(
            self.ledger.create_account(&account).await.unwrap(),
            Saved::Done
        );
        account
    }

    /// Changes an account's settings.
    pub async fn change(&self, account: &mut Account, change: impl Fn(&mut Account)) {
        let changed = self.ledger.change_account(&account.id, |account| {
            change(account);
            Ok::<_, StoreError>(())
        });
        *account = changed.await.unwrap().expect("the account");
    }

    /// A new credential of the kind, with the limits of a new one.
    pub async fn credential(&self, account: &Account, kind: CredentialKind) -> Key {
        self.credential_with(account, kind, |_| {}).await
    }

    /// A new credential with other choices.
    pub async fn credential_with(
        &self,
        account: &Account,
        kind: CredentialKind,
        change: impl FnOnce(&mut NewCredential),
    ) -> Key {
        let mut new = NewCredential {
            kind,
            account: account.id.clone(),
            accounts: Vec::new(),
            label: "test".to_owned(),
            expires: None,
            products: Vec::new(),
            endpoints: Vec::new(),
            addresses: Vec::new(),
            limits: Limits::of_new(kind),
            carrier: false,
            read_only: false,
        };
        change(&mut new);
        let secret = ids::secret().expect("entropy");
        let (credential, IssuedSecret { name, secret }) = new.issue(
            ids::credential_id(),
            match kind {
                CredentialKind::Fonedynamics => account.sid.as_str().to_owned(),
                _ => ids::credential_name(),
            },
            secret,
            self.clock.now(),
        );
        assert_eq!(
            self.ledger.create_credential(&credential).await.unwrap(),
            Saved::Done
        );
        Key {
            credential,
            name: name.unwrap_or_default(),
            secret,
        }
    }

    /// Sends a request through the gateway's routes to the function that takes it.
    pub async fn send(
        &self,
        method: &str,
        path_and_query: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        send_to(&self.app, method, path_and_query, headers, body).await
    }
}

/// What every instance of a deployment signs its tokens of pages with.
fn page_key() -> PageKey {
    PageKey::new("a deployment's own key of 32 characters and more").expect("a long key")
}

/// Sends a request to an instance of the functions, as the gateway would.
pub async fn send_to(
    app: &App,
    method: &str,
    path_and_query: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Reply {
    let event = event::from_local(method, path_and_query, headers, body).expect("a request");
    deliver(app, &event).await
}

/// Hands an event to the function that its route names.
pub async fn deliver(app: &App, event: &Value) -> Reply {
    let function = function_of(event["routeKey"].as_str().expect("a route key"));
    let event = serde_json::to_vec(event).expect("an event is JSON");
    let reply: Value =
        serde_json::from_slice(&dispatch(app, function, &event).await).expect("a reply is JSON");
    let headers = reply["headers"].as_object().expect("headers").iter();
    let reply = Reply {
        status: reply["statusCode"]
            .as_u64()
            .and_then(|s| u16::try_from(s).ok())
            .expect("status"),
        headers: headers
            .map(|(name, value)| (name.to_lowercase(), value.as_str().unwrap().to_owned()))
            .collect(),
        body: reply["body"].as_str().unwrap_or_default().to_owned(),
    };
    let guid = reply
        .header("x-request-guid")
        .expect("every answer carries its guid");
    assert_eq!(guid.len(), 36, "a guid is a UUID: {guid}");
    reply
}

/// The function that `template.yaml` routes a key to.
fn function_of(route_key: &str) -> &'static Function {
    let routes = template::own_routes().expect("the template's routes");
    let route = routes
        .iter()
        .find(|route| route.key() == route_key)
        .expect("a route");
    callbook_local::functions()
        .into_iter()
        .find(|function| function.name == route.function())
        .expect("a function")
}

/// A credential with its secret.
pub struct Key {
    /// As the ledger keeps it.
    pub credential: Credential,
    /// The public half; empty for a key without a name.
    pub name: String,
    /// The secret half.
    pub secret: String,
}
