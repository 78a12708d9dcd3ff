//! Endpoint and IP rules: which paths a credential may use, and from which addresses.

use std::fmt;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

/// The longest endpoint rule, in bytes.
const MAX_RULE: usize = 1_024;

/// A request path as endpoint rules see it.
///
/// It is percent-decoded, starts with a slash, ends without one, and has no empty, `.` or `..`
/// segments. Two paths that a server may treat as the same have one normal form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NormalPath(String);

impl NormalPath {
    /// The maximum number of decodings: a proxy on the way may decode, and so may the server.
    const ROUNDS: usize = 3;

    /// Normalizes the path of a request. Every text has a normal form. A `..` beyond the root stays
    /// there.
    #[must_use]
    pub fn of(raw: &str) -> Self {
        let path = Self::decoded(raw);
        let mut segments = Vec::new();
        for segment in path.split('/') {
            match segment {
                "" | "." => {}
                ".." => drop(segments.pop()),
                _ => segments.push(segment),
            }
        }
        Self(format!("/{}", segments.join("/")))
    }

    /// Returns the path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Decodes a path as far as its normal form is decoded. Its empty, `.` and `..` segments stay.
    #[must_use]
    pub fn decoded(raw: &str) -> String {
        let mut path = raw.to_owned();
        for _ in 0..Self::ROUNDS {
            let decoded = percent_decode_str(&path).decode_utf8_lossy().into_owned();
            if decoded == path {
                break;
            }
            path = decoded;
        }
        path
    }
}

/// A path that a credential may use: exact, or with `*` for any run of characters.
///
/// A run may be empty and may contain `/`. A rule may have any number of `*`, anywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EndpointRule(String);

impl EndpointRule {
    /// Reads a new rule. Trailing slashes are dropped, as in paths, and white space around it.
    ///
    /// # Errors
    /// Returns `InvalidRule` if the text is empty, longer than 1,024 bytes, starts with neither `/` nor
    /// `*`, or is spelled as no normalized path is, so that it would never match.
    pub fn parse(text: &str) -> Result<Self, InvalidRule> {
        let rule = Self::read(text)?;
        let slash = if rule.0.starts_with('/') { "" } else { "/" };
        let as_a_path = format!("{slash}{}", rule.0);
        if rule.0.contains('?') || NormalPath::of(&as_a_path).0 != as_a_path {
            return Err(InvalidRule::NotNormal);
        }
        Ok(rule)
    }

    /// Reads a stored rule, which may be older than the check of its spelling.
    fn read(text: &str) -> Result<Self, InvalidRule> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidRule::Empty);
        }
        if text.len() > MAX_RULE {
            return Err(InvalidRule::TooLong);
        }
        if !text.starts_with(['/', '*']) {
            return Err(InvalidRule::NotAPath);
        }
        // A rule is read again as it was written, so no white space is left where a slash was.
        let rule = text.trim_end_matches(|end: char| end == '/' || end.is_whitespace());
        Ok(Self(if rule.is_empty() { "/" } else { rule }.to_owned()))
    }

    /// Whether the credential may use `path`. Takes time proportional to the path's length.
    #[must_use]
    pub fn matches(&self, path: &NormalPath) -> bool {
        let Some((start, rest)) = self.0.split_once('*') else {
            return self.0 == path.0;
        };
        let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
        let between = path
            .0
            .strip_prefix(start)
            .and_then(|path| path.strip_suffix(end));
        // The first place where a part fits leaves the most text for the parts after it, so the match
        // never backtracks.
        between.is_some_and(|mut left| {
            middle.split('*').all(|part| match left.split_once(part) {
                Some((_, behind)) => {
                    left = behind;
                    true
                }
                None => false,
            })
        })
    }
}

impl fmt::Display for EndpointRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for EndpointRule {
    type Error = InvalidRule;
    fn try_from(text: String) -> Result<Self, InvalidRule> {
        Self::read(&text)
    }
}

impl From<EndpointRule> for String {
    fn from(rule: EndpointRule) -> Self {
        rule.0
    }
}

/// An address, or a range of addresses, that a credential may be used from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IpRule(IpNet);

impl IpRule {
    /// Reads an IPv4 or IPv6 address, or a range in CIDR notation.
    ///
    /// Bits after the prefix are ignored. IPv4 addresses mapped into IPv6 are read as IPv4.
    ///
    /// # Errors
    /// Returns `InvalidRule` if the text is neither.
    pub fn parse(text: &str) -> Result<Self, InvalidRule> {
        let text = text.trim();
        let net = match text.parse::<IpNet>() {
            Ok(net) => net.trunc(),
            Err(_) => IpNet::from(
                text.parse::<IpAddr>()
                    .map_err(|_| InvalidRule::NotAnAddress)?,
            ),
        };
        Ok(Self(unmapped(net)))
    }

    /// Whether the credential may be used from `address`.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

/// Returns the IPv4 range for an IPv6 range within `::ffff:0:0/96`.
fn unmapped(net: IpNet) -> IpNet {
    let IpNet::V6(v6) = net else { return net };
    match (v6.addr().to_ipv4_mapped(), v6.prefix_len().checked_sub(96)) {
        (Some(v4), Some(prefix)) => Ipv4Net::new(v4, prefix).map_or(net, IpNet::V4),
        _ => net,
    }
}

impl fmt::Display for IpRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() {
            self.0.addr().fmt(f)
        } else {
            self.0.fmt(f)
        }
    }
}

impl TryFrom<String> for IpRule {
    type Error = InvalidRule;
    fn try_from(text: String) -> Result<Self, InvalidRule> {
        Self::parse(&text)
    }
}

impl From<IpRule> for String {
    fn from(rule: IpRule) -> Self {
        rule.to_string()
    }
}

/// Reason why a text is not a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRule {
    /// Only white space.
    #[error("the rule is empty")]
    Empty,
    /// More than 1,024 bytes.
    #[error("a rule has at most 1024 bytes")]
    TooLong,
    /// Neither a path nor a pattern: a domain, for instance.
    #[error("a rule is a path without the domain: it starts with / or *")]
    NotAPath,
    /// A spelling that no decoded path has.
    #[error(
        "a rule is held against the decoded path without a query string: it has no //, no segment . or .., no \
         % and two digits, and no ?"
    )]
    NotNormal,
    /// Neither an address nor a range.
    #[error("expected an address or a range, such as 203.0.113.7, 10.0.0.0/8 or 2001:db8::/32")]
    NotAnAddress,
}

#[cfg(test)]
mod tests;
