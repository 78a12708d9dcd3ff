//! Live calls, and the latest starts from a number.

use super::calls::of_pair;
use super::finding::{Report, Rule};
use super::shapes;
use super::table::{Entry, Table, number, text};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "live-call",
        says: "a live call is an outbound call of its pair that has not been ended",
        check: live_calls,
    },
    Rule {
        name: "live-start",
        says: "the start of a live call is stored with its calling number",
        check: live_starts,
    },
    Rule {
        name: "start-slot",
        says: "a called number is in its own slot, with the start and the latest end of the call",
        check: slots,
    },
];

fn live_calls(table: &Table<'_>, report: &mut Report) {
    for live in table.of("live_call") {
        let account = live.account().unwrap_or_default();
        let call = table.answers(account, live.text("call_sid").unwrap_or_default());
        let Some(call) = call.and_then(|call| of_pair(table, call)) else {
            report.add(live, "its call does not exist");
            continue;
        };
        let of_pair = call.pair()
            == (
                "out",
                live.part(1),
                live.text("calling").unwrap_or_default(),
            );
        let mut announced = call.maps("reports").filter(|one| {
            text(one, "source") == Some("startend")
                && number(one, "started_at") == live.number("started_at")
        });
        let same = announced
            .clone()
            .any(|one| text(one, "guid") == live.text("guid"));
        report.check(of_pair && same, live, "the call differs from the live call");
        let ended = announced.any(|one| one.contains_key("ended_at"));
        report.check(!ended, live, "the call has been ended");
        let forward = live.number("live_until") > live.number("started_at");
        report.check(forward, live, "live_until is not after started_at");
    }
}

/// The slot of a called number: the base-31 hash of its digits, in 32 bits, modulo 16.
fn slot_of(called: &str) -> u32 {
    let digits = called.trim_start_matches('+').bytes();
    digits.fold(0_u32, |sum, digit| {
        sum.wrapping_mul(31).wrapping_add(u32::from(digit))
    }) % shapes::SLOTS
}

fn live_starts(table: &Table<'_>, report: &mut Report) {
    for live in table.of("live_call") {
        let account = live.account().unwrap_or_default();
        let calling = live.text("calling").unwrap_or_default();
        let starts = table.at(&format!("NUM#{calling}"), &format!("START#{account}"));
        // A later call to another number in the same slot may have replaced the start.
        let noted = format!("at{}", slot_of(live.part(1)));
        let noted = starts.and_then(|starts| starts.number(&noted));
        let good = noted >= live.number("started_at");
        report.check(good, live, "its start is not stored");
    }
}

fn slots(table: &Table<'_>, report: &mut Report) {
    for starts in table.of("number_starts") {
        for slot in 0..shapes::SLOTS {
            let text = |name| starts.text(&format!("{name}{slot}"));
            let has = |name| starts.has(&format!("{name}{slot}"));
            let whole = ["to", "at", "until", "before"].map(has);
            let good = whole == [true; 4] || whole == [false; 4];
            report.check(good, starts, "a slot is incomplete");
            let own = ["to", "ended"]
                .into_iter()
                .filter_map(text)
                .all(|called| slot_of(called) == slot);
            report.check(own, starts, "a number is in the slot of another");
            report.check(
                forward(starts, slot),
                starts,
                "a call ends before it starts",
            );
        }
    }
}

fn forward(starts: Entry<'_>, slot: u32) -> bool {
    let at = |name| starts.number(&format!("{name}{slot}"));
    at("until") >= at("at")
}
