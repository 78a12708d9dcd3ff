//! Where a form comes from, and where a browser is sent.

use callbook::request::Request;

/// Whether a browser says that a request comes from a page of this origin. Browsers send at least one of both headers
/// with a form, so a request without either is refused.
pub fn is_same_origin(request: &Request) -> bool {
    if let Some(site) = request.header("sec-fetch-site") {
        return site == "same-origin";
    }
    let origin = request.header("origin").and_then(|origin| {
        let (scheme, host) = origin.split_once("://")?;
        matches!(scheme, "https" | "http").then_some(host)
    });
    origin.is_some() && origin == request.header("host")
}

/// Returns a path of the console to go on with, as a link of another page may say it. `None` for every other place.
pub fn next(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("/console")?;
    let plain = text.len() <= 2_000
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let inside = rest.is_empty() || rest.starts_with(['/', '?']);
    (plain && inside && !rest.starts_with("//")).then_some(text)
}

/// Whether a request is for this machine by one of its own names. A page of another site whose name leads to this
/// machine (DNS rebinding) is not.
pub fn is_for_this_machine(request: &Request) -> bool {
    let host = request.header("host").unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_sent_to_the_console_and_nowhere_else() {
        for text in [
            "/console",
            "/console/costs?from=2026-11-01&vendor=a%20b",
            "/console?a=//b",
        ] {
            assert_eq!(next(text), Some(text));
        }
        for text in [
            "",
            "/",
            "//example.com",
            "/console//example.com",
            "/consoles",
            "/console.example.com",
            "/console@example.com",
            "/console/\\example.com",
            "https://example.com/console",
            "/console/\r\nset-cookie: a=b",
            "/console/\u{e9}",
            "javascript:alert(1)",
        ] {
            assert_eq!(next(text), None, "{text:?}");
        }
    }
}
