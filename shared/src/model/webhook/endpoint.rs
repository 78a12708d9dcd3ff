//! A webhook endpoint: where an account wants to be told of its events.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ids::EndpointId;
use super::url::{EndpointUrl, WebhookFormat, WebhookMethod};
use crate::model::event::EventType;
use crate::model::short_text::ShortText;
use crate::model::text::UnexpectedWord;
use crate::model::time::Instant;

/// What an endpoint is for, in words: 1 to 240 characters.
pub type Description = ShortText<240>;

/// How many deliveries to an endpoint may be under way at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Concurrency(u32);

impl Concurrency {
    /// The most.
    pub const MOST: u32 = 20;

    /// Takes a number.
    ///
    /// # Errors
    /// Returns `InvalidConcurrency` if it is not from 1 to 20.
    pub fn new(number: u32) -> Result<Self, InvalidConcurrency> {
        match (1..=Self::MOST).contains(&number) {
            true => Ok(Self(number)),
            false => Err(InvalidConcurrency),
        }
    }
}

impl Default for Concurrency {
    fn default() -> Self {
        Self(4)
    }
}

impl TryFrom<u32> for Concurrency {
    type Error = InvalidConcurrency;
    fn try_from(number: u32) -> Result<Self, InvalidConcurrency> {
        Self::new(number)
    }
}

impl From<Concurrency> for u32 {
    fn from(concurrency: Concurrency) -> Self {
        concurrency.0
    }
}

/// The number is too small or too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a whole number from 1 to 20")]
pub struct InvalidConcurrency;

/// Whether deliveries are sent to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EndpointState {
    /// They are.
    Enabled,
    /// They are not, and what happens meanwhile is not delivered later.
    Disabled,
}

impl EndpointState {
    /// Reads `enabled` or `disabled`.
    ///
    /// # Errors
    /// Returns `UnexpectedWord` for any other text.
    pub fn parse(text: &str) -> Result<Self, UnexpectedWord> {
        let mut all = [Self::Enabled, Self::Disabled].into_iter();
        all.find(|state| state.as_str() == text)
            .ok_or(UnexpectedWord {
                expected: "enabled or disabled",
            })
    }

    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        }
    }
}

/// Why an endpoint is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OffReason {
    /// A person said so.
    Asked,
    /// The receiver answered that it is gone for good.
    Gone,
    /// Every delivery of five days failed.
    Failing,
}

impl OffReason {
    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }
}

/// A webhook endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its id.
    #[serde(rename = "endpoint_id")]
    pub id: EndpointId,
    /// Where deliveries are sent.
    pub url: EndpointUrl,
    /// How they look.
    pub format: WebhookFormat,
    /// The method of a plain endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<WebhookMethod>,
    /// The types of events that it wants; `None` for all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<BTreeSet<EventType>>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
    /// Whether deliveries are sent.
    pub status: EndpointState,
    /// Why not, if they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_reason: Option<OffReason>,
    /// Since when not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_since: Option<Instant>,
    /// How many deliveries may be under way at the same time.
    pub concurrency: Concurrency,
    /// When it was created.
    pub created_at: Instant,
    /// Counts the changes.
    pub revision: u32,
}

impl Endpoint {
    /// How many endpoints an account can have: each event is written for each that wants it.
    pub const MOST: usize = 20;

    /// Whether an event is to be delivered to it.
    #[must_use]
    pub fn wants(&self, kind: EventType) -> bool {
        let chosen = self.events.as_ref();
        self.status == EndpointState::Enabled && chosen.is_none_or(|events| events.contains(&kind))
    }

    /// Returns the endpoint disabled for a reason.
    #[must_use]
    pub fn switched_off(mut self, reason: OffReason, now: Instant) -> Self {
        if self.status == EndpointState::Enabled {
            self.status = EndpointState::Disabled;
            self.off_reason = Some(reason);
            self.off_since = Some(now);
        }
        self
    }
}

/// A change of an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointChange {
    /// Where deliveries are sent.
    pub url: Option<EndpointUrl>,
    /// The types of events that it wants; `Some(None)` for all of them.
    pub events: Option<Option<BTreeSet<EventType>>>,
    /// What it is for.
    pub description: Option<Description>,
    /// Whether deliveries are sent.
    pub status: Option<EndpointState>,
    /// How many deliveries may be under way at the same time.
    pub concurrency: Option<Concurrency>,
}

/// Tokens only make sense in the URL of a plain endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("tokens such as [callee] are for endpoints of the format plain")]
pub struct TokensInStandard;

impl EndpointChange {
    /// Returns the endpoint with the change.
    ///
    /// # Errors
    /// Returns `TokensInStandard` if the new URL has tokens and the endpoint's format has none.
    pub fn applied_to(
        &self,
        endpoint: &Endpoint,
        now: Instant,
    ) -> Result<Endpoint, TokensInStandard> {
        let mut new = endpoint.clone();
        if let Some(url) = &self.url {
            if endpoint.format == WebhookFormat::Standard && url.has_tokens() {
                return Err(TokensInStandard);
            }
            new.url = url.clone();
        }
        if let Some(events) = &self.events {
            new.events.clone_from(events);
        }
        if let Some(description) = &self.description {
            new.description = Some(description.clone());
        }
        if let Some(concurrency) = self.concurrency {
            new.concurrency = concurrency;
        }
        match self.status {
            Some(EndpointState::Enabled) => {
                new.status = EndpointState::Enabled;
                new.off_reason = None;
                new.off_since = None;
            }
            Some(EndpointState::Disabled) => new = new.switched_off(OffReason::Asked, now),
            None => {}
        }
        Ok(new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint() -> Endpoint {
        Endpoint {
            id: EndpointId::parse("we_0707070707070707").unwrap(),
            url: EndpointUrl::parse("https://example.com/").unwrap(),
            format: WebhookFormat::Standard,
            method: None,
            events: Some(BTreeSet::from([EventType::CostUnmatched])),
            description: None,
            status: EndpointState::Enabled,
            off_reason: None,
            off_since: None,
            concurrency: Concurrency::default(),
            created_at: Instant::from_millis(0),
            revision: 0,
        }
    }

    #[test]
    fn an_endpoint_wants_what_it_chose_while_it_is_enabled() {
        let mut endpoint = endpoint();
        assert!(endpoint.wants(EventType::CostUnmatched) && !endpoint.wants(EventType::CallEnded));
        endpoint.events = None;
        assert!(EventType::ALL.into_iter().all(|kind| endpoint.wants(kind)));
        let off = endpoint.switched_off(OffReason::Gone, Instant::from_millis(7));
        assert!(!off.wants(EventType::CostUnmatched));
        let again = off
            .clone()
            .switched_off(OffReason::Failing, Instant::from_millis(8));
        assert_eq!(again, off, "the first reason stays");
        let on = EndpointChange {
            status: Some(EndpointState::Enabled),
            ..EndpointChange::default()
        };
        let on = on.applied_to(&off, Instant::from_millis(9)).unwrap();
        assert_eq!(
            (on.status, on.off_reason, on.off_since),
            (EndpointState::Enabled, None, None)
        );
    }

    #[test]
    fn a_standard_endpoint_takes_no_tokens() {
        let change = EndpointChange {
            url: Some(EndpointUrl::parse("https://example.com/[callee]").unwrap()),
            ..EndpointChange::default()
        };
        let now = Instant::from_millis(0);
        assert_eq!(change.applied_to(&endpoint(), now), Err(TokensInStandard));
        let plain = Endpoint {
            format: WebhookFormat::Plain,
            ..endpoint()
        };
        assert!(change.applied_to(&plain, now).unwrap().url.has_tokens());
    }
}
