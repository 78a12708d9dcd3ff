//! Calls: the rows that reports read, the pairs that decide about them, and the caller's lead and first
//! contact.

use std::collections::BTreeMap;

use super::ended::Retained;
use super::finding::{Report, Rule};
use super::table::{Entry, Table, number, text};
use super::{form, shown};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "call-start",
        says: "a call started close to the time in its sid, by which its pair is read",
        check: starts,
    },
    Rule {
        name: "call-shard",
        says: "a call is in one of the shards that its account's reports read",
        check: shards,
    },
    Rule {
        name: "call-property",
        says: "the property that a call was recorded for exists",
        check: properties,
    },
    Rule {
        name: "call-lead",
        says: "an inbound call from a number names the caller's lead, and other calls name none",
        check: leads,
    },
    Rule {
        name: "call-pair",
        says: "the row of a call has its call in its pair",
        check: pairs,
    },
    Rule {
        name: "pair-row",
        says: "a call of a pair has a row, which shows what its reports and its entries say",
        check: rows,
    },
    Rule {
        name: "pair-report",
        says: "a report is in one call, and a call has the sid of one of its reports",
        check: reports,
    },
    Rule {
        name: "pair-head",
        says: "everything of a pair has the head of the pair",
        check: heads,
    },
    Rule {
        name: "pair-unsettled",
        says: "the calls around which entries are left to be moved exist",
        check: unsettled,
    },
    Rule {
        name: "joined-call",
        says: "the sid of a joined call answers with the call that has its report",
        check: joined,
    },
    Rule {
        name: "call-first",
        says: "a call marked as a first contact is the call that the first contact names",
        check: first_calls,
    },
    Rule {
        name: "first-call",
        says: "a first contact is the earliest report of the caller's inbound calls",
        check: first_contacts,
    },
];

/// How far the start of a call may be from the time in its sid, in milliseconds.
const MARGIN: i64 = 45 * 60_000;

/// The caller of an inbound call, if it is a number.
fn caller<'a>(call: Entry<'a>) -> Option<&'a str> {
    let from = call.text("call_from").filter(|from| form::is_phone(from));
    from.filter(|_| call.text("direction") == Some("inbound"))
}

/// The call of a row in its pair.
pub(super) fn of_pair<'a>(table: &Table<'a>, call: Entry<'_>) -> Option<Entry<'a>> {
    let (account, from, to) = (
        call.account()?,
        call.text("call_from")?,
        call.text("call_to")?,
    );
    let way = match call.text("direction")? {
        "inbound" => "in",
        _ => "out",
    };
    let found = table.at(&format!("A#{account}#PAIR#{way}#{to}#{from}"), call.sk)?;
    (found.kind() == "pair_call").then_some(found)
}

/// Whether a report with this sid is of a call of a pair.
pub(super) fn has_report(call: Entry<'_>, sid: &str) -> bool {
    let mut reports = call.maps("reports");
    reports.any(|report| text(report, "sid") == Some(sid))
}

fn starts(table: &Table<'_>, report: &mut Report) {
    for call in table.of("pair_call") {
        let said = call.text("call_sid").and_then(form::started);
        let reports = call.maps("reports");
        let mut starts = reports.filter_map(|one| number(one, "started_at"));
        let close = starts.all(|start| said.is_none_or(|said| (start - said).abs() <= MARGIN));
        report.check(close, call, "a report started far from the time in its sid");
    }
}

fn shards(table: &Table<'_>, report: &mut Report) {
    for call in table.of("call") {
        let account = table.own(call.account().unwrap_or_default(), "ACCOUNT");
        let shards = account.and_then(|account| account.number("shards"));
        let shard = call.text("call_sid").and_then(form::shard);
        let read = shards.is_none_or(|shards| shard.is_none_or(|shard| shard < shards));
        report.check(read, call, "its shard is not one of the account's");
    }
}

fn properties(table: &Table<'_>, report: &mut Report) {
    for call in table.of("call") {
        if let (Some(account), Some(sid)) = (call.account(), call.text("property_sid")) {
            let there = table.own(account, &format!("PROPERTY#{sid}")).is_some();
            report.check(there, call, "property_sid names no property");
        }
    }
}

fn leads(table: &Table<'_>, report: &mut Report) {
    for call in table.of("call") {
        let account = call.account().unwrap_or_default();
        let lead = caller(call).and_then(|phone| table.contact(account, phone, "LEAD"));
        match caller(call) {
            Some(_) if lead.is_none() => report.add(call, "its caller has no lead"),
            Some(_) => {
                let good =
                    call.has("lead_id") && lead.is_some_and(|lead| lead.agrees(&call, "lead_id"));
                report.check(good, call, "lead_id differs from the caller's lead");
            }
            None => report.check(!call.has("lead_id"), call, "it has a lead but no caller"),
        }
    }
}

fn pairs(table: &Table<'_>, report: &mut Report) {
    for call in table.of("call") {
        let there = of_pair(table, call).is_some();
        report.check(there, call, "its pair does not have it");
    }
}

fn rows(table: &Table<'_>, report: &mut Report) {
    for call in table.of("pair_call") {
        let sid = call.text("call_sid").unwrap_or_default();
        let Some(row) = table.call(call.part(1), sid) else {
            report.add(call, "its row does not exist");
            continue;
        };
        let shown = shown::of(call);
        let kept = keeps_notes(table, row, call, &shown);
        for (name, value) in shown {
            let same = shown::equal(row.item.get(name), value.as_ref());
            let same = same || kept && matches!(name, "reported_notes" | "noted_by");
            report.check(same, row, &format!("{name} is not what its pair says"));
        }
        report.check(
            kept || !row.has("notes"),
            row,
            "notes are not what its pair says",
        );
    }
}

/// Whether an earlier version wrote the notes of the bill, or of a report, into the row of the call.
fn keeps_notes(
    table: &Table<'_>,
    row: Entry<'_>,
    call: Entry<'_>,
    shown: &[shown::Attribute],
) -> bool {
    let is_shown = |name: &str| {
        let value = shown.iter().find(|(of, _)| *of == name);
        value.is_some_and(|(_, value)| value.is_some())
    };
    if is_shown("reported_notes") {
        let mut reports = call.maps("reports");
        let told = reports.any(|one| text(one, "notes") == row.text("notes"));
        return row.has("notes") && !row.has("reported_notes") && told;
    }
    let noted_by = shown.iter().find(|(name, _)| *name == "noted_by");
    let id = noted_by.and_then(|(_, id)| id.as_ref()?.as_s().ok());
    let cost = id.and_then(|id| table.cost(row.account()?, id));
    row.has("notes") && !row.has("noted_by") && cost.is_some_and(|cost| cost.agrees(&row, "notes"))
}

fn reports(table: &Table<'_>, report: &mut Report) {
    let mut calls: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for call in table.of("pair_call") {
        for one in call.maps("reports") {
            let sid = text(one, "sid").unwrap_or_default();
            *calls.entry((call.pk, sid)).or_default() += 1;
        }
    }
    for call in table.of("pair_call") {
        let sid = call.text("call_sid").unwrap_or_default();
        let own = has_report(call, sid);
        report.check(own, call, "none of its reports has its sid");
        let kept = Retained::of(table, call.part(1));
        let known = !own
            || call.maps("reports").all(|one| {
                let gone = kept.report_may_be_gone(number(one, "recorded_at"));
                let one = text(one, "sid").unwrap_or_default();
                one == sid || gone || table.knows(call.part(1), one)
            });
        report.check(known, call, "the sid of one of its reports names no item");
        let once = call.maps("reports").all(|one| {
            let sid = text(one, "sid").unwrap_or_default();
            calls.get(&(call.pk, sid)) == Some(&1)
        });
        report.check(once, call, "one of its reports is in another call too");
    }
}

fn heads(table: &Table<'_>, report: &mut Report) {
    for kind in ["pair_call", "pair_bill", "pair_id"] {
        for entry in table.of(kind) {
            let there = table.at(entry.pk, "HEAD").is_some();
            report.check(there, entry, "its pair has no head");
        }
    }
}

fn unsettled(table: &Table<'_>, report: &mut Report) {
    for head in table.of("pair") {
        let there = head.texts("unsettled").all(|sid| {
            let gone = Retained::of(table, head.part(1)).call_may_be_gone(sid);
            gone || table.answers(head.part(1), sid).is_some()
        });
        report.check(there, head, "unsettled names a call that does not exist");
    }
}

fn joined(table: &Table<'_>, report: &mut Report) {
    for row in table.of("joined_call") {
        let account = row.account().unwrap_or_default();
        let sid = row.sk.strip_prefix("CALL#").unwrap_or_default();
        let call = table.answers(account, sid);
        let call = call.and_then(|call| of_pair(table, call));
        let there = call.is_some_and(|call| has_report(call, sid));
        let gone = call.is_none() && leads_to_gone(table, row);
        report.check(
            there || gone,
            row,
            "joined_into leads to no call with its report",
        );
    }
    for row in table.of("joined_report") {
        let into = row.text("joined_into").unwrap_or_default();
        let known = table.knows(row.part(1), into) || leads_to_gone(table, row);
        report.check(known, row, "joined_into names no call");
    }
}

/// Whether a call that a row was joined to may have ended.
fn leads_to_gone(table: &Table<'_>, row: Entry<'_>) -> bool {
    let into = row.text("joined_into").unwrap_or_default();
    Retained::of(table, row.part(1)).call_may_be_gone(into)
}

/// Whether the call that a first contact names may have ended.
fn names_gone(table: &Table<'_>, first: Entry<'_>) -> bool {
    let account = first.account().unwrap_or_default();
    let sid = first.text("call_sid").unwrap_or_default();
    table.call(account, sid).is_none() && Retained::of(table, account).call_may_be_gone(sid)
}

fn first_calls(table: &Table<'_>, report: &mut Report) {
    for call in table
        .of("call")
        .filter(|call| call.flag("first_contact") == Some(true))
    {
        let account = call.account().unwrap_or_default();
        let first = caller(call).and_then(|phone| table.contact(account, phone, "FIRST"));
        let gone = Retained::of(table, account).contact_may_be_gone(call.number("started_at"));
        let good = first.map_or(gone, |first| first.agrees(&call, "call_sid"));
        report.check(
            good,
            call,
            "its caller's first contact is missing or names another call",
        );
    }
}

/// The calls of each caller who called in from a number, by account and number.
fn of_callers<'a>(table: &Table<'a>) -> BTreeMap<(&'a str, &'a str), Vec<Entry<'a>>> {
    table.grouped("pair_call", |call| {
        let (way, _, from) = call.pair();
        (way == "in" && form::is_phone(from)).then_some((call.part(1), from))
    })
}

fn first_contacts(table: &Table<'_>, report: &mut Report) {
    let callers = of_callers(table);
    for ((account, phone), calls) in &callers {
        let Some(first) = table.contact(account, phone, "FIRST") else {
            let reports = calls.iter().flat_map(|call| call.maps("reports"));
            let last = reports.filter_map(|one| number(one, "recorded_at")).max();
            if !Retained::of(table, account).contact_may_be_gone(last) {
                let pk = format!("A#{account}#N#{phone}");
                report.missing(&pk, "FIRST", "there are calls but no first contact");
            }
            continue;
        };
        let reports = calls.iter().flat_map(|call| {
            let reports = call.maps("reports");
            reports.map(move |one| (number(one, "started_at"), *call, one))
        });
        let earliest = reports.clone().map(|(start, ..)| start).min().flatten();
        if names_gone(table, first) {
            let good = first.number("contacted_at") <= earliest;
            report.check(good, first, "contacted_at is not the earliest report");
            continue;
        }
        let good = first.number("contacted_at") == earliest;
        report.check(good, first, "contacted_at is not the earliest report");
        let mut named = reports.filter(|(start, call, one)| {
            *start == earliest
                && call.text("call_sid") == first.text("call_sid")
                && text(one, "sid") == first.text("report_sid")
        });
        let good = named.next().is_some();
        report.check(good, first, "it names no earliest report and its call");
        let marked = table
            .call(account, first.text("call_sid").unwrap_or_default())
            .is_none_or(|call| call.flag("first_contact") == Some(true));
        report.check(
            marked,
            first,
            "the call is not marked as this first contact",
        );
    }
    for first in table.of("first_contact") {
        let key = first.account().zip(first.text("phone"));
        let there = key.is_some_and(|key| callers.contains_key(&key));
        let gone = names_gone(table, first);
        report.check(there || gone, first, "its caller has no inbound call");
    }
}
