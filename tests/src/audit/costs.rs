//! Costs: the entries that bills write, and their copies on calls, leads and first contacts.

use super::table::Entry;
use super::{Report, Rule, Table};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "cost-call",
        says: "a cost that found its call is stored with that call, and both have the same pair",
        check: entries,
    },
    Rule {
        name: "call-cost",
        says: "a call's cost is that of its latest entry; without entries only an imported call has one",
        check: calls,
    },
    Rule {
        name: "first-cost",
        says: "a first contact's cost is that of the latest entry of its call",
        check: first_contacts,
    },
    Rule {
        name: "lead-cost",
        says: "a lead's cost is that of the latest entry of its calls",
        check: leads,
    },
];

/// Longest time between the recording of an entry and its write, in milliseconds. If two bills are recorded
/// within this time, either may be written last.
const OVERLAP: i64 = 60_000;

/// Whether an item has the cost of the entry recorded last and, if `billed`, its billing date.
///
/// This is the only place with the rule that turns entries into a cost.
fn says(entries: &[Entry<'_>], said: Entry<'_>, billed: bool) -> bool {
    let at = |entry: &Entry<'_>| entry.number("recorded_at");
    let last = entries.iter().filter_map(at).max();
    let mut latest = entries.iter().filter(|entry| {
        at(entry)
            .zip(last)
            .is_some_and(|(at, last)| at + OVERLAP >= last)
    });
    latest.any(|entry| {
        entry.money("cost") == said.money("cost") && (!billed || entry.agrees(&said, "date_billed"))
    })
}

/// Whether an item has a cost.
fn costs(entry: Entry<'_>) -> bool {
    entry.has("cost") || entry.has("date_billed")
}

fn entries(table: &Table<'_>, report: &mut Report) {
    for entry in table.of("cost") {
        let Some(sid) = entry.text("call_sid") else {
            let unfound = entry.part(2) == "PAIR";
            report.check(unfound, entry, "it is stored with a call but names none");
            continue;
        };
        match table.call(entry.part(1), sid) {
            Some(call) => {
                let same = ["call_from", "call_to"]
                    .iter()
                    .all(|name| entry.agrees(&call, name));
                report.check(same, entry, "the call has another pair");
            }
            None => report.add(entry, "its call does not exist"),
        }
    }
}

/// The entries of each call, by account and sid.
fn of_calls<'a>(
    table: &Table<'a>,
) -> std::collections::BTreeMap<(&'a str, &'a str), Vec<Entry<'a>>> {
    table.grouped("cost", |entry| {
        Some((entry.part(1), entry.text("call_sid")?))
    })
}

fn calls(table: &Table<'_>, report: &mut Report) {
    let entries = of_calls(table);
    for call in table.of("call") {
        let key = call.account().zip(call.text("call_sid"));
        match key.and_then(|key| entries.get(&key)) {
            Some(entries) => {
                report.check(
                    says(entries, call, true),
                    call,
                    "cost and date_billed differ from its latest entry",
                );
            }
            // An imported call has the cost of its row, for which there is no entry.
            None if call.has("row_digest") => {}
            None => report.check(!costs(call), call, "it has a cost but no entry"),
        }
    }
}

fn first_contacts(table: &Table<'_>, report: &mut Report) {
    let entries = of_calls(table);
    for first in table.of("first_contact") {
        let key = first.account().zip(first.text("call_sid"));
        match key.and_then(|key| entries.get(&key)) {
            Some(entries) => {
                report.check(
                    says(entries, first, true),
                    first,
                    "cost and date_billed differ from the latest entry of its call",
                );
            }
            None => report.check(
                !costs(first),
                first,
                "it has a cost, but its call has no entry",
            ),
        }
    }
}

fn leads(table: &Table<'_>, report: &mut Report) {
    let entries = table.grouped("cost", |entry| {
        entry.text("call_sid")?;
        Some((entry.part(1), entry.text("call_from")?))
    });
    for lead in table.of("lead") {
        let key = lead.account().zip(lead.text("phone"));
        match key.and_then(|key| entries.get(&key)) {
            Some(entries) => {
                report.check(
                    says(entries, lead, false),
                    lead,
                    "cost differs from the latest entry of its calls",
                );
            }
            None => report.check(
                !costs(lead),
                lead,
                "it has a cost, but its calls have no entry",
            ),
        }
    }
}
