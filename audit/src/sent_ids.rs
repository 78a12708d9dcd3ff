//! Call ids that a credential sent for more than one pair.

use super::ended::{Retained, may_outlive};
use super::finding::{Report, Rule};
use super::table::{Entry, Table};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "id-reused",
        says: "of the costs with one call id of a credential within 30 days, those that are not marked as \
               reused are of one pair, and a marked one is not the only pair",
        check: reused,
    },
    Rule {
        name: "sent-id",
        says: "a credential's call id is on record for 30 days, with a pair that it was sent for",
        check: recorded,
    },
];

/// For how long the same call id is the same bill, in milliseconds.
const SAME_BILL: i64 = 30 * 86_400_000;

/// The number that was called and who called.
fn pair_of<'a>(cost: Entry<'a>) -> (Option<&'a str>, Option<&'a str>) {
    (cost.text("call_to"), cost.text("call_from"))
}

/// The costs with one call id of a credential.
fn by_id<'a>(table: &Table<'a>) -> impl Iterator<Item = Vec<Entry<'a>>> {
    let groups = table.grouped("cost", |cost| {
        Some((
            cost.part(1),
            cost.text("credential_id")?,
            cost.text("call_id")?,
        ))
    });
    groups.into_values()
}

fn reused(table: &Table<'_>, report: &mut Report) {
    for costs in by_id(table) {
        for cost in &costs {
            let at = cost.number("received_at").unwrap_or_default();
            let mut others = costs
                .iter()
                .filter(|other| pair_of(**other) != pair_of(*cost));
            let marked = |entry: &Entry<'_>| entry.flag("id_reused") == Some(true);
            let good = if marked(cost) {
                others.next().is_some() || Retained::of(table, cost.part(1)).costs_end()
            } else {
                others.all(|other| {
                    let apart = at - other.number("received_at").unwrap_or_default();
                    marked(other) || apart.abs() > SAME_BILL
                })
            };
            report.check(
                good,
                *cost,
                "id_reused is not what the other bills with its id say",
            );
        }
    }
}

fn recorded(table: &Table<'_>, report: &mut Report) {
    for costs in by_id(table) {
        for cost in &costs {
            let received = cost.number("received_at").unwrap_or_default();
            let text = |name| cost.text(name).unwrap_or_default();
            let pk = format!(
                "A#{}#SENT#{}#{}",
                cost.part(1),
                text("credential_id"),
                text("call_id")
            );
            let found = table.at(&pk, "SENT");
            if received + SAME_BILL < table.now {
                continue;
            }
            let until = found.and_then(|found| found.number("counts_until"));
            let good = until.is_some_and(|until| until >= received + SAME_BILL);
            report.check(good, *cost, "its call id is on no record that lasts");
        }
    }
    for sent in table
        .of("sent_id")
        .filter(|sent| !may_outlive(table, *sent))
    {
        let said = sent.text("sent_for").and_then(|pair| pair.split_once('#'));
        let mut parts = sent.pk.splitn(5, '#').skip(3);
        let (credential, id) = (parts.next(), parts.next());
        let there = table.of("cost").any(|cost| {
            cost.part(1) == sent.part(1)
                && cost.text("credential_id") == credential
                && cost.text("call_id") == id
                && said == cost.text("call_to").zip(cost.text("call_from"))
        });
        report.check(there, sent, "sent_for is no pair of a bill with the id");
    }
}
