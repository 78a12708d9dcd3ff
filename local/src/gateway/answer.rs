//! A function's answer (payload format 2.0) as the HTTP response that it stands for.

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
struct Answer {
    status_code: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    cookies: Vec<String>,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// The response that an answer stands for.
///
/// # Errors
/// The answer is none; the gateway then answers 500 itself.
pub fn to_http(answer: &[u8]) -> Result<Response> {
    let answer: Answer = serde_json::from_slice(answer).context("no payload 2.0 answer")?;
    let body = match answer.body {
        Some(body) if answer.is_base64_encoded => STANDARD.decode(body)?,
        Some(body) => body.into_bytes(),
        None => Vec::new(),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(answer.status_code)?;
    for (name, value) in answer.headers {
        response
            .headers_mut()
            .append(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
    }
    for cookie in answer.cookies {
        response
            .headers_mut()
            .append(http::header::SET_COOKIE, HeaderValue::try_from(cookie)?);
    }
    // The length is that of the body that was decoded here, and known to the server.
    response.headers_mut().remove(http::header::CONTENT_LENGTH);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_is_decoded_and_one_that_is_none_is_told_apart() {
        let answer = json!({
            "statusCode": 429,
            "headers": {"retry-after": "3", "content-length": "99"},
            "cookies": ["a=1"],
            "body": STANDARD.encode("slow"),
            "isBase64Encoded": true,
        });
        let response = to_http(answer.to_string().as_bytes()).unwrap();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "3");
        assert_eq!(response.headers()["set-cookie"], "a=1");
        assert!(!response.headers().contains_key("content-length"));
        assert!(to_http(b"{\"errorMessage\":\"boom\"}").is_err());
        assert!(to_http(b"{\"statusCode\":99999}").is_err());
    }
}
