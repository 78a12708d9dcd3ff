//! The door: one API Gateway event in, one answer out, one log line. The only user of `lambda_http`.
//!
//! A function never fails towards the platform and never panics through it: either would show the
//! vendor the gateway's own 502 instead of its dialect.

pub mod log;
mod reply;
pub mod routes;

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lambda_http::lambda_runtime::{self, LambdaEvent};
use serde_json::value::RawValue;

use crate::access::Access;
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::dialect::{Answer, Dialect};
use crate::ids;
use crate::ledger::Ledger;
use crate::model::phone;
use crate::problem::{Cause, Encoding, Problem};
use crate::request::Request;
use crate::request::event::Event;
use crate::request::page_token::PageKey;

pub use lambda_http::Error as RuntimeError;
use log::{LogLine, Sink};
use reply::Reply;

/// How long a function may work on a request before it answers that the store did not: below the function's
/// own timeout, behind which the vendor would see the gateway's answer instead of the dialect's.
pub const DEADLINE: Duration = Duration::from_millis(8_500);

/// How a function is called.
pub type Handler = for<'a> fn(&'a App, &'a Request) -> BoxFuture<'a, Result<Answer, Problem>>;

/// One Lambda function.
pub struct Function {
    /// Its name in the template, its package and its binary.
    pub name: &'static str,
    /// What it speaks; `None` when that depends on the path.
    pub dialect: Option<Dialect>,
    /// Whether most of its requests have a phone number to parse, so that numbering plans are loaded before
    /// the first of them; the others load them when they meet one.
    pub reads_numbers: bool,
    /// What it does.
    pub handle: Handler,
}

/// What a process has for all its requests; clones share it.
#[derive(Clone, Debug)]
pub struct App(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    ledger: Option<Ledger>,
    access: Access,
    clock: Clock,
    sink: Sink,
    warm: AtomicBool,
    page_key: OnceLock<PageKey>,
    deadline: OnceLock<Duration>,
    stack: OnceLock<String>,
}

impl App {
    /// An application on a ledger.
    #[must_use]
    pub fn new(ledger: Ledger, clock: Clock, sink: Sink) -> Self {
        Self::build(Some(ledger), clock, sink)
    }

    /// An application of functions that never ask the store; they carry no client for it either.
    #[must_use]
    pub fn without_ledger(clock: Clock, sink: Sink) -> Self {
        Self::build(None, clock, sink)
    }

    fn build(ledger: Option<Ledger>, clock: Clock, sink: Sink) -> Self {
        let access = Access::default();
        let warm = AtomicBool::new(false);
        Self(Arc::new(Shared {
            ledger,
            access,
            clock,
            sink,
            warm,
            page_key: OnceLock::new(),
            deadline: OnceLock::new(),
            stack: OnceLock::new(),
        }))
    }

    /// The same application, which gives a request up that takes longer. The first deadline counts; without
    /// one, whoever calls the function decides for how long.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        self.0.deadline.get_or_init(|| deadline);
        self
    }

    /// The same application as part of a deployment, whose metrics are apart from another's. The first name
    /// counts.
    #[must_use]
    pub fn with_stack(self, name: String) -> Self {
        self.0.stack.get_or_init(|| name);
        self
    }

    /// The same application, which can give and read tokens of pages. The first key counts.
    #[must_use]
    pub fn with_page_key(self, key: PageKey) -> Self {
        self.0.page_key.get_or_init(|| key);
        self
    }

    /// What signs the tokens of pages.
    ///
    /// # Errors
    /// On an application that was made without it.
    pub fn page_key(&self) -> Result<&PageKey, Problem> {
        let key = self.0.page_key.get();
        key.ok_or_else(|| Problem::Internal(Cause::text("PAGE_TOKEN_KEY is not set")))
    }

    /// The ledger.
    ///
    /// # Errors
    /// On an application that was made without one.
    pub fn ledger(&self) -> Result<&Ledger, Problem> {
        let ledger = self.0.ledger.as_ref();
        ledger.ok_or_else(|| Problem::Internal(Cause::text("this function has no ledger")))
    }

    /// What tells the time.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Who may do what.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.0.access
    }
}

/// Runs a function on the ledger, as Lambda wants it, until the environment ends. The connection to the
/// store, and what phone numbers are read by where it reads some, are ready before the first request.
///
/// # Errors
/// The environment is not as the function needs it, or the runtime gave up.
pub async fn serve(function: &'static Function) -> Result<(), RuntimeError> {
    let config = Config::from_env()?;
    let ledger = Ledger::connect(&config);
    if function.reads_numbers {
        phone::warm();
    }
    ledger.warm().await;
    let mut app = App::new(ledger, Clock::system(), Sink::stdout());
    if let Some(key) = &config.page_token_key {
        app = app.with_page_key(PageKey::new(key)?);
    }
    run(app, function).await
}

/// Runs a function that never asks the store.
///
/// # Errors
/// The runtime gave up.
pub async fn serve_without_ledger(function: &'static Function) -> Result<(), RuntimeError> {
    run(
        App::without_ledger(Clock::system(), Sink::stdout()),
        function,
    )
    .await
}

async fn run(app: App, function: &'static Function) -> Result<(), RuntimeError> {
    quiet_panics();
    let mut app = app.with_deadline(DEADLINE);
    if let Some(name) = config::stack_name() {
        app = app.with_stack(name);
    }
    let app = &app;
    lambda_runtime::run(lambda_http::service_fn(
        move |event: LambdaEvent<Box<RawValue>>| async move {
            Ok::<_, RuntimeError>(reply(app, function, event.payload.get().as_bytes()).await)
        },
    ))
    .await
}

/// One API Gateway event (payload 2.0, JSON) in, one response (payload 2.0, JSON) out.
pub async fn dispatch(app: &App, function: &Function, event: &[u8]) -> Vec<u8> {
    serde_json::to_vec(&reply(app, function, event).await).unwrap_or_default()
}

async fn reply(app: &App, function: &Function, event: &[u8]) -> Reply {
    let received = app.0.clock.now();
    #[expect(clippy::disallowed_methods, reason = "a duration, not a time of day")]
    let begun = std::time::Instant::now();
    let request = match Event::read(event) {
        Ok(event) => Request::new(ids::guid(), received, event),
        Err(_) => Request::new(ids::guid(), received, Event::default()),
    };
    let dialect = function
        .dialect
        .unwrap_or_else(|| routes::dialect_of(request.path()));
    let work = AssertUnwindSafe(in_time(app, answer(app, function, &request))).catch_unwind();
    let outcome = work.await.unwrap_or_else(|_| {
        Err(Problem::Internal(Cause::text(
            "panic; its place is in the line before",
        )))
    });
    let answer = outcome.unwrap_or_else(|problem| {
        let sent = |name: &str| request.query().get(name);
        dialect.refuse(problem, request.guid(), sent)
    });
    let line = LogLine {
        guid: request.guid(),
        received,
        stack: app.0.stack.get().map(String::as_str),
        duration_us: u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX),
        function: function.name,
        dialect: dialect.as_str(),
        method: request.method(),
        path: request.path().as_str(),
        source: request.source().map(|source| source.to_string()),
        status: answer.status,
        problem: answer.problem.as_ref(),
        error_code: answer.error_code,
        cold: !app.0.warm.swap(true, Ordering::Relaxed),
        replayed: answer.replayed,
        log: request.log(),
    };
    app.0.sink.write(&line.to_json());
    Reply::new(answer, request.guid())
}

/// What becomes of the work within the application's deadline. Work that is given up leaves nothing half done:
/// each write is one, and a retry knows it for its own.
async fn in_time(
    app: &App,
    work: impl Future<Output = Result<Answer, Problem>>,
) -> Result<Answer, Problem> {
    match app.0.deadline.get() {
        None => work.await,
        Some(deadline) => tokio::time::timeout(*deadline, work)
            .await
            .unwrap_or_else(|_elapsed| {
                let cause = Cause::text("the request was given up at its deadline");
                Err(Problem::Unavailable(cause))
            }),
    }
}

async fn answer(app: &App, function: &Function, request: &Request) -> Result<Answer, Problem> {
    if request.is_empty() {
        return Err(Problem::MalformedBody {
            encoding: Encoding::Transport,
            detail: "this is no API Gateway event of payload version 2.0".to_owned(),
        });
    }
    if function.dialect.is_some() {
        routes::check(request.method(), request.path())?;
    }
    (function.handle)(app, request).await
}

/// A panic's own text may quote anything, so only its place is written.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let line = serde_json::json!({"level": "ERROR", "message": "panic", "place": place});
        Sink::stdout().write(&line.to_string());
    }));
}
