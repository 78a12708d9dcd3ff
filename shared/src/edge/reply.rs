//! Replies in the gateway's format: HTTP API, payload version 2.0.

use std::collections::HashMap;

use serde::Serialize;

use crate::dialect::{Answer, Body};
use crate::model::id::Guid;

/// An answer in the gateway's format.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reply {
    status_code: u16,
    headers: HashMap<&'static str, String>,
    body: Body,
    is_base64_encoded: bool,
    /// Often empty. The emulator of cargo lambda requires it.
    cookies: Vec<String>,
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
            cookies: answer.cookies,
        }
    }
}
