//! The types of events.

use serde::{Deserialize, Serialize};

use crate::model::text::UnexpectedWord;

/// What an event tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum EventType {
    /// A call was reported for the first time.
    CallRecorded,
    /// A call shows something else than before: another report, another start, another disposition.
    CallUpdated,
    /// The end of a call became known.
    CallEnded,
    /// A vendor's bill was acknowledged.
    CostRecorded,
    /// A cost has a call since now.
    CostMatched,
    /// A cost has had no call for a day.
    CostUnmatched,
    /// A later bill took the place of a cost.
    CostSuperseded,
    /// A person took a cost back.
    CostVoided,
    /// A bill was refused, because its number is not the account's.
    CostRefused,
    /// A number called the account for the first time, or was queued for a dialer.
    LeadCreated,
    /// What is known of a lead changed.
    LeadUpdated,
    /// A piece of feedback about a number was recorded.
    FeedbackReceived,
    /// A callee waits for a dialer.
    RapidResponseQueued,
    /// A dialer called the callee.
    RapidResponseCompleted,
    /// No dialer called the callee.
    RapidResponseFailed,
    /// The account has a number since now.
    NumberBought,
    /// The account does not have the number any more.
    NumberReleased,
    /// A credential with the right secret was refused.
    CredentialRefused,
    /// A credential ends soon.
    CredentialExpiring,
    /// A credential reached its rate limit or its quota.
    LimitReached,
    /// A webhook was switched off, because its receiver is gone or fails all the time.
    WebhookDisabled,
}

/// The shape of an event's data, which is the name of its JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventShape {
    /// A call with its reports and costs.
    Call,
    /// A cost.
    Cost,
    /// A bill that was refused.
    RefusedBill,
    /// A lead.
    Lead,
    /// A piece of feedback.
    Feedback,
    /// An entry of the dialer's queue.
    QueueEntry,
    /// A number of the account.
    Number,
    /// A credential, without its secret.
    Credential,
    /// A credential and the limit that it reached.
    Limit,
    /// A webhook, without its URL.
    Webhook,
}

impl EventType {
    /// All types.
    pub const ALL: [Self; 21] = [
        Self::CallRecorded,
        Self::CallUpdated,
        Self::CallEnded,
        Self::CostRecorded,
        Self::CostMatched,
        Self::CostUnmatched,
        Self::CostSuperseded,
        Self::CostVoided,
        Self::CostRefused,
        Self::LeadCreated,
        Self::LeadUpdated,
        Self::FeedbackReceived,
        Self::RapidResponseQueued,
        Self::RapidResponseCompleted,
        Self::RapidResponseFailed,
        Self::NumberBought,
        Self::NumberReleased,
        Self::CredentialRefused,
        Self::CredentialExpiring,
        Self::LimitReached,
        Self::WebhookDisabled,
    ];

    /// Reads a type, such as `call.recorded`.
    ///
    /// # Errors
    /// Returns `UnexpectedWord` for any other text.
    pub fn parse(text: &str) -> Result<Self, UnexpectedWord> {
        let mut all = Self::ALL.into_iter();
        all.find(|kind| kind.as_str() == text)
            .ok_or(UnexpectedWord {
                expected: "a type of events such as call.recorded",
            })
    }

    /// Returns the type as events spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CallRecorded => "call.recorded",
            Self::CallUpdated => "call.updated",
            Self::CallEnded => "call.ended",
            Self::CostRecorded => "cost.recorded",
            Self::CostMatched => "cost.matched",
            Self::CostUnmatched => "cost.unmatched",
            Self::CostSuperseded => "cost.superseded",
            Self::CostVoided => "cost.voided",
            Self::CostRefused => "cost.refused",
            Self::LeadCreated => "lead.created",
            Self::LeadUpdated => "lead.updated",
            Self::FeedbackReceived => "feedback.received",
            Self::RapidResponseQueued => "rapidresponse.queued",
            Self::RapidResponseCompleted => "rapidresponse.completed",
            Self::RapidResponseFailed => "rapidresponse.failed",
            Self::NumberBought => "number.bought",
            Self::NumberReleased => "number.released",
            Self::CredentialRefused => "credential.refused",
            Self::CredentialExpiring => "credential.expiring",
            Self::LimitReached => "limit.reached",
            Self::WebhookDisabled => "webhook.disabled",
        }
    }

    /// Returns the shape of the data.
    #[must_use]
    pub fn shape(self) -> EventShape {
        match self {
            Self::CallRecorded | Self::CallUpdated | Self::CallEnded => EventShape::Call,
            Self::CostRecorded
            | Self::CostMatched
            | Self::CostUnmatched
            | Self::CostSuperseded
            | Self::CostVoided => EventShape::Cost,
            Self::CostRefused => EventShape::RefusedBill,
            Self::LeadCreated | Self::LeadUpdated => EventShape::Lead,
            Self::FeedbackReceived => EventShape::Feedback,
            Self::RapidResponseQueued
            | Self::RapidResponseCompleted
            | Self::RapidResponseFailed => EventShape::QueueEntry,
            Self::NumberBought | Self::NumberReleased => EventShape::Number,
            Self::CredentialRefused | Self::CredentialExpiring => EventShape::Credential,
            Self::LimitReached => EventShape::Limit,
            Self::WebhookDisabled => EventShape::Webhook,
        }
    }

    /// Returns the URI of the schema of the data, with its version.
    #[must_use]
    pub fn schema(self) -> String {
        format!("urn:callbook:schema:{}:v1", self.shape().as_str())
    }
}

impl EventShape {
    /// All shapes.
    pub const ALL: [Self; 10] = [
        Self::Call,
        Self::Cost,
        Self::RefusedBill,
        Self::Lead,
        Self::Feedback,
        Self::QueueEntry,
        Self::Number,
        Self::Credential,
        Self::Limit,
        Self::Webhook,
    ];

    /// Returns the name of the schema.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Cost => "cost",
            Self::RefusedBill => "refused-bill",
            Self::Lead => "lead",
            Self::Feedback => "feedback",
            Self::QueueEntry => "queue-entry",
            Self::Number => "number",
            Self::Credential => "credential",
            Self::Limit => "limit",
            Self::Webhook => "webhook",
        }
    }
}

impl TryFrom<String> for EventType {
    type Error = UnexpectedWord;
    fn try_from(text: String) -> Result<Self, UnexpectedWord> {
        Self::parse(&text)
    }
}

impl From<EventType> for String {
    fn from(kind: EventType) -> Self {
        kind.as_str().to_owned()
    }
}
