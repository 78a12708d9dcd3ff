//! Live calls, and the latest starts from a number.

use std::collections::BTreeMap;

use super::calls::of_pair;
use super::finding::{Report, Rule};
use super::form;
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
        name: "live-copy",
        says: "a counted live call and its copy under the reversed number say the same",
        check: copies,
    },
    Rule {
        name: "live-count",
        says: "each count of live calls that are live for another hour is their number",
        check: counts,
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
        let noted_name = format!("at{}", slot_of(live.part(1)));
        let noted = starts.and_then(|starts| starts.number(&noted_name));
        let good = noted >= live.number("started_at");
        report.check(good, live, "its start is not stored");
        if live.flag("carrier") == Some(true) {
            let starts = table.at(&format!("NUM#{calling}"), "CARRIERS");
            let noted = starts.and_then(|starts| starts.number(&noted_name));
            let good = noted >= live.number("started_at");
            report.check(good, live, "its start is not stored with those of carriers");
        }
    }
}

fn copies(table: &Table<'_>, report: &mut Report) {
    let same = |live: &Entry<'_>, copy: &Entry<'_>| {
        ["calling", "started_at", "live_until"]
            .iter()
            .all(|name| live.agrees(copy, name))
    };
    let reversed = |calling: &str| {
        calling
            .trim_start_matches('+')
            .chars()
            .rev()
            .collect::<String>()
    };
    for live in table.of("live_call") {
        // Calls that an earlier version started have no copy, and no credential.
        let counted = live.has("credential_id");
        let account = live.account().unwrap_or_default();
        let calling = reversed(live.text("calling").unwrap_or_default());
        let copy = table.at(
            &format!("LIVEREV#{}", live.part(1)),
            &format!("{calling}#{account}"),
        );
        let good = copy.is_some_and(|copy| same(&live, &copy)) || !counted;
        report.check(good || expired(table, live), live, "its copy differs");
    }
    for copy in table.of("reversed_live_call") {
        let calling = copy.text("calling").unwrap_or_default();
        let account = copy.account().unwrap_or_default();
        let live = table.at(
            &format!("LIVE#{}", copy.part(1)),
            &format!("{calling}#{account}"),
        );
        let good = live.is_some_and(|live| same(&live, &copy));
        report.check(
            good || expired(table, copy),
            copy,
            "it is a copy of nothing",
        );
    }
}

/// Whether DynamoDB may have removed the item, or an item that expires with it.
fn expired(table: &Table<'_>, entry: Entry<'_>) -> bool {
    entry
        .number("expires_at")
        .is_some_and(|at| at * 1_000 <= table.now)
}

const HOUR: i64 = 3_600_000;

/// A count: its partition, its sort key, and the name of the cell.
type Cell = (String, String, String);

fn counts(table: &Table<'_>, report: &mut Report) {
    let mut due: BTreeMap<Cell, i64> = BTreeMap::new();
    let this_hour = table.now.div_euclid(HOUR);
    for live in table.of("live_call") {
        let (Some(credential), Some(until)) =
            (live.text("credential_id"), live.number("live_until"))
        else {
            continue;
        };
        let hour = until.div_euclid(HOUR);
        let account = live.account().unwrap_or_default();
        let shard = live.text("call_sid").and_then(form::shard).unwrap_or(0) % 16;
        let cell = format!("until_{hour}");
        let mut add = |pk: String, sk: String| {
            *due.entry((pk, sk, cell.clone())).or_default() += i64::from(hour > this_hour);
        };
        add(format!("A#{account}#LIVE"), format!("COUNT#{shard}"));
        if live.flag("carrier") != Some(true) {
            let pk = format!("A#{account}#LIVE#{}", live.part(1));
            add(pk, format!("KEY#{credential}"));
        }
    }
    for count in table.of("live_count") {
        for name in count.item.keys() {
            let hour = name
                .strip_prefix("until_")
                .and_then(|hour| hour.parse().ok());
            if hour.is_some_and(|hour: i64| hour > this_hour) {
                let key = (count.pk.to_owned(), count.sk.to_owned(), name.clone());
                let good = count.number(name) == Some(due.remove(&key).unwrap_or(0));
                report.check(good, count, "it is not the number of live calls");
            }
        }
    }
    for ((pk, sk, _), calls) in due {
        if calls > 0 {
            report.missing(&pk, &sk, "live calls are not counted");
        }
    }
}

fn slots(table: &Table<'_>, report: &mut Report) {
    for starts in table.of("number_starts").chain(table.of("carrier_starts")) {
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
