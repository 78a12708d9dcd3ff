//! The door: one API Gateway event in, one answer out, one log line. The only user of `lambda_http`.
//!
//! A function never fails towards the platform and never panics through it: either would show the
//! vendor the gateway's own 502 instead of its dialect.

mod body;
mod event;
mod request;

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lambda_http::lambda_runtime::{self, LambdaEvent};
use serde_json::value::RawValue;

use crate::access::Access;
use crate::clock::Clock;
use crate::config::Config;
use crate::dialect::{Answer, Dialect};
use crate::ledger::Ledger;
use crate::model::phone;
use crate::problem::{Cause, Encoding, Problem};
use crate::telemetry::{Line, Sink};
use crate::{ids, routes};

use event::{Event, Reply};
pub use lambda_http::Error as RuntimeError;
pub use request::{Parameters, Request};

/// What one function needs ready before its first request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warm {
    /// Nothing: it never asks the store.
    Nothing,
    /// The connection to the store, and what phone numbers are read by.
    StoreAndNumbers,
}

/// How a function is called.
pub type Handler = for<'a> fn(&'a App, &'a Request) -> BoxFuture<'a, Result<Answer, Problem>>;

/// One Lambda function.
pub struct Function {
    /// Its name in the template, its package and its binary.
    pub name: &'static str,
    /// What it speaks; `None` when that depends on the path.
    pub dialect: Option<Dialect>,
    /// What it needs ready.
    pub warm: Warm,
    /// What it does.
    pub handle: Handler,
}

/// What a process has for all its requests; clones share it.
#[derive(Clone, Debug)]
pub struct App(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    connect: Connect,
    ledger: OnceLock<Ledger>,
    access: Access,
    clock: Clock,
    sink: Sink,
    warm: AtomicBool,
}

enum Connect {
    Ready,
    When(Config),
}

impl std::fmt::Debug for Connect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connect")
    }
}

impl App {
    /// An application on a ledger that is there.
    #[must_use]
    pub fn new(ledger: Ledger, clock: Clock, sink: Sink) -> Self {
        Self::build(Connect::Ready, OnceLock::from(ledger), clock, sink)
    }

    /// An application that connects when the store is first asked for.
    #[must_use]
    pub fn connecting(config: Config, clock: Clock, sink: Sink) -> Self {
        Self::build(Connect::When(config), OnceLock::new(), clock, sink)
    }

    fn build(connect: Connect, ledger: OnceLock<Ledger>, clock: Clock, sink: Sink) -> Self {
        let access = Access::default();
        let warm = AtomicBool::new(false);
        Self(Arc::new(Shared {
            connect,
            ledger,
            access,
            clock,
            sink,
            warm,
        }))
    }

    /// The ledger.
    ///
    /// # Errors
    /// Never on an application that was made with one.
    pub fn ledger(&self) -> Result<&Ledger, Problem> {
        match (self.0.ledger.get(), &self.0.connect) {
            (Some(ledger), _) => Ok(ledger),
            (None, Connect::When(config)) => {
                Ok(self.0.ledger.get_or_init(|| Ledger::connect(config)))
            }
            (None, Connect::Ready) => Err(Problem::Internal(Cause::text("no ledger"))),
        }
    }

    /// Who may do what.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.0.access
    }
}

/// Runs a function as Lambda wants it, until the environment ends.
///
/// # Errors
/// The environment is not as the function needs it, or the runtime gave up.
pub async fn serve(function: &'static Function) -> Result<(), RuntimeError> {
    quiet_panics();
    let app = App::connecting(Config::from_env()?, Clock::system(), Sink::stdout());
    if function.warm == Warm::StoreAndNumbers {
        phone::warm();
        if let Ok(ledger) = app.ledger() {
            ledger.warm().await;
        }
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
    let work = AssertUnwindSafe(answer(app, function, &request)).catch_unwind();
    let outcome = work.await.unwrap_or_else(|_| {
        Err(Problem::Internal(Cause::text(
            "panic; its place is in the line before",
        )))
    });
    let answer = outcome.unwrap_or_else(|problem| dialect.refuse(problem));
    let problem = answer.problem.as_ref();
    let line = Line {
        guid: request.guid(),
        received,
        duration_us: u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX),
        function: function.name,
        dialect: dialect.as_str(),
        method: request.method(),
        path: request.path().as_str(),
        source: request.source().map(|source| source.to_string()),
        status: answer.status,
        error: problem.map(Problem::code),
        cause: problem.and_then(Problem::cause).map(Cause::for_the_log),
        cold: !app.0.warm.swap(true, Ordering::Relaxed),
        replayed: answer.replayed,
        trail: request.trail(),
    };
    app.0.sink.write(&line.to_json());
    Reply::new(answer, request.guid())
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
