//! How webhooks and deliveries are shown.

use callbook::model::account::Account;
use callbook::model::time::Instant;
use callbook::model::webhook::{
    Attempt, Delivery, Description, Endpoint, EndpointId, OffReason, SigningSecret, WebhookFormat,
    WebhookMethod,
};
use serde::Serialize;

/// The endpoints of an account.
#[derive(Serialize)]
pub struct EndpointsView<'a> {
    pub webhooks: Vec<EndpointView<'a>>,
}

/// An endpoint as clients see it.
#[derive(Serialize)]
pub struct EndpointView<'a> {
    id: &'a str,
    url: &'a str,
    format: &'static str,
    method: Option<&'static str>,
    events: Option<Vec<&'static str>>,
    description: Option<&'a str>,
    status: &'static str,
    disabled_reason: Option<&'static str>,
    disabled_at: Option<String>,
    concurrency: u32,
    created_at: String,
    /// Shown once, to who created it.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl<'a> EndpointView<'a> {
    /// Shows an endpoint to its account. What is behind the `?` of its URL may be a password, so only who may
    /// change it sees that.
    pub fn of(endpoint: &'a Endpoint, account: &Account, may_change: bool) -> Self {
        let events = endpoint.events.as_ref();
        Self {
            id: endpoint.id.as_str(),
            url: match may_change {
                true => endpoint.url.as_str(),
                false => endpoint.url.without_query(),
            },
            format: endpoint.format.as_str(),
            method: endpoint.method.map(WebhookMethod::as_str),
            events: events.map(|events| events.iter().map(|kind| kind.as_str()).collect()),
            description: endpoint.description.as_ref().map(Description::as_str),
            status: endpoint.status.as_str(),
            disabled_reason: endpoint.off_reason.map(OffReason::as_str),
            disabled_at: endpoint.off_since.map(|since| since.rfc3339(&account.zone)),
            concurrency: endpoint.concurrency.into(),
            created_at: endpoint.created_at.rfc3339(&account.zone),
            secret: None,
        }
    }

    /// Adds the secret, where deliveries are signed.
    pub fn with_secret(self, endpoint: &Endpoint, secret: &SigningSecret) -> Self {
        let signs = endpoint.format == WebhookFormat::Standard;
        Self {
            secret: signs.then(|| secret.reveal()),
            ..self
        }
    }
}

/// An endpoint that was deleted.
#[derive(Serialize)]
pub struct DeletedView {
    pub id: EndpointId,
    pub deleted: bool,
}

/// A new secret.
#[derive(Serialize)]
pub struct NewSecretView {
    id: EndpointId,
    secret: String,
    older_secrets_until: Option<String>,
}

impl NewSecretView {
    /// Shows a new secret, once, and until when older ones sign too.
    pub fn of(
        id: EndpointId,
        secret: &SigningSecret,
        older: Option<Instant>,
        account: &Account,
    ) -> Self {
        Self {
            id,
            secret: secret.reveal(),
            older_secrets_until: older.map(|until| until.rfc3339(&account.zone)),
        }
    }
}

/// A page of deliveries.
#[derive(Serialize)]
pub struct DeliveriesView<'a> {
    pub deliveries: Vec<DeliveryView<'a>>,
    pub next_cursor: Option<String>,
}

/// A delivery as clients see it.
#[derive(Serialize)]
pub struct DeliveryView<'a> {
    id: String,
    webhook_id: &'a str,
    event_id: &'a str,
    event_type: &'a str,
    status: &'static str,
    attempts: u32,
    queued_at: String,
    next_attempt_at: Option<String>,
    ended_at: Option<String>,
    tries: Vec<AttemptView<'a>>,
}

#[derive(Serialize)]
struct AttemptView<'a> {
    at: String,
    duration_ms: u32,
    status: Option<u16>,
    error: Option<&'a str>,
    answer: Option<&'a str>,
}

impl<'a> DeliveryView<'a> {
    /// Shows a delivery to its account.
    pub fn of(delivery: &'a Delivery, account: &Account) -> Self {
        let shown = |instant: Instant| instant.rfc3339(&account.zone);
        let tries = delivery
            .tries
            .iter()
            .map(|attempt: &'a Attempt| AttemptView {
                at: shown(attempt.at),
                duration_ms: attempt.took_ms,
                status: attempt.status,
                error: attempt.error.as_deref(),
                answer: attempt.answer.as_deref(),
            });
        Self {
            id: delivery.id.to_string(),
            webhook_id: delivery.id.endpoint().as_str(),
            event_id: delivery.event_id.as_str(),
            event_type: &delivery.event_type,
            status: delivery.state.as_str(),
            attempts: delivery.attempts,
            queued_at: shown(delivery.queued_at),
            next_attempt_at: delivery.due.map(shown),
            ended_at: delivery.ended_at.map(shown),
            tries: tries.collect(),
        }
    }
}
