//! Leads, feedback, the queue, and the records of repeated requests.

use aws_sdk_dynamodb::types::AttributeValue;
use callbook_audit::Entry;

use super::{Case, Damaged, n, prove, s};

const NOBODY: &str = "+12065550199";
const SID: &str = "ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ";
const GUID: &str = "84e2b789-d5f4-4634-98fe-dacc9fe42ba3";

fn latest(t: &Damaged) -> usize {
    t.find("latest_feedback", |_| true)
}

/// The record of a bill.
fn of_bill(record: Entry<'_>) -> bool {
    let answer = record.text("answer").unwrap_or_default();
    !answer.contains("_sid")
}

pub(super) const CASES: &[Case] = &[
    Case {
        rule: "lead-id",
        damage: |t| {
            let lead = t.find("lead", |_| true);
            let mut double = t.items()[lead].clone();
            let pk = format!("A#{}#N#{NOBODY}", t.account());
            double.insert("phone".to_owned(), s(NOBODY));
            double.insert("pk".to_owned(), s(pk));
            double.remove("total_cost");
            t.items().push(double);
            // The finding is for the one with the greater key.
            let double = t.items().len() - 1;
            let later = [lead, double]
                .into_iter()
                .max_by_key(|one| t.text(*one, "pk"));
            let what = "another number's lead has the same lead_id";
            vec![t.key(later.expect("two"), what)]
        },
    },
    Case {
        rule: "latest-feedback",
        damage: |t| {
            let latest = latest(t);
            t.set(latest, "right_party", AttributeValue::Bool(true));
            vec![t.key(latest, "it differs from the feedback received last")]
        },
    },
    Case {
        rule: "latest-feedback",
        damage: |t| {
            let latest = latest(t);
            let key = t.key(latest, "there is feedback but no latest feedback");
            t.remove(latest);
            vec![key]
        },
    },
    Case {
        rule: "latest-name",
        damage: |t| {
            let latest = latest(t);
            t.set(latest, "name", s("Jane Doe"));
            vec![t.key(latest, "named_by did not give that name at named_at")]
        },
    },
    Case {
        rule: "latest-name",
        damage: |t| {
            let latest = latest(t);
            t.unset(latest, "named_at");
            vec![t.key(
                latest,
                "only some of name, named_by and named_at are present",
            )]
        },
    },
    Case {
        rule: "latest-name",
        damage: |t| {
            let latest = latest(t);
            for name in ["name", "named_by", "named_at"] {
                t.unset(latest, name);
            }
            vec![t.key(latest, "a later name was not stored")]
        },
    },
    Case {
        rule: "feedback-sums",
        damage: |t| {
            let latest = latest(t);
            let names = t.items()[latest].keys();
            let cell = names.clone().find(|name| name.starts_with("all_"));
            let cell = cell.expect("a cell").clone();
            let count = t.number(latest, &cell);
            t.set(latest, &cell, n(count + 1));
            vec![t.key(latest, "the sums differ from the feedback")]
        },
    },
    Case {
        rule: "queue-lead",
        damage: |t| {
            let entry = t.find("queue_entry", |_| true);
            t.set(entry, "lead_id", s("7"));
            vec![t.key(entry, "lead_id differs from the callee's lead")]
        },
    },
    Case {
        rule: "queue-waiting",
        damage: |t| {
            let waits = t.find("queue_waiting", |_| true);
            t.set(waits, "whisper_text", s("Other"));
            vec![t.key(waits, "the entry says something else")]
        },
    },
    Case {
        rule: "queue-waiting",
        damage: |t| {
            let waits = t.find("queue_waiting", |_| true);
            t.set(waits, "attempts", n(1));
            vec![t.key(waits, "attempts and lease differ")]
        },
    },
    Case {
        rule: "queue-waiting",
        damage: |t| {
            let waits = t.find("queue_waiting", |_| true);
            let expires = t.number(waits, "expires_at");
            t.set(waits, "expires_at", n(expires + 1));
            vec![t.key(waits, "expires_at is not a week after it was queued")]
        },
    },
    Case {
        rule: "queue-waiting",
        damage: |t| {
            let entry = t.find("queue_entry", |_| true);
            t.set(entry, "callqueue_status", s("expired"));
            t.set(entry, "attempts", n(0));
            let created = t.number(entry, "created_at");
            t.set(entry, "ended_at", n(created));
            let waits = t.find("queue_waiting", |_| true);
            vec![t.key(waits, "its entry is over")]
        },
    },
    Case {
        rule: "queue-end",
        damage: |t| {
            let entry = t.find("queue_entry", |_| true);
            t.set(entry, "attempts", n(1));
            vec![t.key(entry, "status, attempts and end differ")]
        },
    },
    Case {
        rule: "queue-guard",
        damage: |t| {
            let guard = t.find("queue_guard", |_| true);
            t.set(guard, "callqueue_id", n(7));
            vec![t.key(guard, "its entry does not exist")]
        },
    },
    Case {
        rule: "queue-guard",
        damage: |t| {
            let guard = t.find("queue_guard", |_| true);
            t.set(guard, "guid", s(GUID));
            vec![t.key(guard, "the entry has another number or request")]
        },
    },
    Case {
        rule: "queue-guard",
        damage: |t| {
            let guard = t.find("queue_guard", |_| true);
            let until = t.number(guard, "until");
            t.set(guard, "until", n(until + 1_000));
            let expires = t.number(guard, "expires_at");
            t.set(guard, "expires_at", n(expires + 1));
            vec![t.key(guard, "until is not one hour after the entry")]
        },
    },
    Case {
        rule: "record-answer",
        damage: |t| {
            let record = t.find("once", |_| true);
            t.set(record, "answer", s("{"));
            vec![t.key(record, "answer is not a JSON object")]
        },
    },
    Case {
        rule: "record-effect",
        damage: |t| {
            let record = t.find("once", of_bill);
            t.set(record, "guid", s(GUID));
            vec![t.key(record, "the effect that it answers is missing")]
        },
    },
    Case {
        rule: "record-effect",
        damage: |t| {
            let record = t.find("once", |one| {
                one.text("answer")
                    .is_some_and(|answer| answer.contains("property_sid"))
            });
            t.set(
                record,
                "answer",
                s(format!("{{\"property_sid\":\"{SID}\"}}")),
            );
            vec![t.key(record, "the effect that it answers is missing")]
        },
    },
];

#[tokio::test]
async fn damaged_data_about_a_number_is_found() {
    prove(CASES).await;
}
