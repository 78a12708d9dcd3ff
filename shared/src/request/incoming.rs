//! A request as handlers see it: decoded, normalized, and independent of the gateway.

use std::collections::HashMap;
use std::net::IpAddr;

use bytes::Bytes;

use super::body::{self, Body, JsonObject};
use super::event::Event;
use super::log_context::{BillFacts, LogContext};
use super::mask::KnownFields;
use super::media_type::{MediaType, once};
use super::parameters::Parameters;
use crate::model::field::Field;
use crate::model::id::Guid;
use crate::model::proxies::TrustedProxies;
use crate::model::rules::NormalPath;
use crate::model::time::Instant;
use crate::problem::Problem;

/// A body of many rows.
#[derive(Debug)]
pub enum RowsBody {
    /// A JSON object.
    Json(JsonObject),
    /// CSV, in whatever encoding it was sent.
    Csv(Bytes),
}

/// One request.
#[derive(Debug)]
pub struct Request {
    guid: Guid,
    received: Instant,
    method: String,
    /// Whether the client asked with `HEAD` for what `GET` answers.
    head: bool,
    raw_path: String,
    path: NormalPath,
    source: Option<IpAddr>,
    gateway_id: Option<String>,
    headers: HashMap<String, String>,
    cookies: Vec<String>,
    query: Parameters,
    body: Body,
    log: LogContext,
}

impl Request {
    /// Makes a request from an event. The log line shows the values of `known` parameters.
    pub(crate) fn new(guid: Guid, received: Instant, event: Event, known: KnownFields) -> Self {
        let Event {
            raw_path,
            raw_query_string,
            headers,
            cookies,
            request_context,
            body,
            is_base64_encoded,
        } = event;
        let raw_path = without_stage(raw_path, &request_context.stage);
        let log = LogContext::new(known);
        let query = raw_query_string.as_deref().unwrap_or_default();
        let query = Parameters::urlencoded(query.as_bytes(), None);
        query.record(&log);
        let headers: HashMap<_, _> = headers
            .into_iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect();
        let described = |name: &str| headers.get(name).map(String::as_str).unwrap_or_default();
        let media_type = MediaType::read(described("content-type"));
        let coding = described("content-encoding").to_owned();
        let head = request_context.http.method == "HEAD";
        let method = if head {
            "GET".to_owned()
        } else {
            request_context.http.method
        };
        Self {
            guid,
            received,
            method,
            head,
            path: NormalPath::of(&raw_path),
            raw_path,
            source: request_context.http.source_ip.parse().ok(),
            gateway_id: request_context.request_id.filter(|id| is_id(id)),
            headers,
            cookies: cookies.unwrap_or_default(),
            query,
            body: Body::new(body, is_base64_encoded, media_type, coding),
            log,
        }
    }

    /// Takes the client's address from what the proxies say that are trusted.
    #[must_use]
    pub(crate) fn behind(mut self, proxies: &TrustedProxies) -> Self {
        let forwarded = self.header("x-forwarded-for");
        self.source = self
            .source
            .and_then(|connection| proxies.client(connection, forwarded));
        self
    }

    /// Whether the event could not be read.
    pub(crate) fn is_empty(&self) -> bool {
        self.method.is_empty()
    }

    /// Returns the request's id.
    #[must_use]
    pub fn guid(&self) -> Guid {
        self.guid
    }

    /// Returns when the request arrived.
    #[must_use]
    pub fn received(&self) -> Instant {
        self.received
    }

    /// Returns the method in upper case: `GET` for `HEAD`, which is answered alike.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Whether the client sent `HEAD`, which must change nothing.
    #[must_use]
    pub fn is_head(&self) -> bool {
        self.head
    }

    /// Returns the method that the client sent.
    #[must_use]
    pub fn sent_method(&self) -> &str {
        if self.head { "HEAD" } else { &self.method }
    }

    /// Returns the decoded and normalized path.
    #[must_use]
    pub fn path(&self) -> &NormalPath {
        &self.path
    }

    /// Returns the path's segments after `prefix` as the values of `fields`, in order.
    ///
    /// An empty segment keeps its place: in `//2069735101`, the first field has no value and the second
    /// one has the number.
    #[must_use]
    pub fn path_parameters(&self, prefix: &str, fields: &[Field]) -> Parameters {
        let segments = self.segments_after(prefix);
        let names = fields.iter().map(|field| field.name.to_owned());
        Parameters::meant(names.zip(segments))
    }

    /// Returns the segments after `prefix`, of the path that endpoint rules are held against.
    ///
    /// Only empty segments are kept besides, unless the path contains `.` or `..`.
    fn segments_after(&self, prefix: &str) -> Vec<String> {
        let decoded = NormalPath::decoded(&self.raw_path);
        let climbs = decoded
            .split('/')
            .any(|segment| matches!(segment, "." | ".."));
        let path = if climbs { self.path.as_str() } else { &decoded };
        path.strip_prefix(prefix)
            .and_then(|rest| rest.strip_prefix('/'))
            .map(|rest| rest.split('/').map(str::to_owned).collect())
            .unwrap_or_default()
    }

    /// Returns the client's IP address: as the gateway saw it, or as a trusted proxy did.
    #[must_use]
    pub fn source(&self) -> Option<IpAddr> {
        self.source
    }

    /// Returns the gateway's id of the request, which its access log has too.
    pub(crate) fn gateway_id(&self) -> Option<&str> {
        self.gateway_id.as_deref()
    }

    /// Returns a header that is present and not empty. `name` is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// Returns a header whose value has no comma, such as a credential. Sent twice alike, which a gateway
    /// joins with a comma, it is one.
    #[must_use]
    pub fn header_once(&self, name: &str) -> Option<&str> {
        self.header(name).map(once)
    }

    /// Returns the value of a cookie, as the client sent it.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let pairs = self.cookies.iter().filter_map(|pair| pair.split_once('='));
        let mut named = pairs.filter(|(found, _)| found.trim() == name);
        named.next().map(|(_, value)| value.trim())
    }

    /// Returns the parameters of the query string.
    #[must_use]
    pub fn query(&self) -> &Parameters {
        &self.query
    }

    /// Parses the body's parameters as JSON, form or multipart. An empty body has none.
    ///
    /// # Errors
    /// Returns `BodyTooLarge`, `MalformedBody`, or `UnsupportedMediaType` for any other encoding.
    pub async fn body_parameters(&self) -> Result<Parameters, Problem> {
        let parameters = body::parameters(&self.body).await?;
        parameters.record(&self.log);
        Ok(parameters)
    }

    /// As [`Self::body_parameters`], of a form with a file: it may have `largest` bytes, more than other bodies.
    ///
    /// # Errors
    /// As [`Self::body_parameters`].
    pub async fn form_with_file(&self, largest: usize) -> Result<Parameters, Problem> {
        let parameters = body::parameters_up_to(&self.body, largest).await?;
        parameters.record(&self.log);
        Ok(parameters)
    }

    /// Returns the parameters of the body and of the query string. The body takes precedence.
    ///
    /// # Errors
    /// Returns `BodyTooLarge`, `MalformedBody` or `UnsupportedMediaType`.
    pub async fn parameters(&self) -> Result<Parameters, Problem> {
        Ok(self.body_parameters().await?.and(&self.query))
    }

    /// Parses the body as a JSON object of the media type `application/json`. An empty body has no members.
    ///
    /// # Errors
    /// Returns `UnsupportedMediaType` for any other media type, `BodyTooLarge`, or `MalformedBody` if the
    /// body is not a JSON object.
    pub fn json_body(&self) -> Result<JsonObject, Problem> {
        if self.body.is_blank() {
            return Ok(JsonObject::new());
        }
        match self.has_media_type("application/json") {
            true => self.json_object(),
            false => Err(Problem::UnsupportedMediaType),
        }
    }

    /// Returns a body of many rows: a JSON object, or CSV. It may have `largest` bytes, more than other
    /// bodies.
    ///
    /// # Errors
    /// Returns `UnsupportedMediaType` unless the body is `application/json` or `text/csv`, `BodyTooLarge`,
    /// or `MalformedBody` if it is not a JSON object.
    pub fn rows_body(&self, largest: usize) -> Result<RowsBody, Problem> {
        if self.has_media_type("text/csv") {
            return Ok(RowsBody::Csv(self.body.bytes_up_to(largest)?));
        }
        if self.body.is_blank() {
            return Ok(RowsBody::Json(JsonObject::new()));
        }
        if !self.has_media_type("application/json") {
            return Err(Problem::UnsupportedMediaType);
        }
        let object = body::json_object_up_to(&self.body, largest)?;
        self.record(&object);
        Ok(RowsBody::Json(object))
    }

    fn has_media_type(&self, expected: &str) -> bool {
        self.body.media_type().essence() == expected
    }

    /// Parses the body as a JSON object, whatever its media type.
    ///
    /// # Errors
    /// Returns `BodyTooLarge`, or `MalformedBody` if the body is not a JSON object.
    pub fn json_object(&self) -> Result<JsonObject, Problem> {
        let object = body::json_object(&self.body)?;
        self.record(&object);
        Ok(object)
    }

    fn record(&self, object: &JsonObject) {
        for (name, value) in object {
            let text = body::json_text(value);
            let shown = text.as_deref().unwrap_or_else(|| value.get());
            self.log.parameter(name, shown);
        }
    }

    /// Records what a bill did, for the log line.
    pub fn billed(&self, facts: BillFacts) {
        self.log.billed(facts);
    }

    pub(crate) fn log(&self) -> &LogContext {
        &self.log
    }
}

/// Whether a text can be an id of the gateway, so that nothing else gets into the log with it.
fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Returns the path without the stage name, which the gateway adds on a named stage.
fn without_stage(raw_path: String, stage: &str) -> String {
    if stage.is_empty() || stage == "$default" {
        return raw_path;
    }
    match raw_path
        .strip_prefix('/')
        .and_then(|path| path.strip_prefix(stage))
    {
        Some(rest) if rest.starts_with('/') => rest.to_owned(),
        Some("") => "/".to_owned(),
        _ => raw_path,
    }
}
