//! Events whose text, subject or key is damaged.

use super::{Case, Damaged, n, prove, s};

/// Changes the text of the only event.
fn retell(t: &mut Damaged, from: &str, to: &str) -> usize {
    let event = t.find("event", |_| true);
    let text = t.text(event, "event");
    assert!(text.contains(from), "{from}");
    t.set(event, "event", s(text.replace(from, to)));
    event
}

pub(super) const CASES: &[Case] = &[
    Case {
        rule: "event",
        damage: |t| {
            let event = retell(t, "number.bought", "number.released");
            vec![t.key(event, "id or type differ from its event")]
        },
    },
    Case {
        rule: "event",
        damage: |t| {
            let event = retell(t, "urn:callbook:account:", "urn:callbook:account:9");
            vec![t.key(event, "its event is of another account or kind")]
        },
    },
    Case {
        rule: "event",
        damage: |t| {
            let event = t.find("event", |_| true);
            let expires = t.number(event, "expires_at");
            t.set(event, "expires_at", n(expires + 1));
            vec![t.key(event, "it is not kept for 30 days")]
        },
    },
    Case {
        rule: "event-subject",
        damage: |t| {
            let event = retell(t, "number/+", "lead/");
            vec![t.key(event, "what it is about does not exist")]
        },
    },
    Case {
        rule: "event-repeat",
        damage: |t| {
            let event = t.find("event", |_| true);
            let mut again = t.items()[event].clone();
            let (sk, text) = (t.text(event, "sk"), t.text(event, "event"));
            let at = t.number(event, "published_at");
            // A second later, so it sorts behind the first.
            let later = sk.replacen(&format!("{at:014}"), &format!("{:014}", at + 1_000), 1);
            let expires = t.number(event, "expires_at");
            again.insert("sk".to_owned(), s(later));
            again.insert("published_at".to_owned(), n(at + 1_000));
            again.insert("expires_at".to_owned(), n(expires + 1));
            again.insert(
                "event".to_owned(),
                s(text.replace("\"friendly\":null", "\"friendly\":\"X\"")),
            );
            t.items().push(again);
            let last = t.items().len() - 1;
            vec![t.key(last, "an event with its id says something else")]
        },
    },
    Case {
        rule: "unmatched-due",
        damage: |t| {
            let due = t.find("unmatched_due", |_| true);
            t.set(due, "pair", s("A#9#PAIR#in"));
            vec![t.key(due, "it names no entry of a pair of its account")]
        },
    },
    Case {
        rule: "notice",
        damage: |t| {
            let notice = t.find("notice", |_| true);
            t.set(notice, "detail", s("sometime"));
            vec![t.key(notice, "its detail is none of its kind")]
        },
    },
    Case {
        rule: "refused-request",
        damage: |t| {
            let entry = t.find("refused_request", |_| true);
            t.set(entry, "reason", s("phone: +12069735100 is wrong"));
            vec![t.key(entry, "its reason quotes a number")]
        },
    },
    Case {
        rule: "refused-request",
        damage: |t| {
            let entry = t.find("refused_request", |_| true);
            t.set(entry, "times", n(0));
            vec![t.key(entry, "it has no requests, or of more than one hour")]
        },
    },
    Case {
        rule: "refused-request",
        damage: |t| {
            let entry = t.find("refused_request", |_| true);
            let expires = t.number(entry, "expires_at");
            t.set(entry, "expires_at", n(expires + 1));
            vec![t.key(entry, "it is not kept for 7 days")]
        },
    },
];

#[tokio::test]
async fn damaged_events_are_found() {
    prove(CASES).await;
}
