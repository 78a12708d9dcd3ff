//! The application: what all requests of a process share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::counts::InvalidStreaks;
use super::demo::DemoUser;
use super::log::Sink;
use super::store::{LedgerStore, PagedStore, Store};
use crate::access::{Access, Unauthenticated};
use crate::clock::Clock;
use crate::model::proxies::TrustedProxies;
use crate::request::Request;
use crate::request::page_token::PageKey;

/// The parts of an application.
pub struct AppConfig<S> {
    /// The store that its functions use.
    pub store: S,
    /// The clock.
    pub clock: Clock,
    /// The destination of log lines.
    pub sink: Sink,
    /// The time after which a request is given up. `None` means never.
    pub deadline: Option<Duration>,
    /// The deployment's name, which separates its metrics from those of other deployments.
    pub stack: Option<String>,
    /// The proxies in front of it.
    pub proxies: TrustedProxies,
    /// The user that the console's sign-in page offers. A deployment has none.
    pub demo: Option<DemoUser>,
}

/// The state that all requests of a process share. Clones share it too.
#[derive(Debug)]
pub struct App<S = PagedStore>(Arc<Shared<S>>);

#[derive(Debug)]
struct Shared<S> {
    store: S,
    clock: Clock,
    sink: Sink,
    deadline: Option<Duration>,
    stack: Option<String>,
    proxies: TrustedProxies,
    demo: Option<DemoUser>,
    warm: AtomicBool,
    streaks: InvalidStreaks,
}

impl<S> Clone for App<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Store> App<S> {
    /// Creates an application that has not served a request yet.
    #[must_use]
    pub fn new(config: AppConfig<S>) -> Self {
        let AppConfig {
            store,
            clock,
            sink,
            deadline,
            stack,
            proxies,
            demo,
        } = config;
        Self(Arc::new(Shared {
            store,
            clock,
            sink,
            deadline,
            stack,
            proxies,
            demo,
            warm: AtomicBool::new(false),
            streaks: InvalidStreaks::default(),
        }))
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(super) fn sink(&self) -> &Sink {
        &self.0.sink
    }

    pub(super) fn access(&self) -> Option<&Access> {
        self.0.store.access()
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.0.deadline
    }

    pub(super) fn stack(&self) -> Option<&str> {
        self.0.stack.as_deref()
    }

    pub(super) fn proxies(&self) -> &TrustedProxies {
        &self.0.proxies
    }

    pub(super) fn streaks(&self) -> &InvalidStreaks {
        &self.0.streaks
    }

    /// Whether this is the process's first request. Call it once for each request.
    pub(super) fn is_cold(&self) -> bool {
        !self.0.warm.swap(true, Ordering::Relaxed)
    }
}

impl App<LedgerStore> {
    pub(super) fn receive<'a>(&'a self, request: &'a Request) -> Unauthenticated<'a> {
        Unauthenticated::new(&self.0.store.access, &self.0.clock, request)
    }
}

impl App<PagedStore> {
    pub(super) fn receive<'a>(&'a self, request: &'a Request) -> Unauthenticated<'a> {
        Unauthenticated::new(&self.0.store.ledger.access, &self.0.clock, request)
    }

    pub(super) fn demo(&self) -> Option<&DemoUser> {
        self.0.demo.as_ref()
    }

    pub(super) fn page_key(&self) -> &PageKey {
        &self.0.store.page_key
    }
}
