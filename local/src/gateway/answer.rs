//! Converts a function's response (payload format 2.0) to an HTTP response.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::{HeaderName, HeaderValue};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    status_code: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    cookies: Vec<String>,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// Converts a function's response to an HTTP response.
///
/// # Errors
/// Returns an error if the payload is not valid, to which API Gateway answers 500.
pub fn to_http(payload: &[u8]) -> Result<Response> {
    let payload: Payload =
        serde_json::from_slice(payload).context("not a response in payload format 2.0")?;
    let body = match payload.body {
        Some(body) if payload.is_base64_encoded => STANDARD.decode(body)?,
        Some(body) => body.into_bytes(),
        None => Vec::new(),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(payload.status_code)?;
    for (name, value) in payload.headers {
        response
            .headers_mut()
            .append(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
    }
    for cookie in payload.cookies {
        response
            .headers_mut()
            .append(http::header::SET_COOKIE, HeaderValue::try_from(cookie)?);
    }
    // The header gives the length before decoding; the server sets the right one.
    response.headers_mut().remove(http::header::CONTENT_LENGTH);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_payload_is_decoded_and_an_invalid_one_is_an_error() {
        let payload = json!({
            "statusCode": 429,
            "headers": {"retry-after": "3", "content-length": "99"},
            "cookies": ["a=1"],
            "body": STANDARD.encode("slow"),
            "isBase64Encoded": true,
        });
        let response = to_http(payload.to_string().as_bytes()).unwrap();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "3");
        assert_eq!(response.headers()["set-cookie"], "a=1");
        assert!(!response.headers().contains_key("content-length"));
        assert!(to_http(b"{\"errorMessage\":\"boom\"}").is_err());
        assert!(to_http(b"{\"statusCode\":99999}").is_err());
    }
}
