//! Costs: the entries that bills write, and what calls, leads and first contacts say of them.

use super::table::Entry;
use super::{Report, Rule, Table};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "cost-call",
        says: "a cost that found its call lies with that call, which is of the cost's pair",
        check: entries,
    },
    Rule {
        name: "call-cost",
        says: "a call's cost is what its entries say; without any it has none but an import's",
        check: calls,
    },
    Rule {
        name: "first-cost",
        says: "a first contact's cost is what the entries of its call say",
        check: first_contacts,
    },
    Rule {
        name: "lead-cost",
        says: "a lead's cost is what the entries of its calls say",
        check: leads,
    },
];

/// How long after it was recorded an entry may be written, in milliseconds: of two bills that come within
/// this time, either may be the last that is written.
const OVERLAP: i64 = 60_000;

/// What entries say something costs: the amount, and when it was billed, of the one that was recorded last.
///
/// This is the one place for the rule of how entries become a cost.
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

/// Whether an item says anything of a cost.
fn costs(entry: Entry<'_>) -> bool {
    entry.has("cost") || entry.has("date_billed")
}

fn entries(table: &Table<'_>, report: &mut Report) {
    for entry in table.of("cost") {
        let Some(sid) = entry.text("call_sid") else {
            let unfound = entry.part(2) == "PAIR";
            report.check(unfound, entry, "it lies with a call and names none");
            continue;
        };
        match table.call(entry.part(1), sid) {
            Some(call) => {
                let same = ["call_from", "call_to"]
                    .iter()
                    .all(|name| entry.agrees(&call, name));
                report.check(same, entry, "the call is of another pair");
            }
            None => report.add(entry, "there is no such call"),
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
                    "cost and date_billed are not its latest entry's",
                );
            }
            // An imported call keeps what its row said, of which there is no entry.
            None if call.has("row_digest") => {}
            None => report.check(!costs(call), call, "it has a cost and no entry"),
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
                    "cost and date_billed are not its call's latest entry's",
                );
            }
            None => report.check(!costs(first), first, "it has a cost, and its call no entry"),
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
                    "cost is not the latest entry's of its calls",
                );
            }
            None => report.check(!costs(lead), lead, "it has a cost, and its calls no entry"),
        }
    }
}
