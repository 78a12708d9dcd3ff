//! Records that identify repeated requests: idempotency records.

use serde_json::Value;

use super::ended::may_outlive;
use super::finding::{Report, Rule};
use super::table::Table;

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
];

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
    for record in table
        .of("once")
        .filter(|record| !may_outlive(table, *record))
    {
        let account = record.account().unwrap_or_default();
        let Some(answer) = answer(record.text("answer")) else {
            continue;
        };
        let told = |name: &str| answer.get(name);
        let done = if let Some(sid) = told("property_sid").and_then(Value::as_str) {
            table.own(account, &format!("PROPERTY#{sid}")).is_some()
        } else if let Some(id) = told("adjustment_id").and_then(Value::as_str) {
            let mut made = table.of("adjustment");
            made.any(|one| one.text("adjustment_id") == Some(id))
        } else if let Some(id) = told("vendor_id").and_then(Value::as_str) {
            table.own(account, &format!("VENDOR#{id}")).is_some()
        } else if told("revived").is_some_and(Value::is_array) {
            let mut decided = table.of("cost");
            decided.any(|cost| cost.text("cost_id") == record.text("made"))
        } else if ["address_sid", "endpoint_id"]
            .iter()
            .any(|name| told(name).is_some_and(Value::is_string))
        {
            // An address or an endpoint may have been deleted since then.
            true
        } else {
            let guid = record.text("guid").unwrap_or_default();
            let made = costs.get(&(account, guid)).map(Vec::as_slice);
            let made = made.unwrap_or_default().iter();
            made.clone()
                .any(|cost| cost.text("cost_id") == record.text("made"))
        };
        report.check(done, record, "the effect that it answers is missing");
    }
}
