#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test bed fails by panicking"
)]
//! The test bed: the embedded engine, the deployed functions, and real API Gateway events between them.
//!
//! Every [`World`] has its own engine in memory, so tests run in parallel, and a clock that stands still
//! until a test moves it.

pub mod browser;
pub mod bus;
pub mod call_data;
pub mod capacity;
pub mod documented;
pub mod earlier;
pub mod faults;
pub mod fd_calls;
pub mod fifty;
pub mod filled;
pub mod fonedynamics;
pub mod fuzz;
pub mod golden;
pub mod items;
pub mod office;
pub mod publish;
pub mod receiver;
pub mod reference;
pub mod rollup;
pub mod team;
pub mod teletracker;
pub mod tld;
pub mod truecnam;
pub mod units;
pub mod vendor;
pub mod vendors;
pub mod watch;
pub mod webhooks;
pub mod written;

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use callbook::clock::Clock;
use callbook::edge::log::Sink;
use callbook::edge::{AnyFunction, App, AppConfig, PagedStore, dispatch};
use callbook::ids;
use callbook::ledger::{Creation, Ledger, StoreError, Update};
use callbook::model::account::Account;
use callbook::model::credential::{
    ChosenSecret, Credential, CredentialKind, IssuedSecret, NewCredential, NewSecret, Status,
};
use callbook::model::proxies::TrustedProxies;
use callbook::model::time::{Instant, Zone};
use callbook::request::page_token::PageKey;
use callbook_local::engine::{self, Engine, Storage};
use callbook_local::gateway::event;
use callbook_local::template;
use serde_json::Value;

use crate::watch::Watch;

/// The initial time of every world: 2026-11-21T12:00:00Z.
pub const NOON: i64 = 1_795_262_400_000;

type Logs = Arc<Mutex<Vec<String>>>;

/// One deployment.
pub struct World {
    /// The store.
    pub engine: Engine,
    /// The instance of the functions.
    pub app: App,
    /// The clock of the functions.
    pub clock: Clock,
    /// The ledger, as an operator's tool reaches it.
    pub ledger: Ledger,
    /// The ledger, as the functions reach it.
    functions: Ledger,
    logs: Logs,
    watch: Watch,
}

/// Audits the world's table at the end of its test.
impl Drop for World {
    fn drop(&mut self) {
        // A failing test reports its own reason.
        if !std::thread::panicking() {
            let items = self.engine.items().expect("the table is read");
            self.watch.settle(&items, self.clock.now().millis());
        }
    }
}

/// An answer to a client.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers, with lower-case names.
    pub headers: HashMap<String, String>,
    /// The values of `Set-Cookie`.
    pub cookies: Vec<String>,
    /// The body as text.
    pub body: String,
}

impl Reply {
    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {} {}", self.status, self.body))
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

    /// A deployment whose functions reach the store through `client`, for example through a proxy.
    #[must_use]
    pub fn on(engine: Engine, client: Client) -> Self {
        let clock = Clock::set_to(Instant::from_millis(NOON));
        let ledger = Ledger::new(engine.client(), engine::TABLE).with_clock(clock.clone());
        let functions = Ledger::new(client, engine::TABLE).with_clock(clock.clone());
        let logs = Logs::default();
        let app = App::new(config(functions.clone(), &clock, &logs));
        Self {
            engine,
            app,
            clock,
            ledger,
            functions,
            logs,
            watch: Watch::default(),
        }
    }

    /// Changes the configuration of the deployment and restarts its functions.
    pub fn configure(&mut self, change: impl FnOnce(&mut AppConfig<PagedStore>)) {
        let mut config = config(self.functions.clone(), &self.clock, &self.logs);
        change(&mut config);
        self.app = App::new(config);
    }

    /// Expects that the audit at the end of the test finds `rule` broken by the item at this key, or by items
    /// whose sort keys start with `sk`. For tests that damage the table on purpose, for the given reason.
    pub fn expect_finding(&self, rule: &str, (pk, sk): (&str, &str), because: &'static str) {
        self.watch.expect(rule, (pk, sk), because);
    }

    /// Leaves the table without an audit at the end of the test, for a test that writes items past all functions.
    pub fn leave_unaudited(&self, because: &'static str) {
        self.watch.skip(because);
    }

    /// Another instance of the functions, with empty caches and the same store and clock.
    #[must_use]
    pub fn another_instance(&self) -> App {
        App::new(config(self.ledger.clone(), &self.clock, &self.logs))
    }

    /// A new process of the functions, which reach the store as before.
    #[must_use]
    pub fn restarted(&self) -> App {
        App::new(config(self.functions.clone(), &self.clock, &self.logs))
    }

    /// Moves the clock forward.
    pub fn wait(&self, seconds: u64) {
        self.clock
            .set(self.clock.now().plus(Duration::from_secs(seconds)));
    }

    /// Every log line written so far.
    #[must_use]
    pub fn logs(&self) -> Vec<String> {
        self.logs.lock().unwrap().clone()
    }

    /// The last log line.
    #[must_use]
    pub fn last_log(&self) -> Option<String> {
        self.logs.lock().unwrap().last().cloned()
    }

    /// A new account, in UTC.
    pub async fn account(&self) -> Account {
        self.account_with(|_| {}).await
    }

    /// A new account with changed settings.
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
            Creation::Created(())
        );
        account
    }

    /// Changes an account's settings.
    pub async fn change(&self, account: &mut Account, change: impl Fn(&mut Account)) {
        let updated = self.ledger.update_account(&account.id, |account| {
            change(account);
            Ok::<_, StoreError>(())
        });
        let Update::Updated(updated) = updated.await.unwrap() else {
            panic!("the account is gone");
        };
        *account = updated;
    }

    /// Sets the status of a credential that is not revoked.
    pub async fn set_status(&self, credential: &Credential, status: Status) {
        let Credential { account, id, .. } = credential;
        let set = self.ledger.set_credential_status(account, id, status);
        assert_eq!(set.await.unwrap(), Update::Updated(()));
    }

    /// A new credential of the kind, with the default limits.
    pub async fn credential(&self, account: &Account, kind: CredentialKind) -> Key {
        self.credential_with(account, kind, |_| {}).await
    }

    /// A new credential with changed settings.
    pub async fn credential_with(
        &self,
        account: &Account,
        kind: CredentialKind,
        change: impl FnOnce(&mut NewCredential),
    ) -> Key {
        let mut new = NewCredential::of(kind, account.id.clone());
        new.label = "test".to_owned();
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
            Creation::Created(())
        );
        Key {
            credential,
            name: name.unwrap_or_default(),
            secret,
        }
    }

    /// A credential with a name and a secret that its client had before.
    pub async fn chosen(
        &self,
        account: &Account,
        kind: CredentialKind,
        name: &str,
        secret: &str,
    ) -> Key {
        let name = match kind {
            CredentialKind::Fonedynamics => account.sid.as_str(),
            _ => name,
        };
        let chosen = ChosenSecret::parse(kind, Some(name), secret).expect("a good secret");
        let hash = chosen.hash(kind, name, ids::salt().expect("entropy"));
        let (credential, IssuedSecret { name, secret }) =
            NewCredential::of(kind, account.id.clone()).issue_with(
                ids::credential_id(),
                name.to_owned(),
                NewSecret::Chosen(chosen, hash.expect("memory")),
                self.clock.now(),
            );
        assert_eq!(
            self.ledger.create_credential(&credential).await.unwrap(),
            Creation::Created(())
        );
        Key {
            credential,
            name: name.unwrap_or_default(),
            secret,
        }
    }

    /// Sends a request through the gateway's routes to its function.
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

/// The configuration of every instance of a deployment.
fn config(ledger: Ledger, clock: &Clock, logs: &Logs) -> AppConfig<PagedStore> {
    let page_key = PageKey::new("a deployment's own key of 32 characters and more");
    let lines = Arc::clone(logs);
    AppConfig {
        store: PagedStore::new(ledger, page_key.expect("a long key")),
        clock: clock.clone(),
        sink: Sink::each(move |line| lines.lock().unwrap().push(line.to_owned())),
        deadline: None,
        stack: None,
        proxies: TrustedProxies::default(),
        demo: None,
    }
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

/// Lambda's id of every invocation in the tests.
pub const LAMBDA_ID: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";

/// Hands an event to the function that its route names.
pub async fn deliver(app: &App, event: &Value) -> Reply {
    let function = function_of(event["routeKey"].as_str().expect("a route key"));
    let event = serde_json::to_vec(event).expect("an event is JSON");
    let reply = dispatch(app, &function, &event, Some(LAMBDA_ID)).await;
    let reply: Value = serde_json::from_slice(&reply).expect("a reply is JSON");
    let headers = reply["headers"].as_object().expect("headers").iter();
    let reply = Reply {
        status: reply["statusCode"]
            .as_u64()
            .and_then(|s| u16::try_from(s).ok())
            .expect("status"),
        headers: headers
            .map(|(name, value)| (name.to_lowercase(), value.as_str().unwrap().to_owned()))
            .collect(),
        cookies: serde_json::from_value(reply["cookies"].clone()).expect("cookies"),
        body: reply["body"].as_str().unwrap_or_default().to_owned(),
    };
    let guid = reply
        .header("x-request-guid")
        .expect("every answer carries its guid");
    assert_eq!(guid.len(), 36, "a guid is a UUID: {guid}");
    reply
}

/// The function that `template.yaml` routes a key to.
fn function_of(route_key: &str) -> AnyFunction {
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
    /// The credential in the ledger.
    pub credential: Credential,
    /// The public half; empty for a key without a name.
    pub name: String,
    /// The secret half.
    pub secret: String,
}

/// Bytes in the coding `gzip`.
#[must_use]
pub fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(plain).expect("bytes are written");
    encoder.finish().expect("bytes are written")
}
