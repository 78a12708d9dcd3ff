//! Sends requests as vendors' clients do: over HTTP, and again where the answer says that it may be.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use axum::body::{Body, to_bytes};
use http::{Method, Request};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// How often a request is sent whose answers say that it may be sent again.
const TRIES: u32 = 6;

/// The longest answer that is read.
const LONGEST: usize = 4 << 20;

pub const JSON: &str = "application/json";
pub const FORM: &str = "application/x-www-form-urlencoded";

/// A request.
#[derive(Clone, Debug)]
pub struct Sending {
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Sending {
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path, String::new())
    }

    pub fn json(method: Method, path: impl Into<String>, body: &Value) -> Self {
        Self::new(method, path, body.to_string()).with("content-type", JSON)
    }

    pub fn form(path: impl Into<String>, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        Self::new(Method::POST, path, body).with("content-type", FORM)
    }

    pub fn new(method: Method, path: impl Into<String>, body: String) -> Self {
        Self {
            method,
            path: path.into(),
            headers: Vec::new(),
            body,
        }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub body: Value,
    /// Whether it is the answer that an earlier request was given.
    pub replayed: bool,
}

impl Reply {
    /// Returns a text of the answer by its JSON pointer.
    ///
    /// # Errors
    /// Returns an error if there is none.
    pub fn text(&self, pointer: &str) -> Result<&str> {
        let found = self.body.pointer(pointer).and_then(Value::as_str);
        found.with_context(|| format!("the answer has no {pointer}: {}", self.body))
    }
}

impl Reply {
    /// Returns a part of the answer by its JSON pointer, null if there is none.
    pub fn member(&self, pointer: &str) -> Value {
        self.body.pointer(pointer).cloned().unwrap_or_default()
    }

    /// Returns a list of the answer by its JSON pointer, empty if there is none.
    pub fn list(&self, pointer: &str) -> &[Value] {
        let found = self.body.pointer(pointer).and_then(Value::as_array);
        found.map(Vec::as_slice).unwrap_or_default()
    }
}

/// Keeps connections to one server.
pub struct Client {
    http: HttpClient<HttpConnector, Body>,
    base_url: String,
}

impl Client {
    pub fn new(base_url: &str) -> Self {
        Self {
            http: HttpClient::builder(TokioExecutor::new()).build_http(),
            base_url: base_url.to_owned(),
        }
    }

    /// Sends a request that is to be answered with `200` or `201`.
    ///
    /// # Errors
    /// Returns an error for every other answer, and if there is none.
    pub async fn done(&self, ask: &Sending) -> Result<Reply> {
        self.any(ask, &[200, 201]).await
    }

    /// Sends a request that is to be answered with `status`.
    ///
    /// # Errors
    /// Returns an error for every other answer, and if there is none.
    pub async fn expect(&self, ask: &Sending, status: u16) -> Result<Reply> {
        self.any(ask, &[status]).await
    }

    /// Sends a request that is to be answered with one of `statuses`.
    ///
    /// # Errors
    /// Returns an error for every other answer, and if there is none.
    pub async fn any(&self, ask: &Sending, statuses: &[u16]) -> Result<Reply> {
        let reply = self.send(ask).await?;
        ensure!(
            statuses.contains(&reply.status),
            "{} {} was answered with {}: {}",
            ask.method,
            ask.path,
            reply.status,
            reply.body
        );
        Ok(reply)
    }

    async fn send(&self, ask: &Sending) -> Result<Reply> {
        let mut tries = 0;
        loop {
            let reply = self.once(ask).await?;
            tries += 1;
            if !matches!(reply.status, 429 | 503) || tries == TRIES {
                return Ok(reply);
            }
            tokio::time::sleep(Duration::from_millis(200) * (1 << tries)).await;
        }
    }

    async fn once(&self, ask: &Sending) -> Result<Reply> {
        let mut request = Request::builder()
            .method(ask.method.clone())
            .uri(format!("{}{}", self.base_url, ask.path));
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Body::from(ask.body.clone()))?;
        let answer = self.http.request(request).await;
        let answer = answer.with_context(|| format!("{} does not answer", self.base_url))?;
        let status = answer.status().as_u16();
        let replayed = answer.headers().contains_key("idempotent-replayed");
        let body = to_bytes(Body::new(answer.into_body()), LONGEST).await?;
        Ok(Reply {
            status,
            body: serde_json::from_slice(&body).unwrap_or_default(),
            replayed,
        })
    }
}
