//! The gateway's events and replies on the wire: HTTP API, payload version 2.0.
//!
//! Only what the product uses is read, and read leniently: the full type of the events crate refuses a
//! whole event for one header value that is not visible ASCII, which would be the gateway's 502.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::dialect::Answer;
use crate::model::id::Guid;

/// A request as the gateway describes it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Event {
    pub(super) raw_path: String,
    /// `null` where cargo lambda stands in for the gateway.
    pub(super) raw_query_string: Option<String>,
    pub(super) headers: HashMap<String, String>,
    pub(super) request_context: Context,
    pub(super) body: Option<String>,
    pub(super) is_base64_encoded: bool,
}

/// Where the request came from.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Context {
    pub(super) http: Http,
    pub(super) stage: String,
}

/// Its first line and its sender.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Http {
    pub(super) method: String,
    pub(super) source_ip: String,
}

impl Event {
    pub(super) fn read(event: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(event)
    }
}

/// An answer as the gateway wants it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reply {
    status_code: u16,
    headers: HashMap<&'static str, String>,
    body: String,
    is_base64_encoded: bool,
    /// Always empty; cargo lambda's emulator insists on it.
    cookies: [String; 0],
}

impl Reply {
    pub(super) fn new(answer: Answer, guid: Guid) -> Self {
        let mut headers: HashMap<_, _> = answer.headers.into_iter().collect();
        headers.insert("content-type", answer.content_type.to_owned());
        headers.insert("x-request-guid", guid.to_string());
        Self {
            status_code: answer.status,
            headers,
            body: answer.body,
            is_base64_encoded: false,
            cookies: [],
        }
    }
}
