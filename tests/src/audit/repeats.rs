//! Records that identify repeated requests: idempotency records and the recent calls of a pair.

use serde_json::Value;

use super::{Report, Rule, Table};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "record-answer",
        says: "an idempotency record contains an answer that can be replayed",
        check: answers,
    },
    Rule {
        name: "record-effect",
        says: "the effect that an idempotency record answers exists",
        check: effects,
    },
    Rule {
        name: "recent-calls",
        says: "the recent calls of a pair exist, are 1 to 8, and the last one is the latest",
        check: recent_calls,
    },
];

/// The number of recent calls that are kept for a pair.
const KEPT: usize = 8;

fn answer(text: Option<&str>) -> Option<Value> {
    serde_json::from_str(text?).ok().filter(Value::is_object)
}

fn answers(table: &Table<'_>, report: &mut Report) {
    for record in table.of("once") {
        let good = answer(record.text("answer")).is_some();
        report.check(good, record, "answer is not a JSON object");
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
            // An address may have been deleted since then.
            true
        } else {
            let guid = record.text("guid").unwrap_or_default();
            costs.contains_key(&(account, guid))
        };
        report.check(done, record, "the effect that it answers is missing");
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
        report.check(few, recent, "there are no calls, or too many");
    }
}
