//! The ids of webhook endpoints and of deliveries to them.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::model::time::Instant;

/// The id of a webhook endpoint: `we_` and 16 hex digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EndpointId(String);

impl EndpointId {
    pub(crate) fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(format!("we_{}", hex::encode(bytes)))
    }

    /// Reads an endpoint id.
    ///
    /// # Errors
    /// Returns `InvalidEndpointId` if the text is not `we_` and 16 hex digits.
    pub fn parse(text: &str) -> Result<Self, InvalidEndpointId> {
        let text = text.trim().to_ascii_lowercase();
        match text.strip_prefix("we_") {
            Some(digits) if is_hex(digits) => Ok(Self(text)),
            _ => Err(InvalidEndpointId),
        }
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn digits(&self) -> &str {
        self.0.strip_prefix("we_").unwrap_or_default()
    }
}

impl fmt::Display for EndpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for EndpointId {
    type Error = InvalidEndpointId;
    fn try_from(text: String) -> Result<Self, InvalidEndpointId> {
        Self::parse(&text)
    }
}

impl From<EndpointId> for String {
    fn from(id: EndpointId) -> Self {
        id.0
    }
}

/// The text is not the id of a webhook endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a webhook's id: we_ and 16 hex digits")]
pub struct InvalidEndpointId;

/// The id of the delivery of an event to an endpoint: `wd_`, the endpoint, when the event was, and the event.
///
/// The same event makes the same id for the same endpoint, however often it is handed out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeliveryId {
    endpoint: EndpointId,
    /// 14 digits: milliseconds since 1970.
    at: String,
    /// 16 hex digits of the event's id.
    event: String,
}

impl DeliveryId {
    /// Makes the id of the delivery of the event `event`, which was at `at`, to an endpoint.
    #[must_use]
    pub fn new(endpoint: &EndpointId, at: Instant, event: &str) -> Self {
        Self {
            endpoint: endpoint.clone(),
            at: format!("{:014}", at.millis().max(0)),
            event: short_hash(event),
        }
    }

    /// Reads a delivery id.
    ///
    /// # Errors
    /// Returns `InvalidDeliveryId` if the text is not one.
    pub fn parse(text: &str) -> Result<Self, InvalidDeliveryId> {
        let text = text.trim().to_ascii_lowercase();
        let mut parts = text.strip_prefix("wd_").unwrap_or_default().split('_');
        let (Some(endpoint), Some(at), Some(event), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidDeliveryId);
        };
        let is_moment = at.len() == 14 && at.bytes().all(|byte| byte.is_ascii_digit());
        if !is_moment || !is_hex(endpoint) || !is_hex(event) {
            return Err(InvalidDeliveryId);
        }
        Ok(Self {
            endpoint: EndpointId(format!("we_{endpoint}")),
            at: at.to_owned(),
            event: event.to_owned(),
        })
    }

    /// Returns the endpoint.
    #[must_use]
    pub fn endpoint(&self) -> &EndpointId {
        &self.endpoint
    }

    /// Returns what sorts the deliveries to an endpoint by time: 14 digits, `#` and 16 hex digits.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}#{}", self.at, self.event)
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            endpoint,
            at,
            event,
        } = self;
        write!(f, "wd_{}_{at}_{event}", endpoint.digits())
    }
}

impl TryFrom<String> for DeliveryId {
    type Error = InvalidDeliveryId;
    fn try_from(text: String) -> Result<Self, InvalidDeliveryId> {
        Self::parse(&text)
    }
}

impl From<DeliveryId> for String {
    fn from(id: DeliveryId) -> Self {
        id.to_string()
    }
}

/// The text is not the id of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a delivery's id, which begins with wd_")]
pub struct InvalidDeliveryId;

/// Returns 16 hex digits that stand for a text in keys: the text may be long, or name a person's number.
#[must_use]
pub fn short_hash(text: &str) -> String {
    let mut digits = hex::encode(Sha256::digest(text.as_bytes()));
    digits.truncate(16);
    digits
}

fn is_hex(digits: &str) -> bool {
    digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_are_read_back_and_others_are_refused() {
        let endpoint = EndpointId::from_bytes([7; 8]);
        assert_eq!(EndpointId::parse(endpoint.as_str()), Ok(endpoint.clone()));
        let id = DeliveryId::new(
            &endpoint,
            Instant::from_millis(1_795_262_400_123),
            "an event",
        );
        assert_eq!(DeliveryId::parse(&id.to_string()), Ok(id.clone()));
        assert_eq!(id.endpoint(), &endpoint);
        assert!(id.place().starts_with("01795262400123#"), "{}", id.place());
        for bad in [
            "",
            "we_",
            "we_070707070707070",
            "we_07070707070707070",
            "cred_0707070707070707",
            "we_070707070707070g",
        ] {
            assert!(EndpointId::parse(bad).is_err(), "{bad}");
        }
        for bad in [
            "",
            "wd_",
            "wd_0707070707070707",
            "wd_0707070707070707_01795262400123",
            "wd_0707070707070707_1795262400123_0707070707070707",
            "wd_0707070707070707_01795262400123_0707070707070707_1",
            "wd_0707070707070707_0179526240012a_0707070707070707",
            "we_0707070707070707_01795262400123_0707070707070707",
        ] {
            assert!(DeliveryId::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_the_same(text in "w[de]_[0-9a-f_]{14,60}") {
            if let Ok(id) = DeliveryId::parse(&text) {
                prop_assert_eq!(id.to_string(), text.clone());
            }
            if let Ok(id) = EndpointId::parse(&text) {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
