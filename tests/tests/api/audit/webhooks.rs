//! Endpoints and deliveries that are damaged.

use super::{Case, n, prove, s};

pub(super) const CASES: &[Case] = &[
    Case {
        rule: "webhook-parts",
        damage: |t| {
            let secrets = t.find("webhook_secrets", |_| true);
            t.remove(secrets);
            let endpoint = t.find("webhook", |_| true);
            vec![t.key(endpoint, "it has no secrets")]
        },
    },
    Case {
        rule: "webhook-parts",
        damage: |t| {
            let endpoint = t.find("webhook", |_| true);
            t.remove(endpoint);
            ["webhook_secrets", "webhook_progress"]
                .map(|kind| t.find(kind, |_| true))
                .map(|part| t.key(part, "its endpoint does not exist"))
                .to_vec()
        },
    },
    Case {
        rule: "webhook-parts",
        damage: |t| {
            let progress = t.find("webhook_progress", |_| true);
            t.set(progress, "failures", n(3));
            vec![t.key(progress, "failures and their beginning differ")]
        },
    },
    Case {
        rule: "webhook-off",
        damage: |t| {
            let endpoint = t.find("webhook", |_| true);
            t.set(endpoint, "status", s("disabled"));
            vec![t.key(endpoint, "status and reason differ")]
        },
    },
    Case {
        rule: "delivery-pending",
        damage: |t| {
            let pointer = t.find("delivery_line", |_| true);
            let due = t.number(pointer, "due");
            t.set(pointer, "due", n(due + 1));
            let id = t.text(pointer, "delivery_id");
            let delivery = t.find("delivery", |one| one.text("delivery_id") == Some(&id));
            vec![t.key(delivery, "it is due at two times")]
        },
    },
    Case {
        rule: "delivery-pending",
        damage: |t| {
            let delivery = t.find("delivery", |_| true);
            let id = t.text(delivery, "delivery_id");
            t.remove(delivery);
            ["delivery_due", "delivery_line"]
                .map(|kind| t.find(kind, |one| one.text("delivery_id") == Some(&id)))
                .map(|pointer| t.key(pointer, "its delivery does not exist"))
                .to_vec()
        },
    },
    Case {
        rule: "delivery-end",
        damage: |t| {
            let delivery = t.find("delivery", |_| true);
            t.set(delivery, "attempts", n(3));
            vec![t.key(delivery, "attempts and their list differ")]
        },
    },
    Case {
        rule: "delivery-event",
        damage: |t| {
            let delivery = t.find("delivery", |_| true);
            t.set(delivery, "event_type", s("number.released"));
            vec![t.key(delivery, "its event is another one")]
        },
    },
];

#[tokio::test]
async fn damaged_webhooks_are_found() {
    prove(CASES).await;
}
