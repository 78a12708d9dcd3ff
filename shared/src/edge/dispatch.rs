//! Turns one event into one reply and one log line, whatever happens in between.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use super::app::App;
use super::function::{Function, Handler};
use super::log::LogLine;
use super::reply::Reply;
use super::store::Store;
use super::{refused, routes};
use crate::dialect::{Answer, Dialect};
use crate::ids;
use crate::problem::{Cause, Encoding, Problem};
use crate::request::Request;
use crate::request::event::Event;

/// Handles one API Gateway event and returns the response, both as JSON of payload version 2.0.
///
/// `lambda_id` is Lambda's id of the invocation, if Lambda runs the function; the log line shows it.
pub async fn dispatch<H: Handler>(
    app: &App<H::Store>,
    function: &Function<H>,
    event: &[u8],
    lambda_id: Option<&str>,
) -> Vec<u8> {
    serde_json::to_vec(&reply(app, function, event, lambda_id).await).unwrap_or_default()
}

pub(super) async fn reply<H: Handler>(
    app: &App<H::Store>,
    function: &Function<H>,
    event: &[u8],
    lambda_id: Option<&str>,
) -> Reply {
    let received = app.clock().now();
    #[expect(clippy::disallowed_methods, reason = "a duration, not a time of day")]
    let begun = std::time::Instant::now();
    // Anything that is not an event becomes an empty request, which is refused in the function's
    // dialect.
    let event = Event::read(event).unwrap_or_default();
    let known = function.dialect.unwrap_or(Dialect::Neutral).fields();
    let request = Request::new(ids::guid(), received, event, known).behind(app.proxies());
    let dialect = function
        .dialect
        .unwrap_or_else(|| routes::dialect_of(request.path()));
    let work = AssertUnwindSafe(in_time(app, answer(app, function, &request))).catch_unwind();
    let outcome = work.await.unwrap_or_else(|_| {
        Err(Problem::Internal(Cause::text(
            "the handler panicked; the previous log line says where",
        )))
    });
    let answer = outcome.unwrap_or_else(|problem| dialect.refuse(problem, &request));
    let line = LogLine {
        guid: request.guid(),
        gateway_request_id: request.gateway_id(),
        lambda_request_id: lambda_id,
        received,
        stack: app.stack(),
        duration_us: u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX),
        function: function.name,
        dialect: dialect.as_str(),
        method: request.sent_method(),
        path: request.path().as_str(),
        source: request.source().map(|source| source.to_string()),
        status: answer.status,
        failure: answer.failure.as_ref(),
        error_code: answer.error_code,
        cold: app.is_cold(),
        replayed: answer.replayed,
        invalid_streak: app.streaks().note(request.log(), answer.failure.as_ref()),
        log: request.log(),
    };
    app.sink().write(&line.to_json());
    refused::note(app, (function, dialect), &request, &answer).await;
    Reply::new(answer, request.guid())
}

/// Gives up the work at the application's deadline (`docs/decisions.md`, D-002).
///
/// Nothing is left half done: each write is one transaction, and a retry recognizes its own.
async fn in_time<S: Store>(
    app: &App<S>,
    work: impl Future<Output = Result<Answer, Problem>>,
) -> Result<Answer, Problem> {
    match app.deadline() {
        None => work.await,
        Some(deadline) => tokio::time::timeout(deadline, work)
            .await
            .unwrap_or_else(|_elapsed| {
                let cause = Cause::text("the request was given up at its deadline");
                Err(Problem::Unavailable(cause))
            }),
    }
}

async fn answer<H: Handler>(
    app: &App<H::Store>,
    function: &Function<H>,
    request: &Request,
) -> Result<Answer, Problem> {
    if request.is_empty() {
        return Err(Problem::MalformedBody {
            encoding: Encoding::Transport,
            detail: "this is no API Gateway event of payload version 2.0".to_owned(),
        });
    }
    if function.dialect.is_some() {
        routes::check_own(function.name, request.method(), request.path())?;
    }
    function.handler.answer(app, request).await
}
