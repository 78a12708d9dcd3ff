//! A Lambda function: its name, its dialect and its handler, whose type says what it answers from.

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
    /// Its name in the template, its package and its binary.
    pub name: &'static str,
    /// What it speaks; `None` if that depends on the path.
    pub dialect: Option<Dialect>,
    /// Whether most of its requests have a phone number to parse, so that the numbering plans are loaded
    /// before the first of them; other functions load them when they meet a number.
    pub reads_numbers: bool,
    /// How it answers.
    pub handler: H,
}

/// An answer, or why there is none, once the handler has got that far.
pub type FutureAnswer<'a> = BoxFuture<'a, Result<Answer, Problem>>;

/// How a function answers.
pub trait Handler: Copy + Send + Sync + 'static {
    /// What it answers from.
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

/// Answers from the ledger, in pages whose tokens the key signs.
#[derive(Clone, Copy)]
pub struct PagedHandler(pub for<'a> fn(Unauthenticated<'a>, &'a PageKey) -> FutureAnswer<'a>);

impl Handler for PagedHandler {
    type Store = PagedStore;

    fn answer<'a>(self, app: &'a App<PagedStore>, request: &'a Request) -> FutureAnswer<'a> {
        (self.0)(app.receive(request), app.page_key())
    }
}

/// A handler of any kind, for a process that runs several functions.
#[derive(Clone, Copy)]
pub enum AnyHandler {
    /// Answers from the request alone.
    Storeless(StorelessHandler),
    /// Answers from the ledger.
    Ledger(LedgerHandler),
    /// Answers from the ledger, in pages.
    Paged(PagedHandler),
}

impl Handler for AnyHandler {
    type Store = PagedStore;

    fn answer<'a>(self, app: &'a App<PagedStore>, request: &'a Request) -> FutureAnswer<'a> {
        match self {
            Self::Storeless(handler) => Box::pin(future::ready((handler.0)(request))),
            Self::Ledger(handler) => (handler.0)(app.receive(request)),
            Self::Paged(handler) => handler.answer(app, request),
        }
    }
}

impl From<StorelessHandler> for AnyHandler {
    fn from(handler: StorelessHandler) -> Self {
        Self::Storeless(handler)
    }
}

impl From<LedgerHandler> for AnyHandler {
    fn from(handler: LedgerHandler) -> Self {
        Self::Ledger(handler)
    }
}

impl From<PagedHandler> for AnyHandler {
    fn from(handler: PagedHandler) -> Self {
        Self::Paged(handler)
    }
}

/// A function with a handler of any kind.
pub type AnyFunction = Function<AnyHandler>;

impl<H: Into<AnyHandler>> Function<H> {
    /// The same function, beside others.
    #[must_use]
    pub fn any(self) -> AnyFunction {
        let Self {
            name,
            dialect,
            reads_numbers,
            handler,
        } = self;
        Function {
            name,
            dialect,
            reads_numbers,
            handler: handler.into(),
        }
    }
}
