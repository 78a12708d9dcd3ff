//! A Lambda function: its name, its dialect, and a handler whose type says which store it uses.

use std::future;

use futures_util::future::BoxFuture;

use super::app::App;
use super::store::{LedgerStore, NoStore, PagedStore, Store};
use crate::access::Unauthenticated;
use crate::dialect::{Answer, Dialect};
use crate::problem::Problem;
use crate::request::Request;
use crate::request::page_token::PageKey;

/// One Lambda function.
#[derive(Clone, Copy)]
pub struct Function<H> {
    /// The name of its template resource, its package and its binary.
    pub name: &'static str,
    /// The dialect it answers in. `None` if that depends on the path.
    pub dialect: Option<Dialect>,
    /// The handler that answers requests.
    pub handler: H,
}

/// A future answer, or the problem to answer with.
pub type FutureAnswer<'a> = BoxFuture<'a, Result<Answer, Problem>>;

/// Answers the requests of a function.
pub trait Handler: Copy + Send + Sync + 'static {
    /// The store that it uses.
    type Store: Store;

    /// Answers one request.
    fn answer<'a>(self, app: &'a App<Self::Store>, request: &'a Request) -> FutureAnswer<'a>;
}

/// Answers from the request alone.
#[derive(Clone, Copy)]
pub struct StorelessHandler(pub fn(&Request) -> Result<Answer, Problem>);

impl Handler for StorelessHandler {
    type Store = NoStore;

    fn answer<'a>(self, _app: &'a App<NoStore>, request: &'a Request) -> FutureAnswer<'a> {
        Box::pin(future::ready((self.0)(request)))
    }
}

/// Answers from the ledger.
#[derive(Clone, Copy)]
pub struct LedgerHandler(pub for<'a> fn(Unauthenticated<'a>) -> FutureAnswer<'a>);

impl Handler for LedgerHandler {
    type Store = LedgerStore;

    fn answer<'a>(self, app: &'a App<LedgerStore>, request: &'a Request) -> FutureAnswer<'a> {
        (self.0)(app.receive(request))
    }
}

/// Answers from the ledger, in pages. The key signs their page tokens.
#[derive(Clone, Copy)]
pub struct PagedHandler(pub for<'a> fn(Unauthenticated<'a>, &'a PageKey) -> FutureAnswer<'a>);

impl Handler for PagedHandler {
    type Store = PagedStore;

    fn answer<'a>(self, app: &'a App<PagedStore>, request: &'a Request) -> FutureAnswer<'a> {
        (self.0)(app.receive(request), app.page_key())
    }
}
