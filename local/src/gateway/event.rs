//! Converts an HTTP request to the event that an HTTP API sends to a function (payload format 2.0).

use std::collections::BTreeMap;
use std::net::IpAddr;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use callbook::clock::Clock;
use callbook::ids;
use http::header::{COOKIE, HOST, HeaderMap, HeaderValue};
use http::request::Parts;
use jiff::{Timestamp, tz::TimeZone};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::route::RouteMatch;
use crate::template;

/// Builds the event of a request from `source_ip` that matched the route `matched`.
#[must_use]
pub fn from_http(parts: &Parts, body: &[u8], source_ip: IpAddr, matched: &RouteMatch) -> Value {
    let path = decoded_path(parts.uri.path());
    let query = parts.uri.query().unwrap_or_default();
    let host = text(parts.headers.get(HOST));
    let domain = domain(&host);
    let user_agent = text(parts.headers.get(http::header::USER_AGENT));
    let now = Clock::system().now().millis();
    let mut event = json!({
        "version": "2.0",
        "routeKey": matched.route_key,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers(&parts.headers, source_ip, now),
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "local",
            "domainName": domain,
            "domainPrefix": domain.split('.').next().unwrap_or_default(),
            "http": {
                "method": parts.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": source_ip.to_string(),
                "userAgent": user_agent,
            },
            "requestId": ids::guid().to_string(),
            "routeKey": matched.route_key,
            "stage": "$default",
            "time": clf(now),
            "timeEpoch": now,
        },
        "isBase64Encoded": false,
    });
    if let Some(event) = event.as_object_mut() {
        add_optional(event, parts, query, matched);
        add_body(event, &parts.headers, body);
    }
    event
}

/// Builds the event of a request from 127.0.0.1 to the routes of `template.yaml`.
///
/// # Errors
/// Returns an error if the method, the path or a header is not valid in HTTP.
pub fn from_local(
    method: &str,
    path_and_query: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<Value> {
    let mut request = http::Request::builder().method(method).uri(path_and_query);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(())?.into_parts();
    let matched = template::own_routes()?
        .find(&parts.method, &decoded_path(parts.uri.path()))
        .context("template.yaml has no $default route")?;
    Ok(from_http(
        &parts,
        body,
        IpAddr::from([127, 0, 0, 1]),
        &matched,
    ))
}

/// Decodes a path to the form that routes are matched against and that events contain.
///
/// Unlike a REST API, an HTTP API decodes the path. It then cuts the path at a decoded question mark.
#[must_use]
pub fn decoded_path(path: &str) -> String {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let cut = decoded.split('?').next().unwrap_or_default();
    if cut.is_empty() {
        "/".to_owned()
    } else {
        cut.to_owned()
    }
}

/// Adds the fields that the gateway omits if they are empty: cookies and parameters.
fn add_optional(event: &mut Map<String, Value>, parts: &Parts, query: &str, matched: &RouteMatch) {
    let cookies: Vec<String> = parts
        .headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|value| {
            lossy(value)
                .split(';')
                .map(|c| c.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .filter(|cookie| !cookie.is_empty())
        .collect();
    if !cookies.is_empty() {
        event.insert("cookies".to_owned(), json!(cookies));
    }
    let parameters = joined(
        form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned())),
    );
    if !parameters.is_empty() {
        event.insert("queryStringParameters".to_owned(), json!(parameters));
    }
    if !matched.path_parameters.is_empty() {
        event.insert("pathParameters".to_owned(), json!(matched.path_parameters));
    }
}

/// Adds the body: as text if its media type is textual, else in Base64. A form is not textual.
fn add_body(event: &mut Map<String, Value>, headers: &HeaderMap, body: &[u8]) {
    if body.is_empty() {
        return;
    }
    let textual = is_textual(&text(headers.get(http::header::CONTENT_TYPE)));
    let (encoded, body) = match std::str::from_utf8(body) {
        Ok(body) if textual => (false, body.to_owned()),
        _ => (true, STANDARD.encode(body)),
    };
    event.insert("body".to_owned(), Value::String(body));
    event.insert("isBase64Encoded".to_owned(), Value::Bool(encoded));
}

fn is_textual(media_type: &str) -> bool {
    let essence = media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence.starts_with("text/")
        || matches!(
            essence.as_str(),
            "application/json" | "application/javascript" | "application/xml"
        )
        || essence.ends_with("+json")
        || essence.ends_with("+xml")
}

/// Returns the event's headers: lower-case names, repeated values joined by a comma, and the gateway's own.
fn headers(headers: &HeaderMap, source_ip: IpAddr, now: i64) -> BTreeMap<String, String> {
    // The gateway drops hop-by-hop headers, and cookies have a field of their own.
    let dropped = [
        "connection",
        "keep-alive",
        "transfer-encoding",
        "te",
        "trailer",
        "upgrade",
        "cookie",
    ];
    let mut found = joined(
        headers
            .iter()
            .filter(|(name, _)| !dropped.contains(&name.as_str()))
            .map(|(name, value)| (name.as_str().to_owned(), lossy(value))),
    );
    let forwarded = found.entry("x-forwarded-for".to_owned()).or_default();
    if !forwarded.is_empty() {
        forwarded.push_str(", ");
    }
    forwarded.push_str(&source_ip.to_string());
    let port = text(headers.get(HOST))
        .rsplit_once(':')
        .map(|(_, port)| port)
        .filter(|port| port.bytes().all(|b| b.is_ascii_digit()))
        .unwrap_or("80")
        .to_owned();
    found.insert("x-forwarded-port".to_owned(), port);
    found.insert("x-forwarded-proto".to_owned(), "http".to_owned());
    let trace: String = ids::guid()
        .to_string()
        .chars()
        .filter(|c| *c != '-')
        .take(24)
        .collect();
    found.insert(
        "x-amzn-trace-id".to_owned(),
        format!("Root=1-{:08x}-{trace}", now / 1000),
    );
    found
}

fn joined(pairs: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in pairs {
        found
            .entry(name)
            .and_modify(|values| {
                values.push(',');
                values.push_str(&value);
            })
            .or_insert(value);
    }
    found
}

/// Returns the host without its port, or `localhost` if there is none.
fn domain(host: &str) -> String {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    if name.is_empty() {
        "localhost".to_owned()
    } else {
        name.to_owned()
    }
}

/// Formats a time in the common log format: `12/Mar/2020:19:03:58 +0000`.
fn clf(millis: i64) -> String {
    Timestamp::from_millisecond(millis)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_zoned(TimeZone::UTC)
        .strftime("%d/%b/%Y:%H:%M:%S %z")
        .to_string()
}

fn text(value: Option<&HeaderValue>) -> String {
    value.map(lossy).unwrap_or_default()
}

fn lossy(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_body_is_sent_as_text() {
        let event = from_local(
            "POST",
            "/1.0/phone_feedback",
            &[
                ("Content-Type", "Application/JSON; charset=utf-8"),
                ("Host", "127.0.0.1:8080"),
            ],
            "{\"name\":\"Zoë\"}".as_bytes(),
        )
        .unwrap();
        assert_eq!(event["body"], "{\"name\":\"Zoë\"}");
        assert_eq!(event["isBase64Encoded"], false);
        assert_eq!(event["routeKey"], "POST /1.0/phone_feedback");
        assert_eq!(event["requestContext"]["domainName"], "127.0.0.1");
        assert_eq!(event["requestContext"]["http"]["sourceIp"], "127.0.0.1");
        assert_eq!(event["headers"]["x-forwarded-port"], "8080");
        assert!(event.get("cookies").is_none() && event.get("pathParameters").is_none());
    }

    #[test]
    fn forms_untyped_bodies_and_invalid_utf8_are_sent_in_base64() {
        for (headers, body) in [
            (
                &[("content-type", "application/x-www-form-urlencoded")][..],
                &b"a=1"[..],
            ),
            (
                &[("content-type", "multipart/form-data; boundary=x")],
                b"--x--",
            ),
            (&[], b"{}"),
            (&[("content-type", "application/json")], b"\xff"),
        ] {
            let event = from_local("POST", "/api/v1", headers, body).unwrap();
            assert_eq!(event["isBase64Encoded"], true);
            assert_eq!(event["body"], STANDARD.encode(body));
        }
        let empty = from_local("POST", "/api/v1", &[], b"").unwrap();
        assert!(empty.get("body").is_none());
        assert_eq!(empty["isBase64Encoded"], false);
    }

    #[test]
    fn repeated_headers_and_parameters_are_joined_and_cookies_are_listed() {
        let event = from_local(
            "GET",
            "/api/v1?a=1&b=x%20y+z&a=2&c",
            &[
                ("X-Thing", "one"),
                ("x-thing", "two"),
                ("Cookie", "a=1; b=2"),
                ("cookie", "c=3"),
                ("X-Forwarded-For", "203.0.113.9"),
                ("Connection", "close"),
            ],
            b"",
        )
        .unwrap();
        assert_eq!(event["headers"]["x-thing"], "one,two");
        assert_eq!(
            event["headers"]["x-forwarded-for"],
            "203.0.113.9, 127.0.0.1"
        );
        assert!(event["headers"].get("cookie").is_none());
        assert!(event["headers"].get("connection").is_none());
        assert_eq!(event["cookies"], json!(["a=1", "b=2", "c=3"]));
        assert_eq!(event["rawQueryString"], "a=1&b=x%20y+z&a=2&c");
        assert_eq!(
            event["queryStringParameters"],
            json!({"a": "1,2", "b": "x y z", "c": ""})
        );
    }

    #[test]
    fn the_path_is_decoded_before_it_is_matched() {
        let base = "/api/ingress/calls/inbound/billable";
        let event = from_local(
            "POST",
            &format!("{base}/%2B12065550100/310%20555"),
            &[],
            b"",
        )
        .unwrap();
        assert_eq!(event["rawPath"], format!("{base}/+12065550100/310 555"));
        assert_eq!(
            event["pathParameters"],
            json!({"did": "+12065550100", "cid": "310 555"})
        );

        let slash = from_local("POST", &format!("{base}/1%2F2"), &[], b"").unwrap();
        assert_eq!(slash["pathParameters"], json!({"did": "1", "cid": "2"}));

        let trailing = from_local("POST", &format!("{base}/1/2/"), &[], b"").unwrap();
        assert_eq!(trailing["routeKey"], format!("POST {base}/{{proxy+}}"));
        assert_eq!(trailing["pathParameters"], json!({"proxy": "1/2/"}));

        let cut = from_local("POST", &format!("{base}/1%3Fx/2"), &[], b"").unwrap();
        assert_eq!(cut["rawPath"], format!("{base}/1"));
    }

    #[test]
    fn the_lambda_runtime_can_read_the_event() {
        let event =
            from_local("POST", "/api/v1/?a=b%26c", &[("host", "localhost")], b"x=1").unwrap();
        let request = lambda_http::request::from_str(&event.to_string()).unwrap();
        assert_eq!(request.uri().path(), "/api/v1/");
        assert_eq!(request.uri().query(), Some("a=b%26c"));
    }

    #[test]
    fn times_are_in_the_common_log_format() {
        assert_eq!(clf(1_583_348_638_390), "04/Mar/2020:19:03:58 +0000");
    }
}
