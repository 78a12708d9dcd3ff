//! Lets in who has the engine's access key: checks the signature of every request (AWS Signature Version 4).
//!
//! The signature is made once more, with the signer of the AWS SDK, and compared. It covers the operation, the
//! body, the host and the time, so a request proves the secret without sending it.

use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::config::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use callbook::clock::Clock;
use http::request::Parts;
use http::{HeaderMap, Method};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use subtle::ConstantTimeEq;

use crate::engine::key::AccessKey;
use crate::foreign::{self, Foreign};

const ALGORITHM: &str = "AWS4-HMAC-SHA256 ";
const SERVICE: &str = "dynamodb";
const DATE: &str = "x-amz-date";

/// How far the time of a signature may be from the engine's, as in AWS.
const SKEW: Duration = Duration::from_secs(15 * 60);

/// Why a request is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A web page sent it, or it is for a foreign host.
    Foreign(Foreign),
    /// It is no `POST` to `/`, as all requests to DynamoDB are.
    NotARequest,
    /// It is not signed.
    Unsigned,
    /// Its access key or its signature is wrong.
    WrongKey,
    /// Its time is more than 15 minutes from the engine's.
    WrongTime,
}

impl Refusal {
    /// The type of the error as DynamoDB names it, and a message that says what to do.
    pub fn error(self) -> (&'static str, &'static str) {
        match self {
            Self::Foreign(Foreign::Page) => (
                "AccessDeniedException",
                "This engine serves no web pages, only programs.",
            ),
            Self::Foreign(Foreign::Host) => (
                "AccessDeniedException",
                "This engine is served as 127.0.0.1 and as localhost only.",
            ),
            Self::NotARequest => (
                "UnknownOperationException",
                "Requests to DynamoDB are POST requests to /.",
            ),
            Self::Unsigned => (
                "MissingAuthenticationTokenException",
                "The request is not signed. The key is in the engine's data folder, in engine.credentials.",
            ),
            Self::WrongKey => (
                "UnrecognizedClientException",
                "The access key is not this engine's. Unset AWS_ACCESS_KEY_ID, and commands find the key of your own engine; \
                 it is in the engine's data folder, in engine.credentials.",
            ),
            Self::WrongTime => (
                "InvalidSignatureException",
                "Signature expired: its time is more than 15 minutes from that of the engine.",
            ),
        }
    }
}

/// What a request claims to be signed with.
#[derive(Debug)]
struct Claim<'a> {
    id: &'a str,
    date: &'a str,
    region: &'a str,
    signed_headers: Vec<&'a str>,
    signature: &'a str,
}

/// Checks whether a request may be read: it is no web page's, is for this machine, and names the access key.
///
/// # Errors
/// Returns every `Refusal` but `WrongTime`.
pub fn admit(parts: &Parts, key: &AccessKey) -> Result<(), Refusal> {
    foreign::check(parts).map_err(Refusal::Foreign)?;
    if parts.method != Method::POST || parts.uri.path() != "/" || parts.uri.query().is_some() {
        return Err(Refusal::NotARequest);
    }
    let claim = Claim::of(&parts.headers).ok_or(Refusal::Unsigned)?;
    match bool::from(claim.id.as_bytes().ct_eq(key.id().as_bytes())) {
        true => Ok(()),
        false => Err(Refusal::WrongKey),
    }
}

/// Checks that an admitted request and its body were signed with `key`, just now.
///
/// # Errors
/// Returns `WrongKey` or `WrongTime`.
pub fn verify(parts: &Parts, body: &[u8], key: &AccessKey) -> Result<(), Refusal> {
    let claim = Claim::of(&parts.headers).ok_or(Refusal::Unsigned)?;
    let time = signed_at(&parts.headers).ok_or(Refusal::Unsigned)?;
    let expected = signature(parts, body, key).ok_or(Refusal::WrongKey)?;
    let right = claim.signature.as_bytes().ct_eq(expected.as_bytes());
    if !bool::from(right) {
        return Err(Refusal::WrongKey);
    }
    let now = SystemTime::UNIX_EPOCH
        + Duration::from_millis(u64::try_from(Clock::system().now().millis()).unwrap_or(0));
    let apart = now
        .duration_since(time)
        .unwrap_or_else(|ahead| ahead.duration());
    match apart <= SKEW {
        true => Ok(()),
        false => Err(Refusal::WrongTime),
    }
}

impl<'a> Claim<'a> {
    /// Reads the `Authorization` header.
    ///
    /// Returns `None` if it is no signature of Version 4, or one that leaves out the host, the time or another
    /// `x-amz-` header: whoever recorded such a request could send it with another operation.
    fn of(headers: &'a HeaderMap) -> Option<Self> {
        let mut all = headers.get_all(http::header::AUTHORIZATION).iter();
        let (header, None) = (all.next()?.to_str().ok()?, all.next()) else {
            return None;
        };
        let fields = header.strip_prefix(ALGORITHM)?;
        let value = |name: &str| {
            let mut pairs = fields
                .split(',')
                .filter_map(|field| field.trim().split_once('='));
            pairs.find_map(|(found, value)| (found == name).then_some(value))
        };
        let mut scope = value("Credential")?.split('/');
        let (id, date, region) = (scope.next()?, scope.next()?, scope.next()?);
        if scope.next() != Some(SERVICE) || scope.next() != Some("aws4_request") {
            return None;
        }
        let signed_headers: Vec<&str> = value("SignedHeaders")?.split(';').collect();
        let is_signed = |name: &str| signed_headers.contains(&name);
        let complete = is_signed("host")
            && is_signed(DATE)
            && headers
                .keys()
                .all(|name| !name.as_str().starts_with("x-amz-") || is_signed(name.as_str()));
        complete.then_some(Self {
            id,
            date,
            region,
            signature: value("Signature")?,
            signed_headers,
        })
    }
}

/// Reads the time of a signature, such as `20261126T101904Z`.
fn signed_at(headers: &HeaderMap) -> Option<SystemTime> {
    let text = headers.get(DATE)?.to_str().ok()?;
    let time = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp().into())
}

/// Returns the signature that `key` gives to a request with these parts, or `None` if they name no way to sign.
///
/// The `Authorization` of the parts says which headers are signed, and for which day and region.
#[must_use]
pub fn signature(parts: &Parts, body: &[u8], key: &AccessKey) -> Option<String> {
    let claim = Claim::of(&parts.headers)?;
    let time = signed_at(&parts.headers)?;
    // The signer takes the day from the time.
    let day = parts.headers.get(DATE)?.to_str().ok()?.get(..8)?;
    if claim.date != day {
        return None;
    }
    let mut headers = Vec::new();
    for (name, value) in &parts.headers {
        // The signer adds the time.
        if name.as_str() != DATE && claim.signed_headers.contains(&name.as_str()) {
            headers.push((name.as_str(), value.to_str().ok()?));
        }
    }
    let mut settings = SigningSettings::default();
    // The list of the request says which headers count.
    settings.excluded_headers = None;
    let identity = Credentials::new(key.id(), key.secret(), None, None, "engine").into();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(claim.region)
        .name(SERVICE)
        .time(time)
        .settings(settings)
        .build()
        .ok()?
        .into();
    let request = SignableRequest::new(
        parts.method.as_str(),
        parts.uri.path(),
        headers.into_iter(),
        SignableBody::Bytes(body),
    );
    let signed = sign(request.ok()?, &parameters).ok()?;
    Some(signed.signature().to_owned())
}
