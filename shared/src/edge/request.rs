//! A request as handlers see it: decoded, normalised, nothing of the gateway left.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use serde_json::value::RawValue;

use super::body::{self, Body};
use super::event::Event;
use crate::model::id::Guid;
use crate::model::rules::NormalPath;
use crate::model::time::Instant;
use crate::problem::Problem;
use crate::telemetry::Trail;

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
    trail: Trail,
}

impl Request {
    pub(super) fn new(guid: Guid, received: Instant, event: Event) -> Self {
        let Event {
            raw_path,
            raw_query_string,
            headers,
            request_context,
            body,
            is_base64_encoded,
        } = event;
        let raw_path = without_stage(raw_path, &request_context.stage);
        let trail = Trail::default();
        let query = Parameters::from_query(raw_query_string.as_deref().unwrap_or_default());
        query.leave(&trail);
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
            trail,
        }
    }

    /// Whether there was no event to read.
    pub(super) fn is_empty(&self) -> bool {
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

    /// The segments behind `prefix`, each decoded by itself. An empty one stays empty and in its place:
    /// `//2069735101` has no first segment, and must not have its second one taken for it. Where a `..`
    /// takes segments back, only those are left that endpoint rules are held against.
    #[must_use]
    pub fn segments_after(&self, prefix: &str) -> Vec<String> {
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
        parameters.leave(&self.trail);
        Ok(parameters)
    }

    /// The parameters of the body and of the query string; of one that is in both, the body's.
    ///
    /// # Errors
    /// As [`Request::body_parameters`].
    pub async fn parameters(&self) -> Result<Parameters, Problem> {
        let mut parameters = self.body_parameters().await?;
        parameters.texts.extend(self.query.texts.iter().cloned());
        Ok(parameters)
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
            self.trail.parameter(name, shown);
        }
        Ok(object)
    }

    pub(crate) fn trail(&self) -> &Trail {
        &self.trail
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

/// A JSON object's members, their values as they were sent: valid JSON of any shape and depth.
pub type JsonObject = BTreeMap<String, Box<RawValue>>;

/// Named values in the order in which they were sent.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    texts: Vec<(String, String)>,
    /// What JSON has besides texts, numbers and booleans, as it was sent.
    others: Vec<(String, String)>,
}

impl Parameters {
    pub(super) fn new(texts: Vec<(String, String)>) -> Self {
        Self::with_others(texts, Vec::new())
    }

    pub(super) fn with_others(texts: Vec<(String, String)>, others: Vec<(String, String)>) -> Self {
        Self { texts, others }
    }

    fn from_query(query: &str) -> Self {
        Self::new(
            form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// The names that came with an object or an array for a value: the getters do not see
    /// those, and whoever knows such a name has to refuse it; see [`crate::fields::Fields::of`].
    pub(crate) fn unreadable(&self) -> impl Iterator<Item = &str> {
        self.others.iter().map(|(name, _)| name.as_str())
    }

    /// The first value of `name` that is more than white space, without the white space around it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.texts
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.trim())
            .find(|value| !value.is_empty())
    }

    /// The first value of `name` that is more than white space, as it was sent.
    #[must_use]
    pub fn verbatim(&self, name: &str) -> Option<&str> {
        let values = self.texts.iter().filter(|(key, _)| key == name);
        values
            .map(|(_, value)| value.as_str())
            .find(|value| !value.trim().is_empty())
    }

    /// The first of several names that has a value.
    #[must_use]
    pub fn first_of(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// As [`Parameters::first_of`] for a phone number: one space in front of a digit stays, since it is
    /// the `+` of a client that did not encode it.
    #[must_use]
    pub fn first_number_of(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| {
            let values = self.texts.iter().filter(|(key, _)| key == name);
            values
                .map(|(_, value)| match value.trim_end() {
                    value if was_a_plus(value) => value,
                    value => value.trim_start(),
                })
                .find(|value| !value.is_empty())
        })
    }

    /// Whether `name`, in either case, was sent at all; of several values the first that is more than
    /// white space, without the white space around it, else an empty one.
    #[must_use]
    pub fn sent(&self, name: &str) -> Option<&str> {
        self.sent_number(name).map(str::trim)
    }

    /// As [`Parameters::sent`] for a phone number: one space in front of a digit stays, since it is the
    /// `+` of a client that did not encode it.
    #[must_use]
    pub fn sent_number(&self, name: &str) -> Option<&str> {
        let mut values = self
            .texts
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| match value.trim_end() {
                value if was_a_plus(value) => value,
                value => value.trim_start(),
            })
            .peekable();
        let first = values.peek().copied()?;
        Some(values.find(|value| !value.is_empty()).unwrap_or(first))
    }

    /// What was sent as `name`, in either case, and is more than white space.
    #[must_use]
    pub fn given(&self, name: &str) -> Option<&str> {
        self.sent(name).filter(|value| !value.is_empty())
    }

    /// Everything that was sent as `name`, in either case, and is more than white space: a list with
    /// commas may also be sent as several parameters.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<String> {
        let values = self
            .texts
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty());
        let list = values.collect::<Vec<_>>().join(",");
        (!list.is_empty()).then_some(list)
    }

    fn leave(&self, trail: &Trail) {
        for (name, value) in self.texts.iter().chain(&self.others) {
            trail.parameter(name, value);
        }
    }
}

/// One space in front of a digit.
fn was_a_plus(value: &str) -> bool {
    let rest = value.strip_prefix(' ');
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}
