//! Webhook endpoints and the deliveries to them.

use std::collections::BTreeSet;

use crate::finding::{Report, Rule};
use crate::table::{Entry, Table};

/// The rules of this file.
pub const RULES: &[Rule] = &[
    Rule {
        name: "webhook-parts",
        says: "an endpoint has its secrets and its progress, and neither is without an endpoint",
        check: parts,
    },
    Rule {
        name: "webhook-off",
        says: "an endpoint says why and since when it is disabled, if it is",
        check: off,
    },
    Rule {
        name: "delivery-pending",
        says: "a pending delivery is found by its time and in its line, and one that is over is not",
        check: pending,
    },
    Rule {
        name: "delivery-end",
        says: "a delivery that is over says since when, and one that was delivered was taken at its last attempt",
        check: ends,
    },
    Rule {
        name: "delivery-event",
        says: "a delivery is of the event that it names, and expires 30 days after it was queued",
        check: events,
    },
];

/// How long a delivery is kept, in seconds.
const KEPT: i64 = 30 * 86_400;

/// The endpoint that an item of its partition belongs to.
fn owner(entry: Entry<'_>) -> (String, String) {
    (entry.part(1).to_owned(), entry.part(3).to_owned())
}

fn endpoints(table: &Table<'_>) -> BTreeSet<(String, String)> {
    let found = table.of("webhook").filter_map(|entry| {
        Some((
            entry.account()?.to_owned(),
            entry.text("endpoint_id")?.to_owned(),
        ))
    });
    found.collect()
}

fn parts(table: &Table<'_>, report: &mut Report) {
    let endpoints = endpoints(table);
    let secrets: BTreeSet<_> = table.of("webhook_secrets").map(owner).collect();
    let progress = |entry: Entry<'_>| {
        let text = |name| entry.text(name).unwrap_or_default().to_owned();
        (text("account_id"), text("endpoint_id"))
    };
    let progresses: BTreeSet<_> = table.of("webhook_progress").map(progress).collect();
    for entry in table.of("webhook") {
        let key = (
            entry.account().unwrap_or_default().to_owned(),
            entry.text("endpoint_id").unwrap_or_default().to_owned(),
        );
        report.check(secrets.contains(&key), entry, "it has no secrets");
        report.check(progresses.contains(&key), entry, "it has no progress");
    }
    for entry in table.of("webhook_secrets") {
        report.check(
            endpoints.contains(&owner(entry)),
            entry,
            "its endpoint does not exist",
        );
        report.check(
            entry.maps("secrets").next().is_some(),
            entry,
            "there is no secret",
        );
    }
    for entry in table.of("webhook_progress") {
        report.check(
            endpoints.contains(&progress(entry)),
            entry,
            "its endpoint does not exist",
        );
        let failing = entry.number("failures") > Some(0);
        let good = failing == entry.has("failing_since") && (failing || !entry.has("open_until"));
        report.check(good, entry, "failures and their beginning differ");
        let leased = entry.has("lease_until") == entry.has("lease_by");
        report.check(leased, entry, "half of a lease");
    }
}

fn off(table: &Table<'_>, report: &mut Report) {
    for entry in table.of("webhook") {
        let disabled = entry.text("status") == Some("disabled");
        let told = entry.has("off_reason") && entry.has("off_since");
        let untold = !entry.has("off_reason") && !entry.has("off_since");
        let good = if disabled { told } else { untold };
        report.check(good, entry, "status and reason differ");
        let plain = entry.text("format") == Some("plain");
        report.check(
            plain == entry.has("method"),
            entry,
            "format and method differ",
        );
    }
}

fn pending(table: &Table<'_>, report: &mut Report) {
    let key = |entry: Entry<'_>| {
        let id = entry.text("delivery_id")?.to_owned();
        Some((entry.pk.to_owned(), id))
    };
    let by_time = table.grouped("delivery_due", key);
    let in_line = table.grouped("delivery_line", key);
    let deliveries = table.grouped("delivery", key);
    for entry in table.of("delivery") {
        let Some(key) = key(entry) else { continue };
        let pointers = [by_time.get(&key), in_line.get(&key)];
        if entry.text("status") != Some("pending") {
            let none = pointers.iter().all(Option::is_none);
            report.check(none, entry, "it is over and still found as pending");
            continue;
        }
        for pointers in pointers {
            let good = pointers.is_some_and(|found| {
                let [pointer] = found.as_slice() else {
                    return false;
                };
                let names = ["line", "place"];
                names.iter().all(|name| pointer.agrees(&entry, name))
            });
            report.check(
                good,
                entry,
                "it is pending and not found once by time and once in its line",
            );
        }
        let dues = [by_time.get(&key), in_line.get(&key)].map(|found| {
            found
                .and_then(|found| found.first())
                .and_then(|found| found.number("due"))
        });
        report.check(dues[0] == dues[1], entry, "it is due at two times");
        // One that waits for another of its line is due with that one.
        report.check(
            dues[0] >= entry.number("due"),
            entry,
            "it is found before it is due",
        );
    }
    for kind in ["delivery_due", "delivery_line"] {
        for pointer in table.of(kind) {
            let gone = pointer.number("expires_at") <= Some(table.now / 1_000);
            let known = key(pointer).is_some_and(|key| deliveries.contains_key(&key));
            report.check(known || gone, pointer, "its delivery does not exist");
        }
    }
}

fn ends(table: &Table<'_>, report: &mut Report) {
    for entry in table.of("delivery") {
        let attempts = entry.number("attempts").unwrap_or(-1);
        let kept = i64::try_from(entry.maps("tries").count()).unwrap_or(0);
        let round = entry.number("round").unwrap_or(-1);
        let counted = (0..=attempts).contains(&round) && kept == attempts.min(12);
        report.check(counted, entry, "attempts and their list differ");
        let last = entry.maps("tries").last();
        let status = last.and_then(|last| crate::table::number(last, "status"));
        let taken = status.is_some_and(|status| (200..300).contains(&status));
        let (due, ended) = (entry.has("due"), entry.has("ended_at"));
        let good = match entry.text("status") {
            Some("pending") => due && !ended,
            Some("delivered") => !due && ended && taken,
            Some("failed") => !due && ended && !taken && attempts > 0,
            _ => false,
        };
        report.check(good, entry, "status, attempts and end differ");
    }
}

fn events(table: &Table<'_>, report: &mut Report) {
    for entry in table.of("delivery") {
        let event = entry.text("event").unwrap_or_default();
        let said = |name: &str| entry.text(name).unwrap_or_default().to_owned();
        let names = event.contains(&format!("\"id\":\"{}\"", said("event_id")))
            && event.contains(&format!("\"type\":\"{}\"", said("event_type")));
        report.check(names, entry, "its event is another one");
        let queued = entry
            .number("queued_at")
            .map(|at| at.div_euclid(1_000) + KEPT);
        // One that was queued again is kept for longer.
        report.check(
            queued <= entry.number("expires_at"),
            entry,
            "it expires before 30 days are over",
        );
    }
}
