//! Request bodies: decoded from the gateway's base64, then parsed as JSON, a form or multipart.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::{future, stream};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::charset;
use super::coding;
use super::media_type::MediaType;
use super::parameters::Parameters;
use crate::problem::{Encoding, Problem};

/// The maximum size in bytes: far above any request of the contracts, and cheap to parse.
const LARGEST: usize = 256 * 1024;

/// A body as the gateway delivers it, with the headers that describe it.
#[derive(Debug)]
pub(super) struct Body {
    text: Option<String>,
    base64: bool,
    media_type: MediaType,
    /// The header `Content-Encoding`.
    coding: String,
}

impl Body {
    pub(super) fn new(
        text: Option<String>,
        base64: bool,
        media_type: MediaType,
        coding: String,
    ) -> Self {
        Self {
            text,
            base64,
            media_type,
            coding,
        }
    }

    /// Returns the media type that the client sent, an empty one without it.
    pub(super) fn media_type(&self) -> &MediaType {
        &self.media_type
    }

    /// Whether the client sent nothing but white space.
    pub(super) fn is_blank(&self) -> bool {
        self.text.as_deref().unwrap_or_default().trim().is_empty()
    }

    /// Returns the bytes that the client meant, `largest` at most: sent and decoded.
    pub(super) fn bytes_up_to(&self, largest: usize) -> Result<Bytes, Problem> {
        coding::decoded(self.sent_up_to(largest)?, &self.coding, largest)
    }

    /// Returns the bytes that the client sent, `largest` at most.
    fn sent_up_to(&self, largest: usize) -> Result<Bytes, Problem> {
        let text = self.text.as_deref().unwrap_or_default();
        let largest = if self.base64 {
            largest.div_ceil(3) * 4
        } else {
            largest
        };
        if text.len() > largest {
            return Err(Problem::BodyTooLarge);
        }
        if !self.base64 {
            return Ok(Bytes::copy_from_slice(text.as_bytes()));
        }
        STANDARD
            .decode(text)
            .map(Bytes::from)
            .map_err(|_| Problem::MalformedBody {
                encoding: Encoding::Transport,
                detail: "the gateway's base64 cannot be read".to_owned(),
            })
    }
}

/// Parses a body by its media type. An empty body has no parameters, whatever its media type.
///
/// Call platforms send the media type of JSON even with an empty body.
pub(super) async fn parameters(body: &Body) -> Result<Parameters, Problem> {
    parameters_up_to(body, LARGEST).await
}

/// Parses a body of `largest` bytes at most, as [`parameters`] does.
pub(super) async fn parameters_up_to(body: &Body, largest: usize) -> Result<Parameters, Problem> {
    let bytes = body.bytes_up_to(largest)?;
    if bytes.trim_ascii().is_empty() {
        return Ok(Parameters::default());
    }
    let media_type = body.media_type();
    let charset = media_type.parameter("charset");
    match media_type.essence() {
        "application/json" => json_parameters(&charset::to_utf8(&bytes, charset)),
        "application/x-www-form-urlencoded" => Ok(Parameters::urlencoded(&bytes, charset)),
        "multipart/form-data" => {
            multipart_parameters(bytes, media_type.parameter("boundary"), charset).await
        }
        _ => Err(Problem::UnsupportedMediaType),
    }
}

/// Parses a body as a JSON object. If a name occurs twice, the last value counts.
pub(super) fn json_object(body: &Body) -> Result<JsonObject, Problem> {
    json_object_up_to(body, LARGEST)
}

/// Parses a body of `largest` bytes at most as a JSON object, as [`json_object`] does.
pub(super) fn json_object_up_to(body: &Body, largest: usize) -> Result<JsonObject, Problem> {
    let bytes = body.bytes_up_to(largest)?;
    let text = charset::to_utf8(&bytes, body.media_type().parameter("charset"));
    Ok(members(&text)?.into_iter().collect())
}

/// Parses a JSON object into parameters, with every value as the text that was sent.
///
/// Numbers therefore keep every digit. `null` counts as absent, and objects and arrays are kept apart.
fn json_parameters(bytes: &[u8]) -> Result<Parameters, Problem> {
    let (mut texts, mut others) = (Vec::new(), Vec::new());
    for (name, value) in members(bytes)? {
        match json_text(&value) {
            Some(text) => texts.push((name, text)),
            None if value.get() == "null" => {}
            None => others.push((name, value.get().to_owned())),
        }
    }
    Ok(Parameters::json(texts, others))
}

/// Returns a JSON string, number or boolean as text, or `None` for any other value.
pub(super) fn json_text(value: &RawValue) -> Option<String> {
    match value.get() {
        "null" => None,
        raw if raw.starts_with(['{', '[']) => None,
        raw if raw.starts_with('"') => serde_json::from_str(raw).ok(),
        raw => Some(raw.to_owned()),
    }
}

/// Returns the members of a JSON object in the order in which they were sent.
///
/// A byte order mark in front of the object is skipped. Values are only checked for syntax, at any
/// depth.
fn members(bytes: &[u8]) -> Result<Vec<(String, Box<RawValue>)>, Problem> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut json = serde_json::Deserializer::from_slice(bytes);
    json.deserialize_map(Members)
        .and_then(|members| json.end().map(|()| members))
        .map_err(|error| malformed_json(&error))
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, Box<RawValue>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

/// Parses a multipart form. `charset` is that of the parts that name none of their own.
async fn multipart_parameters(
    bytes: Bytes,
    boundary: Option<&str>,
    charset: Option<&str>,
) -> Result<Parameters, Problem> {
    let malformed = |error: multer::Error| Problem::MalformedBody {
        encoding: Encoding::Multipart,
        detail: multipart_detail(&error).to_owned(),
    };
    let boundary = boundary.filter(|boundary| !boundary.is_empty());
    let boundary = boundary.ok_or_else(|| malformed(multer::Error::NoBoundary))?;
    let body = stream::once(future::ready(Ok::<_, std::convert::Infallible>(bytes)));
    let mut parts = multer::Multipart::new(body, boundary);
    let mut pairs = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(malformed)? {
        let name = part.name().unwrap_or_default().to_owned();
        let media_type = part.content_type();
        let own = media_type.and_then(|media_type| media_type.get_param("charset"));
        let own = own.map(|name| name.as_str().to_owned());
        let bytes = part.bytes().await.map_err(malformed)?;
        pairs.push((name, charset::decode(&bytes, own.as_deref().or(charset))));
    }
    Ok(Parameters::meant(pairs))
}

/// Describes what is wrong with a multipart body, without the library's quotes from it.
fn multipart_detail(error: &multer::Error) -> &'static str {
    match error {
        multer::Error::NoBoundary => "the content type names no boundary",
        multer::Error::IncompleteFieldData { .. } | multer::Error::IncompleteStream => {
            "the last part is cut off"
        }
        multer::Error::IncompleteHeaders | multer::Error::ReadHeaderFailed(_) => {
            "a part's headers cannot be read"
        }
        _ => "the parts cannot be read",
    }
}

/// Describes where the JSON is broken.
///
/// The parser's own text is used only for syntax errors, where it names what was expected. For a wrong
/// type it would quote the value.
fn malformed_json(error: &serde_json::Error) -> Problem {
    let detail = if error.is_data() {
        format!(
            "expected an object at line {} column {}",
            error.line(),
            error.column()
        )
    } else {
        error.to_string()
    };
    Problem::MalformedBody {
        encoding: Encoding::Json,
        detail,
    }
}

/// The members of a JSON object. Values are valid JSON of any shape and depth, as they were sent.
pub type JsonObject = BTreeMap<String, Box<RawValue>>;
