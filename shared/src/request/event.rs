//! The gateway's events: HTTP API, payload version 2.0.
//!
//! Only the fields that the product uses are parsed, and leniently (`docs/decisions.md`, D-001). The
//! events crate rejects a whole event for one header value that is not visible ASCII, and the vendor
//! would see the gateway's own 502.

use std::collections::HashMap;

use serde::Deserialize;

/// A request as the gateway describes it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Event {
    pub(crate) raw_path: String,
    /// `null` if cargo lambda stands in for the gateway.
    pub(crate) raw_query_string: Option<String>,
    pub(crate) headers: HashMap<String, String>,
    /// Each as `name=value`. The gateway leaves the field out if there are none.
    pub(crate) cookies: Option<Vec<String>>,
    pub(crate) request_context: RequestContext,
    pub(crate) body: Option<String>,
    pub(crate) is_base64_encoded: bool,
}

/// The sender, the stage, the HTTP request and the gateway's id of it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RequestContext {
    pub(crate) http: Http,
    pub(crate) stage: String,
    /// `null` if cargo lambda stands in for the gateway.
    pub(crate) request_id: Option<String>,
}

/// The method and the sender's IP address.
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
