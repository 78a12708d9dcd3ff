//! What a process has for all its requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::log::Sink;
use super::store::{LedgerStore, PagedStore, Store};
use crate::access::Unauthenticated;
use crate::clock::Clock;
use crate::request::Request;
use crate::request::page_token::PageKey;

/// What an application is made from.
pub struct AppConfig<S> {
    /// What its functions answer from.
    pub store: S,
    /// What tells the time.
    pub clock: Clock,
    /// Where the log lines go.
    pub sink: Sink,
    /// How long a request may take before it is given up; `None` leaves that to the caller.
    pub deadline: Option<Duration>,
    /// The deployment that it is part of, whose metrics are apart from another's.
    pub stack: Option<String>,
}

/// What a process has for all its requests; clones share it.
#[derive(Debug)]
pub struct App<S = PagedStore>(Arc<Shared<S>>);

#[derive(Debug)]
struct Shared<S> {
    store: S,
    clock: Clock,
    sink: Sink,
    deadline: Option<Duration>,
    stack: Option<String>,
    warm: AtomicBool,
}

impl<S> Clone for App<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Store> App<S> {
    /// A new application, which has served no request yet.
    #[must_use]
    pub fn new(config: AppConfig<S>) -> Self {
        let AppConfig {
            store,
            clock,
            sink,
            deadline,
            stack,
        } = config;
        Self(Arc::new(Shared {
            store,
            clock,
            sink,
            deadline,
            stack,
            warm: AtomicBool::new(false),
        }))
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(super) fn sink(&self) -> &Sink {
        &self.0.sink
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.0.deadline
    }

    pub(super) fn stack(&self) -> Option<&str> {
        self.0.stack.as_deref()
    }

    /// Whether this is the process's first request; asked once a request.
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

    pub(super) fn page_key(&self) -> &PageKey {
        &self.0.store.page_key
    }
}
