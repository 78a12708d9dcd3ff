//! Calls, live calls and costs.

use callbook_tests::audit::Entry;

use super::correct::{ONCE, REGULAR};
use super::{Case, Damaged, n, prove, s};

const NOBODY: &str = "+12065550199";
const SID: &str = "ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ";

fn regular() -> String {
    format!("+{REGULAR}")
}

/// The later call of the regular caller: not a first contact, not ended, not billed.
fn plain(call: Entry<'_>) -> bool {
    call.text("call_from") == Some(&regular()) && !call.has("first_contact")
}

fn billed(call: Entry<'_>) -> bool {
    call.has("cost") && !call.has("row_digest")
}

/// The ended outbound call of another switch.
fn placed(call: Entry<'_>) -> bool {
    call.text("direction") == Some("outbound") && call.has("property_sid")
}

/// A call that was live and has ended.
fn ended(call: Entry<'_>) -> bool {
    call.has("ended_by")
}

fn pointer_to(t: &Damaged, call: usize) -> usize {
    let sk = t.text(call, "sk");
    t.find("pair_call", |pointer| pointer.sk == sk)
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
            let call = t.find("call", plain);
            t.set(call, "started_at", n(0));
            vec![t.key(call, "started_at differs from the sid")]
        },
    },
    Case {
        rule: "call-shard",
        damage: |t| {
            let call = t.find("call", placed);
            let mut sharded = t.items()[call].clone();
            let sid = t.text(call, "call_sid");
            let sid = format!("{}AB{}", &sid[..10], &sid[12..]);
            let day = t.text(call, "pk");
            let day = format!("{}#1", day.trim_end_matches("#0"));
            sharded.extend([
                ("pk".to_owned(), s(day)),
                ("sk".to_owned(), s(format!("CALL#{sid}"))),
                ("call_sid".to_owned(), s(sid)),
            ]);
            t.items().push(sharded);
            let call = t.items().len() - 1;
            vec![t.key(call, "its shard is not one of the account's")]
        },
    },
    Case {
        rule: "call-end",
        damage: |t| {
            let call = t.find("call", ended);
            t.unset(call, "duration_seconds");
            let what = "ended_by is present without ended_at or duration_seconds";
            vec![t.key(call, what)]
        },
    },
    Case {
        rule: "call-end",
        damage: |t| {
            let call = t.find("call", placed);
            t.unset(call, "duration_seconds");
            t.set(call, "ended_at", n(0));
            vec![t.key(call, "ended_at is before started_at")]
        },
    },
    Case {
        rule: "call-end",
        damage: |t| {
            let call = t.find("call", placed);
            t.set(call, "duration_seconds", n(62));
            let what = "duration_seconds is not the time from start to end";
            vec![t.key(call, what)]
        },
    },
    Case {
        rule: "call-property",
        damage: |t| {
            let call = t.find("call", placed);
            t.set(call, "property_sid", s(SID));
            vec![t.key(call, "property_sid names no property")]
        },
    },
    Case {
        rule: "call-lead",
        damage: |t| {
            let call = t.find("call", plain);
            t.set(call, "lead_id", s("7"));
            let pointer = pointer_to(t, call);
            t.set_in(pointer, "lead", "lead_id", s("7"));
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
            let pointer = pointer_to(t, call);
            t.remove(pointer);
            let call = t.find("call", plain);
            vec![t.key(call, "its pair has no pointer to it")]
        },
    },
    Case {
        rule: "pair-call",
        damage: |t| {
            let call = t.find("call", plain);
            let sk = t.text(call, "sk");
            t.remove(call);
            let pointer = t.find("pair_call", |pointer| pointer.sk == sk);
            vec![t.key(pointer, "its call does not exist")]
        },
    },
    Case {
        rule: "pair-call",
        damage: |t| {
            let call = t.find("call", plain);
            let pointer = pointer_to(t, call);
            let mut astray = t.items()[pointer].clone();
            let pk = t.text(pointer, "pk").replace(&regular(), NOBODY);
            astray.insert("pk".to_owned(), s(pk));
            t.items().push(astray);
            let astray = t.items().len() - 1;
            vec![t.key(astray, "the call is not one of the pair")]
        },
    },
    Case {
        rule: "pair-call",
        damage: |t| {
            let call = t.find("call", plain);
            let pointer = pointer_to(t, call);
            t.set_in(pointer, "lead", "vendor_id", s("7"));
            vec![t.key(pointer, "lead differs from the call's or the caller's lead")]
        },
    },
    Case {
        rule: "pair-call",
        damage: |t| {
            let call = t.find("call", plain);
            let pointer = pointer_to(t, call);
            t.set_in(pointer, "lead", "first_contact", super::flag(true));
            vec![t.key(pointer, "lead differs from the call's or the caller's lead")]
        },
    },
    Case {
        rule: "call-first",
        damage: |t| {
            let first = t.find("first_contact", |one| one.text("phone") == Some(ONCE));
            t.remove(first);
            let call = t.find("call", |call| call.text("call_from") == Some(ONCE));
            let what = "its caller's first contact is missing or names another call";
            vec![t.key(call, what)]
        },
    },
    Case {
        rule: "first-call",
        damage: |t| {
            let first = t.find("first_contact", |_| true);
            t.set(first, "contacted_at", n(0));
            let what = "the call is not marked as this first contact";
            vec![t.key(first, what)]
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
            t.set(live, "call_sid", s(SID));
            vec![t.key(live, "its call does not exist")]
        },
    },
    Case {
        rule: "live-call",
        damage: |t| {
            let live = t.find("live_call", |_| true);
            let (sid, started) = (t.text(live, "call_sid"), t.number(live, "started_at"));
            let call = t.find("call", |call| call.text("call_sid") == Some(&sid));
            t.set(call, "ended_at", n(started));
            t.set(call, "duration_seconds", n(0));
            t.set(call, "ended_by", s("84e2b789-d5f4-4634-98fe-dacc9fe42ba3"));
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

pub(super) const COSTS: &[Case] = &[
    Case {
        rule: "cost-call",
        damage: |t| {
            let cost = t.find("cost", |cost| cost.has("call_sid"));
            t.set(cost, "call_to", s(NOBODY));
            vec![t.key(cost, "the call has another pair")]
        },
    },
    Case {
        rule: "cost-call",
        damage: |t| {
            let call = t.find("call", billed);
            let mut astray = {
                let cost = t.find("cost", |cost| !cost.has("call_sid"));
                t.items()[cost].clone()
            };
            let pk = format!("A#{}#CALL#{}", t.account(), t.text(call, "call_sid"));
            astray.insert("pk".to_owned(), s(pk));
            t.items().push(astray);
            let astray = t.items().len() - 1;
            vec![t.key(astray, "it is stored with a call but names none")]
        },
    },
    Case {
        rule: "call-cost",
        damage: |t| {
            // The cost of the earlier of its two bills.
            let call = t.find("call", billed);
            let earlier = t.find("cost", |cost| cost.money("cost") == "1".parse().ok());
            let cost = t.items()[earlier]["cost"].clone();
            t.set(call, "cost", cost);
            let what = "cost and date_billed differ from its latest entry";
            vec![t.key(call, what)]
        },
    },
    Case {
        rule: "call-cost",
        damage: |t| {
            let call = t.find("call", plain);
            t.set(call, "date_billed", n(0));
            vec![t.key(call, "it has a cost but no entry")]
        },
    },
    Case {
        rule: "first-cost",
        damage: |t| {
            let first = t.find("first_contact", |first| first.has("cost"));
            t.unset(first, "cost");
            let what = "cost and date_billed differ from the latest entry of its call";
            vec![t.key(first, what)]
        },
    },
    Case {
        rule: "first-cost",
        damage: |t| {
            let first = t.find("first_contact", |first| !first.has("cost"));
            t.set(first, "cost", n(1));
            vec![t.key(first, "it has a cost, but its call has no entry")]
        },
    },
    Case {
        rule: "lead-cost",
        damage: |t| {
            let lead = t.find("lead", |lead| lead.has("cost"));
            t.set(lead, "cost", n(9));
            vec![t.key(lead, "cost differs from the latest entry of its calls")]
        },
    },
    Case {
        rule: "lead-cost",
        damage: |t| {
            let lead = t.find("lead", |lead| !lead.has("cost"));
            t.set(lead, "cost", n(9));
            vec![t.key(lead, "it has a cost, but its calls have no entry")]
        },
    },
];

#[tokio::test]
async fn damaged_calls_are_found() {
    prove(CASES).await;
}

#[tokio::test]
async fn damaged_costs_are_found() {
    prove(COSTS).await;
}
