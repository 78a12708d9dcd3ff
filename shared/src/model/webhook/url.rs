//! The URL of an endpoint, and how its deliveries look.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::token;
use crate::model::text::UnexpectedWord;

/// How long a URL can be, in bytes.
const LONGEST: usize = 2_048;

/// How deliveries to an endpoint look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WebhookFormat {
    /// The event as JSON, signed by the Standard Webhooks specification.
    Standard,
    /// A URL with tokens, for receivers that only know parameters.
    Plain,
}

impl WebhookFormat {
    /// Reads `standard` or `plain`.
    ///
    /// # Errors
    /// Returns `UnexpectedWord` for any other text.
    pub fn parse(text: &str) -> Result<Self, UnexpectedWord> {
        let mut all = [Self::Standard, Self::Plain].into_iter();
        all.find(|format| format.as_str() == text)
            .ok_or(UnexpectedWord {
                expected: "standard or plain",
            })
    }

    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Plain => "plain",
        }
    }
}

/// The method of requests to a plain endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum WebhookMethod {
    /// The parameters stand in the URL.
    Get,
    /// The parameters behind the `?` are sent as a form, and the URL ends before it.
    Post,
}

impl WebhookMethod {
    /// Reads `GET` or `POST`.
    ///
    /// # Errors
    /// Returns `UnexpectedWord` for any other text.
    pub fn parse(text: &str) -> Result<Self, UnexpectedWord> {
        let mut all = [Self::Get, Self::Post].into_iter();
        all.find(|method| method.as_str().eq_ignore_ascii_case(text))
            .ok_or(UnexpectedWord {
                expected: "GET or POST",
            })
    }

    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// The URL of an endpoint, with tokens such as `[callee]` in its path and query.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EndpointUrl(String);

/// Why a text is not the URL of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// It is too long.
    #[error("expected at most {LONGEST} characters")]
    TooLong,
    /// It does not begin with `https://`.
    #[error("expected a URL that begins with https://")]
    NotHttps,
    /// It has a character that URLs spell with `%`.
    #[error("the character at position {0} has to be percent-encoded")]
    Character(usize),
    /// It names a user or a password before the host.
    #[error("a user or a password before the host is not supported; use a parameter")]
    UserInfo,
    /// It has a part behind a `#`, which is never sent.
    #[error("a part behind # is never sent; leave it out")]
    Fragment,
    /// There is no host, or a host or port that cannot be.
    #[error("expected a host, with a port from 1 to 65535 if any")]
    Host,
    /// The host is an address that deliveries are never sent to.
    #[error("the host is a private, local or reserved address, which deliveries are not sent to")]
    Address,
    /// A `[` without its `]`, a `]` without its `[`, or a token in the host.
    #[error("a token such as [callee] stands in the path or behind the ?, and has both brackets")]
    Bracket,
    /// There is no such token.
    #[error("[{0}] is not a token; the tokens are [{known}]", known = token::all().join("], ["))]
    UnknownToken(String),
}

/// The parts of a URL.
struct Parts<'a> {
    host: &'a str,
    /// The path, and the query behind it.
    rest: &'a str,
    secure: bool,
}

impl EndpointUrl {
    /// Reads a URL that anybody may have given: `https`, and no host that is a local or a private address.
    ///
    /// # Errors
    /// Returns `InvalidUrl` with what is wrong.
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        let url = Self::parse_local(text)?;
        let parts = parts(&url.0)?;
        if !parts.secure {
            return Err(InvalidUrl::NotHttps);
        }
        match names_this_machine(parts.host) || literal(parts.host).is_some_and(|ip| !is_public(ip))
        {
            true => Err(InvalidUrl::Address),
            false => Ok(url),
        }
    }

    /// Reads a URL as [`EndpointUrl::parse`] does, or one of this machine, for `callbook local`.
    ///
    /// # Errors
    /// Returns `InvalidUrl` with what is wrong.
    pub fn parse_local(text: &str) -> Result<Self, InvalidUrl> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Err(InvalidUrl::TooLong);
        }
        let bad = |c: char| !c.is_ascii_graphic() || "\"<>\\^`{|}".contains(c);
        if let Some(at) = text.chars().position(bad) {
            return Err(InvalidUrl::Character(at + 1));
        }
        if text.contains('#') {
            return Err(InvalidUrl::Fragment);
        }
        let parts = parts(text)?;
        for token in tokens(parts.rest)? {
            if !token::is_known(token) {
                return Err(InvalidUrl::UnknownToken(token.to_owned()));
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the URL with its tokens.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it has tokens.
    #[must_use]
    pub fn has_tokens(&self) -> bool {
        parts(&self.0).is_ok_and(|parts| parts.rest.contains('['))
    }

    /// Returns the URL up to the `?`: what is behind it may be a password.
    #[must_use]
    pub fn without_query(&self) -> &str {
        self.0.split('?').next().unwrap_or_default()
    }

    /// Returns the URL with the values of an event in place of its tokens.
    #[must_use]
    pub fn filled(&self, event: &Value) -> String {
        let Ok(Parts { rest, .. }) = parts(&self.0) else {
            return String::new();
        };
        let mut filled = self.0.strip_suffix(rest).unwrap_or_default().to_owned();
        let mut left = rest;
        while let Some((before, behind)) = left.split_once('[') {
            let (name, after) = behind.split_once(']').unwrap_or((behind, ""));
            filled.push_str(before);
            filled.push_str(&token::value(name, event));
            left = after;
        }
        filled.push_str(left);
        filled
    }
}

/// A query may hold a password, so it is not shown.
impl fmt::Debug for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EndpointUrl({})", self.without_query())
    }
}

impl TryFrom<String> for EndpointUrl {
    type Error = InvalidUrl;
    fn try_from(text: String) -> Result<Self, InvalidUrl> {
        Self::parse_local(&text)
    }
}

impl From<EndpointUrl> for String {
    fn from(url: EndpointUrl) -> Self {
        url.0
    }
}

fn parts(text: &str) -> Result<Parts<'_>, InvalidUrl> {
    let scheme = |scheme: &str| {
        let (head, rest) = text.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    let (secure, behind) = match (scheme("https://"), scheme("http://")) {
        (Some(behind), _) => (true, behind),
        (None, Some(behind)) => (false, behind),
        (None, None) => return Err(InvalidUrl::NotHttps),
    };
    let end = behind.find(['/', '?']).unwrap_or(behind.len());
    let (authority, rest) = behind.split_at_checked(end).ok_or(InvalidUrl::Host)?;
    if authority.contains('@') {
        return Err(InvalidUrl::UserInfo);
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(inner) => {
            let (address, port) = inner.split_once(']').ok_or(InvalidUrl::Bracket)?;
            let address = address.parse::<Ipv6Addr>().is_ok().then_some(address);
            (address.ok_or(InvalidUrl::Bracket)?, port)
        }
        None => {
            let end = authority.find(':').unwrap_or(authority.len());
            authority.split_at_checked(end).ok_or(InvalidUrl::Host)?
        }
    };
    let is_port = match port.strip_prefix(':') {
        Some(digits) => {
            digits.parse::<u16>().is_ok_and(|port| port > 0) && !digits.starts_with('+')
        }
        None => port.is_empty(),
    };
    if host.contains(['[', ']']) {
        return Err(InvalidUrl::Bracket);
    }
    let is_host_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
    if !is_port || host.is_empty() || !host.bytes().all(is_host_byte) {
        return Err(InvalidUrl::Host);
    }
    // Without http, only this machine is reached: a flag of `callbook local` allows it.
    if !secure && !names_this_machine(host) {
        return Err(InvalidUrl::NotHttps);
    }
    Ok(Parts { host, rest, secure })
}

/// The names in brackets.
fn tokens(text: &str) -> Result<Vec<&str>, InvalidUrl> {
    let mut found = Vec::new();
    let mut left = text;
    while let Some(at) = left.find(['[', ']']) {
        let (_, bracket) = left.split_at_checked(at).ok_or(InvalidUrl::Bracket)?;
        let inner = bracket.strip_prefix('[').ok_or(InvalidUrl::Bracket)?;
        let (name, after) = inner.split_once(']').ok_or(InvalidUrl::Bracket)?;
        if name.contains('[') {
            return Err(InvalidUrl::Bracket);
        }
        found.push(name);
        left = after;
    }
    Ok(found)
}

/// Whether a host says that it is this machine.
fn names_this_machine(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost"
        || host.ends_with(".localhost")
        || literal(&host).is_some_and(|ip| ip.is_loopback())
}

fn literal(host: &str) -> Option<std::net::IpAddr> {
    host.parse().ok()
}

/// Whether an address is one of the public internet: not private, local, shared, reserved, a test network, a
/// group, or a way into one of these by translation.
#[must_use]
pub fn is_public(address: std::net::IpAddr) -> bool {
    match address {
        std::net::IpAddr::V4(v4) => is_public_v4(v4),
        std::net::IpAddr::V6(v6) => is_public_v6(v6),
    }
}

/// The special-purpose registry of IANA for IPv4.
fn is_public_v4(address: Ipv4Addr) -> bool {
    !matches!(
        address.octets(),
        [0 | 10 | 127, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [192, 168, ..]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
            | [224..=255, ..]
    )
}

/// Only `2000::/3` is unicast of the internet. In it, `2001::/23` (Teredo and others), `2001:db8::/32`, `2002::/16` (6to4)
/// and `3fff::/20` are not. Mapped, translated (`64:ff9b::/96`), local and link-local addresses are outside of it.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x2002, ..] | [0x3fff, 0..=0x0fff, ..] => false,
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

#[cfg(test)]
mod tests;
