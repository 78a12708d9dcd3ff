//! A request as handlers see it: decoded, normalised, nothing of the gateway left.

use std::collections::HashMap;
use std::net::IpAddr;

use super::body::{self, Body, JsonObject};
use super::event::Event;
use super::log_context::LogContext;
use super::mask::KnownFields;
use super::parameters::Parameters;
use crate::model::field::Field;
use crate::model::id::Guid;
use crate::model::rules::NormalPath;
use crate::model::time::Instant;
use crate::problem::Problem;

/// One request.
#[derive(Debug)]
pub struct Request {
    guid: Guid,
    received: Instant,
    method: String,
    raw_path: String,
    path: NormalPath,
    source: Option<IpAddr>,
    headers: HashMap<String, String>,
    query: Parameters,
    body: Body,
    log: LogContext,
}

impl Request {
    /// The request that an event is; its log line shows the values of `known` parameters.
    pub(crate) fn new(guid: Guid, received: Instant, event: Event, known: KnownFields) -> Self {
        let Event {
            raw_path,
            raw_query_string,
            headers,
            request_context,
            body,
            is_base64_encoded,
        } = event;
        let raw_path = without_stage(raw_path, &request_context.stage);
        let log = LogContext::new(known);
        let query = raw_query_string.as_deref().unwrap_or_default();
        let query = Parameters::urlencoded(query.as_bytes());
        query.record(&log);
        Self {
            guid,
            received,
            method: request_context.http.method,
            path: NormalPath::of(&raw_path),
            raw_path,
            source: request_context.http.source_ip.parse().ok(),
            headers: headers
                .into_iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), value))
                .collect(),
            query,
            body: Body::new(body, is_base64_encoded),
            log,
        }
    }

    /// Whether there was no event to read.
    pub(crate) fn is_empty(&self) -> bool {
        self.method.is_empty()
    }

    /// The request's id.
    #[must_use]
    pub fn guid(&self) -> Guid {
        self.guid
    }

    /// When it came in.
    #[must_use]
    pub fn received(&self) -> Instant {
        self.received
    }

    /// The method, upper case.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path, decoded and normalised.
    #[must_use]
    pub fn path(&self) -> &NormalPath {
        &self.path
    }

    /// The segments of the path behind `prefix` as the values of `fields`, in their order. An empty segment
    /// keeps its place: `//2069735101` has no first value, and its second segment is not taken for it.
    #[must_use]
    pub fn path_parameters(&self, prefix: &str, fields: &[Field]) -> Parameters {
        let segments = self.segments_after(prefix);
        let names = fields.iter().map(|field| field.name.to_owned());
        Parameters::meant(names.zip(segments))
    }

    /// The segments behind `prefix`, each decoded by itself. If the path climbs with `..`, they are those of
    /// the normalised path, which endpoint rules are held against.
    fn segments_after(&self, prefix: &str) -> Vec<String> {
        let segments = |path: &str| -> Vec<String> {
            path.split('/')
                .map(|segment| {
                    percent_encoding::percent_decode_str(segment)
                        .decode_utf8_lossy()
                        .into_owned()
                })
                .collect()
        };
        let climbs = segments(&self.raw_path)
            .iter()
            .any(|segment| matches!(segment.as_str(), "." | ".."));
        let path = if climbs {
            self.path.as_str()
        } else {
            &self.raw_path
        };
        path.strip_prefix(prefix)
            .and_then(|rest| rest.strip_prefix('/'))
            .map(segments)
            .unwrap_or_default()
    }

    /// Where it came from, as the gateway saw it.
    #[must_use]
    pub fn source(&self) -> Option<IpAddr> {
        self.source
    }

    /// A header that is there and not empty; its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The query string.
    #[must_use]
    pub fn query(&self) -> &Parameters {
        &self.query
    }

    /// The body's parameters in whichever of the three encodings it says it is; an empty body has none.
    ///
    /// # Errors
    /// The body is too large, cannot be read, or is in another encoding.
    pub async fn body_parameters(&self) -> Result<Parameters, Problem> {
        let parameters = body::parameters(&self.body, self.header("content-type")).await?;
        parameters.record(&self.log);
        Ok(parameters)
    }

    /// The parameters of the body and of the query string; of one that is in both, the body's.
    ///
    /// # Errors
    /// As [`Request::body_parameters`].
    pub async fn parameters(&self) -> Result<Parameters, Problem> {
        Ok(self.body_parameters().await?.and(&self.query))
    }

    /// The body as a JSON object, whatever media type it says it is.
    ///
    /// # Errors
    /// The body is too large or no JSON object.
    pub fn json_object(&self) -> Result<JsonObject, Problem> {
        let object = body::json_object(&self.body)?;
        for (name, value) in &object {
            let text = body::json_text(value);
            let shown = text.as_deref().unwrap_or_else(|| value.get());
            self.log.parameter(name, shown);
        }
        Ok(object)
    }

    pub(crate) fn log(&self) -> &LogContext {
        &self.log
    }
}

/// The path without the stage's name, which the gateway puts in front of it on a named stage.
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
