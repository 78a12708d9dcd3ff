//! A delivery: one event for one endpoint, and what became of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::answer::Attempt;
use super::ids::{DeliveryId, EndpointId, short_hash};
use crate::model::account::AccountId;
use crate::model::event::{Event, EventId};
use crate::model::text::UnexpectedWord;
use crate::model::time::{Instant, Zone};

/// How long a delivery is kept after its event was handed out.
pub const KEPT: Duration = Duration::from_secs(30 * 24 * 3_600);

/// The type of the event that tests an endpoint.
pub const TEST: &str = "webhook.test";

/// How many attempts the log keeps, the latest.
const ATTEMPTS_KEPT: usize = 12;

/// What has become of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// It is to be sent.
    Pending,
    /// The receiver took it.
    Delivered,
    /// Every attempt failed.
    Failed,
}

impl DeliveryState {
    /// Reads `pending`, `delivered` or `failed`.
    ///
    /// # Errors
    /// Returns `UnexpectedWord` for any other text.
    pub fn parse(text: &str) -> Result<Self, UnexpectedWord> {
        let mut all = [Self::Pending, Self::Delivered, Self::Failed].into_iter();
        all.find(|state| state.as_str() == text)
            .ok_or(UnexpectedWord {
                expected: "pending, delivered or failed",
            })
    }

    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

/// One event for one endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its id.
    #[serde(rename = "delivery_id")]
    pub id: DeliveryId,
    /// The event's id, which receivers get as `webhook-id`.
    pub event_id: EventId,
    /// The event's type.
    pub event_type: String,
    /// The event, as it is sent.
    pub event: String,
    /// What order is kept within, as 16 hex digits.
    pub line: String,
    /// Its place in its line.
    pub place: String,
    /// What has become of it.
    #[serde(rename = "status")]
    pub state: DeliveryState,
    /// How often it was sent.
    pub attempts: u32,
    /// How often it was sent since it was queued, or queued again.
    pub round: u32,
    /// The latest attempts, from the earliest to the latest.
    pub tries: Vec<Attempt>,
    /// When it was handed out.
    pub queued_at: Instant,
    /// When it is sent next, while it is pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Instant>,
    /// When it was delivered or given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Instant>,
    /// When the table removes it, in seconds.
    pub expires_at: i64,
}

impl Delivery {
    /// The delivery of an event to an endpoint, due at once.
    #[must_use]
    pub fn of(event: &Event, endpoint: &EndpointId, now: Instant) -> Self {
        Self::new(
            DeliveryId::new(endpoint, event.time, event.id.as_str()),
            (event.id.clone(), event.kind.as_str()),
            event.to_json(),
            (event.line.as_str(), &event.place),
            now,
        )
    }

    /// The delivery of an event that only tests an endpoint. It has example values for the tokens of a URL.
    #[must_use]
    pub fn test(account: &AccountId, endpoint: &EndpointId, guid: &str, now: Instant) -> Self {
        let id = EventId::of(&[TEST, endpoint.as_str(), guid]);
        let event = json!({
            "specversion": "1.0",
            "id": id.as_str(),
            "source": format!("urn:callbook:account:{account}"),
            "type": TEST,
            "subject": format!("webhook/{endpoint}"),
            "time": now.rfc3339(&Zone::utc()),
            "datacontenttype": "application/json",
            "data": {
                "endpoint_id": endpoint.as_str(),
                "callee": "+12065550100",
                "cid": "+12065550100",
                "did": "+12065550199",
                "whisper_text": "A test of this webhook",
            },
        });
        let id_text = id.as_str().to_owned();
        Self::new(
            DeliveryId::new(endpoint, now, &id_text),
            (id, TEST),
            event.to_string(),
            (&id_text, ""),
            now,
        )
    }

    fn new(
        id: DeliveryId,
        (event_id, kind): (EventId, &str),
        event: String,
        (line, place): (&str, &str),
        now: Instant,
    ) -> Self {
        Self {
            id,
            event_id,
            event_type: kind.to_owned(),
            event,
            line: short_hash(line),
            place: place.to_owned(),
            state: DeliveryState::Pending,
            attempts: 0,
            round: 0,
            tries: Vec::new(),
            queued_at: now,
            due: Some(now),
            ended_at: None,
            expires_at: now.plus(KEPT).seconds(),
        }
    }

    /// Whether it is still kept: the table may remove it later.
    #[must_use]
    pub fn is_kept(&self, now: Instant) -> bool {
        now.seconds() < self.expires_at
    }

    /// Returns the delivery after an attempt that brought it to its end, or to `due`.
    #[must_use]
    pub fn after(&self, attempt: Attempt, state: DeliveryState, due: Option<Instant>) -> Self {
        let mut new = self.clone();
        let ended = attempt
            .at
            .plus(Duration::from_millis(attempt.took_ms.into()));
        new.attempts += 1;
        new.round += 1;
        new.tries.push(attempt);
        let surplus = new.tries.len().saturating_sub(ATTEMPTS_KEPT);
        new.tries.drain(..surplus);
        new.state = state;
        new.due = due;
        new.ended_at = (state != DeliveryState::Pending).then_some(ended);
        new
    }

    /// Returns the pending delivery with its next attempt now.
    #[must_use]
    pub fn brought_forward(&self, now: Instant) -> Self {
        Self {
            due: Some(now),
            ..self.clone()
        }
    }

    /// Returns the delivery queued again, in a line of its own: what came after it does not wait for it.
    #[must_use]
    pub fn queued_again(&self, now: Instant) -> Self {
        Self {
            line: short_hash(&self.id.to_string()),
            state: DeliveryState::Pending,
            round: 0,
            due: Some(now),
            ended_at: None,
            expires_at: now.plus(KEPT).seconds(),
            ..self.clone()
        }
    }
}
