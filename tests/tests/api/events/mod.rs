//! Events: what is told, to whom, and what survives a stream, a store and a bus that fail.

mod polling;
mod proof;
mod replay;
mod types;

use std::collections::BTreeMap;

use callbook::model::account::Account;
use callbook::model::credential::{CredentialKind, NewCredential};
use callbook::model::event::Event;
use callbook_tests::teletracker::{self, basic};
use callbook_tests::tld::{JSON, Platform};
use callbook_tests::{Key, World, vendor};

/// An account with a vendor, a switch, a billing vendor's key and a dialer's user.
struct Scene {
    platform: Platform,
    user: Key,
}

impl Scene {
    async fn new() -> Self {
        Self::on(World::new().await).await
    }

    async fn on(world: World) -> Self {
        let account = teletracker::account(&world).await;
        vendor::add(&world, &account, "acme").await;
        let user = world.credential(&account, CredentialKind::User).await;
        Self {
            platform: Platform::of(world, &account).await,
            user,
        }
    }

    fn world(&self) -> &World {
        &self.platform.world
    }

    fn account(&self) -> &Account {
        &self.platform.account
    }

    /// Sends a request to Callbook's own API as the user.
    async fn ask(&self, method: &str, path: &str, body: &str) -> callbook_tests::Reply {
        let authorization = basic(&self.user);
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", JSON),
        ];
        self.world()
            .send(method, path, &headers, body.as_bytes())
            .await
    }

    /// A credential of the kind with changed settings.
    async fn key(&self, kind: CredentialKind, change: impl FnOnce(&mut NewCredential)) -> Key {
        self.world()
            .credential_with(self.account(), kind, change)
            .await
    }

    /// Every event of the account, in the order of the log.
    async fn events(&self) -> Vec<Event> {
        self.world().events(&self.account().id).await
    }
}

/// The types and subjects of events, in their order.
fn told(events: &[Event]) -> Vec<(&'static str, &str)> {
    events
        .iter()
        .map(|event| (event.kind.as_str(), event.subject.as_str()))
        .collect()
}

/// Events by their line, in their order.
fn by_line(events: &[Event]) -> BTreeMap<&str, Vec<&Event>> {
    let mut lines: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for event in events {
        lines.entry(event.line.as_str()).or_default().push(event);
    }
    lines
}
