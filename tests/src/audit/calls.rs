//! Calls and the items written with them: the pair's pointer, the caller's lead and first contact.

use super::table::{Entry, text};
use super::{Report, Rule, Table, form};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "call-start",
        says: "the start of a call is the one in its sid",
        check: starts,
    },
    Rule {
        name: "call-shard",
        says: "a call is in one of the shards that its account's reports read",
        check: shards,
    },
    Rule {
        name: "call-end",
        says: "a call does not end before its start, and its duration is the time between",
        check: ends,
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
        says: "an inbound call from a number has a pointer under its pair, by which bills find it",
        check: pairs,
    },
    Rule {
        name: "pair-call",
        says: "a pair's pointer names a call of that pair and the lead of that call",
        check: pointers,
    },
    Rule {
        name: "call-first",
        says: "a call marked as a first contact is the call that the first contact names",
        check: first_calls,
    },
    Rule {
        name: "first-call",
        says: "a first contact names the call that created it and the start of that call",
        check: first_contacts,
    },
];

/// The caller of an inbound call, if it is a number.
fn caller<'a>(call: Entry<'a>) -> Option<&'a str> {
    let from = call.text("call_from").filter(|from| form::is_phone(from));
    from.filter(|_| call.text("direction") == Some("inbound"))
}

fn starts(table: &Table<'_>, report: &mut Report) {
    for call in table.of("call") {
        let said = call.text("call_sid").and_then(form::started);
        let good = said.is_none() || said == call.number("started_at") || !call.has("started_at");
        report.check(good, call, "started_at differs from the sid");
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

fn ends(table: &Table<'_>, report: &mut Report) {
    for call in table.of("call") {
        let whole = ["ended_at", "duration_seconds"].map(|name| call.has(name));
        report.check(
            !call.has("ended_by") || whole == [true; 2],
            call,
            "ended_by is present without ended_at or duration_seconds",
        );
        let (Some(start), Some(end)) = (call.number("started_at"), call.number("ended_at")) else {
            continue;
        };
        report.check(end >= start, call, "ended_at is before started_at");
        // Imported durations are stored as given. Other durations are counted in seconds or in milliseconds.
        if let (false, Some(seconds)) = (call.has("row_digest"), call.number("duration_seconds")) {
            let off = seconds - (end - start).div_euclid(1_000);
            report.check(
                (0..=1).contains(&off),
                call,
                "duration_seconds is not the time from start to end",
            );
        }
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
        if let (Some(account), Some(cid), Some(did)) =
            (call.account(), caller(call), call.text("call_to"))
        {
            let there = table
                .at(&format!("A#{account}#PAIR#{did}#{cid}"), call.sk)
                .is_some();
            report.check(there, call, "its pair has no pointer to it");
        }
    }
}

fn pointers(table: &Table<'_>, report: &mut Report) {
    for pointer in table.of("pair_call") {
        let (account, did, cid) = (pointer.part(1), pointer.part(3), pointer.part(4));
        let Some(call) = table.call(account, pointer.text("call_sid").unwrap_or_default()) else {
            report.add(pointer, "its call does not exist");
            continue;
        };
        let of_pair = caller(call) == Some(cid) && call.text("call_to") == Some(did);
        report.check(of_pair, pointer, "the call is not one of the pair");
        let lead = pointer.map("lead");
        let said = |name| lead.and_then(|lead| text(lead, name));
        let first = lead.and_then(|lead| lead.get("first_contact")?.as_bool().ok().copied());
        let known = table.contact(account, cid, "LEAD");
        let good = said("lead_id") == call.text("lead_id")
            && known.is_none_or(|lead| lead.text("vendor_id") == said("vendor_id"))
            && first == Some(call.flag("first_contact").unwrap_or(false));
        report.check(
            good,
            pointer,
            "lead differs from the call's or the caller's lead",
        );
    }
}

fn first_calls(table: &Table<'_>, report: &mut Report) {
    for call in table
        .of("call")
        .filter(|call| call.flag("first_contact") == Some(true))
    {
        let account = call.account().unwrap_or_default();
        let first = caller(call).and_then(|phone| table.contact(account, phone, "FIRST"));
        let good = first.is_some_and(|first| first.agrees(&call, "call_sid"));
        report.check(
            good,
            call,
            "its caller's first contact is missing or names another call",
        );
    }
}

fn first_contacts(table: &Table<'_>, report: &mut Report) {
    for first in table.of("first_contact") {
        let account = first.account().unwrap_or_default();
        let Some(call) = table.call(account, first.text("call_sid").unwrap_or_default()) else {
            report.add(first, "its call does not exist");
            continue;
        };
        let good = caller(call) == first.text("phone")
            && call.flag("first_contact") == Some(true)
            && call.number("started_at") == first.number("contacted_at");
        report.check(good, first, "the call is not marked as this first contact");
    }
}
