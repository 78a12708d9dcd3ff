//! A request as handlers see it: decoded, normalised, nothing of the gateway left.

use std::collections::HashMap;
use std::net::IpAddr;

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
        let query = raw_query_string.as_deref().unwrap_or_default();
        let query = Parameters::urlencoded(query.as_bytes());
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
        let Parameters(mut parameters) = self.body_parameters().await?;
        parameters.extend(self.query.0.iter().cloned());
        Ok(Parameters(parameters))
    }

    /// The body as a JSON object, whatever media type it says it is.
    ///
    /// # Errors
    /// The body is too large or no JSON object.
    pub fn json_object(&self) -> Result<serde_json::Map<String, serde_json::Value>, Problem> {
        let object = body::json_object(&self.body)?;
        for (name, value) in &object {
            match value {
                serde_json::Value::String(text) => self.trail.parameter(name, text),
                other => self.trail.parameter(name, &other.to_string()),
            }
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

/// Named values in the order in which they were sent.
#[derive(Clone, Debug, Default)]
pub struct Parameters(Vec<Parameter>);

#[derive(Clone, Debug)]
struct Parameter {
    name: String,
    value: String,
    /// The value with the `+` that it began with, where the encoding has made a space of it.
    plus: Option<String>,
}

impl Parameter {
    /// A value as it was meant, such as one of JSON.
    fn meant((name, value): (String, String)) -> Self {
        Self {
            name,
            value,
            plus: None,
        }
    }

    /// `name=value` of a query string or a form.
    fn urlencoded(pair: &[u8]) -> Option<Self> {
        let (name, value) = form_urlencoded::parse(pair).into_owned().next()?;
        let mut sent = pair.split(|byte| *byte == b'=').skip(1);
        let spelled = sent.next().is_some_and(|sent| sent.starts_with(b"+"));
        let digits = digit_behind_a_space(&value).filter(|_| spelled);
        let plus = digits.map(|digits| format!("+{digits}"));
        Some(Self { name, value, plus })
    }

    /// The value as a phone number, without the white space around it. The `+` of a client that did not
    /// encode it is as good as one that was encoded; any other one space in front of a digit stays, for it
    /// may be a `+` that was lost on the way.
    fn number(&self) -> &str {
        let value = self.plus.as_ref().unwrap_or(&self.value).trim_end();
        match digit_behind_a_space(value) {
            Some(_) => value,
            None => value.trim_start(),
        }
    }
}

/// What stands behind one space, where it begins with a digit.
fn digit_behind_a_space(value: &str) -> Option<&str> {
    let rest = value.strip_prefix(' ')?;
    rest.starts_with(|c: char| c.is_ascii_digit())
        .then_some(rest)
}

impl Parameters {
    /// Names and values as they were meant, such as those of JSON.
    pub(super) fn meant(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().map(Parameter::meant).collect())
    }

    /// Those of a query string, or of a form in its encoding.
    pub(super) fn urlencoded(text: &[u8]) -> Self {
        let pairs = text.split(|byte| *byte == b'&');
        Self(pairs.filter_map(Parameter::urlencoded).collect())
    }

    /// The first value of `name` that is more than white space, without the white space around it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.named(name)
            .map(|parameter| parameter.value.trim())
            .find(|value| !value.is_empty())
    }

    /// The first value of `name` that is more than white space, as it was sent.
    #[must_use]
    pub fn verbatim(&self, name: &str) -> Option<&str> {
        self.named(name)
            .map(|parameter| parameter.value.as_str())
            .find(|value| !value.trim().is_empty())
    }

    /// The first of several names that has a value.
    #[must_use]
    pub fn first_of(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// As [`Parameters::get`] for a phone number, whose `+` a client need not have encoded.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<&str> {
        self.named(name)
            .map(Parameter::number)
            .find(|value| !value.is_empty())
    }

    /// As [`Parameters::first_of`] for a phone number, whose `+` a client need not have encoded.
    #[must_use]
    pub fn first_number_of(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.number(name))
    }

    /// Whether `name`, in either case, was sent at all; of several values the first that is more than
    /// white space, without the white space around it, else an empty one.
    #[must_use]
    pub fn sent(&self, name: &str) -> Option<&str> {
        first_told(self.in_either_case(name).map(|sent| sent.value.trim()))
    }

    /// As [`Parameters::sent`] for a phone number, whose `+` a client need not have encoded.
    #[must_use]
    pub fn sent_number(&self, name: &str) -> Option<&str> {
        first_told(self.in_either_case(name).map(Parameter::number))
    }

    /// What was sent as `name`, in either case, and is more than white space.
    #[must_use]
    pub fn given(&self, name: &str) -> Option<&str> {
        self.sent(name).filter(|value| !value.is_empty())
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &Parameter> {
        self.0
            .iter()
            .filter(move |parameter| parameter.name == name)
    }

    fn in_either_case(&self, name: &str) -> impl Iterator<Item = &Parameter> {
        self.0
            .iter()
            .filter(move |parameter| parameter.name.eq_ignore_ascii_case(name))
    }

    fn leave(&self, trail: &Trail) {
        for parameter in &self.0 {
            trail.parameter(&parameter.name, &parameter.value);
        }
    }
}

/// The first value that is not empty, else the first.
fn first_told<'a>(values: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut values = values.peekable();
    let first = values.peek().copied()?;
    Some(values.find(|value| !value.is_empty()).unwrap_or(first))
}
