//! The gateway's events on the wire: HTTP API, payload version 2.0.
//!
//! Only what the product uses is read, and read leniently: the full type of the events crate refuses a
//! whole event for one header value that is not visible ASCII, which would be the gateway's 502.

use std::collections::HashMap;

use serde::Deserialize;

/// A request as the gateway describes it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Event {
    pub(crate) raw_path: String,
    /// `null` where cargo lambda stands in for the gateway.
    pub(crate) raw_query_string: Option<String>,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) request_context: RequestContext,
    pub(crate) body: Option<String>,
    pub(crate) is_base64_encoded: bool,
}

/// Where the request came from.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RequestContext {
    pub(crate) http: Http,
    pub(crate) stage: String,
}

/// Its first line and its sender.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Http {
    pub(crate) method: String,
    pub(crate) source_ip: String,
}

impl Event {
    pub(crate) fn read(event: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(event)
    }
}
