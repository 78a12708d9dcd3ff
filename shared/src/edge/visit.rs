//! Pages: a handler that asks other functions, in its own process (`docs/decisions.md`, D-760).

use std::net::IpAddr;

use futures_util::future::BoxFuture;

use super::app::App;
use super::demo::DemoUser;
use super::function::{Function, FutureAnswer, Handler};
use super::routes;
use super::store::PagedStore;
use crate::access::{KnownUser, Unauthenticated};
use crate::dialect::Dialect;
use crate::dialect::console::{self, ApiRefusal};
use crate::model::id::Guid;
use crate::model::time::Instant;
use crate::model::token::{Token, TokenPair};
use crate::problem::Problem;
use crate::request::Request;
use crate::request::event::{Event, Http, RequestContext};
use crate::request::page_token::PageKey;

/// Answers with pages, which are made of the answers of other functions.
#[derive(Clone, Copy)]
pub struct PageHandler(pub for<'a> fn(Visit<'a>) -> FutureAnswer<'a>);

impl Handler for PageHandler {
    type Store = PagedStore;

    fn answer<'a>(self, app: &'a App<PagedStore>, request: &'a Request) -> FutureAnswer<'a> {
        (self.0)(Visit { app, request })
    }
}

/// A request of a function to another one. It is made for the user of a token, and never leaves the process.
#[derive(Clone, Debug, Default)]
pub struct InnerRequest {
    /// The method; `GET` if it is empty.
    pub method: &'static str,
    /// The path.
    pub path: String,
    /// The query string, encoded.
    pub query: String,
    /// The user's access token.
    pub token: Option<String>,
    /// The key by which a repeat is recognised.
    pub idempotency_key: Option<String>,
    /// The media type of the body, and the body.
    pub body: Option<(&'static str, String)>,
}

/// A request for a page, with the parts of the application that answer it.
#[derive(Clone, Copy)]
pub struct Visit<'a> {
    app: &'a App<PagedStore>,
    request: &'a Request,
}

impl<'a> Visit<'a> {
    /// Returns the request.
    #[must_use]
    pub fn request(&self) -> &'a Request {
        self.request
    }

    /// Returns when the request arrived.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.request.received()
    }

    /// Returns the request's id.
    #[must_use]
    pub fn guid(&self) -> Guid {
        self.request.guid()
    }

    /// Returns the deployment's key.
    #[must_use]
    pub fn key(&self) -> &'a PageKey {
        self.app.page_key()
    }

    /// Returns the user that the sign-in page offers, if there is one.
    #[must_use]
    pub fn demo(&self) -> Option<&'a DemoUser> {
        self.app.demo()
    }

    /// Asks a function, and returns the body of its answer, or why it refused to answer.
    ///
    /// The function sees the page's guid, time and client. What it logs of its user stands in the page's log line.
    ///
    /// # Errors
    /// Returns the function's problem if no page can be made because of it: nobody is signed in, the user may not or
    /// not so often, or the function could not serve the request.
    pub fn ask<'b, H: Handler<Store = PagedStore>>(
        &'b self,
        function: &'b Function<H>,
        question: InnerRequest,
    ) -> BoxFuture<'b, Result<Result<String, ApiRefusal>, Problem>> {
        Box::pin(async move {
            let dialect = function.dialect.unwrap_or(Dialect::Neutral);
            let asked = self.inner(question, dialect);
            let answer = match routes::check_own(function.name, asked.method(), asked.path()) {
                Ok(()) => function.handler.answer(self.app, &asked).await,
                Err(problem) => Err(problem),
            };
            self.request.log().take_over(asked.log());
            let answer = answer.unwrap_or_else(|problem| dialect.refuse(problem, &asked));
            console::heard(answer)
        })
    }

    /// Exchanges a refresh token for a new pair. Visits that exchange it at the same time get one pair.
    ///
    /// # Errors
    /// As [`Unauthenticated::renewal`], and `UnknownCredential` for a token that was exchanged a while ago, which ends
    /// its session.
    pub async fn renew(&self, refresh: Token) -> Result<TokenPair, Problem> {
        let path = "/auth/refresh".to_owned();
        let question = InnerRequest {
            method: "POST",
            path,
            ..InnerRequest::default()
        };
        let asked = self.inner(question, Dialect::Teletracker);
        let renewed = async {
            let renewal = self.app.receive(&asked).renewal(refresh).await?;
            renewal.exchange_together(self.key()).await
        };
        let renewed = renewed.await;
        self.request.log().take_over(asked.log());
        renewed
    }

    /// Finds out whether a name and a password are a user's, and which accounts it may choose from.
    ///
    /// # Errors
    /// As [`Unauthenticated::known_user`].
    pub async fn known_user(&self, name: &str, password: &str) -> Result<KnownUser, Problem> {
        let asked = self.sign_in();
        let known = self.app.receive(&asked);
        let known = known.known_user(name, password, self.key()).await;
        self.request.log().take_over(asked.log());
        known
    }

    /// Opens the session of a user who has proven its password, for one of its accounts.
    ///
    /// # Errors
    /// As [`Unauthenticated::session_for`].
    pub async fn session_for(
        &self,
        proven: (&str, &str),
        account: &str,
    ) -> Result<TokenPair, Problem> {
        let asked = self.sign_in();
        let session = self.app.receive(&asked);
        let session = session.session_for(proven, account, self.key()).await;
        self.request.log().take_over(asked.log());
        session
    }

    /// A request to sign in, whose path is the one that a user's rules are about.
    fn sign_in(&self) -> Request {
        let question = InnerRequest {
            method: "POST",
            path: "/auth/login".to_owned(),
            ..InnerRequest::default()
        };
        self.inner(question, Dialect::Teletracker)
    }

    /// Ends the session of a pair of tokens, if it is not over.
    ///
    /// # Errors
    /// Returns an error if DynamoDB does not answer in time.
    pub async fn sign_out(&self, access: &Token, refresh: &Token) -> Result<(), Problem> {
        let received: Unauthenticated<'_> = self.app.receive(self.request);
        received.sign_out(access, refresh).await
    }

    fn inner(&self, question: InnerRequest, dialect: Dialect) -> Request {
        let InnerRequest {
            method,
            path,
            query,
            token,
            idempotency_key,
            body,
        } = question;
        let (media_type, body) = body.unzip();
        let headers = [
            (
                "authorization",
                token.map(|token| format!("Bearer {token}")),
            ),
            ("content-type", media_type.map(str::to_owned)),
            ("idempotency-key", idempotency_key),
        ];
        let headers = headers.into_iter();
        let event = Event {
            raw_path: path,
            raw_query_string: Some(query),
            headers: headers
                .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                .collect(),
            request_context: RequestContext {
                http: Http {
                    method: if method.is_empty() { "GET" } else { method }.to_owned(),
                    // The client's, as the proxies that are trusted say.
                    source_ip: self.request.source().map(text).unwrap_or_default(),
                },
                ..RequestContext::default()
            },
            body,
            ..Event::default()
        };
        Request::new(self.guid(), self.now(), event, dialect.fields())
    }
}

fn text(address: IpAddr) -> String {
    address.to_string()
}
