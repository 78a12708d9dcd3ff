//! Functions of any kind of handler, for a process that runs several of them.

use std::future;

use super::app::App;
use super::function::{
    Function, FutureAnswer, Handler, LedgerHandler, PagedHandler, StorelessHandler,
};
use super::store::PagedStore;
use super::visit::PageHandler;
use crate::request::Request;

/// Any kind of handler, for a process that runs several functions.
#[derive(Clone, Copy)]
pub enum AnyHandler {
    /// Answers from the request alone.
    Storeless(StorelessHandler),
    /// Answers from the ledger.
    Ledger(LedgerHandler),
    /// Answers from the ledger, in pages.
    Paged(PagedHandler),
    /// Answers with pages for people.
    Page(PageHandler),
}

impl Handler for AnyHandler {
    type Store = PagedStore;

    fn answer<'a>(self, app: &'a App<PagedStore>, request: &'a Request) -> FutureAnswer<'a> {
        match self {
            Self::Storeless(handler) => Box::pin(future::ready((handler.0)(request))),
            Self::Ledger(handler) => (handler.0)(app.receive(request)),
            Self::Paged(handler) => handler.answer(app, request),
            Self::Page(handler) => handler.answer(app, request),
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

impl From<PageHandler> for AnyHandler {
    fn from(handler: PageHandler) -> Self {
        Self::Page(handler)
    }
}

/// A function with any kind of handler.
pub type AnyFunction = Function<AnyHandler>;

impl<H: Into<AnyHandler>> Function<H> {
    /// Returns the same function with its handler type erased, so that it can stand in a list.
    #[must_use]
    pub fn any(self) -> AnyFunction {
        let Self {
            name,
            dialect,
            handler,
        } = self;
        Function {
            name,
            dialect,
            handler: handler.into(),
        }
    }
}
