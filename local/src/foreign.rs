//! Which requests come from somewhere else than a program of this machine's owner: from a web page, or under
//! a name that is not this machine's.

use std::net::IpAddr;

use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::uri::Authority;

/// Why a request is foreign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// A browser sent it for a web page.
    Page,
    /// It is for a host of another name. A page whose name leads to 127.0.0.1 sends such requests (DNS
    /// rebinding), and browsers treat their answers as the page's own.
    Host,
}

/// Checks that a request comes from a program, and is for this machine by one of its own names: `localhost`
/// or a loopback address, with any port.
///
/// # Errors
/// Returns `Page` for a request with an `Origin`, or with `Sec-Fetch-Site`, which only browsers send, and `Host`
/// for any other host and for none.
pub fn check(parts: &Parts) -> Result<(), Foreign> {
    let from_a_page = parts
        .headers
        .keys()
        .any(|name| *name == ORIGIN || name.as_str() == "sec-fetch-site");
    if from_a_page {
        return Err(Foreign::Page);
    }
    let mut hosts = parts.headers.get_all(HOST).iter();
    let host = hosts
        .next()
        .and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
    // A request line may name a host too, and takes precedence over the header.
    let own = host.as_ref().is_some_and(is_own)
        && hosts.next().is_none()
        && parts.uri.authority().is_none_or(is_own);
    match own {
        true => Ok(()),
        false => Err(Foreign::Host),
    }
}

fn is_own(authority: &Authority) -> bool {
    let host = authority.host();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = http::Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_page_and_a_foreign_host_are_recognised() {
        for (uri, headers, expected) in [
            ("/", &[("host", "127.0.0.1:8000")][..], Ok(())),
            ("/", &[("host", "LocalHost")], Ok(())),
            ("/", &[("host", "[::1]:8000")], Ok(())),
            (
                "http://localhost:8000/",
                &[("host", "localhost:8000")],
                Ok(()),
            ),
            ("/", &[], Err(Foreign::Host)),
            ("/", &[("host", "")], Err(Foreign::Host)),
            ("/", &[("host", "evil.example:8000")], Err(Foreign::Host)),
            (
                "/",
                &[("host", "localhost.evil.example")],
                Err(Foreign::Host),
            ),
            (
                "/",
                &[("host", "127.0.0.1.evil.example")],
                Err(Foreign::Host),
            ),
            ("/", &[("host", "user@evil.example")], Err(Foreign::Host)),
            ("/", &[("host", "192.0.2.1")], Err(Foreign::Host)),
            (
                "/",
                &[("host", "localhost"), ("host", "evil.example")],
                Err(Foreign::Host),
            ),
            (
                "http://evil.example/",
                &[("host", "localhost")],
                Err(Foreign::Host),
            ),
            (
                "/",
                &[("host", "localhost"), ("origin", "http://evil.example")],
                Err(Foreign::Page),
            ),
            (
                "/",
                &[("host", "localhost"), ("origin", "null")],
                Err(Foreign::Page),
            ),
            (
                "/",
                &[("host", "localhost"), ("sec-fetch-site", "cross-site")],
                Err(Foreign::Page),
            ),
        ] {
            assert_eq!(check(&parts(uri, headers)), expected, "{uri} {headers:?}");
        }
    }
}
