//! What a repeated request is known again by: idempotency records, and the recent calls of a pair.

use serde_json::Value;

use super::{Report, Rule, Table};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "record-answer",
        says: "an idempotency record keeps an answer that can be given again",
        check: answers,
    },
    Rule {
        name: "record-effect",
        says: "what an idempotency record answers was done: there is no record without its effect",
        check: effects,
    },
    Rule {
        name: "recent-calls",
        says: "the recent calls of a pair exist, are at most 8, and the last of them is the latest",
        check: recent_calls,
    },
];

/// How many calls of a pair are kept.
const KEPT: usize = 8;

fn answer(text: Option<&str>) -> Option<Value> {
    serde_json::from_str(text?).ok().filter(Value::is_object)
}

fn answers(table: &Table<'_>, report: &mut Report) {
    for record in table.of("once") {
        let good = answer(record.text("answer")).is_some();
        report.check(good, record, "answer is no JSON object");
    }
}

fn effects(table: &Table<'_>, report: &mut Report) {
    let costs = table.grouped("cost", |cost| cost.account().zip(cost.text("guid")));
    for record in table.of("once") {
        let account = record.account().unwrap_or_default();
        let Some(answer) = answer(record.text("answer")) else {
            continue;
        };
        let done = if let Some(sid) = answer["property_sid"].as_str() {
            table.own(account, &format!("PROPERTY#{sid}")).is_some()
        } else if let Some(id) = answer["vendor_id"].as_str() {
            table.own(account, &format!("VENDOR#{id}")).is_some()
        } else if answer["address_sid"].is_string() {
            // An address may have been deleted since.
            true
        } else {
            let guid = record.text("guid").unwrap_or_default();
            costs.contains_key(&(account, guid))
        };
        report.check(done, record, "what it answers was not done");
    }
}

fn recent_calls(table: &Table<'_>, report: &mut Report) {
    for recent in table.of("recent_calls") {
        let account = recent.account().unwrap_or_default();
        let calls: Vec<_> = recent.texts("calls").collect();
        let there = calls.iter().all(|sid| table.call(account, sid).is_some());
        report.check(there, recent, "one of the calls does not exist");
        let last = calls.last().copied() == recent.text("latest");
        report.check(last, recent, "latest is not the last of the calls");
        let few = (1..=KEPT).contains(&calls.len());
        report.check(few, recent, "there are none, or more than are kept");
    }
}
