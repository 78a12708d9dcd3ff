//! Calls and live calls.

use aws_sdk_dynamodb::types::AttributeValue;
use callbook_audit::{Entry, Item};

use super::correct::{ONCE, REGULAR};
use super::{Case, Damaged, n, prove, s};

pub(super) const NOBODY: &str = "+12065550199";
pub(super) const SID: &str = "ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ";

fn regular() -> String {
    format!("+{REGULAR}")
}

/// The later call of the regular caller: not a first contact, not ended, not billed.
fn plain(call: Entry<'_>) -> bool {
    call.text("call_from") == Some(&regular()) && !call.has("first_contact")
}

/// The call with the bills of every kind.
pub(super) fn billed(call: Entry<'_>) -> bool {
    call.money("cost") == "5".parse().ok()
}

/// The ended outbound call of another switch.
fn placed(call: Entry<'_>) -> bool {
    call.text("direction") == Some("outbound") && call.has("property_sid")
}

/// What a report joined that was never a call of its own.
fn only_name(t: &Damaged) -> usize {
    let calls: Vec<String> = (0..t.0.items.len())
        .map(|index| t.text(index, "sk"))
        .collect();
    let call = |joined: Entry<'_>| joined.sk.replace("JOINED#", "CALL#");
    t.find("joined_report", |joined| !calls.contains(&call(joined)))
}

/// The item of a call in its pair.
pub(super) fn in_pair(t: &Damaged, call: usize) -> usize {
    let (sk, from) = (t.text(call, "sk"), t.text(call, "call_from"));
    t.find("pair_call", |one| one.sk == sk && one.part(5) == from)
}

/// A slot that contains a start.
fn slot(t: &Damaged, starts: usize) -> u32 {
    let starts = &t.0.items[starts];
    let slot = (0..16).find(|slot| starts.contains_key(&format!("to{slot}")));
    slot.expect("a start")
}

pub(super) const CASES: &[Case] = &[
    Case {
        rule: "call-start",
        damage: |t| {
            let call = t.find("call", |call| call.text("call_from") == Some(ONCE));
            let pair = in_pair(t, call);
            let start = t.number(call, "started_at") - 46 * 60_000;
            t.set_at(pair, "reports", 0, "started_at", n(start));
            t.set(call, "started_at", n(start));
            let first = t.find("first_contact", |one| one.text("phone") == Some(ONCE));
            t.set(first, "contacted_at", n(start));
            let what = "a report started far from the time in its sid";
            vec![t.key(pair, what)]
        },
    },
    Case {
        rule: "call-shard",
        damage: |t| {
            let account = t.find("account", |one| {
                one.sk == "ACCOUNT" && one.has("callprocess_id")
            });
            t.set(account, "shards", n(0));
            let table = callbook_audit::Table::new(&t.0.items, t.0.now);
            let calls = table
                .of("call")
                .map(|call| (call.pk.to_owned(), call.sk.to_owned()));
            let what = "its shard is not one of the account's";
            calls.map(|(pk, sk)| (pk, sk, what)).collect()
        },
    },
    Case {
        rule: "call-property",
        damage: |t| {
            let call = t.find("call", placed);
            let pair = in_pair(t, call);
            t.set(call, "property_sid", s(SID));
            t.set_at(pair, "reports", 0, "property_sid", s(SID));
            vec![t.key(call, "property_sid names no property")]
        },
    },
    Case {
        rule: "call-lead",
        damage: |t| {
            let call = t.find("call", plain);
            t.set(call, "lead_id", s("7"));
            vec![t.key(call, "lead_id differs from the caller's lead")]
        },
    },
    Case {
        rule: "call-lead",
        damage: |t| {
            let call = t.find("call", placed);
            t.set(call, "lead_id", s("7"));
            vec![t.key(call, "it has a lead but no caller")]
        },
    },
    Case {
        rule: "call-lead",
        damage: |t| {
            let lead = t.find("lead", |lead| lead.text("phone") == Some(ONCE));
            t.remove(lead);
            let call = t.find("call", |call| call.text("call_from") == Some(ONCE));
            vec![t.key(call, "its caller has no lead")]
        },
    },
    Case {
        rule: "call-pair",
        damage: |t| {
            let call = t.find("call", plain);
            let key = t.key(call, "its pair does not have it");
            let pair = in_pair(t, call);
            t.remove(pair);
            vec![key]
        },
    },
    Case {
        rule: "pair-row",
        damage: |t| {
            let call = t.find("call", plain);
            let pair = in_pair(t, call);
            let key = t.key(pair, "its row does not exist");
            t.remove(call);
            vec![key]
        },
    },
    Case {
        rule: "pair-row",
        damage: |t| {
            let call = t.find("call", plain);
            t.set(call, "started_at", n(0));
            vec![t.key(call, "started_at is not what its pair says")]
        },
    },
    Case {
        rule: "pair-row",
        damage: |t| {
            let call = t.find("call", placed);
            t.set(call, "duration_seconds", n(62));
            vec![t.key(call, "duration_seconds is not what its pair says")]
        },
    },
    Case {
        rule: "pair-row",
        damage: |t| {
            let call = t.find("call", placed);
            t.set(call, "disposition", s("Busy"));
            t.set(call, "two_vendors", super::flag(true));
            vec![
                t.key(call, "disposition is not what its pair says"),
                t.key(call, "two_vendors is not what its pair says"),
            ]
        },
    },
    Case {
        rule: "pair-row",
        damage: |t| {
            let call = t.find("call", billed);
            t.set(call, "date_billed", n(0));
            vec![t.key(call, "date_billed is not what its pair says")]
        },
    },
    Case {
        rule: "pair-report",
        damage: |t| {
            let call = t.find("call", placed);
            let pair = in_pair(t, call);
            t.set_at(pair, "reports", 0, "sid", s(SID));
            vec![t.key(pair, "none of its reports has its sid")]
        },
    },
    Case {
        rule: "pair-report",
        damage: |t| {
            let call = t.find("call", placed);
            let pair = in_pair(t, call);
            let report = t.map_at(pair, "reports", 0).clone();
            let list = t.items()[pair].get_mut("reports").expect("reports");
            let twice = AttributeValue::L(vec![AttributeValue::M(report); 2]);
            *list = twice;
            let sources = vec![s("switch"); 2];
            t.set(call, "sources", AttributeValue::L(sources));
            vec![t.key(pair, "one of its reports is in another call too")]
        },
    },
    Case {
        rule: "pair-report",
        damage: |t| {
            let joined = only_name(t);
            let sid = t.text(joined, "sk").replace("JOINED#", "");
            t.remove(joined);
            let of_report = |call: &&Item| {
                let reports = call.get("reports").and_then(|reports| reports.as_l().ok());
                let mut reports = reports.into_iter().flatten();
                reports.any(|one| one.as_m().expect("a map")["sid"].as_s() == Ok(&sid))
            };
            let mut items = t.0.items.iter();
            let pair = items.position(|call| of_report(&call)).expect("its call");
            vec![t.key(pair, "the sid of one of its reports names no item")]
        },
    },
    Case {
        rule: "joined-call",
        damage: |t| {
            let joined = only_name(t);
            t.set(joined, "joined_into", s(SID));
            vec![t.key(joined, "joined_into names no call")]
        },
    },
    Case {
        rule: "pair-head",
        damage: |t| {
            let call = t.find("call", placed);
            let pair = in_pair(t, call);
            let pk = t.text(pair, "pk");
            let head = t.find("pair", |head| head.pk == pk);
            t.remove(head);
            let pair = t.find("pair_call", |one| one.pk == pk);
            vec![t.key(pair, "its pair has no head")]
        },
    },
    Case {
        rule: "pair-unsettled",
        damage: |t| {
            let head = t.find("pair", |_| true);
            t.set(head, "unsettled", AttributeValue::L(vec![s(SID)]));
            vec![t.key(head, "unsettled names a call that does not exist")]
        },
    },
    Case {
        rule: "joined-call",
        damage: |t| {
            let joined = t.find("joined_call", |_| true);
            t.set(joined, "joined_into", s(SID));
            vec![t.key(joined, "joined_into leads to no call with its report")]
        },
    },
    Case {
        rule: "joined-call",
        damage: |t| {
            let call = t.find("call", plain);
            let sid = t.text(call, "call_sid");
            let joined = t.find("joined_call", |_| true);
            t.set(joined, "joined_into", s(sid));
            vec![t.key(joined, "joined_into leads to no call with its report")]
        },
    },
    Case {
        rule: "call-first",
        damage: |t| {
            let call = t.find("call", plain);
            t.set(call, "first_contact", super::flag(true));
            let what = "its caller's first contact is missing or names another call";
            vec![t.key(call, what)]
        },
    },
    Case {
        rule: "first-call",
        damage: |t| {
            let first = t.find("first_contact", |_| true);
            t.set(first, "contacted_at", n(0));
            vec![t.key(first, "contacted_at is not the earliest report")]
        },
    },
    Case {
        rule: "first-call",
        damage: |t| {
            let first = t.find("first_contact", |_| true);
            t.set(first, "report_sid", s(SID));
            vec![t.key(first, "it names no earliest report and its call")]
        },
    },
    Case {
        rule: "first-call",
        damage: |t| {
            let call = t.find("call", |call| call.has("first_contact"));
            let (sid, phone) = (t.text(call, "call_sid"), t.text(call, "call_from"));
            t.unset(call, "first_contact");
            let first = t.find("first_contact", |one| {
                one.text("call_sid") == Some(&sid) && one.text("phone") == Some(&phone)
            });
            let what = "the call is not marked as this first contact";
            vec![t.key(first, what)]
        },
    },
    Case {
        rule: "first-call",
        damage: |t| {
            let first = t.find("first_contact", |one| one.text("phone") == Some(ONCE));
            let mut other = t.items()[first].clone();
            let pk = format!("A#{}#N#{NOBODY}", t.account());
            other.extend([("pk".to_owned(), s(pk)), ("phone".to_owned(), s(NOBODY))]);
            t.items().push(other);
            let other = t.items().len() - 1;
            vec![t.key(other, "its caller has no inbound call")]
        },
    },
    Case {
        rule: "live-call",
        damage: |t| {
            let live = t.find("live_call", |_| true);
            t.set(live, "guid", s("84e2b789-d5f4-4634-98fe-dacc9fe42ba3"));
            vec![t.key(live, "the call differs from the live call")]
        },
    },
    Case {
        rule: "live-call",
        damage: |t| {
            let live = t.find("live_call", |_| true);
            // Of the same shard, which the count of live calls goes by.
            let shard = &t.text(live, "call_sid")[..12];
            t.set(live, "call_sid", s(format!("{shard}{}", &SID[12..])));
            vec![t.key(live, "its call does not exist")]
        },
    },
    Case {
        rule: "live-call",
        damage: |t| {
            let live = t.find("live_call", |_| true);
            let (sid, started) = (t.text(live, "call_sid"), t.number(live, "started_at"));
            let call = t.find("call", |call| call.text("call_sid") == Some(&sid));
            let pair = in_pair(t, call);
            t.set(call, "ended_at", n(started));
            t.set(call, "duration_seconds", n(0));
            t.set_at(pair, "reports", 0, "ended_at", n(started));
            vec![t.key(live, "the call has been ended")]
        },
    },
    Case {
        rule: "live-start",
        damage: |t| {
            let starts = t.find("number_starts", |_| true);
            t.remove(starts);
            let live = t.find("live_call", |_| true);
            vec![t.key(live, "its start is not stored")]
        },
    },
    Case {
        rule: "live-copy",
        damage: |t| {
            let copy = t.find("reversed_live_call", |_| true);
            let started = t.number(copy, "started_at");
            t.set(copy, "started_at", n(started + 1));
            let live = t.find("live_call", |_| true);
            vec![
                t.key(copy, "it is a copy of nothing"),
                t.key(live, "its copy differs"),
            ]
        },
    },
    Case {
        rule: "live-count",
        damage: |t| {
            let count = t.find("live_count", |_| true);
            let cell = cell(t, count);
            let calls = t.number(count, &cell);
            t.set(count, &cell, n(calls + 1));
            vec![t.key(count, "it is not the number of live calls")]
        },
    },
    Case {
        rule: "live-count",
        damage: |t| {
            let count = t.find("live_count", |_| true);
            let key = t.key(count, "live calls are not counted");
            t.remove(count);
            vec![key]
        },
    },
    Case {
        rule: "start-slot",
        damage: |t| {
            let starts = t.find("number_starts", |_| true);
            let slot = slot(t, starts);
            let called = s(t.text(starts, &format!("to{slot}")));
            t.set(starts, &format!("ended{}", (slot + 1) % 16), called);
            vec![t.key(starts, "a number is in the slot of another")]
        },
    },
    Case {
        rule: "start-slot",
        damage: |t| {
            let starts = t.find("number_starts", |_| true);
            let before = format!("before{}", slot(t, starts));
            t.unset(starts, &before);
            vec![t.key(starts, "a slot is incomplete")]
        },
    },
];

/// The cell of a count of live calls.
fn cell(t: &mut Damaged, count: usize) -> String {
    let names = t.items()[count].keys();
    let mut cells = names.filter(|name| name.starts_with("until_"));
    cells.next().expect("a cell").clone()
}

#[tokio::test]
async fn damaged_calls_are_found() {
    prove(CASES).await;
}
