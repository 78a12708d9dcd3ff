//! API Gateway and Lambda in one process: converts HTTP requests to events and calls the functions.
//!
//! The gateway enforces the limits of the real one, and answers with the same bodies where a request never
//! reaches a function.

pub mod answer;
pub mod event;
pub mod route;

use std::collections::HashMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use callbook::clock::Clock;
use callbook::edge::log::mask_path;
use callbook::edge::{AnyFunction, App, dispatch};
use futures_util::StreamExt;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use tokio::net::TcpListener;

use crate::serve::{self, Patience};
use crate::template;
use route::Routes;

/// Largest request body that API Gateway accepts, in bytes.
const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// Largest event and largest response of a Lambda function, in bytes of JSON.
const PAYLOAD_LIMIT: usize = 6 * 1024 * 1024;

/// How long API Gateway waits for a function.
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a client may take to send the body of a request.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

const PATIENCE: Patience = Patience {
    head: Duration::from_secs(10),
    finish: Duration::from_millis(750),
};

/// How many bytes of an oversized body are read, so that the client gets to read the response.
const DRAIN_LIMIT: usize = 64 * 1024 * 1024;

/// The gateway and the functions behind it.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

struct Inner {
    app: App,
    routes: &'static Routes,
    functions: HashMap<&'static str, AnyFunction>,
    timeout: Duration,
    body_timeout: Duration,
    log: Option<fn(&str)>,
}

impl Gateway {
    /// Creates a gateway with the routes of `template.yaml`.
    ///
    /// # Errors
    /// Returns an error if a route leads to a function that is not in `functions`.
    pub fn new(app: App, functions: &[AnyFunction]) -> Result<Self> {
        let routes = template::own_routes()?;
        let functions: HashMap<_, _> = functions.iter().map(|f| (f.name, *f)).collect();
        for route in routes.iter() {
            functions.get(route.function()).with_context(|| {
                format!(
                    "the route {} in template.yaml leads to an unknown function: {}",
                    route.key(),
                    route.function()
                )
            })?;
        }
        Ok(Self(Arc::new(Inner {
            app,
            routes,
            functions,
            timeout: INTEGRATION_TIMEOUT,
            body_timeout: BODY_TIMEOUT,
            log: None,
        })))
    }

    /// Returns the gateway with a console log: `log` gets one line for each request.
    ///
    /// The line omits the query string, which may contain credentials. Its path is masked as in the request
    /// log.
    #[must_use]
    pub fn with_log(self, log: fn(&str)) -> Self {
        Self(Arc::new(Inner {
            log: Some(log),
            ..self.inner()
        }))
    }

    fn inner(&self) -> Inner {
        let Inner {
            app,
            routes,
            functions,
            timeout,
            body_timeout,
            log,
        } = &*self.0;
        Inner {
            app: app.clone(),
            routes,
            functions: functions.clone(),
            timeout: *timeout,
            body_timeout: *body_timeout,
            log: *log,
        }
    }

    /// Serves until `shutdown` completes, then lets running requests finish for up to 750 milliseconds. A function
    /// that runs longer keeps running, and its client gets no answer.
    ///
    /// A request has 10 seconds to arrive: its head, and then its body.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()> + Send) {
        serve::serve(listener, PATIENCE, shutdown, move |peer, request| {
            handle(self.clone(), peer, request)
        })
        .await;
    }

    async fn answer(&self, peer: SocketAddr, request: Request) -> Result<Response, GatewayError> {
        let (parts, body) = request.into_parts();
        if wants_page(&parts) {
            return Ok(to_the_console());
        }
        let body = tokio::time::timeout(self.0.body_timeout, read_body(body));
        let body = body.await.map_err(|_elapsed| GatewayError::Incomplete)??;
        let path = event::decoded_path(parts.uri.path());
        let matched = self
            .0
            .routes
            .find(&parts.method, &path)
            .ok_or(GatewayError::NotFound)?;
        let function = self
            .0
            .functions
            .get(matched.function.as_str())
            .copied()
            .ok_or(GatewayError::NotFound)?;
        let event = event::from_http(&parts, &body, peer.ip(), &matched).to_string();
        if event.len() > PAYLOAD_LIMIT {
            return Err(GatewayError::TooLarge);
        }
        let app = self.0.app.clone();
        // A separate task: the function keeps running if the client hangs up, and a panic ends only the task.
        let work =
            tokio::spawn(async move { dispatch(&app, &function, event.as_bytes(), None).await });
        let payload = tokio::time::timeout(self.0.timeout, work)
            .await
            .map_err(|_elapsed| GatewayError::TimedOut)?
            .map_err(|_panicked| GatewayError::Failed)?;
        if payload.len() > PAYLOAD_LIMIT {
            return Err(GatewayError::Failed);
        }
        answer::to_http(&payload).map_err(|_malformed| GatewayError::Failed)
    }
}

/// Whether a browser asks for the beginning of the server.
fn wants_page(parts: &Parts) -> bool {
    let accepts = parts.headers.get_all(http::header::ACCEPT).iter();
    let html = accepts
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.to_ascii_lowercase().contains("text/html"));
    html && parts.uri.path() == "/" && matches!(parts.method, Method::GET | Method::HEAD)
}

fn to_the_console() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    for (name, value) in [("location", "/console"), ("cache-control", "no-store")] {
        let name = HeaderName::from_static(name);
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Why the gateway answers a request itself, instead of with a function's response.
#[derive(Clone, Copy, Debug)]
enum GatewayError {
    BadRequest,
    Incomplete,
    NotFound,
    TooLarge,
    Failed,
    TimedOut,
}

impl GatewayError {
    fn response(self) -> Response {
        let (status, body) = match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, r#"{"message":"Bad Request"}"#),
            Self::Incomplete => (
                StatusCode::REQUEST_TIMEOUT,
                r#"{"message":"Request Timeout"}"#,
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, r#"{"message":"Not Found"}"#),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                r#"{"message":"Request Entity Too Large"}"#,
            ),
            Self::Failed => (
                StatusCode::INTERNAL_SERVER_ERROR,
                r#"{"message":"Internal Server Error"}"#,
            ),
            Self::TimedOut => (
                StatusCode::SERVICE_UNAVAILABLE,
                r#"{"message":"Service Unavailable"}"#,
            ),
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        response.headers_mut().insert(
            http::header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        response
    }
}

async fn handle(gateway: Gateway, peer: SocketAddr, request: Request) -> Response {
    let clock = Clock::system();
    let started = clock.now().millis();
    let method = request.method().clone();
    let path = event::decoded_path(request.uri().path());
    let response = gateway
        .answer(peer, request)
        .await
        .unwrap_or_else(GatewayError::response);
    if let Some(log) = gateway.0.log {
        let time = Timestamp::from_millisecond(started).unwrap_or(Timestamp::UNIX_EPOCH);
        let guid = response
            .headers()
            .get("x-request-guid")
            .and_then(|guid| guid.to_str().ok());
        log(&format!(
            "{} {method} {} {} {} ms {}",
            time.strftime("%H:%M:%S"),
            mask_path(&path),
            response.status().as_u16(),
            clock.now().millis() - started,
            guid.unwrap_or("-"),
        ));
    }
    response
}

/// Reads the whole body; the gateway buffers it before it calls a function.
async fn read_body(body: Body) -> Result<Vec<u8>, GatewayError> {
    let mut stream = body.into_data_stream();
    let mut read = Vec::new();
    let mut length = 0;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_incomplete| GatewayError::BadRequest)?;
        length += chunk.len();
        if length <= BODY_LIMIT {
            read.extend_from_slice(&chunk);
        } else if length > DRAIN_LIMIT {
            break;
        }
    }
    if length > BODY_LIMIT {
        Err(GatewayError::TooLarge)
    } else {
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Engine, Storage};
    use callbook::edge::log::Sink;
    use callbook::edge::{
        AnyHandler, AppConfig, Function, LedgerHandler, PagedStore, StorelessHandler,
    };
    use callbook::ledger::Ledger;
    use callbook::model::proxies::TrustedProxies;
    use callbook::problem::Problem;
    use callbook::request::page_token::PageKey;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    const fn function(name: &'static str, hangs: bool) -> AnyFunction {
        Function {
            name,
            dialect: None,
            handler: if hangs {
                AnyHandler::Ledger(LedgerHandler(|_| Box::pin(std::future::pending())))
            } else {
                AnyHandler::Storeless(StorelessHandler(|_| Err(Problem::NotFound)))
            },
        }
    }

    const FUNCTIONS: [AnyFunction; 23] = [
        function("phone-feedback", true),
        function("inbound-billable", false),
        function("caller-id", false),
        function("call-data", false),
        function("rapid-response", false),
        function("auth-login", false),
        function("auth-refresh", false),
        function("properties", false),
        function("numbers", false),
        function("addresses", false),
        function("calls", false),
        function("me", false),
        function("summary", false),
        function("vendors", false),
        function("costs", false),
        function("calls-log", false),
        function("invoices", false),
        function("queue", false),
        function("webhooks", false),
        function("events", false),
        function("console", false),
        function("requests", false),
        function("fallback", false),
    ];

    fn app(engine: &Engine) -> App {
        let ledger = Ledger::new(engine.client(), "ledger");
        let page_key = PageKey::new(&"k".repeat(32)).unwrap();
        App::new(AppConfig {
            store: PagedStore::new(ledger, page_key),
            clock: Clock::system(),
            sink: Sink::each(|_| {}),
            deadline: None,
            stack: None,
            proxies: TrustedProxies::default(),
            demo: None,
        })
    }

    async fn gateway(timeout: Duration) -> (SocketAddr, Engine) {
        let engine = Engine::start(Storage::Memory).await.unwrap();
        let mut gateway = Gateway::new(app(&engine), &FUNCTIONS).unwrap();
        Arc::get_mut(&mut gateway.0).unwrap().timeout = timeout;
        let listener = crate::engine::listen(0).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(gateway.serve(listener, std::future::pending()));
        (address, engine)
    }

    async fn post(address: SocketAddr, path: &str, media_type: &str, length: usize) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             content-type: {media_type}\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&vec![b' '; length]).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn a_function_that_times_out_is_answered_503() {
        let (address, _engine) = gateway(Duration::from_millis(300)).await;
        let answer = post(address, "/1.0/phone_feedback", "application/json", 0).await;
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
        assert!(
            answer.ends_with(r#"{"message":"Service Unavailable"}"#),
            "{answer}"
        );
    }

    #[tokio::test]
    async fn the_answer_to_head_has_the_length_of_its_body_and_no_body() {
        let (address, _engine) = gateway(INTEGRATION_TIMEOUT).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = "HEAD /nothing HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
        let length = answer
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        assert!(length.is_some_and(|length| length != "0"), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }

    #[tokio::test]
    async fn half_a_body_is_answered_408() {
        let engine = Engine::start(Storage::Memory).await.unwrap();
        let mut gateway = Gateway::new(app(&engine), &FUNCTIONS).unwrap();
        Arc::get_mut(&mut gateway.0).unwrap().body_timeout = Duration::from_millis(50);
        let listener = crate::engine::listen(0).await.unwrap();
        let mut stream = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        tokio::spawn(gateway.serve(listener, std::future::pending()));
        let half = "POST /api/v1 HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\ncalling";
        stream.write_all(half.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    }

    #[tokio::test]
    async fn a_body_too_large_for_the_gateway_or_a_function_is_answered_413() {
        let (address, _engine) = gateway(INTEGRATION_TIMEOUT).await;
        let megabyte = 1024 * 1024;
        for (media_type, length, status) in [
            ("application/json", 5 * megabyte, "404"),
            ("application/json", 6 * megabyte, "413"),
            // Base64 adds a third.
            ("application/octet-stream", 5 * megabyte, "413"),
            ("application/octet-stream", 4 * megabyte, "404"),
            ("application/json", 11 * megabyte, "413"),
        ] {
            let answer = post(address, "/nothing", media_type, length).await;
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status}")),
                "{media_type} {length}"
            );
        }
    }

    #[tokio::test]
    async fn a_route_to_a_missing_function_is_an_error() {
        let engine = Engine::start(Storage::Memory).await.unwrap();
        let (_last, others) = FUNCTIONS.split_last().unwrap();
        let error = Gateway::new(app(&engine), others).err().unwrap();
        assert!(error.to_string().contains("fallback"), "{error}");
    }
}
