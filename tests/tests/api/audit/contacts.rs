//! Leads, feedback, the queue, and what repeated requests are known again by.

use aws_sdk_dynamodb::types::AttributeValue;
use callbook_tests::audit::Entry;

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
            double.remove("cost");
            t.items().push(double);
            // The later of the two by key.
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
            vec![t.key(latest, "it is not the feedback that was received last")]
        },
    },
    Case {
        rule: "latest-feedback",
        damage: |t| {
            let latest = latest(t);
            let key = t.key(latest, "there is feedback, and no latest");
            t.remove(latest);
            vec![key]
        },
    },
    Case {
        rule: "latest-name",
        damage: |t| {
            let latest = latest(t);
            t.set(latest, "name", s("Jane Doe"));
            vec![t.key(latest, "named_by did not give that name, or not then")]
        },
    },
    Case {
        rule: "latest-name",
        damage: |t| {
            let latest = latest(t);
            t.unset(latest, "named_at");
            vec![t.key(latest, "name, named_by and named_at come together")]
        },
    },
    Case {
        rule: "latest-name",
        damage: |t| {
            let latest = latest(t);
            for name in ["name", "named_by", "named_at"] {
                t.unset(latest, name);
            }
            vec![t.key(latest, "a later name is not the number's")]
        },
    },
    Case {
        rule: "queue-lead",
        damage: |t| {
            let entry = t.find("queue_entry", |_| true);
            t.set(entry, "lead_id", s("7"));
            vec![t.key(entry, "lead_id is not the callee's")]
        },
    },
    Case {
        rule: "queue-guard",
        damage: |t| {
            let guard = t.find("queue_guard", |_| true);
            t.set(guard, "callqueue_id", n(7));
            vec![t.key(guard, "there is no such entry")]
        },
    },
    Case {
        rule: "queue-guard",
        damage: |t| {
            let guard = t.find("queue_guard", |_| true);
            t.set(guard, "guid", s(GUID));
            vec![t.key(guard, "the entry is of another number or request")]
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
            vec![t.key(guard, "until is not an hour from the entry")]
        },
    },
    Case {
        rule: "record-answer",
        damage: |t| {
            let record = t.find("once", |_| true);
            t.set(record, "answer", s("{"));
            vec![t.key(record, "answer is no JSON object")]
        },
    },
    Case {
        rule: "record-effect",
        damage: |t| {
            let record = t.find("once", of_bill);
            t.set(record, "guid", s(GUID));
            vec![t.key(record, "what it answers was not done")]
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
            vec![t.key(record, "what it answers was not done")]
        },
    },
    Case {
        rule: "recent-calls",
        damage: |t| {
            let recent = t.find("recent_calls", |_| true);
            t.set(recent, "latest", s(SID));
            vec![t.key(recent, "latest is not the last of the calls")]
        },
    },
    Case {
        rule: "recent-calls",
        damage: |t| {
            let recent = t.find("recent_calls", |_| true);
            t.set(recent, "latest", s(SID));
            t.set(recent, "calls", AttributeValue::L(vec![s(SID)]));
            vec![t.key(recent, "one of the calls does not exist")]
        },
    },
    Case {
        rule: "recent-calls",
        damage: |t| {
            let recent = t.find("recent_calls", |_| true);
            let latest = s(t.text(recent, "latest"));
            t.set(recent, "calls", AttributeValue::L(vec![latest; 9]));
            vec![t.key(recent, "there are none, or more than are kept")]
        },
    },
];

#[tokio::test]
async fn what_is_known_of_a_number_is_audited() {
    prove(CASES).await;
}
