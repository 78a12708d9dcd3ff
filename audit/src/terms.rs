//! What bills and adjustments are found by: the caller of a vendor's bill, the cost or call of an adjustment.

use std::collections::BTreeMap;

use super::finding::{Report, Rule};
use super::form;
use super::table::{Entry, Table};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "billed-caller",
        says: "a vendor's bill for a caller is listed by that caller, and nothing else is",
        check: callers,
    },
    Rule {
        name: "pair-adjustment",
        says: "an adjustment of a cost or call has a copy in their pair that says the same, and no other",
        check: adjustments,
    },
];

/// What an adjustment and its copy have in common.
const COPIED: &[&str] = &[
    "adjustment_id",
    "amount",
    "cost_id",
    "call_sid",
    "vendor_id",
    "call_to",
    "call_from",
    "direction",
    "reason",
    "made_at",
];

/// The key of a bill by its caller; `None` for one of no vendor, of nobody in particular, or of a call that
/// the account made.
fn by_caller(cost: Entry<'_>) -> Option<(String, String)> {
    let caller = cost.text("call_from").filter(|from| *from != "withheld")?;
    let vendor = cost.text("vendor_id")?;
    let moment = form::letters(cost.number("moment")?);
    (cost.text("direction") != Some("outbound")).then(|| {
        let pk = format!("A#{}#CALLER#{vendor}#{caller}", cost.part(1));
        let id = cost.text("cost_id").unwrap_or_default();
        (pk, format!("BILL#{moment}#{id}"))
    })
}

fn callers(table: &Table<'_>, report: &mut Report) {
    let bills = table
        .of("cost")
        .filter_map(|cost| Some((by_caller(cost)?, cost)));
    let bills: BTreeMap<_, _> = bills.collect();
    for ((pk, sk), cost) in &bills {
        let listed = table.at(pk, sk).is_some();
        report.check(listed, *cost, "it is not listed by its caller");
    }
    for listed in table.of("billed_caller") {
        let known = bills.contains_key(&(listed.pk.to_owned(), listed.sk.to_owned()));
        report.check(
            known,
            listed,
            "no bill of the vendor for the caller is this one",
        );
    }
}

/// The key of an adjustment's copy; `None` for one of a vendor's month.
fn copy_of(adjustment: Entry<'_>) -> Option<(String, String)> {
    let on = adjustment.text("cost_id").or(adjustment.text("call_sid"))?;
    let way = match adjustment.text("direction") {
        Some("outbound") => "out",
        _ => "in",
    };
    let (to, from) = (adjustment.text("call_to")?, adjustment.text("call_from")?);
    let id = adjustment.text("adjustment_id")?;
    Some((
        format!("A#{}#PAIR#{way}#{to}#{from}", adjustment.part(1)),
        format!("ADJ#{on}#{id:0>19}"),
    ))
}

fn adjustments(table: &Table<'_>, report: &mut Report) {
    let made = table.of("adjustment");
    let made = made.filter_map(|adjustment| Some((copy_of(adjustment)?, adjustment)));
    let made: BTreeMap<_, _> = made.collect();
    for ((pk, sk), adjustment) in &made {
        let there = table.at(pk, sk).is_some();
        report.check(there, *adjustment, "its pair has no copy of it");
    }
    for copy in table.of("pair_adjustment") {
        let original = made.get(&(copy.pk.to_owned(), copy.sk.to_owned()));
        let same = original.is_some_and(|original| {
            let mut names = COPIED.iter();
            names.all(|name| copy.agrees(original, name))
        });
        report.check(same, copy, "it is not a copy of an adjustment");
    }
}
