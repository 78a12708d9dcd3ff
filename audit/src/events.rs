//! Events: what was told is about something that is there, and a repeat says the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::ended::{Retained, may_outlive};
use super::finding::{Report, Rule};
use super::form;
use super::table::{Entry, Table};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "event",
        says: "an event is a CloudEvent of its account, and is kept for 30 days",
        check: envelopes,
    },
    Rule {
        name: "event-subject",
        says: "what an event is about exists",
        check: subjects,
    },
    Rule {
        name: "event-repeat",
        says: "an event that was published twice says the same both times",
        check: repeats,
    },
    Rule {
        name: "unmatched-due",
        says: "a note of an unmatched cost names its entry in a pair of the account",
        check: dues,
    },
    Rule {
        name: "notice",
        says: "a notice has a known kind and detail",
        check: notices,
    },
    Rule {
        name: "refused-request",
        says: "requests that were refused lie within one hour, are kept for 7 days, and quote no phone number",
        check: refused_requests,
    },
];

/// For how many seconds an event is kept.
const KEPT: i64 = 30 * 86_400;

fn told(entry: Entry<'_>) -> Option<Value> {
    serde_json::from_str(entry.text("event")?).ok()
}

fn envelopes(table: &Table<'_>, report: &mut Report) {
    for entry in table.of("event") {
        let Some(event) = told(entry) else {
            report.add(entry, "its event is no JSON");
            continue;
        };
        let says = |name: &str| event.get(name).and_then(Value::as_str);
        let same = says("id") == entry.text("event_id") && says("type") == entry.text("event_type");
        report.check(same, entry, "id or type differ from its event");
        let account = entry.account().unwrap_or_default();
        let source = format!("urn:callbook:account:{account}");
        let good = says("source") == Some(source.as_str()) && says("specversion") == Some("1.0");
        report.check(good, entry, "its event is of another account or kind");
        let place = says("sequence").zip(says("id"));
        let place = place.map(|(place, id)| format!("#{place}#{id}"));
        let good = place.is_some_and(|place| entry.sk.ends_with(&place));
        report.check(good, entry, "its key has not the event's sequence and id");
        let published = entry.number("published_at");
        let until = published.map(|at| at.div_euclid(1_000) + KEPT);
        let good = until == entry.number("expires_at");
        report.check(good, entry, "it is not kept for 30 days");
    }
}

/// What there is of an account, by the words that subjects have for it.
fn known<'a>(table: &Table<'a>) -> BTreeSet<(&'a str, String)> {
    let ids = [
        ("cost", "cost", "cost_id"),
        ("lead", "lead", "lead_id"),
        ("feedback", "feedback", "response_id"),
        ("credential", "credential", "credential_id"),
        ("refused_bill", "refused-bill", "guid"),
    ];
    let mut known = BTreeSet::new();
    for (kind, word, name) in ids {
        for entry in table.of(kind) {
            let account = entry.account().or_else(|| entry.text("account_id"));
            let key = account.zip(entry.text(name));
            known.extend(key.map(|(account, id)| (account, format!("{word}/{id}"))));
        }
    }
    for entry in table.of("queue_entry") {
        let key = entry.account().zip(entry.number("callqueue_id"));
        known.extend(key.map(|(account, id)| (account, format!("queue/{id}"))));
    }
    known
}

fn subjects(table: &Table<'_>, report: &mut Report) {
    let known = known(table);
    for entry in table
        .of("event")
        .filter(|event| !may_outlive(table, *event))
    {
        let (Some(event), Some(account)) = (told(entry), entry.account()) else {
            continue;
        };
        let subject = event.get("subject").and_then(Value::as_str);
        let subject = subject.unwrap_or_default();
        let (word, id) = subject.split_once('/').unwrap_or_default();
        let kept = Retained::of(table, account);
        let good = match word {
            "call" => table.knows(account, id) || kept.call_may_be_gone(id),
            "cost" if kept.cost_may_be_gone(form::billed(id).map(|(at, _)| at)) => true,
            // A number that was released is gone.
            "number" => id.starts_with('+'),
            // A webhook that was deleted is gone.
            "webhook" => id.starts_with("we_"),
            // A bill that was acknowledged after all is refused no longer.
            "refused-bill" => true,
            _ => known.contains(&(account, subject.to_owned())),
        };
        report.check(good, entry, "what it is about does not exist");
    }
}

fn repeats(table: &Table<'_>, report: &mut Report) {
    let mut first: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for entry in table.of("event") {
        let key = entry.account().zip(entry.text("event_id"));
        let (Some(key), Some(event)) = (key, entry.text("event")) else {
            continue;
        };
        let said = *first.entry(key).or_insert(event);
        report.check(
            said == event,
            entry,
            "an event with its id says something else",
        );
    }
}

fn dues(table: &Table<'_>, report: &mut Report) {
    for due in table.of("unmatched_due") {
        let account = due.account().unwrap_or_default();
        let pair = format!("A#{account}#PAIR#");
        let id = due.text("cost_id").map(|id| format!("#{id}"));
        let of_pair = due.text("pair").is_some_and(|text| text.starts_with(&pair));
        let of_cost = due.text("bill").zip(id);
        let of_cost =
            of_cost.is_some_and(|(bill, id)| bill.starts_with("BILL#") && bill.ends_with(&id));
        report.check(
            of_pair && of_cost,
            due,
            "it names no entry of a pair of its account",
        );
    }
}

/// What a notice of each kind says.
const DETAILS: &[(&str, &[&str])] = &[
    ("refused", &["expired", "disabled", "address", "path"]),
    ("expiring", &["14 days", "1 day"]),
    ("limit", &["rate", "quota"]),
];

fn notices(table: &Table<'_>, report: &mut Report) {
    for notice in table.of("notice") {
        let detail = notice.text("detail").unwrap_or_default();
        let mut kinds = DETAILS.iter();
        let known = kinds
            .any(|(kind, details)| notice.text("kind") == Some(kind) && details.contains(&detail));
        report.check(known, notice, "its detail is none of its kind");
    }
}

/// For how many seconds a refused request is kept.
const REFUSED_KEPT: i64 = 7 * 86_400;

fn refused_requests(table: &Table<'_>, report: &mut Report) {
    for entry in table.of("refused_request") {
        let number = |name| entry.number(name).unwrap_or_default();
        let (first, last) = (number("first_at"), number("last_at"));
        let hour = |at: i64| at.div_euclid(3_600_000);
        let good = first <= last && hour(first) == hour(last) && number("times") > 0;
        report.check(good, entry, "it has no requests, or of more than one hour");
        let until = last.div_euclid(1_000) + REFUSED_KEPT;
        let good = number("expires_at") == until;
        report.check(good, entry, "it is not kept for 7 days");
        let reason = entry.text("reason").unwrap_or_default();
        // A limit may have many digits, too.
        let mut after = reason.split('+').skip(1);
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let quotes = after.any(|text| digits(text) >= 7);
        report.check(!quotes, entry, "its reason quotes a number");
    }
}
