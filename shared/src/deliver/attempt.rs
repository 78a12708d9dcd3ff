//! One attempt of a delivery: the request, and what its answer means.

use std::time::Duration;

use serde_json::Value;

use crate::clock::Clock;
use crate::model::time::Instant;
use crate::model::webhook::answer::cleaned;
use crate::model::webhook::{
    Attempt, Delivery, Endpoint, SigningSecrets, WebhookFormat, WebhookMethod,
};
use crate::outbound::{Outbound, OutboundRequest, Verdict};

/// What an attempt came to.
pub(super) struct Outcome {
    pub(super) attempt: Attempt,
    pub(super) meaning: Meaning,
}

/// What it means for the delivery.
pub(super) enum Meaning {
    /// The receiver has it.
    Taken,
    /// The receiver is gone.
    Gone,
    /// It is to be tried again, after what the receiver asked for at least.
    NotTaken(Option<Duration>),
}

/// Sends a delivery.
pub(super) async fn attempt(
    outbound: &Outbound,
    clock: &Clock,
    endpoint: &Endpoint,
    (delivery, secrets): (&Delivery, &SigningSecrets),
) -> Outcome {
    let at = clock.now();
    let answered = outbound
        .send(request(endpoint, delivery, secrets, at))
        .await;
    let now = clock.now();
    let took = now.millis().saturating_sub(at.millis()).max(0);
    let mut attempt = Attempt {
        at,
        took_ms: u32::try_from(took).unwrap_or(u32::MAX),
        status: None,
        error: None,
        answer: None,
    };
    let meaning = match answered {
        Ok(received) => {
            attempt.status = Some(received.status);
            attempt.answer = cleaned(&received.beginning);
            match received.verdict() {
                Verdict::Taken => Meaning::Taken,
                Verdict::Gone => Meaning::Gone,
                Verdict::Refused => Meaning::NotTaken(received.asked_pause(now)),
                Verdict::Redirected => {
                    attempt.error = Some("redirects are not followed".to_owned());
                    Meaning::NotTaken(received.asked_pause(now))
                }
            }
        }
        Err(failure) => {
            attempt.error = Some(failure.to_string());
            Meaning::NotTaken(None)
        }
    };
    Outcome { attempt, meaning }
}

/// The request of a delivery. Its id is the event's, at each attempt.
fn request(
    endpoint: &Endpoint,
    delivery: &Delivery,
    secrets: &SigningSecrets,
    now: Instant,
) -> OutboundRequest {
    let id = delivery.event_id.as_str();
    let mut headers = vec![
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", now.seconds().to_string()),
    ];
    if endpoint.format == WebhookFormat::Standard {
        headers.push(("content-type", "application/cloudevents+json".to_owned()));
        let signature = secrets.signature(id, now, &delivery.event);
        headers.push(("webhook-signature", signature));
        return OutboundRequest {
            url: endpoint.url.as_str().to_owned(),
            post: true,
            headers,
            body: delivery.event.clone(),
        };
    }
    let event: Value = serde_json::from_str(&delivery.event).unwrap_or_default();
    let filled = endpoint.url.filled(&event);
    let post = endpoint.method == Some(WebhookMethod::Post);
    let (url, body) = match filled.split_once('?') {
        Some((url, form)) if post => (url.to_owned(), form.to_owned()),
        _ => (filled, String::new()),
    };
    if post {
        let form = "application/x-www-form-urlencoded";
        headers.push(("content-type", form.to_owned()));
    }
    OutboundRequest {
        url,
        post,
        headers,
        body,
    }
}
