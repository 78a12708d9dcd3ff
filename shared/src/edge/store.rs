//! The stores that functions answer from: none, the ledger, or the ledger in pages.
//!
//! A function's binary contains no more than it needs. Without a store, it has no DynamoDB client.

use std::future::Future;

use lambda_http::Error as RuntimeError;

use crate::access::Access;
use crate::config::{self, Config};
use crate::ledger::Ledger;
use crate::request::page_token::PageKey;

/// A store that functions answer from.
pub trait Store: Sized + Send + Sync + 'static {
    /// Prepares for the first request of a Lambda function.
    ///
    /// This opens the connection to DynamoDB.
    ///
    /// # Errors
    /// Returns an error if an environment variable is missing or wrong.
    fn connect() -> impl Future<Output = Result<Self, RuntimeError>> + Send;

    /// Returns access to the ledger, if there is one.
    fn access(&self) -> Option<&Access>;
}

/// No store: for functions that answer from the request alone.
#[derive(Debug)]
pub struct NoStore;

impl Store for NoStore {
    async fn connect() -> Result<Self, RuntimeError> {
        Ok(Self)
    }

    fn access(&self) -> Option<&Access> {
        None
    }
}

/// The ledger, without page tokens.
#[derive(Debug)]
pub struct LedgerStore {
    pub(super) access: Access,
}

impl LedgerStore {
    /// Makes a store from a ledger, with empty caches.
    #[must_use]
    pub fn new(ledger: Ledger) -> Self {
        Self {
            access: Access::new(ledger),
        }
    }
}

impl Store for LedgerStore {
    async fn connect() -> Result<Self, RuntimeError> {
        let ledger = Ledger::connect(&Config::from_env()?);
        ledger.warm().await;
        Ok(Self::new(ledger))
    }

    fn access(&self) -> Option<&Access> {
        Some(&self.access)
    }
}

/// The ledger, and the key that signs the page tokens of its lists.
#[derive(Debug)]
pub struct PagedStore {
    pub(super) ledger: LedgerStore,
    pub(super) page_key: PageKey,
}

impl PagedStore {
    /// Makes a store from a ledger and a key, with empty caches.
    #[must_use]
    pub fn new(ledger: Ledger, page_key: PageKey) -> Self {
        Self {
            ledger: LedgerStore::new(ledger),
            page_key,
        }
    }
}

impl Store for PagedStore {
    async fn connect() -> Result<Self, RuntimeError> {
        let page_key = PageKey::new(&config::page_token_key()?)?;
        Ok(Self {
            ledger: LedgerStore::connect().await?,
            page_key,
        })
    }

    fn access(&self) -> Option<&Access> {
        self.ledger.access()
    }
}
