//! An account's data about a phone number: leads, feedback, and queue entries.

use std::collections::BTreeMap;

use super::ended::Retained;
use super::finding::{Report, Rule};
use super::table::{Entry, Table};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "lead-id",
        says: "no two leads of an account have the same id",
        check: lead_ids,
    },
    Rule {
        name: "latest-feedback",
        says: "a number's latest feedback equals the feedback received last",
        check: latest,
    },
    Rule {
        name: "latest-name",
        says: "a number's name is the latest with right party contact that was not withdrawn",
        check: names,
    },
    Rule {
        name: "feedback-sums",
        says: "a number's sums are those of its feedback of the last 91 days, by day",
        check: sums,
    },
    Rule {
        name: "queue-lead",
        says: "a queue entry names the lead of its callee",
        check: queue_leads,
    },
    Rule {
        name: "queue-waiting",
        says: "what waits for a dialer is an entry of the queue that is not over, as it was queued, for a week",
        check: waiting,
    },
    Rule {
        name: "queue-end",
        says: "a queue entry that is over says since when and after which attempt",
        check: ends,
    },
    Rule {
        name: "queue-guard",
        says: "a queue guard names an entry for its number and ends one hour after it",
        check: guards,
    },
];

/// How often an entry is given to takers at most.
const MOST_ATTEMPTS: i64 = 5;

/// Time after which an entry does not wait any more, in milliseconds.
const WEEK: i64 = 7 * 86_400_000;

/// Time during which a callee is not queued again, in milliseconds.
const GUARD_LIFE: i64 = 3_600_000;

fn lead_ids(table: &Table<'_>, report: &mut Report) {
    let by_id = table.grouped("lead", |lead| {
        Some((lead.account()?, lead.text("lead_id")?))
    });
    for leads in by_id.values() {
        for lead in leads.iter().skip(1) {
            report.add(*lead, "another number's lead has the same lead_id");
        }
    }
}

/// What the account of an item keeps.
fn kept(table: &Table<'_>, entry: Entry<'_>) -> Retained {
    Retained::of(table, entry.account().unwrap_or_default())
}

/// Every piece of feedback, by the partition of its number.
fn feedback<'a>(table: &Table<'a>) -> BTreeMap<&'a str, Vec<Entry<'a>>> {
    table.grouped("feedback", |entry| Some(entry.pk))
}

fn latest(table: &Table<'_>, report: &mut Report) {
    let feedback = feedback(table);
    for (pk, all) in &feedback {
        let received = all.iter().filter_map(|one| one.number("received_at")).max();
        let Some(latest) = table.at(pk, "LATEST") else {
            let gone = all
                .first()
                .is_some_and(|one| kept(table, *one).feedback_may_be_gone(received));
            if !gone {
                report.missing(pk, "LATEST", "there is feedback but no latest feedback");
            }
            continue;
        };
        let good = all.iter().any(|one| {
            one.number("received_at") == received
                && ["received_at", "phone_status", "right_party"]
                    .iter()
                    .all(|name| one.agrees(&latest, name))
        });
        report.check(good, latest, "it differs from the feedback received last");
    }
    for latest in table.of("latest_feedback") {
        let there = feedback.contains_key(latest.pk);
        let gone = kept(table, latest).feedback_may_be_gone(latest.number("received_at"));
        report.check(there || gone, latest, "there is no feedback");
    }
}

/// Whether feedback gives the number a name.
fn names_it(one: &Entry<'_>) -> bool {
    one.has("name") && one.flag("right_party") == Some(true)
}

/// Checks the names of numbers. A response sent again without a name withdraws its earlier name. The name
/// before that one is not restored, so a number may have no name although feedback with a name exists.
fn names(table: &Table<'_>, report: &mut Report) {
    let feedback = feedback(table);
    for latest in table.of("latest_feedback") {
        let whole = ["name", "named_by", "named_at"].map(|name| latest.has(name));
        let all = feedback
            .get(latest.pk)
            .map(Vec::as_slice)
            .unwrap_or_default();
        if whole != [true; 3] && whole != [false; 3] {
            report.add(
                latest,
                "only some of name, named_by and named_at are present",
            );
            continue;
        }
        let given = all.iter().any(|one| {
            names_it(one)
                && one.text("response_id") == latest.text("named_by")
                && one.number("received_at") == latest.number("named_at")
                && one.agrees(&latest, "name")
        });
        // It goes on to have a name that feedback gave which has ended.
        let gone = kept(table, latest).feedback_may_be_gone(latest.number("named_at"));
        report.check(
            given || gone || whole == [false; 3],
            latest,
            "named_by did not give that name at named_at",
        );
        let later = all
            .iter()
            .filter(|one| names_it(one) && one.number("received_at") > latest.number("named_at"));
        let forgotten = later
            .clone()
            .any(|name| !all.iter().any(|one| may_withdraw(one, name)));
        report.check(!forgotten, latest, "a later name was not stored");
    }
}

/// Whether feedback may have withdrawn a name given after `name`, because it was sent again without a name
/// since then. The table does not show whether feedback was sent twice within one millisecond.
fn may_withdraw(one: &Entry<'_>, name: &Entry<'_>) -> bool {
    let received = one.number("received_at");
    let again = one.number("first_received_at") < received;
    let since = match again {
        true => received >= name.number("received_at"),
        false => received == name.number("received_at"),
    };
    !names_it(one) && since
}

/// The days that sums are kept of, and the number of their cells.
const DAYS: i64 = 91;
const CELLS: i64 = 128;
const DAY: i64 = 86_400_000;

fn sums(table: &Table<'_>, report: &mut Report) {
    let feedback = feedback(table);
    for latest in table.of("latest_feedback") {
        let (Some(received), true) = (latest.number("received_at"), latest.has("summed")) else {
            continue;
        };
        let last = received.div_euclid(DAY);
        let all = feedback.get(latest.pk);
        let all = all.map(Vec::as_slice).unwrap_or_default();
        // The cells go on to count feedback that has ended.
        let since = kept(table, latest).feedback_since();
        let first = (last - CELLS + 1).max(since.unwrap_or(i64::MIN));
        for day in first..=last {
            let of_day = all.iter().filter(|one| {
                let received = one.number("received_at").unwrap_or(0);
                day > last - DAYS && received.div_euclid(DAY) == day
            });
            let bad = of_day.clone().filter(|one| {
                one.text("phone_status") == Some("Disconnected")
                    || one.flag("right_party") == Some(false)
            });
            for (name, count) in [("all", of_day.clone().count()), ("bad", bad.count())] {
                let name = format!("{name}_{}", day.rem_euclid(CELLS));
                let good = latest.number(&name).unwrap_or(0) == i64::try_from(count).unwrap_or(-1);
                report.check(good, latest, "the sums differ from the feedback");
            }
        }
    }
}

fn queue_leads(table: &Table<'_>, report: &mut Report) {
    for entry in table.of("queue_entry") {
        let (account, phone) = (entry.account(), entry.text("lead_numtocall"));
        let lead = table.contact(
            account.unwrap_or_default(),
            phone.unwrap_or_default(),
            "LEAD",
        );
        let gone = kept(table, entry).contact_may_be_gone(entry.number("created_at"));
        let good = lead.map_or(gone, |lead| lead.agrees(&entry, "lead_id"));
        report.check(good, entry, "lead_id differs from the callee's lead");
    }
}

fn waiting(table: &Table<'_>, report: &mut Report) {
    let entries = table.grouped("queue_entry", |entry| {
        Some((entry.account()?, entry.number("callqueue_id")?))
    });
    for waits in table.of("queue_waiting") {
        let key = waits.account().zip(waits.number("callqueue_id"));
        let Some(entry) = key.and_then(|key| entries.get(&key)?.first()) else {
            // Its own time is over long before.
            let gone = kept(table, waits).queued_may_be_gone(waits.number("created_at"));
            report.check(gone, waits, "its entry does not exist");
            continue;
        };
        let open = entry.text("callqueue_status") == Some("processing");
        report.check(open, waits, "its entry is over");
        let names = [
            "callprocess_id",
            "lead_numtocall",
            "whisper_text",
            "created_at",
        ];
        let same = names.iter().all(|name| entry.agrees(&waits, name));
        report.check(same, waits, "the entry says something else");
        let attempts = waits.number("attempts").unwrap_or(-1);
        let taken = waits.has("lease_until") && waits.has("taken_by");
        let good = (0..=MOST_ATTEMPTS).contains(&attempts) && taken == (attempts > 0);
        report.check(good, waits, "attempts and lease differ");
        let week = waits.number("created_at").map(|at| (at + WEEK) / 1_000);
        let good = week == waits.number("expires_at");
        report.check(good, waits, "expires_at is not a week after it was queued");
    }
}

fn ends(table: &Table<'_>, report: &mut Report) {
    for entry in table.of("queue_entry") {
        let attempts = entry.number("attempts");
        let after = entry.number("ended_at") >= entry.number("created_at");
        let good = match entry.text("callqueue_status") {
            Some("processing") => attempts.is_none() && !entry.has("ended_at"),
            Some("completed" | "failed") => {
                after && attempts.is_some_and(|count| (1..=MOST_ATTEMPTS).contains(&count))
            }
            Some("expired") => {
                after && attempts.is_some_and(|count| (0..MOST_ATTEMPTS).contains(&count))
            }
            _ => false,
        };
        report.check(good, entry, "status, attempts and end differ");
    }
}

fn guards(table: &Table<'_>, report: &mut Report) {
    let entries = table.grouped("queue_entry", |entry| {
        Some((entry.account()?, entry.number("callqueue_id")?))
    });
    for guard in table.of("queue_guard") {
        let key = guard.account().zip(guard.number("callqueue_id"));
        let Some(entry) = key.and_then(|key| entries.get(&key)?.first()) else {
            let gone = kept(table, guard).queued_may_be_gone(guard.number("until"));
            report.check(gone, guard, "its entry does not exist");
            continue;
        };
        let good =
            entry.text("lead_numtocall") == Some(guard.part(3)) && entry.agrees(&guard, "guid");
        report.check(good, guard, "the entry has another number or request");
        let until = entry.number("created_at").map(|at| at + GUARD_LIFE);
        let hour = until == guard.number("until");
        report.check(hour, guard, "until is not one hour after the entry");
    }
}
